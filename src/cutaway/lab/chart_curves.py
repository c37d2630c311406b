"""A chart of variants along a line: a curve for each family, its name at its end.

    ms │              ╱ other
       │         ╱
       │   ╱ ─── ─── ─── one
       ╰─────────────────── clients

A curve that was drawn ahead is a broken line in the colour of what was said.

Left out: variants that lie nowhere. See chart_rows.py.
"""

from __future__ import annotations

import math

from .drawn import by_factors, places
from .lab import Variant
from .report import Report
from .scale import FAMILIES, MUTED, SAID, SHADE, Scale, Spec
from .shapes import Figure

HEIGHT, NAME, TEXT = 320, 16, 13  # of the picture, of a line of names, of a figure


def curves(report: Report) -> Spec:
    """Variants from left to right, a curve for each family, its name at its end."""
    mark = report.mark()
    scale = Scale(report, *(mark[1:] if mark else ()), *report.result.drawn.values())
    rows = _legible([row for v in report.plan.variants if (row := _point(report, scale, v))], scale)
    y = {"field": "median", **scale.axis()}
    x, families = _along(report), list(dict.fromkeys(row["family"] for row in rows))
    colours: Spec = {"domain": families, "range": list(FAMILIES[: len(families)])}
    shared = {"x": x, "color": {"field": "family", "scale": colours, "legend": None}}
    band = {"y": {**y, "field": "low"}, "y2": {"field": "high"}}
    small: Spec = {"type": "text", "fontSize": 11, "dy": -10}
    figures = {**shared, "y": y, "text": {"field": "text"}}
    named: Spec = {"type": "text", "fontSize": 13, "fontWeight": "bold", "align": "left", "dx": 10}
    ends = [row for row in rows if row["last"]]
    return {
        "height": HEIGHT,
        "data": {"values": rows},
        "layer": [
            *_shade(report, x),
            {"mark": {"type": "line", "point": True}, "encoding": {**shared, "y": y}},
            {"mark": {"type": "rule", "strokeWidth": 2}, "encoding": {**shared, **band}},
            {
                "transform": [{"filter": "!datum.first"}],
                "mark": {**small, "align": "right", "dx": -6},
                "encoding": figures,
            },
            {
                "transform": [{"filter": "datum.first"}],
                "mark": {**small, "align": "left", "dx": 4},
                "encoding": figures,
            },
            *(
                {
                    "data": {"values": [row]},
                    "mark": {**named, "dy": lift},
                    "encoding": {**shared, "y": y, "text": {"field": "family"}},
                }
                for row, lift in _apart(ends, scale)
            ),
            *([_said_point(mark, report, scale, x, y)] if mark else []),
            *(
                _drawn(those, report, scale, x, y)
                for those in places(report.plan).values()
                if any(variant.key in report.result.drawn for variant in those)
            ),
        ],
    }


def _drawn(those: list[Variant], report: Report, scale: Scale, x: Spec, y: Spec) -> Spec:
    """The curve of one family as it was drawn ahead."""
    drawn = report.result.drawn
    points = [{"at": v.at, "to": scale.clipped(drawn[v.key])} for v in those if v.key in drawn]
    place = {"x": x, "y": {**y, "field": "to"}}
    first: Spec = {
        "type": "text",
        "align": "left",
        "dx": 8,
        "dy": 12,
        "color": SAID,
        "fontSize": 11,
    }
    label = {"text": {"value": f"you drew {those[0].family}".strip()}}
    line: Spec = {"type": "line", "color": SAID, "strokeDash": [6, 4], "strokeWidth": 2}
    return {
        "data": {"values": points},
        "layer": [
            {"mark": line, "encoding": place},
            {"mark": {"type": "point", "color": SAID, "filled": True}, "encoding": place},
            {
                "data": {"values": points[:1]},
                "mark": {**first, "fontWeight": "bold"},
                "encoding": {**place, **label},
            },
        ],
    }


def _height(value: float, scale: Scale) -> float:
    """How far from the top of the picture."""
    low, high = scale.domain
    part = (value - low) / (high - low)
    if scale.log:
        part = math.log(value / low) / math.log(high / low) if value > 0 else 0
    return HEIGHT * (1 - part)


