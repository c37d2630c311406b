"""One run of a lab in a process of its own: what the page starts, watches and can stop.

    wanted = Wanted(lab, settings, said="forty", confidence=70)
    with Experiment(wanted, folder, tell) as going:       tell(going) after each step, from a thread
        going.step            Step(done=3, of=18, label="two writes")
        going.stop()          as Ctrl-C does: what was measured is kept
        going.wait()          going.kept: (12, Result(…)), or going.problem: a sentence

The process is the command line, which knows how to be interrupted, ends every program that a lab
started, and keeps the result where `cutaway lab` looks for it:

    cutaway lab tcp/nagle --events --predict=forty --confidence=70 --set=quickack=on

So a run that was begun in a terminal and one that was begun in the page are one history, and
nothing of a lab's servers and loads happens in the process that serves the page.

Left out: who may start one, and how many at a time. That is web/labs.py.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from ..lab.drawn import checked
from ..lab.knobs import Settings, chosen
from ..lab.lab import Lab
from ..lab.prediction import CONFIDENCES
from ..lab.result import Foreign, Result, decoded
from ..lab.runner import Step
from ..lab.units import Unreadable
from .errors import Trouble

PATIENCE = 8.0  # seconds from the wish to stop to the end by force
LONGEST = 64 << 20  # octets of a line: every run of a lab, with its octets
SAID = 4096  # octets of what it complained about


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a run is asked for, as the lab reads it. knobs: those that were turned, as written."""

    lab: Lab
    knobs: Mapping[str, str]
    said: str
    confidence: int
    drawn: Mapping[str, float] = field(default_factory=dict)
    octets: bool = False

    @property
    def told(self) -> str:
        """What was said, in words."""
        plan = self.lab.plan(turned(self.lab, self.knobs))
        return plan.asks.told(self.said, {v.key: v.label for v in plan.variants})

    @property
    def words(self) -> list[str]:
        """The command, each option in one word so that no value can be taken for another option."""
        drawn = ",".join(f"{key}={value!r}" for key, value in self.drawn.items())
        return [
            *("lab", self.lab.name, "--events"),
            f"--predict={self.said}",
            f"--confidence={self.confidence}",
            *(f"--set={name}={value}" for name, value in self.knobs.items()),
            *([f"--draw={drawn}"] if drawn else []),
            *(["--bytes"] if self.octets else []),
        ]


def turned(lab: Lab, knobs: Mapping[str, str]) -> Settings:
    """The settings, some knobs as a person wrote them. Raises Trouble."""
    try:
        return chosen(lab.knobs, knobs)
    except Unreadable as problem:
        raise Trouble(str(problem), "Turn it back, or within its bounds.") from None


def wanted(
    lab: Lab,
    knobs: Mapping[str, str],
    said: str,
    confidence: int,
    drawn: Mapping[str, float],
    octets: bool = False,
) -> Wanted:
    """Checked, so that what starts can also run. Raises Trouble: nothing runs unpredicted."""
    plan = lab.plan(turned(lab, knobs))
    try:
        said = plan.asks.read(said)
        points = checked(drawn, plan)
    except Unreadable as problem:
        raise Trouble(str(problem), f"It is asked: {plan.asks.ask}") from None
    if confidence not in CONFIDENCES:
        raise Trouble("How sure are you of it?", "Say 50, 70 or 90 percent.")
    return Wanted(
        lab=lab, knobs=knobs, said=said, confidence=confidence, drawn=points, octets=octets
    )


class Experiment:
    """One run. Whoever starts one ends it."""

    def __init__(self, wanted: Wanted, folder: Path, tell: Callable[[Experiment], None]) -> None:
        self.wanted, self._tell = wanted, tell
        self.began, self._clock = time.time(), time.monotonic()
        self.step = Step(0, 0, "starting")
        self.kept: tuple[int, Result] | None = None
        self.stopping = self.over = False
        self._complaint, self._first = "", 0.0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "cutaway", *wanted.words],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C in our terminal is ours to pass on
            env={**os.environ, "NO_COLOR": "1"},
        )
        self._threads = [
            threading.Thread(target=self._watch, daemon=True),
            threading.Thread(target=self._listen, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Experiment:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._clock

    @property
    def left(self) -> float | None:
        """Seconds that it may still take; None where nothing can be said yet."""
        step = self.step
        if not step.done:
            return None
        measuring = time.monotonic() - (self._first or self._clock)
        by_pace = measuring / step.done * (step.of - step.done)
        return max(0.0, min(by_pace, self.wanted.lab.limit))

    @property
    def problem(self) -> str:
        """Why nothing is kept, in sentences; empty while it runs, and where something is."""
        if not self.over or self.kept:
            return ""
        if self.stopping:
            return "It was stopped before anything was measured; nothing is kept."
        return self._complaint or "It ended without a result. Run it again."

    def stop(self) -> None:
        """As Ctrl-C; by force where that takes too long. Returns at once."""
        if not self.stopping and not self.over:
            self.stopping = True
            self._signal(signal.SIGINT)
            threading.Thread(target=self._insist, daemon=True).start()

    def wait(self, within: float | None = None) -> bool:
        """Whether it is over."""
        self._threads[0].join(within)
        return self.over

    def end(self) -> None:
        self.stop()
        self.wait(PATIENCE + 2)

    def _insist(self) -> None:
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            self._process.send_signal(number)

    def _watch(self) -> None:
        """Read what it tells until it ends."""
        out: IO[bytes] = self._process.stdout  # type: ignore[assignment]
        with out:
            while line := out.readline(LONGEST):
                self._read(line)
                self._tell(self)
        self._process.wait()
        self._threads[1].join(1.0)
        self.over = True
        self._tell(self)

    def _read(self, line: bytes) -> None:
        with suppress(ValueError, KeyError, TypeError, Foreign):
            told: dict[str, Any] = json.loads(line)
            if "step" in told:
                self.step = Step(**told["step"])
                self._first = self._first or time.monotonic()
            elif "kept" in told:
                self.kept = told["kept"], decoded(json.dumps(told["result"]).encode())

    def _listen(self) -> None:
        """Keep the end of what it complains about, as sentences."""
        err: IO[bytes] = self._process.stderr  # type: ignore[assignment]
        said = b""
        with err:
            while piece := err.read1(SAID):  # type: ignore[attr-defined]
                said = (said + piece)[-SAID:]
        lines = said.decode("utf-8", "replace").splitlines()
        told = [line.removeprefix("cutaway: ") for line in lines if line.startswith("cutaway: ")]
        self._complaint = " ".join(told)
