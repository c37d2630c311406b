"""A check of one learner's program: what is checked, the build, and the stage they are at.

    job = job_of(project=project.read(file))                 all stages of its topic
    job = job_of(target="127.0.0.1:8080", topic="http1")     a server that runs already
    built(job)                                               raises BuildFailed
    played(job, progress.standing(job.folder), on_case=…)    CheckResult

The stage that failed last goes first, so that an edit is answered at once; the others follow when
it passes. What passed before and fails now is a regression.

Left out: showing it. The command line and the page do that, each in its own way.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..grade import player
from ..grade.running import Subject
from ..grade.scorecard import carded
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
from . import catalog
from .errors import Trouble
from .progress import Standing, current
from .project import Project
from .target import addresses

if TYPE_CHECKING:
    from ..grade.stage import Stage

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

    @property
    def words(self) -> tuple[str, ...]:
        """Of the commands of cutaway.toml: some name sources."""
        command = self.subject.command
        return (*command.run, *(command.build or ())) if command is not None else ()


def job_of(
    *,
    project: Project | None = None,
    target: str = "",
    data_dir: str = "",
    topic: str = "",
    stage: str = "",
    seed: int | None = None,
    keep_going: bool = False,
) -> Job:
    """Either of a project or of a target of that topic. Raises Trouble for whatever cannot be."""
    again, folder = "", None
    if target:
        again = f"--target {shlex.quote(target)}"
        if data_dir:
            again += f" --data-dir {shlex.quote(data_dir)}"
        where = folder_named(data_dir) if data_dir else None
        subject = Subject(target=addresses(target, topic), data_dir=where)
    else:
        assert project is not None
        topic, folder = project.topic, project.folder
        variables = tuple(catalog.topic(topic).environment)
        subject = Subject(command=project.command, variables=variables)
    wanted = (catalog.stage(stage, topic),) if stage else catalog.stages(topic)
    if wanted[0].topic != topic:
        raise Trouble(
            f"{wanted[0].name} is no stage of {topic}, which this project builds.",
            "Change to a project of that topic, or begin one with `cutaway start`.",
        )
    return Job(
        topic=topic,
        stages=wanted,
        subject=subject,
        seed=seed if seed is not None else int.from_bytes(os.urandom(4), "big"),
        keep_going=keep_going,
        single=bool(stage),
        folder=folder,
        again=again,
    )


def folder_named(name: str) -> Path:
    if not Path(name).is_dir():
        raise Trouble(f"There is no folder {name}.", "--data-dir is the $DATA_DIR of the target.")
    return Path(name).absolute()


def built(job: Job, brake: Brake | None = None, says: Callable[[str], None] | None = None) -> None:
    """Build the program, where it is built. Raises BuildFailed."""
    command = job.subject.command
    if command is not None and command.build is not None:
        if says is not None:
            says(shlex.join(command.build))
        if brake is not None:
            brake.holds(lambda: end_all(grace=0.0))
        build(command)


def not_built(job: Job, before: Mapping[str, Standing], problem: BuildFailed) -> CheckResult:
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


def focus_of(job: Job, before: Mapping[str, Standing]) -> str | None:
    """The stage that is played ahead of all others."""
    at = current(job.stages, before)
    return at.name if at is not None and at.name in before and not job.keep_going else None


def played(job: Job, before: Mapping[str, Standing], **told: Any) -> CheckResult:
    """With its scorecard, where the topic has one. Raises Halted when the brake is pulled.

    told  what player.check takes to tell what goes on
    """
    result = player.check(
        job.topic,
        job.stages,
        job.subject,
        seed=job.seed,
        keep_going=job.keep_going,
        focus=focus_of(job, before),
        **told,
    )
    return carded(result, catalog.topic(job.topic).axes)
