"""What clients ask and upstreams answer in the cases, and what they look for on both sides.

    alpha                          GET /echo/alpha
    get(b"/x", (b"TE", b"gzip"))   with one more field
    ok(b"alpha")                   200 with a Content-Length
    head(b"GET / HTTP/1.1", HOST)  lines, right or wrong

A conversation of four steps occurs so often that it has a name:

    exchange(alpha, ok(b"alpha"))  the client asks, upstream a is asked and answers, the client has it

Left out: the cases.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ....grade.asking import answers, asked
from ....grade.far import Far
from ....grade.matchers import Matcher, one_of, shown
from ....grade.stage import Step
from ....grade.steps import expect, send
from ....wire import NeedMore, Reader
from ...http1.codec import (
    Fields,
    Request,
    Response,
    grammar,
    read_chunk_end,
    read_chunk_line,
    read_request_head,
    read_response_head,
    request_framing,
    response_framing,
)
from ..codec import Proxied

HOST = b"Host: localhost"
MIB = 1 << 20
LENGTH = b"Content-Length"
CHUNKED = b"Transfer-Encoding: chunked"


class Wire(Proxied):
    """HTTP/1.1 as the stages read it: what is not whole can be looked at, 1xx announce another."""

    def interim(self, message: Any) -> bool:
        """Whether the real answer is still to come."""
        return isinstance(message, Response) and 100 <= message.status < 200 != message.status

    def so_far(self, r: Reader, question: bool) -> Request | Response:
        """What has come of a message whose head is there, with as much of its body.

        raises  NeedMore before the head is whole; Malformed
        """
        start = r.pos
        found: Request | Response
        if question:
            asks = read_request_head(r)
            framing = request_framing(asks, r, start)
            found = Request(**asks._asdict(), framing=framing.kind, body=so_much(r, framing))
            r.group(grammar.REQUEST, start, found)
            return found
        method = self.outstanding[0] if self.outstanding else b"GET"
        says = read_response_head(r)
        framing = response_framing(says, method, r, start)
        found = Response(**says._asdict(), framing=framing.kind, body=so_much(r, framing))
        r.group(grammar.RESPONSE, start, found)
        return found


def so_much(r: Reader, framing: Any) -> bytes:
    """The octets of a body that are there."""
    there = len(r.data) - r.pos
    if framing.kind == "length":
        return r.take(min(there, framing.length), grammar.BODY)
    if framing.kind == "close":
        return r.rest(grammar.BODY)
    parts: list[bytes] = []
    if framing.kind == "chunked":
        try:
            while size := read_chunk_line(r):
                parts.append(r.take(min(size, len(r.data) - r.pos), grammar.BODY))
                if len(parts[-1]) < size:
                    break
                read_chunk_end(r)
        except NeedMore:
            pass
    return b"".join(parts)


#: The upstreams, in the order in which $UPSTREAMS names them.
A, B, C, D = (
    Far(name=name, codec=Wire, called=f"upstream {name}", variable="UPSTREAMS") for name in "abcd"
)


def get(
    target: bytes,
    *fields: tuple[bytes, bytes],
    method: bytes = b"GET",
    version: bytes = b"HTTP/1.1",
    host: bytes = b"localhost",
    body: bytes = b"",
) -> Request:
    """A request as most clients send it; a body brings its Content-Length."""
    all_fields: Fields = ((b"Host", host), *fields)
    if body:
        all_fields += ((LENGTH, b"%d" % len(body)),)
    return Request(method=method, target=target, version=version, fields=all_fields, body=body)


def post(body: bytes, *fields: tuple[bytes, bytes], target: bytes = b"/echo") -> Request:
    """A POST with a Content-Length, also of an empty body."""
    length = (LENGTH, b"%d" % len(body))
    given: Fields = ((b"Host", b"localhost"), *fields, length)
    return Request(method=b"POST", target=target, fields=given, body=body)


def ok(
    body: bytes = b"",
    *fields: tuple[bytes, bytes],
    status: int = 200,
    reason: bytes = b"OK",
    version: bytes = b"HTTP/1.1",
) -> Response:
    """An answer with a Content-Length."""
    given: Fields = (*fields, (LENGTH, b"%d" % len(body)))
    return Response(status=status, reason=reason, version=version, fields=given, body=body)


def head(*lines: bytes) -> bytes:
    """These lines and the blank one behind them."""
    return b"".join(line + b"\r\n" for line in lines) + b"\r\n"


alpha = get(b"/echo/alpha")
bravo = get(b"/echo/bravo")
smuggled = get(b"/smuggled")
FINE = ok(b"fine")


def exchange(
    request: Any,
    answer: Response = FINE,
    far: str = "a",
    wanted: Mapping[str, Any] | None = None,
    **has: Any,
) -> tuple[Step, ...]:
    """The client asks, the upstream is asked `wanted` and answers, the client has the answer."""
    named = {"status": answer.status, "body": answer.body, **has}
    return (
        send(request),
        asked(far, **(wanted or {})),
        answers(far, answer),
        expect(**named),
    )


def starting(part: bytes) -> Matcher:
    """Octets that begin like this, or are all of it."""
    return Matcher(
        f"{shown(part)}, and perhaps more",
        lambda found: found is not None and bytes(found).startswith(part),
    )


def without(part: bytes) -> Matcher:
    """A value in which `part` does not stand, in any case; or none."""
    return Matcher(
        f"no {part.decode()} in it",
        lambda found: found is None or part.lower() not in bytes(found).lower(),
    )


def where(says: str, check: Callable[[Any], bool]) -> Matcher:
    """A value of which that is true."""
    return Matcher(says, check)


BAD_REQUEST = one_of(400)
