"""Lists: octets in order, quick at both ends.

    RPUSH a x y z      3
    LPOP a             "x"
    LRANGE a 0 -1      ["y", "z"]          -1 is the last, -2 the one before it

A `deque` is a chain of blocks of 64: putting on and taking off cost the same at any length; what stands
in the middle is walked to.

Left out: blocking, and moving from list to list.
"""

from __future__ import annotations

from collections import deque
from itertools import islice

from .client import Client
from .keyspace import ITEM
from .replies import EMPTY, NO_KEY, OK, ZERO, Failure, bulk, bulks, integer, number, wrong_count

Words = tuple[bytes, ...]


def lpush(client: Client, words: Words) -> bytes:
    """Put octets at the beginning of a list, one after the other"""
    return push(client, words, left=True)


def rpush(client: Client, words: Words) -> bytes:
    """Put octets at the end of a list"""
    return push(client, words, left=False)


def push(client: Client, words: Words, left: bool) -> bytes:
    items = client.space.make(words[1], deque)
    (items.extendleft if left else items.extend)(words[2:])
    client.space.grew(words[1], sum(map(len, words[2:])) + ITEM * (len(words) - 2))
    return integer(len(items))


def lpop(client: Client, words: Words) -> bytes:
    """Take octets from the beginning of a list"""
    return pop(client, words, left=True)


def rpop(client: Client, words: Words) -> bytes:
    """Take octets from the end of a list"""
    return pop(client, words, left=False)


def pop(client: Client, words: Words, left: bool) -> bytes:
    if len(words) > 3:
        raise wrong_count(words[0])
    count = number(words[2]) if len(words) == 3 else 1
    if count < 0:
        raise Failure("ERR value is out of range, must be positive")
    items = client.space.kind(words[1], deque)
    if items is None:
        return client.nil() if len(words) == 2 else client.nil_array()
    take = items.popleft if left else items.pop
    taken = [take() for _ in range(min(count, len(items)))]
    if taken:
        client.space.grew(words[1], -sum(map(len, taken)) - ITEM * len(taken))
    return bulk(taken[0]) if len(words) == 2 else bulks(taken)


def llen(client: Client, words: Words) -> bytes:
    """How many there are in a list"""
    return integer(len(client.space.kind(words[1], deque) or ()))


def bounds(first: int, last: int, length: int) -> tuple[int, int]:
    """Where a range starts, and behind where it ends; the same where it is empty."""
    start = max(first + length, 0) if first < 0 else first
    end = (last + length if last < 0 else min(last, length - 1)) + 1
    return (start, end) if start < end else (0, 0)


def lrange(client: Client, words: Words) -> bytes:
    """A part of a list"""
    first, last = number(words[2]), number(words[3])
    items = client.space.kind(words[1], deque)
    if items is None:
        return EMPTY
    return bulks(islice(items, *bounds(first, last, len(items))))


def lindex(client: Client, words: Words) -> bytes:
    """One of a list, by its place"""
    items = client.space.kind(words[1], deque)
    if items is None:
        return client.nil()
    at = number(words[2])
    return bulk(items[at]) if -len(items) <= at < len(items) else client.nil()


def lset(client: Client, words: Words) -> bytes:
    """Put octets in place of others in a list"""
    items = client.space.kind(words[1], deque)
    if items is None:
        raise NO_KEY
    at = number(words[2])
    if not -len(items) <= at < len(items):
        raise Failure("ERR index out of range")
    change = len(words[3]) - len(items[at])
    items[at] = words[3]
    client.space.grew(words[1], change)
    return OK


def lrem(client: Client, words: Words) -> bytes:
    """Remove what equals some octets: so many from the beginning, or from the end, or all"""
    count, wanted = number(words[2]), words[3]
    if count == -(1 << 63):
        raise Failure("ERR value is out of range")
    items = client.space.kind(words[1], deque)
    if items is None:
        return ZERO
    most = abs(count) or len(items)
    order = list(reversed(items)) if count < 0 else list(items)
    kept: list[bytes] = []
    for item in order:
        if item == wanted and most:
            most -= 1
        else:
            kept.append(item)
    removed = len(items) - len(kept)
    if removed:
        items.clear()
        items.extend(reversed(kept) if count < 0 else kept)
        client.space.grew(words[1], -removed * (len(wanted) + ITEM))
    return integer(removed)


def ltrim(client: Client, words: Words) -> bytes:
    """Keep a part of a list only"""
    first, last = number(words[2]), number(words[3])
    items = client.space.kind(words[1], deque)
    if items is None:
        return OK
    kept = list(islice(items, *bounds(first, last, len(items))))
    gone = sum(map(len, items)) - sum(map(len, kept)) + ITEM * (len(items) - len(kept))
    if gone:
        items.clear()
        items.extend(kept)
        client.space.grew(words[1], -gone)
    return OK
