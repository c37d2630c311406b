"""A chart of variants from top to bottom: bars, or dots where the scale is logarithmic.

    two writes   ░░░ you said ░░░          ● 44 ms
    one write    ─●─ 9 µs

The band of the runs is a line, every run a small dot. What was predicted lies behind its row as a
range, or across it as a stroke; an order that was predicted stands below each figure.

Left out: variants along a line. See chart_curves.py.
"""

from __future__ import annotations

from .report import Report
from .scale import BAR, INK, SAID, Scale, Spec
from .shapes import Figure

ROW = 46  # points


def rows(report: Report) -> Spec:
    """Variants from top to bottom."""
    mark = report.mark()
    scale = Scale(report, *(mark[1:] if mark else ()))
    x = {"field": "median", **scale.axis()}
    y: Spec = {
        "field": "label",
        "type": "nominal",
        "sort": None,
        "scale": {"domain": list(report.labels.values())},
        "title": None,
        "axis": {"ticks": False, "domain": False, "labelLimit": 260, "labelPadding": 8},
    }
    layers = [_bar_layer(scale, x, y), *_marks(x, y), _runs_layer(report, scale, x, y)]
    if mark:
        said, narrow = _said_range(mark, report, scale, x, y)
        layers = [*layers, said] if narrow else [said, *layers]
    return {
        "height": {"step": ROW},
        "data": {"values": _medians(report, scale)},
        "layer": layers,
    }


def _medians(report: Report, scale: Scale) -> list[Spec]:
    rows = []
    for variant, label in report.labels.items():
        if band := report.table.band(variant):
            rows.append(
                {
                    "label": label,
                    "low": scale.of(band.low),
                    "median": scale.of(band.median),
                    "high": scale.of(band.high),
                    "text": report.table.shown(band),
                    "rank": _rank(report, variant),
                }
            )
    return rows


def _rank(report: Report, variant: str) -> str:
    """Where the learner put it, for a prediction of the order."""
    if variant not in report.ranks:
        return ""
    said, found = report.ranks[variant]
    return f"place {found}, you said {said}"


def _bar_layer(scale: Scale, x: Spec, y: Spec) -> Spec:
    if scale.log:
        return {
            "mark": {"type": "point", "filled": True, "size": 130, "color": BAR},
            "encoding": {"x": x, "y": y},
        }
    return {
        "mark": {"type": "bar", "color": BAR, "height": {"band": 0.42}},
        "encoding": {"x": x, "y": y},
    }


def _marks(x: Spec, y: Spec) -> list[Spec]:
    """The band, and the label above its right end, where no bar covers it."""
    return [
        {
            "mark": {"type": "rule", "color": INK, "strokeWidth": 2},
            "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y},
        },
        {
            "mark": {
                "type": "text",
                "align": "left",
                "dx": 8,
                "color": INK,
                "fontSize": 13,
                "fontWeight": "bold",
            },
            "encoding": {"x": {**x, "field": "high"}, "y": y, "text": {"field": "text"}},
        },
        {
            "mark": {
                "type": "text",
                "align": "left",
                "dx": 8,
                "dy": 15,
                "color": SAID,
                "fontSize": 11,
            },
            "encoding": {"x": {**x, "field": "high"}, "y": y, "text": {"field": "rank"}},
        },
    ]


def _runs_layer(report: Report, scale: Scale, x: Spec, y: Spec) -> Spec:
    """Every run, as a small dot."""
    name = report.table.main.name
    values = [
        {"label": report.labels[row.variant], "value": scale.of(row.values[name])}
        for row in report.table.rows
        if row.variant in report.labels
    ]
    return {
        "data": {"values": values},
        "mark": {"type": "point", "filled": True, "size": 18, "color": INK, "opacity": 0.7},
        "encoding": {"x": {**x, "field": "value"}, "y": y},
    }


def _said_range(
    mark: tuple[Figure, float, float], report: Report, scale: Scale, x: Spec, y: Spec
) -> tuple[Spec, bool]:
    """What was predicted: a range behind the row that it is about, or a line across it.

    returns  the layer, and whether it is so narrow that it has to be in front
    """
    figure, low, high = mark
    left, right = scale.clipped(low), scale.clipped(high)
    narrow = right == left
    row = {"label": report.labels[figure.variant], "from": left, "to": right, "text": "you said"}
    shape: Spec = (
        {"type": "tick", "thickness": 4, "height": {"band": 0.8}, "color": SAID}
        if narrow
        else {"type": "bar", "color": SAID, "opacity": 0.4, "height": {"band": 0.86}}
    )
    encoding: Spec = {"x": {**x, "field": "from"}, "y": y}
    if not narrow:
        encoding["x2"] = {"field": "to"}
    layer = {
        "data": {"values": [row]},
        "layer": [
            {"mark": shape, "encoding": encoding},
            {
                "mark": {
                    "type": "text",
                    "align": "left",
                    "baseline": "bottom",
                    "dy": -ROW * 0.44,
                    "color": SAID,
                    "fontSize": 11,
                    "fontWeight": "bold",
                },
                "encoding": {"x": {**x, "field": "from"}, "y": y, "text": {"field": "text"}},
            },
        ],
    }
    return layer, narrow
