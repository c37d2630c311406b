"""Topics made up for the tests, so that they do not depend on those that there are."""

import pytest

from cutaway.grade.verdict import CaseResult, CheckResult, Failure, Rule, StageResult, Verdict


@pytest.fixture
def result():
    """Make the result of a check: result("tcp/echo pass", "tcp/lines fail")."""
    rule = Rule("contract", "contract", "it works")
    failure = Failure(step="sent", expected="a", found="b", because="c", by_hand="d")

    def make(*stages: str, seed: int = 1) -> CheckResult:
        made = []
        for stage in stages:
            name, verdict = stage.split()
            fails = verdict == "fail"
            case = CaseResult(
                name="a case",
                rule=rule,
                verdict=Verdict(verdict),
                failure=failure if fails else None,
            )
            made.append(StageResult(name=name, title="t", verdict=Verdict(verdict), cases=(case,)))
        return CheckResult(topic="tcp", seed=seed, seconds=0.5, stages=tuple(made))

    return make
