"""The report for programs: one JSON object with everything that is known.

    {topic, verdict, seed, seconds, stages: [
      {name, verdict, seconds, why, cases: [
        {name, verdict, played, rule: {section, level, text}, reached, waited, why,
         measured: {what, mine, reference, ratio, sure, sentence} | null,
         failure: {step, offset, expected, found, because, by_hand, first, where, dump, notes} | null}]}],
     scorecard: [{axis, verdict, stages, passed, lacking, measured}]}

The scorecard is empty where the topic has none, and where not all of its stages were played.

Every key is always there. Texts are as they were found, control characters too, which JSON escapes;
a lone surrogate, which strict readers refuse, becomes U+FFFD. The output is ASCII, so it does not
matter how it is written.

Left out: titles of stages, and the time and number of plays of each case.
"""

from __future__ import annotations

import json
from typing import Any

from ..verdict import CaseResult, CheckResult, Failure, Rule, StageResult, Verdict
from . import scorecard
from .text import failure_of, stages_of

DIGITS = 6  # of a second: more is noise


def render(result: CheckResult) -> str:
    return written(as_object(result))


def written(value: Any) -> str:
    """A value as JSON text, in ASCII, with a line end."""
    return json.dumps(_sound(value), indent=2, allow_nan=False) + "\n"


def as_object(result: CheckResult) -> dict[str, Any]:
    return {
        "topic": result.topic,
        "verdict": result.verdict.value,
        "seed": result.seed,
        "seconds": round(result.seconds, DIGITS),
        "stages": [_stage(stage) for stage in stages_of(result)],
        "scorecard": scorecard.as_values(result),
    }


def _stage(stage: StageResult) -> dict[str, Any]:
    return {
        "name": stage.name,
        "verdict": stage.verdict.value,
        "seconds": round(stage.seconds, DIGITS),
        "why": stage.why,
        "cases": [_case(case) for case in stage.cases],
    }


def _case(case: CaseResult) -> dict[str, Any]:
    return {
        "name": case.name,
        "verdict": case.verdict.value,
        "played": case.played.value,
        "rule": _rule(case.rule),
        "reached": [str(step) for step in case.reached],
        "waited": round(case.waited, DIGITS),
        "why": case.why,
        "measured": scorecard.measured(case.measured),
        "failure": _failure(failure_of(case)) if case.verdict is Verdict.FAIL else None,
    }


def _rule(rule: Rule) -> dict[str, str]:
    return {"section": rule.section, "level": rule.level, "text": rule.text}


def _failure(failure: Failure) -> dict[str, Any]:
    return {
        "step": str(failure.step),
        "offset": failure.offset,
        "expected": failure.expected,
        "found": failure.found,
        "because": failure.because,
        "by_hand": failure.by_hand,
        "where": failure.where,
        "dump": failure.dump,
        "first": failure.first,
        "notes": list(failure.notes),
    }


def _sound(value: Any) -> Any:
    """The same value with every lone surrogate replaced."""
    match value:
        case str():
            # A pair of surrogates is one character written in halves; one alone is nothing.
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case list():
            return [_sound(item) for item in value]
        case dict():
            return {key: _sound(item) for key, item in value.items()}
        case _:
            return value
