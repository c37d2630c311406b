"""The machine: what the page asks of it, and where.

    GET  /api/machine                     the whole picture
    GET  /api/wires/W/messages            the conversation on a wire
    GET  /api/messages/ID                 a message, its octets and their names
    GET  /api/requests, /api/requests/ID  one request, followed
    POST /api/wires/W/orders              an order to a link
    GET  /api/parts/P/printed             the end of what it printed
    POST /api/parts/P/ACT                 pause, resume, kill, restart
    GET  /api/slots/S                     what can stand there
    POST /api/slots/S/fill                put something else there
    POST /api/freeze, /api/step, /api/thaw

Left out: making shapes of it. That is told.py.
"""

from __future__ import annotations

import asyncio

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ..system.blueprint import Slot
from ..system.ear import Message, NotKept
from ..system.hunt import Kind
from ..system.part import Part
from ..workshop import machine as workshop
from ..workshop.errors import Trouble
from . import told
from .answers import Desk, asked, bounded, told_as_json
from .shapes.machine import Printed, Sampled

PICTURE = 0.25  # seconds between two pictures
LEADS = 0.4  # seconds that a step waits for what it leads to
ACTS = {"pause": "pause", "resume": "resume", "kill": "kill", "restart": "start"}


class Order(Struct):
    line: str


class Fill(Struct):
    filling: str


class MachineArea:
    def __init__(self, desk: Desk) -> None:
        self.machine, self.hub = desk.machine, desk.hub
        self.machine.news.append(self._messages)

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/api/machine", self.picture),
            Route("/api/wires/{wire}/messages", self.conversation),
            Route("/api/wires/{wire}/orders", self.order, methods=["POST"]),
            Route("/api/messages/{name:path}", self.opened),
            Route("/api/requests", self.requests),
            Route("/api/requests/{name:path}", self.followed),
            Route("/api/parts/{part}/printed", self.printed),
            Route("/api/parts/{part}/{act}", self.act, methods=["POST"]),
            Route("/api/slots/{slot}", self.choices),
            Route("/api/slots/{slot}/fill", self.fill, methods=["POST"]),
            Route("/api/freeze", self.freeze, methods=["POST"]),
            Route("/api/step", self.step, methods=["POST"]),
            Route("/api/thaw", self.thaw, methods=["POST"]),
        ]

    def close(self) -> None:
        self.machine.news.remove(self._messages)

    async def paint(self) -> None:
        """A picture every now and then, while a page is open."""
        while True:
            if self.hub.pages:
                self.hub.tell("machine", await asyncio.to_thread(told.picture, self.machine))
            await asyncio.sleep(PICTURE)

    def _messages(self, messages: list[Message], of: int) -> None:
        if of and self.hub.pages:
            said = [told.message(self.machine, one) for one in messages]
            self.hub.tell("messages", Sampled(said, of))

    # What is there

    async def picture(self, request: Request) -> Response:
        return told_as_json(await asyncio.to_thread(told.picture, self.machine))

    async def conversation(self, request: Request) -> Response:
        wire, limit = self._wire(request), bounded(request, "limit", 100)
        before = request.query_params.get("before", "")
        return told_as_json(told.conversation(self.machine, wire, before, limit))

    async def opened(self, request: Request) -> Response:
        name = request.path_params["name"]
        self._looked("message", name)
        return told_as_json(await asyncio.to_thread(told.opened, self.machine, name))

    async def requests(self, request: Request) -> Response:
        return told_as_json(told.requests(self.machine, bounded(request, "limit", 50)))

    async def followed(self, request: Request) -> Response:
        name = request.path_params["name"]
        self._looked("request", name)
        return told_as_json(await asyncio.to_thread(told.followed, self.machine, name))

    async def printed(self, request: Request) -> Response:
        printed, hidden = self._part(request).printed(), self.machine.hidden
        return told_as_json(Printed(hidden.printed(printed) if hidden else printed))

    async def choices(self, request: Request) -> Response:
        slot = self._slot(request)
        return told_as_json(await asyncio.to_thread(told.choices, slot))

    # What is done

    async def order(self, request: Request) -> Response:
        wire = self._wire(request)
        line = (await asked(request, Order)).line
        self.machine.order(wire, line)
        self._looked("order", f"{wire} {line}")
        return told_as_json(told.wire(self.machine, wire))

    async def act(self, request: Request) -> Response:
        part, act = self._part(request), request.path_params["act"]
        if act not in ACTS:
            raise NotKept(f"A part cannot {act}.")
        await asyncio.to_thread(getattr(part, ACTS[act]))
        return told_as_json(told.part(self.machine, part))

    async def fill(self, request: Request) -> Response:
        slot, wanted = self._slot(request), (await asked(request, Fill)).filling
        if self.machine.hidden is not None:
            raise Trouble(
                "A fault is hidden in the machine, and swapping a part would take it out.",
                "End the hunt first, in the area Find the fault.",
            )
        filling = await asyncio.to_thread(workshop.filling_of, wanted, slot)
        await asyncio.to_thread(self.machine.supervisor.fill, slot.name, filling)
        return told_as_json(await asyncio.to_thread(told.picture, self.machine))

    async def freeze(self, request: Request) -> Response:
        await asyncio.to_thread(self.machine.hold)
        return told_as_json(told.frozen(self.machine))

    async def step(self, request: Request) -> Response:
        await asyncio.to_thread(self.machine.freezer.step, LEADS)
        return told_as_json(told.frozen(self.machine))

    async def thaw(self, request: Request) -> Response:
        await asyncio.to_thread(self.machine.release)
        return told_as_json(told.frozen(self.machine))

    def _looked(self, kind: Kind, what: str) -> None:
        if self.machine.hidden is not None:
            self.machine.hidden.looked(kind, what)

    def _part(self, request: Request) -> Part:
        name: str = request.path_params["part"]
        if name not in self.machine.supervisor.parts:
            raise NotKept(f"There is no part {name}.")
        return self.machine.supervisor.parts[name]

    def _slot(self, request: Request) -> Slot:
        name: str = request.path_params["slot"]
        try:
            return self.machine.blueprint.slot(name)
        except KeyError:
            raise NotKept(f"There is no slot {name}.") from None

    def _wire(self, request: Request) -> str:
        name: str = request.path_params["wire"]
        if name not in self.machine.ear.wires:
            raise NotKept(f"There is no wire {name}.")
        return name
