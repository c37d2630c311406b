"""The report for programs: its keys and their types are a promise."""

import json
from typing import Any

import msgspec
import pytest

from cutaway.grade.reports.as_json import render
from tests.grade.reports import sample

OPTIONAL_NUMBER = (int, type(None))
MEASURED = (
    {
        "what": str,
        "mine": [float],
        "reference": [float],
        "ratio": float,
        "sure": bool,
        "sentence": str,
    },
    type(None),
)
CHECK: dict[str, Any] = {
    "topic": str,
    "verdict": {"pass", "fail", "inconclusive", "skipped"},
    "seed": int,
    "seconds": float,
    "stages": [
        {
            "name": str,
            "verdict": {"pass", "fail", "inconclusive", "skipped"},
            "seconds": float,
            "why": str,
            "cases": [
                {
                    "name": str,
                    "verdict": {"pass", "fail", "inconclusive", "skipped"},
                    "played": {"whole", "pieces", "merged"},
                    "rule": {"section": str, "level": str, "text": str},
                    "reached": [str],
                    "waited": float,
                    "why": str,
                    "measured": MEASURED,
                    "failure": (
                        {
                            "step": str,
                            "offset": OPTIONAL_NUMBER,
                            "expected": str,
                            "found": str,
                            "because": str,
                            "by_hand": str,
                            "where": str,
                            "dump": str,
                            "first": str,
                            "notes": [str],
                        },
                        type(None),
                    ),
                }
            ],
        }
    ],
    "scorecard": [
        {
            "axis": str,
            "verdict": {"pass", "fail", "inconclusive", "skipped"},
            "stages": int,
            "passed": int,
            "lacking": [str],
            "measured": MEASURED,
        }
    ],
}


def misfits(value: Any, schema: Any, at: str = "") -> list[str]:
    """Where a value is not as the schema says: a type, a set of values, a dict, a list, or any of."""
    match schema:
        case type():
            return [] if type(value) is schema else [f"{at}: {value!r} is no {schema.__name__}"]
        case set():
            return [] if value in schema else [f"{at}: {value!r}"]
        case tuple():
            tried = [misfits(value, one, at) for one in schema]
            return [] if [] in tried else tried[0]
        case [inner]:
            if not isinstance(value, list):
                return [f"{at}: {value!r} is no list"]
            return [m for i, item in enumerate(value) for m in misfits(item, inner, f"{at}[{i}]")]
        case dict():
            if not isinstance(value, dict) or value.keys() != schema.keys():
                return [f"{at}: other keys than {sorted(schema)}: {value!r}"]
            return [m for key in schema for m in misfits(value[key], schema[key], f"{at}.{key}")]
    raise AssertionError(schema)


@pytest.mark.parametrize(
    "result", [sample.RESULT, sample.ALL_PASS, sample.NOTHING_CHECKED, sample.hostile()]
)
def test_every_key_is_there_and_of_its_type(result: Any) -> None:
    assert misfits(json.loads(render(result)), CHECK) == []


def test_the_schema_notices_a_missing_key_and_a_wrong_type() -> None:
    good = json.loads(render(sample.RESULT))
    assert misfits({**good, "seed": "7"}, CHECK) == [".seed: '7' is no int"]
    del good["stages"][1]["cases"][1]["failure"]["by_hand"]
    assert misfits(good, CHECK)


def test_a_failure_is_told_whole() -> None:
    case = json.loads(render(sample.RESULT))["stages"][1]["cases"][2]
    assert case == {
        "name": "two requests in one write are two requests",
        "verdict": "fail",
        "played": "pieces",
        "rule": {
            "section": "RFC 9112 §9.3.2",
            "level": "MUST",
            "text": "answers are sent in the order of their requests",
        },
        "reached": ["connected", "sent", "answered", "framed"],
        "waited": 0.5,
        "why": "",
        "measured": None,
        "failure": {
            "step": "answered",
            "offset": None,
            "expected": "an answer",
            "found": "silence for 2.01 s",
            "because": "RFC 9112 §9.3.2: answers are sent in the order of their requests",
            "by_hand": sample.BY_HAND,
            "where": "",
            "dump": "",
            "first": "",
            "notes": list(sample.ONLY_IN_PIECES.notes),
        },
    }


def test_a_stage_that_was_not_tried_keeps_its_reason() -> None:
    assert json.loads(render(sample.RESULT))["stages"][2] == {
        "name": "http1/frames",
        "verdict": "skipped",
        "seconds": 0.0,
        "why": "needs the address of $FRAMES_PORT",
        "cases": [],
    }


def test_texts_come_back_as_they_were() -> None:
    text = "\x00\x1b[2J\x7f\x9b \u2028 é \U0001f600 </script>"
    assert json.loads(render(sample.hostile(text)))["topic"] == text


def test_a_lone_surrogate_is_replaced_since_strict_readers_refuse_it() -> None:
    text = render(sample.hostile("a\ud800b\udfffc"))
    assert msgspec.json.decode(text)["topic"] == "a\ufffdb\ufffdc"


def test_the_text_is_ascii_and_one_object() -> None:
    text = render(sample.RESULT)
    assert text.isascii()
    assert text.startswith("{\n")
    assert text.endswith("\n}\n")
