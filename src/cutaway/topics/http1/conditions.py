"""Fields that make a request depend on the state of its target, and that choose a part or a coding.

    If-Match          do it only if nobody changed it: the guard against a lost update
    If-None-Match     send it only if it changed: what makes a cache cheap
    Range, If-Range   send a part, if it is still a part of the same thing
    Accept-Encoding   send it compressed

Pure functions of the field values: no file, no clock.

Left out: several ranges in one answer (multipart/byteranges). Such a Range is ignored, as
RFC 9110 §14.2 allows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

Fields = Mapping[bytes, bytes]

ETAG = re.compile(rb'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
RANGE = re.compile(rb"(?i:bytes)=[ \t]*([0-9]{0,100})-([0-9]{0,100})[ \t]*")
CODING = re.compile(
    rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?:[ \t]*;[ \t]*[qQ]=([01](?:\.[0-9]{0,3})?))?", re.DOTALL
)


class State(NamedTuple):
    """What a target is now: its entity tags (the one to be sent first) and when it changed."""

    etags: tuple[bytes, ...]
    modified: int


def precondition(method: bytes, fields: Fields, now: State | None) -> int | None:
    """412 or 304 where a condition says so, None to go on. `now`: None for what does not exist.

    spec    RFC 9110 §13.2.2
    """
    if failed_match(fields, now):
        return 412
    if b"if-none-match" in fields:
        if none_match(fields[b"if-none-match"], now):
            return None
        return 304 if method in (b"GET", b"HEAD") else 412
    if method in (b"GET", b"HEAD") and not_modified_since(fields, now):
        return 304
    return None


def failed_match(fields: Fields, now: State | None) -> bool:
    """Whether If-Match, or If-Unmodified-Since where there is no If-Match, forbids to go on.

    spec    RFC 9110 §13.1.1, §13.1.4
    """
    if b"if-match" in fields:
        return not matches(fields[b"if-match"], now)
    since = date(fields.get(b"if-unmodified-since"))
    return since is not None and now is not None and now.modified > since


def matches(value: bytes, now: State | None) -> bool:
    """Whether the target is in one of these states, compared strongly: a weak tag never is.

    spec    RFC 9110 §13.1.1, §8.8.3.2
    """
    if now is None:
        return False
    if value.strip() == b"*":
        return True
    return any(tag in now.etags for tag in ETAG.findall(value))


def none_match(value: bytes, now: State | None) -> bool:
    """Whether the target is in none of these states, compared weakly.

    spec    RFC 9110 §13.1.2, §8.8.3.2
    """
    if now is None:
        return True
    if value.strip() == b"*":
        return False
    return strong(now.etags[0]) not in map(strong, ETAG.findall(value))


def strong(etag: bytes) -> bytes:
    return etag.removeprefix(b"W/")


def not_modified_since(fields: Fields, now: State | None) -> bool:
    """spec    RFC 9110 §13.1.3"""
    since = date(fields.get(b"if-modified-since"))
    return since is not None and now is not None and now.modified <= since


def date(value: bytes | None) -> int | None:
    """Seconds since 1970; None for no date or one that cannot be read, which is ignored."""
    if value is None:
        return None
    from email.utils import parsedate_to_datetime  # late: most requests have no date

    try:
        return int(parsedate_to_datetime(value.decode("ascii")).timestamp())
    except (ValueError, OverflowError):
        return None


def wanted_range(fields: Fields, now: State, size: int) -> tuple[int, int] | None:
    """The one range that is asked for, as (first, past); None for the whole.

    raises  Unsatisfiable where no octet of it exists
    spec    RFC 9110 §14.1.2, §14.2
    """
    found = RANGE.fullmatch(fields.get(b"range", b""))
    if found is None or not range_still_holds(fields.get(b"if-range"), now):
        return None
    first, last = found.groups()
    if not first:
        return suffix(last, size)
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise Unsatisfiable
    return int(first), min(int(last) + 1, size) if last else size


class Unsatisfiable(Exception):
    """The range has no octet of the target."""


def suffix(length: bytes, size: int) -> tuple[int, int] | None:
    """`-5`: the last five octets, or all of them where there are fewer."""
    if not length:
        return None
    if int(length) == 0:
        raise Unsatisfiable
    if size == 0:
        return None  # nothing to send, and no Content-Range could say so
    return max(0, size - int(length)), size


def range_still_holds(value: bytes | None, now: State) -> bool:
    """Whether If-Range lets Range count: the tag is the same, strongly, or the date exactly.

    spec    RFC 9110 §13.1.5
    """
    if value is None:
        return True
    if value.startswith((b'"', b"W/")):
        return value == now.etags[0]
    return date(value) == now.modified


def accepts_gzip(value: bytes | None) -> bool:
    """Whether gzip is wanted: its weight, or that of `*`, is not 0, nor less than identity's.

    spec    RFC 9110 §12.5.3
    """
    if value is None:
        return False
    weights = {coding.lower(): float(q or 1) for coding, q in CODING.findall(value)}
    gzip = weights.get(b"gzip", weights.get(b"x-gzip", weights.get(b"*", 0.0)))
    return gzip > 0 and gzip >= weights.get(b"identity", 0.0)
