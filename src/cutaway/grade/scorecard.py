"""The scorecard of a project: what of it stands, axis by axis, once all its stages were played.

    correct   ✓  9 of 9 stages
    durable   ✓  2 of 2 stages
    graceful  ✗  2 of 3 stages · not yet: drain
    fast      ✓  1 of 1 stage · 0.93 times as fast as the reference (0.88 to 0.97)

    carded(result, {"create": "correct", …, "pace": "fast"}).card      a tuple of Axis

topic.toml says under [axes] for which of them a stage counts; an axis is as full as its stages are
passed. A figure that a stage measured stands behind its axis. It is a ratio to the reference, which
ran at the same time on the same machine, and where the rounds lie too far apart nothing is concluded
from it. A figure decides no verdict: only a stage does that.

Left out: what counts for how much. An axis is no mark, and the axes are not added up.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from .verdict import CheckResult, StageResult, Verdict

APART = 1.6  # the best round over the worst, from which on nothing is concluded


@dataclass(frozen=True, slots=True)
class Measured:
    """The program's figure over the reference's, round by round. what: "reads a second"."""

    what: str
    mine: tuple[float, ...]
    reference: tuple[float, ...]

    @property
    def ratios(self) -> list[float]:
        return [mine / other for mine, other in zip(self.mine, self.reference, strict=True)]

    @property
    def ratio(self) -> float:
        return statistics.median(self.ratios)

    @property
    def sure(self) -> bool:
        """Whether the rounds say the same."""
        return max(self.ratios) <= APART * min(self.ratios)

    @property
    def sentence(self) -> str:
        low, high, rounds = min(self.ratios), max(self.ratios), len(self.ratios)
        if not self.sure:
            return (
                f"no conclusion: {low:.2f} to {high:.2f} times as fast as the reference in {rounds}"
                " rounds, on a machine that is busy"
            )
        mine, reference = statistics.median(self.mine), statistics.median(self.reference)
        return (
            f"{self.ratio:.2f} times as fast as the reference ({low:.2f} to {high:.2f} in {rounds}"
            f" rounds; {mine:.0f} {self.what}, the reference {reference:.0f})"
        )


@dataclass(frozen=True, slots=True)
class Axis:
    """stages: how many count for it. lacking: slugs of those that have not passed."""

    name: str
    verdict: Verdict
    stages: int
    lacking: tuple[str, ...] = ()
    measured: Measured | None = None

    @property
    def passed(self) -> int:
        return self.stages - len(self.lacking)


def carded(result: CheckResult, axes: Mapping[str, str]) -> CheckResult:
    """With its scorecard, where the topic has one and every stage was played. axes: slug → axis."""
    stages = {stage.name.partition("/")[2]: stage for stage in result.stages}
    if not axes or not axes.keys() <= stages.keys():
        return result
    names = dict.fromkeys(axes.values())
    return replace(
        result,
        card=tuple(
            axis_of(name, [stages[slug] for slug, of in axes.items() if of == name])
            for name in names
        ),
    )


def axis_of(name: str, stages: Sequence[StageResult]) -> Axis:
    """One axis, from the stages that count for it."""
    lacking = [stage for stage in stages if stage.verdict is not Verdict.PASS]
    found = {stage.verdict for stage in lacking}
    order = (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.SKIPPED)
    measured = [case.measured for stage in stages for case in stage.cases if case.measured]
    return Axis(
        name,
        next((verdict for verdict in order if verdict in found), Verdict.PASS),
        len(stages),
        tuple(stage.name.partition("/")[2] for stage in lacking),
        measured[0] if measured else None,
    )
