"""HTTP/1.1 from bytes and to bytes, each octet by name.

    GET /echo/alpha HTTP/1.1\\r\\n        start line ┐
    Host: 127.0.0.1\\r\\n                 field line ├ head
    \\r\\n                                blank line ┘
    ...                                 body, whose end the head announces

A head is text and ends at a blank line; a body is octets and ends where the head says. That "where"
is the heart of it (`request_framing`, `response_framing`): two programs that answer it differently
for the same bytes are open to request smuggling.

    nothing said          a request has no body; a response goes on until the connection ends
    Content-Length: 5     five octets
    chunked               5\\r\\nalpha\\r\\n 0\\r\\n\\r\\n: pieces with their sizes, until a size of 0
    HEAD, 1xx, 204, 304   no body, whatever the fields say

A head is read in one go once its end is there; until then NeedMore names the mark to wait for, so
a head that comes byte by byte costs one look. A server reads a body as it comes, with
`read_chunk_line` and `read_chunk_end`; a grader or a tap reads whole messages.

Left out: transfer codings besides chunked, tunnels (CONNECT, Upgrade), and lenience: a bare LF is
allowed by RFC 9112 §2.2 to end a line, and is refused here.
"""

from __future__ import annotations

import re
from collections import deque
from functools import lru_cache
from typing import Any, NamedTuple

from ...wire import (
    NEVER,
    Annotator,
    Field,
    Malformed,
    NeedMore,
    Place,
    Reader,
    Refused,
    Span,
    WireError,
)
from . import diagnose, grammar
from .messages import Fields, Request, RequestHead, Response, ResponseHead, combined, values

#: The end of a head, or the first octet that no head can hold.
END_OR_BROKEN = re.compile(
    rb"\r\n\r\n|(?<!\r)\n|\r[^\n]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", re.DOTALL
)
BROKEN = re.compile(rb"(?<!\r)\n|\r[^\n]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", re.DOTALL)
LINE_END_OR_BROKEN = re.compile(rb"\n|\r[^\n]", re.DOTALL)
CHUNK_LINE_SO_FAR = re.compile(rb"[0-9A-Fa-f]{0,16}+(?:\Z|(?<=[0-9A-Fa-f])[ \t;\r])")
END_OF_CHUNKS = re.compile(rb"\r\n\r\n")
DIGITS = re.compile(rb"[0-9]+")

LARGEST_LENGTH = 2**63 - 1
LOOK_AGAIN = 2048  # octets from which on a chunked message is looked at again only when it grew


class Limits(NamedTuple):
    """Octets that are taken, before which nothing has to be complete."""

    target: int = NEVER
    head: int = NEVER
    chunk_line: int = NEVER


NO_LIMITS = Limits()


class Framing(NamedTuple):
    """How the end of a body is known: none, length, chunked or close. `length` in octets."""

    kind: str
    length: int = 0


class Content(NamedTuple):
    """What a body turned out to hold."""

    body: bytes = b""
    trailers: Fields = ()
    chunk_sizes: tuple[int, ...] = ()


Head = RequestHead | ResponseHead

NO_BODY = Framing("none")
CHUNKED = Framing("chunked")
UNTIL_CLOSE = Framing("close")


# Heads.


def read_request_head(r: Reader, limits: Limits = NO_LIMITS) -> RequestHead:
    """A request up to its blank line.

    raises  NeedMore; Malformed; Refused of TARGET or HEADERS past the limits
    spec    RFC 9112 §3, §5
    """
    start, end = r.pos, r.where(b"\r\n\r\n") + 2
    if end < 2 or end - start > limits.head:
        raise unfinished(r, start, end, diagnose.REQUEST_LINE, limits)
    line = r.match(grammar.REQUEST_LINE_SHAPE)
    if line is None:
        if r.match(grammar.EMPTY_LINES_SHAPE):
            return read_request_head(r, limits)
        raise diagnose.diagnose(r.data, start, diagnose.REQUEST_LINE)
    r.group(grammar.REQUEST_LINE, start, line)
    method, target, version = line
    if len(target) > limits.target:
        raise Refused(grammar.TARGET, limits.target, start)
    return RequestHead(method, target, version, read_fields(r, start, end, diagnose.REQUEST_LINE))


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
    r.group(grammar.STATUS_LINE, start, line)
    fields = read_fields(r, start, end, diagnose.STATUS_LINE)
    return ResponseHead(version, int(status), reason, fields)


