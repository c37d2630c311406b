"""JUnit XML, which nearly every CI system shows.

    <testsuites name="http1" tests="5" failures="1" errors="0" skipped="0" time="0.2">
      <testsuite name="http1/pipelining" …>
        <testcase classname="http1/pipelining" name="close means close" time="0.04">
          <failure type="closed" message="close means close: expected …, found …">…</failure>

A stage is a suite, a case a test. A case that could not be checked is an <error>: the program is
not known to be right. One that was not tried is <skipped>. A stage without cases is one test, so
that its reason is seen. There is no schema of JUnit's own; these are the elements and attributes
that its readers agree on.

XML 1.0 has no way to write most control characters, so texts are escaped as on a terminal. The
output is ASCII: what is not becomes a character reference.

Left out: timestamp and host name. A report is a function of its result and knows neither.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..verdict import CaseResult, CheckResult, StageResult, Verdict
from .terminal import case_report
from .text import cases_of, escaped, failure_of, reason, stages_of, with_verdict

ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


def render(result: CheckResult) -> str:
    cases = [case for stage in stages_of(result) for case in cases_of(stage)]
    head = _attributes(name=result.topic, time=_time(result.seconds), **_counts(cases))
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<testsuites {head}>",
        *(line for stage in result.stages for line in _suite(stage, result.seed)),
        "</testsuites>",
    ]
    return "\n".join(lines).encode("ascii", "xmlcharrefreplace").decode("ascii") + "\n"


def _suite(stage: StageResult, seed: int) -> list[str]:
    cases = cases_of(stage)
    head = _attributes(name=stage.name, time=_time(stage.seconds), **_counts(cases))
    return [
        f"  <testsuite {head}>",
        f"    <properties><property {_attributes(name='seed', value=str(seed))}/></properties>",
        *(f"    {_test(stage, case)}" for case in cases),
        "  </testsuite>",
    ]


def _counts(cases: Sequence[CaseResult]) -> dict[str, str]:
    return {
        "tests": str(len(cases)),
        "failures": str(len(with_verdict(cases, Verdict.FAIL))),
        "errors": str(len(with_verdict(cases, Verdict.INCONCLUSIVE))),
        "skipped": str(len(with_verdict(cases, Verdict.SKIPPED))),
    }


def _test(stage: StageResult, case: CaseResult) -> str:
    head = _attributes(classname=stage.name, name=case.name, time=_time(case.seconds))
    return f"<testcase {head}>{_outcome(stage, case)}</testcase>"


def _outcome(stage: StageResult, case: CaseResult) -> str:
    match case.verdict:
        case Verdict.FAIL:
            failure = failure_of(case)
            fact = f"expected {failure.expected}, found {failure.found}"
            message = f"{case.name}: {fact}"
            head = _attributes(type=failure.step, message=message)
            return f"<failure {head}>{_text(case_report(stage, case))}</failure>"
        case Verdict.INCONCLUSIVE:
            return f"<error {_attributes(type=case.verdict.value, message=reason(case.why))}/>"
        case Verdict.SKIPPED:
            return f"<skipped {_attributes(message=reason(case.why))}/>"
        case _:
            return ""


def _attributes(**values: str) -> str:
    return " ".join(f'{name}="{_text(escaped(value))}"' for name, value in values.items())


def _text(text: str) -> str:
    """Character data. What is printable is legal in XML 1.0, and so is a line end."""
    return "".join(ENTITIES.get(character, character) for character in text)


def _time(seconds: float) -> str:
    return f"{seconds:.3f}"
