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

Left out: building the program (the caller's, outside of every limit), the order of stages
(ahead.py), what a result is made of (results.py), and showing anything.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from functools import partial
from queue import Empty, SimpleQueue

from ..net.recorded import TooMuch
from ..process import ProgramError
from .ahead import in_order
from .outcomes import CannotTell, Failed, Halted, NotTried
from .play import Play
from .results import did_not_start, explained, together
from .running import Running
from .running import Subject as Subject
from .stage import Case, Stage
from .starts import Starts
from .verdict import CaseResult, CheckResult, Reached, StageResult, Verdict, Way, worst

PLAYS_AT_ONCE = 16
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
    if target and stage.far:
        why = "needs a program that the check starts itself: it plays what the program connects to"
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
    # Of a --target there is one for all.
    at_once = ALONE_AT_ONCE if starts.subject.command is not None else 1
    if not shared:
        in_threads(jobs, at_once)
        return ""
    try:
        with starts.begin(stage) as running:
            in_threads([partial(play_shared, stage, shared, running, seed, note), *jobs], at_once)
            news = running.news()
    except ProgramError as problem:
        note(did_not_start(shared[0], stage, problem, starts.subject))
        return "the program did not start"
    if running.computes:
        return "the program still computed, and answered nobody"
    return f"before this case {news or 'the program had ended'}"


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
    if starts.subject.command is None and case.environment:
        settings = " ".join(f"{name}={value}" for name, value in case.environment.items())
        why = f"needs a program that is started with {settings} for this case, not a --target"
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
    """One case in all its ways, up to the first that does not pass.

    What fails in pieces is played whole once more: perhaps it fails now for what went before it.
    """
    results = []
    for way in ways_of(stage, case):
        results.append(play_way(stage, case, running, seed, way))
        if results[-1].verdict is not Verdict.PASS:
            break
    known = not running.news() and not running.computes
    if known and len(results) > 1 and results[-1].verdict is Verdict.FAIL:
        whole = play_way(stage, case, running, seed, Way.WHOLE)
        if whole.verdict is Verdict.FAIL:
            results.append(whole)
    return together(results, known)


def ways_of(stage: Stage, case: Case) -> tuple[Way, ...]:
    ways = case.ways or stage.ways
    if stage.neighbour is None:
        ways = tuple(way for way in ways if way is not Way.MERGED)
    return ways


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
        for side in play.running.sides.values():
            side.recover()
    for name, side in play.running.sides.items():
        play.kept[name] = b"%s:%d" % (side.address[0].encode(), side.address[1])
    for step in play.case.steps:
        step.run(play)
    play.nothing_left()
