"""A curve that was drawn before anything ran, and how it lies beside the rows.

    read("lru-100=20,lru-10000=80 %", plan, hit_ratio)    {"lru-100": 20.0, "lru-10000": 80.0}

    LRU: 3 of the 4 steps along your curve go as the rows go. It is furthest from them at
    LRU, 100 entries: you drew 20 %, they say 31 %.

What counts is the shape: whether the curve rises where the rows rise. So each step from one point
to the next is compared, and a step of the rows counts only where the bands of its ends do not
overlap. Points may be left out; between two of them the line is straight.

Left out: a verdict. Whether the prediction holds, the question says that was asked in words.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise

from .lab import Plan, Variant
from .table import Band, Quantity, Table
from .units import Unreadable
from .units import read as number

MOST = 1e15


def places(plan: Plan) -> dict[str, list[Variant]]:
    """Family → its variants along the line; nothing where none lie along one."""
    found: dict[str, list[Variant]] = {}
    for variant in plan.variants:
        if variant.at is not None:
            found.setdefault(variant.family, []).append(variant)
    return {family: sorted(those, key=_at) for family, those in found.items()}


def _at(variant: Variant) -> float:
    return variant.at or 0.0


def by_factors(plan: Plan) -> bool:
    """Whether the line goes up by factors, and is drawn so."""
    known = sorted({v.at for v in plan.variants if v.at is not None})
    return bool(known) and known[0] > 0 and known[-1] >= 16 * known[0]


def read(text: str, plan: Plan, quantity: Quantity) -> dict[str, float]:
    """Points as a person writes them: VARIANT=VALUE, … Raises Unreadable."""
    points: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        key, equals, value = part.rpartition("=")
        if not equals:
            raise Unreadable(f"{part!r} is no point; write it as VARIANT=VALUE.")
        points[key.strip()] = number(value, quantity.unit, bare=True)
    return checked(points, plan)


def checked(points: Mapping[str, float], plan: Plan) -> dict[str, float]:
    """The same points, in the order of the variants. Raises Unreadable."""
    known = [v.key for those in places(plan).values() for v in those]
    for key, value in points.items():
        if key not in known:
            there = f"there are {', '.join(known)}" if known else "this lab has no curve"
            raise Unreadable(f"There is no point {key!r} to draw; {there}.")
        if not 0 <= value <= MOST:  # neither is what is no number
            raise Unreadable(f"{key} cannot be drawn at {value}.")
    return {key: float(points[key]) for key in known if key in points}


def told(points: Mapping[str, float], plan: Plan, table: Table, log: bool) -> list[str]:
    """A sentence or two for each curve of which at least two points were drawn and measured."""
    said = []
    for family, those in places(plan).items():
        known = [
            (v, points[v.key], band)
            for v in those
            if v.key in points and (band := table.sure(v.key))
        ]
        if len(known) > 1:
            start = f"{family}: " if family else ""
            said.append(f"{start}{_steps(known)} {_furthest(known, table, log)}")
    return said


Point = tuple[Variant, float, Band]


def _steps(known: list[Point]) -> str:
    agreeing = sum(
        _way(here[1], there[1]) == _way_of(here[2], there[2]) for here, there in pairwise(known)
    )
    steps = len(known) - 1
    if steps == 1:
        return f"your curve {'goes' if agreeing else 'does not go'} as the rows go."
    many = f"all {steps}" if agreeing == steps else f"{agreeing} of the {steps}"
    return f"{many} steps along your curve {'goes' if agreeing == 1 else 'go'} as the rows go."


def _way(here: float, there: float) -> int:
    """Up, level or down; what is drawn by hand is level within a twentieth."""
    if math.isclose(here, there, rel_tol=0.05):
        return 0
    return 1 if there > here else -1


def _way_of(here: Band, there: Band) -> int:
    if here.below(there) or there.below(here):
        return _way(here.median, there.median)
    return 0


def _furthest(known: list[Point], table: Table, log: bool) -> str:
    variant, drawn, band = max(known, key=lambda point: _distance(point[1], point[2], log))
    if band.low <= drawn <= band.high:
        return "It lies within the runs at each point."
    shown = table.main.shown
    return (
        f"It is furthest from them at {variant.label}: you drew {shown(drawn)},"
        f" they say {shown(band.median)}."
    )


def _distance(drawn: float, band: Band, log: bool) -> float:
    if band.low <= drawn <= band.high:
        return 0.0
    if not log:
        return abs(drawn - band.median)
    if not drawn or not band.median:
        return math.inf
    return abs(math.log(drawn / band.median))
