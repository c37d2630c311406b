"""A run beside the one before it, when one thing was changed.

    compared(now, before).lines
    two writes     44 ms → 0.02 ms     lower: 0.000455 times
    one write      9 µs → 9.1 µs       no conclusion: the runs of both overlap

Only the first quantity is compared, of the variants that both have. Two runs are minutes or days
apart, so what differs may be the machine and not the knob: that is said where it was another one, or
where all the variants moved alike.

Left out: more than two. The rows of every run are kept, as CSV too.
"""

from __future__ import annotations

from dataclasses import dataclass

from .report import Report
from .table import FEWEST, Band
from .units import digits

ALIKE = 1.15  # times, between the variant that moved most and the one that moved least


@dataclass(frozen=True, slots=True)
class Turned:
    """A knob that was turned."""

    knob: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A variant in both. word: higher, lower, or no conclusion; sentence: with the figures."""

    label: str
    before: str
    now: str
    word: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Comparison:
    quantity: str
    turned: tuple[Turned, ...]
    lines: tuple[Moved, ...]
    doubts: tuple[str, ...]


def compared(now: Report, before: Report) -> Comparison:
    """Of the same lab."""
    both = [variant for variant in now.labels if variant in before.labels]
    return Comparison(
        now.table.main.name,
        tuple(_turned(now, before)),
        tuple(_moved(now, before, variant) for variant in both),
        tuple(_doubts(now, before, both)),
    )


def _turned(now: Report, before: Report) -> list[Turned]:
    mine, theirs = now.settings.values, before.settings.values
    return [
        Turned(knob.name, knob.shown(theirs[knob.name]), knob.shown(mine[knob.name]))
        for knob in now.lab.knobs
        if mine[knob.name] != theirs[knob.name]
    ]


def _moved(now: Report, before: Report, variant: str) -> Moved:
    new, old = now.table.band(variant), before.table.band(variant)
    figures = (_figure(before, old), _figure(now, new))
    label = now.labels[variant]
    if not new or not old or min(new.runs, old.runs) < FEWEST:
        return Moved(label, *figures, "no conclusion", "too few runs")
    if not new.below(old) and not old.below(new):
        return Moved(label, *figures, "no conclusion", "the runs of both overlap")
    times = f"{digits(new.median / old.median)} times" if old.median else ""
    return Moved(label, *figures, "higher" if old.below(new) else "lower", times)


def _figure(report: Report, band: Band | None) -> str:
    return report.table.shown(band) if band else "not measured"


def _doubts(now: Report, before: Report, both: list[str]) -> list[str]:
    said = []
    if now.result.machine.line() != before.result.machine.line():
        said.append(f"The run before was on another machine: {before.result.machine.line()}.")
    ratios = [
        new.median / old.median
        for v in both
        if (new := now.table.sure(v)) and (old := before.table.sure(v)) and old.median
    ]
    moved = [ratio for ratio in ratios if not 1 / ALIKE < ratio < ALIKE]
    if len(ratios) > 1 and len(moved) == len(ratios) and max(ratios) < ALIKE * min(ratios):
        said.append("All of them moved alike: it may be the machine that was faster or slower.")
    return said
