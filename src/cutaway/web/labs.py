"""Labs: locked until something is predicted, run, shown, compared, kept.

    POST /api/labs/tcp/one-send-many-reads/runs   {"knobs": {"size": "1000"}, "said": "5", …}

One lab runs at a time: two that share two processors measure each other. What is being measured is
told as the event `lab`, so a page that was closed and opened again finds it where it is. The runs
are those of the command line, in the same file.

Left out: measuring. A process of its own does it: workshop/experiment.py.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Literal, TypeVar, get_args

from starlette.requests import Request
from starlette.responses import Response

from ..lab.chart import chart
from ..lab.compared import Comparison, compared
from ..lab.drawing import NotDrawn, image
from ..lab.lab import Lab
from ..lab.report import Report
from ..lab.result import Result, as_csv
from ..lab.runner import INTERRUPTED
from ..system.ear import NotKept
from ..system.machine import Machine
from ..workshop import catalog
from ..workshop.errors import Trouble
from ..workshop.experiment import Experiment, turned, wanted
from ..workshop.notebook import Notebook, computed
from ..workshop.progress import Progress, home
from . import labs_told as told
from .answers import Area, Ask, Desk
from .shapes.labs import (
    LabLine,
    LabNow,
    LabOrder,
    LabReport,
    LabRunLine,
    LabRunning,
    LabSaw,
    LabSheet,
    LabTopic,
)

MOST = (1 << 63) - 1  # that a number in the file of the progress can be
LONGEST = 500  # characters of what was seen that are kept
CSV, PNG, SVG = "text/csv", "image/png", "image/svg+xml"
Form = Literal["png", "svg", "csv"]
T = TypeVar("T")


class Rest:
    """Nobody comes to the machine while something is measured: both would share the processors."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._rate = 0.0
        self._lock = threading.Lock()

    def begin(self) -> None:
        with self._lock:
            self._rate = self._machine.traffic.rate or self._rate
            self._machine.traffic.set(rate=0)

    def end(self) -> None:
        """As it was, unless somebody has turned the knob meanwhile."""
        with self._lock:
            if self._rate and not self._machine.traffic.rate:
                self._machine.traffic.set(rate=self._rate)
            self._rate = 0.0


