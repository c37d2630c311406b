"""What a request is asked of: the target, taken apart and decoded.

    /files/a%2Fb?x=1&y=  →  segments ["files", "a/b"], query {"x": "1", "y": ""}

The order of the steps is the point. The path is split at its slashes first and each segment decoded
then, once: an encoded slash is part of a name, `%2e%2e` is the name `..`, and `%2541` is `%41`.

    origin-form     /echo/alpha?x=1                     the common one
    absolute-form   http://127.0.0.1/echo/alpha?x=1     has to be accepted
    asterisk-form   *                                   only with OPTIONS: the server as a whole
    authority-form  127.0.0.1:80                        only with CONNECT, which is not served here

Left out: normalising. `..` as a segment is a name like any other, and no file has it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

PCHAR = rb"(?:[0-9A-Za-z\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})"
PATH = rb"(?:/%s*+)++" % PCHAR
QUERY = rb"(?:%s|[/?])*+" % PCHAR

ORIGIN_FORM = re.compile(rb"(%s)(?:\?(%s))?" % (PATH, QUERY))
ABSOLUTE_FORM = re.compile(
    rb"(?i:https?)://([0-9A-Za-z\-._~!$&'()*+,;=:@%%\[\]]++)(%s)?(?:\?(%s))?" % (PATH, QUERY)
)
# Spec: RFC 3986 §3.2.2, §3.2.3; an empty host is allowed in the field (RFC 9112 §3.2).
HOST = re.compile(
    rb"(?:\[[0-9A-Fa-f:.]++\]|(?:[0-9A-Za-z\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*+)(?::[0-9]*+)?"
)
ENCODED = re.compile(rb"%([0-9A-Fa-f]{2})")


class BadTarget(ValueError):
    """One sentence on a target that follows none of the four forms."""


class Target(NamedTuple):
    """Decoded segments behind the first slash, and the query as it came."""

    segments: list[bytes]
    query: bytes = b""


WHOLE_SERVER = Target([b"*"])


def read_target(method: bytes, target: bytes) -> Target:
    """Take a target apart.

    raises  BadTarget
    spec    RFC 9112 §3.2, RFC 3986 §3.3, §3.4
    """
    found = ORIGIN_FORM.fullmatch(target)
    if found is not None:
        path, query = found.groups()
        return Target(split(path), query or b"")
    if target == b"*" and method == b"OPTIONS":
        return WHOLE_SERVER
    return read_absolute(target)


def read_absolute(target: bytes) -> Target:
    """The absolute-form: its host is not looked at, since this server has one site only."""
    found = ABSOLUTE_FORM.fullmatch(target)
    if found is None:
        raise BadTarget(f"the target is no path and no http address: {target[:60]!r}")
    _, path, query = found.groups()
    return Target(split(path or b"/"), query or b"")


def split(path: bytes) -> list[bytes]:
    """The segments of a path, decoded after they were split."""
    segments = path.split(b"/")[1:]
    return [decode(one) for one in segments] if b"%" in path else segments


def decode(text: bytes) -> bytes:
    """Percent-decode, once. A plus sign is a plus sign.

    spec    RFC 3986 §2.1
    """
    return ENCODED.sub(lambda found: bytes([int(found[1], 16)]), text)


def number_in(query: bytes, name: bytes, most: int) -> int | None:
    """The number that `name` has in a query, 0 to `most`; None when it has no such one."""
    for pair in query.split(b"&"):
        key, _, value = pair.partition(b"=")
        if decode(key) == name and re.fullmatch(rb"[0-9]{1,9}", value) and int(value) <= most:
            return int(value)
    return None
