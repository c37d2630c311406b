"""The body of a request as it comes in, however large and however slow.

    Incoming ── reads the framing ──▶ a sink: Discarded, Spooled, or a file being written

Nothing here waits for a whole body. What has come is handed on, so a body of a gigabyte that is
stored costs a buffer, and one that is drip-fed costs nothing while it waits.

Left out: trailer fields. They are read, as the framing asks, and dropped, as RFC 9112 §7.1.2 allows.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import Protocol

from ...wire import NeedMore, Reader, Refused
from . import grammar
from .chunks import read_chunk_end, read_chunk_line, read_trailers
from .framing import Framing
from .heads import Limits

PIECE = 65536  # octets that are read or written at a time
IN_MEMORY = 1 << 20  # octets of a body to be sent back that are kept in memory


class Sink(Protocol):
    """Where a body goes. `limit` in octets."""

    limit: int

    def write(self, data: bytes, /) -> object: ...

    def close(self) -> None: ...


class Discarded:
    """For the body of a request whose answer does not depend on it."""

    limit = 1 << 16

    def write(self, data: bytes) -> None:
        pass

    def close(self) -> None:
        pass


class Spooled:
    """Kept to be sent back: in memory while small, then in a file without a name."""

    limit = 64 << 20

    def __init__(self) -> None:
        self.size = 0
        self.file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115

    def write(self, data: bytes) -> None:
        self.size += len(data)
        self.file.write(data)

    def close(self) -> None:
        self.file.close()

    def pieces(self) -> Iterator[bytes]:
        """All that was written, from its start."""
        self.file.seek(0)
        with self.file:
            while piece := self.file.read(PIECE):
                yield piece


class Incoming:
    """A body under way: reads by `framing`, hands on to `sink`."""

    __slots__ = ("chunked", "left", "limits", "room", "sink", "started")

    def __init__(self, framing: Framing, sink: Sink, limits: Limits) -> None:
        self.chunked = framing.kind == "chunked"
        self.left = framing.length
        self.room = sink.limit
        self.sink, self.limits = sink, limits
        self.started = False
        if self.left > self.room:
            sink.close()
            raise Refused(grammar.LENGTH, self.room)

    def is_empty(self) -> bool:
        """Whether the body has ended before it began."""
        return not self.chunked and self.left == 0

    def read(self, r: Reader) -> bool:
        """Take what is there. True once the body has ended; what is behind it is left.

        raises  NeedMore when what comes next is not there whole; Malformed; Refused past the limit
        """
        if self.chunked:
            return self.read_chunks(r)
        self.read_data(r)
        return self.left == 0

    def read_data(self, r: Reader) -> None:
        """Up to `left` octets, as many as there are."""
        data = r.ahead(self.left)
        r.take(len(data), grammar.BODY)
        self.left -= len(data)
        self.sink.write(data)

    def read_chunks(self, r: Reader) -> bool:
        """Chunks, then trailers. Where the octets end in the middle, the next call goes on."""
        while True:
            if not self.started and not self.read_size(r):
                return True
            self.read_data(r)
            if self.left:
                return False
            read_chunk_end(r)
            self.started = False

    def read_size(self, r: Reader) -> bool:
        """The line ahead of a chunk. False when it was the last, and its trailers were read."""
        start = r.pos
        size = read_chunk_line(r, self.limits)
        if size > self.room:
            raise Refused(grammar.SIZE, self.room, start)
        if size == 0:
            self.read_end(r, start)
            return False
        self.room -= size
        self.left, self.started = size, True
        return True

    def read_end(self, r: Reader, start: int) -> None:
        """The trailers behind the last chunk. Unless all of them are there, none is read."""
        try:
            read_trailers(r, self.limits)
        except NeedMore:
            r.pos = start
            raise
