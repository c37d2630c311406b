"""The shape that is expected of the rows, as data: an order, a band, a knee, a crossover.

    Order(("nodelay", "one-write", "two-writes"))            each below the next
    Within(Figure("two-writes", over="nodelay"), 20, None)   at least twenty times as long
    Knee(("1", "2", "4", "8"), at="4", steep=2.0)            flat to there, then at least doubling
    Crossover(("a1", "a9"), ("b1", "b9"))                    a below b at first, above it at last

    shape.judge(table)      Judged(Outcome.EXPECTED, "two writes: 44 ms, …")

Shapes, not digits: the digits are another machine's. Each judgement says the numbers that it is
made of. Where bands overlap, or there are too few runs, there is no conclusion, and that is said.

Left out: fitting curves. A shape that needs a fit to be seen is not worth a lesson.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Protocol

from .table import FEWEST, Band, Table
from .units import digits, shown


class Outcome(StrEnum):
    EXPECTED = "as expected"
    OTHERWISE = "not as expected"
    NONE = "no conclusion"


@dataclass(frozen=True, slots=True)
class Judged:
    """sentence: the numbers, or why there is no conclusion."""

    outcome: Outcome
    sentence: str


class Shape(Protocol):
    def judge(self, table: Table) -> Judged: ...


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that the rows give: a variant's quantity, or how many times another's it is."""

    variant: str
    quantity: str = ""
    over: str = ""

    def band(self, table: Table) -> Band | None:
        """None where there are too few runs, or the other one is nought."""
        if self.over:
            return table.times(self.variant, self.over, self.quantity)
        return table.sure(self.variant, self.quantity)

    def says(self, table: Table) -> str:
        if not self.over:
            return table.says(self.variant, self.quantity)
        band = self.band(table)
        times = f", {digits(band.median)} times" if band else ""
        return (
            " against ".join(table.says(v, self.quantity) for v in (self.variant, self.over))
            + times
        )

    def unit(self, table: Table) -> str:
        return "×" if self.over else table.quantity(self.quantity).unit


@dataclass(frozen=True, slots=True)
class Within:
    """A figure lies between two numbers, either of which may be None. Both belong to it."""

    figure: Figure
    low: float | None = None
    high: float | None = None

    def judge(self, table: Table) -> Judged:
        band = self.figure.band(table)
        if band is None:
            return _too_few(table, (self.figure.variant, self.figure.over), self.figure.quantity)
        low = float("-inf") if self.low is None else self.low
        high = float("inf") if self.high is None else self.high
        said = self.figure.says(table)
        if low <= band.low and band.high <= high:
            return Judged(Outcome.EXPECTED, said)
        if band.high < low or high < band.low:
            return Judged(Outcome.OTHERWISE, said)
        unit = self.figure.unit(table)
        return Judged(
            Outcome.NONE, f"{said}; some runs are inside and some outside {self._asked(unit)}"
        )

    def _asked(self, unit: str) -> str:
        low, high = (None if v is None else shown(v, unit) for v in (self.low, self.high))
        if low and high:
            return f"{low} to {high}"
        return f"at least {low}" if low else f"at most {high}"


@dataclass(frozen=True, slots=True)
class Order:
    """Each variant is below the next one, by bands that do not overlap."""

    rising: tuple[str, ...]
    quantity: str = ""

    def judge(self, table: Table) -> Judged:
        bands = [table.sure(v, self.quantity) for v in self.rising]
        known = [b for b in bands if b is not None]
        if len(known) < len(bands):
            return _too_few(table, self.rising, self.quantity)
        said = ", ".join(table.says(v, self.quantity) for v in self.rising)
        for (one, a), (other, b) in pairwise(zip(self.rising, known, strict=True)):
            if b.below(a):
                return Judged(Outcome.OTHERWISE, said)
            if not a.below(b):
                return Judged(Outcome.NONE, f"{said}; {_overlap(table, one, other)}")
        return Judged(Outcome.EXPECTED, said)


