"""The lessons are true where a machine can tell: what was made by a script is what it makes now.

The exchanges are had again with the reference, the code is quoted again, the drawings drawn again.
Measured figures are left; tests/tools/test_measures.py holds their shape.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.house.source import TOPICS, topics
from tools.lessons.__main__ import VERBS
from tools.lessons.blocks import BLOCK, Wrong, blocks, filled
from tools.lessons.exchange import as_sent, pieces
from tools.lessons.measures import MEASURES

LESSONS = {p.parent.name: p for p in sorted(TOPICS.glob("*/LESSON.md"))}
WIDTH = 96  # columns of what is not folded by a terminal: code, tables that were drawn
SCREEN = 360  # words that a learner reads at most before there is something to do
DOES = re.compile(r"\*\*(?:Try|Predict)\*\*")
HANDS_ON = {"Build it", "Left out"}  # sections that are themselves about what to do, or not

each_lesson = pytest.mark.parametrize("topic", LESSONS)


def text_of(topic: str) -> str:
    return LESSONS[topic].read_text(encoding="utf-8")


def prose(topic: str) -> str:
    """The lesson without code blocks, comments and tables."""
    text = re.sub(r"^```.*?^```$", "", text_of(topic), flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    return re.sub(r"^\|.*$", "", text, flags=re.MULTILINE)


def sections(topic: str) -> Iterator[tuple[str, str]]:
    """Heading and prose of each section."""
    parts = re.split(r"^## (.+)$", prose(topic), flags=re.MULTILINE)
    return zip(parts[1::2], parts[2::2], strict=True)


@each_lesson
def test_what_a_script_made_is_what_it_makes_now(topic: str) -> None:
    assert filled(LESSONS[topic], VERBS) == text_of(topic), (
        "out of date; write it anew with: .venv/bin/python -m tools.lessons"
    )


@each_lesson
def test_every_block_has_been_made(topic: str) -> None:
    found = list(BLOCK.finditer(text_of(topic)))
    assert found
    assert all(block["made"].strip() for block in found)
    assert len(found) == text_of(topic).count("<!-- end -->")


@each_lesson
def test_every_measurement_names_its_machine(topic: str) -> None:
    for found in BLOCK.finditer(text_of(topic)):
        if found["verb"] == "measured":
            assert re.search(r"\d processors, Python 3", found["made"])


def test_every_measurement_is_quoted_somewhere() -> None:
    quoted = {b.argument for p in LESSONS.values() for b in blocks(p) if b.verb == "measured"}
    assert quoted == set(MEASURES)


@each_lesson
def test_every_section_has_something_to_do_before_it_explains(topic: str) -> None:
    late = [
        heading
        for heading, text in sections(topic)
        if heading not in HANDS_ON and not DOES.match(text.strip())
    ]
    assert not late


@each_lesson
def test_a_screen_of_text_at_most_before_the_learner_does_something(topic: str) -> None:
    marks = [0, *(m.start() for m in DOES.finditer(prose(topic))), len(prose(topic))]
    counts = [len(prose(topic)[a:b].split()) for a, b in pairwise(marks)]
    assert max(counts) <= SCREEN, counts


@each_lesson
def test_code_and_drawings_fit_a_terminal(topic: str) -> None:
    wide = [
        line
        for fence in re.findall(r"^```text\n(.*?)^```$", text_of(topic), re.DOTALL | re.MULTILINE)
        for line in fence.splitlines()
        if len(line) > WIDTH
    ]
    assert not wide


@each_lesson
def test_a_lesson_ends_with_what_it_leaves_out_and_the_cards(topic: str) -> None:
    heading, text = list(sections(topic))[-1]
    assert heading == "Left out"
    assert "--recall" in text


@each_lesson
def test_a_lesson_never_shouts(topic: str) -> None:
    assert "!" not in re.sub(r"`[^`]*`", "", prose(topic))


# Questions.


def questions(topic: str) -> list[dict[str, Any]]:
    asked: list[dict[str, Any]] = topics()[topic].get("questions", [])
    return asked


@each_lesson
def test_there_are_predictions_and_recall_cards(topic: str) -> None:
    assert {q["kind"] for q in questions(topic)} == {"prediction", "recall"}


@each_lesson
def test_a_question_is_about_a_section_of_the_lesson(topic: str) -> None:
    headings = {heading for heading, _ in sections(topic)}
    assert not {q["about"] for q in questions(topic)} - headings


@each_lesson
def test_a_prediction_has_one_right_choice_and_says_why(topic: str) -> None:
    for q in questions(topic):
        if q["kind"] == "prediction":
            assert set(q) == {"kind", "about", "ask", "choices", "answer", "why"}
            assert q["choices"].count(q["answer"]) == 1
            assert len(set(q["choices"])) >= 3


@each_lesson
def test_a_recall_card_has_an_answer(topic: str) -> None:
    for q in questions(topic):
        if q["kind"] == "recall":
            assert set(q) == {"kind", "about", "ask", "answer"}
            assert q["ask"].endswith(("?", "."))


# The script.


def lesson(folder: Path, text: str) -> Path:
    path = folder / "tcp" / "LESSON.md"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return path


def test_only_what_stands_between_a_marker_and_its_end_is_replaced(tmp_path: Path) -> None:
    path = lesson(tmp_path, "a\n<!-- states: CONNECTION -->\nold\n<!-- end -->\nb\n")
    text = filled(path, VERBS)
    assert text.startswith("a\n<!-- states: CONNECTION -->\n```text\nCLOSED ")
    assert text.endswith("```\n<!-- end -->\nb\n")
    assert "old" not in text


def test_filling_twice_changes_nothing(tmp_path: Path) -> None:
    path = lesson(tmp_path, "<!-- code: read_line -->\n<!-- end -->\n")
    once = filled(path, VERBS)
    path.write_text(once, encoding="utf-8")
    assert filled(path, VERBS) == once


@pytest.mark.parametrize(
    ("marker", "says"),
    [
        ("code: no_such_function", "0 modules of this topic define it"),
        ("states: NONE", "no such table"),
        ("file: no/such/file.py", "no such file"),
        ("measured: moon", "the measurements are"),
        ("picture: it", "no such verb"),
    ],
)
def test_a_marker_that_asks_for_nothing_says_so(tmp_path: Path, marker: str, says: str) -> None:
    path = lesson(tmp_path, f"<!-- {marker} -->\n<!-- end -->\n")
    with pytest.raises(Wrong, match=says):
        filled(path, VERBS)


def test_the_lines_of_an_exchange_end_with_cr_lf_and_a_body_does_not() -> None:
    assert as_sent("GET / HTTP/1.1\nHost: a\n\n") == b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    assert as_sent("PUT /a HTTP/1.1\n\none\n") == b"PUT /a HTTP/1.1\r\n\r\none"


def test_a_tilde_parts_what_is_sent_before_and_after_a_wait() -> None:
    assert pieces("a\n\n~\nb\n") == [b"a\r\n\r\n", b"b"]
