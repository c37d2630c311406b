"""Each fault is caught by the case that it names, and by no case before.

That the reference without a fault passes is played by tests/soak/test_reference.py.
"""

import pytest

from cutaway.topics.planted import Fault
from tests.topics.faulty import Faulty

HTTP1 = Faulty("http1")


@HTTP1.each_stage
@pytest.mark.slow
def test_its_faults_are_caught(stage: str) -> None:
    assert not HTTP1.not_caught(stage)


@HTTP1.each_fault
@pytest.mark.soak
def test_a_fault_is_caught_by_its_case_and_by_none_before(fault: Fault) -> None:
    assert not HTTP1.caught_elsewhere(fault)


def test_there_are_many_faults_and_each_stage_catches_some() -> None:
    assert len(HTTP1.faults) >= 40
    assert {fault.stage for fault in HTTP1.faults} == set(HTTP1.names)
