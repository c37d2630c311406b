"""The scorecard as lines for a person, and as a value for programs.

    scorecard
      ✓ correct   9 of 9 stages
      ✗ graceful  2 of 3 stages · not yet: drain
      ✓ fast      1 of 1 stage · 0.93 times as fast as the reference (0.88 to 0.97 in 5 rounds; …)

Left out: what the axes mean. The stages say that.
"""

from __future__ import annotations

from typing import Any

from ..scorecard import Axis, Measured
from ..verdict import CheckResult
from .terminal import COLOURS, PLAIN, Look
from .text import SIGNS, counted, escaped

DIGITS = 3  # of a ratio


def lines(result: CheckResult, look: Look = PLAIN) -> list[str]:
    """Nothing where there is no scorecard."""
    if not result.card:
        return []
    width = max(len(axis.name) for axis in result.card)
    told = [look.paint("scorecard", "bold")]
    for axis in result.card:
        first, *more = look.wrapped(said(axis), width + 6)
        sign = look.paint(SIGNS[axis.verdict], COLOURS[axis.verdict])
        told.append(f"  {sign} {escaped(axis.name):<{width}}  {first}")
        told += [" " * (width + 6) + line for line in more]
    return told


def said(axis: Axis) -> str:
    parts = [f"{axis.passed} of {counted(axis.stages, 'stage')}"]
    if axis.lacking:
        parts.append(f"not yet: {', '.join(map(escaped, axis.lacking))}")
    if axis.measured:
        parts.append(axis.measured.sentence)
    return " · ".join(parts)


def as_values(result: CheckResult) -> list[dict[str, Any]]:
    return [
        {
            "axis": axis.name,
            "verdict": axis.verdict.value,
            "stages": axis.stages,
            "passed": axis.passed,
            "lacking": list(axis.lacking),
            "measured": measured(axis.measured),
        }
        for axis in result.card
    ]


def measured(found: Measured | None) -> dict[str, Any] | None:
    """sure: whether anything can be concluded from it."""
    if found is None:
        return None
    return {
        "what": found.what,
        "mine": [round(value, DIGITS) for value in found.mine],
        "reference": [round(value, DIGITS) for value in found.reference],
        "ratio": round(found.ratio, DIGITS),
        "sure": found.sure,
        "sentence": found.sentence,
    }
