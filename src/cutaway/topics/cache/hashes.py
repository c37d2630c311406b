"""Hashes: fields with a value each, under one key.

    HSET user:7 name Ada born 1815      2
    HGETALL user:7                      ["name", "Ada", "born", "1815"]; in RESP3 a map

Left out: lifetimes of single fields.
"""

from __future__ import annotations

from .client import Client
from .keyspace import ITEM, Hash
from .replies import NOT_INTEGER as NO_NUMBER
from .replies import (
    OVERFLOW,
    ZERO,
    Failure,
    array,
    bulk,
    bulks,
    fixed,
    integer,
    number,
    wrong_count,
)

Words = tuple[bytes, ...]

NOT_INTEGER = fixed("ERR hash value is not an integer")


def hset(client: Client, words: Words) -> bytes:
    """Give fields a value each; how many are new"""
    if len(words) % 2:
        raise wrong_count(words[0])
    return integer(put(client, words[1], dict(zip(words[2::2], words[3::2], strict=True))))


def put(client: Client, key: bytes, fields: Hash) -> int:
    found = client.space.make(key, dict)
    new, grown = 0, 0
    for field, value in fields.items():
        old = found.get(field)
        if old is None:
            new += 1
            grown += len(field) + len(value) + 2 * ITEM
        else:
            grown += len(value) - len(old)
        found[field] = value
    client.space.grew(key, grown)
    return new


def hget(client: Client, words: Words) -> bytes:
    """The value of a field"""
    found = client.space.kind(words[1], dict)
    return client.bulk(found.get(words[2]) if found is not None else None)


def hmget(client: Client, words: Words) -> bytes:
    """The values of several fields"""
    found: Hash = client.space.kind(words[1], dict) or {}
    return array([client.bulk(found.get(field)) for field in words[2:]])


def hdel(client: Client, words: Words) -> bytes:
    """Remove fields; how many there were"""
    found = client.space.kind(words[1], dict)
    if found is None:
        return ZERO
    gone = {field: found.pop(field) for field in words[2:] if field in found}
    if gone:
        octets = sum(map(len, gone)) + sum(map(len, gone.values()))
        client.space.grew(words[1], -octets - 2 * ITEM * len(gone))
    return integer(len(gone))


def hlen(client: Client, words: Words) -> bytes:
    """How many fields there are"""
    return integer(len(client.space.kind(words[1], dict) or ()))


def hexists(client: Client, words: Words) -> bytes:
    """Whether there is a field"""
    return integer(words[2] in (client.space.kind(words[1], dict) or ()))


def hgetall(client: Client, words: Words) -> bytes:
    """All fields and their values"""
    found: Hash = client.space.kind(words[1], dict) or {}
    return client.map((bulk(field), bulk(value)) for field, value in found.items())


def hkeys(client: Client, words: Words) -> bytes:
    """All fields"""
    return bulks(client.space.kind(words[1], dict) or ())


def hvals(client: Client, words: Words) -> bytes:
    """All values"""
    found: Hash = client.space.kind(words[1], dict) or {}
    return bulks(found.values())


def hincrby(client: Client, words: Words) -> bytes:
    """Add to the number in a field"""
    amount = number(words[3])
    found: Hash = client.space.kind(words[1], dict) or {}
    try:
        total = number(found.get(words[2], b"0")) + amount
    except Failure as failure:
        raise NOT_INTEGER if isinstance(failure, NO_NUMBER) else failure from None
    if not -(1 << 63) <= total < 1 << 63:
        raise OVERFLOW
    put(client, words[1], {words[2]: b"%d" % total})
    return integer(total)
