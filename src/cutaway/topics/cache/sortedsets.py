"""Sorted sets: members with a score each, in order.

    ZADD a 1 x 2 y              2
    ZRANGE a 0 -1               ["x", "y"]
    ZRANGE a (1 +inf BYSCORE    ["y"]         a round bracket: not that score itself

The order and what it costs are in sortedset.py.

Left out: ranges of members by their octets (BYLEX), and what makes one set of several.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

from .client import Client
from .keyspace import ITEM
from .lists import bounds
from .replies import (
    EMPTY,
    SYNTAX,
    ZERO,
    Failure,
    array,
    bulk,
    fixed,
    integer,
    number,
    real,
    wrong_count,
)
from .sortedset import Pair, Sorted

Words = tuple[bytes, ...]

NO_NUMBER = fixed("ERR resulting score is not a number (NaN)")
NO_RANGE = fixed("ERR min or max is not a float")
NX_AND_OTHERS = fixed("ERR GT, LT, and/or NX options at the same time are not compatible")
FLAGS = (b"NX", b"XX", b"GT", b"LT", b"CH", b"INCR")


def zadd(client: Client, words: Words) -> bytes:
    """Give members a score each; how many are new, with CH: or have another score now"""
    at, flags = 2, set[bytes]()
    while at < len(words) and words[at].upper() in FLAGS:
        flags.add(words[at].upper())
        at += 1
    if at == len(words) or (len(words) - at) % 2:
        raise SYNTAX
    check_flags(flags)
    pairs = [
        (real(score), member)
        for score, member in zip(words[at::2], words[at + 1 :: 2], strict=True)
    ]
    if b"INCR" in flags and len(pairs) > 1:
        raise Failure("ERR INCR option supports a single increment-element pair")
    if client.space.kind(words[1], Sorted) is None and b"XX" in flags:
        return client.nil() if b"INCR" in flags else ZERO
    new, changed, score = put(client, words[1], pairs, flags)
    if b"INCR" in flags:
        return client.nil() if score is None else client.double(score)
    return integer(new + changed if b"CH" in flags else new)


def check_flags(flags: set[bytes]) -> None:
    if {b"NX", b"XX"} <= flags:
        raise Failure("ERR XX and NX options at the same time are not compatible")
    if len(flags & {b"GT", b"LT", b"NX"}) > 1:
        raise NX_AND_OTHERS


def put(
    client: Client, key: bytes, pairs: list[Pair], flags: set[bytes]
) -> tuple[int, int, float | None]:
    """How many are new, how many changed, and the last score if it was taken."""
    members = client.space.make(key, Sorted)
    new = changed = grown = 0
    taken: float | None = None
    try:
        for score, member in pairs:
            old = members.scores.get(member)
            taken = wanted(old, score, flags)
            if taken is None:
                continue
            members.put(member, taken)
            if old is None:
                new += 1
                grown += len(member) + ITEM
            else:
                changed += old != taken
    finally:
        if new or changed or not members:
            client.space.grew(key, grown)
    return new, changed, taken


def wanted(old: float | None, score: float, flags: set[bytes]) -> float | None:
    """The score that a member gets, or None where the flags leave it as it is."""
    if (b"NX" in flags and old is not None) or (b"XX" in flags and old is None):
        return None
    if b"INCR" in flags and old is not None:
        score += old
        if math.isnan(score):
            raise NO_NUMBER
    if old is None:
        return score
    if (b"GT" in flags and score <= old) or (b"LT" in flags and score >= old):
        return None
    return score


def zincrby(client: Client, words: Words) -> bytes:
    """Add to a score"""
    _, _, score = put(client, words[1], [(real(words[2]), words[3])], {b"INCR"})
    return client.double(0.0 if score is None else score)


def zrem(client: Client, words: Words) -> bytes:
    """Take members out; how many there were"""
    members = client.space.kind(words[1], Sorted)
    if members is None:
        return ZERO
    gone = [member for member in words[2:] if members.remove(member)]
    if gone:
        client.space.grew(words[1], -sum(map(len, gone)) - ITEM * len(gone))
    return integer(len(gone))


def zpopmin(client: Client, words: Words) -> bytes:
    """Take out the members with the lowest scores"""
    return pop(client, words, highest=False)


def zpopmax(client: Client, words: Words) -> bytes:
    """Take out the members with the highest scores"""
    return pop(client, words, highest=True)


def pop(client: Client, words: Words, highest: bool) -> bytes:
    if len(words) > 3:
        raise SYNTAX
    count = number(words[2]) if len(words) == 3 else 1
    if count < 0:
        raise Failure("ERR value is out of range, must be positive")
    members = client.space.kind(words[1], Sorted)
    if members is None:
        return EMPTY
    start = max(len(members) - count, 0) if highest else 0
    gone = members.cut(start, start + count)
    if gone:
        client.space.grew(words[1], -sum(len(member) + ITEM for _, member in gone))
    if len(words) == 3:
        return shown(client, gone[::-1] if highest else gone, with_scores=True)
    return array([part for score, member in gone for part in (bulk(member), client.double(score))])


def zscore(client: Client, words: Words) -> bytes:
    """The score of a member"""
    members = client.space.kind(words[1], Sorted)
    score = members.scores.get(words[2]) if members is not None else None
    return client.nil() if score is None else client.double(score)


def zcard(client: Client, words: Words) -> bytes:
    """How many members there are"""
    return integer(len(client.space.kind(words[1], Sorted) or ()))


def zrank(client: Client, words: Words) -> bytes:
    """How many have a lower score, or the same and fewer octets"""
    return rank(client, words, reverse=False)


def zrevrank(client: Client, words: Words) -> bytes:
    """How many have a higher score"""
    return rank(client, words, reverse=True)


def rank(client: Client, words: Words, reverse: bool) -> bytes:
    if len(words) > 4:
        raise wrong_count(words[0])
    with_score = len(words) == 4
    if with_score and words[3].upper() != b"WITHSCORE":
        raise SYNTAX
    members = client.space.kind(words[1], Sorted)
    place = members.rank(words[2]) if members is not None else None
    if members is None or place is None:
        return client.nil_array() if with_score else client.nil()
    if reverse:
        place = len(members) - 1 - place
    if not with_score:
        return integer(place)
    return array([integer(place), client.double(members.scores[words[2]])])


class Limits(NamedTuple):
    """Two scores, and whether they belong to the range."""

    low: float
    low_included: bool
    high: float
    high_included: bool

    def cut(self, members: Sorted) -> tuple[int, int]:
        start = members.below(self.low, included=not self.low_included)
        end = members.below(self.high, included=self.high_included)
        return (start, end) if start < end else (0, 0)


def limits(low: bytes, high: bytes) -> Limits:
    return Limits(*limit(low), *limit(high))


def limit(word: bytes) -> tuple[float, bool]:
    try:
        return (real(word[1:]), False) if word[:1] == b"(" else (real(word), True)
    except Failure:
        raise NO_RANGE from None


def zcount(client: Client, words: Words) -> bytes:
    """How many have a score in a range"""
    wanted_scores = limits(words[2], words[3])
    members = client.space.kind(words[1], Sorted)
    if members is None:
        return ZERO
    start, end = wanted_scores.cut(members)
    return integer(end - start)


def zremrangebyscore(client: Client, words: Words) -> bytes:
    """Take out what has a score in a range"""
    wanted_scores = limits(words[2], words[3])
    members = client.space.kind(words[1], Sorted)
    if members is None:
        return ZERO
    gone = members.cut(*wanted_scores.cut(members))
    if gone:
        client.space.grew(words[1], -sum(len(member) + ITEM for _, member in gone))
    return integer(len(gone))


@dataclass(slots=True)
class Range:
    """What ZRANGE asks for. offset, count: of LIMIT; a count below 0 is all."""

    flags: set[bytes] = field(default_factory=set)
    offset: int = 0
    count: int = -1


def options(words: Words, known: tuple[bytes, ...]) -> Range:
    asked, at = Range(), 4
    while at < len(words):
        option = words[at].upper()
        if option == b"LIMIT" and at + 2 < len(words):
            asked.offset, asked.count = number(words[at + 1]), number(words[at + 2])
            at += 2
        elif option not in known or option in asked.flags & {b"BYSCORE", b"REV"}:
            raise SYNTAX
        asked.flags.add(option)
        at += 1
    return asked


def zrange(client: Client, words: Words) -> bytes:
    """A part of a sorted set, by rank or by score"""
    asked = options(words, (b"BYSCORE", b"REV", b"WITHSCORES"))
    if b"BYSCORE" in asked.flags:
        low, high = (words[3], words[2]) if b"REV" in asked.flags else (words[2], words[3])
        return by_score(client, words[1], limits(low, high), asked)
    return by_rank(client, words, asked)


def zrevrange(client: Client, words: Words) -> bytes:
    """A part of a sorted set, from the highest score down"""
    asked = options(words, (b"WITHSCORES",))
    asked.flags.add(b"REV")
    return by_rank(client, words, asked)


def by_rank(client: Client, words: Words, asked: Range) -> bytes:
    if asked.count != -1:
        raise Failure(
            "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX"
        )
    first, last = number(words[2]), number(words[3])
    members = client.space.kind(words[1], Sorted)
    if members is None:
        return EMPTY
    start, end = bounds(first, last, len(members))
    if b"REV" in asked.flags:
        start, end = len(members) - end, len(members) - start
        if start >= len(members):
            start = end = 0
        found = members.order[start:end][::-1]
    else:
        found = members.order[start:end]
    return shown(client, found, b"WITHSCORES" in asked.flags)


def zrangebyscore(client: Client, words: Words) -> bytes:
    """A part of a sorted set, by score"""
    asked = options(words, (b"WITHSCORES",))
    return by_score(client, words[1], limits(words[2], words[3]), asked)


def by_score(client: Client, key: bytes, wanted_scores: Limits, asked: Range) -> bytes:
    members = client.space.kind(key, Sorted)
    if members is None or asked.offset < 0:
        return EMPTY
    start, end = wanted_scores.cut(members)
    found = members.order[start:end]
    if b"REV" in asked.flags:
        found.reverse()
    past = asked.offset + asked.count if asked.count >= 0 else len(found)
    return shown(client, found[asked.offset : past], b"WITHSCORES" in asked.flags)


def shown(client: Client, pairs: list[Pair], with_scores: bool) -> bytes:
    """Members, or members and scores: in RESP3 a pair for each, in RESP2 one after the other."""
    if not with_scores:
        return array([bulk(member) for _, member in pairs])
    if client.resp3:
        return array([array([bulk(member), client.double(score)]) for score, member in pairs])
    return array([part for score, member in pairs for part in (bulk(member), client.double(score))])
