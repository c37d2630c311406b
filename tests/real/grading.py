"""A check of a program, and what of it did not pass, as the tests that judge the judge need it.

    result = graded("http1", command, seed=7)
    shortfall(result)          {"paths · get is not GET": CaseResult}
    told(result, [case, …])    the report a learner would see of these cases

A case that could not be carried out, or was not tried, falls short as one that failed: a judge who
looked away has judged nothing.

Left out: what is known to differ. See known.py.
"""

from __future__ import annotations

import importlib
import random
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from cutaway.grade.player import check
from cutaway.grade.reports import FORMATS
from cutaway.grade.running import Subject
from cutaway.grade.stage import Stage
from cutaway.grade.verdict import CaseResult, CheckResult, Verdict, worst
from cutaway.process import Command

TOPICS = ("tcp", "http1", "proxy", "cache")


def stages_of(topic: str) -> tuple[Stage, ...]:
    stages = importlib.import_module(f"cutaway.topics.{topic}.stages").STAGES
    assert isinstance(stages, tuple)
    return stages


def graded(
    topic: str,
    command: Command,
    seed: int,
    only: Collection[str] = (),
    given: Callable[[Stage], Stage] = lambda stage: stage,
) -> CheckResult:
    """All stages, or those with these slugs, also behind one that fails.

    given  puts other parts beside the program than the stage does
    """
    stages = [given(stage) for stage in chosen(topic, only)]
    return check(topic, stages, Subject(command=command), seed=seed, keep_going=True)


def chosen(topic: str, only: Collection[str]) -> tuple[Stage, ...]:
    return tuple(stage for stage in stages_of(topic) if not only or stage.slug in only)


def shortfall(result: CheckResult, only: Collection[str] = ()) -> dict[str, CaseResult | None]:
    """Every case that did not pass, under "stage · case"; None for one that was not played."""
    found: dict[str, CaseResult | None] = {}
    played = {stage.name: {case.name: case for case in stage.cases} for stage in result.stages}
    for stage in chosen(result.topic, only):
        for case in stage.cases:
            outcome = played.get(stage.name, {}).get(case.name)
            if outcome is None or outcome.verdict is not Verdict.PASS:
                found[f"{stage.slug} · {case.name}"] = outcome
    return found


def told(result: CheckResult, names: Iterable[str]) -> str:
    """The terminal's report of these cases alone, and the names of those never played."""
    wanted = set(names)
    stages = []
    for stage in result.stages:
        slug = stage.name.partition("/")[2]
        cases = tuple(case for case in stage.cases if f"{slug} · {case.name}" in wanted)
        wanted -= {f"{slug} · {case.name}" for case in cases}
        if cases:
            verdict = worst(case.verdict for case in cases)
            stages.append(replace(stage, cases=cases, verdict=verdict))
    report = FORMATS["terminal"](replace(result, stages=tuple(stages))) if stages else ""
    return "\n".join([report, *(f"not played: {name}" for name in sorted(wanted))])


def any_seed() -> int:
    """A new seed. A test prints it, so that a failure can be had again."""
    return random.SystemRandom().randrange(1 << 32)
