"""Each fault is caught by the stage that it names, and passes stages before it.

The stage is played up to the case that the fault names, and that case is the first to fail: it is
what a learner would read first. A case with a start of its own is played alone.

Most of the time of a fault is spent waiting for what does not come, so those of one stage are
played side by side. Of the stages before its own each fault plays the last that is quick; all of
them are played in the soak.
"""

import re
import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from cutaway.grade.player import Subject, check
from cutaway.grade.stage import Stage
from cutaway.grade.verdict import Reached, Verdict
from cutaway.process import Command
from cutaway.topics import planted
from cutaway.topics.planted import Fault
from cutaway.topics.proxy.faults import FAULTS
from cutaway.topics.proxy.stages import STAGES

NAMES = [stage.name for stage in STAGES]
CASES = {stage.name: [case.name for case in stage.cases] for stage in STAGES}
#: Real clients fail with the stages that ask for what they do.
WITHOUT = {"proxy/strangers"}
QUICK = [f"proxy/{slug}" for slug in ("forward", "fields", "framing", "routes", "pool", "tls")]
SIDE_BY_SIDE = 4

each_fault = pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
each_stage = pytest.mark.parametrize("stage", [n for n in NAMES if n not in WITHOUT])


def stage_of(fault: Fault) -> Stage:
    """Its stage, with no more cases than show it."""
    stage = STAGES[NAMES.index(fault.stage)]
    at = CASES[fault.stage].index(fault.case_hint)
    return replace(stage, cases=stage.cases[at if stage.cases[at].alone else 0 : at + 1])


def play(stages: Iterable[Stage], words: tuple[str, ...]):
    """All cases that do not pass."""
    with tempfile.TemporaryDirectory() as folder:
        subject = Subject(command=Command(Path(folder), words))
        result = check("proxy", list(stages), subject, seed=1, keep_going=True)
    cases = [case for stage in result.stages for case in stage.cases]
    return [case for case in cases if case.verdict is not Verdict.PASS]


def caught(fault: Fault) -> str:
    """What is wrong with how it is caught; nothing where all is well."""
    found = play([stage_of(fault)], planted.command("proxy", fault.name))
    if [case.name for case in found] != [fault.case_hint]:
        return f"{fault.name}: {[(case.name, str(case.verdict), case.failure) for case in found]}"
    failure = found[0].failure
    if failure is None or failure.step is Reached.CONNECTED:
        return f"{fault.name}: the faulty program has to start and serve: {failure}"
    if not (failure.expected and failure.found and failure.because and failure.by_hand):
        return f"{fault.name}: half a failure: {failure}"
    return ""


def passes(fault: Fault, stages: Iterable[str]) -> str:
    """What it fails of these stages; nothing where it fails none."""
    named = [STAGES[NAMES.index(name)] for name in stages]
    found = play(named, planted.command("proxy", fault.name))
    return f"{fault.name}: {[(case.name, case.failure) for case in found]}" if found else ""


def side_by_side(tell: Callable[[Fault], str], stage: str) -> list[str]:
    """What is told of the faults of one stage."""
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        told = pool.map(tell, [fault for fault in FAULTS if fault.stage == stage])
        return [one for one in told if one]


@each_stage
@pytest.mark.slow
def test_its_faults_are_caught(stage: str) -> None:
    told = side_by_side(caught, stage)
    assert not told, "\n".join(told)


@pytest.mark.parametrize("stage", [n for n in NAMES[1:] if n not in WITHOUT])
@pytest.mark.slow
def test_its_faults_pass_the_last_quick_stage_before(stage: str) -> None:
    quick = [name for name in QUICK if NAMES.index(name) < NAMES.index(stage)]
    told = side_by_side(lambda fault: passes(fault, quick[-1:]), stage)
    assert not told, "\n".join(told)


@each_fault
@pytest.mark.soak
def test_a_fault_passes_all_stages_before_its_own(fault: Fault) -> None:
    assert not passes(fault, NAMES[: NAMES.index(fault.stage)])


@pytest.mark.slow
def test_the_reference_without_a_fault_passes_all_stages() -> None:
    found = play(STAGES, (sys.executable, "-m", "cutaway.topics.proxy.server"))
    wrong = [case for case in found if case.verdict is not Verdict.SKIPPED]
    assert not wrong, [(case.name, case.failure) for case in wrong]


def test_there_are_many_faults_and_each_stage_catches_some() -> None:
    assert len(FAULTS) >= 25
    assert {fault.stage for fault in FAULTS} == set(NAMES) - WITHOUT


def test_faults_stand_in_the_order_of_the_stages() -> None:
    places = [NAMES.index(fault.stage) for fault in FAULTS]
    assert places == sorted(places)


def test_each_fault_has_a_name_of_its_own() -> None:
    names = [fault.name for fault in FAULTS]
    assert sorted(set(names)) == sorted(names)
    assert not [name for name in names if not re.fullmatch(r"[a-z0-9]+([-.][a-z0-9]+)*", name)]


def test_each_fault_is_told_in_whole_sentences_of_its_own() -> None:
    told = [fault.sentence for fault in FAULTS]
    assert len(set(told)) == len(told)
    wrong = [s for s in told if not re.fullmatch(r"[A-Z0-9].{19,140}[.]", s)]
    assert not wrong


@each_fault
def test_a_fault_names_a_case_and_fits_the_source(fault: Fault) -> None:
    assert fault.case_hint in CASES[fault.stage]
    assert re.search(r"^[+-][^+-]", planted.diff(fault), re.MULTILINE)
    for path, (_, after) in planted.changed(fault).items():
        compile(after, str(path), "exec")
