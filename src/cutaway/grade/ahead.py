"""Runs stages a few at a time, and hands their results out in the order of the topic.

    with closing(in_order(stages, None, run, halt, keep_going=False)) as results:
        for result in results: …         the last one is the first that does not pass

A stage whose verdict ends the check halts those that run beside it: nobody waits for them any more.
One that measures how fast a program is runs by itself, when those before it are done.

Left out: what is done with a stage. That is `run`, which the player brings.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Sequence
from queue import Empty, SimpleQueue

from .stage import Stage
from .verdict import StageResult, Verdict

STAGES_AT_ONCE = max(3, min(4, os.cpu_count() or 2))  # some of them wait, most of the time
LASTING = 2.0  # seconds


def in_order(
    stages: Sequence[Stage],
    focus: str | None,
    run: Callable[[Stage], StageResult],
    halt: Callable[[], None],
    keep_going: bool,
) -> Generator[StageResult, None, None]:
    """Each result as soon as its turn has come, up to the one that ends the check."""
    first = [stage for stage in stages if stage.name == focus]
    with Ahead(first, run, halt) as ahead:
        results = {stage.name: ahead.result(stage) for stage in first}
    for result in results.values():
        if result.verdict is Verdict.FAIL and not keep_going:
            yield result
            return
    rest = [stage for stage in stages if stage.name != focus]
    with Ahead([stage for stage in rest if not stage.by_itself], run, halt) as ahead:
        for stage in stages:
            if stage.by_itself and stage in rest:
                ahead.finish()
                with Ahead([stage], run, halt) as alone:
                    result = alone.result(stage)
            else:
                result = results.get(stage.name) or ahead.result(stage)
            yield result
            if result.verdict is not Verdict.PASS and not keep_going:
                return


class Ahead:
    """Runs stages a few at a time, in their order, and hands each result out when asked."""

    def __init__(
        self,
        stages: Sequence[Stage],
        work: Callable[[Stage], StageResult],
        halt: Callable[[], None],
    ) -> None:
        self.work, self.halt, self.stop = work, halt, threading.Event()
        self.queue: SimpleQueue[Stage] = SimpleQueue()
        self.done = {stage.name: threading.Event() for stage in stages}
        self.results: dict[str, StageResult | BaseException] = {}
        for stage in starting_order(stages):
            self.queue.put(stage)
        count = min(STAGES_AT_ONCE, len(stages))
        self.threads = [threading.Thread(target=self._loop, daemon=True) for _ in range(count)]

    def __enter__(self) -> Ahead:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """What has not begun is dropped, and what runs is halted: nobody asks for its result."""
        self.stop.set()
        if any(not done.is_set() for done in self.done.values()):
            self.halt()
        for thread in self.threads:
            thread.join()

    def _loop(self) -> None:
        while not self.stop.is_set():
            try:
                stage = self.queue.get_nowait()
            except Empty:
                return
            try:
                self.results[stage.name] = self.work(stage)
            except BaseException as problem:
                self.results[stage.name] = problem
            self.done[stage.name].set()

    def finish(self) -> None:
        """Wait until none of them runs."""
        for thread in self.threads:
            thread.join()

    def result(self, stage: Stage) -> StageResult:
        self.done[stage.name].wait()
        result = self.results[stage.name]
        if isinstance(result, BaseException):
            raise result
        return result


def starting_order(stages: Sequence[Stage]) -> list[Stage]:
    """The order, but that stages which have to last begin right behind the first two.

    Their time passes beside that of the others, and not when all others are done.
    """
    lasting = [s for s in stages if any(case.owns_time >= LASTING for case in s.cases)]
    others = [s for s in stages if s not in lasting]
    return [*others[:2], *lasting, *others[2:]]
