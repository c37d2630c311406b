"""Plays cases, gathers verdicts, runs the stages of a topic.

    check("http1", STAGES, Subject(command=command), seed=7)

A stage has a program of its own, started for it. Its cases are played one after the other, because
a program that serves one client at a time is right until a stage asks for more; stages that do
(`side_by_side`) are played all at once. A case that kills, stops or measures the program is
`alone`, on another start of it. Stages are independent, so a few run at the same time; they are
reported in order.

A stage whose verdict ends the check halts the others: nobody waits for them any more. So does
Ctrl-C. A defect of ours in a step is raised out of `check`, with a note on where it happened.

What a case draws at random comes from the seed, the case's name and the way it is played, never
from the order of threads: `--seed` repeats a run exactly.

Left out: building the program (the caller's, outside of every limit) and showing anything.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from queue import Empty, SimpleQueue

from ..net.recorded import TooMuch
from ..process import ProgramError
from .byhand import by_hand
from .outcomes import CannotTell, Failed, Halted, NotTried
from .play import Play
from .running import Running
from .running import Subject as Subject
from .stage import Case, Stage
from .starts import Starts
from .verdict import CaseResult, CheckResult, Failure, Reached, StageResult, Verdict, Way, worst

STAGES_AT_ONCE = max(3, min(4, os.cpu_count() or 2))  # some of them wait, most of the time
PLAYS_AT_ONCE = 16
LASTING = 2.0  # seconds
SEARCH = 3.0  # seconds to find the case that ended a program
ALONE_AT_ONCE = 4  # starts of the program beside each other, for one stage

OnCase = Callable[[Stage, CaseResult], None]
Note = Callable[[CaseResult], None]


def check(
    topic: str,
    stages: Sequence[Stage],
    subject: Subject,
    *,
    seed: int,
    keep_going: bool = False,
    focus: str | None = None,
    on_stage: Callable[[StageResult], None] | None = None,
    on_case: OnCase | None = None,
) -> CheckResult:
    """Play these stages; without `keep_going` only up to the first that does not pass.

    focus     name of the stage that is played first; the others follow when it passes
    on_stage  called for each stage, in order, as soon as its turn has come
    """
    began = time.monotonic()
    shown: list[StageResult] = []
    with Starts(subject) as starts:
        run = partial(run_stage, starts=starts, seed=seed, on_case=on_case)
        with closing(in_order(stages, focus, run, starts.halt, keep_going)) as results:
            for result in results:
                shown.append(result)
                if on_stage is not None:
                    on_stage(result)
        seconds = time.monotonic() - began  # without the end of the programs
    return CheckResult(topic=topic, seed=seed, seconds=seconds, stages=tuple(shown))


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
    with Ahead(rest, run, halt) as ahead:
        for stage in stages:
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


def run_stage(
    stage: Stage, starts: Starts, seed: int, on_case: OnCase | None = None
) -> StageResult:
    """All cases of one stage. When the program does not start or ends, the rest is not tried."""
    began = time.monotonic()
    target = starts.subject.target
    missing = [name for name in (*stage.ports, stage.port) if target and name not in target]
    if missing:
        why = f"needs the address of ${missing[0]}: --target HOST:PORT,{missing[0]}=HOST:PORT"
        return StageResult(name=stage.name, title=stage.title, verdict=Verdict.SKIPPED, why=why)
    results: dict[str, CaseResult] = {}

    def note(result: CaseResult) -> None:
        if starts.halted.is_set() and result.verdict is Verdict.FAIL:
            raise Halted  # what was killed with the check has not failed
        results[result.name] = result
        if on_case is not None:
            on_case(stage, result)

    why = play_stage(stage, starts, seed, note)
    for case in stage.cases:
        if case.name not in results:
            note(CaseResult(name=case.name, rule=case.rule, verdict=Verdict.SKIPPED, why=why))
    cases = tuple(results[case.name] for case in stage.cases)
    return StageResult(
        name=stage.name,
        title=stage.title,
        verdict=worst(case.verdict for case in cases),
        seconds=time.monotonic() - began,
        cases=cases,
    )


def play_stage(stage: Stage, starts: Starts, seed: int, note: Note) -> str:
    """Play what can be played; why the rest was not."""
    shared = [case for case in stage.cases if not case.alone]
    alone = [case for case in stage.cases if case.alone]
    jobs = [partial(_note_alone, stage, case, starts, seed, note) for case in alone]
    if not shared:
        in_threads(jobs, ALONE_AT_ONCE)
        return ""
    try:
        with starts.begin(stage) as running:
            in_threads(
                [partial(play_shared, stage, shared, running, seed, note), *jobs], ALONE_AT_ONCE
            )
    except ProgramError as problem:
        note(did_not_start(shared[0], stage, problem, starts.subject))
        return "the program did not start"
    if running.computes:
        return "the program still computed, and answered nobody"
    return "the program had ended before"


def play_shared(
    stage: Stage, cases: Sequence[Case], running: Running, seed: int, note: Note
) -> None:
    """The cases that share one start of the program."""
    if stage.side_by_side:
        failed: dict[str, CaseResult] = {}

        def note_or_hold(result: CaseResult) -> None:
            if result.verdict is Verdict.FAIL:
                failed[result.name] = result
            else:
                note(result)

        jobs = [partial(_note_case, stage, case, running, seed, note_or_hold) for case in cases]
        in_threads(jobs, PLAYS_AT_ONCE)
        if failed and running.program is not None and running.news():
            suspects = [case for case in cases if case.name in failed]
            failed = who_ended_it(stage, suspects, running, seed) or failed
        for case in cases:
            if case.name in failed:
                note(failed[case.name])
        return
    for case in cases:
        result = play_case(stage, case, running, seed)
        note(result)
        if result.verdict is Verdict.FAIL and (running.computes or running.news()):
            return  # the rest would fail for that reason only


def _note_case(stage: Stage, case: Case, running: Running, seed: int, note: Note) -> None:
    note(play_case(stage, case, running, seed))


def _note_alone(stage: Stage, case: Case, starts: Starts, seed: int, note: Note) -> None:
    note(play_alone(stage, case, starts, seed))


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


def who_ended_it(
    stage: Stage, cases: Sequence[Case], running: Running, seed: int
) -> dict[str, CaseResult]:
    """The program ended while all of these were played, so that all failed: now one by one.

    Results up to the case that ends it again; none, when that is not found in a few seconds.
    """
    results: dict[str, CaseResult] = {}
    running.own().end(grace=0.0)
    began = time.monotonic()
    with suppress(ProgramError):
        running.launch()
        for case in cases:
            if time.monotonic() - began > SEARCH:
                break
            result = results[case.name] = play_case(stage, case, running, seed)
            if result.verdict is Verdict.FAIL and running.news():
                return results
    return {}


def play_alone(stage: Stage, case: Case, starts: Starts, seed: int) -> CaseResult:
    """One case on a start of its own for every way it is played."""
    if starts.subject.command is None:
        why = "needs a program that the check starts itself, not a --target"
        return CaseResult(name=case.name, rule=case.rule, verdict=Verdict.SKIPPED, why=why)
    results = []
    for way in ways_of(stage, case):
        try:
            with starts.begin(stage, case.environment) as running:
                results.append(play_way(stage, case, running, seed, way))
        except ProgramError as problem:
            return did_not_start(case, stage, problem, starts.subject)
        if results[-1].verdict is not Verdict.PASS:
            break
    return together(results)


def play_case(stage: Stage, case: Case, running: Running, seed: int) -> CaseResult:
    """One case in all its ways, up to the first that does not pass."""
    results = []
    for way in ways_of(stage, case):
        results.append(play_way(stage, case, running, seed, way))
        if results[-1].verdict is not Verdict.PASS:
            break
    return together(results)


def ways_of(stage: Stage, case: Case) -> tuple[Way, ...]:
    ways = case.ways or stage.ways
    if stage.neighbour is None:
        ways = tuple(way for way in ways if way is not Way.MERGED)
    return ways


def together(results: Sequence[CaseResult]) -> CaseResult:
    """The last one speaks for all: it is the failing one, if any failed."""
    last = results[-1]
    failure = last.failure
    if failure is not None and last.played is not Way.WHOLE and len(results) > 1:
        only = "only in pieces" if last.played is Way.PIECES else "only behind another message"
        note = f"the same octets in one write of their own pass: this fails {only}"
        failure = replace(failure, notes=(note, *failure.notes))
    return CaseResult(
        name=last.name,
        rule=last.rule,
        verdict=last.verdict,
        played=last.played,
        seconds=sum(result.seconds for result in results),
        waited=sum(result.waited for result in results),
        plays=len(results),
        reached=last.reached,
        failure=failure,
        why=last.why,
    )


def play_way(stage: Stage, case: Case, running: Running, seed: int, way: Way) -> CaseResult:
    """One play. Every outcome is a result; what is raised is Halted or a defect of ours."""
    steady = random.Random(f"{seed}/{stage.name}/{case.name}/{way}")
    play = Play(stage, case, way, running, steady)
    began = time.monotonic()
    verdict, failure, why = Verdict.PASS, None, ""
    try:
        play_steps(play)
    except Failed as failed:
        verdict, failure = Verdict.FAIL, explained(play, failed)
    except TooMuch as much:
        too_long = Failed(Reached.FRAMED, "an answer of reasonable length", str(much))
        verdict, failure = Verdict.FAIL, explained(play, too_long)
    except CannotTell as reason:
        verdict, why = Verdict.INCONCLUSIVE, str(reason)
    except NotTried as reason:
        verdict, why = Verdict.SKIPPED, str(reason)
    except ProgramError as problem:
        return did_not_start(case, stage, problem, running.subject)
    except Halted:
        raise
    except Exception as defect:
        defect.add_note(f"in the case {case.name!r} of {stage.name}, played {way}, seed {seed}")
        raise
    finally:
        play.close()
    running.go_on()  # a program that was ended with the check has failed nothing
    return CaseResult(
        name=case.name,
        rule=case.rule,
        verdict=verdict,
        played=way,
        seconds=time.monotonic() - began,
        waited=play.waited,
        plays=1,
        reached=tuple(play.reached),
        failure=failure,
        why=why,
    )


def play_steps(play: Play) -> None:
    """The steps in order; and then nothing may be left."""
    if news := play.running.news():
        raise Failed(Reached.CONNECTED, "a program that runs", f"before this case {news}")
    if not play.stage.side_by_side or play.case.alone:
        play.running.lay(play.case)
    for step in play.case.steps:
        step.run(play)
    play.nothing_left()


def explained(play: Play, failed: Failed) -> Failure:
    """What a learner gets: the rule, the octets, and how to see the same by hand."""
    subject = play.running.subject
    notes = [*failed.notes, *play.notes]
    settings = {**play.stage.environment, **play.case.environment}
    if settings and subject.command is not None:
        told = " ".join(f"{name}={value}" for name, value in settings.items())
        notes.append(f"the program was started with {told}")
    if "silence" in failed.found and not play.stage.side_by_side and play.running.at_work():
        notes.append("the program does not wait meanwhile, it computes: is it in a loop?")
    if play.running.news() and (printed := play.running.printed()):
        notes.append(f"the program printed: {printed}")
    line = failed.line.name if failed.line is not None else "main"
    return Failure(
        step=str(failed.step),
        expected=failed.expected,
        found=failed.found,
        because=failed.because or str(play.case.rule),
        by_hand=by_hand(
            play.acts,
            line,
            subject.addresses_by_hand(play.stage),
            subject.command.run if subject.command else (),
        ),
        where=failed.where(),
        offset=failed.offset,
        dump=failed.dump(),
        notes=tuple(notes),
    )


def did_not_start(case: Case, stage: Stage, problem: ProgramError, subject: Subject) -> CaseResult:
    """A program that never got ready fails the first case with its own sentence."""
    notes = [problem.next_step] if problem.next_step else []
    if problem.output:
        notes.append(f"the program printed: {problem.output}")
    return CaseResult(
        name=case.name,
        rule=case.rule,
        verdict=Verdict.FAIL,
        plays=1,
        failure=Failure(
            step=Reached.CONNECTED,
            expected="a program that takes connections on "
            + ", ".join(f"${p}" for p in stage.ports),
            found=problem.sentence,
            because="contract: the program listens on 127.0.0.1 at the ports in its environment",
            by_hand=subject.start_by_hand(stage, case.environment),
            notes=tuple(notes),
        ),
    )
