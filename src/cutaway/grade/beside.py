"""Cases played side by side on one program, and alone where that did not go well.

    beside each other   ✓ ✗ ✗ ✓ ✗        one of them holds the program up, and others wait for it
    alone                 ✓ ✗   ✓        on a fresh program: this one it was

A program that serves one client at a time is held up by whoever it waits for, and everybody else
sees silence. So what fails beside others says little about the case that failed. It is played
again, alone on a fresh program, in the order of the stage; what fails there has failed, and is
told. The first ones begin while the others still wait, and after FEW failures it is enough: to
mend those is the next step anyway.

What passes alone has passed, with one exception. When no case fails alone, in a stage that asks for
many clients or on a program that has ended meanwhile, then what is wrong is just that: each case
fails, and says that alone it passes. Where one client at a time is enough, the stage says in a
sentence that this program serves them so.

Left out: playing a case. That is the player's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from queue import Empty, SimpleQueue

from .stage import Case
from .verdict import CaseResult, Verdict

LASTING = 2.0  # seconds; a case that has to last so long hears its own clock, and nobody else's
FEW = 4  # failures that are enough to go on with
PLAYS_AT_ONCE = 16
ALONE_AT_ONCE = 4  # starts of the program beside each other, for one stage

ONE_CLIENT = "it passes when it is played alone, and beside other cases it was not answered in time"
PASSES_ALONE = "alone, on a program of its own, this case passes: it fails beside the other cases"
ENOUGH = f"the {FEW} that fail are enough to go on with"

Plays = Callable[[Case], CaseResult]


@dataclass(slots=True)
class Beside:
    """`run` plays all; each result is noted once, failures in the order of the cases.

    play     one case on the program of the stage
    again    the same alone, on a fresh program
    fresh    there can be another program; else `again` waits until all have been played
    every    every case is played to its end, however many fail
    """

    cases: Sequence[Case]
    play: Plays
    again: Plays
    note: Callable[[CaseResult], None]
    fresh: bool = True
    every: bool = False
    one_client: bool = False
    first: dict[str, CaseResult] = field(default_factory=dict)
    second: dict[str, CaseResult] = field(default_factory=dict)
    failed: int = 0
    settled: int = 0
    over: bool = False
    changed: threading.Condition = field(default_factory=threading.Condition)
    turn: threading.Lock = field(default_factory=threading.Lock)

    def run(self, ended: Callable[[], bool]) -> None:
        """ended  whether the program of the stage has ended meanwhile"""
        order = iter(self.cases)

        def all_beside() -> None:
            try:
                in_threads([partial(self._beside, case) for case in self.cases], PLAYS_AT_ONCE)
            finally:
                with self.changed:
                    self.over = True
                    self.changed.notify_all()

        count = ALONE_AT_ONCE if self.fresh else 1
        in_threads([all_beside, *[partial(self._alone, order)] * count], 1 + count)
        self._the_rest(ended())

    def _beside(self, case: Case) -> None:
        result = self.play(case)
        if result.verdict is not Verdict.FAIL:
            self.note(result)
        with self.changed:
            self.first[case.name] = result
            self._settle()
            self.changed.notify_all()

    def _alone(self, order: Iterator[Case]) -> None:
        while (case := self._next(order)) is not None:
            lasts = case.owns_time >= LASTING and not self.one_client
            result = self.first[case.name] if lasts else self.again(case)
            with self.changed:
                self.second[case.name] = result
                self._settle()

    def _next(self, order: Iterator[Case]) -> Case | None:
        """The next case that failed beside the others, in the order of the stage."""
        with self.turn:
            for case in order:
                with self.changed:
                    self.changed.wait_for(partial(self._known, case))
                    result = self.first.get(case.name)
                    if result is None or (self._failures() >= FEW and not self.every):
                        return None
                if result.verdict is Verdict.FAIL:
                    return case
        return None

    def _known(self, case: Case) -> bool:
        return self.over or (self.fresh and case.name in self.first)

    def _failures(self) -> int:
        return sum(result.verdict is Verdict.FAIL for result in self.second.values())

    def _settle(self) -> None:
        """Note what has failed alone, as far as all before it is known; at most FEW, if not all."""
        for case in self.cases[self.settled :]:
            first, second = self.first.get(case.name), self.second.get(case.name)
            if first is None or (first.verdict is Verdict.FAIL and second is None):
                return
            self.settled += 1
            if second is not None and second.verdict is Verdict.FAIL:
                self.failed += 1
                if self.every or self.failed <= FEW:
                    self.note(second)

    def _the_rest(self, ended: bool) -> None:
        """What failed beside the others and is not noted yet."""
        left = FEW  # of those that failed alone, so many have been noted
        for case in self.cases:
            first, second = self.first[case.name], self.second.get(case.name)
            if first.verdict is not Verdict.FAIL:
                continue
            if second is None or (second.verdict is Verdict.FAIL and left == 0 and not self.every):
                self.note(not_told(case, ENOUGH))
            elif second.verdict is Verdict.FAIL:
                left -= 1
            elif second.verdict is not Verdict.PASS:
                self.note(second)
            elif self.one_client and not ended:
                self.note(replace(second, why=ONE_CLIENT))
            elif self.failed:
                self.note(second)
            else:
                self.note(with_note(first, PASSES_ALONE))


def not_told(case: Case, why: str) -> CaseResult:
    return CaseResult(name=case.name, rule=case.rule, verdict=Verdict.SKIPPED, why=why)


def with_note(result: CaseResult, note: str) -> CaseResult:
    assert result.failure is not None
    failure = replace(result.failure, notes=(note, *result.failure.notes))
    return replace(result, failure=failure)


def in_threads(jobs: Sequence[Callable[[], None]], most: int) -> None:
    """Run all of them on a few threads. What one raises is raised here, and no more are begun."""
    if len(jobs) == 1:
        jobs[0]()
        return
    queue: SimpleQueue[Callable[[], None]] = SimpleQueue()
    problems: list[BaseException] = []
    for job in jobs:
        queue.put(job)

    def loop() -> None:
        while not problems:
            try:
                job = queue.get_nowait()
            except Empty:
                return
            try:
                job()
            except BaseException as problem:
                problems.append(problem)

    threads = [threading.Thread(target=loop, daemon=True) for _ in range(min(most, len(jobs)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
