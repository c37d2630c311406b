"""A curve that was drawn ahead is read strictly, and compared by where it rises and falls."""

import json

import pytest

from cutaway.lab.chart import chart
from cutaway.lab.drawn import places, read, told
from cutaway.lab.lab import Plan, Variant
from cutaway.lab.prediction import Number
from cutaway.lab.report import Report
from cutaway.lab.result import decoded, encoded
from cutaway.lab.shapes import Figure
from cutaway.lab.table import Quantity
from cutaway.lab.units import Unreadable
from cutaway.workshop import catalog
from tests.lab.sample import TIME, lab, report, result, rows

CURVE = tuple(Variant(f"a{at}", f"at {at}", float(at), "one") for at in (4, 1, 16))
PLAN = Plan(CURVE, Number("How long?", Figure("a16"), "s"), (), along="clients")
ROWS = rows(a1=[0.01, 0.011, 0.012], a4=[0.02, 0.021, 0.022], a16=[0.04, 0.041, 0.042])


def drawn(**points: float) -> Report:
    made = lab(plan=lambda settings: PLAN)
    return report(made, rows=ROWS, predicted="40 ms", drawn=points)


def test_points_are_put_in_the_order_of_the_line() -> None:
    assert [v.key for v in places(PLAN)["one"]] == ["a1", "a4", "a16"]
    assert list(read("a16=40ms, a1=10ms", PLAN, TIME).items()) == [("a1", 0.01), ("a16", 0.04)]
    assert read("", PLAN, TIME) == {}
    assert read("a1=7 %", PLAN, Quantity("share", "%")) == {"a1": 7.0}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a1", "'a1' is no point; write it as VARIANT=VALUE."),
        ("a2=1ms", "There is no point 'a2' to draw; there are a1, a4, a16."),
        ("a1=soon", "'soon' is no number"),
        ("a1=-1ms", "'-1ms' is no number"),
    ],
)
def test_what_is_no_point_of_the_curve_is_refused(text: str, says: str) -> None:
    with pytest.raises(Unreadable, match=says.replace("(", r"\(")):
        read(text, PLAN, TIME)


def test_a_lab_without_a_line_has_nothing_to_draw() -> None:
    with pytest.raises(Unreadable, match="this lab has no curve"):
        read("fast=1ms", lab().plan(lab().defaults), TIME)


@pytest.mark.parametrize(
    ("points", "says"),
    [
        (
            {"a1": 0.01, "a4": 0.02, "a16": 0.3},
            "one: all 2 steps along your curve go as the rows go. It is furthest from them at at 16:"
            " you drew 300 ms, they say 41 ms.",
        ),
        (
            {"a1": 0.01, "a4": 0.05, "a16": 0.041},
            "one: 1 of the 2 steps along your curve goes as the rows go. It is furthest from them at"
            " at 4: you drew 50 ms, they say 21 ms.",
        ),
        (
            {"a1": 0.011, "a16": 0.04},
            "one: your curve goes as the rows go. It lies within the runs at each point.",
        ),
    ],
)
def test_what_counts_is_where_it_rises_and_falls(points: dict[str, float], says: str) -> None:
    assert drawn(**points).drawn() == [says]


def test_one_point_is_no_curve() -> None:
    assert drawn(a1=0.01).drawn() == []
    assert told({}, PLAN, drawn().table, False) == []


def test_the_picture_has_the_curve_and_room_for_it() -> None:
    text = json.dumps(chart(drawn(a1=0.01, a16=0.3)))
    assert "you drew one" in text
    assert '"domain": [0, 306' in text
    assert "you drew" not in json.dumps(chart(drawn()))


def test_a_result_from_before_curves_could_be_drawn_is_read() -> None:
    known = json.loads(encoded(result()))
    del known["drawn"]
    assert decoded(json.dumps(known).encode()).drawn == {}


def test_every_lab_along_a_line_has_paper_for_the_whole_curve() -> None:
    """Else the page would draw on an axis that was made for something else."""
    for each in catalog.every_lab():
        plan = each.plan(each.defaults)
        if places(plan):
            assert plan.paper, each.name
            low, high = plan.paper
            assert low < high, each.name
            assert (low > 0) == each.log, each.name
