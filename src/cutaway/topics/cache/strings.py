"""Strings: octets of any kind, of which some happen to be numbers.

    SET a 41 EX 100        OK
    INCR a                 42        the string is read as a number, and written as one again
    APPEND a 0             3         "420"

The commonest commands, SET key value and GET key, come first and take the shortest way.

Left out: parts of strings (GETRANGE, SETRANGE), bits, and numbers with a fraction.
"""

from __future__ import annotations

from .client import Client
from .replies import (
    OK,
    ONE,
    OVERFLOW,
    SYNTAX,
    TOO_LONG,
    ZERO,
    Failure,
    array,
    integer,
    number,
    wrong_count,
)

Words = tuple[bytes, ...]

MOST = 512 << 20  # octets of a string
LATEST = (1 << 63) - 1  # milliseconds


def get(client: Client, words: Words) -> bytes:
    """The value of a key"""
    value = client.space.string(words[1])
    return client.nil() if value is None else b"$%d\r\n%b\r\n" % (len(value), value)


def set_(client: Client, words: Words) -> bytes:
    """Give a key a value, whatever it held"""
    if len(words) == 3:
        client.space.store(words[1], words[2])
        return OK
    return set_with_options(client, words)


def set_with_options(client: Client, words: Words) -> bytes:
    space, key, value = client.space, words[1], words[2]
    flags, end = options(client, words, 3)
    old = space.find(key)
    if b"GET" in flags and old is not None and type(old) is not bytes:
        space.string(key)  # raises
    answer = client.bulk(old if type(old) is bytes else None) if b"GET" in flags else OK
    if (b"NX" in flags and old is not None) or (b"XX" in flags and old is None):
        return answer if b"GET" in flags else client.nil()
    kept = space.ends.get(key) if b"KEEPTTL" in flags else None
    space.store(key, value)
    if end is not None or kept is not None:
        give_end(client, key, end if end is not None else kept or 0)
    client.server.log_as(end_in_log(words, end))
    return answer


def end_in_log(words: Words, end: int | None) -> Words:
    """The command as the log has it: a lifetime as the moment at which it ends, no conditions."""
    if end is not None:
        return b"SET", words[1], words[2], b"PXAT", b"%d" % end
    keep = [b"KEEPTTL"] if any(word.upper() == b"KEEPTTL" for word in words[3:]) else []
    return (b"SET", words[1], words[2], *keep)


def give_end(client: Client, key: bytes, end: int) -> None:
    """A lifetime that may be over already."""
    client.space.live_until(key, end)
    client.space.is_over(key)


UNITS = {b"EX": (1000, False), b"PX": (1, False), b"EXAT": (1000, True), b"PXAT": (1, True)}
TOGETHER = ({b"NX", b"XX"}, {*UNITS, b"KEEPTTL"})


def options(client: Client, words: Words, at: int) -> tuple[set[bytes], int | None]:
    """The options of SET from one word on, and the end of the lifetime that they give."""
    flags, asked = set[bytes](), None
    while at < len(words):
        option = words[at].upper()
        if option not in (b"NX", b"XX", b"GET", b"KEEPTTL", *UNITS):
            raise SYNTAX
        flags.add(option)
        if any(len(flags & group) > 1 for group in TOGETHER):
            raise SYNTAX
        if option in UNITS:
            at += 1
            if at == len(words):
                raise SYNTAX
            asked = words[at], *UNITS[option]  # said twice, the last one counts
        at += 1
    if asked is None:
        return flags, None
    amount, unit, absolute = asked
    return flags, moment(client, number(amount), unit, absolute, name=b"set")


def moment(client: Client, amount: int, unit: int, absolute: bool, name: bytes) -> int:
    """When a lifetime ends that has to be above 0, in milliseconds since 1970."""
    end = amount * unit + (0 if absolute else client.space.clock.now())
    if amount <= 0 or end > LATEST:
        raise Failure(b"ERR invalid expire time in '%b' command" % name)
    return end


def setex(client: Client, words: Words) -> bytes:
    """Give a key a value and a lifetime in seconds"""
    return set_for(client, words, 1000, b"setex")


def psetex(client: Client, words: Words) -> bytes:
    """Give a key a value and a lifetime in milliseconds"""
    return set_for(client, words, 1, b"psetex")


def set_for(client: Client, words: Words, unit: int, name: bytes) -> bytes:
    end = moment(client, number(words[2]), unit, False, name)
    client.space.store(words[1], words[3])
    give_end(client, words[1], end)
    client.server.log_as((b"SET", words[1], words[3], b"PXAT", b"%d" % end))
    return OK


def setnx(client: Client, words: Words) -> bytes:
    """Give a key a value if it has none"""
    if client.space.find(words[1]) is not None:
        return ZERO
    client.space.store(words[1], words[2])
    return ONE


def getset(client: Client, words: Words) -> bytes:
    """Give a key a value and answer what it was"""
    old = client.space.string(words[1])
    client.space.store(words[1], words[2])
    return client.bulk(old)


def getdel(client: Client, words: Words) -> bytes:
    """Remove a key and answer what it was"""
    old = client.space.string(words[1])
    if old is not None:
        client.space.remove(words[1])
    return client.bulk(old)


def mget(client: Client, words: Words) -> bytes:
    """The values of several keys"""
    found = [client.space.find(key) for key in words[1:]]
    return array([client.bulk(value if type(value) is bytes else None) for value in found])


def mset(client: Client, words: Words) -> bytes:
    """Give several keys a value each"""
    if len(words) % 2 == 0:
        raise wrong_count(b"mset")
    for key, value in zip(words[1::2], words[2::2], strict=True):
        client.space.store(key, value)
    return OK


def append(client: Client, words: Words) -> bytes:
    """Put octets behind a value"""
    value = (client.space.string(words[1]) or b"") + words[2]
    if len(value) > MOST:
        raise TOO_LONG
    client.space.replace(words[1], value)
    return integer(len(value))


def strlen(client: Client, words: Words) -> bytes:
    """How many octets a value has"""
    return integer(len(client.space.string(words[1]) or b""))


def incr(client: Client, words: Words) -> bytes:
    """Add one to a number"""
    return add(client, words[1], 1)


def decr(client: Client, words: Words) -> bytes:
    """Take one from a number"""
    return add(client, words[1], -1)


def incrby(client: Client, words: Words) -> bytes:
    """Add to a number"""
    return add(client, words[1], number(words[2]))


def decrby(client: Client, words: Words) -> bytes:
    """Take from a number"""
    amount = number(words[2])
    if amount == -(1 << 63):
        raise Failure("ERR decrement would overflow")
    return add(client, words[1], -amount)


def add(client: Client, key: bytes, amount: int) -> bytes:
    """spec    Valkey commands §INCR"""
    value = client.space.string(key)
    total = (number(value) if value is not None else 0) + amount
    if not -(1 << 63) <= total < 1 << 63:
        raise OVERFLOW
    client.space.replace(key, b"%d" % total)
    return integer(total)
