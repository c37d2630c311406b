"""Which of several upstreams takes the next request.

    round_robin         in turn. Fair in requests, not in work: a slow one gets its share all the
                        same, and its queue never ends
    weighted            in turn, by weights, spread out: 3 and 1 is AABA, not AAAB
    least_connections   one with the fewest under way. Notices a slow one without being told
    two_choices         of two drawn at random the one with fewer: nearly as good, and it needs no
                        look at all of them. With stale numbers it is better: nobody's favourite
                        is everybody's favourite
    hash                the same path to the same one, as long as it is in

Each is a function of those that are in, so that one that is out needs no case of its own.

Left out: latency as a measure. What answers fast because it answers 500 would be everybody's choice.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from hashlib import blake2b
from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .upstreams import Upstream

#: From the upstreams that are in, never none, and the target of the request.
Policy = Callable[[Sequence["Upstream"], bytes], "Upstream"]

under_way = attrgetter("busy")


class RoundRobin:
    """In turn, evenly. The count is kept: starting anew for each request is not in turn."""

    def __init__(self) -> None:
        self.turn = -1

    def __call__(self, among: Sequence[Upstream], target: bytes) -> Upstream:
        self.turn += 1
        return among[self.turn % len(among)]


class Weighted:
    """In proportion to the weights, as evenly in time as can be.

    Each gains its weight in credit, the richest is chosen and pays for all.
    """

    def __init__(self) -> None:
        self.credit: dict[Upstream, int] = {}

    def __call__(self, among: Sequence[Upstream], target: bytes) -> Upstream:
        for one in among:
            self.credit[one] = self.credit.get(one, 0) + one.weight
        chosen = max(among, key=self.credit.__getitem__)
        self.credit[chosen] -= sum(one.weight for one in among)
        return chosen


class LeastConnections:
    """One with the fewest requests under way; of several, in turn."""

    def __init__(self) -> None:
        self.turn = -1

    def __call__(self, among: Sequence[Upstream], target: bytes) -> Upstream:
        fewest = min(map(under_way, among))
        ties = [one for one in among if one.busy == fewest]
        self.turn += 1
        return ties[self.turn % len(ties)]


class TwoChoices:
    """Of two drawn at random, the one with fewer requests under way.

    Mitzenmacher, The Power of Two Choices in Randomized Load Balancing, 2001.
    """

    def __call__(self, among: Sequence[Upstream], target: bytes) -> Upstream:
        if len(among) == 1:
            return among[0]
        first = int(random.random() * len(among))
        second = int(random.random() * (len(among) - 1))
        return min(among[first], among[second + (second >= first)], key=under_way)


class Hash:
    """The upstream that scores highest for this path: rendezvous hashing.

    Each upstream scores every path by itself, so when one goes, only the paths where it was the
    highest move, each to its second. A ring does the same with a table that has to be kept; the
    remainder of a division moves nearly all paths. The price is a hash for each upstream.
    """

    def __call__(self, among: Sequence[Upstream], target: bytes) -> Upstream:
        path = target.partition(b"?")[0]
        return max(among, key=lambda one: blake2b(path, digest_size=8, key=one.key).digest())


POLICIES: dict[str, Callable[[], Policy]] = {
    "round_robin": RoundRobin,
    "weighted": Weighted,
    "least_connections": LeastConnections,
    "two_choices": TwoChoices,
    "hash": Hash,
}
