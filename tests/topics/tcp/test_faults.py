"""Every fault of the reference is caught by the case that it names, and by no case before.

So a learner who makes one of these mistakes passes what is right, and is stopped where the mistake
is, by a case that speaks of it. A fault that all stages pass would be a hole in the stages.
"""

import pytest

from cutaway.topics.planted import Fault
from tests.topics.faulty import Faulty

TCP = Faulty("tcp")


@TCP.each_stage
@pytest.mark.slow
def test_its_faults_are_caught(stage: str) -> None:
    assert not TCP.not_caught(stage)


@TCP.each_fault
@pytest.mark.soak
def test_a_fault_is_caught_by_its_case_and_by_none_before(fault: Fault) -> None:
    assert not TCP.caught_elsewhere(fault)


def test_there_are_many_faults_and_each_stage_catches_some() -> None:
    assert len(TCP.faults) >= 16
    assert {fault.stage for fault in TCP.faults} == set(TCP.names)
