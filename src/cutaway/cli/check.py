"""`cutaway check`: play the stages against the learner's program, and say what came of it.

    $ cutaway check
    ✓ tcp/echo · every byte comes back · 5 cases · 0.04 s
    ✗ tcp/lines · a line is what ends with LF · 1 of 6 cases fails · 0.05 s
    …
      next      tcp/lines · A stream has no messages. …

Without a stage: all up to and including the first that does not pass, and the one that failed last
goes first, so that an edit is answered at once. What passed before and fails now is a regression.

Left out: playing (grade/player.py), how a report looks (grade/reports), watching (watch.py).
"""

from __future__ import annotations

import os
import shlex
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..grade import player
from ..grade.reports import terminal
from ..grade.running import Subject
from ..grade.verdict import (
    CaseResult,
    CheckResult,
    Failure,
    Rule,
    StageResult,
    Verdict,
)
from ..process import BuildFailed, build
from ..workshop import catalog, project
from ..workshop.errors import Trouble
from ..workshop.progress import Progress, Standing, home
from .here import current
from .interrupt import ending_programs
from .screen import Waiting, labelled, look
from .sink import Sink
from .target import addresses
from .trouble import say

if TYPE_CHECKING:
    from ..grade.stage import Stage

EXITS = {Verdict.PASS: 0, Verdict.FAIL: 1, Verdict.INCONCLUSIVE: 3, Verdict.SKIPPED: 3}
BUILT = "built"
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
    job = job_of(options)
    with Progress.open(home(), say) as progress:
        if options.watch:
            from .watch import watch

            return watch(options, job, lambda job: once(job, progress, sink))
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


def once(job: Job, progress: Progress, sink: Sink) -> CheckResult:
    """Build, play, show, remember."""
    before = progress.standing(job.folder) if job.folder else {}
    with Waiting() as waiting, ending_programs():
        show = Show(job, before, waiting, quiet=sink.takes_stdout)
        try:
            built(job, waiting)
        except BuildFailed as problem:
            result = not_built(job, before, problem)
            show.stage(result.stages[0])
        else:
            result = played(job, before, show)
            if job.folder:  # a build that fails says nothing about a stage
                progress.record(job.folder, result)
    show.end(result, progress.standing(job.folder) if job.folder else {})
    sink.write(result)
    return result


def built(job: Job, waiting: Waiting) -> None:
    """Build the program, where it is built. Raises BuildFailed."""
    command = job.subject.command
    if command is not None and command.build is not None:
        waiting.says("building: " + shlex.join(command.build))
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


def played(job: Job, before: dict[str, Standing], show: Show) -> CheckResult:
    at = current(job.stages, before)
    tried = at is not None and at.name in before
    return player.check(
        job.topic,
        job.stages,
        job.subject,
        seed=job.seed,
        keep_going=job.keep_going,
        focus=at.name if at is not None and tried and not job.keep_going else None,
        on_stage=show.stage,
        on_case=show.case,
    )


class Show:
    """What a person sees while it goes on, and at its end."""

    def __init__(
        self, job: Job, before: dict[str, Standing], waiting: Waiting, quiet: bool
    ) -> None:
        self.job, self.before, self.waiting, self.quiet = job, before, waiting, quiet
        self.look = look()
        self.counts: dict[str, int] = {}
        waiting.says("starting your program" if job.subject.command else "connecting")

    def case(self, stage: Stage, result: CaseResult) -> None:
        """Called from several threads; only a line that nobody has to keep is made of it."""
        done = self.counts[stage.name] = self.counts.get(stage.name, 0) + 1
        self.waiting.says(f"{stage.name} · {done} of {len(stage.cases)} cases")

    def stage(self, result: StageResult) -> None:
        if self.quiet:
            return
        with self.waiting.aside():
            print(terminal.stage_report(result, self.look))
            if self.passed_before(result.name) and is_broken(result):
                for line in labelled("regression", "This stage passed before.", self.look, 12):
                    print(line)

    def passed_before(self, name: str) -> bool:
        return name in self.before and self.before[name].passed

    def end(self, result: CheckResult, after: dict[str, Standing]) -> None:
        if self.quiet:
            return
        print("\n" + terminal.summary(result, self.look, self.job.again))
        new = [
            s.name
            for s in result.stages
            if s.verdict is Verdict.PASS and not self.passed_before(s.name)
        ]
        whole = not self.job.single and result.verdict is Verdict.PASS
        if self.job.folder and (new or whole):
            for line in what_next(catalog.stages(self.job.topic), after, self.look):
                print(line)


def is_broken(result: StageResult) -> bool:
    """It fails, for another reason than that the program cannot be built."""
    failures = [case.failure for case in result.failed if case.failure is not None]
    return any(failure.step != BUILT for failure in failures)


def what_next(
    stages: Sequence[Stage], standing: dict[str, Standing], out: terminal.Look
) -> list[str]:
    """The stage that comes next and what it asks, or that there is none left."""
    at = current(stages, standing)
    if at is None:
        done = [*labelled("done", f"All {len(stages)} stages pass.", out, 12)]
        onward = (t for t in catalog.topics().values() if stages[0].topic in t.builds_on)
        for topic in onward:
            done += labelled("next", f"cutaway start {topic.slug} · {topic.title}", out, 12)
        return done
    return [
        *labelled("next", f"{at.name} · {at.title}", out, 12),
        *(" " * 12 + line for line in out.wrapped(" ".join(at.asks.split()), 12)),
    ]
