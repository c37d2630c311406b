"""Measure: a warm-up, then rounds of all variants until there are enough runs of each.

    warm-up  A B C        measured, and left out
    round 1  A B C
    round 2  A B C        interleaved: what drifts, drifts for all of them alike
    round 3  A B C

    measured = run(lab, settings, tell=lambda step: …)
    measured.rows, measured.ended        "whole", "interrupted", or why it is shorter

Ctrl-C ends it, and what was measured is kept. So does the lab's limit in seconds, before a round
that would pass it; the first three, without which nothing could be concluded, may take four times
as long. A run that comes to nothing is a reason, and the others go on; when the first
runs of a variant come to nothing one after another, no more are tried.

Left out: processes and sockets. The measuring function closes what it opens.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .knobs import Settings
from .lab import Lab, Unmeasured, Variant
from .table import FEWEST, Row
from .trace import Moment

WHOLE, INTERRUPTED, TIME_IS_UP, GAVE_UP = "whole", "interrupted", "time is up", "gave up"
GRACE = 4  # times the limit, for runs without which nothing could be concluded
PATIENCE = 2  # runs of one variant that come to nothing, before all is given up

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Step:
    """Where the work stands. label: what is being measured."""

    done: int
    of: int
    label: str


@dataclass(slots=True)
class Measured:
    """rows: of the runs that came to something. troubles: why others did not."""

    rows: list[Row] = field(default_factory=list)
    ended: str = WHOLE
    troubles: list[str] = field(default_factory=list)
    seconds: float = 0.0
    traces: dict[str, tuple[Moment, ...]] = field(default_factory=dict)


def run(
    lab: Lab,
    settings: Settings,
    runs: int | None = None,
    tell: Callable[[Step], None] = lambda step: None,
    clock: Clock = time.monotonic,
    traced: bool = False,
) -> Measured:
    """Measure every variant `runs` times. Raises Missing where the lab cannot be set up.

    traced   also have one exchange of each, behind the runs, and keep its octets
    """
    measured, began = Measured(), clock()
    variants, rounds = lab.plan(settings).variants, runs or lab.runs
    reasons: dict[str, list[str]] = {}
    try:
        with lab.bench(settings) as bench:
            job = _Job(lab, settings, bench, measured, tell, clock, reasons)
            _rounds(job, variants, rounds, began)
            if traced:
                job.trace(variants)
    except KeyboardInterrupt:
        measured.ended = INTERRUPTED
    except Unmeasured as reason:  # what all runs share failed
        measured.ended = GAVE_UP
        measured.troubles.append(str(reason))
    measured.troubles = [*_told(reasons, len(variants)), *measured.troubles]
    measured.seconds = clock() - began
    return measured


def _told(reasons: Mapping[str, list[str]], everybody: int) -> Iterator[str]:
    """A sentence for each reason, with whom it is about; what is about all is said of none."""
    for reason, who in reasons.items():
        if len(who) == everybody > 1:
            yield reason[:1].upper() + reason[1:]
        else:
            yield f"{', '.join(who)}: {reason}"


@dataclass(frozen=True, slots=True)
class _Job:
    lab: Lab
    settings: Settings
    bench: Any
    measured: Measured
    tell: Callable[[Step], None]
    clock: Clock
    reasons: dict[str, list[str]]  # why runs came to nothing → labels of the variants

    def once(self, variant: Variant, number: int, settings: Settings) -> bool:
        """One run; whether it came to something."""
        try:
            values = self.lab.measure(variant.key, settings, self.bench)
            row = Row(variant.key, number, self.checked(values))
        except Unmeasured as reason:
            self._note(variant.label, str(reason))
            return False
        except TimeoutError:
            self._note(variant.label, "something did not come in time.")
            return False
        except OSError as error:
            self._note(variant.label, f"{error.strerror or type(error).__name__}.")
            return False
        if number >= 0:
            self.measured.rows.append(row)
        return True

    def trace(self, variants: tuple[Variant, ...]) -> None:
        for variant in variants:
            if self.lab.trace is None:
                return
            try:
                moments = tuple(self.lab.trace(variant.key, self.settings, self.bench))
            except (Unmeasured, OSError) as error:
                self._note(variant.label, f"no octets to show: {error}")
            else:
                self.measured.traces[variant.key] = moments

    def checked(self, values: Mapping[str, float]) -> dict[str, float]:
        """What the lab promises to measure; all but the first may be out of place in a variant."""
        main, *more = (quantity.name for quantity in self.lab.quantities)
        found = {name: float(values[name]) for name in (main, *(m for m in more if m in values))}
        if not all(map(math.isfinite, found.values())):
            raise Unmeasured("what was measured is no number.")
        return found

    def _note(self, who: str, reason: str) -> None:
        those = self.reasons.setdefault(reason, [])
        if who not in those:
            those.append(who)


def _rounds(job: _Job, variants: tuple[Variant, ...], rounds: int, began: float) -> None:
    warm = job.settings.but(job.lab.warm_up)
    total, done, longest = len(variants) * (rounds + 1), 0, 0.0
    failures: Counter[str] = Counter()
    for number in range(-1, rounds):
        round_began = job.clock()
        limit = job.lab.limit * (1 if number >= FEWEST else GRACE)
        if number > 0 and round_began - began + longest > limit:
            job.measured.ended = TIME_IS_UP
            return
        for variant in variants:
            job.tell(Step(done, total, "warm-up" if number < 0 else variant.label))
            done += 1
            if job.once(variant, number, warm if number < 0 else job.settings):
                failures[variant.key] = 0
                continue
            failures[variant.key] += 1
            if failures[variant.key] > PATIENCE:
                job.measured.ended = GAVE_UP
                return
        if number >= 0:
            longest = max(longest, job.clock() - round_began)
    job.tell(Step(total, total, ""))
