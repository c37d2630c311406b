"""`cutaway check`: play the stages against the learner's program, and say what came of it.

    $ cutaway check
    ✓ tcp/echo · every byte comes back · 5 cases · 0.04 s
    ✗ tcp/lines · a line is what ends with LF · 1 of 6 cases fails · 0.05 s
    …
      next      tcp/lines · A stream has no messages. …

Without a stage: all up to and including the first that does not pass, and the one that failed last
goes first, so that an edit is answered at once. What passed before and fails now is a regression.

Left out: playing (grade/player.py), what is shown (check_show.py), watching (watch.py).
"""

from __future__ import annotations

import os
import shlex
from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..grade import player
from ..grade.outcomes import Halted
from ..grade.running import Subject
from ..grade.starts import Brake
from ..grade.verdict import (
    CaseResult,
    CheckResult,
    Failure,
    Rule,
    StageResult,
    Verdict,
)
from ..process import BuildFailed, build, end_all
from ..workshop import catalog, project
from ..workshop.errors import Trouble
from ..workshop.progress import Progress, Standing, home
from .check_show import BUILT, Show
from .here import current
from .interrupt import ending_programs
from .screen import Waiting
from .sink import Sink
from .target import addresses
from .trouble import say

if TYPE_CHECKING:
    from ..grade.stage import Stage

EXITS = {Verdict.PASS: 0, Verdict.FAIL: 1, Verdict.INCONCLUSIVE: 3, Verdict.SKIPPED: 3}
BUILDS = Rule("contract", "contract", "the build command of cutaway.toml ends with status 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is to be checked.

    stages   those to play
    folder   where progress belongs; None for a server that is not the project's program
    again    options that are needed to check the same server again
    """

    topic: str
    stages: tuple[Stage, ...]
    subject: Subject
    seed: int
    keep_going: bool
    single: bool
    folder: Path | None
    again: str = ""


def run(options: Namespace) -> int:
    sink = Sink.of(options)
    if options.watch and sink.takes_stdout:
        raise Trouble(
            f"--watch reports on standard output, which --{sink.form} would take.",
            f"Name a file: --{sink.form} FILE.",
        )
    job = job_of(options)
    with Progress.open(home(), say) as progress:
        if options.watch:
            from .watch import watch

            return watch(options, job, lambda job, brake: once(job, progress, sink, brake))
        return EXITS[once(job, progress, sink).verdict]


def job_of(options: Namespace) -> Job:
    """Raises Trouble for whatever cannot be."""
    if options.data_dir and not options.target:
        raise Trouble("--data-dir goes with --target.", "A program that we start gets its own.")
    if options.watch and options.target:
        raise Trouble("--watch restarts the program, and --target does not start it.", "Drop one.")
    found = None if options.target and options.topic else project.file_above(Path.cwd())
    mine = project.read(found) if found else None
    topic = topic_of(options, mine)
    again = ""
    if options.target:
        again = f"--target {shlex.quote(options.target)}"
        if options.data_dir:
            again += f" --data-dir {shlex.quote(options.data_dir)}"
        data_dir = folder_named(options.data_dir) if options.data_dir else None
        subject = Subject(target=addresses(options.target, topic), data_dir=data_dir)
    else:
        mine = mine or project.find(Path.cwd())
        variables = tuple(catalog.topic(topic).environment)
        subject = Subject(command=mine.command, variables=variables)
    every = catalog.stages(topic)
    wanted = (catalog.stage(options.stage, topic),) if options.stage else every
    if wanted[0].topic != topic:
        raise Trouble(
            f"{wanted[0].name} is no stage of {topic}, which this project builds.",
            "Change to a project of that topic, or begin one with `cutaway start`.",
        )
    return Job(
        topic=topic,
        stages=wanted,
        subject=subject,
        seed=options.seed if options.seed is not None else int.from_bytes(os.urandom(4), "big"),
        keep_going=options.all,
        single=options.stage is not None,
        folder=mine.folder if mine and not options.target else None,
        again=again,
    )


def topic_of(options: Namespace, mine: project.Project | None) -> str:
    """The topic that is checked: as asked, as the stage says, or the project's."""
    named: str | None = options.topic
    if named is None and options.target and options.stage and "/" in options.stage:
        named = options.stage.partition("/")[0]
    if named is not None:
        slug = catalog.topic(named).slug
        if mine is not None and not options.target and mine.topic != slug:
            raise Trouble(f"This project builds {mine.topic}, not {slug}.", "Leave out --topic.")
        return slug
    if mine is None and options.target:
        raise Trouble("Which topic does the target speak?", "Add --topic, as in --topic http1.")
    return (mine or project.find(Path.cwd())).topic


def folder_named(name: str) -> Path:
    if not Path(name).is_dir():
        raise Trouble(f"There is no folder {name}.", "--data-dir is the $DATA_DIR of the target.")
    return Path(name).absolute()


def once(job: Job, progress: Progress, sink: Sink, brake: Brake | None = None) -> CheckResult:
    """Build, play, show, remember. Raises Halted when the brake is pulled meanwhile."""
    before = progress.standing(job.folder) if job.folder else {}
    with Waiting() as waiting, ending_programs():
        show = Show(job, before, waiting, quiet=sink.takes_stdout)
        try:
            built(job, waiting, brake)
        except BuildFailed as problem:
            if brake is not None and brake.pulled:
                raise Halted from None
            result = not_built(job, before, problem)
            show.stage(result.stages[0])
        else:
            result = played(job, before, show, brake)
            if job.folder:  # a build that fails says nothing about a stage
                progress.record(job.folder, result)
    show.end(result, progress.standing(job.folder) if job.folder else {})
    sink.write(result)
    return result


def built(job: Job, waiting: Waiting, brake: Brake | None) -> None:
    """Build the program, where it is built. Raises BuildFailed."""
    command = job.subject.command
    if command is not None and command.build is not None:
        waiting.says("building: " + shlex.join(command.build))
        if brake is not None:
            brake.holds(lambda: end_all(grace=0.0))
        build(command)


def not_built(job: Job, before: dict[str, Standing], problem: BuildFailed) -> CheckResult:
    """A program that cannot be built fails the stage it is at; the others are not tried."""
    command = job.subject.command
    notes = [problem.next_step] if problem.next_step else []
    if problem.output:
        notes.append(f"the program printed\n{problem.output}")
    failure = Failure(
        step=BUILT,
        expected="a program that builds",
        found=problem.sentence,
        because=str(BUILDS),
        by_hand=shlex.join(command.build or ()) if command else "",
        notes=tuple(notes),
    )
    case = CaseResult(
        name="the program builds", rule=BUILDS, verdict=Verdict.FAIL, plays=1, failure=failure
    )
    at = current(job.stages, before) or job.stages[0]
    stage = StageResult(name=at.name, title=at.title, verdict=Verdict.FAIL, cases=(case,))
    return CheckResult(topic=job.topic, seed=job.seed, seconds=0.0, stages=(stage,))


def played(job: Job, before: dict[str, Standing], show: Show, brake: Brake | None) -> CheckResult:
    at = current(job.stages, before)
    tried = at is not None and at.name in before
    show.focus = at.name if at is not None and tried and not job.keep_going else None
    try:
        return player.check(
            job.topic,
            job.stages,
            job.subject,
            seed=job.seed,
            keep_going=job.keep_going,
            focus=show.focus,
            on_stage=show.stage,
            on_case=show.case,
            brake=brake,
        )
    except (KeyboardInterrupt, SystemExit):
        show.broken_off()
        raise
    finally:
        show.over = True
