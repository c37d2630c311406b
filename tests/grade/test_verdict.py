"""What came of a check, as data."""

from dataclasses import FrozenInstanceError
from itertools import permutations
from typing import Any

import pytest

from cutaway.grade.verdict import (
    CaseResult,
    CheckResult,
    Failure,
    Rule,
    StageResult,
    Verdict,
    Way,
    worst,
)

RULE = Rule("RFC 9112 §9.6", "MUST", "the server closes")
WORDS = {
    "step": "closed",
    "expected": "the end",
    "found": "43 more bytes",
    "because": "RFC 9112 §9.6: the server closes",
    "by_hand": "nc 127.0.0.1 8080",
}
PASS, FAIL, UNCLEAR, SKIPPED = (
    Verdict.PASS,
    Verdict.FAIL,
    Verdict.INCONCLUSIVE,
    Verdict.SKIPPED,
)


def case(verdict: Verdict, name: str = "a case") -> CaseResult:
    return CaseResult(name=name, rule=RULE, verdict=verdict)


def stage(verdict: Verdict, *cases: CaseResult) -> StageResult:
    return StageResult(name="a/b", title="c", verdict=verdict, cases=cases)


def test_a_failure_with_all_its_words_can_be_made() -> None:
    failure = Failure(**WORDS)
    assert (failure.where, failure.offset, failure.dump, failure.notes) == ("", None, "", ())


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("empty", ["", " ", "\n\t "])
def test_a_failure_without_one_of_its_words_cannot_be_made(word: str, empty: str) -> None:
    with pytest.raises(ValueError, match=f"a failure without {word} explains nothing"):
        Failure(**{**WORDS, word: empty})


@pytest.mark.parametrize("word", WORDS)
def test_a_failure_that_leaves_out_one_of_its_words_cannot_be_made(word: str) -> None:
    words: dict[str, Any] = {name: text for name, text in WORDS.items() if name != word}
    with pytest.raises(TypeError, match=word):
        Failure(**words)


def test_a_result_cannot_be_changed_afterwards() -> None:
    result = case(PASS)
    with pytest.raises(FrozenInstanceError):
        result.verdict = FAIL  # type: ignore[misc]


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ((), SKIPPED),
        ((SKIPPED,), SKIPPED),
        ((PASS,), PASS),
        ((PASS, SKIPPED), PASS),
        ((PASS, UNCLEAR), UNCLEAR),
        ((SKIPPED, UNCLEAR), UNCLEAR),
        ((UNCLEAR, FAIL), FAIL),
        ((PASS, SKIPPED, UNCLEAR, FAIL), FAIL),
    ],
)
def test_the_worst_verdict_counts_in_whatever_order(
    verdicts: tuple[Verdict, ...], expected: Verdict
) -> None:
    for order in permutations(verdicts):
        assert worst(iter(order)) is expected


def test_a_check_is_as_good_as_its_worst_stage() -> None:
    stages = (stage(PASS), stage(UNCLEAR), stage(SKIPPED))
    assert CheckResult(topic="a", seed=1, seconds=0.0, stages=stages).verdict is UNCLEAR


def test_a_check_of_no_stage_is_skipped() -> None:
    assert CheckResult(topic="a", seed=1, seconds=0.0, stages=()).verdict is SKIPPED


def test_a_stage_tells_its_failed_cases_in_order() -> None:
    cases = (case(FAIL, "one"), case(PASS), case(UNCLEAR), case(FAIL, "two"), case(SKIPPED))
    assert [c.name for c in stage(FAIL, *cases).failed] == ["one", "two"]


def test_a_rule_reads_as_section_and_sentence() -> None:
    assert str(RULE) == "RFC 9112 §9.6: the server closes"


def test_verdicts_and_ways_read_as_their_words() -> None:
    assert [str(v) for v in Verdict] == ["pass", "fail", "inconclusive", "skipped"]
    assert [str(w) for w in Way] == ["whole", "pieces", "merged"]
