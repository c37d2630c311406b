"""Find the fault: one is hidden, and whoever looks says where it is, what it is, and what shows it.

    hunt = Hunt(seed=7, cases=read())           the same seed hides the same fault
    hunt.looked("message", "app-1-to-cache/3/s/0")     counts, once for each
    hunt.hint()                                 the next rung of the ladder
    hunt.mark(Mark(…, shows=True))              evidence, as who looks sees it
    hunt.give(place="app", cause="…")           once
    hunt.score                                  100 at the most, and what it is made of

    seed ──▶ case, choices and their order      nothing else is drawn, so a seed can be passed on

Nothing here knows whether a mark is right: a clue says that (clues.py), when the messages are there.

Left out: hiding the fault (hidden.py), and time that runs out. Who looks for long learns as well.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from .clues import Clue, clue_of

FILE = Path(__file__).with_name("hunt.toml")
CAUSES = 7  # to choose from
NEAR = 2  # wrong ones at least that would be of the same place, where there are so many
LEVELS = (1, 2, 3)
PLACE, CAUSE, EVIDENCE = 30, 40, 30  # points
HINT = 5  # points that one costs
FREE, LOOK, MOST = 12, 1, 15  # openings that cost nothing; points for each more; at most
MARKS = 8

Kind = Literal["message", "request", "order"]


class BadHunt(ValueError):
    """One sentence about a file of cases."""


class CannotHunt(ValueError):
    """One sentence about what cannot be done in a hunt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """slot and fault, or wire and orders."""

    name: str
    cause: str
    level: int
    hints: tuple[str, ...]
    clue: Clue
    slot: str = ""
    fault: str = ""
    wire: str = ""
    orders: tuple[str, ...] = ()
    rule: str = ""
    section: str = ""

    @property
    def place(self) -> str:
        return self.slot or self.wire


@dataclass(frozen=True, slots=True)
class Mark:
    """What is said to show it. what: it says, in one line."""

    kind: Kind
    id: str
    what: str
    shows: bool


@dataclass(frozen=True, slots=True)
class Answer:
    place: str
    cause: str


@dataclass(frozen=True, slots=True)
class Score:
    """Points, and what they are made of: (words, points)."""

    points: int
    lines: tuple[tuple[str, int], ...]


@dataclass(slots=True)
class Hunt:
    """places: that may be answered."""

    seed: int
    cases: Sequence[Case]
    began: float = 0.0
    ended: float | None = None
    hints: int = 0
    marks: list[Mark] = field(default_factory=list)
    answer: Answer | None = None
    seen: dict[Kind, set[str]] = field(default_factory=dict)

    @property
    def case(self) -> Case:
        return drawn(self.seed, self.cases)

    @property
    def causes(self) -> list[str]:
        """The right one among others, some of which would be of the same place."""
        draw, case = random.Random(f"causes {self.seed}"), self.case
        others = [one for one in self.cases if one.name != case.name]
        near = [one.cause for one in others if near_to(one) == near_to(case)]
        chosen = draw.sample(near, min(NEAR, len(near)))
        rest = [one.cause for one in others if one.cause not in chosen]
        chosen += draw.sample(rest, min(CAUSES - 1 - len(chosen), len(rest)))
        chosen.append(case.cause)
        draw.shuffle(chosen)
        return chosen

    @property
    def looks(self) -> int:
        return sum(len(ids) for ids in self.seen.values())

    def looked(self, kind: Kind, what: str) -> None:
        """An order counts each time; a message or a request the first time."""
        ids = self.seen.setdefault(kind, set())
        ids.add(what if kind != "order" else f"{len(ids)} {what}")

    def hint(self) -> str:
        """The next rung. Raises CannotHunt behind the last."""
        self._going()
        if self.hints == len(self.case.hints):
            raise CannotHunt("There are no more hints.")
        self.hints += 1
        return self.case.hints[self.hints - 1]

    def mark(self, mark: Mark) -> None:
        """Raises CannotHunt."""
        self._going()
        self.unmark(mark.id)
        if len(self.marks) == MARKS:
            raise CannotHunt(f"{MARKS} marks are enough. Take one back first.")
        self.marks.append(mark)

    def unmark(self, name: str) -> None:
        self._going()
        self.marks = [mark for mark in self.marks if mark.id != name]

    def give(self, place: str, cause: str, now: float) -> Score:
        """The answer. Raises CannotHunt: there is one."""
        self._going()
        self.answer, self.ended = Answer(place, cause), now
        return self.score

    def give_up(self, now: float) -> None:
        if self.ended is None:
            self.ended = now

    def _going(self) -> None:
        if self.ended is not None:
            raise CannotHunt("This hunt is over. Begin another.")

    @property
    def score(self) -> Score:
        """Of what was answered; nothing where it was given up."""
        said, case = self.answer, self.case
        if said is None:
            return Score(0, (("given up", 0),))
        lines = [
            ("the place", PLACE * (said.place == case.place)),
            ("the cause", CAUSE * (said.cause == case.cause)),
            ("evidence that shows it", EVIDENCE * any(mark.shows for mark in self.marks)),
            (f"hints: {self.hints}", -HINT * self.hints),
            (f"opened or ordered: {self.looks}, {FREE} of them free", -self._looked_for()),
        ]
        return Score(max(0, sum(points for _, points in lines)), tuple(lines))

    def _looked_for(self) -> int:
        return min(MOST, LOOK * max(0, self.looks - FREE))


def near_to(case: Case) -> str:
    """What stands in its slot; or that it is a wire."""
    return case.slot or "wire"


def drawn(seed: int, cases: Sequence[Case]) -> Case:
    """Seeds that follow each other hide different faults, until all were hidden."""
    order = list(cases)
    random.Random(f"order {seed // len(order)}").shuffle(order)
    return order[seed % len(order)]


def seed_for(level: int, cases: Sequence[Case], draw: random.Random) -> int:
    """One that hides a fault of that level; 0: of any."""
    while True:
        seed = draw.randrange(1, 10_000)
        if level not in LEVELS or drawn(seed, cases).level == level:
            return seed


def read(path: Path = FILE) -> tuple[Case, ...]:
    """Raises BadHunt; OSError."""
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8")).get("case", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise BadHunt(f"{path.name} is no TOML: {problem}.") from None
    cases = tuple(_case(row) for row in rows)
    if len({case.name for case in cases}) < max(1, len(cases)):
        raise BadHunt(f"{path.name} has no cases, or two of one name.")
    return cases


def _case(said: dict[str, Any]) -> Case:
    name = said.get("name", "?")
    rest: dict[str, Any] = {k: v for k, v in said.items() if k != "clue"}
    rest |= {k: tuple(rest[k]) for k in ("hints", "orders") if k in rest}
    try:
        case = Case(**rest, clue=clue_of(said["clue"]))
    except (TypeError, KeyError, re.error) as problem:
        raise BadHunt(f"The case {name!r} cannot be read: {problem}.") from None
    if bool(case.slot and case.fault) == bool(case.wire and case.orders):
        raise BadHunt(f"The case {name!r} wants a slot and a fault, or a wire and orders.")
    if case.level not in LEVELS or not case.hints:
        raise BadHunt(f"The case {name!r} wants a level of {LEVELS}, and hints.")
    return case
