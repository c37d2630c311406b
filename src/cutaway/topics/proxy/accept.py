"""Whether a request may be passed on at all, and what the proxy says where it may not.

What a server has to refuse is refused here, so that it never reaches an upstream: behind a proxy
that lets two readings of the same octets through, the one that reads them the other way is the
victim. Each question is one function; the first that says no ends the connection.

    GET / HTTP/1.1␍␊Host: a␍␊Host: b␍␊␍␊        400: for whom?
    CONNECT a:80 …                                   403: not in the list

Left out: who is asking. There is no authentication here.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from functools import lru_cache

from ...wire import Malformed, Refused, WireError
from ..http1.codec import Fields, grammar, words

# Spec: RFC 3986 §3.2.2, §3.2.3; an empty host is allowed in the field (RFC 9112 §3.2).
HOST = re.compile(
    rb"(?:\[[0-9A-Fa-f:.]++\]|(?:[0-9A-Za-z\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*+)(?::[0-9]*+)?"
)
# No user information: "http://allowed@elsewhere/" is made to be misread. Spec: RFC 9110 §4.2.4.
ABSOLUTE = re.compile(rb"(?i:(https?))://([^/?#@]++)([/?][^#]*+|)")
AUTHORITY = re.compile(rb"(\[[0-9A-Fa-f:.]++\]|[0-9A-Za-z._-]++):([0-9]{1,5})")


class Refusal(Exception):
    """The answer to a request that is not passed on. The connection ends behind it."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(status, sentence)
        self.status, self.sentence = status, sentence


def index(fields: Fields) -> dict[bytes, bytes]:
    """Names in lower case → values; repeated ones joined by comma and space.

    spec    RFC 9110 §5.1, §5.3
    """
    found = {name.lower(): value for name, value in fields}
    return found if len(found) == len(fields) else join(fields)


def join(fields: Fields) -> dict[bytes, bytes]:
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


def check_host(old: bool, host: bytes | None) -> None:
    """Exactly one Host, in HTTP/1.1. Two of them, joined by `index`, are no valid host.

    spec    RFC 9112 §3.2
    """
    if host is None:
        if not old:
            raise Refusal(400, "A request of HTTP/1.1 has to name its Host.")
    elif not is_host(host):
        raise Refusal(400, "There has to be one Host, and it has to be a host.")


@lru_cache(maxsize=64)
def is_host(value: bytes) -> bool:
    """spec    RFC 3986 §3.2.2, §3.2.3"""
    return HOST.fullmatch(value) is not None


def check_codings(fields: Mapping[bytes, bytes]) -> None:
    """Whether every transfer coding can be undone here.

    spec    RFC 9112 §6.1
    """
    if words(fields.get(b"transfer-encoding", b"chunked")) != (b"chunked",):
        raise Refusal(501, "The only transfer coding that is understood here is chunked.")


def read_target(method: bytes, target: bytes) -> tuple[bytes, bytes]:
    """Authority and path of a target, as they came. What has none of the four forms is refused.

    The authority is b"" where Host has to say it; the path keeps its query.
    spec    RFC 9112 §3.2
    """
    if method == b"CONNECT":
        if not AUTHORITY.fullmatch(target):
            raise Refusal(400, "The target of CONNECT is HOST:PORT.")
        return target, b""
    if target.startswith(b"/") and b"#" not in target:
        return b"", target
    if target == b"*" and method == b"OPTIONS":
        return b"", target
    found = ABSOLUTE.fullmatch(target)
    if found is None or not is_host(found[2]):
        raise Refusal(400, "The target is no path and no http address.")
    return found[2], found[3] if found[3].startswith(b"/") else b"/" + found[3]


def hops_left(method: bytes, fields: Mapping[bytes, bytes]) -> int | None:
    """How many more proxies may pass on an OPTIONS or TRACE; None where that is not limited.

    spec    RFC 9110 §7.6.2
    """
    said = fields.get(b"max-forwards")
    if said is None or method not in (b"OPTIONS", b"TRACE"):
        return None
    return int(said) if said.isdigit() and len(said) < 10 else None


def is_last(old: bool, connection: bytes | None) -> bool:
    """Whether the sender wants its connection to end behind this message.

    spec    RFC 9112 §9.3
    """
    if connection is None:
        return old
    options = words(connection)
    return b"close" in options or (old and b"keep-alive" not in options)


def refused(error: WireError) -> Refusal:
    """The answer to octets that cannot be read as a request, or not within the limits.

    spec    RFC 9110 §15.5.14, §15.5.15; RFC 6585 §5
    """
    if isinstance(error, Malformed):
        return Refusal(400, f"{error} ({error.spec})")
    assert isinstance(error, Refused)
    return Refusal(TOO_MUCH.get(error.field, 400), str(error))


TOO_MUCH = {
    grammar.TARGET: 414,
    grammar.HEADERS: 431,
    grammar.LENGTH: 413,
    grammar.SIZE: 413,
}


def own_answer(
    status: int, sentence: str, method: bytes, connection: bytes, fields: bytes = b""
) -> bytes:
    """An answer of the proxy itself: a line for a person to read.

    connection  what has to be said of the connection, a field line or nothing
    fields      more field lines
    """
    reason = grammar.STATUSES[status].encode()
    body = b"" if method == b"HEAD" else sentence.encode() + b"\n"
    return b"HTTP/1.1 %d %s\r\n%s%s%sContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s" % (
        *(status, reason, date_line(), connection, fields),
        *(len(sentence.encode()) + 1, body),
    )


def date_line() -> bytes:
    """The Date field of now.

    spec    RFC 9110 §6.6.1
    """
    return date_of(int(time.time()))


WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@lru_cache(maxsize=4)
def date_of(second: int) -> bytes:
    """IMF-fixdate, in English whatever the locale is.

    spec    RFC 9110 §5.6.7
    """
    t = time.gmtime(second)
    day, month = WEEKDAYS[t.tm_wday], MONTHS[t.tm_mon - 1]
    clock = f"{t.tm_hour:02}:{t.tm_min:02}:{t.tm_sec:02}"
    return f"Date: {day}, {t.tm_mday:02} {month} {t.tm_year:04} {clock} GMT\r\n".encode()
