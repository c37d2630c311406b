"""SCAN: all keys, some at a time, while others change them.

    SCAN 0         ["4294967306", [ten keys]]        the cursor leads on
    SCAN 4294…     ["0", [the rest]]                 0: that was all

What is promised: a key that is there from the first call to the last is met. So the first call makes a
list of all keys, and the cursor says which list and where in it. Valkey keeps nothing: its cursor is a
place among the buckets of its table, turned around bit by bit, which Python's dict does not show.

Lists are kept for the latest few scans. A cursor of one that is forgotten begins anew, so keys may come
twice, which is allowed (Valkey commands §SCAN).

Left out: memory of what was told already.
"""

from __future__ import annotations

from collections import OrderedDict

from .keyspace import Keyspace

MOST = 16
PLACE = 32  # bits of a cursor that say where in the list


class Scans:
    def __init__(self, space: Keyspace) -> None:
        self.space = space
        self.lists: OrderedDict[int, list[bytes]] = OrderedDict()
        self.count = 0

    def some(self, cursor: int, count: int) -> tuple[int, list[bytes]]:
        """The cursor that leads on, or 0, and keys that are still there."""
        number, place = cursor >> PLACE, cursor & ((1 << PLACE) - 1)
        if number not in self.lists:
            number, place = self.begin(), 0
        keys = self.lists[number]
        end = place + count
        found = [key for key in keys[place:end] if key in self.space.values]
        if end < len(keys):
            return (number << PLACE) + end, found
        del self.lists[number]
        return 0, found

    def begin(self) -> int:
        self.count += 1
        self.lists[self.count] = list(self.space.values)
        if len(self.lists) > MOST:
            self.lists.popitem(last=False)
        return self.count
