"""What a proxy hears and says: HTTP/1.1, and what proxies add to it.

    codec = Proxied()
    codec.to_server(Reader(b"PROXY TCP4 192.0.2.7 203.0.113.9 56324 443\\r\\n"))
    codec.to_server(Reader(b"GET / HTTP/1.1\\r\\nHost: a\\r\\nVia: 1.1 b\\r\\n\\r\\n"))

Ahead of the first request there may be a PROXY header (announcement.py). The fields that proxies
write are opened into their parts (forwarded.py), hung under the value that they stand in. After 101
(Switching Protocols) and after 2xx to CONNECT there are no messages any more: what follows in both
directions is octets.

Left out: what is inside a tunnel. It is another protocol, with a codec of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ...wire import Annotator, Field, Place, Reader, Span, WireError, places
from ..http1.codec import Http1, Request, Response, combined, grammar
from .announcement import ANNOUNCEMENT, Announcement, is_announced, read_announcement
from .forwarded import Hop, read_addresses, read_forwarded, read_via

__all__ = [
    "Announcement",
    "Hop",
    "Octets",
    "Proxied",
    "is_announced",
    "read_addresses",
    "read_announcement",
    "read_forwarded",
    "read_via",
]

TUNNEL = Field("octets", "in a tunnel: passed on as they are", "RFC 9110 §9.3.6")
INSIDE = Field("field-value", "what this value says", "RFC 9110 §5.5")

#: Fields whose values are opened.
OPENED: dict[bytes, Callable[[Reader], object]] = {
    b"forwarded": read_forwarded,
    b"via": read_via,
    b"x-forwarded-for": read_addresses,
}


@dataclass(frozen=True, slots=True)
class Octets:
    """What came through a tunnel, as it came."""

    data: bytes

    def __bytes__(self) -> bytes:
        return self.data


class Proxied(Http1):
    """Both directions of one connection to or from a proxy.

    Names for `locate`, besides those of Http1: source, destination, source_port, destination_port,
    family, command of a PROXY header; forwarded (key: for, proto, host, by), via; octets.
    """

    name = "HTTP/1.1 through a proxy"

    def __init__(self) -> None:
        super().__init__()
        self.begun = self.tunnelled = False

    def to_server(self, r: Reader) -> Any:
        if self.tunnelled:
            return read_octets(r)
        if not self.begun and is_announced(r.ahead(16)):
            found: Announcement | Request = read_announcement(r)
        else:
            found = super().to_server(r)
        self.begun = True
        open_fields(r)
        return found

    def _answer(self, r: Reader, ended: bool) -> Any:
        if self.tunnelled:
            return read_octets(r)
        connect = bool(self.outstanding) and self.outstanding[0] == b"CONNECT"
        found = super()._answer(r, ended)
        self.tunnelled = found.status == 101 or (connect and 200 <= found.status < 300)
        open_fields(r)
        return found

    def locate(self, a: Annotator, message: Any, name: str, key: str | None = None) -> Any:
        if isinstance(message, Octets):
            return located(name, "octets", message.data, places(a, TUNNEL))
        if isinstance(message, Announcement):
            return locate_announced(a, message, name)
        if name in ("forwarded", "via"):
            return locate_opened(super().locate(a, message, "header", name), message, name, key)
        return super().locate(a, message, name, key)


def read_octets(r: Reader) -> Octets:
    return Octets(r.rest(TUNNEL))


def open_fields(r: Reader) -> None:
    """Label what stands inside the values of the fields that proxies write."""
    if not isinstance(r, Annotator):
        return
    name = b""
    for span in r.leaves():
        if span.field is grammar.NAME and isinstance(span.value, bytes):
            name = span.value.lower()
        elif span.field is grammar.VALUE and name in OPENED and isinstance(span.value, bytes):
            inner = Annotator(span.value)
            try:
                OPENED[name](inner)
            except WireError:
                continue  # a value that does not follow its grammar is a value all the same
            r.spans.append(Span(span.first, span.past, INSIDE, span.value, False, inner))


def located(name: str, known: str, value: object, place: Place) -> tuple[Any, Place]:
    if name != known:
        raise KeyError(name)
    return value, place


def locate_announced(a: Annotator, message: Announcement, name: str) -> tuple[Any, Place]:
    """Where a part of a PROXY header stands; all of it where that part is not told."""
    if name not in Announcement.__slots__ or name in ("tlvs", "rest"):
        raise KeyError(name)
    wanted = name.replace("_", "-")
    leaves = [(s.start, s.end) for s in a.leaves() if s.field.name == wanted]
    whole = [(s.start, s.end) for s in a.spans if s.field is ANNOUNCEMENT]
    return getattr(message, name), leaves[:1] or whole[:1]


def locate_opened(
    header: tuple[Any, Place], message: Request | Response, name: str, key: str | None
) -> tuple[Any, Place]:
    """What Forwarded says under `key` (that of the last proxy), or who is in Via.

    None where it is not said or not readable.
    """
    value = combined(message.fields, name.encode())
    if value is None:
        return None, header[1]
    try:
        if name == "via":
            return [hop.by for hop in read_via(Reader(value))], header[1]
        return read_forwarded(Reader(value))[-1].get((key or "for").lower()), header[1]
    except WireError:
        return None, header[1]
