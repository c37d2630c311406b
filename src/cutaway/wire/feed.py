"""Bytes in as they arrive, messages out as they are complete, in linear time.

    feed = Feed(read_frame)
    for piece in pieces:
        for frame in feed.receive(piece):
            ...

A parser that stops with NeedMore is started again from the beginning of the same message, so a
careless feed is quadratic: a header block of 1 MB that comes byte by byte would be parsed a
million times. NeedMore therefore says what to wait for (a number of octets, or a mark and where
the search for it stopped) and the feed looks again only then.

`read` may be set between messages: a body is read by another function than a head. One message is
the unit of starting again, so a codec keeps its messages small: a head, a chunk, a frame.

Left out: a limit on what is buffered. The codec refuses what is too long, since only it knows
which limit was passed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from .errors import NeedMore
from .reader import Reader


class Feed:
    """`read` takes one message from a Reader. `make` is Reader or Annotator."""

    def __init__(
        self, read: Callable[[Reader], Any], make: Callable[[bytes], Reader] = Reader
    ) -> None:
        self.read, self.make = read, make
        self.reader: Reader | None = None
        self._kept = bytearray()
        self._least = 0
        self._mark: re.Pattern[bytes] | None = None
        self._since = 0

    @property
    def pending(self) -> bytes:
        """What has arrived and belongs to no message yet."""
        return bytes(self._kept)

    def receive(self, data: bytes) -> Iterator[Any]:
        """The messages that `data` completes. The iterator has to be run to its end."""
        if self._kept:
            self._kept += data
            if not self._worth_a_look():
                return
            data = bytes(self._kept)
        if not data:
            return
        self.reader = reader = self.make(data)
        start = 0
        try:
            while start < len(data):
                message = self.read(reader)
                start = reader.pos
                yield message
        except NeedMore as need:
            reader.pos = start
            self._least, self._mark = need.least - start, need.mark
            self._since = need.since - start
        finally:
            self._kept = bytearray(data[start:])

    def _worth_a_look(self) -> bool:
        if len(self._kept) >= self._least:
            return True
        if self._mark is None:
            return False
        if self._mark.search(self._kept, max(0, self._since)):
            return True
        # A mark may straddle two pieces; the marks in use are at most four octets long.
        self._since = len(self._kept) - 3
        return False
