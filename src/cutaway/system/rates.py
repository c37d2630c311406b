"""How much passes, of late: counts a second and how long answers take.

    rates = Rates()
    rates.exchange(now, seconds=0.004)
    rates.at(now)                      Now(exchanges=12.0, p50=0.0041, …)

The last WINDOW seconds are looked at, in slots, so that a figure is neither nervous nor late. Times
are kept in buckets that grow by a tenth: a percentile is right to 5 %, for a few hundred octets.

Left out: history. The page draws that from what it was told.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

WINDOW = 2.0  # seconds
SLOT = 0.1
GROWTH = math.log(1.1)
LEAST = 1e-6  # seconds


class Now(NamedTuple):
    """A second; times in seconds, None where nothing was answered."""

    exchanges: float
    messages: float
    octets: float
    unanswered: float
    p50: float | None
    p99: float | None


@dataclass(slots=True)
class Slot:
    number: int
    exchanges: int = 0
    messages: int = 0
    octets: int = 0
    unanswered: int = 0
    times: Counter[int] = field(default_factory=Counter)


class Rates:
    """All methods take monotonic seconds, which never go back by more than a slot."""

    def __init__(self) -> None:
        self._slots: deque[Slot] = deque()

    def message(self, now: float) -> None:
        self._slot(now).messages += 1

    def octets(self, now: float, count: int) -> None:
        self._slot(now).octets += count

    def exchange(self, now: float, seconds: float | None) -> None:
        """One that is over; None: without an answer."""
        slot = self._slot(now)
        if seconds is None:
            slot.unanswered += 1
        else:
            slot.exchanges += 1
            slot.times[bucket(seconds)] += 1

    def at(self, now: float) -> Now:
        return together([self], now)

    def slots(self, now: float) -> deque[Slot]:
        """Those of the window."""
        first = int((now - WINDOW) / SLOT)
        while self._slots and self._slots[0].number <= first:
            self._slots.popleft()
        return self._slots

    def _slot(self, now: float) -> Slot:
        number = int(now / SLOT)
        if not self._slots or self._slots[-1].number < number:
            self._slots.append(Slot(number))
            while len(self._slots) > WINDOW / SLOT + 2:
                self._slots.popleft()
        return self._slots[-1]


def together(several: Iterable[Rates], now: float) -> Now:
    """As if all had been one."""
    slots = [slot for rates in several for slot in rates.slots(now)]
    times: Counter[int] = Counter()
    for slot in slots:
        times.update(slot.times)

    def rate(name: str) -> float:
        count: int = sum(getattr(slot, name) for slot in slots)
        return count / WINDOW

    return Now(
        rate("exchanges"),
        rate("messages"),
        rate("octets"),
        rate("unanswered"),
        percentile(times, 0.50),
        percentile(times, 0.99),
    )


def bucket(seconds: float) -> int:
    return math.floor(math.log(max(seconds, LEAST) / LEAST) / GROWTH)


def percentile(times: Counter[int], share: float) -> float | None:
    """The middle of the bucket in which it lies."""
    wanted, seen = share * times.total(), 0
    for number in sorted(times):
        seen += times[number]
        if seen >= wanted:
            return LEAST * math.exp((number + 0.5) * GROWTH)
    return None
