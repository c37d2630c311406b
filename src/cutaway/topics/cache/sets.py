"""Sets: members without order, each once.

    SADD a x y         2
    SINTER a b         the members that are in both

Left out: storing what SINTER, SUNION and SDIFF find. SPOP draws from a list of all members that it makes
for the purpose, so it takes time with their number.
"""

from __future__ import annotations

import random

from .client import Client
from .keyspace import ITEM, Members
from .replies import ZERO, Failure, bulk, integer, number, wrong_count

Words = tuple[bytes, ...]


def sadd(client: Client, words: Words) -> bytes:
    """Put members in; how many are new"""
    members = client.space.make(words[1], set)
    new = set(words[2:]) - members
    members |= new
    if new:
        client.space.grew(words[1], sum(map(len, new)) + ITEM * len(new))
    return integer(len(new))


def srem(client: Client, words: Words) -> bytes:
    """Take members out; how many there were"""
    members = client.space.kind(words[1], set)
    if members is None:
        return ZERO
    return integer(take(client, words[1], members, members.intersection(words[2:])))


def take(client: Client, key: bytes, members: Members, gone: Members) -> int:
    members -= gone
    if gone:
        client.space.grew(key, -sum(map(len, gone)) - ITEM * len(gone))
    return len(gone)


def scard(client: Client, words: Words) -> bytes:
    """How many members there are"""
    return integer(len(client.space.kind(words[1], set) or ()))


def sismember(client: Client, words: Words) -> bytes:
    """Whether something is a member"""
    return integer(words[2] in (client.space.kind(words[1], set) or ()))


def smembers(client: Client, words: Words) -> bytes:
    """All members"""
    return client.set(tuple(client.space.kind(words[1], set) or ()))


def of(client: Client, words: Words) -> list[Members]:
    """The sets that a command names; one that is not there is empty."""
    return [client.space.kind(key, set) or set() for key in words[1:]]


def sinter(client: Client, words: Words) -> bytes:
    """What is in all of these sets"""
    first, *others = of(client, words)
    return client.set(tuple(first.intersection(*others)))


def sunion(client: Client, words: Words) -> bytes:
    """What is in any of these sets"""
    first, *others = of(client, words)
    return client.set(tuple(first.union(*others)))


def sdiff(client: Client, words: Words) -> bytes:
    """What is in the first of these sets, and in no other"""
    first, *others = of(client, words)
    return client.set(tuple(first.difference(*others)))


def spop(client: Client, words: Words) -> bytes:
    """Take out members at random"""
    if len(words) > 3:
        raise wrong_count(words[0])
    count = number(words[2]) if len(words) == 3 else 1
    if count < 0:
        raise Failure("ERR value is out of range, must be positive")
    members = client.space.kind(words[1], set)
    if members is None:
        return client.nil() if len(words) == 2 else client.set(())
    drawn = random.sample(tuple(members), min(count, len(members)))
    take(client, words[1], members, set(drawn))
    client.server.log_as((b"SREM", words[1], *drawn))
    return bulk(drawn[0]) if len(words) == 2 else client.set(drawn)
