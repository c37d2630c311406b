"""Makes results: of the plays of one case, of a step that did not hold, of a program without life.

    together([whole, pieces])     the last one speaks for all
    explained(play, failed)       the rule, the octets, and how to see the same by hand
    did_not_start(case, …)        a program that never got ready

Left out: how a result looks. See reports/.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..process import ProgramError
from .evidence import evidence_of
from .firsthand import asked_anew, first_steps
from .outcomes import Failed
from .passing import told
from .play import Play
from .running import Subject, parts_by_hand
from .stage import Case, Stage
from .verdict import CaseResult, Failure, Reached, Verdict, Way

OUR_LIMIT = "Cutaway's own limit: a program that grows beyond it is ended, to spare this machine"
CLOSING = 0.1  # seconds that a program may take to end, behind the end of a connection


def together(results: Sequence[CaseResult], known: bool = True) -> CaseResult:
    """The last one speaks for all: it is the failing one, if any failed.

    known  that a play of the same octets whole passes also behind the one that failed
    """
    last = results[-1]
    failure = last.failure
    if failure is not None and len(results) > 1:
        failure = replace(failure, notes=(compared(last.played, known), *failure.notes))
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
        measured=last.measured,
    )


def compared(played: Way, known: bool) -> str:
    """What is known of the way in which the failing play was played, from the plays before it."""
    if played is Way.WHOLE:
        return "the same octets passed before, and now they fail: what went before matters"
    how = "in pieces" if played is Way.PIECES else "behind another message"
    if known:
        return f"the same octets in one write of their own pass: this fails only {how}"
    return f"the same octets in one write of their own passed before: this was {how}"


def explained(play: Play, failed: Failed) -> Failure:
    """What a learner gets: the rule, the octets, and how to see the same by hand."""
    subject = play.running.subject
    notes = [*failed.notes, *play.notes]
    settings = {**play.stage.environment, **play.case.environment}
    others = play.stage.far or play.stage.parts
    if settings and not others:
        told = " ".join(f"{name}={value}" for name, value in settings.items())
        how = "was started" if subject.command is not None else "has to be started"
        notes.append(f"the program {how} with {told}")
    notes += what_passed(play, failed)
    notes += [f"by hand, a part is started with: {line}" for line in parts_by_hand(play.stage)]
    if others and subject.command is not None:
        by_hand_start = subject.start_by_hand(play.stage, play.case.environment)
        notes.append(f"by hand, the program is started with: {by_hand_start}")
    if "silence" in failed.found and not play.stage.side_by_side and play.running.at_work():
        notes.append("the program does not wait meanwhile, it computes: is it in a loop?")
    # Who closed may be about to end, and what it printed is read by a thread of its own.
    closed = "closed" in failed.found
    if play.running.news(within=CLOSING if closed else 0.0) and (printed := play.running.printed()):
        notes.append(f"the program printed: {printed}")
    elif closed and (last := play.running.last_words()):
        notes.append(f"the last that the program printed: {last}")
    because = failed.because or str(play.case.rule)
    if play.running.program is not None and play.running.program.ended_because:
        because = OUR_LIMIT
    line = failed.line.name if failed.line is not None else failed.seen_on or "main"
    return Failure(
        step=str(failed.step),
        expected=failed.expected,
        found=failed.found,
        because=because,
        by_hand=asked_anew(
            play,
            line,
            subject.addresses_by_hand(play.stage),
            subject.command.run if subject.command else (),
        ),
        first=first_steps(play),
        where=failed.where(),
        offset=failed.offset,
        dump=failed.dump(),
        notes=tuple(notes),
        evidence=evidence_of(play, failed),
    )


def what_passed(play: Play, failed: Failed) -> list[str]:
    """What the program and the parts beside it said to each other in this case."""
    notes = []
    for part in play.running.parts.values():
        if (words := told(part, part.take())) not in failed.found:
            notes.append(f"between your program and {part.given.title}: {words}")
    return notes


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
