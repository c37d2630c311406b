"""What the service said it has done, so that it can be held to it.

    entry = ledger.created("k1", '"1"', State("buy milk", False))
    ledger.trying(entry, State("buy milk", True))       on its way: it may be either now
    ledger.done(entry, State("buy milk", True), '"2"')  acknowledged: it is that, and nothing else
    ledger.judge({"k2": …})                             Verdict: k1 is lost

A write without a clear answer leaves its to-do in doubt: both states are right from then on, until a
write that names the tag is acknowledged. A write that is late cannot undo that one, as its own tag is
no longer current: each one here has If-Match.

    sure {A} ──trying B──▶ {A, B} ──acknowledged──▶ {B}
                             │  ╰── 412, 503, no answer ──▶ stays {A, B}
                             ╰── the next one, with the tag that was just read ──▶ {C}

What is remembered is bounded: the oldest is forgotten first, and counted.

Left out: creations without an answer. The service promised nothing, and chose the id.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

MOST = 5000  # to-dos that are there, and as many that were deleted
NAMED = 20  # in a verdict


class State(NamedTuple):
    """Of a to-do. GONE is the one without a title."""

    title: str
    done: bool

    def __str__(self) -> str:
        return "gone" if self == GONE else f"{self.title!r}{', done' * self.done}"


GONE = State("", False)


@dataclass(slots=True, eq=False)
class Entry:
    """One to-do. may_be: the states that are right. busy: somebody is at it. version: changes."""

    id: str
    tag: str
    state: State
    may_be: set[State]
    busy: bool = False
    version: int = 0

    @property
    def sure(self) -> bool:
        return len(self.may_be) == 1

    def right(self, state: State) -> bool:
        return state in self.may_be


@dataclass(frozen=True, slots=True)
class Verdict:
    """checked: to-dos that were compared. gone: those of them that were deleted. changed: were written
    meanwhile, and not compared.

    lost    sentences on what was acknowledged and is not there
    back    on what was deleted and is there again
    """

    checked: int
    gone: int
    changed: int
    lost: tuple[str, ...]
    back: tuple[str, ...]


@dataclass(slots=True)
class Ledger:
    """there: by id, the oldest first. gone: those whose deletion was acknowledged."""

    most: int = MOST
    there: OrderedDict[str, Entry] = field(default_factory=OrderedDict)
    gone: OrderedDict[str, Entry] = field(default_factory=OrderedDict)
    forgotten: int = 0

    def created(self, name: str, tag: str, state: State) -> Entry:
        entry = Entry(name, tag, state, {state})
        self.there[name] = entry
        self._forget(self.there)
        return entry

    def trying(self, entry: Entry, state: State) -> None:
        """A write is on its way."""
        entry.may_be.add(state)
        entry.version += 1

    def done(self, entry: Entry, state: State, tag: str = "") -> None:
        """It was acknowledged."""
        entry.state, entry.tag, entry.may_be = state, tag, {state}
        entry.version += 1
        if state == GONE:
            self.there.pop(entry.id, None)
            self.gone[entry.id] = entry
            self._forget(self.gone)

    def free(self) -> Entry | None:
        """The to-do that nobody touched for longest, and is not busy; it then is."""
        for entry in self.there.values():
            if not entry.busy:
                entry.busy = True
                self.there.move_to_end(entry.id)
                return entry
        return None

    def versions(self) -> dict[str, int]:
        """To be given to `judge`, taken before the reading begins."""
        return {entry.id: entry.version for entry in (*self.there.values(), *self.gone.values())}

    def judge(self, found: Mapping[str, State], versions: Mapping[str, int]) -> Verdict:
        """found: all that the service has."""
        lost: list[str] = []
        back: list[str] = []
        checked = gone = 0
        for entry in self._quiet(versions):
            checked += 1
            gone += entry.state == GONE
            now = found.get(entry.id, GONE)
            if not entry.right(now):
                said = " or ".join(sorted(map(str, entry.may_be)))
                (back if entry.state == GONE else lost).append(f"{entry.id} is {now}, not {said}")
        changed = len(self.there) + len(self.gone) - checked
        return Verdict(checked, gone, changed, tuple(lost[:NAMED]), tuple(back[:NAMED]))

    def _quiet(self, versions: Mapping[str, int]) -> Iterator[Entry]:
        for entry in (*self.there.values(), *self.gone.values()):
            if versions.get(entry.id) == entry.version:
                yield entry

    def _forget(self, known: OrderedDict[str, Entry]) -> None:
        while len(known) > self.most:
            known.popitem(last=False)
            self.forgotten += 1
