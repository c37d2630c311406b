"""The projects that a learner has: those near by, and those that were ever checked.

    projects(Path.cwd(), progress)      [Project(folder=…, topic="http1", …), …]

    looked into   the folder itself, or the project it lies in; folders below it, DEPTH deep
    left alone    what others wrote (watching.IGNORED), what begins with a dot, links

Left out: projects whose cutaway.toml is wrong. Whoever names one is told what is wrong with it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from . import project
from .errors import Trouble
from .progress import Progress
from .project import FILE, Project
from .watching import IGNORED

DEPTH = 3
LOOKED_INTO = 2000  # folders
MOST = 60


def projects(start: Path, progress: Progress) -> list[Project]:
    """The one around `start` first, then those checked lately, then those below it by name."""
    found: dict[Path, Project] = {}
    for folder in (*_around(start), *_checked(progress), *_below(start)):
        if len(found) < MOST and folder not in found:
            with suppress(Trouble):
                found[folder] = project.read(folder / FILE)
    return [*found.values()]


def _around(start: Path) -> Iterator[Path]:
    file = project.file_above(start)
    if file is not None:
        yield file.parent


def _checked(progress: Progress) -> Iterator[Path]:
    for folder, _ in progress.folders():
        if (Path(folder) / FILE).is_file():
            yield Path(folder)


def _below(start: Path) -> Iterator[Path]:
    """Breadth first, so that what is near is found however much lies below."""
    level, looked = [start.resolve()], 0
    for _ in range(DEPTH + 1):
        following: list[Path] = []
        for folder in level:
            looked += 1
            if looked > LOOKED_INTO:
                return
            if (folder / FILE).is_file():
                yield folder
            following += _folders(folder)
        level = following


def _folders(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            names = [
                entry.name
                for entry in entries
                if entry.is_dir(follow_symlinks=False)
                and entry.name not in IGNORED
                and not entry.name.startswith(".")
            ]
    except OSError:
        return []
    return [folder / name for name in sorted(names)]
