"""The body of a message on its way from one connection to the other, a piece at a time.

    came as                          goes on as
    Content-Length: 5      alpha     alpha                    to a side that knows the length
    chunked       5␍␊alpha␍␊0␍␊␍␊    5␍␊alpha␍␊0␍␊␍␊          the chunks may be cut otherwise
    until the end          alpha     5␍␊alpha␍␊ … 0␍␊␍␊       or until the end, to HTTP/1.0

Nothing is gathered: what has come is handed on at once, so a body of a gigabyte costs a buffer, and
the first octet of an answer that takes an hour arrives in the first second.

Chunks are read to the letter and written anew. What a lenient reader could take for something else
(a sign, an extension, a bare LF) never gets to the next one. And a body that breaks off is never
ended: no last chunk is written that did not come.

Left out: compression. A proxy that changed the content would have to change its validators too.
"""

from __future__ import annotations

from ...wire import NeedMore, Reader
from ..http1.codec import (
    Fields,
    Framing,
    Limits,
    grammar,
    read_chunk_end,
    read_chunk_line,
    read_trailers,
    write_fields,
)

LIMITS = Limits(target=16_384, head=65_536, chunk_line=4_096)
#: Trailer fields are not passed on when they would change where a message ends or whom it is for.
#: Spec: RFC 9110 §6.5.1.
NOT_IN_TRAILERS = frozenset(
    {b"transfer-encoding", b"content-length", b"host", b"connection", b"te", b"trailer"}
)


class Body:
    """Reads as `framing` says; writes chunks, or octets as they are."""

    __slots__ = ("inside", "kind", "left", "to_chunks")

    def __init__(self, framing: Framing, to_chunks: bool) -> None:
        self.kind, self.left = framing
        self.to_chunks = to_chunks
        self.inside = False

    def read(self, r: Reader, out: list[bytes]) -> bool:
        """Move what is there from `r` to `out`. True once the body has ended.

        raises  NeedMore when a line of the framing is not there whole; Malformed; Refused
        """
        if self.kind == "length":
            return self.read_data(r, out)
        if self.kind == "chunked":
            return self.read_chunks(r, out)
        if self.kind == "close":
            self.write(r.rest(grammar.BODY), out)
            return False
        return True

    def read_data(self, r: Reader, out: list[bytes]) -> bool:
        """Up to `left` octets, as many as there are. True when that were all."""
        data = r.take(min(self.left, len(r.data) - r.pos), grammar.BODY)
        self.left -= len(data)
        self.write(data, out)
        return self.left == 0

    def read_chunks(self, r: Reader, out: list[bytes]) -> bool:
        """Chunks, then trailers. Where the octets end in the middle, the next call goes on."""
        while True:
            if not self.inside:
                start = r.pos
                self.left = read_chunk_line(r, LIMITS)
                if self.left == 0:
                    self.read_end(r, start, out)
                    return True
                self.inside = True
            if self.left and not self.read_data(r, out):
                return False
            read_chunk_end(r)
            self.inside = False

    def read_end(self, r: Reader, start: int, out: list[bytes]) -> None:
        """The trailers behind the last chunk. Unless all of them are there, none is read."""
        try:
            trailers = read_trailers(r, LIMITS)
        except NeedMore:
            r.pos = start
            raise
        self.write_end(out, trailers)

    def write(self, data: bytes, out: list[bytes]) -> None:
        """A piece. An empty one would be the last chunk."""
        if not data:
            return
        out.append(b"%x\r\n%s\r\n" % (len(data), data) if self.to_chunks else data)

    def write_end(self, out: list[bytes], trailers: Fields = ()) -> None:
        """What says that this was all. To a side without chunks nothing needs to be said."""
        if self.to_chunks:
            kept = tuple(field for field in trailers if field[0].lower() not in NOT_IN_TRAILERS)
            out.append(b"0\r\n%s\r\n" % write_fields(kept))