class LabArea(Area):
    def __init__(self, desk: Desk) -> None:
        self.hub, self.folder = desk.hub, desk.folder
        self.running: Experiment | None = None
        self._rest = Rest(desk.machine)
        self._starting = threading.Lock()
        self._drawing = threading.Lock()  # an engine at a time
        # What could not be written to the file of the progress is known here as long as we run.
        self._latest: dict[str, tuple[int, Result]] = {}

    @classmethod
    def asks(cls) -> list[Ask]:
        one, run = "/labs/{topic}/{slug}", "/labs/{topic}/{slug}/runs/{number:int}"
        form, media = {"form": Form}, (PNG, SVG, CSV)
        return [
            Ask("GET", "/labs", cls.all, "All of them by topic, with what was found before."),
            Ask("GET", "/labs/now", cls.now, "What is being measured."),
            Ask("POST", "/labs/stop", cls.stop, "Stop; what was measured is kept."),
            Ask("GET", one, cls.sheet, "One, its knobs turned so.", {"knobs": dict[str, str]}),
            Ask("POST", f"{one}/runs", cls.run, "Run it, once something is predicted."),
            Ask("GET", run, cls.report, "What came of a run."),
            Ask("GET", f"{run}.{{form}}", cls.file, "The same as a file.", form, media),
            Ask("POST", f"{run}/saw", cls.saw, "What somebody saw in it, in their words."),
        ]

    def close(self) -> None:
        if self.running is not None:
            self.running.end()

    # What there is

    async def all(self, request: Request) -> list[LabTopic]:
        return await asyncio.to_thread(self._all)

    def _all(self) -> list[LabTopic]:
        by_topic: dict[str, list[LabLine]] = {}
        with self._notebook() as notebook:
            for lab in catalog.every_lab():
                last = next(self._lines(lab, notebook), None)
                line = LabLine(lab.name, lab.title, lab.question, told.has_curve(lab), last)
                by_topic.setdefault(lab.topic, []).append(line)
        titles = catalog.topics()
        return [LabTopic(slug, titles[slug].title, labs) for slug, labs in by_topic.items()]

    async def now(self, request: Request) -> LabNow:
        return self._now()

    async def sheet(self, request: Request) -> LabSheet:
        def made() -> LabSheet:
            lab = _lab(request)
            settings = turned(lab, dict(request.query_params))
            with self._notebook() as notebook:
                return told.sheet(lab, settings, list(self._lines(lab, notebook)))

        return await asyncio.to_thread(made)

    # Running one

    async def run(self, request: Request, said: LabOrder) -> LabRunning:
        return await asyncio.to_thread(self._run, request, said)

    def _run(self, request: Request, order: LabOrder) -> LabRunning:
        lab = _lab(request)
        what = wanted(lab, order.knobs, order.said, order.confidence, order.drawn, order.octets)
        with self._starting:
            if self.running is not None and not self.running.over:
                other = self.running.wanted.lab.title
                raise Trouble(f"“{other}” is being measured.", "Wait for it, or stop it.")
            self._rest.begin()
            try:
                self.running = Experiment(what, self.folder, self._tell)
            except BaseException:
                self._rest.end()
                raise
            return _told(self.running)

    async def stop(self, request: Request) -> LabNow:
        if self.running is not None:
            self.running.stop()
            self._tell(self.running)
        return self._now()

    def _now(self) -> LabNow:
        return LabNow(_told(self.running) if self.running else None)

    def _tell(self, going: Experiment) -> None:
        """From the threads of the experiment."""
        if going.kept is not None:
            self._latest[going.wanted.lab.name] = going.kept
        if going.over:
            self._rest.end()
        self.hub.tell("lab", _told(going))

    # What came of it

    async def report(self, request: Request) -> LabReport:
        def made(lab: Lab, number: int, report: Report, notebook: Notebook) -> LabReport:
            return told.report(report, number, self._before(lab, number, report, notebook))

        return await self._of_run(request, made)

    def _before(
        self, lab: Lab, number: int, report: Report, notebook: Notebook
    ) -> tuple[int, Report, Comparison] | None:
        """The latest run before it that was not broken off, and what differs."""
        for other, result in self._runs(lab, notebook):
            if other < number and result.ended != INTERRUPTED and (old := computed(lab, result)):
                return other, old, compared(report, old)
        return None

    async def file(self, request: Request) -> Response:
        form = request.path_params["form"]
        if form not in get_args(Form):
            raise NotKept(f"A run is had as .png, .svg or .csv, not as .{form}.")

        def made(lab: Lab, number: int, report: Report, notebook: Notebook) -> Response:
            name = f"{lab.topic}-{lab.slug}-{number}.{form}"
            headers = {"Content-Disposition": f'attachment; filename="{name}"'}
            if form == "csv":
                text = as_csv(report.table.rows, lab.quantities)
                return Response(text, headers=headers, media_type=CSV)
            with self._drawing:
                octets = self._image(report, form)
            return Response(octets, headers=headers, media_type=PNG if form == "png" else SVG)

        return await self._of_run(request, made)

    def _image(self, report: Report, form: str) -> bytes:
        try:
            return image(chart(report), form)
        except NotDrawn as problem:
            raise Trouble(str(problem), "The rows can still be had as CSV.") from None

    async def saw(self, request: Request, said: LabSaw) -> LabRunLine:
        words = said.saw.strip()[:LONGEST]

        def made(lab: Lab, number: int, report: Report, notebook: Notebook) -> LabRunLine:
            result = replace(report.result, saw=words)
            notebook.saw(number, result)
            latest = self._latest.get(lab.name)
            if latest is not None and latest[0] == number:
                self._latest[lab.name] = number, result
            return told.line(number, report)

        return await self._of_run(request, made)

    async def _of_run(self, request: Request, make: Callable[[Lab, int, Report, Notebook], T]) -> T:
        """An answer made of one run, away from the event loop. Raises NotKept."""

        def made() -> T:
            lab, number = _lab(request), min(request.path_params["number"], MOST)
            with self._notebook() as notebook:
                result = notebook.run(lab.name, number)
                latest = self._latest.get(lab.name)
                if latest is not None and latest[0] == number:
                    result = result or latest[1]
                report = computed(lab, result) if result is not None else None
                if report is None:
                    raise NotKept(f"Run {number} of {lab.name} is not kept.")
                return make(lab, number, report, notebook)

        return await asyncio.to_thread(made)

    # What is kept

    @contextmanager
    def _notebook(self) -> Iterator[Notebook]:
        """In the thread that asks: a database belongs to one."""
        with Progress.open(home(), lambda sentence: None) as progress:
            yield Notebook(progress)

    def _runs(self, lab: Lab, notebook: Notebook) -> Iterator[tuple[int, Result]]:
        """The latest first."""
        kept = iter(notebook.runs(lab.name))
        first = next(kept, None)
        latest = self._latest.get(lab.name)
        if latest is not None and (first is None or first[0] < latest[0]):
            yield latest
        if first is not None:
            yield first
        yield from kept

    def _lines(self, lab: Lab, notebook: Notebook) -> Iterator[LabRunLine]:
        for number, result in self._runs(lab, notebook):
            if (report := computed(lab, result)) is not None:
                yield told.line(number, report)


def _lab(request: Request) -> Lab:
    topic, slug = request.path_params["topic"], request.path_params["slug"]
    try:
        return catalog.lab(f"{topic}/{slug}")
    except Trouble as trouble:
        raise NotKept(str(trouble)) from None


def _told(going: Experiment) -> LabRunning:
    return LabRunning(
        lab=going.wanted.lab.name,
        said=going.wanted.told,
        confidence=going.wanted.confidence,
        done=going.step.done,
        of=going.step.of,
        label=going.step.label,
        seconds=going.seconds,
        left=going.left,
        stopping=going.stopping,
        over=going.over,
        number=going.kept[0] if going.kept else None,
        problem=going.problem,
    )
