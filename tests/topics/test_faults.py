"""The faults of every topic, as data. That they are caught is played in each topic's own tests."""

import re
from itertools import pairwise

import pytest

from cutaway.topics import planted
from cutaway.topics.planted import Fault
from cutaway.workshop import catalog
from tests.topics.faulty import fits

TOPICS = list(catalog.topics())
FAULTS = [fault for topic in TOPICS for fault in planted.faults(topic)]

each_topic = pytest.mark.parametrize("topic", TOPICS)
each_fault = pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f"{f.topic}/{f.name}")


@each_topic
def test_faults_are_told_in_the_order_of_the_stages(topic: str) -> None:
    order = [stage.name for stage in catalog.stages(topic)]
    places = [order.index(fault.stage) for fault in catalog.faults_by_stage(topic)]
    assert all(one <= next_one for one, next_one in pairwise(places))


@each_topic
def test_no_two_faults_are_called_or_told_alike(topic: str) -> None:
    faults = planted.faults(topic)
    assert len({fault.name for fault in faults}) == len(faults)
    assert len({fault.sentence for fault in faults}) == len(faults)


@each_fault
def test_a_fault_has_a_name_for_a_command_and_a_whole_sentence(fault: Fault) -> None:
    assert re.fullmatch(r"[a-z0-9]+([-.][a-z0-9]+)*", fault.name)
    assert re.fullmatch(r"[A-Z0-9].{19,140}[.]", fault.sentence)


@each_fault
def test_a_fault_names_a_case_of_its_stage(fault: Fault) -> None:
    stages = {stage.name: stage for stage in catalog.stages(fault.topic)}
    assert fault.case_hint in [case.name for case in stages[fault.stage].cases]


@each_fault
def test_a_fault_fits_the_source(fault: Fault) -> None:
    assert fits(fault)
