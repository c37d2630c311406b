"""What a person sees of a check: while it goes on, at its end, and when it is broken off.

    ✗ http1/paths · a word is answered with itself      as soon as it is known, where a stage
      …                                                 takes longer than a moment more
    ✗ http1/paths · paths and methods · 3 of 19 cases fail · 6.10 s

A learner mends the first failure and checks again; so that one is shown while the others are still
played. Stages that run ahead are not shown before their turn.

Left out: how a failure looks (grade/reports/terminal.py), and the line that moves (screen.py).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from ..grade.reports import scorecard, terminal
from ..grade.verdict import CaseResult, CheckResult, StageResult, Verdict
from ..workshop import catalog
from ..workshop.checking import BUILT, Job
from ..workshop.progress import Standing, current
from .screen import Waiting, labelled, look

if TYPE_CHECKING:
    from ..grade.stage import Stage

MOMENT = 0.4  # seconds in which a stage may end by itself, before its first failure is shown alone
SECONDS = 3.0  # for which a failure waits for cases ahead of it, which would be told first


class Show:
    """focus  the stage that is played ahead of all others, and reported at once when it fails"""

    def __init__(
        self, job: Job, before: dict[str, Standing], waiting: Waiting, quiet: bool
    ) -> None:
        self.job, self.before, self.waiting, self.quiet = job, before, waiting, quiet
        self.look = look()
        self.focus: str | None = None
        self.stages = {stage.name: stage for stage in job.stages}
        self.known: dict[str, list[CaseResult]] = {}  # of each stage that runs
        self.told: dict[str, str] = {}  # the case of a stage that was shown before its end
        self.shown: set[str] = set()
        self.over = False
        waiting.says("starting your program" if job.subject.command else "connecting")

    def case(self, stage: Stage, result: CaseResult) -> None:
        """Called from several threads."""
        known = self.known.setdefault(stage.name, [])
        known.append(result)
        self.waiting.says(f"{stage.name} · {len(known)} of {len(stage.cases)} cases")
        if result.verdict is Verdict.FAIL and not self.quiet:
            self._soon(time.monotonic() + SECONDS)

    def stage(self, result: StageResult) -> None:
        if self.quiet:
            return
        with self.waiting.aside():
            told = self.told.get(result.name, "")
            print(terminal.stage_report(result, self.look, told))
            if self.passed_before(result.name) and is_broken(result):
                for line in labelled("regression", "This stage passed before.", self.look, 12):
                    print(line)
            self.shown.add(result.name)
            if result.verdict is not Verdict.PASS and not self.job.keep_going:
                self.over = True  # what ran ahead of its turn is halted, and no news
        if any(case.verdict is Verdict.FAIL for case in [*self.known.get(self.turn() or "", ())]):
            self._soon(time.monotonic() + SECONDS)

    def _soon(self, until: float) -> None:
        timer = threading.Timer(MOMENT, self._early, (until,))
        timer.daemon = True
        timer.start()

    def _early(self, until: float) -> None:
        """The first failure of the stage whose turn it is, if that has not ended meanwhile."""
        with self.waiting.aside():
            name = self.turn()
            if name is None or self.over or name in self.told:
                return
            case, sure = first_failure(self.stages[name], self.known.get(name, ()))
            if case is None:
                return
            if not sure and time.monotonic() < until:
                self._soon(until)
                return
            self.told[name] = case.name
            with suppress(OSError, ValueError):  # nobody reads any more
                print(terminal.case_report(self._so_far(name), case, self.look))

    def turn(self) -> str | None:
        """The stage that is reported next, as far as its failures go."""
        if self.over:
            return None
        waiting = [name for name in self.stages if name not in self.shown]
        if (
            self.focus in waiting
            and first_failure(self.stages[self.focus], self.known.get(self.focus, ()))[0]
        ):
            return self.focus
        return waiting[0] if waiting else None

    def _so_far(self, name: str) -> StageResult:
        stage, known = self.stages[name], {case.name: case for case in self.known.get(name, ())}
        cases = tuple(known[case.name] for case in stage.cases if case.name in known)
        return StageResult(name=name, title=stage.title, verdict=Verdict.FAIL, cases=cases)

    def broken_off(self) -> None:
        """What is known of the stage whose turn it was."""
        name = self.turn()
        self.over = True
        if self.quiet or name is None or not self.known.get(name):
            return
        so_far = self._so_far(name)
        failed = so_far.failed
        with self.waiting.aside(), suppress(OSError, ValueError):
            print(terminal.unfinished(so_far, self.look))
            if failed and name not in self.told:
                print(terminal.case_report(so_far, failed[0], self.look))
                self.told[name] = failed[0].name
            for case in failed:
                if case.name != self.told[name]:
                    print(terminal.case_line(so_far, case, self.look))

    def passed_before(self, name: str) -> bool:
        return name in self.before and self.before[name].passed

    def end(self, result: CheckResult, after: dict[str, Standing]) -> None:
        self.over = True
        if self.quiet:
            return
        print("\n" + terminal.summary(result, self.look, self.job.again))
        for line in scorecard.lines(result, self.look):
            print(line)
        new = [
            s.name
            for s in result.stages
            if s.verdict is Verdict.PASS and not self.passed_before(s.name)
        ]
        whole = not self.job.single and result.verdict is Verdict.PASS
        if self.job.folder and (new or whole):
            for line in what_next(catalog.stages(self.job.topic), after, self.look):
                print(line)


def first_failure(stage: Stage, known: Sequence[CaseResult]) -> tuple[CaseResult | None, bool]:
    """The first case known to fail, in the order of the stage; whether all ahead of it are known."""
    results = {result.name: result for result in [*known]}
    sure = True
    for case in stage.cases:
        result = results.get(case.name)
        if result is not None and result.verdict is Verdict.FAIL:
            return result, sure
        sure = sure and result is not None
    return None, False


def is_broken(result: StageResult) -> bool:
    """It fails, for another reason than that the program cannot be built."""
    failures = [case.failure for case in result.failed if case.failure is not None]
    return any(failure.step != BUILT for failure in failures)


def what_next(
    stages: Sequence[Stage], standing: dict[str, Standing], out: terminal.Look
) -> list[str]:
    """The stage that comes next and what it asks, or that there is none left."""
    at = current(stages, standing)
    if at is None:
        done = [*labelled("done", f"All {len(stages)} stages pass.", out, 12)]
        onward = (t for t in catalog.topics().values() if stages[0].topic in t.builds_on)
        for topic in onward:
            if not topic.starters:  # nothing to begin with yet
                continue
            done += labelled("next", f"cutaway start {topic.slug} · {topic.title}", out, 12)
        return done
    return [
        *labelled("next", f"{at.name} · {at.title}", out, 12),
        *(" " * 12 + line for line in out.wrapped(" ".join(at.asks.split()), 12)),
    ]
