"""Which key has to go when there is no room.

    order = SampledLru(keys, samples=5)
    order.asked(b"a")        whenever a key is read or written
    order.victim()           the key that goes next

Exactly the least recently used key is known by keeping all keys in the order of their last use: each use
moves one, and each key pays two links. Valkey draws a few keys at random instead and removes the one that
was used longest ago: nearly as good, and a use costs one number. To draw a key at random they have to
stand in a row, which a dict does not give; `Row` keeps one beside it.

How often is harder than how long ago: a count that only grows remembers for ever what was popular once.
So the counts of both LFU classes halve when the keys have been asked for often enough (HALVING times
their number), as in TinyLFU; Valkey takes one from a count for each minute.

Left out: the pool of good candidates that Valkey keeps from draw to draw, and volatile-lru, -lfu and
-random, which choose among the keys with a lifetime. `volatile-ttl` needs no order of its own: the heap
of lifetimes is one.
"""

from __future__ import annotations

import random
from collections import OrderedDict
from collections.abc import Iterable
from heapq import heapify, heappop, heappush
from typing import Protocol

HALVING = 20


class Order(Protocol):
    """Told of every use; says which key is the next to go."""

    def asked(self, key: bytes) -> None: ...

    def gone(self, key: bytes) -> None: ...

    def clear(self) -> None: ...

    def victim(self) -> bytes | None: ...


class Row:
    """Keys in a row, in no order, so that one can be drawn: the last takes the place of one that goes."""

    def __init__(self, keys: Iterable[bytes]) -> None:
        self.keys = list(keys)
        self.places = {key: place for place, key in enumerate(self.keys)}

    def asked(self, key: bytes) -> None:
        if key not in self.places:
            self.places[key] = len(self.keys)
            self.keys.append(key)

    def gone(self, key: bytes) -> None:
        place = self.places.pop(key, None)
        if place is None:
            return
        last = self.keys.pop()
        if last != key:
            self.keys[place] = last
            self.places[last] = place

    def clear(self) -> None:
        self.keys.clear()
        self.places.clear()

    def draw(self) -> bytes:
        return self.keys[int(random.random() * len(self.keys))]

    def victim(self) -> bytes | None:
        return self.draw() if self.keys else None


class SampledLru(Row):
    """Of some drawn at random, the one that was asked for longest ago."""

    def __init__(self, keys: Iterable[bytes], samples: int) -> None:
        super().__init__(keys)
        self.samples = samples
        self.uses = 0
        self.last = dict.fromkeys(self.keys, 0)

    def asked(self, key: bytes) -> None:
        super().asked(key)
        self.uses += 1
        self.last[key] = self.uses

    def gone(self, key: bytes) -> None:
        super().gone(key)
        self.last.pop(key, None)

    def clear(self) -> None:
        super().clear()
        self.last.clear()

    def victim(self) -> bytes | None:
        if not self.keys:
            return None
        return min([self.draw() for _ in range(self.samples)], key=self.last.__getitem__)


class SampledLfu(Row):
    """Of some drawn at random, the one that was asked for least often."""

    def __init__(self, keys: Iterable[bytes], samples: int) -> None:
        super().__init__(keys)
        self.samples = samples
        self.counts = Counts(self.keys)

    def asked(self, key: bytes) -> None:
        super().asked(key)
        self.counts.add(key)

    def gone(self, key: bytes) -> None:
        super().gone(key)
        self.counts.gone(key)

    def clear(self) -> None:
        super().clear()
        self.counts.clear()

    def victim(self) -> bytes | None:
        if not self.keys:
            return None
        return min([self.draw() for _ in range(self.samples)], key=self.counts.rank)


class Counts:
    """How often each key was asked for, and when last; all halve now and then."""

    def __init__(self, keys: Iterable[bytes]) -> None:
        self.often = dict.fromkeys(keys, 1)
        self.last = dict.fromkeys(self.often, 0)
        self.uses = 0
        self.halved = 0

    def add(self, key: bytes) -> bool:
        """Whether all counts were halved."""
        self.uses += 1
        self.often[key] = self.often.get(key, 0) + 1
        self.last[key] = self.uses
        if self.uses - self.halved < HALVING * len(self.often) + 1000:
            return False
        self.halved = self.uses
        for each in self.often:
            self.often[each] //= 2
        return True

    def gone(self, key: bytes) -> None:
        self.often.pop(key, None)
        self.last.pop(key, None)

    def clear(self) -> None:
        self.often.clear()
        self.last.clear()

    def rank(self, key: bytes) -> tuple[int, int]:
        return self.often[key], self.last[key]


class ExactLru:
    """All keys in the order of their last use."""

    def __init__(self, keys: Iterable[bytes]) -> None:
        self.queue: OrderedDict[bytes, None] = OrderedDict.fromkeys(keys)

    def asked(self, key: bytes) -> None:
        self.queue[key] = None
        self.queue.move_to_end(key)

    def gone(self, key: bytes) -> None:
        self.queue.pop(key, None)

    def clear(self) -> None:
        self.queue.clear()

    def victim(self) -> bytes | None:
        return next(iter(self.queue), None)


class ExactLfu:
    """The least often used, and of those the one asked for longest ago: a heap, in which a key that was
    asked for since is put right when it comes to the top."""

    def __init__(self, keys: Iterable[bytes]) -> None:
        self.counts = Counts(keys)
        self.heap = [(1, 0, key) for key in self.counts.often]
        heapify(self.heap)

    def asked(self, key: bytes) -> None:
        new = key not in self.counts.often
        if self.counts.add(key):
            self.heap = [(*self.counts.rank(each), each) for each in self.counts.often]
            heapify(self.heap)
        elif new:
            heappush(self.heap, (*self.counts.rank(key), key))

    def gone(self, key: bytes) -> None:
        self.counts.gone(key)

    def clear(self) -> None:
        self.counts.clear()
        self.heap.clear()

    def victim(self) -> bytes | None:
        while self.heap:
            often, last, key = self.heap[0]
            if key not in self.counts.often:
                heappop(self.heap)
            elif self.counts.rank(key) != (often, last):
                heappop(self.heap)
                heappush(self.heap, (*self.counts.rank(key), key))
            else:
                return key
        return None


def order_for(policy: bytes, samples: int, keys: Iterable[bytes]) -> Order | None:
    """What keeps the order that a policy needs; samples of 0: exactly."""
    match policy:
        case b"allkeys-lru":
            return SampledLru(keys, samples) if samples else ExactLru(keys)
        case b"allkeys-lfu":
            return SampledLfu(keys, samples) if samples else ExactLfu(keys)
        case b"allkeys-random":
            return Row(keys)
    return None
