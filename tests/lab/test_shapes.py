"""A shape is there, is not there, or nothing can be concluded: by bands, and never by one figure."""

import pytest

from cutaway.lab.shapes import Crossover, Figure, Knee, Order, Outcome, Shape, Within
from cutaway.lab.table import Band, Table
from tests.lab.sample import table

THREE = {"a": [1.0, 1.1, 1.2], "b": [2.0, 2.1, 2.2], "c": [2.1, 3.0, 3.1]}
FLAT = {"1": [10.0, 10.1, 10.2], "2": [10.1, 10.2, 10.3], "4": [10.4, 11.0, 11.1]}

CASES: list[tuple[str, Shape, dict[str, list[float]], Outcome]] = [
    ("an order", Order(("a", "b")), THREE, Outcome.EXPECTED),
    ("the other order", Order(("b", "a")), THREE, Outcome.OTHERWISE),
    ("bands that overlap", Order(("a", "b", "c")), THREE, Outcome.NONE),
    ("bands that touch", Order(("a", "b")), {"a": [1, 2, 3], "b": [3, 4, 5]}, Outcome.NONE),
    ("two runs", Order(("a", "b")), {"a": [1, 1], "b": [2, 2]}, Outcome.NONE),
    ("inside", Within(Figure("a"), 0.9, 1.3), THREE, Outcome.EXPECTED),
    ("its ends belong to it", Within(Figure("a"), 1.0, 1.2), THREE, Outcome.EXPECTED),
    ("outside", Within(Figure("a"), 2, 3), THREE, Outcome.OTHERWISE),
    ("half inside", Within(Figure("a"), 1.1, 3), THREE, Outcome.NONE),
    ("no upper end", Within(Figure("a"), 1, None), THREE, Outcome.EXPECTED),
    ("no lower end", Within(Figure("a"), None, 0.5), THREE, Outcome.OTHERWISE),
    ("a ratio", Within(Figure("b", over="a"), 1.8, 2.1), THREE, Outcome.EXPECTED),
    ("a ratio that is not", Within(Figure("b", over="a"), 5, None), THREE, Outcome.OTHERWISE),
    (
        "a ratio to nought",
        Within(Figure("b", over="a"), 5, None),
        {"a": [0, 1, 1], "b": [1, 1, 1]},
        Outcome.NONE,
    ),
    ("a knee", Knee(("1", "2", "4", "8"), at="4"), FLAT | {"8": [30, 31, 32]}, Outcome.EXPECTED),
    ("no knee", Knee(("1", "2", "4", "8"), at="4"), FLAT | {"8": [11, 12, 13]}, Outcome.OTHERWISE),
    (
        "a knee too early",
        Knee(("1", "2", "4"), at="2"),
        {"1": [1, 1, 1], "2": [5, 5, 5], "4": [50, 50, 50]},
        Outcome.OTHERWISE,
    ),
    (
        "a knee in a cloud",
        Knee(("1", "2", "4", "8"), at="4"),
        FLAT | {"8": [12, 25, 40]},
        Outcome.NONE,
    ),
    (
        "a crossover",
        Crossover(("a1", "a9"), ("b1", "b9")),
        {"a1": [1, 1, 1], "b1": [2, 2, 2], "a9": [9, 9, 9], "b9": [3, 3, 3]},
        Outcome.EXPECTED,
    ),
    (
        "no crossover",
        Crossover(("a1", "a9"), ("b1", "b9")),
        {"a1": [1, 1, 1], "b1": [2, 2, 2], "a9": [2, 2, 2], "b9": [3, 3, 3]},
        Outcome.OTHERWISE,
    ),
    (
        "a crossover that may be",
        Crossover(("a1", "a9"), ("b1", "b9")),
        {"a1": [1, 1, 1], "b1": [2, 2, 2], "a9": [2, 3, 4], "b9": [3, 3, 3]},
        Outcome.NONE,
    ),
]


@pytest.mark.parametrize(("name", "shape", "values", "outcome"), CASES, ids=[c[0] for c in CASES])
def test_a_shape_is_judged_by_bands(
    name: str, shape: Shape, values: dict[str, list[float]], outcome: Outcome
) -> None:
    judged = shape.judge(table(**values))
    assert judged.outcome is outcome
    assert judged.sentence


def test_a_judgement_tells_its_figures() -> None:
    judged = Within(Figure("b", over="a"), 1.5, None).judge(table(**THREE))
    assert judged.sentence == "the b one: 2.1 s against the a one: 1.1 s, 1.91 times"


def test_a_crossover_says_where() -> None:
    values = {
        **{f"a{i}": [v] * 3 for i, v in enumerate((1, 2, 6, 9))},
        **{f"b{i}": [v] * 3 for i, v in enumerate((3, 3, 4, 4))},
    }
    shape = Crossover(("a0", "a1", "a2", "a3"), ("b0", "b1", "b2", "b3"))
    assert "between the a1 one and the a2 one" in shape.judge(table(**values)).sentence


def test_two_variants_are_compared_run_by_run() -> None:
    """A machine that became twice as slow in the middle changes no ratio."""
    drifting = table(a=[1, 1, 2, 2], b=[10, 10, 20, 20])
    assert drifting.times("b", "a") == Band(10, 10, 10, 4)


def test_rounds_in_which_only_one_was_measured_are_left_out() -> None:
    both = table(a=[1, 1, 1], b=[2, 2, 2, 9])
    assert both.times("b", "a") == Band(2, 2, 2, 3)


def test_why_there_is_no_conclusion_is_told() -> None:
    judged = Order(("a", "b")).judge(table(a=[1, 2, 3], b=[2, 3, 4]))
    assert judged.sentence.endswith("the runs of the a one and the b one overlap")
    few: Table = table(a=[1, 2], b=[2, 3, 4])
    assert Order(("a", "b")).judge(few).sentence == (
        "the a one has 2 of the 3 runs that it takes at least"
    )
