"""The result of `cutaway load --json`: one object, times in seconds.

    {"load": "GET http://127.0.0.1:8080/", "verdict": "pass", "asked": 10000, "answered": 9980, …
     "latency": {"p50": {"seconds": 0.0002, "at_least": false}, …},
     "rows": [{"second": 0, "asked": 1000, …}], "generator": {"kept_up": true, …}}

A latency that never ended has "seconds": null. asked = answered + failed + unfinished, always.

Left out: histograms. Percentiles of several runs cannot be joined, and should not be.
"""

from __future__ import annotations

from dataclasses import asdict
from math import inf
from typing import Any

from ..net.load import Latency, Moment, Result
from ..wire import quoted

PERCENTILES = (50, 75, 90, 95, 99, 99.9, 99.99, 100)


def as_json(result: Result) -> dict[str, Any]:
    own, plan = result.own, result.plan
    return {
        "load": result.name,
        "verdict": verdict_of(result),
        "plan": {"seconds": plan.seconds, "requests": plan.requests, "seed": plan.seed,
                 "segments": [asdict(segment) for segment in plan.segments]},
        "stopped": result.stopped,
        "seconds": result.seconds,
        "asked": result.asked,
        "sent": result.sent,
        "answered": result.answered,
        "failed": result.failed,
        "unfinished": result.unfinished,
        "waited": result.waited,
        "rate": result.rate,
        "errors": dict(result.errors),
        "statuses": dict(result.statuses),
        "malformed_began": quoted(result.odd, 64) if result.odd else None,
        "latency": latency_of(result.latency),
        "good": latency_of(result.good),
        "since_sent": latency_of(result.since_sent),
        "connections": {"opened": result.opened, "most": result.most_connections,
                        "bound": result.bound},
        "rows": [_row(row._asdict()) for row in result.rows],
        "generator": {
            "kept_up": own.kept_up,
            "cause": own.cause,
            "sentence": own.sentence,
            "late": {"p50": own.late_p50, "p99": own.late_p99, "most": own.late_most},
            "share": own.share,
            "switches": own.switches,
        },
    }  # fmt: skip


def verdict_of(result: Result) -> str:
    if result.asked and not result.answered:
        return "fail"
    return "pass" if result.own.kept_up and not result.stopped else "inconclusive"


def latency_of(latency: Latency) -> dict[str, Any]:
    found = zip(PERCENTILES, latency.at_each(PERCENTILES), strict=True)
    return {"most" if p == 100 else f"p{p:g}": moment_of(m) for p, m in found}


def moment_of(moment: Moment | None) -> dict[str, Any] | None:
    if moment is None:
        return None
    seconds = None if moment.seconds == inf else moment.seconds
    return {"seconds": seconds, "at_least": moment.at_least}


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return row | {name: moment_of(row[name]) for name in ("p50", "p99", "most")}
