"""Steps about what an answer did without, and about time.

    spared("origin", status=200, body=b"…")   the client is answered, and origin is not asked for it
    within(3.0, *steps)                       all of it takes so long at the most
    until(2.0, *steps)                        the steps are tried again until all of them hold

`spared` looks at both sides while it waits, so that a program that asks is told so at once. `until`
is for what a program may do a little later: the last failure is the one that is reported.

Left out: measuring. A limit here is one that a right program is far from.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .far import await_any
from .outcomes import Failed
from .play import ANSWER, SLICE, Play
from .seeing import Expect
from .stage import Step
from .taking import unasked
from .verdict import Reached

AGAIN = 0.02  # seconds between two tries


@dataclass(frozen=True, slots=True)
class Spared(Step):
    """The next answer on `on` comes, and this far side is not asked before it."""

    far: str
    wanted: Mapping[str, Any]
    on: str = "main"

    def run(self, play: Play) -> None:
        client, side, began = play.line(self.on), play.side(self.far), time.monotonic()
        while True:
            play.running.go_on()
            side.take()
            client.recorded.receive(0.0)
            if (line := side.asked()) is not None:
                raise unasked(line)
            if client.unread or client.recorded.ended or not play.still_patient(began, ANSWER):
                break
            await_any([side], [client], SLICE)
        Expect(self.wanted, self.on).run(play)
        side.take()
        if (line := side.asked()) is not None:
            raise unasked(line)

    def sketch(self) -> str:
        return f"{Expect(self.wanted, self.on).sketch()}, and {self.far} is not asked"


@dataclass(frozen=True, slots=True)
class Within(Step):
    """seconds: for all steps together, on a nominal machine"""

    seconds: float
    steps: tuple[Step, ...]

    def run(self, play: Play) -> None:
        began = time.monotonic()
        for done, step in enumerate(self.steps, start=1):
            step.run(play)
            if not play.still_patient(began, self.seconds):
                expected = f"all of it to take at most {self.seconds:g} s"
                took = f"{time.monotonic() - began:.2f} s for {done} of {len(self.steps)} steps"
                raise Failed(Reached.ANSWERED, expected, took)
        play.hold(Reached.ANSWERED)

    def sketch(self) -> str:
        each = list(dict.fromkeys(step.sketch() for step in self.steps))
        often = f", {len(self.steps)} steps in all" if len(each) < len(self.steps) else ""
        return f"within {self.seconds:g} s: {'; '.join(each)}{often}"


@dataclass(frozen=True, slots=True)
class Until(Step):
    """seconds: in which the steps have to hold at last, each beginning on a new connection"""

    seconds: float
    steps: tuple[Step, ...]

    def run(self, play: Play) -> None:
        began = time.monotonic()
        while True:
            play.running.go_on()
            acts, notes = len(play.acts), len(play.notes)
            try:
                for step in self.steps:
                    step.run(play)
                return
            except Failed:
                if not play.still_patient(began, self.seconds):
                    raise
                del play.acts[acts:], play.notes[notes:]
                self._begin_anew(play)
                time.sleep(AGAIN)

    def _begin_anew(self, play: Play) -> None:
        for name in [name for name, line in play.lines.items() if line.far is None]:
            play.lines.pop(name).recorded.close()

    def sketch(self) -> str:
        return f"within {self.seconds:g} s at last: {'; '.join(s.sketch() for s in self.steps)}"


def spared(far: str, on: str = "main", **wanted: Any) -> Spared:
    return Spared(far, wanted, on)


def within(seconds: float, *steps: Step) -> Within:
    return Within(seconds, steps)


def until(seconds: float, *steps: Step) -> Until:
    return Until(seconds, steps)
