"""Steps that work on the program rather than on one connection.

    signals(SIGTERM), hears(), exits(0), refuses_connections()
    kill(), restart()
    memory_within(32 << 20, open_idle(5000))
    push(block, 256 << 20)                       send without reading anything
    send_until_answered(block, 64 << 20)

Many clients are in crowd.py, other people's programs in outside.py; what stages say (`at_once`,
`open_idle`, `runs`) can be had from here too.

Left out: what is normal. See steps.py.
"""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..process import ProgramError, patience
from ..process.diagnosis import describe
from .byhand import Act
from .crowd import AtOnce as AtOnce
from .crowd import OpenIdle as OpenIdle
from .crowd import allow_connections as allow_connections
from .crowd import at_once as at_once
from .crowd import open_idle as open_idle
from .firsthand import start_of
from .outcomes import CannotTell, Failed
from .outside import Runs as Runs
from .outside import runs as runs
from .play import ANSWER, SLICE, Line, Play
from .stage import Step
from .verdict import Reached

LAPSE = 0.3  # seconds without progress after which a push counts as held back
PUSHING = 10.0  # seconds for a whole push; a server that reads a little at a time holds back too
LONG = 4.0  # seconds after which a server has to be steady for us to go on sending
STEADY = 20.0  # seconds after which we stop all the same
AFTER_ALL = 0.5  # seconds for an answer behind the last octet of many


@dataclass(frozen=True, slots=True)
class Signal(Step):
    """A signal to the program and its group."""

    number: int

    def run(self, play: Play) -> None:
        play.running.own().signal(self.number)
        name = signal.Signals(self.number).name.removeprefix("SIG")
        play.acts.append(Act("", "signal", name.encode()))

    def sketch(self) -> str:
        return f"{signal.Signals(self.number).name} to the program"


@dataclass(frozen=True, slots=True)
class Exits(Step):
    """The program ends with this status, by itself."""

    status: int = 0
    seconds: float = 5.0

    def run(self, play: Play) -> None:
        program = play.running.own()
        began = time.monotonic()
        status = program.wait(self.seconds)
        while status is None and play.still_patient(began, self.seconds):
            status = program.wait(0.2)
        if status == self.status:
            play.hold("exited")
            return
        found = f"it still runs after {time.monotonic() - began:.1f} s"
        if status is not None:
            found = f"it ended with {describe(status)}"
        raise Failed("exited", f"the program to end with {describe(self.status)}", found)

    def sketch(self) -> str:
        return f"the program ends with status {self.status} within {self.seconds:g} s"


@dataclass(frozen=True, slots=True)
class RefusesConnections(Step):
    """Soon no new client is served: refused, reset, or closed without an answer to `data`."""

    data: bytes
    port: str = ""
    seconds: float = 2.0

    def run(self, play: Play) -> None:
        address = play.running.addresses[self.port or play.stage.port]
        began = time.monotonic()
        while self._served(address):
            if not play.still_patient(began, self.seconds):
                raise Failed(
                    "stopped accepting",
                    "no new client to be served any more",
                    f"one was, {time.monotonic() - began:.1f} s later",
                )
            time.sleep(0.02)
        play.hold("stopped accepting")

    def _served(self, address: tuple[str, int]) -> bool:
        try:
            with socket.create_connection(address, timeout=0.5) as sock:
                sock.settimeout(0.5)
                sock.sendall(self.data)
                return bool(sock.recv(1))
        except OSError:
            return False

    def sketch(self) -> str:
        return "no new client is served"


@dataclass(frozen=True, slots=True)
class Hears(Step):
    """The program has heard a signal: it takes no connection any more. Not waited for for long."""

    seconds: float = 0.5

    def run(self, play: Play) -> None:
        address = play.running.addresses[play.stage.port]
        began = time.monotonic()
        while time.monotonic() - began < self.seconds:
            play.running.go_on()
            try:
                socket.create_connection(address, timeout=self.seconds).close()
            except OSError:
                return
            time.sleep(0.005)

    def sketch(self) -> str:
        return "the program hears it"


@dataclass(frozen=True, slots=True)
class Kill(Step):
    """SIGKILL: nothing in the program runs any more. `again`: and it is started anew.

    Started anew it has the same $DATA_DIR, and our connections to it are new ones.
    """

    again: bool = False

    def run(self, play: Play) -> None:
        if not self.again:
            play.running.own().kill()
            play.acts.append(Act("", "killed"))
            return
        play.running.own().end()
        for name in [name for name, line in play.lines.items() if line.far is None]:
            play.lines.pop(name).recorded.close()
        play.acts.append(Act("", "again", start_of(play).encode()))
        try:
            play.running.launch()
        except ProgramError as problem:
            runs = play.running.own().alive  # of one that has ended the report says it anyway
            printed = (f"the program printed: {problem.output}",) if problem.output and runs else ()
            where = ", ".join(f"${name}" for name in play.running.ready)
            raise Failed(
                "started again",
                f"the program to start again and take connections on {where}",
                problem.sentence,
                notes=printed,
            ) from None

    def sketch(self) -> str:
        return "start the program again" if self.again else "kill the program (SIGKILL)"


