"""Many clients: at the same time, or open and silent.

    at_once(50, send(alpha), expect(body=b"alpha"), within=1.0)
    open_idle(5000)

Each client of `at_once` is a play of its own, in a thread of its own. What it draws at random is
drawn beforehand, so that a run can be repeated whatever the order of the threads.

Left out: load, which is open-loop and measured; this only asks whether all are served.
"""

from __future__ import annotations

import random
import resource
import socket
import threading
import time
from dataclasses import dataclass

from ..net.consumed import read_by_peer
from ..process import patience
from ..wire import quoted
from .byhand import Act
from .outcomes import CannotTell, Failed
from .play import ANSWER, Play
from .stage import Step
from .verdict import Reached

OPENING, EACH = 10.0, 0.01  # seconds for many connections to be taken, and more for each of them
QUEUE = (
    "a connection waits a second or more when the queue of those that were not taken yet is full:"
    " accept without waiting for anything else, and listen with a backlog of 100 or more"
)


@dataclass(frozen=True, slots=True)
class AtOnce(Step):
    """`count` clients carry out the same steps at the same time, each on connections of its own.

    within  seconds for all of them together, on a nominal machine; None: no limit of its own
    """

    count: int
    steps: tuple[Step, ...]
    within: float | None = None

    def run(self, play: Play) -> None:
        allow_connections(self.count)
        twins = [twin_of(play) for _ in range(self.count)]
        problems: dict[int, Exception] = {}
        try:
            for twin in twins:
                twin.line()
            began = time.monotonic()
            threads = [
                threading.Thread(target=self._client, args=(number, twin, problems), daemon=True)
                for number, twin in enumerate(twins)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            took = time.monotonic() - began
        finally:
            for twin in twins:
                twin.close()
        play.waited += max(twin.waited for twin in twins)
        if problems:
            self._raise_one(play, twins, problems)
        play.hold(Reached.AS_ASKED)
        if self.within is not None and took > self.within and took > self.within * patience():
            play.acts[:] = [*twins[0].acts, Act("", "crowd", b"wc -c", times=self.count)]
            raise Failed(
                Reached.ANSWERED,
                f"{self.count} clients at once served within {self.within:g} s",
                f"they took {took:.2f} s",
            )
        play.notes_once(
            f"before that, {self.count} clients at once, whom the command by hand lacks"
        )

    def _client(self, number: int, twin: Play, problems: dict[int, Exception]) -> None:
        try:
            for step in self.steps:
                step.run(twin)
        except Exception as problem:
            problems[number] = problem

    def _raise_one(self, play: Play, twins: list[Play], problems: dict[int, Exception]) -> None:
        """The first failure, unless there is a defect of ours, which nothing may hide."""
        number = min(problems, key=lambda at: (isinstance(problems[at], Failed), at))
        play.acts[:] = [*twins[number].acts, Act("", "crowd", b"wc -c", times=self.count)]
        play.reached[:] = twins[number].reached
        play.notes += [*twins[number].notes, f"client {number + 1} of {self.count} at once"]
        play.notes.append(f"{self.count - len(problems)} of {self.count} were served rightly")
        raise problems[number]

    def sketch(self) -> str:
        inner = "; ".join(step.sketch() for step in self.steps)
        limit = f" within {self.within:g} s" if self.within else ""
        return f"{self.count} clients at once{limit}, each: {inner}"


def twin_of(play: Play) -> Play:
    """A play of the same case on connections of its own."""
    steady = random.Random(play.steady.getrandbits(64))
    return Play(play.stage, play.case, play.way, play.running, steady, twin=True)


@dataclass(frozen=True, slots=True)
class OpenIdle(Step):
    """So many connections more that say nothing; with `says` the same, and then nothing more."""

    count: int
    port: str = ""
    says: bytes = b""

    def run(self, play: Play) -> None:
        allow_connections(len(play.idle) + self.count)
        began, whole = time.monotonic(), OPENING + self.count * EACH
        for number in range(1, self.count + 1):
            try:
                sock = play.dial(self.port or play.stage.port)
                play.idle.append(sock)
                self._say(sock)
            except Failed as failed:
                raise self._too_few(f"number {number}: {failed.found}") from None
            if not play.still_patient(began, whole):
                raise self._too_few(f"{number} in {time.monotonic() - began:.1f} s", QUEUE)
        play.acts.append(Act("idle", "connect", port=self.port or play.stage.port))
        if self.says:
            play.acts.append(Act("idle", "send", self.says))
            self._heard(play)

    def _heard(self, play: Play) -> None:
        """What they say is with the program, unless it does not read: not waited for for long."""
        until = time.monotonic() + ANSWER
        for sock in play.idle[-self.count :]:
            read_by_peer(sock, within=max(until - time.monotonic(), 0.0))

    def _too_few(self, found: str, *notes: str) -> Failed:
        expected = f"{self.count} connections to be open at once"
        return Failed(Reached.CONNECTED, expected, found, notes=notes)

    def _say(self, sock: socket.socket) -> None:
        if not self.says:
            return
        try:
            sock.sendall(self.says)
        except OSError as problem:
            what = f"{len(self.says)} bytes to be taken on each of {self.count} connections"
            raise Failed(Reached.SENT, what, str(problem)) from None

    def sketch(self) -> str:
        says = f"{quoted(self.says, 40)} and no more" if self.says else "nothing"
        return f"open {self.count} connections that say {says}"


def allow_connections(count: int) -> None:
    """Raise our own limit on open files as far as is needed. Raises CannotTell."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + 256
    if soft < wanted:
        if hard != resource.RLIM_INFINITY and hard < wanted:
            raise CannotTell(f"needs {wanted} open files; this machine allows {hard} (ulimit -Hn)")
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def at_once(count: int, *steps: Step, within: float | None = None) -> AtOnce:
    return AtOnce(count, steps, within)


def open_idle(count: int, port: str = "", says: bytes = b"") -> OpenIdle:
    return OpenIdle(count, port, says)
