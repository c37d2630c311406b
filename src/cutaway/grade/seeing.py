"""What a case wants to see on a connection: messages, octets, the end, or nothing.

    expect(status=200, body=b"…")  the next message has these
    expect(keep={"tag": "header etag"})  and its value is kept under a name
    receive(b"…")                  these octets come, message or not
    closes()                       the other side ends the connection, and sends nothing more
    stays_silent(0.2)              nothing comes and nothing ends for so many seconds

They are had from steps.py, with everything else that a case can say.

Left out: anything that knows a protocol. Names in `expect` are looked up by the codec.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..wire import Annotator, quoted
from .differences import difference, excerpt, first_difference
from .line import is_interim
from .matchers import PRESENT, Kept, holds, shown
from .outcomes import Failed
from .play import ANSWER, Line, Play, how_silent
from .stage import Step
from .verdict import Reached


@dataclass(frozen=True, slots=True)
class Expect(Step):
    """The next message has these values; a mapping as value is looked up key by key.

    or_close  the end of the connection without any answer will do as well
    interim   answers such as 100 (Continue) may come ahead of it
    keep      name → what of the answer is kept under it: "header etag", "body"
    """

    wanted: Mapping[str, Any]
    on: str = "main"
    seconds: float = ANSWER
    or_close: bool = False
    interim: bool = True
    keep: Mapping[str, str] = field(default_factory=dict)

    def run(self, play: Play) -> None:
        line = play.line(self.on)
        if self.or_close and ended_without_a_word(play, line, self.seconds):
            return
        began = time.monotonic()
        message, reader = play.message(line, self.seconds, began)
        while self._interim(line, message):
            line.read = reader.pos
            message, reader = play.message(line, self.seconds, began)
        for name, value in self.wanted.items():
            if isinstance(value, Mapping):
                for key, part in value.items():
                    self._compare(play, line, reader, message, name, part, key)
            else:
                self._compare(play, line, reader, message, name, value, None)
        for kept, where in self.keep.items():
            name, _, part = where.partition(" ")
            self._compare(play, line, reader, message, name, PRESENT, part or None)
            play.kept[kept] = line.codec.locate(reader, message, name, part or None)[0]
        line.read, line.fresh, line.partial = reader.pos, False, False
        line.answers += 1
        play.hold(Reached.AS_ASKED)

    def _interim(self, line: Line, message: Any) -> bool:
        """An answer that another one to the same question follows, such as 100 (Continue)."""
        return (
            self.interim
            and line.far is None
            and is_interim(line.codec, message)
            and not self._asks_for_it(message)
        )

    def _asks_for_it(self, message: Any) -> bool:
        return "status" in self.wanted and holds(self.wanted["status"], message.status)

    def _compare(
        self,
        play: Play,
        line: Line,
        reader: Annotator,
        message: Any,
        name: str,
        wanted: Any,
        key: str | None,
    ) -> None:
        if isinstance(wanted, Kept):
            wanted = wanted.turn(play.kept[wanted.name])
        found, place = line.codec.locate(reader, message, name, key)
        if holds(wanted, found):
            return
        called = f"{name} {key}" if key else name
        offset, says, shows = difference(wanted, found, place, line.read)
        raise Failed(
            Reached.AS_ASKED,
            f"{called}: {says}",
            f"{called}: {shows}",
            line=line,
            offset=offset,
            length=place[0][1] - place[0][0] if place and not isinstance(wanted, bytes) else 1,
        )

    def sketch(self) -> str:
        parts = []
        for name, value in self.wanted.items():
            if isinstance(value, Mapping):
                parts += [f"{name} {key}: {shown(part)}" for key, part in value.items()]
            else:
                parts.append(f"{name}: {shown(value)}")
        what = "; ".join(parts) or "an answer"
        return f"expect {what}{', or a close' * self.or_close}{named(self.on)}"


@dataclass(frozen=True, slots=True)
class Receive(Step):
    """Exactly these octets come next, whatever messages they make."""

    data: bytes
    on: str = "main"
    seconds: float = ANSWER

    def run(self, play: Play) -> None:
        line = play.line(self.on)
        began = time.monotonic()
        start, end = line.read, line.read + len(self.data)
        seen = start
        while True:
            arrived = line.recorded.arrived
            now = min(len(arrived), end)
            if now > seen:
                play.hold(Reached.ANSWERED)
                if arrived[seen:now] != self.data[seen - start : now - start]:
                    self._differs(line, start)
                seen = now
            if seen == end:
                break
            if not play.more(line, began, self.seconds, len(self.data)):
                self._stops(play, line, seen - start, began)
        line.read = end
        line.answers += 1
        play.hold(Reached.AS_ASKED)

    def _differs(self, line: Line, start: int) -> None:
        found = bytes(line.recorded.arrived[start : start + len(self.data)])
        at = first_difference(self.data, found)
        raise Failed(
            Reached.AS_ASKED,
            excerpt(self.data, at),
            excerpt(found, at),
            line=line,
            offset=start + at,
        )

    def _stops(self, play: Play, line: Line, count: int, began: float) -> None:
        end = line.recorded.ended
        how = f"the connection was {end}" if end else how_silent(line, began)
        of = f"{count} of {len(self.data)} bytes" if count else "nothing"
        raise Failed(
            Reached.FRAMED if count else Reached.ANSWERED,
            f"{quoted(self.data)} ({len(self.data)} byte{'s' * (len(self.data) != 1)})",
            play.told(f"{of}, then {how}"),
            line=line,
            offset=line.read + count,
        )

    def sketch(self) -> str:
        return f"receive {quoted(self.data, 70)}{named(self.on)}"


@dataclass(frozen=True, slots=True)
class Closes(Step):
    """The server ends the connection, by FIN or RST, and sends nothing before it."""

    on: str = "main"
    seconds: float = ANSWER

    def run(self, play: Play) -> None:
        line = play.line(self.on)
        began = time.monotonic()
        while len(line.recorded.arrived) == line.read and line.recorded.ended is None:
            if not play.more(line, began, self.seconds):
                self._fail(line, f"it is still open after {time.monotonic() - began:.2f} s")
        if (count := len(line.recorded.arrived) - line.read) > 0:
            self._fail(line, f"{count} more bytes")
        play.hold(Reached.CLOSED)

    def sketch(self) -> str:
        return f"the connection is closed{named(self.on)}"

    def _fail(self, line: Line, found: str) -> None:
        raise Failed(
            Reached.CLOSED, "the connection to close here", found, line=line, offset=line.read
        )


@dataclass(frozen=True, slots=True)
class StaysSilent(Step):
    """Nothing comes and nothing ends. A deliberate wait of `seconds`; use it where no event will do."""

    seconds: float = 0.1
    on: str = "main"

    def run(self, play: Play) -> None:
        line = play.line(self.on)
        quiet = len(line.recorded.arrived) == line.read and play.quiet(line, self.seconds)
        if quiet and line.recorded.ended is None:
            return
        count = len(line.recorded.arrived) - line.read
        raise Failed(
            Reached.AS_ASKED,
            "an open connection on which nothing comes yet",
            f"{count} bytes" if count else play.told(f"the connection was {line.recorded.ended}"),
            line=line,
            offset=line.read,
        )

    def sketch(self) -> str:
        return f"nothing comes for {self.seconds:g} s, and the connection stays open"


def named(on: str) -> str:
    """Which connection a step is about, where it is not the first one."""
    return "" if on == "main" else f" (connection {on})"


def ended_without_a_word(play: Play, line: Line, seconds: float) -> bool:
    """Wait for octets or the end. True when the end came first."""
    began = time.monotonic()
    while len(line.recorded.arrived) == line.read and line.recorded.ended is None:
        if not play.more(line, began, seconds):
            return False
    return len(line.recorded.arrived) == line.read


def expect(
    on: str = "main",
    seconds: float = ANSWER,
    or_close: bool = False,
    interim: bool = True,
    keep: Mapping[str, str] | None = None,
    **wanted: Any,
) -> Expect:
    """The next message has these; see the codec of the topic for the names."""
    return Expect(wanted, on, seconds, or_close, interim, keep or {})


def receive(data: bytes, on: str = "main", seconds: float = ANSWER) -> Receive:
    return Receive(data, on, seconds)


def closes(on: str = "main", seconds: float = ANSWER) -> Closes:
    return Closes(on, seconds)


def stays_silent(seconds: float = 0.1, on: str = "main") -> StaysSilent:
    return StaysSilent(seconds, on)
