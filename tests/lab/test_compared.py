"""A run beside the one before: what moved is said only where the runs do not overlap."""

from dataclasses import replace

from cutaway.lab.compared import Turned, compared
from tests.lab.sample import MACHINE, report, rows

NOW = {"settings": {"size": 10, "timer": "off"}, "rows": rows(fast=[1e-5] * 3, slow=[1e-5] * 3)}


def test_what_was_turned_and_what_moved() -> None:
    before = report(rows=rows(fast=[1e-5, 2e-5, 0.5e-5], slow=[0.04, 0.044, 0.041]))
    found = compared(report(**NOW), before)
    assert found.quantity == "time"
    assert found.turned == (Turned("timer", "on", "off"),)
    assert [(one.label, one.before, one.now, one.word) for one in found.lines] == [
        ("the fast one", "10 µs", "10 µs", "no conclusion"),
        ("the slow one", "41 ms", "10 µs", "lower"),
    ]
    assert found.lines[0].sentence == "the runs of both overlap"
    assert found.lines[1].sentence == "0.000244 times"
    assert found.doubts == ()


def test_too_few_runs_are_no_conclusion() -> None:
    found = compared(report(**NOW), report(rows=rows(fast=[1e-5], slow=[0.04])))
    assert {one.word for one in found.lines} == {"no conclusion"}
    assert {one.sentence for one in found.lines} == {"too few runs"}


def test_a_machine_that_is_slower_for_all_is_not_taken_for_the_knob() -> None:
    before = report(rows=rows(fast=[1e-5] * 3, slow=[0.04] * 3))
    now = report(rows=rows(fast=[2e-5] * 3, slow=[0.081] * 3))
    assert "All of them moved alike" in compared(now, before).doubts[0]


def test_another_machine_is_said() -> None:
    other = report(machine=replace(MACHINE, processors=64))
    assert compared(report(), other).doubts[0].startswith("The run before was on another machine")
