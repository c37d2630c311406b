"""Octets from one side of a program to the other: how many pass, and how many it takes in.

    flows(block, 1024, to="a")             all of it is sent, and at the far end read and dropped
    flows(block, 1024, on="a", to="main")  the other way
    held_back(block, 64 << 20, 24 << 20)   nobody reads, so that no more than so much is taken
    drains("a", 1 << 20)                   at least so many octets come

Left out: what the octets are. A proxy may frame a body in another way than it came.
"""

from __future__ import annotations

import contextlib
import select
import socket
import time
from dataclasses import dataclass
from typing import Any

from ..process import patience
from .byhand import Act
from .drastic import LAPSE, mebibytes
from .outcomes import Failed
from .play import ANSWER, PACE, SLICE, Play
from .stage import Step
from .verdict import Reached

READ = 1 << 18
KEPT = 1 << 18  # octets in a buffer of ours where nobody reads
STALLED = 5.0  # seconds without progress


@dataclass(frozen=True, slots=True)
class Flows(Step):
    """`block` so many times, sent on one line and read on another, until as much has come."""

    block: bytes
    times: int
    on: str
    to: str

    def run(self, play: Play) -> None:
        source, sink = play.line(self.on), play.line(self.to)
        play.acts.append(Act(self.on, "send", bytes(len(self.block)), times=self.times))
        most, sent = len(self.block) * self.times, 0
        came = sink.unread
        began = moved = time.monotonic()
        while came < most:
            play.running.go_on()
            here, there = source.recorded.sock, sink.recorded.sock
            able = select.select([there], [here] * (sent < most), [], SLICE)
            step = 0
            if able[1]:
                step += self._send(here, sent, most)
                sent += step
            if able[0]:
                got = self._read(there)
                if got == 0:
                    self._fail(play, came, most, f"{sink.sender.split()[1]}'s connection ended")
                came += max(got, 0)
                step += max(got, 0)
            now = time.monotonic()
            moved = now if step else moved
            slow = not play.still_patient(began, 4 * STALLED + most / PACE)
            if slow or not play.still_patient(moved, STALLED):
                self._fail(play, came, most, f"{now - moved:.1f} s without progress")
        play.hold(Reached.SENT)

    def _send(self, sock: Any, sent: int, most: int) -> int:
        size = len(self.block)
        try:
            return int(sock.send(self.block[sent % size : sent % size + most - sent]))
        except BlockingIOError:
            return 0
        except OSError:
            return 0  # whoever ended it is seen by what does not come

    def _read(self, sock: Any) -> int:
        """Octets read; 0 at the end, -1 where there are none."""
        try:
            return len(sock.recv(READ))
        except BlockingIOError:
            return -1
        except OSError:
            return 0

    def _fail(self, play: Play, came: int, most: int, how: str) -> None:
        raise Failed(
            Reached.FRAMED,
            f"{mebibytes(most)} to pass",
            play.told(f"{mebibytes(came)}, then {how}"),
        )

    def sketch(self) -> str:
        size = mebibytes(len(self.block) * self.times)
        return f"{size} sent on {self.on} come out at {self.to}"


@dataclass(frozen=True, slots=True)
class HeldBack(Step):
    """Nobody reads at the other side: of `most` octets the program takes in at most `allowed`.

    allowed  with what the kernel keeps in its buffers. Ours are made small, since a kernel may let
             one grow to 32 MiB; those of the program are as it has them
    """

    block: bytes
    most: int
    allowed: int
    on: str = "main"

    def run(self, play: Play) -> None:
        line, sent = play.line(self.on), 0
        for each in play.lines.values():
            keep_little(each.recorded.sock)
        times = self.most // len(self.block)
        play.acts.append(Act(self.on, "send", bytes(len(self.block)), times=times))
        play.acts.append(Act(self.on, "untaken"))
        began = moved = time.monotonic()
        while sent < self.most and play.still_patient(began, 4 * STALLED):
            play.running.go_on()
            taken = line.recorded.send(self.block, 0.05, remember=False)
            sent += taken
            now = time.monotonic()
            moved = now if taken else moved
            if now - moved > LAPSE * min(patience(), 4.0) or line.recorded.gone:
                break
        play.waited += LAPSE
        if sent > self.allowed:
            raise Failed(
                Reached.SENT,
                f"to be held back after {mebibytes(self.allowed)} at most, since nobody reads",
                f"{mebibytes(sent)} were taken",
                seen_on=self.on,
            )
        play.hold(Reached.SENT)

    def sketch(self) -> str:
        return f"of {mebibytes(self.most)} at most {mebibytes(self.allowed)} are taken"


@dataclass(frozen=True, slots=True)
class Drains(Step):
    """At least so many octets come; they are dropped."""

    on: str
    least: int

    def run(self, play: Play) -> None:
        line, came = play.line(self.on), 0
        came = line.unread
        line.read = len(line.recorded.arrived)
        began = heard = time.monotonic()
        while came < self.least:
            play.running.go_on()
            ready = select.select([line.recorded.sock], [], [], SLICE)[0]
            got = 0
            if ready:
                try:
                    got = len(line.recorded.sock.recv(READ))
                except BlockingIOError:
                    continue
                except OSError:
                    got = 0
                if not got:
                    self._fail(play, came, "the connection ended")
                heard = time.monotonic()
            came += got
            slow = not play.still_patient(began, 4 * STALLED + self.least / PACE)
            if slow or (not ready and not play.still_patient(heard, ANSWER)):
                self._fail(play, came, "silence")
        play.hold(Reached.ANSWERED)

    def _fail(self, play: Play, came: int, how: str) -> None:
        found = play.told(f"{mebibytes(came)}, then {how}")
        raise Failed(Reached.FRAMED, f"{mebibytes(self.least)} to come on {self.on}", found)

    def sketch(self) -> str:
        return f"{mebibytes(self.least)} come on {self.on}"


def keep_little(sock: socket.socket) -> None:
    """From now on the kernel lets neither buffer of it grow."""
    with contextlib.suppress(OSError):
        for which in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            sock.setsockopt(socket.SOL_SOCKET, which, KEPT)


def flows(block: bytes, times: int, on: str = "main", to: str = "a") -> Flows:
    return Flows(block, times, on, to)


def held_back(block: bytes, most: int, allowed: int, on: str = "main") -> HeldBack:
    return HeldBack(block, most, allowed, on)


def drains(on: str, least: int) -> Drains:
    return Drains(on, least)
