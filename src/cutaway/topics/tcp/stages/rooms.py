"""Steps on a chat room, for what no single connection shows.

    in_one_order(("ana", "ben", "cat"), 100)   all speak at once; all hear the same
    flood("main", "good")                      much is said; those who read hear all of it
    told_until_ended("quiet", b"red", 0.15)    a room talks on; who never speaks is closed

A flood goes in portions, each heard by all that read before the next is said. So an honest member
never has more waiting than a portion, and only who does not read can fall behind.

Left out: joining. Every member has joined before, by steps of its own.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path

from ....grade.byhand import Act
from ....grade.enduring import TRIES
from ....grade.play import ANSWER, Failed, Line, Play
from ....grade.stage import Step
from ....grade.steps import Receive, Send
from ....grade.verdict import Reached

PORTION = b"".join(b"%04d %s\n" % (number, b"." * 1018) for number in range(256))  # 256 KiB
OWN_LIMIT = 1 << 20  # may wait for a member in the program
SEND_BUFFER = Path("/proc/sys/net/ipv4/tcp_wmem")
MOST = 64 << 20


@dataclass(frozen=True, slots=True)
class InOneOrder(Step):
    """Each of `members` says `each` lines, all at the same time; all hear the same sequence."""

    members: tuple[str, ...]
    each: int

    def run(self, play: Play) -> None:
        lines = [play.line(name) for name in self.members]
        threads = [threading.Thread(target=self._speak, args=(line,)) for line in lines]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        total = sum(len(said) for name in self.members for said in self._lines(name))
        heard = [self._hear(play, line, total) for line in lines]
        for line, told in zip(lines, heard, strict=True):
            self._is_whole(line, told)
            self._agrees(lines[0], line, heard[0], told)
        play.hold(Reached.AS_ASKED)

    def _lines(self, name: str) -> list[bytes]:
        return [b"%s says %d\n" % (name.encode(), number) for number in range(self.each)]

    def _speak(self, line: Line) -> None:
        for said in self._lines(line.name):
            line.recorded.send(said, 10.0)

    def _hear(self, play: Play, line: Line, total: int) -> list[bytes]:
        """`total` octets, whatever they are, as lines."""
        start, began = line.read, time.monotonic()
        while (count := len(line.recorded.arrived) - start) < total:
            if not play.more(line, began, ANSWER, total):
                raise Failed(
                    Reached.ANSWERED,
                    f"{len(self.members) * self.each} lines, {total} bytes in all",
                    play.told(f"{count} bytes, then nothing"),
                    line=line,
                    offset=start + count,
                )
        line.read = start + total
        line.answers += 1
        return bytes(line.recorded.arrived[start : start + total]).splitlines(keepends=True)

    def _is_whole(self, line: Line, told: list[bytes]) -> None:
        for name in self.members:
            mine = [said for said in told if said.startswith(name.encode() + b" ")]
            if mine != self._lines(name):
                raise Failed(
                    Reached.AS_ASKED,
                    f"connection {line.name} to hear all lines of {name} in the order they were said",
                    f"{len(mine)} of {self.each}, or in another order",
                    line=line,
                    offset=line.read,
                )

    def _agrees(self, first: Line, line: Line, ours: list[bytes], theirs: list[bytes]) -> None:
        at = next((at for at in range(len(ours)) if ours[at] != theirs[at]), None)
        if at is None:
            return
        raise Failed(
            Reached.AS_ASKED,
            f"line {at + 1} of the room to be the same for all: {ours[at].decode()!r} "
            f"was heard on connection {first.name}",
            f"{theirs[at].decode()!r} on connection {line.name}",
            line=line,
            offset=line.read - sum(map(len, theirs[at:])),
        )

    def sketch(self) -> str:
        return (
            f"{len(self.members)} members say {self.each} lines each at the same time; "
            "all hear the same sequence"
        )


@dataclass(frozen=True, slots=True)
class Flood(Step):
    """Portions are said on main until more than a program may keep waits for who does not read."""

    hears: tuple[str, ...]

    def run(self, play: Play) -> None:
        said = play.line()
        times = enough() // len(PORTION)
        like_it = b"." * 1023 + b"\n"
        for name in play.lines.keys() - {"main", *self.hears}:
            play.acts.append(Act(name, "deaf"))
        play.acts.append(Act("main", "send", like_it, times=times * len(PORTION) // len(like_it)))
        for _ in range(times):
            play.write(said, PORTION)
            for name in self.hears:
                Receive(PORTION, name).run(play)

    def sketch(self) -> str:
        return f"say {enough() >> 20} MiB; {' and '.join(self.hears)} hear all of it"


@dataclass(frozen=True, slots=True)
class ToldUntilEnded(Step):
    """Main says something every `every` seconds; the member `on`, who only listens, is closed.

    The speaker joins again, a few times, when a stall of this machine has cost it its connection.
    """

    on: str
    room: bytes
    every: float
    seconds: float = ANSWER

    def run(self, play: Play) -> None:
        listener, began, tries, told = play.line(self.on), time.monotonic(), TRIES, 0
        while listener.recorded.ended is None:
            try:
                self._speak(play)
                told += 1
            except Failed:
                tries -= 1
                if not tries:
                    raise
                if "main" in play.lines:
                    play.lines.pop("main").recorded.close()
            while listener.recorded.receive(0.0):
                listener.read = len(listener.recorded.arrived)
            if not play.still_patient(began, self.seconds):
                raise Failed(
                    Reached.CLOSED,
                    "the connection to close: nothing arrives on it",
                    f"it was told {told} lines and is still open",
                    line=listener,
                    offset=listener.read,
                )
            play.quiet(play.line(), self.every)
        play.hold(Reached.CLOSED)

    def _speak(self, play: Play) -> None:
        if "main" not in play.lines:
            Send(b"/join %s\n" % self.room).run(play)
            Receive(b"joined %s\n" % self.room).run(play)
        Send(b"tick\n").run(play)
        Receive(b"tick\n").run(play)

    def sketch(self) -> str:
        return f"main says something every {self.every:g} s, until {self.on} is closed"


def enough() -> int:
    """What kernels may hold for a member that does not read, twice, and the program's own share."""
    try:
        kernel = int(SEND_BUFFER.read_text().split()[2])
    except (OSError, ValueError, IndexError):
        kernel = 4 << 20
    return min(MOST, 2 * kernel + 4 * OWN_LIMIT)


def in_one_order(members: tuple[str, ...], each: int) -> InOneOrder:
    return InOneOrder(members, each)


def told_until_ended(on: str, room: bytes, every: float) -> ToldUntilEnded:
    return ToldUntilEnded(on, room, every)


def flood(*hears: str) -> Flood:
    return Flood(hears)
