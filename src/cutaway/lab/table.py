"""What was measured: rows, and for each variant the median and how far the runs lie apart.

    run 0   two-writes 44.0 ms    nodelay 0.02 ms
    run 1   two-writes 44.1 ms    nodelay 0.02 ms
    run 2   two-writes 43.9 ms    nodelay 0.04 ms

    table.band("two-writes")        Band(low=0.0439, median=0.0440, high=0.0441, runs=3)

The band goes from the lowest to the highest run. With three to five runs a quartile would be a
guess, and of two variants that are alike the bands of five runs lie apart by chance only once in
126 times. Whatever compares two variants asks whether their bands overlap; if so, nothing is
concluded.

Left out: means and deviations. Times have long tails, and a mean follows the tail.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .units import shown

FEWEST = 3  # runs, below which nothing is concluded
SPREAD = "median, and the lowest to the highest of {runs} run{s}"


@dataclass(frozen=True, slots=True)
class Quantity:
    """One thing that is measured. unit: "s" for times, else a plural: "reads"."""

    name: str
    unit: str
    means: str = ""

    def shown(self, value: float) -> str:
        return shown(value, self.unit)


@dataclass(frozen=True, slots=True)
class Row:
    """One run of one variant. values: quantity → number; the first quantity is always there."""

    variant: str
    run: int
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Band:
    """Where the runs of one variant lie."""

    low: float
    median: float
    high: float
    runs: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Band:
        return cls(min(values), statistics.median(values), max(values), len(values))

    def below(self, other: Band) -> bool:
        """Whether every run of this one is below every run of the other."""
        return self.high < other.low


class Table:
    """The rows of an experiment. quantities: the first is the one that the experiment is about."""

    def __init__(
        self, quantities: Sequence[Quantity], labels: Mapping[str, str], rows: Iterable[Row]
    ) -> None:
        self.quantities = {q.name: q for q in quantities}
        self.labels = labels
        self.rows = tuple(rows)
        self.main = quantities[0]

    def quantity(self, name: str = "") -> Quantity:
        return self.quantities[name] if name else self.main

    def values(self, variant: str, quantity: str = "") -> list[float]:
        name = quantity or self.main.name
        mine = (row.values for row in self.rows if row.variant == variant)
        return [values[name] for values in mine if name in values]

    def band(self, variant: str, quantity: str = "") -> Band | None:
        """None where nothing was measured."""
        values = self.values(variant, quantity)
        return Band.of(values) if values else None

    def sure(self, variant: str, quantity: str = "") -> Band | None:
        """The same, but None where there are too few runs to conclude anything."""
        band = self.band(variant, quantity)
        return band if band and band.runs >= FEWEST else None

    def label(self, variant: str) -> str:
        return self.labels.get(variant, variant)

    def times(self, variant: str, other: str, quantity: str = "") -> Band | None:
        """How many times the other's, run by run: both ran right after each other, on a machine
        that was as busy for the one as for the other. None with too few runs, or where one is nought.
        """
        name = quantity or self.main.name
        mine, theirs = (
            {
                row.run: row.values[name]
                for row in self.rows
                if row.variant == v and name in row.values
            }
            for v in (variant, other)
        )
        both = mine.keys() & theirs.keys()
        if len(both) < FEWEST or not all(theirs[run] for run in both):
            return None
        return Band.of([mine[run] / theirs[run] for run in both])

    def shown(self, band: Band, quantity: str = "") -> str:
        return self.quantity(quantity).shown(band.median)

    def says(self, variant: str, quantity: str = "") -> str:
        """two writes: 44 ms"""
        band = self.band(variant, quantity)
        what = f", {quantity}" if quantity else ""
        return (
            f"{self.label(variant)}{what}: {self.shown(band, quantity) if band else 'not measured'}"
        )

    @property
    def runs(self) -> int:
        """Of the variant with the fewest."""
        counts = [len(self.values(variant)) for variant in self.labels]
        return min(counts, default=0)
