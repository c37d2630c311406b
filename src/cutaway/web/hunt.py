"""Find the fault: a hunt is begun, looked for, answered, explained.

    POST /api/hunt/start        {"seed": 7} or {"level": 2}; waits until the fault is there
    POST /api/hunt/answer       {"place": "app", "cause": "…"}

    begun ── looked, hinted, marked ── answered ── ended
      ╰ hidden: the machine says nothing of it ╯  ╰ revealed, and still there to be looked at

A mark is judged when it is made, since its messages may be forgotten before the answer; what came of
it is told with the answer. Whatever changes is told to every page as the event "hunt".

Left out: what counts as evidence. That is system/evidence.py.
"""

from __future__ import annotations

import asyncio
import random
import threading
import time

from starlette.requests import Request

from ..system.clues import HeardOf
from ..system.evidence import Judge
from ..system.hidden import Hidden
from ..system.hunt import FREE, LEVELS, MARKS, Hunt, Mark, seed_for
from ..system.machine import HELD
from ..workshop.errors import Trouble
from ..workshop.hunts import Behind, Hunts, behind, cases_for
from ..workshop.progress import Progress, home
from . import hunt_told as told
from .answers import Area, Ask, Desk
from .shapes.hunt import HuntAnswer, HuntDesk, HuntMarking, HuntNow, HuntStart


