"""Projects, topics and checks in the shapes that the page gets, and what it wants as a check gets it.

    project_told(project, progress, here)      CheckProject: its stages, and how they stand
    line_of(line, before)                      CheckLine: a check in one line, and what it changed
    wanted_of(order, here)                     what the process of a check takes; raises Trouble

Left out: the check itself, which is put together in going.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from ..grade.stage import Stage
from ..workshop import catalog, checker, checking, project
from ..workshop.catalog import Topic
from ..workshop.errors import Trouble
from ..workshop.progress import RUNGS, Progress, Standing, current, home
from ..workshop.project import FILE, Project
from ..workshop.reports import Line, new_id, target_of
from .going import differences
from .markdown import words
from .shapes import checks as shapes
from .shapes.learn import Hint, Words

RUNG_NAMES = ("point", "explain", "show")

T = TypeVar("T")


def with_progress(made: Callable[[Progress, list[str]], T]) -> T:
    """What is made of the learner's progress. It gets sentences that say what cannot be kept."""
    notes: list[str] = []
    with Progress.open(home(), notes.append) as progress:
        return made(progress, notes)


# What there is


def project_told(mine: Project, progress: Progress, here: Path) -> shapes.CheckProject:
    standing, stages = progress.standing(mine.folder), catalog.stages(mine.topic)
    at = current(stages, standing)
    command = mine.command
    return shapes.CheckProject(
        folder=str(mine.folder),
        name=name_of(mine.folder, here),
        topic=mine.topic,
        title=catalog.topic(mine.topic).title,
        run=" ".join(command.run),
        build=" ".join(command.build or ()),
        here=here.resolve().is_relative_to(mine.folder),
        at=at.slug if at is not None else "",
        stages=[stage_told(stage, standing) for stage in stages],
    )


def name_of(folder: Path, here: Path) -> str:
    """As it would be typed from where Cutaway was started, where that is short."""
    start = here.resolve()
    if folder == start:
        return folder.name
    if folder.is_relative_to(start):
        return str(folder.relative_to(start))
    away = Path.home()
    return f"~/{folder.relative_to(away)}" if folder.is_relative_to(away) else str(folder)


def topic_told(topic: Topic) -> shapes.CheckTopic:
    return shapes.CheckTopic(
        topic.slug,
        topic.title,
        [*topic.ports],
        [stage_told(stage, {}) for stage in catalog.stages(topic.slug)],
    )


def stage_told(stage: Stage, standing: Mapping[str, Standing]) -> shapes.CheckStage:
    stands = standing.get(stage.name)
    return shapes.CheckStage(
        name=stage.name,
        slug=stage.slug,
        title=stage.title,
        cases=len(stage.cases),
        verdict=stands.verdict if stands is not None else "",
        passed=stands is not None and stands.passed,
    )


def program(line: Line) -> tuple[str, str, str]:
    """What was checked."""
    return line.folder, line.target, line.topic


def line_of(line: Line, before: Mapping[str, str]) -> shapes.CheckLine:
    broke, mended = differences(line.outline, before)
    return shapes.CheckLine(
        id=line.id,
        folder=line.folder,
        target=line.target,
        topic=line.topic,
        asked=line.asked,
        began=line.began,
        seconds=line.seconds,
        verdict=line.verdict,
        cases=len(line.outline),
        failed=sum(verdict == "fail" for verdict in line.outline.values()),
        broke=len(broke),
        mended=len(mended),
    )


def hints(progress: Progress, folder: Path, name: str) -> list[Hint]:
    """Those that were taken. The last rung shows code, as it stands."""
    stage, taken = catalog.stage(name), progress.hints(folder).get(name, 0)
    found = []
    for rung, text in enumerate(stage.hints[:taken], start=1):
        code = rung == RUNGS
        said = [Words("plain", text)] if code else words(text)
        found.append(Hint(rung, RUNG_NAMES[rung - 1], said, code))
    return found


# What is wanted


def folder_of(named: str, here: Path) -> Path:
    """A folder as a person types it. Raises Trouble."""
    if not named.strip():
        raise Trouble("No folder was named.", f"It is the one that holds your {FILE}.")
    folder = (here / Path(named.strip()).expanduser()).resolve()
    if folder.name == FILE:
        folder = folder.parent
    if not folder.is_dir():
        raise Trouble(f"There is no folder {folder}.", f"It is the one that holds your {FILE}.")
    return folder


def wanted_of(order: shapes.CheckOrder, here: Path) -> tuple[checker.Wanted, checking.Job]:
    """What is asked of the process, once it is known that it can be. Raises Trouble."""
    if order.target:
        if order.watch:
            raise Trouble(
                "Files are watched where the check starts the program.", "Name its folder instead."
            )
        if not order.topic:
            raise Trouble("Which topic does the server speak?", "Choose one.")
        topic, mine = catalog.topic(order.topic).slug, None
    else:
        mine = project.find(folder_of(order.folder, here))
        topic = mine.topic
    job = checking.job_of(
        project=mine,
        target=order.target,
        data_dir=order.data_dir,
        topic=topic,
        stage="" if order.asked in ("next", "all") else order.asked,
    )
    wanted = checker.Wanted(
        folder=str(job.folder or ""),
        target=order.target,
        data_dir=order.data_dir,
        topic=topic,
        asked=order.asked if order.asked in ("next", "all") else job.stages[0].slug,
        watch=order.watch,
        id=new_id(),
        seed=job.seed,
    )
    return wanted, job


def began_of(wanted: checker.Wanted, job: checking.Job) -> checker.Began:
    """What will be said when it begins."""
    return checker.Began(
        id=wanted.id,
        topic=job.topic,
        folder=str(job.folder or ""),
        target=target_of(job),
        asked=wanted.asked,
        seed=job.seed,
        began=time.time(),
        plan=[checker.planned(stage) for stage in job.stages],
    )
