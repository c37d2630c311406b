"""Whether a request whose head was read may be served at all.

Each question is one function, and the first that says no ends the connection: once one of these is
wrong, the next octet on the connection may belong to anything.

Left out: who is asking. There is no authentication here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from ...wire import Malformed, Refused, WireError
from . import grammar
from .answer import Answer, text
from .framing import words
from .target import HOST, BadTarget


class Refusal(Exception):
    """The answer to a request that is not served. The connection ends behind it."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(status, sentence)
        self.answer = text(status, sentence)


def index(fields: Sequence[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Names in lower case → values; repeated ones joined by comma and space.

    spec    RFC 9110 §5.1, §5.3
    """
    found = {name.lower(): value for name, value in fields}
    return found if len(found) == len(fields) else join(fields)


def join(fields: Sequence[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """The same, where names are repeated."""
    found: dict[bytes, list[bytes]] = {}
    for name, value in fields:
        found.setdefault(name.lower(), []).append(value)
    return {name: b", ".join(values) for name, values in found.items()}


def is_old(version: bytes) -> bool:
    """Whether the client speaks HTTP/1.0. Any later minor version of 1 is answered as 1.1 is.

    spec    RFC 9110 §6.2, §15.6.6
    """
    if not version.startswith(b"HTTP/1."):
        raise Refusal(505, "Only HTTP/1.0 and HTTP/1.1 are spoken here.")
    return version == b"HTTP/1.0"


def check_host(old: bool, fields: Mapping[bytes, bytes]) -> None:
    """Exactly one Host, in HTTP/1.1. Two of them, joined by `index`, are no valid host.

    spec    RFC 9112 §3.2
    """
    host = fields.get(b"host")
    if host is None:
        if not old:
            raise Refusal(400, "A request of HTTP/1.1 has to name its Host.")
    elif not is_host(host):
        raise Refusal(400, "There has to be one Host, and it has to be a host.")


@lru_cache(maxsize=64)
def is_host(value: bytes) -> bool:
    """spec    RFC 3986 §3.2.2, §3.2.3"""
    return HOST.fullmatch(value) is not None


def bad_target(method: bytes, problem: BadTarget) -> Refusal:
    """What to say about a target that follows none of the forms."""
    if method == b"CONNECT":
        return Refusal(501, "This server makes no tunnels.")
    return Refusal(400, str(problem))


def check_codings(fields: Mapping[bytes, bytes]) -> None:
    """Whether every transfer coding can be undone here.

    spec    RFC 9112 §6.1
    """
    if words(fields.get(b"transfer-encoding", b"chunked")) != (b"chunked",):
        raise Refusal(501, "The only transfer coding that is understood here is chunked.")


def check_expect(fields: Mapping[bytes, bytes]) -> None:
    """100-continue is the only expectation that there is.

    spec    RFC 9110 §10.1.1
    """
    if fields.get(b"expect", b"100-continue").lower() != b"100-continue":
        raise Refusal(417, "The only expectation that can be met here is 100-continue.")


def is_last(old: bool, fields: Mapping[bytes, bytes]) -> bool:
    """Whether the client wants the connection to end behind the answer.

    spec    RFC 9112 §9.3
    """
    value = fields.get(b"connection")
    if value is None:
        return old
    options = words(value)
    if b"close" in options:
        return True
    return old and b"keep-alive" not in options


def refused(error: WireError) -> Answer:
    """The answer to octets that cannot be read as a request, or not within the limits.

    spec    RFC 9110 §15.5.14, §15.5.15; RFC 6585 §5
    """
    if isinstance(error, Malformed):
        return text(400, f"{error} ({error.spec})")
    assert isinstance(error, Refused)
    return text(TOO_MUCH.get(error.field, 400), str(error))


TOO_MUCH = {
    grammar.TARGET: 414,
    grammar.HEADERS: 431,
    grammar.LENGTH: 413,
    grammar.SIZE: 413,
}
