"""Checks of one's own program: begun, watched, stopped, kept, opened to the octets.

    POST /api/checks     {"folder": "~/mine", "asked": "next", "watch": true}      its id

One check at a time: two would take the processor from each other, and time limits with it. One that
waits for a file to be saved makes room for another. What goes on is told as events of kind `check`,
ten times a second at the most; whoever missed some asks for the check itself.

A check that has ended is kept with the learner's progress, and the last few of them here as well,
where the disk is full or the file is somebody else's.

Left out: playing (workshop/checker.py), octets by name (checked.py).
"""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from pathlib import Path

from starlette.requests import Request

from ..system.ear import NotKept
from ..workshop import catalog, checker, project
from ..workshop.checker import Checker
from ..workshop.errors import Trouble
from ..workshop.progress import Progress
from ..workshop.projects import projects
from ..workshop.reports import Kept, Reports, last_known, line
from . import checked
from .answers import Area, Ask, Desk
from .checks_told import (
    began_of,
    folder_of,
    hints,
    line_of,
    program,
    project_told,
    topic_told,
    wanted_of,
    with_progress,
)
from .going import Live, over
from .shapes import checks as shapes
from .shapes.learn import Hint

REMEMBERED = 12  # checks
HISTORY = 40
SOON = 0.1  # seconds in which news are gathered


