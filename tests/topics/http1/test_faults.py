"""Each fault is caught by the stage that it names, and passes all stages before it.

The stage is played up to the case that the fault names, and that case is the first to fail: it is
what a learner would read first. Stages whose cases are played side by side have no first one; of
them the named case alone is played.

Stages for one client at a time are played on one start of the faulty program, since starting Python
costs more than most of them. The longest waits come first, so that they end beside the others.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from cutaway.grade.player import Subject, check
from cutaway.grade.stage import Stage
from cutaway.grade.verdict import CaseResult, Reached, StageResult
from cutaway.process import Command, Program, free_ports
from cutaway.topics import planted
from cutaway.topics.http1.faults import FAULTS
from cutaway.topics.http1.stages import STAGES
from cutaway.topics.planted import Fault

NAMES = [stage.name for stage in STAGES]
CASES = {stage.name: [case.name for case in stage.cases] for stage in STAGES}

each_fault = pytest.mark.parametrize("fault", FAULTS[::-1], ids=lambda fault: fault.name)


def stage_of(fault: Fault) -> Stage:
    """Its stage, with no more cases than show it."""
    stage = STAGES[NAMES.index(fault.stage)]
    at = CASES[fault.stage].index(fault.case_hint)
    alone = stage.side_by_side or stage.cases[at].alone
    return replace(stage, cases=stage.cases[at if alone else 0 : at + 1])


@contextmanager
def served(words: tuple[str, ...]) -> Iterator[Subject]:
    """The program, started once for many stages."""
    [port] = free_ports(1)
    with TemporaryDirectory() as folder:
        environment = {"PORT": str(port), "DATA_DIR": folder}
        with Program.start(Command(Path(folder), words), environment) as program:
            program.wait_ready([port], within=30)
            yield Subject(target={"PORT": ("127.0.0.1", port)}, data_dir=Path(folder))


def played(stages: tuple[Stage, ...], words: tuple[str, ...], folder: Path) -> list[StageResult]:
    """All of these stages, one after the other where a program has one client at a time."""
    one_client = [stage for stage in stages if not stage.side_by_side]
    many = [stage for stage in stages if stage.side_by_side]
    results: list[StageResult] = []
    if one_client:
        with served(words) as subject:
            for stage in one_client:
                results += check("http1", [stage], subject, seed=1).stages
    if many:
        subject = Subject(command=Command(folder, words))
        results += check("http1", many, subject, seed=1, keep_going=True).stages
    return results


def failed(results: list[StageResult]) -> list[CaseResult]:
    return [case for stage in results for case in stage.failed]


def told(cases: list[CaseResult]) -> str:
    return "\n".join(f"{case.name} ({case.played}): {case.failure}" for case in cases)


@each_fault
@pytest.mark.slow
def test_a_fault_is_caught_by_its_stage(fault: Fault, tmp_path: Path) -> None:
    subject = Subject(command=Command(tmp_path, planted.command("http1", fault.name)))
    result = check("http1", [stage_of(fault)], subject, seed=1, keep_going=True)
    found = failed([*result.stages])
    assert [case.name for case in found] == [fault.case_hint], told(found)
    assert Reached.CONNECTED in found[0].reached, "the faulty program has to start and serve"
    failure = found[0].failure
    assert failure is not None
    assert failure.expected
    assert failure.found
    assert failure.because
    assert failure.by_hand


@each_fault
@pytest.mark.slow
def test_a_fault_passes_the_stages_before_its_own(fault: Fault, tmp_path: Path) -> None:
    before = STAGES[: NAMES.index(fault.stage)]
    found = failed(played(before, planted.command("http1", fault.name), tmp_path))
    assert not found, told(found)


@pytest.mark.slow
def test_the_reference_without_a_fault_passes_all_stages(tmp_path: Path) -> None:
    words = (sys.executable, "-m", "cutaway.topics.http1.server")
    result = check("http1", STAGES, Subject(command=Command(tmp_path, words)), seed=1)
    found = failed([*result.stages])
    assert not found, told(found)
    assert [stage.name for stage in result.stages] == NAMES


def test_there_are_many_faults_and_each_stage_catches_some() -> None:
    assert len(FAULTS) >= 40
    assert {fault.stage for fault in FAULTS} == set(NAMES)
