"""The faults of one topic, played on its stages.

    CACHE = Faulty("cache", without=("strangers",))

    @CACHE.each_stage
    @pytest.mark.slow
    def test_its_faults_are_caught(stage):
        assert not CACHE.not_caught(stage)

    @CACHE.each_fault
    @pytest.mark.soak
    def test_a_fault_is_caught_by_its_case_and_by_none_before(fault):
        assert not CACHE.caught_elsewhere(fault)

A fault is played on the case that it names, and on nothing else: that costs the start of a program
and little more. Most of the time is spent waiting for what does not come, so the faults of one stage
are played side by side. Whether two reads mix, or one takes what two writes sent, is a matter of the
moment on a busy machine, so a fault that gets through is played again.

That its case is the first to fail, of its stage and of all stages before, is what makes a report
worth reading. It takes as long as all these stages do, for each fault, so it is played in the soak.
Of a stage whose cases run side by side none is first; there, and where a case has a start of its own,
the case is played without its neighbours.
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
from cutaway.grade.stage import Case, Stage
from cutaway.grade.verdict import CaseResult, Reached, Verdict
from cutaway.process import Command
from cutaway.topics import planted
from cutaway.topics.planted import Fault
from cutaway.workshop import catalog

AT_ONCE = 6
TRIES = 3


class Faulty:
    """without    slugs of stages that no fault names, because real clients fail with the stages that
               ask for what they do
    furnished  a stage with what it needs from others, such as a cache
    """

    def __init__(
        self,
        topic: str,
        without: Iterable[str] = (),
        furnished: Callable[[Stage], Stage] = lambda stage: stage,
    ) -> None:
        self.topic = topic
        self.faults = planted.faults(topic)
        self.stages = {stage.name: furnished(stage) for stage in catalog.stages(topic)}
        self.names = list(self.stages)
        self.without = {f"{topic}/{slug}" for slug in without}
        judged = [name for name in self.names if name not in self.without]
        self.each_fault = pytest.mark.parametrize("fault", self.faults, ids=lambda f: f.name)
        self.each_stage = pytest.mark.parametrize("stage", judged)

    def not_caught(self, stage: str) -> str:
        """What is wrong with how the cases of a stage catch their faults."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            told = pool.map(self._not_caught, [f for f in self.faults if f.stage == stage])
            return "\n".join(one for one in told if one)

    def caught_elsewhere(self, fault: Fault) -> str:
        """What the fault fails of all stages up to its own case, if not that case alone."""
        before = [self.stages[name] for name in self.names[: self.names.index(fault.stage)]]
        found = self._play([*before, self._up_to_its_case(fault)], self._words(fault))
        return "" if names(found) == [fault.case_hint] else told(fault, found)

    def not_passed(self) -> list[object]:
        """What the reference without a fault fails."""
        words = (sys.executable, "-m", f"cutaway.topics.{self.topic}.server")
        found = self._play([*self.stages.values()], words)
        return [(c.name, c.failure, c.why) for c in found if c.verdict is not Verdict.SKIPPED]

    def _not_caught(self, fault: Fault) -> str:
        stage = self.stages[fault.stage]
        case = stage.cases[names(stage.cases).index(fault.case_hint)]
        for _ in range(TRIES):
            found = self._play([replace(stage, cases=(case,))], self._words(fault))
            if found and found[0].verdict is Verdict.FAIL:
                break
        else:
            return f"not caught: {told(fault, found)}"
        failure = found[0].failure
        if failure is None or failure.step is Reached.CONNECTED:
            return f"{fault.name}: the faulty program has to start and serve: {failure}"
        if not (failure.expected and failure.found and failure.because and failure.by_hand):
            return f"{fault.name}: half a failure: {failure}"
        return ""

    def _up_to_its_case(self, fault: Fault) -> Stage:
        """Its stage, with no more cases than show it."""
        stage = self.stages[fault.stage]
        at = names(stage.cases).index(fault.case_hint)
        alone = stage.side_by_side or stage.cases[at].alone
        return replace(stage, cases=stage.cases[at if alone else 0 : at + 1])

    def _words(self, fault: Fault) -> tuple[str, ...]:
        return planted.command(self.topic, fault.name)

    def _play(self, stages: list[Stage], words: tuple[str, ...]) -> list[CaseResult]:
        """All cases that do not pass."""
        with tempfile.TemporaryDirectory() as folder:
            subject = Subject(command=Command(Path(folder), words))
            result = check(self.topic, stages, subject, seed=1, keep_going=True)
        cases = [case for stage in result.stages for case in stage.cases]
        return [case for case in cases if case.verdict is not Verdict.PASS]


def names(cases: Iterable[Case | CaseResult]) -> list[str]:
    return [case.name for case in cases]


def told(fault: Fault, found: list[CaseResult]) -> str:
    return f"{fault.name}: {[(c.name, str(c.verdict), c.failure or c.why) for c in found]}"


def fits(fault: Fault) -> bool:
    """Whether it changes the source to something that compiles."""
    for path, (_, after) in planted.changed(fault).items():
        compile(after, str(path), "exec")
    return bool(re.search(r"^[+-][^+-]", planted.diff(fault), re.MULTILINE))
