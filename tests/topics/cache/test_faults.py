"""Each fault of a cache is caught by the case that it names, and by no case before."""

import pytest

from cutaway.topics.planted import Fault
from tests.topics.faulty import Faulty

CACHE = Faulty("cache", without=("strangers",))


@CACHE.each_stage
@pytest.mark.slow
def test_its_faults_are_caught(stage: str) -> None:
    assert not CACHE.not_caught(stage)


@CACHE.each_fault
@pytest.mark.soak
def test_a_fault_is_caught_by_its_case_and_by_none_before(fault: Fault) -> None:
    assert not CACHE.caught_elsewhere(fault)


def test_there_are_many_faults_and_each_stage_catches_some() -> None:
    assert len(CACHE.faults) >= 45
    assert {fault.stage for fault in CACHE.faults} == set(CACHE.names) - CACHE.without