def read_fields(r: Reader, start: int, end: int, first: tuple[diagnose.Step, ...]) -> Fields:
    """The field lines up to `end` and the blank line there, of the head that began at `start`."""
    begin = r.pos
    found = r.every(grammar.FIELD_LINE_SHAPE, end)
    if found is None:
        raise diagnose.diagnose(r.data, start, first)
    fields = tuple(found)
    r.group(grammar.HEADERS, begin, fields)
    r.take(2, grammar.BLANK)
    return fields


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


# Where a body ends.


NOT_FINAL = "chunked is not the final coding, so the end of the body cannot be known"
TWICE = "chunked stands more than once among the codings"
BOTH = "Transfer-Encoding and Content-Length both claim to say where the body ends"
TOO_OLD = "a message of HTTP/1.0 has no transfer codings"
NOT_DIGITS = "a length is decimal digits and nothing else"
DISAGREE = "Content-Length stands there more than once, with different values"


def request_framing(head: RequestHead, r: Reader, start: int) -> Framing:
    """Where the body of the request ends, whose head `r` read from `start` on.

    raises  Malformed when the signals conflict; Refused for a length past 63 bits
    spec    RFC 9112 §6.3
    """
    coding = combined(head.fields, b"Transfer-Encoding")
    if coding is None:
        return length_framing(head, NO_BODY, r, start)
    check_coding(head, coding, r, start)
    if final_coding(coding) != b"chunked":
        raise conflict(head, r, start, b"Transfer-Encoding", NOT_FINAL, "RFC 9112 §6.3")
    return CHUNKED


def response_framing(head: ResponseHead, method: bytes, r: Reader, start: int) -> Framing:
    """Where the body of the response ends, which answers a request of that method.

    raises  Malformed when the signals conflict; Refused for a length past 63 bits
    spec    RFC 9112 §6.3
    """
    if has_no_body(head.status, method):
        return NO_BODY
    coding = combined(head.fields, b"Transfer-Encoding")
    if coding is None:
        return length_framing(head, UNTIL_CLOSE, r, start)
    check_coding(head, coding, r, start)
    return CHUNKED if final_coding(coding) == b"chunked" else UNTIL_CLOSE


def has_no_body(status: int, method: bytes) -> bool:
    """Whether such a response ends at its blank line, whatever its fields say.

    spec    RFC 9112 §6.3
    """
    if method == b"CONNECT" and 200 <= status < 300:
        return True
    return method == b"HEAD" or status < 200 or status in (204, 304)


def check_coding(head: Head, coding: bytes, r: Reader, start: int) -> None:
    """Refuse what makes Transfer-Encoding ambiguous.

    spec    RFC 9112 §6.1
    """
    if values(head.fields, b"Content-Length"):
        raise conflict(head, r, start, b"Content-Length", BOTH, "RFC 9112 §6.3")
    if head.version < b"HTTP/1.1":
        raise conflict(head, r, start, b"Transfer-Encoding", TOO_OLD, "RFC 9112 §6.1")
    if words(coding).count(b"chunked") > 1:
        raise conflict(head, r, start, b"Transfer-Encoding", TWICE, "RFC 9112 §6.1")


@lru_cache(maxsize=64)
def words(value: bytes) -> tuple[bytes, ...]:
    """The members of a list of words, in lower case; empty members do not count.

    spec    RFC 9110 §5.6.1.2
    """
    return tuple(one.lower() for one in members(value) if one)


def final_coding(value: bytes) -> bytes:
    """The coding that was applied last."""
    return (words(value) or [b""])[-1]


