"""A fault in the machine that nobody is told of: it is put there, and everything says what it says of
a machine without it.

    hidden = Hidden(machine, case, told)
    hidden.plant()              under traffic; machine.hidden is this from before it begins
    machine.hidden.filling(part)        reference, whatever stands there
    hidden.restore()            what stood there before stands there again

What would give it away is told otherwise as long as it is hidden:

    filling       reference
    history       begins when the fault is there, for all parts alike; so do starts
    said          what a part printed, or why it did not start, without the name of the fault
    orders        without those that are the fault
    causes        of failures, where they are the fault: that it may have been

An order to the wire whose orders are the fault is obeyed, and then those are given anew, so that
`clear` clears all but the fault.

Left out: what the operating system knows. Who asks `ps` has cheated.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from math import inf
from typing import TYPE_CHECKING

from .filling import REFERENCE, Filling
from .hunt import Case, Kind
from .part import Happening, Part

if TYPE_CHECKING:
    from .machine import Machine

MAYBE = "The fault that is looked for may have been behind it."
FELT = 4.0  # seconds for which what was done to plant it may be felt
TRAFFIC = 15.0  # requests a second that it takes at least to see something


class Hidden:
    """looked: told of everything that somebody opens, follows or orders."""

    def __init__(self, machine: Machine, case: Case) -> None:
        self.machine, self.case = machine, case
        self.since = inf
        self.began = time.monotonic()
        self.seen: list[tuple[Kind, str]] = []
        self._lock = threading.Lock()
        self._before: dict[str, Filling] = {}
        self._starts: dict[int, int] = {}

    # There and away again.

    def plant(self) -> None:
        """Takes some seconds. Raises CannotRun, CannotFill; then the machine is as it was."""
        supervisor = self.machine.supervisor
        self._before = {
            slot.name: supervisor.parts[slot.parts[0]].filling
            for slot in self.machine.blueprint.slots
            if slot.topic
        }
        self.machine.hidden = self
        try:
            for slot, filling in self._before.items():
                wanted = Filling(fault=self.case.fault) if slot == self.case.slot else REFERENCE
                if wanted != filling:
                    supervisor.fill(slot, wanted)
            for wire, link in self.machine.links.items():
                if link.lines:
                    supervisor.order(wire, "clear")
                    supervisor.order(wire, "accept")
            for line in self.case.orders:
                supervisor.order(self.case.wire, line)
        except BaseException:
            self.restore()
            raise
        if self.machine.traffic.look().rate < TRAFFIC:
            self.machine.traffic.set(rate=TRAFFIC)
        self._starts = {id(part): part.starts for part in self.machine.parts()}
        self.since = time.monotonic()

    def reveal(self) -> None:
        """From now on everything says what it is."""
        if self.machine.hidden is self:
            self.machine.hidden = None

    def restore(self) -> None:
        """Takes some seconds. Raises CannotRun, CannotFill."""
        supervisor = self.machine.supervisor
        try:
            if self.case.wire:
                supervisor.order(self.case.wire, "clear")
            for slot, filling in self._before.items():
                parts = self.machine.blueprint.slot(slot).parts
                if any(supervisor.parts[name].filling != filling for name in parts):
                    supervisor.fill(slot, filling)
        finally:
            self.reveal()

    # What is done meanwhile.

    def looked(self, kind: Kind, what: str) -> None:
        with self._lock:
            self.seen.append((kind, what))

    def taken(self) -> list[tuple[Kind, str]]:
        """What was looked at since the last time."""
        with self._lock:
            seen, self.seen = self.seen, []
        return seen

    def ordered(self, wire: str) -> None:
        """Somebody gave it an order."""
        if wire == self.case.wire:
            for line in self.case.orders:
                self.machine.supervisor.order(wire, line)

    # What is told.

    def filling(self, part: Part) -> Filling:
        return REFERENCE

    def starts(self, part: Part) -> int:
        return max(1, part.starts - self._starts.get(id(part), part.starts) + 1)

    def history(self, history: Iterable[Happening]) -> list[Happening]:
        return [
            Happening(one.at, self.said(one.what), self.said(one.why))
            for one in history
            if one.at >= self.since
        ]

    def said(self, text: str) -> str:
        """What a part printed, or why it did not start, without the name of the fault."""
        fault = self.case.fault
        if not fault:
            return text
        topic = self.machine.blueprint.slot(self.case.slot).topic
        return (
            text.replace(f" with the fault {fault}", "")
            .replace(str(Filling(fault=fault)), str(REFERENCE))
            .replace(f"topics.planted {topic} {fault}", f"topics.{topic}.server")
        )

    def orders(self, wire: str, lines: Iterable[str]) -> list[str]:
        """Without those that are the fault."""
        if self.since == inf:
            return []
        return [one for one in lines if wire != self.case.wire or one not in self.case.orders]

    def cause(self, at: float, cause: str | None) -> str | None:
        """Of a failure. at: when it was."""
        if not cause or at < self.began - FELT:
            return cause
        names = self.case.fault and f"the fault {self.case.fault}" in cause
        says = (
            self.case.wire
            and cause.startswith(self.case.wire)
            and any(line in cause for line in self.case.orders)
        )
        return MAYBE if names or says or at < self.since + FELT else cause
