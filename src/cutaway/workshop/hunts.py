"""Hunts for a hidden fault: which there are for this machine, what lies behind one, and past ones.

    cases_for(blueprint)         those whose slot, wire and fault are there
    behind(case, blueprint)      Behind(sentence, rule, section, diff, topic): told when it is over
    past = Hunts(progress)
    past.keep(hunt, began, points) · past.latest()

The rule that a planted fault breaks is that of the case of a stage which catches it, so that it is
written once.

Left out: the hunt itself. That is system/hunt.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..system.blueprint import Blueprint
from ..system.hunt import Case, Hunt, read
from ..topics import planted
from . import catalog
from .progress import Progress

KEPT = 200
SHOWN = 30


@dataclass(frozen=True, slots=True)
class Behind:
    """sentence: what was wrong. rule: what it breaks, with its section. diff: "" for a wire. stage:
    that catches it, as topic/slug."""

    sentence: str
    rule: str
    section: str
    diff: str
    stage: str


@dataclass(frozen=True, slots=True)
class Past:
    seed: int
    name: str
    began: float
    seconds: float
    place: str
    cause: str
    hints: int
    looks: int
    points: int


def cases_for(blueprint: Blueprint) -> tuple[Case, ...]:
    """What can be hidden in it."""
    topics = {slot.name: slot.topic for slot in blueprint.slots if slot.topic}
    wires = {wire.name for wire in blueprint.wires}
    known = {topic: {f.name for f in catalog.faults(topic)} for topic in set(topics.values())}
    return tuple(
        case
        for case in read()
        if case.wire in wires or (case.slot in topics and case.fault in known[topics[case.slot]])
    )


def behind(case: Case, blueprint: Blueprint) -> Behind:
    if case.wire:
        said = f"{case.wire} had the order {', '.join(case.orders)}."
        return Behind(said, case.rule, case.section, "", "")
    topic = blueprint.slot(case.slot).topic
    fault = planted.named(topic, case.fault)
    stage = catalog.stage(fault.stage)
    hit = [one for one in stage.cases if fault.case_hint and fault.case_hint in one.name]
    rule = (hit or list(stage.cases))[0].rule
    text, section = (case.rule, case.section) if case.rule else (rule.text, rule.section)
    return Behind(fault.sentence, text, section, planted.diff(fault), fault.stage)


class Hunts:
    def __init__(self, progress: Progress) -> None:
        self.progress = progress

    def keep(self, hunt: Hunt, began: float) -> None:
        """began: seconds since 1970."""
        said = hunt.answer
        self.progress.write(
            (
                "INSERT INTO hunt (seed, name, began, seconds, place, cause, hints, looks, points)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    hunt.seed,
                    hunt.case.name,
                    began,
                    (hunt.ended or hunt.began) - hunt.began,
                    said.place if said else "",
                    said.cause if said else "",
                    hunt.hints,
                    hunt.looks,
                    hunt.score.points,
                ),
            ),
            (
                "DELETE FROM hunt WHERE id <= (SELECT id FROM hunt ORDER BY id DESC LIMIT 1 OFFSET ?)",
                (KEPT,),
            ),
        )

    def latest(self) -> Sequence[Past]:
        """The latest first."""
        rows = self.progress.rows(
            "SELECT seed, name, began, seconds, place, cause, hints, looks, points FROM hunt"
            " ORDER BY id DESC LIMIT ?",
            (SHOWN,),
        )
        return [Past(*row) for row in rows]
