"""The faults of every topic, as data. That they are caught is played in each topic's own tests."""

import re
from itertools import pairwise

import pytest

from cutaway.topics import planted
from cutaway.workshop import catalog
from tests.topics.faulty import fits

TOPICS = list(catalog.topics())

each_topic = pytest.mark.parametrize("topic", TOPICS)


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


@each_topic
def test_a_fault_has_a_name_for_a_command_and_a_whole_sentence(topic: str) -> None:
    names = re.compile(r"[a-z0-9]+([-.][a-z0-9]+)*")
    sentences = re.compile(r"[A-Z0-9].{19,140}[.]")
    faults = planted.faults(topic)
    assert not [f.name for f in faults if not names.fullmatch(f.name)]
    assert not [f.sentence for f in faults if not sentences.fullmatch(f.sentence)]


@each_topic
def test_a_fault_names_a_case_of_its_stage(topic: str) -> None:
    cases = {stage.name: [case.name for case in stage.cases] for stage in catalog.stages(topic)}
    assert not [f.name for f in planted.faults(topic) if f.case_hint not in cases[f.stage]]


@each_topic
def test_a_fault_fits_the_source(topic: str) -> None:
    assert not [fault.name for fault in planted.faults(topic) if not fits(fault)]
