"""Keys whatever they hold, and how long they live.

    EXPIRE a 100       1         from now on, in seconds; PEXPIRE in milliseconds
    TTL a              100       rounded: 99,600 milliseconds are 100 seconds
    PTTL a             99998
    PERSIST a          1         for ever again
    TTL a              -1        it has no end; -2 would be: there is no such key

Lifetimes are kept as moments, and so they stand in the log.

Left out: COPY, SORT, DUMP and RESTORE, and the options of KEYS that there are none of.
"""

from __future__ import annotations

from collections import deque

from .client import Client
from .glob import matching
from .replies import (
    NO_KEY,
    OK,
    ONE,
    SYNTAX,
    ZERO,
    Failure,
    array,
    bulk,
    bulks,
    integer,
    number,
)
from .sortedset import Sorted

Words = tuple[bytes, ...]

KINDS: dict[type, bytes] = {
    bytes: b"string",
    deque: b"list",
    dict: b"hash",
    set: b"set",
    Sorted: b"zset",
}
SCAN_COUNT = 10
LATEST = (1 << 63) - 1  # milliseconds


def del_(client: Client, words: Words) -> bytes:
    """Remove keys; how many there were"""
    return integer(sum([client.space.remove(key) for key in words[1:]]))


def exists(client: Client, words: Words) -> bytes:
    """How many of these keys there are; one that is named twice counts twice"""
    return integer(sum([client.space.find(key) is not None for key in words[1:]]))


def type_(client: Client, words: Words) -> bytes:
    """What kind of value a key holds"""
    value = client.space.find(words[1])
    return b"+%b\r\n" % (b"none" if value is None else KINDS[type(value)])


def rename(client: Client, words: Words) -> bytes:
    """Give a key another name"""
    if client.space.find(words[1]) is None:
        raise NO_KEY
    if words[1] != words[2]:
        client.space.move(words[1], words[2])
    return OK


def keys(client: Client, words: Words) -> bytes:
    """All keys that match a pattern"""
    pattern = words[1]
    if pattern == b"*":
        return bulks(client.space.every_key())
    matches = matching(pattern)
    return bulks([key for key in client.space.every_key() if matches(key)])


def scan(client: Client, words: Words) -> bytes:
    """Some keys, and a cursor that leads to more

    What the cursor says is told in scans.py: a key that is there all the time is met.
    """
    if not words[1].isdigit() or len(words[1]) > 20:
        raise Failure("ERR invalid cursor")
    count, matches, kind = SCAN_COUNT, None, b""
    for option, value in zip(words[2::2], words[3::2], strict=False):
        match option.upper():
            case b"COUNT":
                count = number(value)
                if count < 1:
                    raise SYNTAX
            case b"MATCH":
                matches = matching(value)
            case b"TYPE":
                kind = value.lower()
            case _:
                raise SYNTAX
    if len(words) % 2:
        raise SYNTAX
    cursor, found = client.server.scans.some(int(words[1]), count)
    values = client.space.values
    if matches is not None:
        found = [key for key in found if matches(key)]
    if kind:
        found = [key for key in found if KINDS[type(values[key])] == kind]
    found = [key for key in found if not client.space.is_over(key)]
    return array([bulk(b"%d" % cursor), bulks(found)])


def dbsize(client: Client, words: Words) -> bytes:
    """How many keys there are; those that are over and still there count"""
    return integer(len(client.space.values))


def flush(client: Client, words: Words) -> bytes:
    """Remove all keys"""
    if len(words) > 1 and words[1].upper() not in (b"SYNC", b"ASYNC"):
        raise SYNTAX
    client.space.clear()
    return OK


def expire(client: Client, words: Words) -> bytes:
    """Let a key live for so many seconds"""
    return live(client, words, 1000, False)


def pexpire(client: Client, words: Words) -> bytes:
    """Let a key live for so many milliseconds"""
    return live(client, words, 1, False)


def expireat(client: Client, words: Words) -> bytes:
    """Let a key live until a moment, in seconds since 1970"""
    return live(client, words, 1000, True)


def pexpireat(client: Client, words: Words) -> bytes:
    """Let a key live until a moment, in milliseconds since 1970"""
    return live(client, words, 1, True)


def live(client: Client, words: Words, unit: int, absolute: bool) -> bytes:
    """spec    Valkey commands §EXPIRE"""
    space, key, amount = client.space, words[1], number(words[2])
    flags = conditions(words[3:])
    end = amount * unit + (0 if absolute else space.clock.now())
    if abs(amount * unit) > LATEST or abs(end) > LATEST:
        raise Failure(b"ERR invalid expire time in '%b' command" % words[0].lower())
    if space.find(key) is None or not allowed(flags, space.ends.get(key), end):
        return ZERO
    if end <= space.clock.now():
        space.remove(key)
        client.server.log_as((b"DEL", key))
        return ONE
    space.live_until(key, end)
    space.changed(key)
    client.server.log_as((b"PEXPIREAT", key, b"%d" % end))
    return ONE


def conditions(options: Words) -> set[bytes]:
    """NX, XX, GT and LT of EXPIRE."""
    flags = {option.upper() for option in options}
    for option in options:
        if option.upper() not in (b"NX", b"XX", b"GT", b"LT"):
            raise Failure(b"ERR Unsupported option %b" % option)
    if b"NX" in flags and len(flags) > 1:
        raise Failure("ERR NX and XX, GT or LT options at the same time are not compatible")
    if {b"GT", b"LT"} <= flags:
        raise Failure("ERR GT and LT options at the same time are not compatible")
    return flags


def allowed(flags: set[bytes], old: int | None, end: int) -> bool:
    """Whether a lifetime may be set; none at all counts as longer than any."""
    if b"NX" in flags:
        return old is None
    if b"XX" in flags and old is None:
        return False
    if b"GT" in flags:
        return old is not None and end > old
    return b"LT" not in flags or old is None or end < old


def ttl(client: Client, words: Words) -> bytes:
    """How long a key still lives, in seconds"""
    return left(client, words[1], 1000, False)


def pttl(client: Client, words: Words) -> bytes:
    """How long a key still lives, in milliseconds"""
    return left(client, words[1], 1, False)


def expiretime(client: Client, words: Words) -> bytes:
    """When a key ends, in seconds since 1970"""
    return left(client, words[1], 1000, True)


def pexpiretime(client: Client, words: Words) -> bytes:
    """When a key ends, in milliseconds since 1970"""
    return left(client, words[1], 1, True)


def left(client: Client, key: bytes, unit: int, absolute: bool) -> bytes:
    """-1 without an end, -2 without a key."""
    space = client.space
    if space.find(key) is None:
        return integer(-2)
    end = space.ends.get(key)
    if end is None:
        return integer(-1)
    if absolute:
        return integer(end // unit)
    return integer((end - space.clock.now() + unit // 2) // unit)


def persist(client: Client, words: Words) -> bytes:
    """Let a key live for ever"""
    if client.space.find(words[1]) is None or not client.space.live_on(words[1]):
        return ZERO
    client.space.changed(words[1])
    return ONE
