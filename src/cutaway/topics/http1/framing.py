"""Where the body of a message ends. The heart of HTTP/1.1, and of attacks on it.

    nothing said          a request has no body; a response goes on until the connection ends
    Content-Length: 5     five octets
    chunked               5\\r\\nalpha\\r\\n0\\r\\n\\r\\n: pieces with their sizes, until a size of 0
    HEAD, 1xx, 204, 304   no body, whatever the fields say

Two programs that answer this differently for the same bytes are open to request smuggling: what is
body to the one is the next request to the other. So whatever could be read in two ways is Malformed.

Left out: transfer codings besides chunked, which say nothing about the end.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from ...wire import Annotator, Malformed, Place, Reader, Refused, Span
from . import grammar
from .heads import read_request_head, read_response_head
from .messages import RequestHead, ResponseHead, combined, values

Head = RequestHead | ResponseHead

DIGITS = re.compile(rb"[0-9]+")
LARGEST_LENGTH = 2**63 - 1


class Framing(NamedTuple):
    """How the end of a body is known: none, length, chunked or close. `length` in octets."""

    kind: str
    length: int = 0


NO_BODY = Framing("none")
CHUNKED = Framing("chunked")
UNTIL_CLOSE = Framing("close")

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
