"""The stages let the reference pass, with our store and cache as with those that the world runs on."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cutaway.grade.player import Subject, check
from cutaway.grade.stage import Stage
from cutaway.grade.steps import Send
from cutaway.grade.verdict import CheckResult, Verdict
from cutaway.process import Command
from cutaway.topics.todo.stages import STAGES
from cutaway.topics.todo.stages.messages import get
from cutaway.topics.todo.stages.steps import Pages
from cutaway.workshop import catalog
from tests.topics.todo.given import on_valkey

HERE = Path(__file__).parent
REFERENCE = (sys.executable, "-m", "cutaway.topics.todo.server")
STARTERS = catalog.topic("todo").folder / "starters"
GOALS = {"bound it", "frame it", "parse it", "decide", "act", "answer", "recover"}


def checked(stages: Iterable[Stage], folder: Path, *words: str) -> CheckResult:
    variables = tuple(catalog.topic("todo").environment)
    subject = Subject(command=Command(folder, words), variables=variables)
    return check("todo", [*stages], subject, seed=1, keep_going=True)


def wrong(result: CheckResult) -> list[object]:
    return [
        (stage.name, case.name, case.failure, case.why)
        for stage in result.stages
        for case in stage.cases
        if case.verdict is not Verdict.PASS
    ]


def shared(stage: Stage) -> Stage:
    """Without the cases that have a start of their own."""
    return replace(stage, cases=tuple(case for case in stage.cases if not case.alone))


@pytest.mark.alone
@pytest.mark.real
def test_the_reference_passes_every_stage_with_valkey_as_store_and_cache() -> None:
    assert wrong(checked(map(on_valkey, STAGES), HERE, *REFERENCE)) == []


@pytest.mark.alone
def test_the_reference_passes_with_the_references_of_store_and_cache() -> None:
    """Each start takes three programs in Python, so most of it is for the soak."""
    stages = [one for one in map(shared, STAGES) if one.cases]
    assert wrong(checked(stages, HERE, *REFERENCE)) == []


@pytest.mark.soak
def test_the_references_pass_every_stage_together() -> None:
    assert wrong(checked(STAGES, HERE, *REFERENCE)) == []


def test_the_starter_in_python_passes_the_first_stage() -> None:
    assert wrong(checked(STAGES[:1], STARTERS / "python", sys.executable, "todo.py")) == []


def test_no_two_cases_of_a_stage_have_one_name() -> None:
    for stage in STAGES:
        names = [case.name for case in stage.cases]
        assert len(names) == len(set(names)), stage.name


def test_every_stage_says_what_it_asks_and_how_to_get_there() -> None:
    for stage in STAGES:
        assert all((stage.asks, stage.given, stage.goals, *stage.hints)), stage.name
        assert all(goal.split(":")[0] in GOALS for goal in stage.goals), stage.name


#: What a request can be, and the stage that asks for it first.
ASKED_BY = {
    rb"POST /todos ": "create",
    rb"GET /todos/\S+ ": "create",
    rb"HEAD ": "read",
    rb"If-None-Match": "read",
    rb"PUT ": "change",
    rb"DELETE ": "delete",
    rb"GET /todos(\?(limit|after)\S*)? ": "list",
    rb"GET /todos\?(q|done)=\w": "search",
    rb"Idempotency-Key": "once",
}


def sent(step: object) -> Iterator[bytes]:
    """The octets of all requests in a step, and in the steps within it."""
    if isinstance(step, Send):
        yield step.data
    if isinstance(step, Pages):
        yield bytes(get(step.target))
    for name in ("steps", "between"):
        for inner in getattr(step, name, ()):
            yield from sent(inner)


def test_no_stage_asks_for_what_only_a_later_one_brings() -> None:
    order = [stage.slug for stage in STAGES]
    found = []
    for stage in STAGES:
        octets = [one for case in stage.cases for step in case.steps for one in sent(step)]
        for form, first in ASKED_BY.items():
            early = order.index(stage.slug) < order.index(first)
            if early and any(re.search(form, o) for o in octets):
                found.append(f"{stage.slug} asks for {form!r}, which {first} brings")
    assert found == []


def test_two_misconceptions_end_here() -> None:
    assert [stage.slug for stage in STAGES if stage.insight] == ["change", "cache"]


def test_the_variables_that_stages_set_are_those_of_the_contract() -> None:
    contract = catalog.topic("todo").environment
    for stage in STAGES:
        for settings in (stage.environment, *(case.environment for case in stage.cases)):
            assert [name for name in settings if name not in contract] == []


def test_every_stage_counts_for_an_axis_of_the_scorecard() -> None:
    said = tomllib.loads((catalog.topic("todo").folder / "topic.toml").read_text())["axes"]
    assert [*said] == [stage.slug for stage in STAGES]
    assert {*said.values()} == {"correct", "durable", "graceful", "fast"}
