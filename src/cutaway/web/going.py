"""A check as it goes on, put together from what its process tells.

    live = Live(began)             from there on: live.take(told) for everything that is told
    live.check                     a Check as it will be kept, as far as it is known
    live.state                     starting → building → playing → over | halted | refused

    plan    first-response  ● ● ● ○ ○        cases become known in any order, and are shown in that
            paths           ● ○ ○ ○          of the plan; stages may run ahead of their turn

Left out: the process (workshop/checker.py), and who is told (checks.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from ..grade.evidence import Evidence
from ..grade.verdict import Verdict, worst
from ..workshop import catalog, checker
from ..workshop.errors import Trouble
from ..workshop.reports import Check, CheckedCase, CheckedStage, Kept
from .shapes import checks as shapes


class Live:
    """news: cases that nobody was told of yet. before: how each case stood before."""

    def __init__(self, began: checker.Began) -> None:
        self.began = began
        self.state: shapes.CheckState = "starting"
        self.building = self.problem = self.next_step = ""
        self.notes: list[str] = []
        self.before: dict[str, str] = {}
        self.previous = ""
        self.evidence: dict[str, Evidence] = {}
        self.news: list[shapes.CheckNewsCase] = []
        self._cases: dict[str, dict[str, CheckedCase]] = {}
        self._stages: dict[str, CheckedStage] = {}
        self._ended: Check | None = None

    def begin(self, began: checker.Began) -> None:
        """It does so now: until then it was what was asked for."""
        self.began, self.state = began, "playing"

    def take(self, what: checker.Told) -> None:
        match what:
            case checker.Building(words=words):
                self.state, self.building = "building", words
            case checker.CaseTold(stage=stage, case=case, evidence=evidence):
                self.state, self.building = "playing", ""
                self._cases.setdefault(stage, {})[case.slug] = case
                self.news.append(shapes.CheckNewsCase(stage, case))
                if evidence is not None:
                    self.evidence[f"{stage}/{case.slug}"] = evidence
            case checker.StageTold(stage=stage_told):
                self._stages[stage_told.slug] = stage_told
            case checker.Ended(check=check):
                self.state, self.building, self._ended = "over", "", check
            case checker.Halted():
                self.state, self.building = "halted", ""
            case checker.Refused(sentence=sentence, next_step=step) if self._ended is not None:
                self.notes.append(f"{sentence} {step}".strip())  # of what would have followed
            case checker.Refused(sentence=sentence, next_step=step):
                self.state, self.problem, self.next_step = "refused", sentence, step
            case checker.Says(sentence=sentence):
                self.notes.append(sentence)

    @property
    def over(self) -> bool:
        return self.state in ("over", "halted", "refused")

    @property
    def check(self) -> Check:
        if self._ended is not None:
            return self._ended
        stages = [
            self._so_far(plan)
            for plan in self.began.plan
            if plan.slug in self._cases or plan.slug in self._stages
        ]
        return Check(
            id=self.began.id,
            topic=self.began.topic,
            folder=self.began.folder,
            target=self.began.target,
            asked=self.began.asked,
            seed=self.began.seed,
            began=self.began.began,
            seconds=0.0,
            verdict=worst(stage.verdict for stage in stages),
            stages=stages,
        )

    def _so_far(self, plan: checker.PlannedStage) -> CheckedStage:
        known = self._cases.get(plan.slug, {})
        cases = [known[slug] for slug in plan.slugs if slug in known]
        ended = self._stages.get(plan.slug)
        return CheckedStage(
            name=plan.name,
            slug=plan.slug,
            title=plan.title,
            verdict=ended.verdict if ended else worst(case.verdict for case in cases),
            seconds=ended.seconds if ended else 0.0,
            why=ended.why if ended else "",
            cases=ended.cases if ended else cases,
        )

    @property
    def kept(self) -> Kept:
        return Kept(self.check, self.evidence)


def over(check: Check) -> Live:
    """One of which only the result is kept."""
    live = Live(
        checker.Began(
            check.id,
            check.topic,
            check.folder,
            check.target,
            check.asked,
            check.seed,
            check.began,
            plan_of(check),
        )
    )
    live.take(checker.Ended(check))
    return live


def plan_of(check: Check) -> list[checker.PlannedStage]:
    """What was to be played: all stages of the topic as it is now, or those that were."""
    if check.asked in ("next", "all"):
        with suppress(Trouble):
            return [checker.planned(stage) for stage in catalog.stages(check.topic)]
    return [
        checker.PlannedStage(
            stage.name,
            stage.slug,
            stage.title,
            [case.name for case in stage.cases],
            [case.slug for case in stage.cases],
        )
        for stage in check.stages
    ]


def differences(now: Mapping[str, str], before: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Cases that broke, and cases that were mended, since each was last played. now: an outline."""
    broke = [key for key, v in now.items() if v == Verdict.FAIL and before.get(key) == "pass"]
    mended = [key for key, v in now.items() if v == Verdict.PASS and before.get(key) == "fail"]
    return broke, mended