def _legible(rows: list[Spec], scale: Scale) -> list[Spec]:
    """Of figures that would lie on each other only the uppermost is written."""
    above: dict[float, float] = {}  # place along the line → height of what is written there
    for row in sorted(rows, key=lambda row: -float(row["median"])):
        own = _height(row["median"], scale)
        if own - above.get(row["at"], -TEXT) < TEXT:
            row["text"] = ""
        else:
            above[row["at"]] = own
    return rows


def _apart(ends: list[Spec], scale: Scale) -> list[tuple[Spec, float]]:
    """Each end with how far its name is moved down, so that no two names lie on each other."""
    free: float = HEIGHT + NAME
    moved = []
    for row in sorted(ends, key=lambda row: float(row["median"])):
        own = _height(row["median"], scale)
        place = min(own, free - NAME)
        moved.append((row, place - own))
        free = place
    return moved


def _shade(report: Report, x: Spec) -> list[Spec]:
    """A part of the line in which something is otherwise, with its word at the top."""
    if report.plan.shaded is None:
        return []
    begin, end, word = report.plan.shaded
    data = {"values": [{"from": begin, "to": end, "middle": (begin + end) / 2, "word": word}]}
    across: Spec = {"x": {**x, "field": "from"}, "x2": {"field": "to"}}
    place: Spec = {"x": {**x, "field": "middle"}, "y": {"value": 0}, "text": {"field": "word"}}
    text: Spec = {"type": "text", "baseline": "bottom", "dy": -12, "color": MUTED, "fontSize": 11}
    return [
        {"data": data, "mark": {"type": "rect", "color": SHADE}, "encoding": across},
        {"data": data, "mark": text, "encoding": place},
    ]


def _point(report: Report, scale: Scale, variant: Variant) -> Spec | None:
    band = report.table.band(variant.key)
    if band is None or variant.at is None:
        return None
    family = [v.at for v in report.plan.variants if v.family == variant.family and v.at is not None]
    return {
        "at": variant.at,
        "family": variant.family,
        "low": scale.of(band.low),
        "median": scale.of(band.median),
        "high": scale.of(band.high),
        "text": report.table.shown(band),
        "first": variant.at == min(family),
        "last": variant.at == max(family),
    }


def _along(report: Report) -> Spec:
    """The axis of what the variants lie along; logarithmic where it goes up by factors."""
    ats = sorted({v.at for v in report.plan.variants if v.at is not None})
    factors = by_factors(report.plan)
    ends = [ats[0], ats[-1]] if factors else [0, ats[-1]]
    return {
        "field": "at",
        "type": "quantitative",
        "title": report.plan.along or None,
        "axis": {"grid": False, "values": ats, "format": "~s"},
        "scale": {"domain": ends, "nice": False, **({"type": "log"} if factors else {})},
    }


def _said_point(
    mark: tuple[Figure, float, float], report: Report, scale: Scale, x: Spec, y: Spec
) -> Spec:
    """What was predicted for one point: a range, or a short line."""
    figure, low, high = mark
    at = next(v.at for v in report.plan.variants if v.key == figure.variant)
    row: Spec = {"at": at, "from": scale.clipped(low), "to": scale.clipped(high)}
    row["text"] = f"you said {report.predicted}"
    place = {"x": x, "y": {**y, "field": "from"}}
    shape: Spec = (
        {"type": "tick", "orient": "horizontal", "thickness": 4, "size": 30, "color": SAID}
        if row["from"] == row["to"]
        else {"type": "bar", "width": 30, "color": SAID, "opacity": 0.4}
    )
    label: Spec = {"type": "text", "color": SAID, "fontSize": 11, "fontWeight": "bold"}
    return {
        "data": {"values": [row]},
        "layer": [
            {"mark": shape, "encoding": {**place, "y2": {"field": "to"}}},
            {
                "mark": {**label, "align": "right", "dx": -20},
                "encoding": {**place, "text": {"field": "text"}},
            },
        ],
    }
