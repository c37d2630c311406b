"""Traces: what is asked for, one key after the other; and how much of it a policy finds, in a model.

    rounds        1                 2                 3                 4
    asked for     hot  once only    hot  once only    hot  once only    hot  once only
    counted                                           ↑                 ↑
    found         LRU all of it, FIFO and random about half of it

A trace is made for as many entries as a server turned out to have room for. The models are those of
policies.py with as much room, exact and by five samples: what an honest server finds lies between.

Left out: popularity as it is in the world, which is for the lab; here each trace defeats somebody.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count

from ..policies import SAMPLES, Chance, Fifo, Lfu, Lru, Policy, SampledLfu, SampledLru

SEEDS = 4  # runs of what draws by lots


@dataclass(frozen=True, slots=True)
class Phase:
    """Keys in order. counted: whether their hits count; ends: time passes behind them, for LRU."""

    keys: Sequence[int]
    counted: bool = False
    ends: bool = False


Phases = list[Phase]
#: Room in entries and a source of lots → what is asked for.
Trace = Callable[[int, random.Random], Phases]
#: Key and how many came before it → milliseconds behind END at which it ends.
Lifetime = Callable[[int, int], int]


# Traces.


def working_set(room: int, lots: random.Random) -> Phases:
    """The same keys in every round, and in every round as many that never come again."""
    hot, strangers, phases = list(range(room * 35 // 100)), once_only(), []
    for number in range(4):
        lots.shuffle(hot)
        phases.append(Phase([*hot], counted=number > 1))
        phases.append(Phase([next(strangers) for _ in hot], ends=number < 3))
    return phases


def favourites(room: int, lots: random.Random) -> Phases:
    """Keys that are asked for again and again, then others, and in the end the first ones again."""
    old, strangers = list(range(room * 4 // 10)), once_only()
    return [
        *[Phase(old) for _ in range(5)],
        Phase([], ends=True),
        Phase([next(strangers) for _ in range(room * 6 // 10)], ends=True),
        Phase([next(strangers) for _ in range(room * 6 // 10)], ends=True),
        Phase(old, counted=True),
    ]


def loop(room: int, lots: random.Random) -> Phases:
    """A little more than there is room for, round and round."""
    keys = list(range(room * 11 // 10))
    return [Phase(keys), Phase(keys), *[Phase(keys, counted=True)] * 4]


def popular(room: int, lots: random.Random) -> Phases:
    """The n-th most popular key comes 1/n as often as the first; and scans of keys that come once."""
    keys, strangers = range(room * 10), once_only()
    weights = [1 / (number + 1) for number in keys]
    drawn = lots.choices(keys, weights, k=room * 9)
    phases, size = [], room // 2
    for start in range(0, len(drawn), size):
        phases.append(Phase(drawn[start : start + size], counted=start >= room * 3))
        phases.append(Phase([next(strangers) for _ in range(room // 6)]))
    return phases


def unlike_lifetimes(room: int, lots: random.Random) -> Phases:
    """Twice as many as there is room for, then those of them whose lifetimes are the longest."""
    keys = list(range(room * 2))
    lots.shuffle(keys)
    return [Phase(keys), Phase(range(room * 14 // 10, room * 2), counted=True)]


def once_only() -> Iterator[int]:
    return count(1 << 30)


def equal(key: int, came: int) -> int:
    """Lifetimes of one length: what came first ends first."""
    return came * 10


def by_key(key: int, came: int) -> int:
    """The greater the key, the later it ends."""
    return key * 1000


# The same in a model.


class Soonest(Policy):
    """Removes what ends soonest. `ends`: key, and how many came before it → when it ends."""

    def __init__(self, capacity: int, ends: Lifetime) -> None:
        super().__init__(capacity)
        self.ends, self.came = ends, 0
        self.keys: set[int] = set()
        self.heap: list[tuple[int, int]] = []

    def __len__(self) -> int:
        return len(self.keys)

    def ask(self, key: int) -> bool:
        if key in self.keys:
            return True
        if len(self.keys) >= self.capacity:
            self.keys.remove(heappop(self.heap)[1])
        self.came += 1
        self.keys.add(key)
        heappush(self.heap, (self.ends(key, self.came), key))
        return False


class SampledSoonest(SampledLru):
    """Of some that are drawn, the one that ends soonest goes."""

    def __init__(self, capacity: int, ends: Lifetime, seed: int = 1) -> None:
        super().__init__(capacity, SAMPLES, seed)
        self.ends = ends

    def hit(self, key: int) -> None: ...

    def came(self, key: int) -> None:
        self.now += 1
        self.worth[key] = self.ends(key, self.now)


def models(policy: str, room: int, ends: Lifetime) -> list[Policy]:
    match policy:
        case "lru":
            return [Lru(room), SampledLru(room)]
        case "lfu":
            return [Lfu(room), SampledLfu(room)]
        case "fifo":
            return [Fifo(room), SampledSoonest(room, equal)]
        case "soonest":
            return [Soonest(room, ends), SampledSoonest(room, ends)]
    return [Chance(room, seed) for seed in range(SEEDS)]


def ratio(policy: Policy, phases: Iterable[Phase]) -> float:
    """Of what counts, how much is found."""
    hits = asked = 0
    for phase in phases:
        found = sum(map(policy.ask, phase.keys))
        if phase.counted:
            hits += found
            asked += len(phase.keys)
    return hits / asked


@dataclass(frozen=True, slots=True)
class Band:
    """The hit ratios of one policy, exact and by samples."""

    low: float
    high: float

    @classmethod
    def of(cls, policy: str, room: int, phases: Phases, ends: Lifetime) -> Band:
        found = [ratio(model, phases) for model in models(policy, room, ends)]
        return cls(min(found), max(found))

    def away(self, found: float) -> float:
        return max(self.low - found, found - self.high, 0.0)

    def __str__(self) -> str:
        return f"{self.low:.2f}" if self.low == self.high else f"{self.low:.2f} to {self.high:.2f}"
