"""Latencies without a list of them: counts in buckets that are as fine as their value is large.

    times = Times(digits=3)          0.1 % of the value, from a microsecond to an hour
    times.record(0.0123)
    Latency(answered, given_up, never).at(99)        Moment(0.0123, at_least=False)

The buckets are those of HdrHistogram. What is ours is to keep in the picture what never came:

    never     refused, reset: no wait would have brought an answer. It stands behind all others.
    given up  after its timeout, or unfinished at the end: it took at least that long.

A percentile that falls among the latter is a lower bound and says so. A tool that leaves them out
makes a server look better the more requests it drops.

Left out: mean and standard deviation. Of latencies, neither describes anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, inf
from typing import NamedTuple

from hdrh.histogram import HdrHistogram  # type: ignore[import-untyped]

UNIT = 1_000_000  # a second in microseconds
HIGHEST = 3600 * UNIT


class Moment(NamedTuple):
    """seconds: infinite where no answer ever came; at_least: it is a lower bound."""

    seconds: float
    at_least: bool = False

    def __str__(self) -> str:
        if self.seconds == inf:
            return "never"
        return ("≥ " if self.at_least else "") + shown(self.seconds)


class Times:
    """digits: significant ones, 2 or 3. Recording costs 0.2 µs.

    The library's own `record_value` costs four times that, and it is called five times a request.
    So values are cut to the library's buckets and counted in a dict; it gets them when it is asked.
    """

    __slots__ = ("bits", "count", "counts", "digits", "most")

    def __init__(self, digits: int = 3) -> None:
        self.digits = digits
        self.bits = (2 * 10**digits - 1).bit_length()  # that its finest bucket tells apart
        self.counts: dict[int, int] = {}  # by microseconds
        self.count = 0
        self.most = 0.0

    def record(self, seconds: float) -> None:
        self.count += 1
        if seconds > self.most:
            self.most = seconds
        value = int(seconds * UNIT)
        coarse = value.bit_length() - self.bits
        if coarse > 0:
            value = value >> coarse << coarse
        counts = self.counts
        counts[value] = counts.get(value, 0) + 1

    def add(self, other: Times) -> None:
        """Both have the same digits."""
        for value, count in other.counts.items():
            self.counts[value] = self.counts.get(value, 0) + count
        self.count += other.count
        self.most = max(self.most, other.most)

    def ranked(self, ranks: Iterable[int]) -> list[float]:
        """The values that stand at these places, from 1 to count, in seconds."""
        histogram = HdrHistogram(1, HIGHEST, self.digits)
        for value, count in self.counts.items():
            histogram.record_value(min(max(value, 0), HIGHEST), count)
        places = [100.0 * rank / self.count for rank in ranks]
        found = histogram.get_percentile_to_value_dict(sorted(set(places)))
        return [min(found[place] / UNIT, self.most) for place in places]


class Latency:
    """answered: those that came; given_up: how long they were waited for; never: how many."""

    def __init__(self, answered: Times, given_up: Times | None = None, never: int = 0) -> None:
        self.answered, self.given_up = answered, given_up or Times(answered.digits)
        self.never = never
        self.count = answered.count + self.given_up.count + never
        self._all = answered
        if self.given_up.count:
            self._all = Times(answered.digits)
            self._all.add(answered)
            self._all.add(self.given_up)

    def at(self, percentile: float) -> Moment | None:
        """percentile: above 0, to 100. None where nothing was asked."""
        return self.at_each((percentile,))[0]

    def at_each(self, percentiles: Iterable[float]) -> list[Moment | None]:
        ranks = [max(1, ceil(p / 100 * self.count - 1e-9)) for p in percentiles]
        if not self.count:
            return [None for _ in ranks]
        low = _values(self._all, ranks)
        high = low if self._all is self.answered else _values(self.answered, ranks)
        return [Moment(a, at_least=b > a * 1.001) for a, b in zip(low, high, strict=True)]


def _values(times: Times, ranks: list[int]) -> list[float]:
    """Infinite behind the last."""
    inside = [rank for rank in ranks if rank <= times.count]
    found = iter(times.ranked(inside) if inside else [])
    return [next(found) if rank <= times.count else inf for rank in ranks]


def shown(seconds: float) -> str:
    """Three digits with their unit: 12.3 µs, 4.56 ms, 1.20 s."""
    for unit, name in ((1e-6, "µs"), (1e-3, "ms")):
        if seconds < 999.5 * unit:
            return f"{_digits(seconds / unit)} {name}"
    return f"{_digits(seconds)} s"


def _digits(value: float) -> str:
    return f"{value:.0f}" if value >= 99.95 or value == 0 else f"{value:.3g}"
