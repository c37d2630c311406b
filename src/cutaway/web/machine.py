"""The machine: what the page asks of it, and what is done to it.

    GET  /api/wires/app-to-store/messages?limit=20      the latest of that conversation
    POST /api/wires/app-to-store/orders                 {"line": "delay=50ms"}

All of it is in `asks`.

Left out: making shapes of it. That is told.py.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import Literal, get_args

from starlette.requests import Request

from ..system.blueprint import Slot
from ..system.ear import Message, NotKept
from ..system.hunt import Kind
from ..system.machine import HELD
from ..system.part import Part
from ..workshop import machine as workshop
from ..workshop.errors import Trouble
from . import told
from .answers import Area, Ask, Desk, bounded
from .shapes import machine as shapes

log = logging.getLogger(__name__)

PICTURE = 0.25  # seconds between two pictures
LEADS = 0.4  # seconds that a step waits for what it leads to
Act = Literal["pause", "resume", "kill", "restart"]


class MachineArea(Area):
    def __init__(self, desk: Desk) -> None:
        self.machine, self.hub = desk.machine, desk.hub
        self.machine.news.append(self._messages)

    @classmethod
    def asks(cls) -> list[Ask]:
        few = {"limit": int}
        return [
            Ask("GET", "/machine", cls.picture, "The whole picture."),
            Ask(
                "GET",
                "/wires/{wire}/messages",
                cls.conversation,
                "The conversation on a wire, the latest last; before: the id of a message.",
                few | {"before": str},
            ),
            Ask("POST", "/wires/{wire}/orders", cls.order, "An order to a link."),
            Ask("GET", "/messages/{id:path}", cls.opened, "A message, octet by octet."),
            Ask("GET", "/requests", cls.requests, "The latest that came in.", few),
            Ask("GET", "/requests/{id:path}", cls.followed, "One request, followed."),
            Ask("GET", "/parts/{part}/printed", cls.printed, "The end of what a part printed."),
            Ask("POST", "/parts/{part}/{act}", cls.act, "Do it to a part.", {"act": Act}),
            Ask("GET", "/slots/{slot}", cls.choices, "What can stand in a slot."),
            Ask("POST", "/slots/{slot}/fill", cls.fill, "Put something else there."),
            Ask("POST", "/freeze", cls.freeze, "Nothing passes any more."),
            Ask("POST", "/step", cls.step, "One message passes."),
            Ask("POST", "/thaw", cls.thaw, "Everything passes again."),
        ]

    def close(self) -> None:
        self.machine.news.remove(self._messages)

    async def live(self) -> None:
        """A picture every now and then, while a page is open."""
        while True:
            if self.hub.pages:
                await self._tell_picture()
            await asyncio.sleep(PICTURE)

    async def _tell_picture(self) -> None:
        """One that cannot be made is not the last: the machine goes on, and so does the page."""
        try:
            self.hub.tell("machine", await asyncio.to_thread(told.picture, self.machine))
        except Exception as problem:
            log.warning("A picture of the machine was left out: %r", problem)

    def _messages(self, messages: list[Message], of: int) -> None:
        if of and self.hub.pages:
            said = [told.message(self.machine, one) for one in messages]
            self.hub.tell("messages", shapes.Sampled(said, of))

    # What is there

    async def picture(self, request: Request) -> shapes.Machine:
        return await asyncio.to_thread(told.picture, self.machine)

    async def conversation(self, request: Request) -> list[shapes.Message]:
        wire, limit = self._wire(request), bounded(request, "limit", 100)
        before = request.query_params.get("before", "")
        return await asyncio.to_thread(told.conversation, self.machine, wire, before, limit)

    async def opened(self, request: Request) -> shapes.Opened:
        name = request.path_params["id"]
        self._looked("message", name)
        return await asyncio.to_thread(told.opened, self.machine, name)

    async def requests(self, request: Request) -> list[shapes.Request]:
        return await asyncio.to_thread(told.requests, self.machine, bounded(request, "limit", 50))

    async def followed(self, request: Request) -> shapes.Followed:
        name = request.path_params["id"]
        self._looked("request", name)
        return await asyncio.to_thread(told.followed, self.machine, name)

    async def printed(self, request: Request) -> shapes.Printed:
        printed, hidden = self._part(request).printed(), self.machine.hidden
        return shapes.Printed(hidden.said(printed) if hidden else printed)

    async def choices(self, request: Request) -> list[shapes.Choice]:
        slot = self._slot(request)
        return await asyncio.to_thread(told.choices, slot)

    # What is done

    async def order(self, request: Request, said: shapes.WireOrder) -> shapes.Wire:
        wire = self._wire(request)
        await asyncio.to_thread(self.machine.order, wire, said.line)
        self._looked("order", f"{wire} {said.line}")
        return told.wire(self.machine, wire)

    async def act(self, request: Request) -> shapes.Part:
        part, act = self._part(request), request.path_params["act"]
        if act not in get_args(Act):
            raise NotKept(f"A part cannot {act}.")
        does = partial(self.machine.restart, part) if act == "restart" else getattr(part, act)
        await asyncio.to_thread(does)
        return told.part(self.machine, part)

    async def fill(self, request: Request, said: shapes.SlotFill) -> shapes.Machine:
        slot = self._slot(request)
        if self.machine.hidden is not None:
            raise Trouble(
                "A fault is hidden in the machine, and swapping a part would take it out.",
                "End the hunt first, in the area Find the fault.",
            )
        if slot.keeps and self.machine.freezer.frozen:
            raise Trouble(HELD)
        filling = await asyncio.to_thread(workshop.filling_of, said.filling, slot)
        await asyncio.to_thread(self.machine.supervisor.fill, slot.name, filling)
        return await asyncio.to_thread(told.picture, self.machine)

    async def freeze(self, request: Request) -> shapes.Frozen:
        await asyncio.to_thread(self.machine.hold)
        return told.frozen(self.machine)

    async def step(self, request: Request) -> shapes.Frozen:
        await asyncio.to_thread(self.machine.freezer.step, LEADS)
        return told.frozen(self.machine)

    async def thaw(self, request: Request) -> shapes.Frozen:
        await asyncio.to_thread(self.machine.release)
        return told.frozen(self.machine)

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
