"""How often was a key asked for lately? About so often, in a few bits a key: a count-min sketch.

    row 0   . . 3 . . . 1 .        a key has one counter in each row, by four hashes
    row 1   1 . . . . 3 . .        asked for: all four go up
    row 2   . 4 . . . . . .        how often: the least of the four
    row 3   . . . 3 . . . 1

Another key may share a counter and raise it, hardly ever all four; so the least is at most too high.
No key is stored. After ten times as many keys as the cache holds, every counter is halved: what was
popular long ago fades, and a counter never needs more than four bits, up to 15.

Einziger, Friedman, Manes: TinyLFU, A Highly Efficient Cache Admission Policy, ACM Transactions on
Storage 2017.

Left out: the doorkeeper, a Bloom filter that keeps keys seen once away from the counters; packing
two counters into an octet.
"""

from __future__ import annotations

ROWS = 4
MOST = 15  # four bits
WIDTH = 4  # times the capacity: counters in a row
AGE = 10  # times the capacity, after which counters are halved
#: Odd, without a pattern: each spreads the keys over a row in its own way.
FACTORS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93)
WORD = (1 << 64) - 1


class Sketch:
    """capacity: keys in the cache beside it. A row has at least four counters for each of them."""

    def __init__(self, capacity: int) -> None:
        self.bits = (WIDTH * capacity - 1).bit_length()
        self.rows = [bytearray(1 << self.bits) for _ in range(ROWS)]
        self.period = AGE * capacity
        self.seen = 0

    def add(self, key: int) -> None:
        shift = 64 - self.bits
        for row, factor in zip(self.rows, FACTORS, strict=True):
            place = ((key * factor) & WORD) >> shift
            if row[place] < MOST:
                row[place] += 1
        self.seen += 1
        if self.seen >= self.period:
            self.halve()

    def count(self, key: int) -> int:
        """How often, about; at most 15."""
        shift = 64 - self.bits
        return min(
            row[((key * factor) & WORD) >> shift]
            for row, factor in zip(self.rows, FACTORS, strict=True)
        )

    def halve(self) -> None:
        self.rows = [bytearray(row.translate(HALVES)) for row in self.rows]
        self.seen //= 2


HALVES = bytes(value // 2 for value in range(256))
