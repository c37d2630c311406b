"""What `cutaway load` shows: a line a second while it runs, and a page when it has ended.

      p50      174 µs  ██████
      p99     3.13 ms  ████████████████████
      p99.9      ≥ 2 s ████████████████████████████▸
      most       never ─────────────────────────────

The bars are logarithmic: between a good answer and a bad one lies a factor, not a distance.

Left out: figures for programs. Those are in load_json.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from math import floor, inf, log10
from typing import TextIO

from ..grade.reports.terminal import Look
from ..grade.reports.text import escaped
from ..net.load import Latency, Moment, Result
from ..net.load.histogram import shown
from ..net.load.ledger import STATUS, Progress
from ..wire import quoted

CURVE = (50, 75, 90, 95, 99, 99.9, 99.99, 100)
COLUMNS = ("asked", "answered", "failed", "open", "p50", "p99")
CELL = 11  # columns of each
LONGEST, LABEL = 40, 12


class Watching:
    """A line a second, where a person looks."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.seen = stream.isatty() and os.environ.get("TERM") != "dumb"
        self.told = 0

    def __enter__(self) -> Watching:
        return self

    def __exit__(self, *_: object) -> None:
        if self.told:
            self.stream.write("\n")
            self.stream.flush()

    def tell(self, progress: Progress) -> None:
        """Called from the loop that makes the load: one write, and no more."""
        if not self.seen:
            return
        text = line_of(progress)
        if not self.told:
            text = "  " + "".join(f"{name:>{CELL}}" for name in ("", *COLUMNS)) + "\n" + text
        self.told += 1
        self.stream.write(text + "\n")
        self.stream.flush()


def line_of(progress: Progress) -> str:
    counts = (progress.asked, progress.answered, progress.failed, progress.unfinished)
    cells = [f"{progress.at:.0f} s", *(f"{count:,}" for count in counts)]
    cells += [str(moment) if moment else "–" for moment in (progress.p50, progress.p99)]
    return "  " + "".join(f"{cell:>{CELL}}" for cell in cells)


def picture_of(result: Result, out: Look) -> Iterator[str]:
    """The page, line by line."""
    yield out.paint(escaped(result.name), "bold")
    yield f"  {out.paint(summary_of(result), 'bold' if result.answered else 'red')}"
    if result.own.sentence:
        lines = out.wrapped(result.own.sentence, 2)
        yield from (f"  {out.paint(line, 'yellow')}" for line in lines)
    kind = str(result.plan) if not closed(result) else f"closed loop of {result.bound} clients"
    stopped = ", stopped before its end" if result.stopped else ""
    yield f"  {kind}{stopped}"
    yield ""
    yield from counts_of(result)
    yield ""
    yield from curve_of(result, out)
    yield ""
    for label, text in notes_of(result):
        first, *more = out.wrapped(text, 2 + LABEL)
        yield f"  {out.paint(f'{label:<{LABEL}}', 'dim')}{first}"
        yield from (" " * (2 + LABEL) + line for line in more)


def summary_of(result: Result) -> str:
    """What most people want to know, in one line."""
    rest = [(n, escaped(kind)) for kind, n in result.errors.items() if kind != STATUS]
    rest += [(result.unfinished, "unfinished")] * (result.unfinished > 0)
    lost = ", ".join(f"{n:,} {kind}" for n, kind in rest)
    if not result.answered:
        return f"nothing was answered: {lost}" if lost else "nothing was asked"
    bad = result.errors.get(STATUS, 0)
    errors = f"{bad:,} of {result.answered:,} answers are errors" if bad else ""
    return " · ".join(part for part in (f"latency {pair(result.latency)}", errors, lost) if part)


def closed(result: Result) -> bool:
    return result.plan.requests == 0


def counts_of(result: Result) -> Iterator[str]:
    kinds = {kind: n for kind, n in result.errors.items() if kind != STATUS}
    bad = result.errors.get(STATUS, 0)
    rows: tuple[tuple[str, int, Mapping[str, int]], ...] = (
        ("asked", result.asked, {}),
        ("answered", result.answered, result.statuses),
        *([("errors", bad, {})] if bad else []),
        ("failed", result.failed, kinds),
        ("unfinished", result.unfinished, {}),
    )
    for label, count, parts in rows:
        share = f"{count / result.asked:>9.2%}" if label != "asked" and result.asked else " " * 9
        said = ", ".join(f"{escaped(name)} {number:,}" for name, number in parts.items())
        yield f"  {label:<{LABEL}}{count:>11,}{share}   {said}".rstrip()


def curve_of(result: Result, out: Look) -> Iterator[str]:
    """The percentiles as bars."""
    found = result.latency.at_each(CURVE)
    marks = [m for m in found if m is not None]
    if marks and all(m.seconds == inf for m in marks):
        yield f"  {'latency':<{LABEL}}{'never':>11}  of every request: none was answered"
        return
    finite = [m.seconds for m in marks if 0 < m.seconds < inf]
    low = 10.0 ** floor(log10(min(finite))) if finite else 1e-6
    high = max([*finite, low * 10])
    since = "sending" if closed(result) else "the intended time"
    yield f"  latency since {since}; bars are logarithmic, from {shown(low)}"
    for percentile, moment in zip(CURVE, found, strict=True):
        if moment is None or not worth_telling(percentile, result.latency.count):
            continue
        name = "most" if percentile == 100 else f"p{percentile:g}"
        yield f"  {name:<{LABEL}}{moment!s:>11}  {out.paint(bar(moment, low, high), colour(moment))}"


def worth_telling(percentile: float, count: int) -> bool:
    """A percentile behind which no request stands is the longest one again."""
    return percentile == 100 or count * (100 - percentile) >= 100


def bar(moment: Moment, low: float, high: float) -> str:
    if moment.seconds == inf:
        return "─" * LONGEST
    part = log10(max(moment.seconds, low) / low) / log10(high / low)
    return "█" * max(1, round(part * LONGEST)) + ("▸" if moment.at_least else "")


def colour(moment: Moment) -> str:
    if moment.seconds == inf:
        return "red"
    return "yellow" if moment.at_least else "green"


def notes_of(result: Result) -> Iterator[tuple[str, str]]:
    """What else is worth knowing, each with a label."""
    if result.odd:
        yield "malformed", f"the first such answer began with {quoted(result.odd, 48)}"
    if any(m and (m.at_least or m.seconds == inf) for m in result.latency.at_each(CURVE)):
        yield (
            "≥, never",
            "Requests that had no answer are in the percentiles: those that were given up took at"
            " least that long, those that failed never end.",
        )
    if result.errors.get(STATUS) and result.good.count:
        yield "good ones", f"{pair(result.good)} without the answers that are errors"
    if not closed(result) and result.since_sent.count:
        yield "since sent", f"{pair(result.since_sent)}: what is left when waiting is not counted"
    text = f"{result.opened:,} opened, at most {result.most_connections:,} at a time"
    if result.waited and not closed(result):
        text += (
            f". {result.waited:,} requests waited for one, which is in their latency:"
            f" --connections allows more than {result.bound:,}"
        )
    yield "connections", text
    yield "rate", f"{result.rate:,.1f} good answers a second, over {result.seconds:.3g} s"
    own = result.own
    yield (
        "generator",
        f"took requests up {shown(own.late_p50)} late (p50), {shown(own.late_p99)} (p99),"
        f" {shown(own.late_most)} (most), with {own.share:.0%} of a core at its busiest",
    )


def pair(latency: Latency) -> str:
    p50, p99 = latency.at_each((50, 99))
    return f"p50 {p50 or '–'}, p99 {p99 or '–'}"
