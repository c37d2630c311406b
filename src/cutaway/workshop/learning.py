"""How far a learner is in the topics.

    place(progress, "http1", cwd)     the folder whose progress counts for the topic
    most_passed(progress)             topic → stages that pass, in the folder where most do

A topic that was worked at in several folders counts as the best of them, unless the learner stands
in a project for it.

Left out: what was answered in the lesson. See answers.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from . import project
from .errors import Trouble
from .progress import Progress, Standing


def passing(standing: Mapping[str, Standing], slug: str) -> int:
    """Stages of the topic that pass."""
    return sum(s.verdict == "pass" for name, s in standing.items() if name.startswith(f"{slug}/"))


def most_passed(progress: Progress) -> dict[str, int]:
    """Topic → stages that pass, in the folder where most do."""
    best: dict[str, int] = {}
    for folder, slug in progress.folders():
        best[slug] = max(best.get(slug, 0), passing(progress.standing(Path(folder)), slug))
    return best


def place(progress: Progress, slug: str, start: Path) -> Path | None:
    """The project for the topic that `start` lies in, else the one where most stages pass; None
    where there is none yet."""
    file = project.file_above(start)
    try:
        if file is not None and (found := project.read(file)).topic == slug:
            return found.folder
    except Trouble:
        pass  # a cutaway.toml that cannot be read is the check's to tell
    folders = [Path(folder) for folder, topic in progress.folders() if topic == slug]
    return max(folders, key=lambda f: passing(progress.standing(f), slug), default=None)
