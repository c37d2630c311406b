"""The picture as Vega-Lite: one description, drawn by the page, as PNG and as SVG.

    spec = chart(report)          a plain dict
    write(spec, Path("nagle.png"))      by vl-convert, without a browser

Medians with a label each, the lowest to the highest run as a line, every run as a dot, and what was
predicted laid over it: a shaded range, or the order that was said beside each label. Variants along
a line (`at`) are drawn as curves, one for each family.

Left out: colours as the only sign of anything; whoever does not see them reads the labels.
"""

from __future__ import annotations

import math
import textwrap
from pathlib import Path
from typing import Any

from .prediction import Ranking
from .report import Report
from .shapes import Figure
from .units import scale_of

INK, MUTED, BAR, SAID, BACK = "#1b1f24", "#5b6570", "#3f6fb5", "#d9822b", "#ffffff"
FONT = "DejaVu Sans, Liberation Sans, Helvetica, Arial, sans-serif"
WIDTH, ROW = 560, 46
SUBTITLE = 92  # characters that are as wide as the picture
FAMILIES = ("#3f6fb5", "#b5483f", "#4c8c4a", "#7a5aa6")
Spec = dict[str, Any]


def chart(report: Report) -> Spec:
    """A Vega-Lite specification, its data within it."""
    curve = any(variant.at is not None for variant in report.plan.variants)
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": BACK,
        "padding": 16,
        "title": _title(report),
        "width": WIDTH,
        **(_curves(report) if curve else _rows(report)),
        "config": {
            "font": FONT,
            "view": {"stroke": None},
            "axis": {
                "labelColor": INK,
                "titleColor": MUTED,
                "labelFontSize": 12,
                "titleFontSize": 12,
            },
        },
    }


def write(spec: Spec, file: Path) -> None:
    """As PNG or SVG, by the ending of the name. Raises OSError."""
    import vl_convert

    if file.suffix.lower() == ".svg":
        file.write_text(vl_convert.vegalite_to_svg(spec), encoding="utf-8")
    else:
        file.write_bytes(vl_convert.vegalite_to_png(spec, scale=2))


def _title(report: Report) -> Spec:
    changed = ", ".join(f"{name} = {value}" for name, value in report.changed.items())
    about = f"{report.lab.name}{' · ' + changed if changed else ''}"
    said = f"predicted, {report.result.confidence} % sure: {report.predicted}"
    lines = [f"{about} · {report.spread}", report.result.machine.line(), said, _found(report)]
    return {
        "text": report.lab.title,
        "subtitle": [part for line in lines for part in textwrap.wrap(line, SUBTITLE)],
        "anchor": "start",
        "frame": "group",
        "fontSize": 17,
        "color": INK,
        "subtitleColor": MUTED,
        "subtitleFontSize": 12,
        "subtitlePadding": 6,
        "offset": 18,
    }


def _found(report: Report) -> str:
    answer = report.answer
    if answer.right is None:
        return "the rows do not decide"
    return "the rows agree" if answer.right else f"the rows say: {answer.found}"


class _Scale:
    """The axis of what was measured, in the unit that its end has.

    more   what has to be on it too: what was predicted
    """

    def __init__(self, report: Report, *more: float) -> None:
        quantity = report.table.main
        bands = [b for v in report.labels if (b := report.table.band(v))]
        ends = [v for b in bands for v in (b.low, b.high)] + [v for v in more if math.isfinite(v)]
        self.log = report.lab.log and any(v > 0 for v in ends)
        self.quantity = quantity
        most = max(ends, default=1.0) or 1.0
        self.unit, self.size = scale_of(most) if quantity.unit == "s" else (quantity.unit, 1.0)
        if self.log:
            self.unit, self.size = quantity.unit, 1.0
            least = min(v for v in ends if v > 0)
            self.powers = range(math.floor(math.log10(least)), math.ceil(math.log10(most)) + 1)
            self.domain = [10.0 ** self.powers[0], 10.0 ** self.powers[-1]]
        else:
            self.domain = [0, most / self.size * 1.02]

    def of(self, value: float) -> float:
        return value / self.size

    def clipped(self, value: float) -> float:
        return max(self.domain[0], min(self.of(value), self.domain[1]))

    @property
    def title(self) -> str:
        if self.log:
            return f"{self.quantity.name}, logarithmic"
        named = self.unit in ("", self.quantity.name)
        return self.quantity.name if named else f"{self.quantity.name} ({self.unit})"

    def axis(self) -> Spec:
        scale: Spec = {"domain": self.domain, "nice": False}
        axis: Spec = {"grid": True, "gridColor": "#e6e9ec", "domain": False, "tickCount": 6}
        if self.log:
            scale["type"] = "log"
            shown = [self.quantity.shown(10.0**power) for power in self.powers]
            first = self.powers[0]
            axis["values"] = [10.0**power for power in self.powers]
            axis["labelExpr"] = f"{shown!r}[round(log(datum.value) / LN10) - ({first})]"
        return {"scale": scale, "axis": axis, "title": self.title, "type": "quantitative"}


def _rows(report: Report) -> Spec:
    """Variants from top to bottom."""
    mark = report.mark()
    scale = _Scale(report, *(mark[1:] if mark else ()))
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


def _medians(report: Report, scale: _Scale) -> list[Spec]:
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
    if not isinstance(report.plan.asks, Ranking):
        return ""
    said = report.result.predicted.split(",")
    known = [v for v in said if report.table.band(v)]
    found = sorted(known, key=lambda v: -_median(report, v))
    if variant not in known:
        return ""
    return f"place {found.index(variant) + 1}, you said {said.index(variant) + 1}"


def _median(report: Report, variant: str) -> float:
    band = report.table.band(variant)
    return band.median if band else 0.0


def _bar_layer(scale: _Scale, x: Spec, y: Spec) -> Spec:
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


def _runs_layer(report: Report, scale: _Scale, x: Spec, y: Spec) -> Spec:
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
    mark: tuple[Figure, float, float], report: Report, scale: _Scale, x: Spec, y: Spec
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


def _curves(report: Report) -> Spec:
    """Variants from left to right, a curve for each family, its name at its end."""
    scale = _Scale(report)
    rows = []
    for variant in report.plan.variants:
        if (band := report.table.band(variant.key)) and variant.at is not None:
            rows.append(
                {
                    "at": variant.at,
                    "family": variant.family,
                    "low": scale.of(band.low),
                    "median": scale.of(band.median),
                    "high": scale.of(band.high),
                    "text": report.table.shown(band),
                }
            )
    x: Spec = {
        "field": "at",
        "type": "quantitative",
        "title": report.plan.along or None,
        "axis": {"grid": False},
    }
    y = {"field": "median", **scale.axis()}
    families = list(dict.fromkeys(row["family"] for row in rows))
    colour: Spec = {
        "field": "family",
        "type": "nominal",
        "scale": {"domain": families, "range": list(FAMILIES[: len(families)])},
        "legend": {"title": None} if len(families) > 1 else None,
    }
    shared = {"x": x, "color": colour}
    return {
        "height": 320,
        "data": {"values": rows},
        "layer": [
            {"mark": {"type": "line", "point": True}, "encoding": {**shared, "y": y}},
            {
                "mark": {"type": "rule"},
                "encoding": {**shared, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
            },
            {
                "mark": {"type": "text", "dy": -12, "fontSize": 11},
                "encoding": {**shared, "y": y, "text": {"field": "text"}},
            },
        ],
    }
