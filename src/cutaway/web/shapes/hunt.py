"""Find the fault: what is known of a hunt, and what it was when it is over.

What would give the fault away is in `over` alone, which is there when the hunt is.

Left out: the machine meanwhile. It is shown as ever, and keeps the secret.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

HuntState = Literal["planting", "on", "over"]


class HuntPlace(Struct):
    """Where a fault can be: a part of the machine, or a wire of it. name: as it is answered."""

    name: str
    title: str
    kind: Literal["part", "wire"]


class HuntMark(Struct):
    """What was said to show it. shows: whether it does, when the hunt is over."""

    kind: Literal["message", "request"]
    id: str
    says: str
    shows: bool | None


class HuntLine(Struct):
    """Of the score."""

    says: str
    points: int


class HuntShown(Struct):
    """A message or a request that shows the fault, as the program found it."""

    kind: Literal["message", "request"]
    id: str
    wire: str
    says: str


class HuntOver(Struct):
    """What it was. place, cause: right. said_place, said_cause: empty where it was given up. stage:
    topic/slug of the one that catches it; empty for a wire."""

    points: int
    lines: list[HuntLine]
    place: str
    cause: str
    said_place: str
    said_cause: str
    sentence: str
    rule: str
    section: str
    diff: str
    stage: str
    showed: list[HuntShown]


class HuntNow(Struct):
    """began: on the clock of the machine. looks: messages opened, requests followed, orders given.
    hints: those that were asked for. of_hints: how many there are."""

    seed: int
    level: int
    state: HuntState
    began: float
    seconds: float
    looks: int
    hints: list[str]
    of_hints: int
    marks: list[HuntMark]
    causes: list[str]
    over: HuntOver | None


class HuntPast(Struct):
    """One that is over. began: seconds since 1970. name: of what it was about."""

    seed: int
    name: str
    began: float
    seconds: float
    hints: int
    looks: int
    points: int
    gave_up: bool


class HuntDesk(Struct):
    """levels: how many faults there are of each. open: the machine still has the fault of a hunt that
    is over."""

    now: HuntNow | None
    faulty: bool
    places: list[HuntPlace]
    levels: list[int]
    past: list[HuntPast]
    note: str
    free: int
    marks: int


class HuntStart(Struct):
    """seed: of one that is to be played again; null: any, of that level; 0 is all levels."""

    seed: int | None = None
    level: int = 0


class HuntMarking(Struct):
    """gone: take it back."""

    kind: Literal["message", "request"]
    id: str
    gone: bool = False


class HuntAnswer(Struct):
    place: str
    cause: str
