"""The keys, what they hold, and when they end.

    values    b"a" ─▶ b"hello"          a value is bytes, or a deque, dict, set or Sorted
    ends      b"a" ─▶ 1763712060123     milliseconds since 1970; only keys with a lifetime
    heap      [(1763712060123, b"a")]   the same, soonest first, with entries that are true no more

A lifetime ends in two ways. Lazily: whoever asks for a key looks at its end first, so what is over is
never seen. Actively: `expire` takes from the heap what is due, so that memory comes back though nobody
asks. Valkey samples instead of keeping a heap, which saves the heap's memory and forgets some keys for
a while.

Every change goes through here, because three others have to hear of it: who WATCHes the key, the log
on disk, and the order in which keys are evicted.

`used` counts octets: those of keys and values, and what Python needs beside them, as measured once
(ENTRY and ITEM). Asking the allocator would be truer and slower.

Left out: several databases. There is number 0.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from .clock import Clock
from .replies import WRONG_TYPE
from .sortedset import Sorted

if TYPE_CHECKING:
    from .client import Client
    from .memory import Order

ENTRY = 136  # octets for a key beside its own and those of its value
ITEM = 64  # octets for an item of a list, hash, set or sorted set beside its own

Listed = deque[bytes]
Hash = dict[bytes, bytes]
Members = set[bytes]
Stored: TypeAlias = bytes | Listed | Hash | Members | Sorted
Kind = TypeVar("Kind", Listed, Hash, Members, Sorted)


class Keyspace:
    """on_gone: told of each key that ends or is evicted, so that the log has it."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.values: dict[bytes, Stored] = {}
        self.ends: dict[bytes, int] = {}
        self.heap: list[tuple[int, bytes]] = []
        self.used = 0
        self.changes = 0
        self.expired = 0
        self.hits = 0
        self.misses = 0
        self.watchers: dict[bytes, set[Client]] = {}
        self.order: Order | None = None
        self.on_gone: Callable[[bytes], None] | None = None

    # Looking.

    def find(self, key: bytes) -> Stored | None:
        """What a key holds now."""
        value = self.values.get(key)
        if value is None:
            return None
        if self.ends and self.is_over(key):
            return None
        if self.order is not None:
            self.order.asked(key)
        return value

    def is_over(self, key: bytes) -> bool:
        """Whether the lifetime of a key has ended; if so, the key goes."""
        end = self.ends.get(key)
        if end is None or end > self.clock.now():
            return False
        self.end(key)
        return True

    def string(self, key: bytes) -> bytes | None:
        """Raises WRONG_TYPE where it holds something else."""
        # Looked at here too: one call less for what is asked most often.
        value = self.values.get(key) if not self.ends and self.order is None else self.find(key)
        if value is None or type(value) is bytes:
            return value
        raise WRONG_TYPE

    def kind(self, key: bytes, kind: type[Kind]) -> Kind | None:
        """What a key holds, which has to be of this kind. Raises WRONG_TYPE."""
        value = self.find(key)
        if value is None or type(value) is kind:
            return value
        raise WRONG_TYPE

    def every_key(self) -> Iterator[bytes]:
        """Those that are not over, in the order in which they were made."""
        if not self.ends:
            return iter(self.values)
        now, ends = self.clock.now(), self.ends
        return (key for key in self.values if ends.get(key, now + 1) > now)

    # Changing.

    def store(self, key: bytes, value: bytes) -> None:
        """A string, whatever was there before; without a lifetime."""
        values = self.values
        old = values.get(key)
        if old is None:
            self.used += ENTRY + len(key) + len(value)
        else:
            self.used += len(value) - (len(old) if type(old) is bytes else weight(old))
        values[key] = value
        if self.ends:
            self.ends.pop(key, None)
        self.changed(key)

    def replace(self, key: bytes, value: bytes) -> None:
        """A string in place of a string or of nothing; its lifetime stays."""
        old = self.values.get(key)
        self.used += len(value) - len(old) if type(old) is bytes else ENTRY + len(key) + len(value)
        self.values[key] = value
        self.changed(key)

    def make(self, key: bytes, kind: type[Kind]) -> Kind:
        """What a key holds, or a new one of this kind. Call `grew` behind it."""
        found = self.kind(key, kind)
        if found is not None:
            return found
        made = self.values[key] = kind()
        self.used += ENTRY + len(key)
        return made

    def grew(self, key: bytes, octets: int) -> None:
        """The items of a key take so much more, or less; one without items goes."""
        self.used += octets
        if not self.values[key]:
            self.forget(key)
        self.changed(key)

    def remove(self, key: bytes) -> bool:
        """Whether there was one."""
        if key not in self.values or (self.ends and self.is_over(key)):
            return False
        self.forget(key)
        self.changed(key)
        return True

    def move(self, key: bytes, new: bytes) -> None:
        """The value and its lifetime under another name."""
        value, end = self.values[key], self.ends.get(key)
        self.forget(key)
        if new in self.values:
            self.forget(new)
        self.values[new] = value
        self.used += ENTRY + len(new) + weight(value)
        if end is not None:
            self.live_until(new, end)
        self.changed(key)
        self.changed(new)

    def clear(self) -> None:
        for key in list(self.watchers):
            if key in self.values:
                self.tell(key)
        self.values.clear()
        self.ends.clear()
        self.heap.clear()
        self.used = 0
        self.changes += 1
        if self.order is not None:
            self.order.clear()

    def changed(self, key: bytes) -> None:
        """Every change of a key ends here."""
        self.changes += 1
        if self.watchers:
            self.tell(key)
        if self.order is not None and key in self.values:
            self.order.asked(key)

    def tell(self, key: bytes) -> None:
        """Who watches this key cannot EXEC any more."""
        for client in self.watchers.get(key, ()):
            client.disturbed = True

    def forget(self, key: bytes) -> None:
        self.used -= ENTRY + len(key) + weight(self.values.pop(key))
        if self.ends:
            self.ends.pop(key, None)
        if self.order is not None:
            self.order.gone(key)

    # Lifetimes.

    def live_until(self, key: bytes, end: int) -> None:
        """end: milliseconds since 1970."""
        self.ends[key] = end
        heappush(self.heap, (end, key))
        if len(self.heap) > 2 * len(self.ends) + 1000:
            self.heap = [(end, key) for key, end in self.ends.items()]
            heapify(self.heap)

    def live_on(self, key: bytes) -> bool:
        """Without an end. Whether there was one."""
        return self.ends.pop(key, None) is not None

    def soonest(self) -> bytes | None:
        """The key whose lifetime ends first."""
        heap, ends = self.heap, self.ends
        while heap:
            end, key = heap[0]
            if ends.get(key) == end:
                return key
            heappop(heap)
        return None

    def expire(self, most: int) -> int:
        """Let go of what is over, up to so many keys; returns how many."""
        now, count = self.clock.now(), 0
        while self.heap and self.heap[0][0] <= now and count < most:
            end, key = heappop(self.heap)
            if self.ends.get(key) == end:
                self.end(key)
                count += 1
        return count

    def end(self, key: bytes) -> None:
        self.expired += 1
        self.let_go(key)

    def let_go(self, key: bytes) -> None:
        """A key goes that nobody removed."""
        self.forget(key)
        if self.watchers:
            self.tell(key)
        if self.on_gone is not None:
            self.on_gone(key)


def weight(value: Stored) -> int:
    """Octets that a value counts."""
    if isinstance(value, bytes):
        return len(value)
    octets = sum([len(item) for item in value])
    if isinstance(value, dict):
        return octets + sum([len(item) for item in value.values()]) + 2 * ITEM * len(value)
    return octets + ITEM * len(value)
