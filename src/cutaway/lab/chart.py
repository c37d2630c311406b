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
from pathlib import Path
from typing import Any

from .prediction import Ranking
from .report import Report
from .units import scale_of

INK, MUTED, BAR, SAID, BACK = "#1b1f24", "#5b6570", "#3f6fb5", "#d9822b", "#ffffff"
FONT = "DejaVu Sans, Liberation Sans, Helvetica, Arial, sans-serif"
WIDTH, ROW = 560, 46
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
    return {
        "text": report.lab.title,
        "subtitle": [f"{about} · {report.spread}", report.result.machine.line(), said],
        "anchor": "start",
        "frame": "group",
        "fontSize": 17,
        "color": INK,
        "subtitleColor": MUTED,
        "subtitleFontSize": 12,
        "subtitlePadding": 6,
        "offset": 18,
    }


class _Scale:
    """The unit of the axis: times are drawn in the unit of the longest one."""

    def __init__(self, report: Report) -> None:
        quantity = report.table.main
        bands = [b for v in report.labels if (b := report.table.band(v))]
        self.most = max((band.high for band in bands), default=1.0)
        self.least = min((band.low for band in bands if band.low > 0), default=1.0)
        self.unit, self.size = scale_of(self.most) if quantity.unit == "s" else (quantity.unit, 1.0)
        self.log = report.lab.log
        self.title = f"{quantity.name} ({self.unit})" if self.unit else quantity.name
        if self.log:
            self.title += ", logarithmic"

    def of(self, value: float) -> float:
        return value / self.size

    def domain(self, *more: float) -> list[float]:
        top = max([self.most, *(v for v in more if math.isfinite(v))])
        if not self.log:
            return [0, self.of(top) * 1.02]
        bottom = min([self.least, *(v for v in more if v > 0)])
        return [
            10 ** math.floor(math.log10(self.of(bottom))),
            10 ** math.ceil(math.log10(self.of(top)) + 0.001),
        ]

    def axis(self, domain: list[float]) -> Spec:
        scale: Spec = {"domain": domain, "nice": False}
        axis: Spec = {"grid": True, "gridColor": "#e6e9ec", "domain": False, "tickCount": 6}
        if self.log:
            scale["type"] = "log"
            axis["labelExpr"] = "format(datum.value, '~r')"
            axis["values"] = [
                10.0**power
                for power in range(round(math.log10(domain[0])), round(math.log10(domain[1])) + 1)
            ]
        return {"scale": scale, "axis": axis, "title": self.title, "type": "quantitative"}


def _rows(report: Report) -> Spec:
    """Variants from top to bottom."""
    scale = _Scale(report)
    mark = report.plan.asks.mark(report.result.predicted)
    if mark and mark[0].quantity not in ("", report.table.main.name):
        mark = None
    finite = [v for v in mark[1:] if math.isfinite(v)] if mark else []
    domain = scale.domain(*finite)
    x = {"field": "median", **scale.axis(domain)}
    y: Spec = {
        "field": "label",
        "type": "nominal",
        "sort": None,
        "scale": {"domain": list(report.labels.values())},
        "title": None,
        "axis": {"ticks": False, "domain": False, "labelLimit": 260, "labelPadding": 8},
    }
    layers = [_bar_layer(scale, x, y, domain), *_marks(x, y)]
    if mark:
        layers = [_said_range(mark, report, scale, domain, x, y), *layers]
    return {
        "height": {"step": ROW},
        "data": {"values": _medians(report, scale)},
        "layer": [*layers, _runs_layer(report, scale, x, y)],
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
                    "text": report.table.shown(band) + _rank(report, variant),
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
    return f"   place {found.index(variant) + 1}, you said {said.index(variant) + 1}"


def _median(report: Report, variant: str) -> float:
    band = report.table.band(variant)
    return band.median if band else 0.0


def _bar_layer(scale: _Scale, x: Spec, y: Spec, domain: list[float]) -> Spec:
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
    mark: tuple[Any, float, float],
    report: Report,
    scale: _Scale,
    domain: list[float],
    x: Spec,
    y: Spec,
) -> Spec:
    """What was predicted: a range behind the row that it is about, or a line for a number."""
    figure, low, high = mark
    left = max(domain[0], min(scale.of(low), domain[1]))
    right = min(domain[1], scale.of(high)) if math.isfinite(high) else domain[1]
    narrow = right - left < 0.004 * (domain[1] - domain[0]) if not scale.log else right == left
    row = {"label": report.labels[figure.variant], "from": left, "to": right, "text": "you said"}
    shape: Spec = (
        {"type": "tick", "thickness": 4, "height": {"band": 0.8}, "color": SAID}
        if narrow
        else {"type": "bar", "color": SAID, "opacity": 0.45, "height": {"band": 0.86}}
    )
    encoding: Spec = {"x": {**x, "field": "from"}, "y": y}
    if not narrow:
        encoding["x2"] = {"field": "to"}
    return {
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
    x: Spec = {"field": "at", "type": "quantitative", "title": None, "axis": {"grid": False}}
    y = {"field": "median", **scale.axis(scale.domain())}
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
