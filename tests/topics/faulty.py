"""The faults of one topic, played on its stages.

    CACHE = Faulty("cache", quick=("ping", "strings"), without=("strangers",))

    @CACHE.each_stage
    @pytest.mark.slow
    def test_its_faults_are_caught(stage):
        assert not CACHE.not_caught(stage)

A stage is played up to the case that the fault names, and that case is the first to fail: it is
what a learner would read first. A case with a start of its own is played alone, and so is one of a
stage whose cases run side by side, where none is first.

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
from cutaway.grade.verdict import CaseResult, Reached, Verdict
from cutaway.process import Command
from cutaway.topics import planted
from cutaway.topics.planted import Fault
from cutaway.workshop import catalog

AT_ONCE = 4


class Faulty:
    """quick: stages that cost little to play. without: stages that no fault names, because real
    clients fail with the stages that ask for what they do. Both as slugs."""

    def __init__(self, topic: str, quick: Iterable[str], without: Iterable[str] = ()) -> None:
        self.topic = topic
        self.faults = planted.faults(topic)
        self.stages = {stage.name: stage for stage in catalog.stages(topic)}
        self.names = list(self.stages)
        self.quick = {f"{topic}/{slug}" for slug in quick}
        self.without = {f"{topic}/{slug}" for slug in without}
        judged = [name for name in self.names if name not in self.without]
        self.each_fault = pytest.mark.parametrize("fault", self.faults, ids=lambda f: f.name)
        self.each_stage = pytest.mark.parametrize("stage", judged)
        self.each_later_stage = pytest.mark.parametrize("stage", judged[1:])

    def not_caught(self, stage: str) -> str:
        """What is wrong with how the stage catches its faults."""
        return self._told(stage, self._not_caught)

    def caught_too_early(self, stage: str) -> str:
        """What its faults fail of the last quick stage before it."""
        before = [n for n in self.names[: self.names.index(stage)] if n in self.quick][-1:]
        return self._told(stage, lambda fault: self.caught_by(fault, before))

    def caught_before_its_own(self, fault: Fault) -> str:
        """What the fault fails of all stages before it."""
        return self.caught_by(fault, self.names[: self.names.index(fault.stage)])

    def caught_by(self, fault: Fault, stages: Iterable[str]) -> str:
        named = [self.stages[name] for name in stages]
        found = self._play(named, planted.command(self.topic, fault.name))
        return f"{fault.name}: {[(case.name, case.failure) for case in found]}" if found else ""

    def not_passed(self) -> list[object]:
        """What the reference without a fault fails."""
        words = (sys.executable, "-m", f"cutaway.topics.{self.topic}.server")
        found = self._play(list(self.stages.values()), words)
        return [(c.name, c.failure, c.why) for c in found if c.verdict is not Verdict.SKIPPED]

    def _told(self, stage: str, tell: Callable[[Fault], str]) -> str:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            told = pool.map(tell, [fault for fault in self.faults if fault.stage == stage])
            return "\n".join(one for one in told if one)

    def _not_caught(self, fault: Fault) -> str:
        found = self._play([self._shown_by(fault)], planted.command(self.topic, fault.name))
        if [case.name for case in found] != [fault.case_hint]:
            return f"{fault.name}: {[(c.name, str(c.verdict), c.failure or c.why) for c in found]}"
        failure = found[0].failure
        if failure is None or failure.step is Reached.CONNECTED:
            return f"{fault.name}: the faulty program has to start and serve: {failure}"
        if not (failure.expected and failure.found and failure.because and failure.by_hand):
            return f"{fault.name}: half a failure: {failure}"
        return ""

    def _shown_by(self, fault: Fault) -> Stage:
        """Its stage, with no more cases than show it."""
        stage = self.stages[fault.stage]
        at = [case.name for case in stage.cases].index(fault.case_hint)
        alone = stage.side_by_side or stage.cases[at].alone
        return replace(stage, cases=stage.cases[at if alone else 0 : at + 1])

    def _play(self, stages: list[Stage], words: tuple[str, ...]) -> list[CaseResult]:
        """All cases that do not pass."""
        with tempfile.TemporaryDirectory() as folder:
            subject = Subject(command=Command(Path(folder), words))
            result = check(self.topic, stages, subject, seed=1, keep_going=True)
        cases = [case for stage in result.stages for case in stage.cases]
        return [case for case in cases if case.verdict is not Verdict.PASS]


def fits(fault: Fault) -> bool:
    """Whether it changes the source to something that compiles."""
    for path, (_, after) in planted.changed(fault).items():
        compile(after, str(path), "exec")
    return bool(re.search(r"^[+-][^+-]", planted.diff(fault), re.MULTILINE))
