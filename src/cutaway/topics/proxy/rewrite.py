"""What a proxy changes in a head, and nothing else.

    GET /a HTTP/1.1                        GET /a HTTP/1.1
    Host: shop.example                     Host: shop.example
    Connection: keep-alive, X-Mine         X-Other: kept
    X-Mine: for the proxy alone       ─▶   Via: 1.1 cutaway
    X-Forwarded-For: 10.0.0.1              X-Forwarded-For: 192.0.2.7
    X-Other: kept                          Forwarded: for=192.0.2.7;proto=http;host=shop.example

Most heads hold nothing that has to go. Their field lines are passed on as one slice of the octets
that came, which were checked to the last of them; only where a name is in GOES are they written
line by line.

Left out: the history. A chain of trusted proxies would append to Forwarded; this one trusts nobody
and begins it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache

from ..http1.codec import Fields, Framing, RequestHead, ResponseHead, words
from .accept import date_line

#: Fields that belong to one connection, whether Connection names them or not.
#: Spec: RFC 9110 §7.6.1.
ONE_CONNECTION = frozenset(
    {b"connection", b"proxy-connection", b"keep-alive", b"te", b"transfer-encoding", b"upgrade"}
)
#: What a client says about itself and nobody vouches for.
CLAIMS = frozenset({b"forwarded", b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host"})
GOES = ONE_CONNECTION | CLAIMS
#: Chunks are written as chunks again, unless the client knows none.
OF_ANSWERS = ONE_CONNECTION - {b"transfer-encoding"}
#: Connection cannot take these out: without them the message would be another one.
STAYS = frozenset({b"host", b"content-length", b"content-type", b"content-encoding", b"date"})
#: What frames the body is written by whoever writes the body.
FRAMING = frozenset({b"content-length", b"transfer-encoding"})

CHUNKED = b"Transfer-Encoding: chunked\r\n"
TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


@lru_cache(maxsize=256)
def goes(connection: bytes | None, always: frozenset[bytes]) -> frozenset[bytes]:
    """The names, in lower case, of what is not passed on: `always`, and what Connection names.

    spec    RFC 9110 §7.6.1
    """
    return always | (frozenset(words(connection or b"")) - STAYS)


def kept_lines(fields: Fields, without: Collection[bytes]) -> bytes:
    """Field lines but for some, written anew: white space around the values is not kept."""
    return b"".join([b"%s: %s\r\n" % field for field in fields if field[0].lower() not in without])


@lru_cache(maxsize=256)
def introduction(address: str, scheme: bytes, host: bytes, version: bytes) -> bytes:
    """Who asks, as the upstream is told, and by whom it was passed on.

    spec    RFC 7239 §4, §5, §6; RFC 9110 §7.6.3
    """
    node = address.encode()
    shown = b'"[%s]"' % node if b":" in node else node
    named = host if TOKEN.fullmatch(host) else b'"%s"' % host
    return (b"Via: %s cutaway\r\nX-Forwarded-For: %s\r\nForwarded: for=%s;proto=%s;host=%s\r\n") % (
        version[5:],
        node,
        shown,
        scheme,
        named,
    )


def request_head(
    head: RequestHead,
    target: bytes,
    lines: bytes,
    fields: Mapping[bytes, bytes],
    added: bytes,
    also_without: Collection[bytes] = (),
) -> bytes:
    """The head for the upstream.

    lines         the field lines as they came
    fields        what they say, by name in lower case
    added         lines of our own
    also_without  more names of fields that are not passed on
    """
    said = fields.get(b"content-length")
    if not GOES.isdisjoint(fields) or also_without or not (said is None or said.isdigit()):
        without = goes(fields.get(b"connection"), GOES)
        lines = kept_lines(head.fields, without | FRAMING | set(also_without))
        if b"transfer-encoding" in fields:
            lines += CHUNKED
        elif said is not None:
            lines += b"Content-Length: %s\r\n" % plain_length(said)
    return b"%s %s HTTP/1.1\r\n%s%s\r\n" % (head.method, target, lines, added)


def plain_length(value: bytes) -> bytes:
    """One length, where it was said several times over. That they agree has been checked."""
    return value.partition(b",")[0].strip()


def upgrade_lines(fields: Mapping[bytes, bytes]) -> bytes:
    """What asks for, or agrees to, another protocol on this connection.

    spec    RFC 9110 §7.8
    """
    return b"Connection: Upgrade\r\nUpgrade: %s\r\n" % fields[b"upgrade"]


def wants_upgrade(old: bool, fields: Mapping[bytes, bytes]) -> bool:
    """Whether Upgrade is meant: HTTP/1.0 has none, and Connection has to name it."""
    if old or b"upgrade" not in fields:
        return False
    return b"upgrade" in words(fields.get(b"connection", b""))


def answer_head(
    head: ResponseHead,
    lines: bytes,
    fields: Mapping[bytes, bytes],
    framing: bytes | None,
    connection: bytes,
) -> bytes:
    """The head for the client.

    framing     the line that says where the body ends; None: those that came say it
    connection  what has to be said of the client's connection, a field line or nothing
    """
    if framing is not None:
        without = goes(fields.get(b"connection"), ONE_CONNECTION)
        lines = kept_lines(head.fields, without | FRAMING) + framing
    elif not OF_ANSWERS.isdisjoint(fields):
        lines = kept_lines(head.fields, goes(fields.get(b"connection"), OF_ANSWERS))
    dated = b"" if b"date" in fields or head.status < 200 else date_line()
    return b"HTTP/1.1 %d %s\r\n%s%sVia: %s cutaway\r\n%s\r\n" % (
        *(head.status, head.reason, lines, dated),
        *(head.version[5:], connection),
    )


def framing_line(
    framing: Framing, fields: Mapping[bytes, bytes], to_chunks: bool, status: int
) -> bytes | None:
    """How the client is told where the body ends; None: as it came.

    spec    RFC 9112 §6.1, §6.3; RFC 9110 §8.6
    """
    if to_chunks:
        return None if framing.kind == "chunked" else CHUNKED
    if framing.kind == "length":
        said = fields[b"content-length"]
        return None if said.isdigit() else b"Content-Length: %s\r\n" % plain_length(said)
    if framing.kind == "none" and status != 204:
        return None
    return b""


def switching_head(head: ResponseHead, fields: Mapping[bytes, bytes]) -> bytes:
    """The head of 101 (Switching Protocols), which has to say what is spoken from here on.

    spec    RFC 9110 §15.2.2
    """
    without = goes(fields.get(b"connection"), ONE_CONNECTION)
    lines = kept_lines(head.fields, without | FRAMING)
    return answer_head(head, lines, {}, None, upgrade_lines(fields))
