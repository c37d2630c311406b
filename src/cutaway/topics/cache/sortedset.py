"""Members with a score each, in order: a dict and a list that is kept sorted.

    rank        0             1             2
    order   [(1.0, b"b"), (2.0, b"a"), (2.0, b"c")]     by score, then by the octets of the member
    scores  {b"a": 2.0, b"b": 1.0, b"c": 2.0}

What it costs, of n members: a score is one look into the dict. A place in the order is a binary search,
log n comparisons. Putting a member in or taking one out moves what stands behind it by one: n words of
memory, which a processor does at some ten thousand million a second. So up to about a hundred thousand
members it is faster than the skip list that Valkey keeps, whose every step is a jump in memory; at ten
million it would be a thousand times slower.

Left out: the skip list with spans, which has log n for all of it.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator

Pair = tuple[float, bytes]


class Sorted:
    """Of 0.0 and -0.0 neither is less."""

    __slots__ = ("order", "scores")

    def __init__(self) -> None:
        self.scores: dict[bytes, float] = {}
        self.order: list[Pair] = []

    def __len__(self) -> int:
        return len(self.order)

    def __iter__(self) -> Iterator[bytes]:
        """The members, in no order."""
        return iter(self.scores)

    def put(self, member: bytes, score: float) -> None:
        old = self.scores.get(member)
        if old is not None:
            if old == score:
                return
            del self.order[self.place(member, old)]
        insort(self.order, (score, member))
        self.scores[member] = score

    def remove(self, member: bytes) -> bool:
        """Whether it was there."""
        score = self.scores.pop(member, None)
        if score is None:
            return False
        del self.order[self.place(member, score)]
        return True

    def rank(self, member: bytes) -> int | None:
        score = self.scores.get(member)
        return None if score is None else self.place(member, score)

    def place(self, member: bytes, score: float) -> int:
        return bisect_left(self.order, (score, member))

    def below(self, score: float, included: bool) -> int:
        """How many have less than this score, or as much where that is included."""
        if included:
            return bisect_left(self.order, True, key=lambda pair: pair[0] > score)
        return bisect_left(self.order, score, key=lambda pair: pair[0])

    def cut(self, start: int, end: int) -> list[Pair]:
        """Take out what has these ranks."""
        gone = self.order[start:end]
        del self.order[start:end]
        for _, member in gone:
            del self.scores[member]
        return gone
