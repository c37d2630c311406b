"""results.json version 3, as Exercism's site reads it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from cutaway.grade.reports.exercism import render
from cutaway.grade.verdict import CaseResult, CheckResult, StageResult, worst
from tests.grade.reports import sample


def results(result: CheckResult) -> Any:
    return json.loads(render(result))


def result_of(*cases: CaseResult) -> CheckResult:
    verdict = worst(case.verdict for case in cases)
    stage = StageResult(name="a/b", title="c", verdict=verdict, cases=cases)
    return CheckResult(topic="a", seed=1, seconds=0.0, stages=(stage,))


def test_what_passes_shows_the_rule_that_holds() -> None:
    assert results(sample.ALL_PASS) == {
        "version": 3,
        "status": "pass",
        "message": None,
        "tests": [
            {
                "name": "the first line is read: a target is read",
                "status": "pass",
                "message": None,
                "output": None,
                "test_code": "RFC 9112 §9.3.2: answers are sent in the order of their requests",
                "task_id": 1,
            }
        ],
    }


def test_what_fails_shows_the_report_the_command_and_what_was_printed() -> None:
    test = results(sample.RESULT)["tests"][3]
    assert test["message"].startswith("  expected  an answer\n  found     silence for 2.01 s\n")
    assert {**test, "message": ""} == {
        "name": "one connection, many requests: two requests in one write are two requests",
        "status": "fail",
        "message": "",
        "output": "listening\n    bye",
        "test_code": sample.BY_HAND,
        "task_id": 2,
    }


def test_tests_stand_in_their_order_and_what_was_not_tried_is_not_listed() -> None:
    tests = results(sample.RESULT)["tests"]
    assert [(t["task_id"], t["status"]) for t in tests] == [
        (1, "pass"),
        (2, "pass"),
        (2, "fail"),
        (2, "fail"),
        (2, "error"),
    ]


SKIPPED = sample.PASSES.cases[1]
PASSED = sample.PASSES.cases[0]


@pytest.mark.parametrize(
    ("cases", "status", "message"),
    [
        ([PASSED], "pass", None),
        ([PASSED, SKIPPED], "pass", None),
        ([PASSED, sample.CANNOT_TELL], "fail", None),
        ([PASSED, sample.CLOSES_NOT], "fail", None),
        ([sample.CLOSES_NOT], "fail", None),
        ([sample.CANNOT_TELL], "error", sample.CANNOT_TELL.why),
        ([SKIPPED], "error", SKIPPED.why),
        ([sample.CANNOT_TELL, SKIPPED], "error", f"{sample.CANNOT_TELL.why}\n{SKIPPED.why}"),
    ],
)
def test_the_status_is_an_error_only_where_no_test_told_anything(
    cases: list[CaseResult], status: str, message: str | None
) -> None:
    found = results(result_of(*cases))
    assert (found["status"], found["message"]) == (status, message)


@pytest.mark.parametrize("length", [0, 1, 499, 500, 501, 100_000])
def test_output_is_at_most_500_characters_and_says_when_it_was_cut(length: int) -> None:
    failure = replace(sample.ONLY_IN_PIECES, notes=(f"the program printed: {'é' * length}",))
    found = results(result_of(replace(sample.STOPS_IN_PIECES, failure=failure)))
    output = found["tests"][0]["output"]
    if length <= 500:
        assert (output or "") == "é" * length
    else:
        assert len(output) == 500
        assert output.startswith("Output was truncated. Please limit to 500 chars\né")


def test_a_message_is_at_most_65535_octets() -> None:
    failure = replace(sample.NOT_CLOSED, found="é" * 100_000)
    found = results(result_of(replace(sample.CLOSES_NOT, failure=failure)))
    assert len(found["tests"][0]["message"].encode()) <= 65_535
