"""Stages that have to last begin early, so that their time passes beside that of the others."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from dataclasses import replace

from cutaway.grade.ahead import in_order, starting_order
from cutaway.grade.stage import Stage, case
from cutaway.grade.verdict import Rule, StageResult, Verdict
from tests.grade.toy import Toy

RULE = Rule("toy §1", "MUST", "it lasts")


def lasting(name: str, seconds: float) -> Stage:
    one = case("one", RULE, owns_time=seconds)
    return Stage(
        name=name, title="", asks="", given="", goals=(), hints=("", "", ""),
        codec=Toy, cases=(one,),
    )  # fmt: skip


def test_what_lasts_begins_behind_the_first_two() -> None:
    seconds = {"a": 0.0, "b": 0.0, "c": 0.5, "d": 7.0, "e": 0.0}
    stages = [lasting(name, some) for name, some in seconds.items()]
    assert "".join(stage.name for stage in starting_order(stages)) == "abdce"


def test_the_order_stays_where_nothing_lasts() -> None:
    stages = [lasting(name, 0.0) for name in "abc"]
    assert starting_order(stages) == stages


def test_a_stage_that_measures_runs_by_itself_and_in_its_turn() -> None:
    stages = [lasting(name, 0.0) for name in "abcde"]
    stages[2] = replace(stages[2], by_itself=True)
    running: set[str] = set()
    beside: dict[str, set[str]] = {}
    lock = threading.Lock()

    def run(stage: Stage) -> StageResult:
        with lock:
            beside[stage.name] = set(running)
            running.add(stage.name)
        time.sleep(0.05)
        with lock:
            running.discard(stage.name)
            beside[stage.name] |= running
        return StageResult(name=stage.name, title="", verdict=Verdict.PASS)

    for focus in (None, "c", "a"):
        with closing(in_order(stages, focus, run, lambda: None, keep_going=True)) as results:
            assert "".join(result.name for result in results) == "abcde"
        assert beside["c"] == set()
    assert beside["d"] | beside["e"]
