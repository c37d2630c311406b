"""A result as one JSON object: what was predicted, every run, and what came of it.

    {"lab": "tcp/nagle", "settings": {…}, "prediction": {"said": "forty", "agreed": true, …},
     "rows": [{"variant": "two-writes", "run": 1, "values": {"time of an exchange": 0.044}}, …],
     "bands": […], "checks": […], "outcome": "as expected", "machine": {…}, …}

Times are in seconds. Left out: the picture; it can be drawn from the bands.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from ..lab.report import Report


def as_json(report: Report) -> str:
    return json.dumps(whole(report), ensure_ascii=False, indent=1) + "\n"


def whole(report: Report) -> dict[str, Any]:
    result, answer = report.result, report.answer
    return {
        "lab": result.lab,
        "settings": result.settings,
        "prediction": {
            "asked": report.plan.asks.ask,
            "said": result.predicted,
            "confidence": result.confidence,
            "agreed": answer.right,
            "found": answer.found,
            "drawn": result.drawn,
        },
        "saw": result.saw,
        "quantities": [asdict(quantity) for quantity in report.lab.quantities],
        "rows": [{**asdict(row), "run": row.run + 1} for row in report.table.rows],
        "spread": report.spread,
        "bands": list(_bands(report)),
        "checks": [
            {
                "name": check.name,
                "expects": check.expects,
                "outcome": str(judged.outcome),
                "sentence": judged.sentence,
            }
            for check, judged in report.judged
        ],
        "outcome": str(report.outcome),
        "explanation": list(map(str, report.explanation())),
        "doubts": report.doubts(),
        "ended": result.ended,
        "machine": asdict(result.machine),
        "began": result.began,
        "seconds": round(result.seconds, 3),
    }


def _bands(report: Report) -> list[dict[str, Any]]:
    return [
        {"variant": variant, "label": label, "quantity": quantity.name, **asdict(band)}
        for quantity in report.lab.quantities
        for variant, label in report.labels.items()
        if (band := report.table.band(variant, quantity.name))
    ]
