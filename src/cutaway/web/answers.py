"""What every area of the page needs to answer a request.

    wanted = await asked(request, Order)      the body as that shape; a ValueError says what is wrong
    return told_as_json(shape)

    AREAS of app.py have `routes()`, and `close()` where there is something to end.

What cannot be done is raised, and answered as a Problem with 4xx: Trouble, NotKept, ValueError and
those that an area names in `refused`.

Left out: who may ask. That is guard.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from ..system.ear import NotKept
from ..system.machine import Machine
from ..workshop.errors import Trouble
from .events import Hub
from .shapes.problem import Problem

MOST = 500  # things in one answer

encode = msgspec.json.Encoder().encode
S = TypeVar("S", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Desk:
    """What the areas share. folder: where the learner started Cutaway. home: where the machine keeps
    its things."""

    machine: Machine
    hub: Hub
    folder: Path
    home: Path


class Area(Protocol):
    """One of the page's."""

    def routes(self) -> list[BaseRoute]: ...

    def close(self) -> None:
        """End what goes on. May take a second or two, in a thread of its own."""


def told_as_json(what: Any, status: int = 200) -> Response:
    return Response(encode(what), status, media_type="application/json")


async def asked(request: Request, shape: type[S]) -> S:
    """Raises ValueError."""
    return msgspec.json.decode(await request.body() or b"{}", type=shape)


async def refused(request: Request, error: Exception) -> Response:
    """What is wrong, as the page gets it."""
    if isinstance(error, Trouble):
        return told_as_json(Problem(error.sentence, error.next_step), 400)
    return told_as_json(Problem(str(error)), 404 if isinstance(error, NotKept) else 400)


def bounded(request: Request, name: str, usual: int) -> int:
    """A count from the query, 1 to MOST."""
    said = request.query_params.get(name, "")
    return max(1, min(MOST, int(said))) if said.isdigit() and len(said) < 9 else usual
