"""The picture as Vega-Lite: one description, drawn by the page, as PNG and as SVG.

    spec = chart(report)          a plain dict
    write(spec, Path("nagle.png"))      by vl-convert, without a browser

Medians with a label each, the lowest to the highest run as a line, every run as a dot, and what was
predicted laid over it: a shaded range, or the order that was said beside each label. Variants along
a line (`at`) are drawn as curves, one for each family.

Left out: colours as the only sign of anything; whoever does not see them reads the labels.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

from .chart_curves import curves
from .chart_rows import rows
from .report import Report
from .scale import BACK, INK, MUTED, Spec

FONT = "DejaVu Sans, Liberation Sans, Helvetica, Arial, sans-serif"
WIDTH = 560
SUBTITLE = 92  # characters that are as wide as the picture


def chart(report: Report) -> Spec:
    """A Vega-Lite specification, its data within it."""
    curve = any(variant.at is not None for variant in report.plan.variants)
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": BACK,
        "padding": 16,
        "title": _title(report),
        "width": WIDTH,
        **(curves(report) if curve else rows(report)),
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