class ChecksArea(Area):
    def __init__(self, desk: Desk) -> None:
        self.hub, self.folder = desk.hub, desk.folder
        self._lock = threading.RLock()
        self._begins = threading.Lock()  # one is begun or stopped at a time
        self._checker: Checker | None = None
        self._live: Live | None = None
        self._known: OrderedDict[str, Live] = OrderedDict()
        self._runs = self._waits = False
        self._timer: threading.Timer | None = None

    @classmethod
    def asks(cls) -> list[Ask]:
        failed = "What passed where that case failed, by name."
        typed = "A project whose folder was typed in."
        return [
            Ask("GET", "/checks", cls.desk, "Projects, what runs, the checks of late."),
            Ask("POST", "/checks", cls.begin, "Begin one; its id."),
            Ask("POST", "/checks/stop", cls.stop, "Stop it."),
            Ask("POST", "/checks/hint", cls.hint, "One rung more."),
            Ask("GET", "/checks/project", cls.typed, typed, {"folder": str}),
            Ask("GET", "/checks/{id}", cls.opened, "A check, over or not."),
            Ask("GET", "/checks/{id}/{stage}/{case}", cls.octets, failed),
        ]

    def close(self) -> None:
        with self._begins:
            if self._checker is not None:
                self._checker.stop()

    # What is asked

    async def desk(self, request: Request) -> shapes.CheckDesk:
        return await asyncio.to_thread(with_progress, self._desk)

    async def typed(self, request: Request) -> shapes.CheckProject:
        named = request.query_params.get("folder", "")

        def look(progress: Progress, notes: list[str]) -> shapes.CheckProject:
            return project_told(project.find(folder_of(named, self.folder)), progress, self.folder)

        return await asyncio.to_thread(with_progress, look)

    async def begin(self, request: Request, said: shapes.CheckOrder) -> shapes.CheckStarted:
        return shapes.CheckStarted(await asyncio.to_thread(self._begin, said))

    async def stop(self, request: Request) -> None:
        await asyncio.to_thread(self._stop)

    async def opened(self, request: Request) -> shapes.CheckOpened:
        name = request.path_params["id"]
        return await asyncio.to_thread(with_progress, lambda p, n: self._opened(name, p))

    async def octets(self, request: Request) -> shapes.CheckBytes:
        path = request.path_params
        key = f"{path['stage']}/{path['case']}"

        def look(progress: Progress, notes: list[str]) -> shapes.CheckBytes:
            kept = self._kept(path["id"], progress)
            evidence = kept.evidence.get(key)
            if evidence is None:
                raise NotKept("What passed in this case is not kept. Check again to see it.")
            stage = catalog.stage(path["stage"], kept.check.topic)
            return checked.shown(evidence, stage)

        return await asyncio.to_thread(with_progress, look)

    async def hint(self, request: Request, said: shapes.CheckHintWanted) -> list[Hint]:
        def take(progress: Progress, notes: list[str]) -> list[Hint]:
            catalog.stage(said.stage)
            progress.take_hint(self._place(said.folder), said.stage)
            return hints(progress, self._place(said.folder), said.stage)

        return await asyncio.to_thread(with_progress, take)

    # Beginning and stopping

    def _begin(self, order: shapes.CheckOrder) -> str:
        """Raises Trouble."""
        with self._begins:
            if self._runs and self._live is not None and not self._live.over:
                raise Trouble("A check is under way already.", "Wait for it, or stop it first.")
            wanted, job = wanted_of(order, self.folder)
            live = Live(began_of(wanted, job))
            if self._checker is not None:
                self._checker.stop()
            with self._lock:
                self._remember(live)
                self._checker = Checker(wanted, self._told)
                self._runs, self._waits = True, False
            return wanted.id

    def _stop(self) -> None:
        with self._begins:
            if self._checker is not None:
                self._checker.stop()

    def _remember(self, live: Live) -> None:
        self._compare(live)
        self._live = self._known[live.began.id] = live
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def _compare(self, live: Live) -> None:
        """With how each case stood when it was last played."""

        def look(progress: Progress, notes: list[str]) -> None:
            earlier = Reports(progress).earlier(live.check)
            live.before = last_known(earlier)
            live.previous = earlier[0].id if earlier else ""

        with_progress(look)

    # What the process tells, in a thread of its own

    def _told(self, what: checker.Told | None) -> None:
        with self._lock:
            if isinstance(what, checker.Began):
                self._waits = False
                live = self._known.get(what.id)
                if live is None:  # a file was saved
                    self._tell_now()
                    live = Live(what)
                    self._remember(live)
                live.begin(what)
            elif isinstance(what, checker.Waits):
                self._waits = True
            elif what is None:
                self._runs = self._waits = False
                if self._live is not None and not self._live.over:
                    self._live.take(checker.Halted())
            elif self._live is not None:
                self._live.take(what)
            self._tell_soon()

    def _tell_soon(self) -> None:
        if self._timer is None:
            self._timer = threading.Timer(SOON, self._tell_now)
            self._timer.daemon = True
            self._timer.start()

    def _tell_now(self) -> None:
        with self._lock:
            self._timer = None
            for live in self._known.values():
                if live is self._live or live.news:
                    self.hub.tell("check", self._news(live))

    def _news(self, live: Live) -> shapes.CheckNews:
        cases, live.news = live.news, []
        return shapes.CheckNews(
            id=live.began.id,
            state=live.state,
            watches=self._watches(live),
            waits=self._waits,
            building=live.building,
            cases=cases,
            notes=live.notes,
        )

    def _watches(self, live: Live) -> bool:
        one = self._checker
        return live is self._live and self._runs and one is not None and one.wanted.watch

    # What is told

    def _desk(self, progress: Progress, notes: list[str]) -> shapes.CheckDesk:
        with self._lock:
            history = [line_of(line(live.check), live.before) for live in self._unkept(progress)]
            going = self._going()
        lines = Reports(progress).latest(HISTORY * 3)
        for at, each in enumerate(lines[:HISTORY]):
            same = [one for one in lines[at + 1 :] if program(one) == program(each)]
            history.append(line_of(each, last_known(same)))
        history.sort(key=lambda one: -one.began)
        return shapes.CheckDesk(
            folder=str(self.folder),
            projects=[
                project_told(one, progress, self.folder) for one in projects(self.folder, progress)
            ],
            topics=[topic_told(one) for one in catalog.topics().values() if one.ports],
            going=going,
            history=history[:HISTORY],
            note=" ".join(notes),
        )

    def _unkept(self, progress: Progress) -> list[Live]:
        """Those that have ended, and that only this process remembers."""
        reports = Reports(progress)
        return [
            live
            for live in self._known.values()
            if live.state == "over" and not reports.has(live.began.id)
        ]

    def _going(self) -> shapes.CheckGoing | None:
        live, one = self._live, self._checker
        if live is None or one is None or not self._runs or (live.over and not one.wanted.watch):
            return None
        return shapes.CheckGoing(
            id=live.began.id,
            topic=live.began.topic,
            folder=live.began.folder,
            target=live.began.target,
            state=live.state,
            watches=one.wanted.watch,
            waits=self._waits,
            pid=one.pid,
        )

    def _opened(self, name: str, progress: Progress) -> shapes.CheckOpened:
        """Raises NotKept."""
        with self._lock:
            live = self._known.get(name)
            if live is None:
                kept = self._kept(name, progress)
                live = over(kept.check)
                self._compare(live)
            check = live.check
            return shapes.CheckOpened(
                check=check,
                state=live.state,
                plan=[
                    shapes.CheckPlan(one.name, one.slug, one.title, one.cases, one.slugs)
                    for one in live.began.plan
                ],
                before=live.before,
                previous=live.previous,
                because=live.began.because,
                building=live.building,
                problem=live.problem,
                next_step=live.next_step,
                notes=live.notes,
                watches=self._watches(live),
                waits=self._waits,
                hints={
                    stage.slug: hints(progress, self._place(check.folder), stage.name)
                    for stage in check.stages
                },
            )

    def _kept(self, name: str, progress: Progress) -> Kept:
        """Raises NotKept."""
        with self._lock:
            if (live := self._known.get(name)) is not None:
                return live.kept
        kept = Reports(progress).open(name)
        if kept is None:
            raise NotKept(f"There is no check {name}, or it is not kept any more.")
        return kept

    def _place(self, folder: str) -> Path:
        """Where hints are counted: the project, or where Cutaway was started."""
        return Path(folder) if folder else self.folder
