"""The local web application: the page, what it asks for, and what it is told.

    app = application(Desk(machine, Hub(), Path.cwd(), home))
    Guard(app, ["127.0.0.1:7100"], token)         what uvicorn serves

An area is what one part of the page needs: the machine, lessons, checks, labs, the hunt for a
fault. Each is a module beside this one, with shapes of its own in shapes/. One of them is
Events, below: what goes on, as it goes on.

Left out: who may ask. That is guard.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from ..process import ProgramError
from ..system.ear import NotKept
from ..system.filling import CannotFill
from ..system.supervisor import CannotRun
from ..workshop.defects import written
from ..workshop.errors import Trouble
from .answers import Area, Ask, Desk, refused, told_as_json
from .asks import STREAM
from .checks import ChecksArea
from .events import TooMany
from .hunt import HuntArea
from .labs import LabArea
from .learn import LearnArea
from .machine import MachineArea
from .shapes.events import Told
from .shapes.problem import Problem
from .traffic import TrafficArea

STATIC = Path(__file__).with_name("static")
PLAIN = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>Cutaway</title>"
    "<h1>The page is not built</h1><p>The machine runs, and can be asked: "
    "<a href=/api/machine>/api/machine</a>. To build the page, go online once and type "
    "<code>make up</code>.</p></html>"
)
REFUSED = (NotKept, Trouble, CannotFill, CannotRun, ProgramError, ValueError)


def application(desk: Desk) -> Starlette:
    """For one machine."""
    areas = [area(desk) for area in AREAS]

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        desk.hub.open()
        living = asyncio.gather(*(area.live() for area in areas))
        try:
            yield
        finally:
            living.cancel()
            with suppress(asyncio.CancelledError):
                await living
            desk.hub.close()
            await asyncio.gather(*(asyncio.to_thread(area.close) for area in areas))

    routes = [route for area in areas for route in area.routes()]
    routes += [Route("/api/{rest:path}", nothing, methods=["GET", "POST"]), page()]
    handlers: dict[Any, Any] = {**dict.fromkeys(REFUSED, refused), Exception: defect}
    return Starlette(routes=routes, lifespan=life, exception_handlers=handlers)


def page() -> BaseRoute:
    if (STATIC / "index.html").is_file():
        return Mount("/", StaticFiles(directory=STATIC, html=True))
    return Route("/", plain)


async def plain(request: Request) -> Response:
    return HTMLResponse(PLAIN)


async def defect(request: Request, error: Exception) -> Response:
    """What nobody foresaw."""
    file = await asyncio.to_thread(written, error)
    sentence = f"This is a defect of Cutaway, not of your program: {type(error).__name__}."
    return told_as_json(
        Problem(sentence, f"The details are in {file}; please report them." if file else ""), 500
    )


async def nothing(request: Request) -> Response:
    return told_as_json(Problem(f"There is no {request.url.path} to ask."), 404)


class Events(Area):
    def __init__(self, desk: Desk) -> None:
        self.hub = desk.hub

    @classmethod
    def asks(cls) -> list[Ask]:
        says = "What goes on. The data of an event is the JSON of the member that it is named for."
        return [Ask("GET", "/events", cls.answer, says, stream=Told)]

    async def answer(self, request: Request) -> Response:
        said = request.headers.get("last-event-id", "")
        stream = self.hub.stream(int(said) if said.isdigit() and len(said) < 16 else None)
        try:
            first = await anext(stream)
        except TooMany:
            return told_as_json(Problem("More pages are open than are served.", "Close one."), 503)

        async def all_of_it() -> AsyncIterator[bytes]:
            yield first
            async for piece in stream:
                yield piece

        return StreamingResponse(all_of_it(), media_type=STREAM)


AREAS: tuple[type[Area], ...] = (
    MachineArea,
    TrafficArea,
    LearnArea,
    LabArea,
    ChecksArea,
    HuntArea,
    Events,
)
