"""What every area of the page has: a table of what it answers, and a desk that all share.

    class MachineArea(Area):
        @classmethod
        def asks(cls) -> list[Ask]:
            return [Ask("GET", "/machine", cls.picture, "The whole picture."), …]

The routes are made of the table, and so is frontend/openapi.json; there is no second list.

What cannot be done is raised, and answered as a Problem with 4xx: Trouble, NotKept, ValueError and
those that app.py names in REFUSED.

Left out: who may ask. That is guard.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from ..system.ear import NotKept
from ..system.machine import Machine
from ..workshop.errors import Trouble
from .asks import Ask, asked, told_as_json
from .events import Hub
from .shapes.problem import Problem

MOST = 500  # things in one answer

__all__ = ["Area", "Ask", "Desk", "asked", "bounded", "refused", "told_as_json"]


@dataclass(frozen=True, slots=True)
class Desk:
    """What the areas share. folder: where the learner started Cutaway. home: where the machine keeps
    its things."""

    machine: Machine
    hub: Hub
    folder: Path
    home: Path


class Area:
    """One of the page's."""

    def __init__(self, desk: Desk) -> None: ...

    @classmethod
    def asks(cls) -> list[Ask]:
        """What it answers, in the order in which paths are tried."""
        raise NotImplementedError

    def routes(self) -> list[BaseRoute]:
        return [ask.route(self) for ask in self.asks()]

    async def live(self) -> None:
        """What goes on all the time, until it is cancelled."""

    def close(self) -> None:
        """End what goes on. May take a second or two, in a thread of its own."""


async def refused(request: Request, error: Exception) -> Response:
    """What is wrong, as the page gets it."""
    if isinstance(error, Trouble):
        return told_as_json(Problem(error.sentence, error.next_step), 400)
    return told_as_json(Problem(str(error)), 404 if isinstance(error, NotKept) else 400)


def bounded(request: Request, name: str, usual: int) -> int:
    """A count from the query, 1 to MOST."""
    said = request.query_params.get(name, "")
    return max(1, min(MOST, int(said))) if said.isdigit() and len(said) < 9 else usual
