"""What the page asks for, and where.

    GET  /api/machine                     the whole picture
    GET  /api/events                      what goes on, as it goes on
    GET  /api/wires/W/messages            the conversation on a wire
    GET  /api/messages/ID                 a message, its octets and their names
    GET  /api/requests, /api/requests/ID  one request, followed
    POST /api/wires/W/orders              an order to a link
    POST /api/parts/P/ACT                 pause, resume, kill, restart
    POST /api/slots/S/fill                put something else there
    POST /api/freeze, /api/step, /api/thaw

Everything is said in the shapes of shapes.py. What cannot be done is a Problem, with 4xx.

Left out: who may ask. That is guard.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from ..process import ProgramError
from ..system.ear import Message, NotKept
from ..system.filling import CannotFill
from ..system.machine import Machine
from ..system.supervisor import CannotRun
from ..workshop import machine as workshop
from ..workshop.errors import Trouble
from . import shapes, told
from .events import Hub, TooMany

STATIC = Path(__file__).with_name("static")
PICTURE = 0.25  # seconds between two pictures
MOST = 500  # messages or requests in one answer
PLAIN = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>Cutaway</title>"
    "<h1>The page is not built</h1><p>The machine runs, and can be asked: "
    "<a href=/api/machine>/api/machine</a>. To build the page, go online once and type "
    "<code>make up</code>.</p></html>"
)

encode = msgspec.json.Encoder().encode
Handler = Callable[[Request], Awaitable[Response]]


class Order(msgspec.Struct):
    line: str


class Fill(msgspec.Struct):
    filling: str


def told_as_json(what: Any, status: int = 200) -> Response:
    return Response(encode(what), status, media_type="application/json")


def problem(error: Exception) -> Response:
    """What is wrong, as the page gets it."""
    if isinstance(error, Trouble):
        return told_as_json(shapes.Problem(error.sentence, error.next_step), 400)
    status = 404 if isinstance(error, NotKept) else 400
    return told_as_json(shapes.Problem(str(error)), status)


class Page:
    """The application for one machine."""

    def __init__(self, machine: Machine) -> None:
        self.machine, self.hub = machine, Hub()
        machine.news.append(self._messages)

    def made(self) -> Starlette:
        routes = [
            Route("/api/machine", self.picture),
            Route("/api/events", self.events),
            Route("/api/wires/{wire}/messages", self.conversation),
            Route("/api/wires/{wire}/orders", self.order, methods=["POST"]),
            Route("/api/messages/{name:path}", self.opened),
            Route("/api/requests", self.requests),
            Route("/api/requests/{name:path}", self.followed),
            Route("/api/parts/{part}/{act}", self.act, methods=["POST"]),
            Route("/api/slots/{slot}/fill", self.fill, methods=["POST"]),
            Route("/api/{act:str}", self.still, methods=["POST"]),
        ]
        if (STATIC / "index.html").is_file():
            routes.append(Mount("/", StaticFiles(directory=STATIC, html=True)))  # type: ignore[arg-type]
        else:
            routes.append(Route("/", plain))
        handlers: dict[Any, Any] = dict.fromkeys(
            (NotKept, Trouble, CannotFill, CannotRun, ProgramError, ValueError), answering
        )
        return Starlette(routes=routes, lifespan=self._life, exception_handlers=handlers)

    @asynccontextmanager
    async def _life(self, app: Starlette) -> AsyncIterator[None]:
        self.hub.open()
        painting = asyncio.create_task(self._paint())
        try:
            yield
        finally:
            painting.cancel()
            self.hub.close()

    async def _paint(self) -> None:
        while True:
            if self.hub.pages:
                self.hub.tell("machine", await asyncio.to_thread(told.picture, self.machine))
            await asyncio.sleep(PICTURE)

    def _messages(self, messages: list[Message], of: int) -> None:
        if of and self.hub.pages:
            said = [told.message(self.machine, one) for one in messages]
            self.hub.tell("messages", shapes.Sampled(said, of))

    # What is there

    async def picture(self, request: Request) -> Response:
        return told_as_json(await asyncio.to_thread(told.picture, self.machine))

    async def events(self, request: Request) -> Response:
        said = request.headers.get("last-event-id", "")
        stream = self.hub.stream(int(said) if said.isdigit() and len(said) < 16 else None)
        try:
            first = await anext(stream)
        except TooMany:
            many = "More pages are open than are served."
            return told_as_json(shapes.Problem(many, "Close one."), 503)

        async def all_of_it() -> AsyncIterator[bytes]:
            yield first
            async for piece in stream:
                yield piece

        return StreamingResponse(all_of_it(), media_type="text/event-stream")

    async def conversation(self, request: Request) -> Response:
        wire, limit = self._wire(request), bounded(request, "limit", 100)
        before = request.query_params.get("before", "")
        return told_as_json(told.conversation(self.machine, wire, before, limit))

    async def opened(self, request: Request) -> Response:
        name = request.path_params["name"]
        return told_as_json(await asyncio.to_thread(told.opened, self.machine, name))

    async def requests(self, request: Request) -> Response:
        return told_as_json(told.requests(self.machine, bounded(request, "limit", 50)))

    async def followed(self, request: Request) -> Response:
        name = request.path_params["name"]
        return told_as_json(await asyncio.to_thread(told.followed, self.machine, name))

    # What is done

    async def order(self, request: Request) -> Response:
        wire = self._wire(request)
        line = msgspec.json.decode(await request.body(), type=Order).line
        self.machine.order(wire, line)
        return told_as_json(told.wire(self.machine, wire))

    async def act(self, request: Request) -> Response:
        name, act = request.path_params["part"], request.path_params["act"]
        part = self.machine.supervisor.parts.get(name)
        acts = {"pause": "pause", "resume": "resume", "kill": "kill", "restart": "start"}
        if part is None or act not in acts:
            raise NotKept(f"There is no part {name}, or it cannot {act}.")
        await asyncio.to_thread(getattr(part, acts[act]))
        return told_as_json(told.part(self.machine, part))

    async def fill(self, request: Request) -> Response:
        name = request.path_params["slot"]
        wanted = msgspec.json.decode(await request.body(), type=Fill).filling
        try:
            slot = self.machine.blueprint.slot(name)
        except KeyError:
            raise NotKept(f"There is no slot {name}.") from None
        filling = await asyncio.to_thread(workshop.filling_of, wanted, slot)
        await asyncio.to_thread(self.machine.supervisor.fill, name, filling)
        return told_as_json(await asyncio.to_thread(told.picture, self.machine))

    async def still(self, request: Request) -> Response:
        act = request.path_params["act"]
        if act not in ("freeze", "step", "thaw"):
            raise NotKept(f"There is nothing called {act} to do.")
        getattr(self.machine.freezer, act)()
        return told_as_json(told.frozen(self.machine))

    def _wire(self, request: Request) -> str:
        name: str = request.path_params["wire"]
        if name not in self.machine.ear.wires:
            raise NotKept(f"There is no wire {name}.")
        return name


async def answering(request: Request, error: Exception) -> Response:
    return problem(error)


async def plain(request: Request) -> Response:
    return HTMLResponse(PLAIN)


def bounded(request: Request, name: str, usual: int) -> int:
    """A count from the query, 1 to MOST."""
    said = request.query_params.get(name, "")
    return max(1, min(MOST, int(said))) if said.isdigit() and len(said) < 9 else usual
