"""A hunt in the shapes that the page gets.

    now(machine, hunt, …)       HuntNow, which gives nothing away until it is over
    places(machine, cases)      where a fault can be: every slot, and every wire that is not sealed

Left out: when it may be asked. That is hunt.py.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Literal

from ..system.hunt import Case, Hunt, Mark
from ..system.machine import Machine
from ..workshop.hunts import Behind, Past
from .shapes import hunt as shapes


def now(
    machine: Machine, hunt: Hunt, planting: bool, behind: Behind | None, showed: Sequence[Mark]
) -> shapes.HuntNow:
    over = hunt.ended is not None and behind is not None
    until = hunt.ended if hunt.ended is not None else time.monotonic()
    return shapes.HuntNow(
        seed=hunt.seed,
        level=hunt.case.level,
        state="planting" if planting else "over" if over else "on",
        began=round(hunt.began - machine.started, 3),
        seconds=round(until - hunt.began, 3),
        looks=hunt.looks,
        hints=list(hunt.case.hints[: hunt.hints]),
        of_hints=len(hunt.case.hints),
        marks=[
            shapes.HuntMark(_kind(one), one.id, one.what, one.shows if over else None)
            for one in hunt.marks
        ],
        causes=hunt.causes,
        over=_over(hunt, behind, showed) if over and behind is not None else None,
    )


def _over(hunt: Hunt, behind: Behind, showed: Sequence[Mark]) -> shapes.HuntOver:
    score, said = hunt.score, hunt.answer
    return shapes.HuntOver(
        points=score.points,
        lines=[shapes.HuntLine(words, points) for words, points in score.lines],
        place=hunt.case.place,
        cause=hunt.case.cause,
        said_place=said.place if said else "",
        said_cause=said.cause if said else "",
        sentence=behind.sentence,
        rule=behind.rule,
        section=behind.section,
        diff=behind.diff,
        stage=behind.stage,
        showed=[
            shapes.HuntShown(_kind(one), one.id, one.id.split("/")[0], one.what) for one in showed
        ],
    )


def _kind(mark: Mark) -> Literal["message", "request"]:
    return "request" if mark.kind == "request" else "message"


def places(machine: Machine, cases: Sequence[Case]) -> list[shapes.HuntPlace]:
    parts = [
        shapes.HuntPlace(slot.name, slot.title, "part")
        for slot in machine.blueprint.slots
        if slot.topic
    ]
    wires = [
        shapes.HuntPlace(wire.name, f"{wire.source} to {wire.target}", "wire")
        for wire in machine.blueprint.wires
        if wire.name != machine.front
    ]
    return [*parts, *(wires if any(case.wire for case in cases) else [])]


def past(one: Past) -> shapes.HuntPast:
    return shapes.HuntPast(
        seed=one.seed,
        name=one.name,
        began=one.began,
        seconds=one.seconds,
        hints=one.hints,
        looks=one.looks,
        points=one.points,
        gave_up=not one.place,
    )
