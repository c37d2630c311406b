"""Plays cases, gathers verdicts, runs the stages of a topic.

    check("http1", STAGES, Subject(command=command), seed=7)

A stage has a program of its own, started for it. Its cases are played one after the other, because
a program that serves one client at a time is right until a stage asks for more; stages that do
(`side_by_side`) are played all at once, and what fails so is played again alone (beside.py). A
case that kills, stops or measures the program is `alone`, on another start of it. Stages are independent, so a few run at the same time; they are
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
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial

from ..net.recorded import TooMuch
from ..process import ProgramError
from .ahead import in_order
from .beside import ALONE_AT_ONCE, ONE_CLIENT, Beside, in_threads, not_told
from .outcomes import CannotTell, Failed, Halted, NotTried
from .play import REFUSED, Play
from .results import did_not_start, explained, together
from .running import Running
from .running import Subject as Subject
from .stage import Case, Stage
from .starts import Brake, Starts
from .verdict import CaseResult, CheckResult, Reached, StageResult, Verdict, Way, worst

IN_VAIN = 3  # cases, one after the other, after which it is no use to wait for more
SILENT = f"{IN_VAIN} cases before it waited in vain, which is enough to go on with"

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
    brake: Brake | None = None,
) -> CheckResult:
    """Play these stages; without `keep_going` only up to the first that does not pass.

    keep_going  and of each stage every case, however many before it waited in vain
    focus     name of the stage that is played first; the others follow when it passes
    on_stage  called for each stage, in order, as soon as its turn has come
    on_case   called for each case as soon as it is known, from several threads
    brake     lets another thread break the check off: then Halted is raised
    """
    began = time.monotonic()
    shown: list[StageResult] = []
    with Starts(subject) as starts:
        if brake is not None:
            brake.holds(starts.halt)
        run = partial(run_stage, starts=starts, seed=seed, on_case=on_case, every=keep_going)
        with closing(in_order(stages, focus, run, starts.halt, keep_going)) as results:
            for result in results:
                shown.append(result)
                if on_stage is not None:
                    on_stage(result)
        seconds = time.monotonic() - began  # without the end of the programs
    return CheckResult(topic=topic, seed=seed, seconds=seconds, stages=tuple(shown))


def run_stage(
    stage: Stage, starts: Starts, seed: int, on_case: OnCase | None = None, every: bool = False
) -> StageResult:
    """All cases of one stage. When the program does not start or ends, the rest is not tried."""
    began = time.monotonic()
    target = starts.subject.target
    missing = [name for name in (*stage.ports, stage.port) if target and name not in target]
    if missing:
        why = f"needs the address of ${missing[0]}: --target HOST:PORT,{missing[0]}=HOST:PORT"
        return StageResult(name=stage.name, title=stage.title, verdict=Verdict.SKIPPED, why=why)
    if target and (stage.far or stage.parts):
        why = "needs a program that the check starts itself: it plays what the program connects to"
        return StageResult(name=stage.name, title=stage.title, verdict=Verdict.SKIPPED, why=why)
    results: dict[str, CaseResult] = {}

    def note(result: CaseResult) -> None:
        if starts.halted.is_set() and result.verdict is Verdict.FAIL:
            raise Halted  # what was killed with the check has not failed
        if target and refused(result):
            shown = ":".join(map(str, target[stage.port]))
            why = f"nothing takes a connection on {shown} any more: the server has ended"
            result = replace(result, verdict=Verdict.INCONCLUSIVE, failure=None, why=why)
        results[result.name] = result
        if on_case is not None:
            on_case(stage, result)

    why = play_stage(stage, starts, seed, note, every)
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
        why=of_one_client(cases),
    )


def refused(case: CaseResult) -> bool:
    """Whether nobody took its first connection."""
    return case.failure is not None and case.failure.found == REFUSED and not case.reached


def of_one_client(cases: Sequence[CaseResult]) -> str:
    """What is to be said of a stage in which cases hold alone, and not beside each other."""
    count = sum(case.verdict is Verdict.PASS and case.why == ONE_CLIENT for case in cases)
    if not count:
        return ""
    which = (
        f"{count} cases hold only when they are" if count > 1 else "one case holds only when it is"
    )
    return f"{which} played alone: this server serves one client at a time, as here it may"


def play_stage(stage: Stage, starts: Starts, seed: int, note: Note, every: bool) -> str:
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
            sharing = partial(play_shared, stage, shared, running, starts, seed, note, every)
            in_threads([sharing, *jobs], at_once)
            news = running.news()
    except ProgramError as problem:
        note(did_not_start(shared[0], stage, problem, starts.subject))
        return "the program did not start"
    if running.computes:
        return "the program still computed, and answered nobody"
    return f"before this case {news or 'the program had ended'}"


def play_shared(
    stage: Stage,
    cases: Sequence[Case],
    running: Running,
    starts: Starts,
    seed: int,
    note: Note,
    every: bool,
) -> None:
    """The cases that share one start of the program.

    One that a client waits for in vain may be stuck, so that what follows gets a fresh one.
    """
    if stage.side_by_side and len(cases) > 1:
        Beside(
            cases,
            play=lambda case: play_case(stage, case, running, seed),
            again=lambda case: play_alone(stage, case, starts, seed),
            note=note,
            fresh=starts.subject.command is not None,
            every=every,
            one_client=stage.one_client,
        ).run(ended=lambda: bool(running.news()))
        return
    in_vain = 0
    for number, case in enumerate(cases, start=1):
        result = play_case(stage, case, running, seed)
        note(result)
        if result.verdict is Verdict.FAIL and (running.computes or running.news()):
            return  # the rest would fail for that reason only
        if not waited_in_vain(result):
            continue
        in_vain += 1
        why = SILENT if in_vain == IN_VAIN and not every else begun_anew(running)
        if why:
            for left in cases[number:]:
                note(not_told(left, why))
            return


def waited_in_vain(result: CaseResult) -> bool:
    """Whether it failed since a limit of time was over."""
    notes = result.failure.notes if result.failure is not None else ()
    return any(said.startswith("the limit of ") for said in notes)


def begun_anew(running: Running) -> str:
    """Start the program again, where it is ours; why that cannot be."""
    if running.program is not None:
        running.program.end(grace=0.0)
        try:
            running.launch()
        except ProgramError as problem:
            return (
                f"the program was started again for it, and did not get ready: {problem.sentence}"
            )
    return ""


def _note_alone(stage: Stage, case: Case, starts: Starts, seed: int, note: Note) -> None:
    note(play_alone(stage, case, starts, seed))


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
        measured=play.measured,
    )


def play_steps(play: Play) -> None:
    """The steps in order; and then nothing may be left."""
    if news := play.running.news():
        raise Failed(Reached.CONNECTED, "a program that runs", f"before this case {news}")
    if not play.stage.side_by_side or play.case.alone:
        play.running.lay(play.case)
        for side in play.running.sides.values():
            side.recover()
        for part in play.running.parts.values():
            part.begin()
    for name, side in play.running.sides.items():
        play.kept[name] = b"%s:%d" % (side.reached[0].encode(), side.reached[1])
    for step in play.case.steps:
        step.run(play)
    play.nothing_left()
