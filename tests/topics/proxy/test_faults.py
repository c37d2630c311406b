"""Each fault of a proxy is caught by the stage that it names, and passes stages before it."""

import pytest

from cutaway.topics.planted import Fault
from tests.topics.faulty import Faulty

PROXY = Faulty(
    "proxy",
    quick=("forward", "fields", "framing", "routes", "pool", "tls"),
    without=("strangers",),
)


@PROXY.each_stage
@pytest.mark.slow
def test_its_faults_are_caught(stage: str) -> None:
    assert not PROXY.not_caught(stage)


@PROXY.each_later_stage
@pytest.mark.slow
def test_its_faults_pass_the_last_quick_stage_before(stage: str) -> None:
    assert not PROXY.caught_too_early(stage)


@PROXY.each_fault
@pytest.mark.soak
def test_a_fault_passes_all_stages_before_its_own(fault: Fault) -> None:
    assert not PROXY.caught_before_its_own(fault)


def test_there_are_many_faults_and_each_stage_catches_some() -> None:
    assert len(PROXY.faults) >= 25
    assert {fault.stage for fault in PROXY.faults} == set(PROXY.names) - PROXY.without
