"""What is predicted is read strictly, and judged by the rows alone."""

import pytest

from cutaway.lab.prediction import Choice, Number, Option, Prediction, Ranking
from cutaway.lab.shapes import Figure
from cutaway.lab.units import Unreadable
from tests.lab.sample import table

CHOICE = Choice(
    "How long?",
    Figure("slow"),
    (
        Option("short", "short", 0, 1, "it waits for a timer."),
        Option("long", "long", 10, 50),
    ),
)
NUMBER = Number("How long?", Figure("slow"), "s")
RANKING = Ranking("Which is slowest?", ("a", "b", "c"))


@pytest.mark.parametrize(
    ("asked", "text", "kept"),
    [
        (CHOICE, "long", "long"),
        (CHOICE, " LONG ", "long"),
        (CHOICE, "2", "long"),
        (NUMBER, "40  ms", "40 ms"),
        (RANKING, "c, a,b", "c,a,b"),
        (RANKING, "c>a>b", "c,a,b"),
        (RANKING, "3,1,2", "c,a,b"),
    ],
)
def test_a_prediction_is_kept_as_it_was_meant(asked: Prediction, text: str, kept: str) -> None:
    assert asked.read(text) == kept


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        (CHOICE, "medium"),
        (CHOICE, "3"),
        (CHOICE, "0"),
        (CHOICE, ""),
        (NUMBER, "40"),
        (NUMBER, "soon"),
        (RANKING, "a,b"),
        (RANKING, "a,a,b"),
        (RANKING, "a,b,c,d"),
        (RANKING, ""),
    ],
)
def test_what_cannot_be_meant_is_told(asked: Prediction, text: str) -> None:
    with pytest.raises(Unreadable):
        asked.read(text)


@pytest.mark.parametrize(
    ("said", "slow", "right"),
    [
        ("long", [20, 21, 22], True),
        ("short", [20, 21, 22], False),
        ("short", [0.5, 0.9, 1.0], True),
        ("short", [0.5, 0.9, 1.1], None),
        ("long", [5, 5, 5], False),
        ("short", [0.5, 0.9], None),
    ],
)
def test_a_choice_is_a_range_that_the_rows_are_in_or_not(
    said: str, slow: list[float], right: bool | None
) -> None:
    assert CHOICE.judge(said, table(slow=slow)).right is right


def test_a_wrong_choice_is_told_what_it_overlooks() -> None:
    answer = CHOICE.judge("short", table(slow=[20, 21, 22]))
    assert answer.found == "long"
    assert answer.sentence.endswith("What this overlooks: it waits for a timer.")


@pytest.mark.parametrize(
    ("said", "right"), [("30 s", True), ("60 s", True), ("61 s", False), ("9 s", False)]
)
def test_a_number_is_right_within_its_factor(said: str, right: bool) -> None:
    assert NUMBER.judge(said, table(slow=[20, 25, 30])).right is right


@pytest.mark.parametrize(("said", "right"), [("c,b,a", True), ("b,c,a", False), ("a,b,c", False)])
def test_an_order_is_right_where_all_of_it_is(said: str, right: bool) -> None:
    rows = table(a=[1, 1, 1], b=[2, 2, 2], c=[3, 3, 3])
    assert RANKING.judge(said, rows).right is right


def test_an_order_of_bands_that_overlap_is_open_unless_something_else_is_wrong() -> None:
    rows = table(a=[1, 1, 1], b=[2, 3, 4], c=[3, 4, 5])
    assert RANKING.judge("c,b,a", rows).right is None
    assert RANKING.judge("b,c,a", rows).right is None
    assert RANKING.judge("a,c,b", rows).right is False


def test_only_a_plain_figure_has_a_place_in_the_picture() -> None:
    ratio = Choice("How often?", Figure("slow", over="fast"), CHOICE.options)
    assert CHOICE.mark("long") == (Figure("slow"), 10, 50)
    assert NUMBER.mark("2 s") == (Figure("slow"), 2, 2)
    assert ratio.mark("long") is None
    assert RANKING.mark("a,b,c") is None
