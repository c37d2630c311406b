"""What holds of every format: no failure without its words, no control sequence of a program."""

import json
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from cutaway.grade.reports import FORMATS
from cutaway.grade.verdict import CheckResult, StageResult, Verdict
from tests.grade.reports import sample

each_format = pytest.mark.parametrize("name", FORMATS)


def one_case(**changes: object) -> CheckResult:
    case = replace(sample.CLOSES_NOT, **changes)
    stage = StageResult(name="a/b", title="c", verdict=Verdict.FAIL, cases=(case,))
    return CheckResult(topic="a", seed=1, seconds=0.0, stages=(stage,))


def read(name: str, text: str) -> str:
    """The text as whoever reads that format sees it, on one line."""
    if name == "junit":
        tests = ElementTree.fromstring(text).iter("failure")
        text = "\n".join(test.text or "" for test in tests)
    elif name == "exercism":
        text = json.loads(text)["tests"][0]["message"]
    elif name == "github":
        text = text.replace("%0A", "\n").replace("%25", "%")
    return " ".join(text.split())


@pytest.mark.parametrize("name", sorted(FORMATS.keys() - {"json"}))
@pytest.mark.parametrize("word", ["expected", "found", "because", "by_hand"])
def test_a_failure_is_never_shown_without_its_four_words(name: str, word: str) -> None:
    """JSON has them as keys, which test_as_json.py holds."""
    mark = f"only {word} says this"
    failure = replace(sample.NOT_CLOSED, **{word: mark})
    shown = read(name, FORMATS[name](one_case(failure=failure)))
    assert f"{word.replace('_', ' ')} {mark}" in shown


@each_format
def test_a_case_that_failed_without_saying_why_cannot_be_shown(name: str) -> None:
    with pytest.raises(ValueError, match="failed without saying why"):
        FORMATS[name](one_case(failure=None))


@each_format
def test_a_stage_that_failed_without_a_case_cannot_be_shown(name: str) -> None:
    stage = StageResult(name="a/b", title="c", verdict=Verdict.FAIL)
    with pytest.raises(ValueError, match="failed without saying why"):
        FORMATS[name](CheckResult(topic="a", seed=1, seconds=0.0, stages=(stage,)))


@each_format
def test_what_a_program_printed_never_controls_a_terminal(name: str) -> None:
    text = FORMATS[name](sample.hostile())
    assert [c for c in text if not c.isprintable() and c != "\n"] == []
    text.encode()


@each_format
def test_the_same_result_gives_the_same_text(name: str) -> None:
    assert FORMATS[name](sample.RESULT) == FORMATS[name](sample.RESULT)


@each_format
def test_a_check_of_nothing_can_be_shown(name: str) -> None:
    assert FORMATS[name](CheckResult(topic="a", seed=1, seconds=0.0, stages=()))


@each_format
def test_any_character_can_be_shown(name: str) -> None:
    for point in [*range(0x100), 0x2028, 0x202E, 0xD800, 0xDFFF, 0xFEFF, 0xFFFF, 0x1F600]:
        text = FORMATS[name](sample.hostile(f"a{chr(point)}b"))
        text.encode()
        if name == "junit":
            ElementTree.fromstring(text)
        elif name in ("json", "exercism"):
            json.loads(text)
