"""HTTP/1.1 messages from bytes, each octet by name.

    codec = Http1()
    codec.to_server(Reader(b"HEAD / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n"))
    codec.to_client(Annotator(b"HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\n"))

In reading order: grammar (the words), messages (the values), heads, framing (where a body ends),
chunks, and here the whole. `diagnose` says what is wrong with what does not fit.

A message is read from its start at each look, which suits a grader and a tap. A server reads a head
with `read_request_head` and its body as it comes: body.py.

Left out: tunnels (CONNECT, Upgrade): what follows in them is no HTTP.
"""

from __future__ import annotations

import re
from collections import deque
from typing import Any, NamedTuple

from ...wire import Annotator, Field, NeedMore, Place, Reader, Span
from . import grammar
from .chunks import read_chunk, read_chunk_end, read_chunk_line, read_trailers
from .framing import Framing, request_framing, response_framing, value_places, words
from .heads import Limits, read_request_head, read_response_head
from .messages import Fields, Request, RequestHead, Response, ResponseHead, combined, write_fields

#: What topics that build on this one may use.
__all__ = [
    "Content",
    "Fields",
    "Framing",
    "Http1",
    "Limits",
    "Request",
    "RequestHead",
    "Response",
    "ResponseHead",
    "combined",
    "grammar",
    "read_chunk_end",
    "read_chunk_line",
    "read_request",
    "read_request_head",
    "read_response",
    "read_response_head",
    "read_trailers",
    "request_framing",
    "response_framing",
    "words",
    "write_fields",
]

END_OF_CHUNKS = re.compile(rb"\r\n\r\n")
LOOK_AGAIN = 2048  # octets from which on a chunked message is looked at again only when it grew

# What reads as a start line. A body may end without a line end, so a response may begin anywhere.
REQUEST_START = re.compile(rb"(?:\A|(?<=\n))%s [!-~]+ HTTP/1\.[01]\r\n" % grammar.TOKEN)
RESPONSE_START = re.compile(rb"HTTP/1\.[01] [1-5][0-9]{2} [^\r\n]*\r\n")


class Content(NamedTuple):
    """What a body turned out to hold."""

    body: bytes = b""
    trailers: Fields = ()
    chunk_sizes: tuple[int, ...] = ()


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

    def says(self, message: Request | Response) -> str:
        """One line of meaning: GET /echo/alpha, or 200 OK · 5 bytes."""
        size = (
            f" · {len(message.body)} byte{'s' * (len(message.body) != 1)}" if message.body else ""
        )
        start = message.start_line().decode("latin-1").rstrip("\r\n")
        if isinstance(message, Response):
            return f"{message.status} {message.reason.decode('latin-1')}".strip() + size
        return start.removesuffix(" HTTP/1.1") + size

    def resume(self, data: bytes, since: int, to_server: bool) -> int:
        """Where a message may begin in octets that nobody could read, or -1: the next thing at the
        start of a line that reads as a start line."""
        found = (REQUEST_START if to_server else RESPONSE_START).search(data, since)
        if found is None:
            return -1
        self.outstanding.clear()  # what was asked before is not known for certain
        return found.start()

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


class Caller(Http1):
    """A client for whom connections are no matter: it waits through answers of the class 1xx, and
    knows when no more can be asked on one (`over`).

    spec    RFC 9110 §15.2, RFC 9112 §9.3
    """

    over = False

    def interim(self, message: Response) -> bool:
        """Whether the real answer is still to come."""
        return message.status < 200

    def _answer(self, r: Reader, ended: bool) -> Response:
        response = super()._answer(r, ended)
        if not self.interim(response):
            self.over = not persists(response)
        return response


def persists(response: Response) -> bool:
    """Whether the connection goes on behind this answer."""
    said = words(combined(response.fields, b"Connection") or b"")
    if b"close" in said or response.framing == "close":
        return False
    return response.version != b"HTTP/1.0" or b"keep-alive" in said


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


CODEC = Http1  # of a connection to $PORT
