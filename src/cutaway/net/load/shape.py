"""When each request is meant to be sent: a rate over time, and the moments it amounts to.

    Plan.steady(4, 2).times()                 0, 0.25, 0.5, … 1.75
    Plan.ramp(0, 100, 10)                     from 0 to 100 a second, evenly
    Plan.steps([(100, 5), (0, 1), (200, 5)])  five seconds of 100, a pause, five of 200
    Plan.steady(100, 10).at_random(seed=7)    the same rate, as independent people come: Poisson

The rate is a chain of straight segments. Its integral N(t) says how many requests are due by t; the
request number n has its time where N(t) = n. So every shape is one line inverted, and nothing drifts
as it would when gaps are added up.

At random, the steps of n are not 1 but drawn from an exponential distribution of mean 1. That makes a
Poisson process of whatever rate the segments say, and the same one for the same seed.

Left out: curves. Enough short segments make any.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from math import inf, isfinite, sqrt


@dataclass(frozen=True, slots=True)
class Segment:
    """`seconds` in which the rate goes evenly from `first` to `last`, both requests a second."""

    seconds: float
    first: float
    last: float

    def __post_init__(self) -> None:
        if not (isfinite(self.seconds) and self.seconds > 0):
            raise ValueError("a segment lasts more than 0 seconds")
        if not (isfinite(self.first) and isfinite(self.last)) or min(self.first, self.last) < 0:
            raise ValueError("a rate is 0 or more requests a second")

    @property
    def requests(self) -> float:
        return self.seconds * (self.first + self.last) / 2

    def reached(self, requests: float) -> float:
        """Seconds after which that many are due."""
        slope = (self.last - self.first) / self.seconds
        # Of the two ways to write the root this one loses no digits when the slope is small.
        root = sqrt(max(0.0, self.first * self.first + 2 * slope * requests))
        below = self.first + root
        return min(self.seconds, 2 * requests / below) if below else 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """seed   of the random moments; None: evenly spaced"""

    segments: tuple[Segment, ...]
    seed: int | None = None

    @classmethod
    def steady(cls, rate: float, seconds: float) -> Plan:
        return cls((Segment(seconds, rate, rate),))

    @classmethod
    def ramp(cls, first: float, last: float, seconds: float) -> Plan:
        return cls((Segment(seconds, first, last),))

    @classmethod
    def steps(cls, steps: Sequence[tuple[float, float]]) -> Plan:
        """steps  (rate, seconds), in order"""
        return cls(tuple(Segment(seconds, rate, rate) for rate, seconds in steps))

    def at_random(self, seed: int) -> Plan:
        """The same rate, at independent moments."""
        return replace(self, seed=seed)

    @property
    def seconds(self) -> float:
        return sum(segment.seconds for segment in self.segments)

    @property
    def requests(self) -> float:
        """How many the rate amounts to; at random, on average."""
        return sum(segment.requests for segment in self.segments)

    def times(self) -> Iterator[float]:
        """The intended moments, in seconds from the start. They never decrease."""
        begins, done = 0.0, 0.0
        numbers = self._numbers()
        number = next(numbers)
        for segment in self.segments:
            until = done + segment.requests
            while number < until:
                yield begins + segment.reached(number - done)
                number = next(numbers)
            begins += segment.seconds
            done = until

    def _numbers(self) -> Iterator[float]:
        if self.seed is None:
            return iter(count())
        return _random_walk(random.Random(self.seed))

    def __str__(self) -> str:
        parts = " then ".join(_shown(segment) for segment in self.segments[:4])
        more = f" and {len(self.segments) - 4} more" if len(self.segments) > 4 else ""
        chance = "" if self.seed is None else f", at random (seed {self.seed})"
        return parts + more + chance


def _random_walk(source: random.Random) -> Iterator[float]:
    number = 0.0
    while number < inf:
        number += source.expovariate(1.0)
        yield number


def _shown(segment: Segment) -> str:
    if segment.first == segment.last:
        return f"{segment.first:g}/s for {segment.seconds:g} s"
    return f"{segment.first:g} to {segment.last:g}/s in {segment.seconds:g} s"