def length_framing(head: Head, without: Framing, r: Reader, start: int) -> Framing:
    """What Content-Length says; `without` when it is absent. Repeated equal values are one.

    spec    RFC 9110 §8.6, RFC 9112 §6.3
    """
    found = values(head.fields, b"Content-Length")
    if not found:
        return without
    for number, value in enumerate(found):
        if not all(is_number(one) for one in members(value)):
            raise conflict(head, r, start, b"Content-Length", NOT_DIGITS, "RFC 9110 §8.6", number)
    lengths = {one.lstrip(b"0") for value in found for one in members(value)}
    if len(lengths) > 1:
        raise conflict(head, r, start, b"Content-Length", DISAGREE, "RFC 9112 §6.3")
    digits = lengths.pop() or b"0"
    if len(digits) > 19 or int(digits) > LARGEST_LENGTH:
        raise Refused(grammar.LENGTH, LARGEST_LENGTH, start)
    return Framing("length", int(digits))


def members(value: bytes) -> list[bytes]:
    """The members of a list, empty ones included: `5,` is no length."""
    return [one.strip(b" \t") for one in value.split(b",")]


def is_number(text: bytes) -> bool:
    """Whether these octets are decimal digits. `int` would also take `+5` and `1_0`."""
    return DIGITS.fullmatch(text) is not None


def conflict(
    head: Head, r: Reader, start: int, name: bytes, why: str, spec: str, which: int = -1
) -> Malformed:
    """The error at one of the fields of that name, by default the last.

    The head is read once more, labelled: where its values stand is asked for only here.
    """
    again = Annotator(r.data, start)
    read = read_response_head if isinstance(head, ResponseHead) else read_request_head
    read(again)
    at, end = value_places(again.leaves(), name)[which]
    field = grammar.LENGTH if name == b"Content-Length" else grammar.CODING
    return again.fail(field, at, end - at, why, spec)


def value_places(leaves: list[Span], name: bytes) -> Place:
    """Where the values of that field stand; an empty value stands behind its colon."""
    out = []
    for at, span in enumerate(leaves):
        if span.field is grammar.NAME and bytes_of(span).lower() == name.lower():
            colon, value = leaves[at + 1], leaves[at + 2]
            end = value.end if value.field is grammar.VALUE else colon.end
            out.append((colon.end, end))
    return out


def bytes_of(span: Span) -> bytes:
    """What a leaf of text holds."""
    return span.value if isinstance(span.value, bytes) else b""


# Bodies.


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
    found = r.every(grammar.FIELD_LINE_SHAPE, end)
    if found is None:
        raise diagnose.diagnose(r.data, start, ())
    fields = tuple(found)
    r.group(grammar.TRAILERS, start, fields)
    r.match(grammar.LAST_SHAPE)
    return fields


def read_chunked(r: Reader, start: int) -> Content:
    """A chunked body whole, of the message that began at `start`."""
    pieces: list[bytes] = []
    try:
        while data := read_chunk(r):
            pieces.append(data)
        trailers = read_trailers(r)
    except NeedMore as need:
        raise patient(need, r, start) from None
    return Content(b"".join(pieces), trailers, tuple(map(len, pieces)))


def patient(need: NeedMore, r: Reader, start: int) -> NeedMore:
    """Wait for the end of all chunks, or for a quarter more.

    A message is read from its start at each look. Ten thousand chunks that come one by one must
    not be ten thousand looks.
    """
    have = len(r.data) - start
    if have < LOOK_AGAIN:
        return need
    least = len(r.data) + have // 4
    if need.mark is None:
        least = max(least, need.least)
    return NeedMore(need.field, least, END_OF_CHUNKS, max(start, len(r.data) - 3))


def read_content(r: Reader, framing: Framing, start: int, ended: bool) -> Content:
    """The body that `framing` says. `ended`: nothing comes behind the reader's data."""
    match framing.kind:
        case "length":
            return Content(r.take(framing.length, grammar.BODY))
        case "chunked":
            return read_chunked(r, start)
        case "close" if not ended:
            raise NeedMore(grammar.BODY)
        case "close":
            return Content(r.rest(grammar.BODY))
    return Content()


# Whole messages.


def read_request(r: Reader) -> Request:
    """A request with its body."""
    start = r.pos
    head = read_request_head(r)
    framing = request_framing(head, r, start)
    content = read_content(r, framing, start, ended=False)
    request = Request(
        method=head.method,
        target=head.target,
        version=head.version,
        fields=head.fields,
        framing=framing.kind,
        **content._asdict(),
    )
    r.group(grammar.REQUEST, start, request)
    return request


