"""What a stage asks, case by case: its steps as phrases, and how each case is played.

    steps(case)           ['send "hel"', 'send "lo\\n"', 'expect text=b"hello"']
    played(stage, case)   ["whole", "in pieces"]
    rules_of(stage)       each rule once, in the order of the cases

Left out: whether anything passes. That is a check's to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..grade.player import ways_of
from ..grade.reports.text import escaped
from ..grade.verdict import Rule, Way

if TYPE_CHECKING:
    from ..grade.stage import Case, Stage

PLAYED = {
    Way.WHOLE: "whole",
    Way.PIECES: "in pieces",
    Way.MERGED: "in one write with its neighbour",
}
STEPS, LONG = 12, 160  # steps of a case shown, and characters of one


def steps(case: Case) -> list[str]:
    """At most STEPS, and how many more there are."""
    said = [_cut(escaped(step.sketch())) for step in case.steps]
    return said[:STEPS] + ([f"{len(said) - STEPS} more steps"] if len(said) > STEPS else [])


def played(stage: Stage, case: Case) -> Iterator[str]:
    yield from (PLAYED[way] for way in ways_of(stage, case))
    if case.alone:
        yield "with a start of the program of its own"
    for name, value in case.environment.items():
        yield f"{name}={value}"
    if case.files:
        yield f"$DATA_DIR holds {_some([escaped(name) for name in case.files])}"
    if case.links:
        yield f"and the links {_some([escaped(name) for name in case.links])}"
    if case.owns_time:
        yield f"lasts {case.owns_time:g} s"


def rules_of(stage: Stage) -> list[Rule]:
    return list(dict.fromkeys(case.rule for case in stage.cases))


def listeners(stage: Stage) -> list[str]:
    """Variables that name a port that the program listens on."""
    return [f"${name}" for name in dict.fromkeys([*stage.ports, stage.port])]


def _some(names: list[str], most: int = 4) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _cut(text: str) -> str:
    return text if len(text) <= LONG else text[: LONG - 1] + "…"
