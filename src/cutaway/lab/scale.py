"""The axis of a chart, and its colours.

    scale = Scale(report, 0.02, 0.1)     an axis that has what was measured and these two on it
    scale.of(0.044)                      44.0, where the axis is in milliseconds

Times are drawn in the unit of the longest; on a logarithmic axis each power of ten has its own.

Left out: what is drawn along it.
"""

from __future__ import annotations

import math
from typing import Any

from .report import Report
from .units import scale_of

INK, MUTED, BAR, SAID, BACK = "#1b1f24", "#5b6570", "#3f6fb5", "#d9822b", "#ffffff"
GRID, SHADE = "#e6e9ec", "#eceff2"
FAMILIES = (BAR, "#b5483f", "#4c8c4a", "#7a5aa6", "#b07d1f", MUTED)
NAMED = {  # for whoever draws the same in other colours
    **{colour: f"family-{number}" for number, colour in enumerate(FAMILIES, 1)},
    INK: "ink",
    MUTED: "soft",
    SAID: "said",
    BACK: "back",
    GRID: "grid",
    SHADE: "shade",
}
Spec = dict[str, Any]


class Scale:
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
        axis: Spec = {"grid": True, "gridColor": GRID, "domain": False, "tickCount": 6}
        if self.log:
            scale["type"] = "log"
            shown = [self.quantity.shown(10.0**power) for power in self.powers]
            first = self.powers[0]
            axis["values"] = [10.0**power for power in self.powers]
            axis["labelExpr"] = f"{shown!r}[round(log(datum.value) / LN10) - ({first})]"
        return {"scale": scale, "axis": axis, "title": self.title, "type": "quantitative"}