def read_response(r: Reader, method: bytes = b"GET", ended: bool = False) -> Response:
    """A response with its body.

    method  of the request that it answers
    ended   the connection has ended behind the reader's data
    """
    start = r.pos
    head = read_response_head(r)
    framing = response_framing(head, method, r, start)
    content = read_content(r, framing, start, ended)
    response = Response(
        status=head.status,
        reason=head.reason,
        version=head.version,
        fields=head.fields,
        framing=framing.kind,
        **content._asdict(),
    )
    r.group(grammar.RESPONSE, start, response)
    return response


class Http1:
    """Both directions of one connection: `outstanding` holds the methods not answered yet.

    Names for `locate`: method, target; status, reason; version, header (key), trailer (key), body,
    framing.
    """

    name = "HTTP/1.1"

    def __init__(self) -> None:
        self.outstanding: deque[bytes] = deque()

    def to_server(self, r: Reader) -> Request:
        request = read_request(r)
        self.assume(request.method)
        return request

    def assume(self, method: bytes = b"GET") -> None:
        """Take it that a request of that method was sent, whatever its bytes were."""
        self.outstanding.append(method)

    def to_client(self, r: Reader) -> Response:
        return self._answer(r, ended=False)

    def at_end(self, r: Reader) -> Response:
        return self._answer(r, ended=True)

    def _answer(self, r: Reader, ended: bool) -> Response:
        method = self.outstanding[0] if self.outstanding else b"GET"
        response = read_response(r, method, ended)
        if response.status >= 200 and self.outstanding:
            self.outstanding.popleft()  # a 1xx answer comes ahead of the real one
        return response

    def locate(
        self, a: Annotator, message: Request | Response, name: str, key: str | None = None
    ) -> tuple[Any, Place]:
        leaves = leaves_of(a, message)
        if name in ("header", "trailer"):
            return locate_field(leaves, message, name, (key or "").encode("latin-1"))
        if name == "body":
            return message.body, pieces(leaves, grammar.BODY) or [(leaves[-1].end,) * 2]
        if name == "framing":
            return message.framing, framing_place(leaves, message.framing)
        if name not in WHERE or not hasattr(message, name):
            raise KeyError(name)
        return getattr(message, name), pieces(leaves, WHERE[name])


#: The field of the start line that holds what `locate` is asked for.
WHERE = {
    "method": grammar.METHOD,
    "target": grammar.TARGET,
    "version": grammar.VERSION,
    "status": grammar.STATUS,
    "reason": grammar.REASON,
}


def leaves_of(a: Annotator, message: Request | Response) -> list[Span]:
    """The leaves of this message: an annotator may have read several."""
    whole = next((span for span in a.spans if span.value is message), None)
    leaves = a.leaves()
    if whole is None:
        return leaves
    return [span for span in leaves if whole.start <= span.start and span.end <= whole.end]


def pieces(leaves: list[Span], field: Field) -> Place:
    """Where the leaves of one field stand."""
    return [(span.start, span.end) for span in leaves if span.field is field]


def locate_field(
    leaves: list[Span], message: Request | Response, name: str, key: bytes
) -> tuple[bytes | None, Place]:
    """A header or trailer field; absent ones at the blank line where they could have stood."""
    head = [span.field for span in leaves].index(grammar.BLANK) + 1
    if name == "header":
        fields, where, blank = message.fields, leaves[:head], grammar.BLANK
    else:
        fields, where, blank = message.trailers, leaves[head:], grammar.LAST
    value = combined(fields, key)
    if value is None:
        return None, pieces(where, blank) or [(leaves[-1].end, leaves[-1].end)]
    return value, value_places(where, key)


def framing_place(leaves: list[Span], framing: str) -> Place:
    """Where it stands how the body ends; at the blank line where nothing says so."""
    names = {"length": b"Content-Length", "chunked": b"Transfer-Encoding"}
    named = value_places(leaves, names[framing]) if framing in names else []
    return named or pieces(leaves, grammar.BLANK)