class HuntArea(Area):
    def __init__(self, desk: Desk) -> None:
        self.machine, self.hub = desk.machine, desk.hub
        self.cases = cases_for(self.machine.blueprint)
        self.heard = HeardOf(self.machine.tracer, self.machine.ear)
        self.hunt: Hunt | None = None
        self.hidden: Hidden | None = None
        self.behind: Behind | None = None
        self.showed: list[Mark] = []
        self._began = 0.0  # seconds since 1970
        self._planting = False
        self._lock = threading.RLock()
        self._turn = threading.Lock()  # one start or end at a time

    @classmethod
    def asks(cls) -> list[Ask]:
        end = "The machine as it was before; a hunt that is on is given up."
        return [
            Ask("GET", "/hunt", cls.desk, "The one that is on, places to answer, past ones."),
            Ask("POST", "/hunt/start", cls.start, "Hide a fault; wait until it is there."),
            Ask("POST", "/hunt/hint", cls.hint, "One rung more."),
            Ask("POST", "/hunt/mark", cls.mark, "This shows it; or not, after all."),
            Ask("POST", "/hunt/answer", cls.answer, "Where it is, and what."),
            Ask("POST", "/hunt/end", cls.end, end),
        ]

    def close(self) -> None:
        """The machine goes down, and what is hidden in it."""

    # What is asked.

    async def desk(self, request: Request) -> HuntDesk:
        return await asyncio.to_thread(self._desk)

    async def start(self, request: Request, said: HuntStart) -> HuntDesk:
        await asyncio.to_thread(self._start, said)
        return await asyncio.to_thread(self._desk)

    async def hint(self, request: Request) -> HuntNow | None:
        with self._lock:
            self._on().hint()
        return self._changed()

    async def mark(self, request: Request, said: HuntMarking) -> HuntNow | None:
        await asyncio.to_thread(self._mark, said)
        return self._changed()

    async def answer(self, request: Request, said: HuntAnswer) -> HuntDesk:
        await asyncio.to_thread(self._answer, said)
        self._changed()
        return await asyncio.to_thread(self._desk)

    async def end(self, request: Request) -> HuntDesk:
        await asyncio.to_thread(self._end)
        return await asyncio.to_thread(self._desk)

    # What is done.

    def _start(self, order: HuntStart) -> None:
        """Raises Trouble, CannotRun, CannotFill."""
        if not self.cases:
            raise Trouble("There is no fault that fits this machine.", "Run `cutaway up` as it is.")
        if self.machine.freezer.frozen:
            raise Trouble(HELD)
        with self._turn:
            if self.hunt is not None and self.hunt.ended is None:
                raise Trouble("A hunt is on already.", "End it first.")
            if self.hidden is not None:
                self.hidden.restore()
                self.hidden = None
            draw = random.Random(time.time_ns())
            seed = order.seed if order.seed is not None else seed_for(order.level, self.cases, draw)
            if not 0 <= seed < 1_000_000:
                raise Trouble("A seed is a number from 0 to 999999.")
            hunt = Hunt(seed, self.cases, time.monotonic())
            hidden = Hidden(self.machine, hunt.case)
            with self._lock:
                self.hunt, self.hidden, self.behind, self.showed = hunt, hidden, None, []
                self._planting, self._began = True, time.time()
            self._tell()
            try:
                hidden.plant()
                hunt.began = time.monotonic()
            except BaseException:
                self.hunt = self.hidden = None
                raise
            finally:
                self._planting = False
                self._tell()

    def _mark(self, marking: HuntMarking) -> None:
        """Raises NotKept; CannotHunt."""
        hunt = self._on()
        if marking.gone:
            hunt.unmark(marking.id)
            return
        judge = Judge(self.heard, hunt.case)
        with self.machine.lock:
            if marking.kind == "request":
                one = self.machine.tracer.find(marking.id)
                says, shows = one.question.says, judge.of_request(one)
            else:
                message = self.machine.ear.find(marking.id)
                says, shows = message.says or message.broken, judge.of_message(message)
        with self._lock:
            hunt.mark(Mark(marking.kind, marking.id, says, shows))

    def _answer(self, said: HuntAnswer) -> None:
        """Raises CannotHunt, Trouble."""
        hunt, places = self._on(), told.places(self.machine, self.cases)
        if said.place not in [place.name for place in places] or said.cause not in hunt.causes:
            raise Trouble("That is none of the answers.", "Choose a place and a cause.")
        with self._lock:
            self._look()
            hunt.give(said.place, said.cause, time.monotonic())
        self._over(hunt)

    def _over(self, hunt: Hunt) -> None:
        with self.machine.lock:
            since = self.hidden.since if self.hidden is not None else 0.0
            self.showed = Judge(self.heard, hunt.case).examples(since)
        self.behind = behind(hunt.case, self.machine.blueprint)
        if self.hidden is not None:
            self.hidden.reveal()
        notes = list[str]()
        with Progress.open(home(), notes.append) as progress:
            Hunts(progress).keep(hunt, self._began)

    def _end(self) -> None:
        """Raises CannotRun, CannotFill."""
        with self._turn:
            hunt, hidden = self.hunt, self.hidden
            if hunt is not None and hunt.ended is None:
                with self._lock:
                    self._look()
                    hunt.give_up(time.monotonic())
                self._over(hunt)
            if hidden is not None:
                hidden.restore()
                self.hidden = None
            self._tell()

    # What is told.

    def _on(self) -> Hunt:
        """Raises Trouble."""
        if self.hunt is None or self._planting or self.hunt.ended is not None:
            raise Trouble("No hunt is on.", "Begin one in the area Find the fault.")
        return self.hunt

    def _look(self) -> None:
        """Count what was looked at since the last time."""
        if self.hunt is not None and self.hidden is not None and self.hunt.ended is None:
            for kind, what in self.hidden.taken():
                self.hunt.looked(kind, what)

    def _now(self) -> HuntNow | None:
        with self._lock:
            self._look()
            if self.hunt is None:
                return None
            return told.now(self.machine, self.hunt, self._planting, self.behind, self.showed)

    def _desk(self) -> HuntDesk:
        notes = list[str]()
        with Progress.open(home(), notes.append) as progress:
            past = Hunts(progress).latest()
        return HuntDesk(
            now=self._now(),
            faulty=self.hidden is not None,
            places=told.places(self.machine, self.cases),
            levels=[sum(case.level == level for case in self.cases) for level in LEVELS],
            past=[told.past(one) for one in past],
            note=" ".join(notes),
            free=FREE,
            marks=MARKS,
        )

    def _changed(self) -> HuntNow | None:
        self._tell()
        return self._now()

    def _tell(self) -> None:
        self.hub.tell("hunt", self._now())
