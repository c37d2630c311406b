"""The picture in the terminal: a bar for each variant, and the prediction below the one it is about.

    two writes                │████████████████████████████████████████  44 ms
      you said about 1 ms     │▒▒
    two writes, TCP_NODELAY   │▏ 0.02 ms   0.018 to 0.03 ms

Where an order was predicted, each has such a line: as long as what stands at the place that it was
given.

    one kept                  │████████████  830 ms
      you said                │▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒  place 1; it is at place 2

A bar ends at the median; `┤` marks the highest run where it is further away. On a logarithmic scale
a bar from the left would mean nothing, so a dot stands at the median, with its band as a line.

Left out: colour. Whoever prints the lines knows whether there is any.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .report import Report

LABELS = 34  # columns at most
FIGURES = 26  # columns for the figures behind a bar
LEAST = 16
SAID = "▒"
EIGHTHS = " ▏▎▍▌▋▊▉"

Place = Callable[[float], float]  # value → 0.0 to 1.0
Ranks = Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class BarLine:
    """said: whether it is the learner's."""

    text: str
    said: bool = False


def bars(report: Report, width: int = 100, quantity: str = "") -> list[BarLine]:
    """The lines, none longer than `width`; with the prediction where it is about this quantity."""
    lines = report.lines(quantity)
    values = [v for line in lines if line.band for v in (line.band.low, line.band.high)]
    if not values:
        return [BarLine("  nothing was measured")]
    mark = report.mark(quantity)
    labels = min(LABELS, max(len(line.label) for line in lines) + 2)
    room = max(LEAST, width - labels - FIGURES - 4)
    bounds = [v for v in mark[1:] if math.isfinite(v)] if mark else []
    place = log_scale([*values, *bounds]) if report.lab.log else linear_scale(values + bounds)
    ranks = report.ranks if report.ranked == (quantity or report.table.main.name) else {}
    heights = {found: _median(report, v, quantity) for v, (_, found) in ranks.items()}
    out = []
    for variant, line in zip(report.labels, lines, strict=True):
        shape = _dot if report.lab.log else _bar
        drawn, figures = "", line.text
        if line.band:
            drawn = shape(line.band.low, line.band.median, line.band.high, place, room)
            figures = _figures(report, line.text, variant, quantity)
        out.append(_line(_cut(line.label, labels), f"{drawn}  {figures}", labels, False))
        if mark and mark[0].variant == variant:
            out.append(
                _line("  you said", _said(mark[1], mark[2], place, room, report), labels, True)
            )
        elif variant in ranks:
            out.append(
                _line("  you said", _ranked(variant, ranks, heights, place, room), labels, True)
            )
    return out


def _ranked(
    variant: str, ranks: Ranks, heights: Mapping[int, float], place: Place, room: int
) -> str:
    """As long as what stands where the variant was put."""
    said, found = ranks[variant]
    length = round(room * place(heights[said])) if said in heights else 0
    text = "so it is" if said == found else f"it is at place {found}"
    return f"{SAID * max(1, length)}  place {said}; {text}"


def _line(label: str, drawn: str, labels: int, said: bool) -> BarLine:
    return BarLine(f"  {label:<{labels}}│{drawn}".rstrip(), said)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _median(report: Report, variant: str, quantity: str) -> float:
    band = report.table.band(variant, quantity)
    return band.median if band else 0.0


def _figures(report: Report, text: str, variant: str, quantity: str) -> str:
    band = report.table.band(variant, quantity)
    assert band is not None
    unit = report.table.quantity(quantity)
    low, high = unit.shown(band.low), unit.shown(band.high)
    return text if low == high else f"{text}  ({low} to {high})"


def linear_scale(values: list[float]) -> Place:
    most = max(values) or 1.0
    return lambda value: min(1.0, max(0.0, value / most))


def log_scale(values: list[float]) -> Place:
    """From the power of ten below the least to the one above the most; nought is at the left."""
    positive = [v for v in values if v > 0] or [1.0]
    low = math.floor(math.log10(min(positive)))
    high = max(low + 1, math.ceil(math.log10(max(positive))))

    def place(value: float) -> float:
        if value <= 0:
            return 0.0
        return min(1.0, max(0.0, (math.log10(value) - low) / (high - low)))

    return place


def _bar(low: float, median: float, high: float, place: Place, room: int) -> str:
    whole, part = divmod(round(8 * room * place(median)), 8)
    drawn = "█" * whole + (EIGHTHS[part] if part else "")
    if not drawn and median > 0:
        drawn = EIGHTHS[1]
    end = round(room * place(high))
    return drawn + "─" * (end - len(drawn) - 1) + "┤" if end > len(drawn) + 1 else drawn


def _dot(low: float, median: float, high: float, place: Place, room: int) -> str:
    at, left, right = (round((room - 1) * place(v)) for v in (median, low, high))
    drawn = ["·" if i < left else "─" for i in range(right + 1)]
    drawn[at] = "●"
    return "".join(drawn)


def _said(low: float, high: float, place: Place, room: int, report: Report) -> str:
    left = math.floor((room - 1) * place(low))
    right = math.ceil((room - 1) * place(high)) if math.isfinite(high) else room - 1
    text = f"  {_cut(report.predicted, FIGURES + 10)}"
    return " " * left + SAID * max(1, right - left + 1) + text
