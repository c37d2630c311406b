"""A check in a process of its own: what the page starts, watches and can stop.

    checker = Checker(Wanted(folder="/home/ada/server", watch=True), tell=print)
    tell(Began(…)) · tell(CaseTold(…)) … tell(Ended(…))      from a thread, as it goes on
    checker.stop()          the program under test is ended, and the process with it

        page's process                                    the check's
        Checker ── Wanted, one line ──▶ stdin ──▶  job, build, play, remember
                ◀── what is told, a line each ── stdout

Whatever a stage does to this machine (many connections, open files, a loop that computes) it does in
there, and the process that serves the page goes on. When that one ends, however it ends, the pipe
does, too, and the check ends every program that it started.

Left out: what is done in there (checker_child.py), and who may start one (web/checks.py).
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from typing import IO

import msgspec
from msgspec import Struct

from ..grade.evidence import Evidence
from ..grade.stage import Stage
from .reports import Check, CheckedCase, CheckedStage, slugs

CHILD = "cutaway.workshop.checker_child"
PATIENCE = 6.0  # seconds from the wish to stop to the end by force
SAID = 2000  # characters of what it complained about


class Wanted(Struct):
    """Either a project's folder, or a target and its topic. asked: next, all, or a stage."""

    folder: str = ""
    target: str = ""
    data_dir: str = ""
    topic: str = ""
    asked: str = "next"
    watch: bool = False
    id: str = ""
    seed: int | None = None


class PlannedStage(Struct):
    name: str
    slug: str
    title: str
    cases: list[str]
    slugs: list[str]


def planned(stage: Stage) -> PlannedStage:
    names = [case.name for case in stage.cases]
    return PlannedStage(stage.name, stage.slug, stage.title, names, slugs(names))


class Began(Struct, tag="began"):
    """because: the file that was saved."""

    id: str
    topic: str
    folder: str
    target: str
    asked: str
    seed: int
    began: float
    plan: list[PlannedStage]
    focus: str = ""
    because: str = ""


class Building(Struct, tag="building"):
    words: str


class CaseTold(Struct, tag="case"):
    stage: str
    case: CheckedCase
    evidence: Evidence | None = None


class StageTold(Struct, tag="stage"):
    stage: CheckedStage


class Ended(Struct, tag="ended"):
    check: Check


class Halted(Struct, tag="halted"):
    """Broken off; nothing is kept of it."""


class Waits(Struct, tag="waits"):
    """For a file to be saved."""


class Says(Struct, tag="says"):
    """What a person has to know, and that stops nothing."""

    sentence: str


class Refused(Struct, tag="refused"):
    """It cannot be checked so."""

    sentence: str
    next_step: str = ""


Told = Began | Building | CaseTold | StageTold | Ended | Halted | Waits | Says | Refused


class Checker:
    """tell: called from a thread of its own; with None when nothing more comes."""

    def __init__(self, wanted: Wanted, tell: Callable[[Told | None], None]) -> None:
        self.wanted, self._tell = wanted, tell
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-m", CHILD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            start_new_session=True,  # a Ctrl-C in our terminal is for us
        )
        assert self._child.stdin is not None
        with contextlib.suppress(OSError):
            self._child.stdin.write(msgspec.json.encode(wanted) + b"\n")
            self._child.stdin.flush()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def pid(self) -> int:
        return self._child.pid

    def stop(self) -> None:
        """End it, and come back when nothing of it is left."""
        assert self._child.stdin is not None
        with contextlib.suppress(OSError):
            self._child.stdin.close()
        try:
            self._child.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._child.kill()
        if threading.current_thread() is not self._thread:
            self._thread.join(PATIENCE)

    def _listen(self) -> None:
        decode = msgspec.json.Decoder(Told).decode
        assert self._child.stdout is not None
        over = False
        for line in self._child.stdout:
            with contextlib.suppress(msgspec.MsgspecError):  # a line cut off by its end
                told = decode(line)
                over = isinstance(told, Ended | Halted | Refused | Waits)
                self._tell(told)
        if self._child.wait() and not over:
            self._tell(Refused(f"The check ended without a result. {self._complaint()}".strip()))
        self._child.stdout.close()
        self._errors.close()
        self._tell(None)

    def _complaint(self) -> str:
        """The last line of it."""
        self._errors.seek(0)
        lines = self._errors.read()[-SAID:].decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""
