"""Where the learner stands: the project around the current folder, its stages, its progress.

    with here() as place:
        place.project.topic, place.stages
        place.current            the stage to work at: the first that fails, else the first not tried
        place.stage("echo")      a stage by name, or the current one for None

Left out: writing anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..workshop import catalog, project
from ..workshop.errors import Trouble
from ..workshop.progress import Progress, current, home
from .trouble import say

if TYPE_CHECKING:
    from ..grade.stage import Stage


@dataclass(frozen=True, slots=True)
class Here:
    """project is None outside of one; then a stage is named with its topic."""

    project: project.Project | None
    progress: Progress
    folder: Path

    @property
    def stages(self) -> tuple[Stage, ...]:
        return catalog.stages(self.project.topic) if self.project else ()

    def stage(self, name: str | None) -> Stage:
        """Raises Trouble."""
        if name is not None:
            return catalog.stage(name, self.project.topic if self.project else None)
        if self.project is None:
            project.find(self.folder)  # says what is missing
        at = current(self.stages, self.progress.standing(self.folder))
        if at is None:
            name = self.stages[-1].slug
            raise Trouble("All stages pass.", f"Name the stage, as in `cutaway explain {name}`.", 0)
        return at


@contextmanager
def here(start: Path | None = None) -> Iterator[Here]:
    """Raises Trouble for a cutaway.toml that is wrong; without one, `project` is None."""
    start = start or Path.cwd()
    file = project.file_above(start)
    found = project.read(file) if file else None
    with Progress.open(home(), say) as progress:
        yield Here(found, progress, found.folder if found else start.resolve())
