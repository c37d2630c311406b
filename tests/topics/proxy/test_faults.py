"""Each fault of a proxy is caught by the case that it names, and by no case before."""

import pytest

from cutaway.topics.planted import Fault
from tests.topics.faulty import Faulty

PROXY = Faulty("proxy", without=("strangers",))


@PROXY.each_stage
@pytest.mark.slow
def test_its_faults_are_caught(stage: str) -> None:
    assert not PROXY.not_caught(stage)


@PROXY.each_fault
@pytest.mark.soak
def test_a_fault_is_caught_by_its_case_and_by_none_before(fault: Fault) -> None:
    assert not PROXY.caught_elsewhere(fault)


def test_there_are_many_faults_and_each_stage_catches_some() -> None:
    assert len(PROXY.faults) >= 25
    assert {fault.stage for fault in PROXY.faults} == set(PROXY.names) - PROXY.without
