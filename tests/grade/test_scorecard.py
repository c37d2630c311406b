"""The scorecard: an axis is as full as its stages are passed, and a figure decides nothing."""

import json
from dataclasses import replace

import pytest

from cutaway.grade.reports import as_json, scorecard
from cutaway.grade.reports.terminal import Look
from cutaway.grade.scorecard import Axis, Measured, carded
from cutaway.grade.verdict import CaseResult, CheckResult, Rule, StageResult, Verdict
from tests.grade.reports import sample

PASS, FAIL, CANNOT, SKIPPED = (
    Verdict.PASS,
    Verdict.FAIL,
    Verdict.INCONCLUSIVE,
    Verdict.SKIPPED,
)
AXES = {"create": "correct", "list": "correct", "drain": "graceful", "pace": "fast"}
STEADY = Measured("reads a second", (900.0, 1000.0, 1100.0), (1000.0, 1000.0, 1000.0))
SHAKY = Measured("reads a second", (300.0, 1000.0), (1000.0, 1000.0))


def result(*verdicts: Verdict, measured: Measured | None = None) -> CheckResult:
    rule = Rule("contract", "contract", "it is so")
    stages = []
    for slug, verdict in zip(AXES, verdicts, strict=False):
        failure = sample.NOT_CLOSED if verdict is FAIL else None
        case = CaseResult(name="a", rule=rule, verdict=verdict, failure=failure, measured=measured)
        stages.append(StageResult(name=f"x/{slug}", title=slug, verdict=verdict, cases=(case,)))
    return CheckResult(topic="x", seed=1, seconds=0.0, stages=tuple(stages))


def test_an_axis_is_as_full_as_its_stages_are_passed() -> None:
    card = carded(result(PASS, FAIL, PASS, SKIPPED), AXES).card
    assert card == (
        Axis("correct", FAIL, 2, ("list",)),
        Axis("graceful", PASS, 1),
        Axis("fast", SKIPPED, 1, ("pace",)),
    )
    assert [axis.passed for axis in card] == [1, 1, 0]


@pytest.mark.parametrize(
    ("verdicts", "of_both"),
    [
        ((PASS, PASS), PASS),
        ((PASS, SKIPPED), SKIPPED),
        ((SKIPPED, CANNOT), CANNOT),
        ((CANNOT, FAIL), FAIL),
    ],
)
def test_the_worst_of_its_stages_speaks_for_an_axis(
    verdicts: tuple[Verdict, Verdict], of_both: Verdict
) -> None:
    assert carded(result(*verdicts, PASS, PASS), AXES).card[0].verdict is of_both


def test_there_is_no_card_where_not_all_stages_were_played_or_the_topic_has_none() -> None:
    some = result(PASS, PASS, PASS)
    assert carded(some, AXES) == some
    whole = result(PASS, PASS, PASS, PASS)
    assert carded(whole, {}) == whole
    assert scorecard.lines(whole) == []


def test_a_figure_changes_no_verdict() -> None:
    slow = Measured("reads a second", (1.0, 1.0), (1000.0, 1000.0))
    found = carded(result(PASS, PASS, PASS, PASS, measured=slow), AXES)
    assert found.verdict is PASS
    assert found.card[2] == Axis("fast", PASS, 1, (), slow)


def test_a_ratio_is_told_with_its_rounds() -> None:
    assert STEADY.sure
    assert STEADY.sentence == (
        "1.00 times as fast as the reference (0.90 to 1.10 in 3 rounds; 1000 reads a second,"
        " the reference 1000)"
    )


def test_rounds_that_lie_apart_allow_no_conclusion() -> None:
    assert not SHAKY.sure
    assert SHAKY.sentence.startswith("no conclusion: 0.30 to 1.00 times")


def test_the_card_as_a_person_sees_it() -> None:
    found = carded(result(PASS, FAIL, PASS, PASS, measured=STEADY), AXES)
    bare = replace(
        found, card=(found.card[0], replace(found.card[1], measured=None), found.card[2])
    )
    lines = scorecard.lines(replace(bare, card=bare.card[1:]), Look(60))
    assert lines == [
        "scorecard",
        "  ✓ graceful  1 of 1 stage",
        "  ✓ fast      1 of 1 stage · 1.00 times as fast as the",
        "              reference (0.90 to 1.10 in 3 rounds; 1000",
        "              reads a second, the reference 1000)",
    ]
    assert scorecard.said(replace(bare.card[0], measured=None)) == "1 of 2 stages · not yet: list"


def test_the_card_as_programs_get_it() -> None:
    found = carded(result(PASS, PASS, PASS, PASS, measured=SHAKY), AXES)
    said = json.loads(as_json.render(found))
    assert said["scorecard"][2] == {
        "axis": "fast",
        "verdict": "pass",
        "stages": 1,
        "passed": 1,
        "lacking": [],
        "measured": {
            "what": "reads a second",
            "mine": [300.0, 1000.0],
            "reference": [1000.0, 1000.0],
            "ratio": 0.65,
            "sure": False,
            "sentence": SHAKY.sentence,
        },
    }
    assert said["stages"][0]["cases"][0]["measured"] == said["scorecard"][2]["measured"]
