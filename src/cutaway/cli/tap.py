"""A relay on loopback that opens what passes: every octet with its name, its meaning, its section.

    tap = Tap(print, look)
    await tap.listen(8080, 23456, Http1, "PORT")

    ── 1 ▸ to the server · 0000–004d · 78 bytes
    0000  47 45 54                 GET       method          what to do with the target …

Octets are passed on first and opened afterwards. Each direction of a connection is read by the
codec of its topic; what the codec refuses is shown as it is, with a caret where it broke, and from
there on that direction is a plain dump: nothing is lost.

Everything is bounded: LINES lines a message, WAITING octets for one that is not complete, DUMPED
octets of a direction that cannot be read. What is not shown is counted, and still passed on.

Left out: delaying and cutting; keeping what passed.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from ..grade.reports.terminal import Look
from ..grade.reports.text import escaped
from ..wire import (
    Annotator,
    Codec,
    Feed,
    Malformed,
    NeedMore,
    Reader,
    Refused,
    WireError,
    annotated,
    dump,
)

READ = 1 << 16
LINES = 60
WAITING = 1 << 20
DUMPED = 512
HOST = "127.0.0.1"

Print = Callable[[str], None]


class Tap:
    """Relays; each connection gets a number."""

    def __init__(self, show: Print, look: Look) -> None:
        self.show, self.look, self.count = show, look, 0

    async def listen(
        self, port: int, upstream: int, codec: Callable[[], Codec] | None, name: str
    ) -> asyncio.Server:
        """Raises OSError."""

        async def took(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.count += 1
            await self._relay(reader, writer, upstream, codec() if codec else None, self.count)

        return await asyncio.start_server(took, HOST, port, limit=READ)

    async def _relay(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        upstream: int,
        codec: Codec | None,
        number: int,
    ) -> None:
        try:
            other, onward = await asyncio.open_connection(HOST, upstream, limit=READ)
        except OSError as error:
            self.show(f"── {number} · the server takes no connection: {error.strerror}")
            writer.transport.abort()
            return
        there = Opened(codec.to_server if codec else None, None, f"{number} ▸ to the server", self)
        back = Opened(
            codec.to_client if codec else None,
            codec.at_end if codec else None,
            f"{number} ◂ to the client",
            self,
        )
        try:
            await asyncio.gather(
                self._pass_on(reader, onward, there), self._pass_on(other, writer, back)
            )
        finally:
            for end in (writer, onward):
                with contextlib.suppress(OSError):
                    end.close()

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, opened: Opened
    ) -> None:
        """One direction, to its end; the end is passed on as it came."""
        try:
            while data := await reader.read(READ):
                writer.write(data)
                await writer.drain()
                opened.receive(data)
            opened.end("closed")
            writer.write_eof()
        except OSError:
            opened.end("reset")
            writer.transport.abort()


class Opened:
    """One direction of a connection: octets in, annotated messages shown.

    read  takes one message; None where nobody knows the protocol
    """

    def __init__(
        self,
        read: Callable[[Reader], Any] | None,
        at_end: Callable[[Reader], Any] | None,
        title: str,
        tap: Tap,
    ) -> None:
        self.at_end, self.title, self.tap = at_end, title, tap
        self.feed = Feed(read, Annotator) if read else None
        self.passed = 0  # octets shown or skipped
        self.arrived = 0
        self.dumped = 0

    def receive(self, data: bytes) -> None:
        self.arrived += len(data)
        if self.feed is None:
            self._dump(data)
            return
        feed, spans, start = self.feed, 0, 0
        base = self.arrived - len(data) - len(feed.pending)
        try:
            for _ in feed.receive(data):
                assert isinstance(feed.reader, Annotator)
                view = Annotator(feed.reader.data)
                view.spans = feed.reader.spans[spans:]
                spans, end = len(feed.reader.spans), feed.reader.pos
                self._message(view, base, start, end)
                start = end
        except WireError as error:
            self._broken(error, base, start)
        if self.feed is not None and len(self.feed.pending) > WAITING:
            self._unread(f"more than {WAITING} bytes that are no whole message yet")

    def end(self, how: str) -> None:
        """The direction ended. What is left may be completed by that, or was cut off."""
        left = self.feed.pending if self.feed is not None else b""
        if left and self.at_end is not None and how == "closed":
            view = Annotator(left)
            with contextlib.suppress(NeedMore, WireError):
                self.at_end(view)
                self._message(view, self.passed, 0, view.pos)
                left = left[view.pos :]
        if left:
            self._unread(f"{len(left)} bytes that are no whole message: cut off")
        if self.dumped > DUMPED:
            self._title(f"{self.dumped - DUMPED} more bytes, not shown")
        self._title(how)

    def _message(self, view: Annotator, base: int, start: int, end: int) -> None:
        size = end - start
        first, last = base + start, base + end - 1
        plural = "s" if size != 1 else ""
        self._title(f"{first:04x}–{last:04x} · {size} byte{plural}" if size else "no bytes")
        lines = annotated(view, base, self.tap.look.width).splitlines()
        self._lines(lines)
        self.passed = base + end

    def _broken(self, error: WireError, base: int, start: int) -> None:
        """What the codec refuses: its sentence, and the octets with a caret.

        The error counts from `base`, where the reader's data began; what is left from `start` on.
        """
        assert self.feed is not None
        left, at = self.feed.pending, base + start
        offset = error.offset - start if isinstance(error, Malformed | Refused) else 0
        offset = max(0, min(offset, len(left) - 1))
        why = f"{error.field.name}: {error.why}" if isinstance(error, Malformed) else str(error)
        self._title(f"{at + offset:04x} · cannot be read: {why}")
        first = max(0, offset - DUMPED // 2) // 16 * 16
        shown = left[first : first + DUMPED]
        mark = (offset - first, offset - first + 1)
        self._lines(dump(shown, mark, around=LINES, base=at + first).splitlines())
        self.feed = None
        self.passed = self.arrived
        self.dumped = max(DUMPED, len(left))

    def _unread(self, why: str) -> None:
        assert self.feed is not None
        left = self.feed.pending
        self._title(f"{self.passed:04x} · {why}")
        self.feed = None
        self._dump(left)

    def _dump(self, data: bytes) -> None:
        """As it is, up to DUMPED octets of this direction; the rest is counted."""
        room = max(0, DUMPED - self.dumped)
        if data[:room]:
            self._lines(dump(data[:room], base=self.passed).splitlines())
        self.dumped += len(data)
        self.passed += len(data)

    def _title(self, text: str) -> None:
        line = escaped(f"── {self.title} · {text}")
        self.tap.show(self.tap.look.paint(line, "bold"))

    def _lines(self, lines: list[str]) -> None:
        for line in lines[:LINES]:
            self.tap.show(escaped(line))
        if len(lines) > LINES:
            self.tap.show(f"      … {len(lines) - LINES} more lines")
