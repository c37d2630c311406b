"""Each fault of a cache is caught by the stage that it names, and passes stages before it."""

import pytest

from cutaway.topics.planted import Fault
from tests.topics.faulty import Faulty

CACHE = Faulty(
    "cache",
    quick=("ping", "counters", "hello"),
    without=("strangers",),
)


@CACHE.each_stage
@pytest.mark.slow
def test_its_faults_are_caught(stage: str) -> None:
    assert not CACHE.not_caught(stage)


@CACHE.each_later_stage
@pytest.mark.slow
def test_its_faults_pass_the_last_quick_stage_before(stage: str) -> None:
    assert not CACHE.caught_too_early(stage)


@CACHE.each_fault
@pytest.mark.soak
def test_a_fault_passes_all_stages_before_its_own(fault: Fault) -> None:
    assert not CACHE.caught_before_its_own(fault)


def test_there_are_many_faults_and_each_stage_catches_some() -> None:
    assert len(CACHE.faults) >= 45
    assert {fault.stage for fault in CACHE.faults} == set(CACHE.names) - CACHE.without
