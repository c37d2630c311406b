"""The latencies as a picture: `cutaway load … --plot FILE.png` or `.svg`.

    above   latency at each percentile, both axes logarithmic: a straight line is a thin tail, a wall
            is a server that stood still
    below   what the requests of each second met: p50, p99 and the longest, as steps of a second

Described as a Vega-Lite dict, drawn by vl-convert. What never ended is drawn at the top.

Left out: pictures of several runs beside each other.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from math import ceil, inf
from pathlib import Path
from typing import Any

from ..net.load import Latency, Moment, Result
from ..net.load.ledger import Row
from ..workshop.errors import Trouble

WIDTH, HEIGHT = 560, 220
MARKS = {
    1: "min",
    2: "p50",
    10: "p90",
    100: "p99",
    1000: "p99.9",
    10000: "p99.99",
    100000: "p99.999",
}
FINE = 8  # points for each factor of ten
TICKS = 12  # labelled seconds, at most about
SERIES = {"p50": "p50", "p99": "p99", "most": "longest"}


def draw(result: Result, file: Path) -> None:
    """Raises Trouble where it cannot be written."""
    import vl_convert

    spec = chart(result)
    if file.suffix.lower() == ".svg":
        octets = vl_convert.vegalite_to_svg(spec).encode()
    else:
        octets = vl_convert.vegalite_to_png(spec, scale=2)
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        beside.write_bytes(octets)
        os.replace(beside, file)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise Trouble(
            f"{file} cannot be written: {error.strerror}.", "Name another file."
        ) from None


def chart(result: Result) -> dict[str, Any]:
    """Vega-Lite."""
    curves = {"since the intended time": result.latency, "since it was sent": result.since_sent}
    points = [
        {"series": name, "place": place, "ms": ms}
        for name, latency in curves.items()
        for place, ms in curve(latency)
    ]
    lost = f" · {result.failed:,} failed" if result.failed else ""
    lost += f" · {result.unfinished:,} unfinished" if result.unfinished else ""
    subtitle = f"{result.plan} · {result.asked:,} asked · {result.answered:,} answered{lost}"
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "title": {"text": result.name, "subtitle": subtitle, "anchor": "start"},
        "background": "white",
        "vconcat": [
            panel(points, "place", "percentile", percentile_axis(), ""),
            stairs(result.rows),
        ],
        "resolve": {"scale": {"color": "independent"}},
    }


def stairs(rows: Sequence[Row]) -> dict[str, Any]:
    """A level as wide as its second: a line from dot to dot would show a short stop as a long one.

    A second without a figure is a gap.
    """
    data: list[dict[str, Any]] = []
    for key, name in SERIES.items():
        for row in rows:
            ms = finite(getattr(row, key))
            for at in (row.second, row.second + 1):  # where it begins and where it ends
                data.append({"second": at, "place": len(data), "series": name, "ms": ms})
    last = max((row.second + 1 for row in rows), default=1)
    axis = {"values": list(range(0, last + 1, ceil(last / TICKS))), "format": "d"}
    title = "seconds since the start, by when it was meant to be sent"
    drawn = panel(data, "second", title, axis, "linear")
    drawn["mark"] = {"type": "line", "strokeJoin": "miter"}
    drawn["encoding"]["order"] = {"field": "place", "type": "quantitative"}
    return drawn


def curve(latency: Latency) -> list[tuple[float, float]]:
    """(1 / the part that took longer, milliseconds), up to the last that means anything."""
    places: list[float] = []
    while (place := 10 ** (len(places) / FINE)) <= max(1, latency.count):
        places.append(place)
    percentiles = [max(100 - 100 / place, 1e-6) for place in places]
    found = [finite(moment) for moment in latency.at_each(percentiles)]
    return [(place, ms) for place, ms in zip(places, found, strict=True) if ms is not None]


def finite(moment: Moment | None) -> float | None:
    """In milliseconds; what never ends is left out of the curve, and said in the title."""
    if moment is None or moment.seconds == inf:
        return None
    return max(moment.seconds, 1e-6) * 1000


def percentile_axis() -> dict[str, Any]:
    names = " : ".join(f"datum.value == {at} ? '{name}'" for at, name in MARKS.items())
    return {"values": list(MARKS), "labelExpr": f"{names} : ''"}


def panel(
    data: list[dict[str, Any]], x: str, title: str, axis: dict[str, Any], scale: str
) -> dict[str, Any]:
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "data": {"values": data},
        "mark": {"type": "line", "point": {"size": 14}},
        "encoding": {
            "x": {
                "field": x,
                "type": "quantitative",
                "title": title,
                "scale": {"type": scale or "log"},
                "axis": axis,
            },
            "y": {
                "field": "ms",
                "type": "quantitative",
                "title": "milliseconds",
                "scale": {"type": "log"},
            },
            "color": {"field": "series", "type": "nominal", "title": None, "sort": None},
        },
    }
