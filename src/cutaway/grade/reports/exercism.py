"""Exercism's results.json, version 3, so that a track of theirs can use these stages.

    {"version": 3, "status": "fail", "message": null, "tests": [
      {"name": "…", "status": "fail", "message": "…", "output": "…", "test_code": "…", "task_id": 4}]}

spec: exercism.org/docs/building/tooling/test-runners/interface

    status     pass; fail when a test failed or errored; error only when no test told anything
    message    at the top only with error, and of a test only when it did not pass
    output     what the program printed, 500 characters at most
    test_code  the command that does the same by hand, or the rule where nothing failed
    task_id    the number of the stage, counted from 1 in the order of this check

A case that could not be checked is an error. One that was not tried is no result and is not listed,
since there is no status for it. Task numbers are those of the exercise only when the check covers
all stages of the topic, as a test runner does.

Left out: shortening of paths in messages. A program is graded from outside: no path of ours is in it.
"""

from __future__ import annotations

from typing import Any

from ..verdict import CaseResult, CheckResult, StageResult, Verdict
from .as_json import written
from .terminal import body
from .text import cases_of, escaped, failure_of, printed_in, reason, stages_of

MESSAGE = 65_535  # octets: the limit is in characters, and lower where they have several
OUTPUT = 500  # characters
TRUNCATED = "Output was truncated. Please limit to 500 chars"
STATUS = {Verdict.PASS: "pass", Verdict.FAIL: "fail", Verdict.INCONCLUSIVE: "error"}


def render(result: CheckResult) -> str:
    tests = [
        _test(number, stage, case)
        for number, stage in enumerate(stages_of(result), 1)
        for case in cases_of(stage)
        if case.verdict in STATUS
    ]
    status = _status([test["status"] for test in tests])
    message = _why_nothing(result) if status == "error" else None
    return written({"version": 3, "status": status, "message": message, "tests": tests})


def _status(statuses: list[str]) -> str:
    if set(statuses) <= {"error"}:
        return "error"
    return "pass" if set(statuses) == {"pass"} else "fail"


def _why_nothing(result: CheckResult) -> str:
    """The reasons why no test told anything, each once."""
    cases = [case for stage in stages_of(result) for case in cases_of(stage)]
    reasons = dict.fromkeys(reason(case.why) for case in cases)
    return _limited("\n".join(reasons) or "no stage was asked for")


def _test(number: int, stage: StageResult, case: CaseResult) -> dict[str, Any]:
    message = output = None
    code = escaped(str(case.rule))
    if case.verdict is Verdict.FAIL:
        failure = failure_of(case)
        message = _limited(body(stage, case))
        output = _output(printed_in(failure)) or None
        code = escaped(failure.by_hand, keep="\n")
    elif case.verdict is Verdict.INCONCLUSIVE:
        message = _limited(f"could not be checked: {reason(case.why)}")
    return {
        "name": escaped(f"{stage.title}: {case.name}"),
        "status": STATUS[case.verdict],
        "message": message,
        "output": output,
        "test_code": code,
        "task_id": number,
    }


def _limited(text: str) -> str:
    return text.encode()[:MESSAGE].decode(errors="ignore")


def _output(printed: str) -> str:
    """The end of what the program printed: that is where it says why it stopped."""
    text = escaped(printed, keep="\n")
    if len(text) <= OUTPUT:
        return text
    return f"{TRUNCATED}\n{text[-(OUTPUT - len(TRUNCATED) - 1) :]}"
