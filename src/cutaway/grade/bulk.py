"""Steps that move much, without keeping it: large files, large bodies, clients that read little.

    lays("big", 128 << 20)         a file of zeros in $DATA_DIR; sparse, so it costs nothing
    pour(block, 64)                so many blocks are sent; the server may take its time
    sip(1 << 20)                   so many octets are read, and then no more
    taken()                        the server has read all that was sent
    begins()                       the answer has begun
    owed(block, signals(SIGTERM))  what has arrived before is answered to who reads only now

Left out: what the octets are. A step that compares keeps them; see steps.py.
"""

from __future__ import annotations

import os
import select
import socket
import time
from dataclasses import dataclass

from ..net.consumed import read_by_peer, unacknowledged
from .byhand import Act
from .enduring import CatchUp
from .firsthand import laid
from .play import ANSWER, PACE, SLICE, WHOLE, Failed, NotTried, Play
from .stage import Step
from .verdict import Reached

STALLED = 5.0  # seconds without progress
READ = 1 << 18


@dataclass(frozen=True, slots=True)
class Lays(Step):
    """A file of `size` zero octets in $DATA_DIR."""

    name: str
    size: int

    def run(self, play: Play) -> None:
        if play.running.data_dir is None:
            raise NotTried("needs to lay files in $DATA_DIR: name it with --data-dir")
        with open(play.running.data_dir / self.name, "wb") as file:
            os.truncate(file.fileno(), self.size)
        play.acts.append(laid(self.name, size=self.size))

    def sketch(self) -> str:
        return f"lay a file {self.name} of {self.size >> 20} MiB"


@dataclass(frozen=True, slots=True)
class Pour(Step):
    """`block` so many times. What is sent is not kept, and nothing is read meanwhile."""

    block: bytes
    times: int
    on: str = "main"

    def run(self, play: Play) -> None:
        line = play.line(self.on)
        play.acts.append(Act(self.on, "send", self.block, times=self.times))
        size, sent, most = len(self.block), 0, len(self.block) * self.times
        began = moved = time.monotonic()
        whole = WHOLE * STALLED + most / PACE
        while sent < most:
            play.running.go_on()
            taken = line.recorded.send(self.block[sent % size :], SLICE, remember=False)
            sent += taken
            moved = time.monotonic() if taken else moved
            if (
                line.recorded.gone
                or not play.still_patient(moved, STALLED)
                or not play.still_patient(began, whole)
            ):
                raise Failed(
                    Reached.SENT,
                    f"{most} bytes to be taken",
                    play.told(f"after {sent} of them the server takes no more"),
                )
        play.hold(Reached.SENT)

    def sketch(self) -> str:
        return f"send {len(self.block) * self.times} bytes"


@dataclass(frozen=True, slots=True)
class Sip(Step):
    """Read `count` octets and drop them, then stop reading."""

    count: int
    on: str = "main"

    def run(self, play: Play) -> None:
        sock, seen = play.line(self.on).recorded.sock, 0
        began = heard = time.monotonic()
        whole = WHOLE * ANSWER + self.count / PACE
        poll = select.poll()
        poll.register(sock, select.POLLIN)
        while seen < self.count:
            play.running.go_on()
            if not play.still_patient(began, whole):
                self._fail(play, f"{seen} in {time.monotonic() - began:.1f} s")
            if not poll.poll(SLICE * 1000):
                if play.still_patient(heard, ANSWER):
                    continue
                self._fail(play, f"{seen}, then silence")
            try:
                data = sock.recv(min(READ, self.count - seen))
            except OSError:
                data = b""
            if not data:
                self._fail(play, play.told(f"{seen}, then the connection ended"))
            seen += len(data)
            heard = time.monotonic()
        play.hold(Reached.ANSWERED)

    def _fail(self, play: Play, found: str) -> None:
        raise Failed(Reached.ANSWERED, f"{self.count} bytes of an answer", found)

    def sketch(self) -> str:
        return f"read {self.count} bytes, and then no more"


@dataclass(frozen=True, slots=True)
class Taken(Step):
    """The server has read all we sent: whatever comes next finds it at work.

    For short messages: of long ones a part may still wait on our side.
    Where that cannot be known a short time passes instead.
    """

    on: str = "main"
    otherwise: float = 0.2

    def run(self, play: Play) -> None:
        if not read_by_peer(play.line(self.on).recorded.sock, within=ANSWER):
            time.sleep(self.otherwise)
            play.waited += self.otherwise

    def sketch(self) -> str:
        return "the server has read that"


@dataclass(frozen=True, slots=True)
class Begins(Step):
    """Some octets of an answer are there; they are left for the next step."""

    on: str = "main"

    def run(self, play: Play) -> None:
        line = play.line(self.on)
        if not play.more(line, time.monotonic(), ANSWER):
            raise Failed(Reached.ANSWERED, "an answer to begin", play.told("silence"))
        play.hold(Reached.ANSWERED)

    def sketch(self) -> str:
        return "the answer has begun"


@dataclass(frozen=True, slots=True)
class Owed(Step):
    """Of what a `push` of `block` has sent, all that arrived before `steps` comes back after them.

    Arrived is what the server's kernel has acknowledged, whether or not the program has read it.
    Nothing is read before, so that answers wait: in both kernels and in the program.
    """

    block: bytes
    steps: tuple[Step, ...]
    on: str = "main"

    def run(self, play: Play) -> None:
        line = play.line(self.on)
        if has_ended(line.recorded.sock):
            raise NotTried("the program disconnects who does not read, as it may")
        left = unacknowledged(line.recorded.sock)
        if left is None:
            raise NotTried("this system does not tell how much of what was sent has arrived")
        line.pushed -= left
        for step in self.steps:
            step.run(play)
        play.acts.append(Act(self.on, "read"))
        CatchUp(self.block, on=self.on).run(play)
        play.lines.pop(self.on).recorded.close()  # the rest may be answered or not

    def sketch(self) -> str:
        inner = "; ".join(step.sketch() for step in self.steps)
        return f"{inner}; read only now: what had arrived before comes back"


def has_ended(sock: socket.socket) -> bool:
    """Whether the other side has closed or reset, without reading anything."""
    poll = select.poll()
    poll.register(sock, getattr(select, "POLLRDHUP", 0))
    return bool(poll.poll(0))


def owed(block: bytes, *steps: Step, on: str = "main") -> Owed:
    return Owed(block, steps, on)


def lays(name: str, size: int) -> Lays:
    return Lays(name, size)


def pour(block: bytes, times: int, on: str = "main") -> Pour:
    return Pour(block, times, on)


def sip(count: int, on: str = "main") -> Sip:
    return Sip(count, on)


def taken(on: str = "main") -> Taken:
    return Taken(on)


def begins(on: str = "main") -> Begins:
    return Begins(on)
