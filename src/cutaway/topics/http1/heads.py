"""The head of a message: its start line and its header fields, up to the blank line.

    GET /echo/alpha HTTP/1.1\\r\\n        start line
    Host: 127.0.0.1\\r\\n                 field lines
    \\r\\n                                blank line

A head is read in one go once its end is there. Until then NeedMore names the mark to wait for: the
blank line, or the first octet that no head can hold. So a head that comes byte by byte costs one
look, and one that is broken is refused before it is whole.

Left out: lenience. RFC 9112 §2.2 allows a bare LF to end a line; it is refused here, as two programs
that differ in this read different messages from the same bytes.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ...wire import NEVER, Malformed, NeedMore, Reader, Refused
from . import diagnose, grammar
from .messages import RequestHead, ResponseHead

#: The end of a head, or the first octet that no head can hold.
END_OR_BROKEN = re.compile(
    rb"\r\n\r\n|(?<!\r)\n|\r[^\n]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", re.DOTALL
)
BROKEN = re.compile(rb"(?<!\r)\n|\r[^\n]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", re.DOTALL)


class Limits(NamedTuple):
    """Octets that are taken. What is longer is Refused, whole or not."""

    target: int = NEVER
    head: int = NEVER
    chunk_line: int = NEVER


NO_LIMITS = Limits()

RequestParts = tuple[bytes, bytes, bytes, list[tuple[bytes, bytes]]]


def read_request_head(r: Reader, limits: Limits = NO_LIMITS) -> RequestHead:
    """A request up to its blank line.

    raises  NeedMore; Malformed; Refused of TARGET or HEADERS past the limits
    spec    RFC 9112 §3, §5
    """
    method, target, version, fields = read_request_parts(r, limits)
    return RequestHead(method, target, version, tuple(fields))


def read_request_parts(r: Reader, limits: Limits = NO_LIMITS) -> RequestParts:
    """The same for one who looks at the parts once: making the value costs a server 3 %."""
    start, end = r.pos, r.where(b"\r\n\r\n") + 2
    if end < 2 or end - start > limits.head:
        raise unfinished(r, start, end, diagnose.REQUEST_LINE, limits)
    line = r.match(grammar.REQUEST_LINE_SHAPE)
    if line is None:
        if r.match(grammar.EMPTY_LINES_SHAPE):
            return read_request_parts(r, limits)
        raise diagnose.diagnose(r.data, start, diagnose.REQUEST_LINE)
    method, target, version = line
    if len(target) > limits.target:
        raise Refused(grammar.TARGET, limits.target, start)
    fields = r.every(grammar.FIELD_LINE_SHAPE, end, grammar.HEADERS, grammar.BLANK)
    if fields is None:
        raise diagnose.diagnose(r.data, start, diagnose.REQUEST_LINE)
    return method, target, version, fields


def read_response_head(r: Reader, limits: Limits = NO_LIMITS) -> ResponseHead:
    """A response up to its blank line.

    raises  NeedMore; Malformed; Refused of HEADERS past the limit
    spec    RFC 9112 §4, §5
    """
    start, end = r.pos, r.where(b"\r\n\r\n") + 2
    if end < 2 or end - start > limits.head:
        raise unfinished(r, start, end, diagnose.STATUS_LINE, limits)
    line = r.match(grammar.STATUS_LINE_SHAPE)
    if line is None:
        raise diagnose.diagnose(r.data, start, diagnose.STATUS_LINE)
    version, status, reason = line
    fields = r.every(grammar.FIELD_LINE_SHAPE, end, grammar.HEADERS, grammar.BLANK)
    if fields is None:
        raise diagnose.diagnose(r.data, start, diagnose.STATUS_LINE)
    return ResponseHead(version, int(status), reason, tuple(fields))


def unfinished(
    r: Reader, start: int, end: int, first: tuple[diagnose.Step, ...], limits: Limits
) -> Malformed | Refused | NeedMore:
    """Why the head at `start` cannot be read: broken, too long, or not all here.

    end     of the head, where that is known
    """
    have = len(r.data) - start
    line = r.where(b"\r\n") - start
    if BROKEN.search(r.data, start, min(len(r.data), start + limits.head)):
        return diagnose.diagnose(r.data, start, first)
    if (line if line >= 0 else have) > limits.target + 64:
        return Refused(grammar.TARGET, limits.target, start)
    if (end - start if end >= 2 else have) > limits.head:
        return Refused(grammar.HEADERS, limits.head, start)
    least = limits.head if line >= 0 else min(limits.head, limits.target + 64)
    since = max(start, len(r.data) - 3)
    return NeedMore(grammar.HEAD, start + least + 1, END_OR_BROKEN, since)
