"""Which key has to go? Every policy as a small class that is asked for keys and says hit or miss.

    cache = Lru(2)
    [cache.ask(key) for key in (1, 2, 1, 3, 2)]      [False, False, True, False, False]
                                     │  └ 2 had gone: 1 was asked for later
                                     └ hit

    hit_ratio(Lru(1000), zipf(200_000))               0.48

A miss brings the key in, as a program does that has fetched what it did not find. No values are
kept: whether it would have been there is all that is asked. Keys are numbers, so that a run can be
repeated; traces.py makes numbers of the keys of a file.

| policy | removes |
|---|---|
| Lru | the one asked for longest ago |
| Lfu | the one asked for least often since it came; of several, the one asked for longest ago |
| Fifo | the one that came first |
| Chance | any |
| SampledLru, SampledLfu | of some drawn at random, the one that an exact policy would remove first |
| Sieve | the next one that was not asked for since the hand last passed |
| WTinyLfu | the newcomer or the oldest, whichever was asked for less lately |

Left out: sizes (every key counts as one), lifetimes, and what a policy costs. Valkey keeps the best
candidates of earlier samples in a pool, and its counters go down by the minute; here neither is.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from .sketch import Sketch

SAMPLES = 5  # keys that are drawn; what Valkey draws unless maxmemory-samples says otherwise


class Policy(ABC):
    """capacity: keys, at least 1."""

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError("A cache has room for one key at least.")
        self.capacity = capacity

    @abstractmethod
    def ask(self, key: int) -> bool:
        """Whether it was there. It is now, unless the policy refuses newcomers."""

    @abstractmethod
    def __len__(self) -> int: ...


def hit_ratio(policy: Policy, trace: Iterable[int]) -> float:
    """Of all that is asked, from an empty cache on. Of nothing: nought."""
    hits = asked = 0
    ask = policy.ask
    for key in trace:
        asked += 1
        hits += ask(key)
    return hits / asked if asked else 0.0


def best_possible(capacity: int, keys: Sequence[int]) -> float:
    """The hit ratio of one who knows what comes, and removes what is wanted last or never again.

    That may be the newcomer itself, which then is not let in.
    No policy is above it. Belady, A study of replacement algorithms, IBM Systems Journal 1966.
    """
    never = len(keys)
    coming, soonest = [never] * len(keys), dict[int, int]()
    for moment in range(len(keys) - 1, -1, -1):
        coming[moment] = soonest.get(keys[moment], never)
        soonest[keys[moment]] = moment
    there, hits = dict[int, int](), 0  # key → when it is wanted next
    latest: list[tuple[int, int]] = []  # the same as a heap, with entries that are true no more
    for key, next_time in zip(keys, coming, strict=True):
        hits += key in there
        there[key] = next_time
        heappush(latest, (-next_time, key))
        while len(there) > capacity:
            moment, gone = heappop(latest)
            if there.get(gone) == -moment:
                del there[gone]
    return hits / len(keys) if keys else 0.0


class Fifo(Policy):
    """First in, first out. A hit changes nothing."""

    def __init__(self, capacity: int) -> None:
        super().__init__(capacity)
        self.keys: OrderedDict[int, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self.keys)

    def ask(self, key: int) -> bool:
        if key in self.keys:
            return True
        if len(self.keys) >= self.capacity:
            self.keys.popitem(last=False)
        self.keys[key] = None
        return False


class Lru(Fifo):
    """Least recently used: the same queue, but a hit goes to its end."""

    def ask(self, key: int) -> bool:
        hit = super().ask(key)
        if hit:
            self.keys.move_to_end(key)
        return hit


class Lfu(Policy):
    """Least frequently used. The count of a key that has gone is forgotten.

    groups  count → the keys that have it, longest untouched first
    """

    def __init__(self, capacity: int) -> None:
        super().__init__(capacity)
        self.counts: dict[int, int] = {}
        self.groups: dict[int, OrderedDict[int, None]] = {}
        self.least = 1

    def __len__(self) -> int:
        return len(self.counts)

    def ask(self, key: int) -> bool:
        count = self.counts.get(key, 0)
        if count:
            self._leave(key, count)
        else:
            if len(self.counts) >= self.capacity:
                self._remove()
            self.least = 1
        self.counts[key] = count + 1
        self.groups.setdefault(count + 1, OrderedDict())[key] = None
        return count > 0

    def _leave(self, key: int, count: int) -> None:
        group = self.groups[count]
        del group[key]
        if not group:
            del self.groups[count]
            if count == self.least:
                self.least += 1  # the key itself is about to have one more

    def _remove(self) -> None:
        group = self.groups[self.least]
        key, _ = group.popitem(last=False)
        del self.counts[key]
        if not group:
            del self.groups[self.least]


class Chance(Policy):
    """Any key, by lots. The last of the list takes the place of the one that goes."""

    def __init__(self, capacity: int, seed: int = 1) -> None:
        super().__init__(capacity)
        self.random = random.Random(seed)
        self.keys: list[int] = []
        self.places: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self.keys)

    def ask(self, key: int) -> bool:
        if key in self.places:
            self.hit(key)
            return True
        if len(self.keys) >= self.capacity:
            self._remove(self.victim())
        self.places[key] = len(self.keys)
        self.keys.append(key)
        self.came(key)
        return False

    def draw(self) -> int:
        return self.keys[int(self.random.random() * len(self.keys))]

    def victim(self) -> int:
        return self.draw()

    def hit(self, key: int) -> None: ...

    def came(self, key: int) -> None: ...

    def _remove(self, key: int) -> None:
        place, last = self.places.pop(key), self.keys.pop()
        if last != key:
            self.keys[place] = last
            self.places[last] = place


class SampledLru(Chance):
    """Some are drawn; the one of them asked for longest ago goes. No list has to be kept in order."""

    def __init__(self, capacity: int, samples: int = SAMPLES, seed: int = 1) -> None:
        super().__init__(capacity, seed)
        self.samples = samples
        self.worth: dict[int, int] = {}
        self.now = 0

    def victim(self) -> int:
        return min((self.draw() for _ in range(self.samples)), key=self.worth.__getitem__)

    def hit(self, key: int) -> None:
        self.now += 1
        self.worth[key] = self.now

    def came(self, key: int) -> None:
        self.hit(key)

    def _remove(self, key: int) -> None:
        super()._remove(key)
        del self.worth[key]


class SampledLfu(SampledLru):
    """Some are drawn; the one of them with the lowest counter goes.

    As in Valkey, a counter is of eight bits and goes up by lots, more rarely the higher it stands:
    255 is about a million. A newcomer begins at 5, so that it does not go before it was asked for.
    """

    START, FACTOR, MOST = 5, 10, 255

    def hit(self, key: int) -> None:
        count = self.worth[key]
        above = max(0, count - self.START)
        if count < self.MOST and self.random.random() * (above * self.FACTOR + 1) < 1:
            self.worth[key] = count + 1

    def came(self, key: int) -> None:
        self.worth[key] = self.START


@dataclass(slots=True, eq=False)
class Node:
    """A key of the queue. newer, older: its neighbours."""

    key: int
    newer: Node | None = None
    older: Node | None = None
    visited: bool = False


class Sieve(Policy):
    """A queue, a bit for each key, and a hand that goes from the oldest to the newest and round again.

        newest  [ e ] [ d* ] [ c ] [ b* ] [ a ]  oldest        * asked for since the hand passed
                                ↑ hand

    The hand passes what was asked for and takes its mark away; it removes what was not. Whoever is
    passed stays where it is: newcomers are looked at soon, and what has proved itself is left alone.

    Zhang, Yang, Yue, Vigfusson, Rashmi: SIEVE is Simpler than LRU, NSDI 2024.
    """

    def __init__(self, capacity: int) -> None:
        super().__init__(capacity)
        self.nodes: dict[int, Node] = {}
        self.newest: Node | None = None
        self.oldest: Node | None = None
        self.hand: Node | None = None

    def __len__(self) -> int:
        return len(self.nodes)

    def ask(self, key: int) -> bool:
        node = self.nodes.get(key)
        if node is not None:
            node.visited = True
            return True
        if len(self.nodes) >= self.capacity:
            self._remove()
        self._insert(key)
        return False

    def _insert(self, key: int) -> None:
        node = self.nodes[key] = Node(key, older=self.newest)
        if self.newest is not None:
            self.newest.newer = node
        self.newest = node
        self.oldest = self.oldest or node

    def _remove(self) -> None:
        node = self.hand or self.oldest
        while node is not None and node.visited:
            node.visited = False
            node = node.newer or self.oldest
        assert node is not None
        self.hand = node.newer
        self._unlink(node)
        del self.nodes[node.key]

    def _unlink(self, node: Node) -> None:
        if node.newer is not None:
            node.newer.older = node.older
        else:
            self.newest = node.older
        if node.older is not None:
            node.older.newer = node.newer
        else:
            self.oldest = node.newer


class WTinyLfu(Policy):
    """A small window by recency, and a main part into which only the more popular are let.

        newcomer ──▶ [ window 1 % ] ──▶ against the oldest on probation: who was asked for more?
                                            └──▶ [ probation ] ──hit──▶ [ protected 80 % ]
                                                       ◀── whoever does not fit ──┘

    A newcomer without a past stays in the window and leaves by its end, so a scan never reaches the
    main part. How often a key was asked for is remembered for many more keys than there is room for.

    Einziger, Friedman, Manes: TinyLFU, ACM Transactions on Storage 2017.
    """

    WINDOW, PROTECTED = 0.01, 0.8

    def __init__(self, capacity: int) -> None:
        super().__init__(capacity)
        self.most_window = max(1, round(self.WINDOW * capacity))
        self.most_main = capacity - self.most_window
        self.most_protected = int(self.PROTECTED * self.most_main)
        self.window: OrderedDict[int, None] = OrderedDict()
        self.probation: OrderedDict[int, None] = OrderedDict()
        self.protected: OrderedDict[int, None] = OrderedDict()
        self.sketch = Sketch(capacity)

    def __len__(self) -> int:
        return len(self.window) + len(self.probation) + len(self.protected)

    def ask(self, key: int) -> bool:
        self.sketch.add(key)
        if key in self.window:
            self.window.move_to_end(key)
        elif key in self.protected:
            self.protected.move_to_end(key)
        elif key in self.probation:
            self._promote(key)
        else:
            self.window[key] = None
            if len(self.window) > self.most_window:
                self._compare(self.window.popitem(last=False)[0])
            return False
        return True

    def _promote(self, key: int) -> None:
        del self.probation[key]
        self.protected[key] = None
        if len(self.protected) > self.most_protected:
            self.probation[self.protected.popitem(last=False)[0]] = None

    def _compare(self, candidate: int) -> None:
        """Let it in where there is room, or where it is asked for more than the one it replaces."""
        if len(self.probation) + len(self.protected) >= self.most_main:
            if not self.most_main:
                return
            oldest = next(iter(self.probation or self.protected))
            if self.sketch.count(candidate) <= self.sketch.count(oldest):
                return
            (self.probation or self.protected).popitem(last=False)
        self.probation[candidate] = None


#: By the names under which they are known.
POLICIES: dict[str, Callable[[int], Policy]] = {
    "lru": Lru,
    "lfu": Lfu,
    "fifo": Fifo,
    "random": Chance,
    "sieve": Sieve,
    "w-tinylfu": WTinyLfu,
    "sampled-lru": SampledLru,
    "sampled-lfu": SampledLfu,
}
