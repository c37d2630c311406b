"""The chunked coding: a body in pieces, each with its size, so that its end need not be known first.

    5\\r\\n        chunk-size, in hexadecimal; extensions may follow it: 5;name=value
    alpha\\r\\n    as many octets, and a line end that is not part of them
    0\\r\\n        the last chunk
    Sum: 1\\r\\n   trailer fields, mostly none
    \\r\\n         the end

A server reads these parts as they come (body.py), a grader or a tap the whole (codec.py).

Left out: what extensions mean. RFC 9112 §7.1.1 has recipients ignore those they do not know.
"""

from __future__ import annotations

import re

from ...wire import Malformed, NeedMore, Reader, Refused, WireError
from . import diagnose, grammar
from .heads import NO_LIMITS, Limits, unfinished
from .messages import Fields

LINE_END_OR_BROKEN = re.compile(rb"\n|\r[^\n]", re.DOTALL)
CHUNK_LINE_SO_FAR = re.compile(rb"[0-9A-Fa-f]{0,16}+(?:\Z|(?<=[0-9A-Fa-f])[ \t;\r])")


def read_chunk_line(r: Reader, limits: Limits = NO_LIMITS) -> int:
    """The size that stands before a chunk, with its extensions; 0 is the last.

    raises  NeedMore; Malformed; Refused of EXTENSION past the limit
    spec    RFC 9112 §7.1
    """
    start = r.pos
    found = r.match(grammar.CHUNK_LINE_SHAPE)
    if found is None:
        raise unfinished_chunk_line(r, start, limits)
    digits, extension = found
    if len(extension) > limits.chunk_line:
        raise Refused(grammar.EXTENSION, limits.chunk_line, start)
    return int(digits, 16)


def unfinished_chunk_line(r: Reader, start: int, limits: Limits) -> WireError:
    """Why there is no chunk line at `start`: broken, too long, or not all here."""
    broken = CHUNK_LINE_SO_FAR.match(r.data, start) is None
    if broken or LINE_END_OR_BROKEN.search(r.data, start):
        wrong = diagnose.walk(r.data, start, diagnose.CHUNK_LINE)
        return wrong if isinstance(wrong, Malformed) else r.fail(grammar.SIZE, start, 16, "")
    least = limits.chunk_line + 18
    if len(r.data) - start > least:
        return Refused(grammar.EXTENSION, limits.chunk_line, start)
    since = max(start, len(r.data) - 1)
    return NeedMore(grammar.SIZE, start + least + 1, LINE_END_OR_BROKEN, since)


def read_chunk_end(r: Reader) -> None:
    """The CR LF behind the data of a chunk."""
    if r.match(grammar.CHUNK_END_SHAPE):
        return
    if r.ahead(2) in (b"", b"\r"):
        raise NeedMore(grammar.CHUNK_END, r.pos + 2)
    raise r.fail(grammar.CHUNK_END, r.pos, 2, "CR LF has to follow as many octets as the size said")


def read_chunk(r: Reader, limits: Limits = NO_LIMITS) -> bytes:
    """One chunk whole: size, data and their line ends. b"" is the last; trailers follow it."""
    start = r.pos
    data = r.take(read_chunk_line(r, limits), grammar.BODY)
    if data:
        read_chunk_end(r)
    r.group(grammar.CHUNK, start, data)
    return data


def read_trailers(r: Reader, limits: Limits = NO_LIMITS) -> Fields:
    """The fields behind the last chunk, and the blank line that ends the message.

    spec    RFC 9112 §7.1.2
    """
    if r.match(grammar.LAST_SHAPE):
        return ()
    if r.ahead(2) in (b"", b"\r"):
        raise NeedMore(grammar.LAST, r.pos + 2)
    start, end = r.pos, r.where(b"\r\n\r\n") + 2
    if end < 2 or end - start > limits.head:
        raise unfinished(r, start, end, (), limits)
    fields = r.every(grammar.FIELD_LINE_SHAPE, end, grammar.TRAILERS, grammar.LAST)
    if fields is None:
        raise diagnose.diagnose(r.data, start, ())
    return tuple(fields)
