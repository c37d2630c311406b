"""What was done to the machine, and when, so that a failure can be held against it.

    causes = Causes()
    causes.ordered(at, "app-1-to-store", "stall")
    causes.look(parts)                          what became of parts since the last look
    causes.during(3.2, 5.1, {"app-1-to-store"})     ["app-1-to-store had the order stall."]

A cause begins when an order holds on a link, or a part is no longer up; it ends when the link is
clear again, or the part is up. It still explains what happens GRACE after that: connections have to
be made again, and who was found dead is not asked again at once.

    stall ──────── flow               ├── cause ──────┤┄┄ grace ┄┄┤
    killed ── starting ── up                      failed: explained   failed: not explained

A fault that was planted in a part is a cause for as long as it stands there.

Left out: what nobody did: load, and parts that answer wrongly by themselves. See shown.py.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from math import inf

from ..net.relay.link import BadLink
from ..net.relay.orders import WAYS, BadOrder, order_of
from ..net.relay.relay import Links
from .part import Part

GRACE = 3.0  # seconds that a cause is felt after its end
SEEN_LATE = 0.5  # seconds after which it is noticed that a part has ended
KEPT = 1000  # causes that are over
ENDS = ("cut", "reset")  # acts that are over at once
SHUTS = ("refuse", "queue")
OURS = ("lead", "pass")  # orders by which the machine leads its wires, and steps
SAID = {
    "paused": "was paused",
    "crashed": "had ended",
    "starting": "was being started",
    "draining": "was being replaced",
    "down": "was down",
    "replaced": "was replaced",
}


@dataclass(slots=True)
class Cause:
    """where: a wire or a part. says: what a sentence about it goes on with. ended: None while it
    holds."""

    where: str
    says: str
    began: float
    ended: float | None = None

    def __str__(self) -> str:
        return f"{self.where} {self.says}."

    def felt(self, start: float, end: float) -> bool:
        """Whether what went on from `start` to `end` may come of it."""
        over = inf if self.ended is None else self.ended + GRACE
        return self.began - SEEN_LATE <= end and start <= over


class Standing:
    """What is ordered of one wire. lines: the orders that make it what it is, none of a clear, open
    link."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def ordered(self, line: str) -> None:
        """Those that no longer make a difference are left out. Raises BadOrder, BadLink."""
        lines = [*self.lines, line]
        wanted, at = state_of(lines), 0
        while at < len(lines):
            without = lines[:at] + lines[at + 1 :]
            if state_of(without) == wanted:
                lines = without
            else:
                at += 1
        self.lines = lines

    @property
    def flows(self) -> str:
        """The order by which what passes here would pass, were it held for another reason; "": none
        would."""
        links, _ = state_of(self.lines)
        open_ways = [way for way, name in WAYS.items() if not getattr(links, name).stalled]
        return "flow" if len(open_ways) == 2 else "".join(f"{way} flow" for way in open_ways)


def state_of(lines: Iterable[str]) -> tuple[Links, str]:
    """The link, and the word by which it takes no connections. Raises BadOrder, BadLink."""
    links, shut = Links(), ""
    for line in lines:
        act = line.split()[0]
        if act in SHUTS or act == "accept":
            shut = act if act in SHUTS else ""
        else:
            links = order_of(line).links(links)
    return links, shut


class Causes:
    """For one thread."""

    def __init__(self) -> None:
        self.over: deque[Cause] = deque(maxlen=KEPT)
        self.standing: dict[str, Cause] = {}  # by wire, by part, by the fault in a part
        self._wires: dict[str, Standing] = {}
        self._parts: dict[int, tuple[Part, float]] = {}  # and when what was last looked at happened

    def ordered(self, at: float, wire: str, line: str) -> None:
        """An order was carried out."""
        act = line.split()[0]
        if act in ENDS:
            self.over.append(Cause(wire, f"had the order {line}", at, at))
            return
        if act in OURS:
            return
        with suppress(BadOrder, BadLink):
            standing = self._wires.setdefault(wire, Standing())
            standing.ordered(line)
            self._end(wire, at)
            if standing.lines:
                said = "had the order " + ", ".join(standing.lines[-3:])
                self.standing[wire] = Cause(wire, said, at)

    def look(self, parts: Iterable[Part]) -> None:
        """At all that there are. A part that was replaced is looked at until it is down."""
        now = {id(part): part for part in parts}
        for key, part in now.items():
            self._parts.setdefault(key, (part, 0.0))
        for key, (part, seen) in list(self._parts.items()):
            for happened in [one for one in list(part.history) if one.at > seen]:
                taken_out = happened.what == "down" and key not in now
                what = "replaced" if taken_out else happened.what
                self._turned(key, part, happened.at, what, happened.why)
                seen = happened.at
            self._parts[key] = part, seen
            if key not in now and part.state == "down":
                self._end(f"{part.name}/{key}", seen)
                self._end(f"{part.name}/{key}/fault", seen)
                del self._parts[key]

    def during(self, start: float, end: float, places: Collection[str]) -> list[Cause]:
        """Those that may have to do with what went on then, the latest first; that a part was started
        comes behind why it had to be."""
        found = [c for c in (*self.standing.values(), *self.over) if c.where in places]
        felt = [c for c in found if c.felt(start, end)]
        return sorted(felt, key=lambda c: (c.says == SAID["starting"], -c.began))

    def _turned(self, key: int, part: Part, at: float, state: str, why: str) -> None:
        if state not in (*SAID, "up"):
            return  # it is as it was
        name = f"{part.name}/{key}"
        self._end(name, at)
        if state in SAID:
            said = SAID[state] + (f": {why.rstrip('.')}" if why else "")
            self.standing[name] = Cause(part.name, said, at)
        if part.filling.fault and state == "up" and f"{name}/fault" not in self.standing:
            planted = f"has the fault {part.filling.fault}"
            self.standing[f"{name}/fault"] = Cause(part.name, planted, at)

    def _end(self, key: str, at: float) -> None:
        cause = self.standing.pop(key, None)
        if cause is not None:
            cause.ended = at
            self.over.append(cause)