@dataclass(frozen=True, slots=True)
class Knee:
    """Flat up to `at`, then steep.

    variants  in the order of what grows
    flat      up to `at`, nothing is more than this many times the first
    steep     the one behind `at` is at least this many times the one at it
    """

    variants: tuple[str, ...]
    at: str
    flat: float = 1.5
    steep: float = 2.0
    quantity: str = ""

    def judge(self, table: Table) -> Judged:
        bands = {v: table.sure(v, self.quantity) for v in self.variants}
        known = {v: b for v, b in bands.items() if b is not None}
        if len(known) < len(bands):
            return _too_few(table, self.variants, self.quantity)
        place = self.variants.index(self.at)
        behind = self.variants[place + 1]
        first, bend, after = (known[v] for v in (self.variants[0], self.at, behind))
        said = ", ".join(table.says(v, self.quantity) for v in (self.variants[0], self.at, behind))
        before = [known[v] for v in self.variants[: place + 1]]
        if all(b.high <= self.flat * first.low for b in before) and (
            after.low >= self.steep * bend.high
        ):
            return Judged(Outcome.EXPECTED, said)
        if any(b.low > self.flat * first.high for b in before) or (
            after.high < self.steep * bend.low
        ):
            return Judged(Outcome.OTHERWISE, said)
        return Judged(Outcome.NONE, f"{said}; the bands are too wide to see where it bends")


@dataclass(frozen=True, slots=True)
class Crossover:
    """The first family is below the second at the beginning, and above it at the end.

    first, second   variants of two families, at the same places in the same order
    """

    first: tuple[str, ...]
    second: tuple[str, ...]
    quantity: str = ""

    def judge(self, table: Table) -> Judged:
        ends = [(self.first[0], self.second[0]), (self.second[-1], self.first[-1])]
        said = "; ".join(
            " against ".join(table.says(v, self.quantity) for v in pair) for pair in ends
        )
        for low, high in ends:
            a, b = table.sure(low, self.quantity), table.sure(high, self.quantity)
            if a is None or b is None:
                return _too_few(table, (low, high), self.quantity)
            if b.below(a):
                return Judged(Outcome.OTHERWISE, said)
            if not a.below(b):
                return Judged(Outcome.NONE, f"{said}; {_overlap(table, low, high)}")
        return Judged(Outcome.EXPECTED, f"{said}; {self._where(table)}")

    def _where(self, table: Table) -> str:
        """The last place at which the first family is still below, and the one behind it."""
        still = [
            (self.first[i], self.first[i + 1])
            for i in range(len(self.first) - 1)
            if _median(table, self.first[i], self.quantity)
            < _median(table, self.second[i], self.quantity)
        ]
        before, behind = still[-1]
        return f"they cross between {table.label(before)} and {table.label(behind)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What the lesson expects, and what it means.

    expects   a clause: "two small writes take at least twenty times as long as one"
    because   why, told only where the rows show it
    unless    what could be different here, told where they do not
    """

    name: str
    shape: Shape
    expects: str
    because: str
    unless: str = ""


def _median(table: Table, variant: str, quantity: str) -> float:
    band = table.band(variant, quantity)
    return band.median if band else float("nan")


def _overlap(table: Table, one: str, other: str) -> str:
    return f"the runs of {table.label(one)} and {table.label(other)} overlap"


def _too_few(table: Table, variants: Sequence[str], quantity: str) -> Judged:
    return Judged(Outcome.NONE, "; ".join(_lacking(table, variants, quantity)))


def _lacking(table: Table, variants: Sequence[str], quantity: str) -> Iterator[str]:
    """Why there is no figure."""
    few = [v for v in variants if v and len(table.values(v, quantity)) < FEWEST]
    for variant in few:
        count = len(table.values(variant, quantity))
        yield f"{table.label(variant)} has {count} of the {FEWEST} runs that it takes at least"
    if not few:
        yield "what it is compared with is nought, or was not measured in the same rounds"