@dataclass(frozen=True, slots=True)
class MemoryWithin(Step):
    """The resident memory of the program grows by at most `bytes_more` while `steps` are done."""

    bytes_more: int
    steps: tuple[Step, ...]

    def run(self, play: Play) -> None:
        program = play.running.own()
        before = program.memory()
        play.acts.append(Act("", "memory"))
        for step in self.steps:
            step.run(play)
        play.acts.append(Act("", "memory"))
        grown = program.memory() - before
        if not before and program.alive:
            raise CannotTell("this machine does not tell how much memory a program uses")
        if not program.alive or grown > self.bytes_more:
            printed = any(act.kind == "accept" for act in play.acts)
            look = "by hand, look at its memory meanwhile, with top or ps -o rss,args"
            raise Failed(
                "memory within bounds",
                f"at most {mebibytes(self.bytes_more)} more memory than the {mebibytes(before)}"
                " before",
                play.running.news() or f"{mebibytes(grown)} more",
                notes=() if printed else (look,),
            )
        play.hold("memory within bounds")

    def sketch(self) -> str:
        inner = "; ".join(step.sketch() for step in self.steps)
        return f"at most {mebibytes(self.bytes_more)} more memory while: {inner}"


@dataclass(frozen=True, slots=True)
class Push(Step):
    """Send `block` over and over, reading nothing, until the server holds us back or `most` is sent.

    Either is right: what is bounded is the program's memory, which MemoryWithin looks at.

    by_hand  a command that prints the like of it, without end
    """

    block: bytes
    most: int
    on: str = "main"
    by_hand: str = "cat /dev/zero"

    def run(self, play: Play) -> None:
        line = play.line(self.on)
        play.acts.append(Act(self.on, "push", self.by_hand.encode(), times=self.most))
        sock, sent = line.recorded.sock, 0
        began = moved = time.monotonic()
        while sent < self.most and time.monotonic() - began < PUSHING:
            play.running.go_on()
            try:
                sent += sock.send(self.block[sent % len(self.block) :])
                moved = time.monotonic()
            except BlockingIOError:
                idle = time.monotonic() - moved
                if idle > LAPSE and idle > LAPSE * min(patience(), 4.0):
                    play.waited += LAPSE
                    break
                time.sleep(0.005)
            except OSError:
                break
        line.pushed += sent
        play.hold(Reached.SENT)

    def sketch(self) -> str:
        return f"send up to {mebibytes(self.most)} without reading an answer"


@dataclass(frozen=True, slots=True)
class SendUntilAnswered(Step):
    """Send `block` over and over until an answer or the end comes; at most `most` octets.

    A server that takes all of it, or stops taking, without an answer has failed. One that only gets
    slower and slower, since it copies what it has at every read, would take most of a minute: after
    LONG seconds that is said, and nothing is concluded.
    """

    block: bytes
    most: int
    on: str = "main"

    def run(self, play: Play) -> None:
        line = play.line(self.on)
        play.acts.append(Act(self.on, "send", self.block, times=self.most // len(self.block)))
        recorded, sent, size = line.recorded, 0, len(self.block)
        began = moved = time.monotonic()
        marks = [(0.0, 0)]
        while sent < self.most and not recorded.gone and play.still_patient(moved, ANSWER):
            # Little enough at a time to stop soon after an answer.
            play.running.go_on()
            recorded.receive(0.0)
            if recorded.ended or line.unread:
                return
            taken = recorded.send(self.block[sent % size :], SLICE, remember=False)
            moved = time.monotonic() if taken else moved
            sent += taken
            marks.append((time.monotonic() - began, sent))
            if taken and takes_too_long(marks):
                raise CannotTell(self._too_slow(*marks[-1]))
        took = time.monotonic() - began
        if recorded.ended or recorded.gone or self._answers(play, line):
            return
        raise Failed(
            Reached.ANSWERED,
            f"an answer or a close before {mebibytes(self.most)} were taken",
            play.told(f"{mebibytes(sent)} were taken in {took:.1f} s, and no answer came"),
            line=line,
            offset=line.read,
        )

    def _answers(self, play: Play, line: Line) -> bool:
        """Whether something comes behind the last octet, once the server has read it."""
        until = time.monotonic() + ANSWER
        while not line.unread and play.quiet(line, AFTER_ALL * patience()):
            if line.recorded.read_by_peer(0.0) or time.monotonic() > until:
                return False
        return True

    def _too_slow(self, seconds: float, sent: int) -> str:
        return (
            f"of {mebibytes(self.most)} that were to be sent the server took {mebibytes(sent)} in"
            f" {seconds:.1f} s, too slowly to wait for the rest. Let it refuse earlier, or read"
            " without copying at every read what it has already"
        )

    def sketch(self) -> str:
        return f"send until there is an answer, at most {mebibytes(self.most)}"


def takes_too_long(marks: Sequence[tuple[float, int]]) -> bool:
    """Whether to give up, from (seconds, octets taken by then).

    A steady server takes half of it in half of the time and is waited for. One whose time grows with
    the square of what it holds has taken seven tenths by then.
    """
    seconds, taken = marks[-1]
    if seconds < LONG:
        return False
    by_half = max(octets for at, octets in marks if at <= seconds / 2)
    return seconds > STEADY if by_half < 0.6 * taken else seconds > LONG * min(patience(), 4.0)


def mebibytes(count: int) -> str:
    return f"{count / (1 << 20):.1f} MiB"


def signals(number: int) -> Signal:
    return Signal(number)


def exits(status: int = 0, seconds: float = 5.0) -> Exits:
    return Exits(status, seconds)


def refuses_connections(message: Any, port: str = "", seconds: float = 2.0) -> RefusesConnections:
    return RefusesConnections(bytes(message), port, seconds)


def hears() -> Hears:
    return Hears()


def kill() -> Kill:
    return Kill()


def restart() -> Kill:
    return Kill(again=True)


def memory_within(bytes_more: int, *steps: Step) -> MemoryWithin:
    return MemoryWithin(bytes_more, steps)


def push(block: bytes, most: int, on: str = "main", **options: Any) -> Push:
    return Push(block, most, on, **options)


def send_until_answered(block: bytes, most: int, on: str = "main") -> SendUntilAnswered:
    return SendUntilAnswered(block, most, on)
