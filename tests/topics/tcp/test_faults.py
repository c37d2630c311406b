"""Every fault of the reference is caught by the stage that it names, and by none before it.

So a learner who makes one of these mistakes passes what is right, and is stopped where the mistake
is, by a case that speaks of it. A fault that all stages pass would be a hole in the stages.

The faults are played a few at a time: one that makes the judge wait for silence costs no processor.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from cutaway.grade.player import Subject, check
from cutaway.grade.verdict import CheckResult, Verdict
from cutaway.process import Command
from cutaway.topics import planted
from cutaway.topics.tcp.faults import FAULTS
from cutaway.topics.tcp.stages import STAGES

NAMES = [stage.name for stage in STAGES]
AT_ONCE = 2

Results = dict[str, "Future[CheckResult]"]


def played(fault: planted.Fault) -> CheckResult:
    """All stages up to the one that the fault names."""
    command = Command(Path.cwd(), planted.command("tcp", fault.name))
    stages = STAGES[: NAMES.index(fault.stage) + 1]
    return check("tcp", stages, Subject(command=command), seed=1, keep_going=True)


@pytest.fixture(scope="module")
def results(request: pytest.FixtureRequest) -> Iterator[Results]:
    """Of the faults whose tests are to run, in their order; begun as soon as the first one is."""
    wanted = {
        item.callspec.params["fault"].name
        for item in request.session.items
        if item.path == request.path
        and hasattr(item, "callspec")
        and "results" in item.fixturenames
    }
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {f.name: pool.submit(played, f) for f in FAULTS if f.name in wanted}
        pool.shutdown(cancel_futures=True)


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_caught_by_the_stage_that_it_names(
    fault: planted.Fault, results: Results
) -> None:
    stages = {stage.name: stage for stage in results[fault.name].result(timeout=110).stages}
    verdicts = {name: stage.verdict for name, stage in stages.items()}
    assert verdicts.pop(fault.stage) is Verdict.FAIL
    wrong = [
        f"{name} · {case.name}: {case.why or case.failure}"
        for name in verdicts
        for case in stages[name].cases
        if case.verdict is not Verdict.PASS
    ]
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)  # of a long list `assert` shows the ends
    caught = [case.name for case in stages[fault.stage].failed]
    assert any(fault.case_hint in name for name in caught), caught


def test_there_are_faults_for_every_stage() -> None:
    assert {fault.stage for fault in FAULTS} == set(NAMES)
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 16
