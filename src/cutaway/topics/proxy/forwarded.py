"""Fields that proxies write: Forwarded, Via, X-Forwarded-For.

    Forwarded: for=192.0.2.7;proto=https;host=shop.example, for="[2001:db8::17]:4711"
               └──────────── element ─────────────────────┘  └──── element ────────┘
    Via: 1.0 fred, 1.1 cutaway
    X-Forwarded-For: 192.0.2.7, 198.51.100.4

Each proxy adds to the right end. So the leftmost entry is what the client said, or what whoever was
first to be trusted has seen, and nothing in the value tells the two apart.

    spec    RFC 7239 §4, §6; RFC 9110 §7.6.3

Left out: which entries to believe. That is decided by who may reach this listener, not by a parser.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ...wire import Field, Reader, Shape
from ..http1.codec import grammar

TOKEN, QUOTED = grammar.TOKEN, grammar.QUOTED

PARAMETERS = grammar.Named(
    "a parameter that is not registered",
    {
        b"by": "the interface at which the proxy got the request",
        b"for": "who made the request, to the proxy that wrote this",
        b"host": "the Host field as the proxy got it",
        b"proto": "the protocol with which the request was made",
    },
)
F = "RFC 7239 §4"
NAME = Field("parameter", PARAMETERS, F)
EQUALS = Field("equals", "between a parameter and its value", F)
VALUE = Field("value", "a token, or anything in quotes: an IPv6 address has to be quoted", F)
SEMICOLON = Field("semicolon", "between the parameters of one proxy", F)
COMMA = Field("comma", "between what one proxy wrote and what the next one did", F)
ELEMENT = Field("forwarded-element", "what one proxy wrote", F)

V = "RFC 9110 §7.6.3"
PROTOCOL = Field("received-protocol", "the version that this proxy was spoken to in", V)
BY = Field("received-by", "the proxy: a host, or a name for one", V)
SPACE = Field("white-space", "between the parts of an entry", V)
COMMENT = Field("comment", "what the proxy is; for people", V)
VIA_COMMA = Field("comma", "between one proxy and the next", V)

X = "RFC 7239 §7.4"
ADDRESS = Field("address", "who made the request, as the sender of the field says", X)
X_COMMA = Field("comma", "each proxy adds to the right end", X)

PAIR = Shape(rb"(%s)(=)(%s|%s)" % (TOKEN, TOKEN, QUOTED), NAME, EQUALS, VALUE, keep=(1, 3))
NEXT_PAIR = Shape(rb"(;)", SEMICOLON)
NEXT_ELEMENT = Shape(rb"([ \t]*+,[ \t]*+)", COMMA)
HOP = Shape(
    rb"((?:%s/)?%s)([ \t]++)([^ \t,()]++)([ \t]*+)(\([^()]*+\)|)" % (TOKEN, TOKEN),
    *(PROTOCOL, SPACE, BY, SPACE, COMMENT),
    keep=(1, 3),
)
NEXT_HOP = Shape(rb"([ \t]*+,[ \t]*+)", VIA_COMMA)
ONE_ADDRESS = Shape(rb"([^ \t,]++)", ADDRESS)
NEXT_ADDRESS = Shape(rb"([ \t]*+,[ \t]*+)", X_COMMA)
ESCAPED = re.compile(rb"\\(.)", re.DOTALL)


class Hop(NamedTuple):
    """One entry of Via: "1.1", "cutaway"."""

    protocol: bytes
    by: bytes


def read_forwarded(r: Reader) -> list[dict[str, bytes]]:
    """All of a value of Forwarded: for each proxy its parameters, names in lower case, unquoted.

    raises  Malformed
    spec    RFC 7239 §4
    """
    elements = [read_element(r)]
    while r.match(NEXT_ELEMENT):
        elements.append(read_element(r))
    check_end(r, NAME, "a parameter, = and its value have to stand here")
    return elements


def read_element(r: Reader) -> dict[str, bytes]:
    start, found = r.pos, dict[str, bytes]()
    while True:
        pair = r.match(PAIR)
        if pair is not None:
            name = pair[0].decode().lower()
            if name in found:
                raise r.fail(NAME, r.pos, 0, "a parameter stands once in an element")
            found[name] = unquoted(pair[1])
        if not r.match(NEXT_PAIR):
            break
    r.group(ELEMENT, start, found)
    return found


def unquoted(value: bytes) -> bytes:
    """What a token or a quoted string stands for.

    spec    RFC 9110 §5.6.4
    """
    return ESCAPED.sub(rb"\1", value[1:-1]) if value.startswith(b'"') else value


def read_via(r: Reader) -> list[Hop]:
    """All of a value of Via.

    raises  Malformed
    spec    RFC 9110 §7.6.3
    """
    hops = []
    while hop := r.match(HOP):
        hops.append(Hop(*hop))
        if not r.match(NEXT_HOP):
            break
    check_end(r, PROTOCOL, "a version and who received it have to stand here")
    return hops


def read_addresses(r: Reader) -> list[bytes]:
    """All of a value of X-Forwarded-For, which no document defines: addresses, with commas."""
    found = []
    while one := r.match(ONE_ADDRESS):
        found.append(one[0])
        if not r.match(NEXT_ADDRESS):
            break
    check_end(r, ADDRESS, "an address has to stand here")
    return found


def check_end(r: Reader, field: Field, why: str) -> None:
    if r.pos < len(r.data):
        raise r.fail(field, r.pos, 16, why)
