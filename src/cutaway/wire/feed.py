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

An error is the end of a feed. Where one message was wrong nobody knows where the next one begins,
so what was read before stays read, and whatever arrives later raises the same error again:
`broken`.

Left out: a limit on what is buffered. The codec refuses what is too long, since only it knows
which limit was passed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from .errors import NEVER, NeedMore, WireError
from .reader import LONGEST_MARK, Reader


class Feed:
    """`read` takes one message from a Reader. `make` is Reader or Annotator.

    reader   the latest one that was made, for who asks what it labelled; its `pos` is where the
             unfinished message begins. A bare Reader is not kept: it would hold its octets, on a
             connection that may stay idle for hours
    broken   the error that ended the feed
    """

    __slots__ = ("_kept", "_least", "_mark", "_since", "broken", "make", "read", "reader")

    def __init__(
        self, read: Callable[[Reader], Any], make: Callable[[bytes], Reader] = Reader
    ) -> None:
        self.read, self.make = read, make
        self.reader: Reader | None = None
        self.broken: WireError | None = None
        self._kept = bytearray()
        self._least = 0
        self._mark: re.Pattern[bytes] | None = None
        self._since = 0

    @property
    def pending(self) -> bytes:
        """What has arrived and belongs to no message yet."""
        return bytes(self._kept)

    @property
    def wanted(self) -> int | None:
        """How many octets `pending` must become before the message can be whole; None where no
        count says it."""
        return self._least if self._mark is None and self._least < NEVER // 2 else None

    def receive(self, data: bytes) -> Iterator[Any]:
        """The messages that `data` completes. The iterator has to be run to its end.

        Raises Malformed, Refused or Misuse as `read` does, then and ever after.
        """
        if self.broken is not None:
            raise self.broken.with_traceback(None)
        if self._kept:
            self._kept += data
            if not self._worth_a_look():
                return
            data = bytes(self._kept)
            self._kept.clear()  # a frame of 1 MiB is not held twice while it is read
        if not data:
            return
        self._least, self._mark = 0, None
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
        except WireError as error:
            self.broken = error
            raise
        finally:
            self._kept = bytearray(data[start:])
            if type(reader) is Reader:
                self.reader = None

    def _worth_a_look(self) -> bool:
        if len(self._kept) >= self._least:
            return True
        if self._mark is None:
            return False
        if self._mark.search(self._kept, max(0, self._since)):
            return True
        self._since = len(self._kept) - LONGEST_MARK + 1  # a mark may straddle two pieces
        return False
