"""Stages that have to last begin early, so that their time passes beside that of the others."""

from __future__ import annotations

from cutaway.grade.ahead import starting_order
from cutaway.grade.stage import Stage, case
from cutaway.grade.verdict import Rule
from tests.grade.toy import Toy

RULE = Rule("toy §1", "MUST", "it lasts")


def lasting(name: str, seconds: float) -> Stage:
    one = case("one", RULE, owns_time=seconds)
    return Stage(
        name=name, title="", asks="", given="", goals=(), hints=("", "", ""),
        codec=Toy, cases=(one,),
    )  # fmt: skip


def test_what_lasts_begins_behind_the_first_two() -> None:
    seconds = {"a": 0.0, "b": 0.0, "c": 0.5, "d": 7.0, "e": 0.0}
    stages = [lasting(name, some) for name, some in seconds.items()]
    assert "".join(stage.name for stage in starting_order(stages)) == "abdce"


def test_the_order_stays_where_nothing_lasts() -> None:
    stages = [lasting(name, 0.0) for name in "abc"]
    assert starting_order(stages) == stages
