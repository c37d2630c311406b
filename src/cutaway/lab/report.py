"""What the rows show: bands, whether the prediction holds, each check, and the sentences.

    report = Report(lab, result)
    report.answer        Answer(right=False, found="about 40 ms", …)
    report.judged        (check, Judged(Outcome.EXPECTED, "two writes: 44 ms, …")), …
    report.outcome       the worst of them
    report.explanation() what each check shows, with the figures that it rests on

No sentence claims what the rows do not show. A check tells its reason only where it holds; where
the rows say otherwise, they contradict the lesson, and that is what is said.

Left out: how it is laid out on a screen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from .drawn import told as drawn_told
from .knobs import Settings
from .lab import Lab
from .prediction import Ranking
from .result import Result
from .runner import GAVE_UP, INTERRUPTED, TIME_IS_UP
from .shapes import Check, Figure, Judged, Outcome
from .table import FEWEST, SPREAD, Band, Table


@dataclass(frozen=True, slots=True)
class Told:
    """One part of the explanation. head: what was looked at, and its figures; may be empty."""

    outcome: Outcome
    head: str
    text: str

    def __str__(self) -> str:
        return f"{self.head}. {self.text}" if self.head else self.text


@dataclass(frozen=True, slots=True)
class Line:
    """A variant in the picture. band: None where nothing was measured."""

    label: str
    band: Band | None
    text: str


class Report:
    """Computed when made. The result must be one of this lab."""

    def __init__(self, lab: Lab, result: Result) -> None:
        self.lab, self.result = lab, result
        self.settings = Settings({**lab.defaults.values, **result.settings})
        self.plan = lab.plan(self.settings)
        self.labels = {variant.key: variant.label for variant in self.plan.variants}
        self.table = Table(lab.quantities, self.labels, result.rows)
        self.answer = self.plan.asks.judge(result.predicted, self.table)
        self.judged: tuple[tuple[Check, Judged], ...] = tuple(
            (check, check.shape.judge(self.table)) for check in self.plan.checks
        )

    @property
    def outcome(self) -> Outcome:
        """Not as expected where anything is; no conclusion where anything is open."""
        found = {judged.outcome for _, judged in self.judged}
        if Outcome.OTHERWISE in found:
            return Outcome.OTHERWISE
        if Outcome.NONE in found or self.table.runs < FEWEST:
            return Outcome.NONE
        return Outcome.EXPECTED

    @property
    def changed(self) -> dict[str, str]:
        """The knobs that do not stand at their defaults."""
        defaults = self.lab.defaults.values
        return {
            name: str(value)
            for name, value in self.settings.values.items()
            if value != defaults.get(name)
        }

    @property
    def predicted(self) -> str:
        return self.plan.asks.told(self.result.predicted, self.labels)

    @property
    def spread(self) -> str:
        return SPREAD.format(runs=self.table.runs, s="s" * (self.table.runs != 1))

    def lines(self, quantity: str = "") -> list[Line]:
        return [self._line(variant, quantity) for variant in self.labels]

    def _line(self, variant: str, quantity: str) -> Line:
        band = self.table.band(variant, quantity)
        return Line(self.labels[variant], band, self.table.shown(band, quantity) if band else "–")

    def mark(self, quantity: str = "") -> tuple[Figure, float, float] | None:
        """Where the prediction lies in the picture of a quantity: what it is about, from, to."""
        mark = self.plan.asks.mark(self.result.predicted)
        main = self.table.main.name
        return mark if mark and (mark[0].quantity or main) == (quantity or main) else None

    @property
    def ranked(self) -> str:
        """The quantity whose order was predicted; nothing where something else was."""
        asks = self.plan.asks
        return (asks.quantity or self.table.main.name) if isinstance(asks, Ranking) else ""

    @cached_property
    def ranks(self) -> dict[str, tuple[int, int]]:
        """Variant → the place that an order put it at, and the one that it has; from 1."""
        if not isinstance(self.plan.asks, Ranking):
            return {}
        quantity = self.plan.asks.quantity
        said = self.result.predicted.split(",")
        medians = {v: band.median for v in said if (band := self.table.band(v, quantity))}
        found = sorted(medians, key=lambda v: -medians[v])
        return {v: (said.index(v) + 1, found.index(v) + 1) for v in found}

    @property
    def ends(self) -> str:
        """The figures in a line: of each variant, or of the end of each curve."""
        pairs = zip(self.plan.variants, self.lines(), strict=True)
        ends = {v.family or v.key: line for v, line in pairs}
        figures = "; ".join(f"{line.label}: {line.text}" for line in ends.values() if line.band)
        return figures or "nothing was measured"

    def verdict(self) -> str:
        """What came of the prediction."""
        return (
            f"You said: {self.predicted}, {self.result.confidence} % sure. {self.answer.sentence}"
        )

    def drawn(self) -> list[str]:
        """How each curve that was drawn lies beside the rows."""
        return drawn_told(self.result.drawn, self.plan, self.table, self.lab.log)

    def explanation(self) -> list[Told]:
        said = [_explained(check, judged) for check, judged in self.judged]
        if not said:
            said = [Told(Outcome.EXPECTED, "", "With these settings the lesson expects nothing.")]
        if self.table.runs >= FEWEST:
            said += (Told(Outcome.EXPECTED, "", text) for text in self.lab.remarks(self.table))
        return said

    def doubts(self) -> list[str]:
        """What stands in the way of trusting the figures."""
        return [
            *self._ended(),
            *self.result.troubles,
            *self.result.machine.warnings(self.lab.seen_on),
        ]

    def _ended(self) -> Iterator[str]:
        runs, wanted = self.table.runs, self.result.wanted
        counts = f"{runs} of {wanted} run{'s' * (wanted != 1)} of each variant"
        if self.result.ended == INTERRUPTED:
            yield f"It was interrupted after {counts}; what was measured is kept."
        elif self.result.ended == TIME_IS_UP:
            yield f"Its {self.lab.limit:g} s were up after {counts}."
        elif self.result.ended == GAVE_UP:
            yield f"It was given up after {counts}."


def _explained(check: Check, judged: Judged) -> Told:
    if judged.outcome is Outcome.EXPECTED:
        text = check.because
    elif judged.outcome is Outcome.NONE:
        text = f"No conclusion whether {check.expects}."
    else:
        text = f"This contradicts the lesson, which expects that {check.expects}. {check.unless}"
    return Told(judged.outcome, f"{check.name} · {judged.sentence}", text.strip())
