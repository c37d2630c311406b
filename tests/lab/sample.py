"""A small experiment whose figures are made up, and results of it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cutaway.lab.knobs import Knob, Settings
from cutaway.lab.lab import Change, Lab, Plan, Variant
from cutaway.lab.machine import Machine
from cutaway.lab.prediction import Choice, Option
from cutaway.lab.report import Report
from cutaway.lab.result import Result
from cutaway.lab.shapes import Check, Figure, Within
from cutaway.lab.table import Quantity, Row, Table
from cutaway.lab.trace import Moment

FAST, SLOW = "fast", "slow"
TIME, BYTES = Quantity("time", "s"), Quantity("length", "octets")

MACHINE = Machine(
    system="Linux",
    kernel="6.1.0",
    processors=2,
    memory=8 << 30,
    virtual="",
    python="3.11.7",
    timer=1e-9,
    sleep=0.0011,
    loopback=65536,
    busy=0.2,
)

ASKS = Choice(
    "How long does the slow one take?",
    Figure(SLOW),
    (
        Option("short", "some microseconds", 0, 0.001, "somebody waits for a timer."),
        Option("long", "tens of milliseconds", 0.02, 0.1),
    ),
)
CHECK = Check(
    name="the stall",
    shape=Within(Figure(SLOW, over=FAST), 20, None),
    expects="the slow one takes at least twenty times as long",
    because="A timer has to fire.",
    unless="There may be no timer here.",
)


def plan(settings: Settings) -> Plan:
    return Plan((Variant(FAST, "the fast one"), Variant(SLOW, "the slow one")), ASKS, (CHECK,))


def lab(measure: Callable[..., Mapping[str, float]] | None = None, **changes: Any) -> Lab:
    said: dict[str, Any] = {
        "name": "toy/stall",
        "title": "A stall",
        "question": "Which of the two is slower?",
        "why": "Slow is slow.",
        "knobs": (
            Knob("size", 10, "octets of each", low=1, high=100),
            Knob("timer", "on", "whether there is one", choices=("on", "off")),
        ),
        "quantities": (TIME, BYTES),
        "plan": plan,
        "measure": measure or measured,
        "change": Change({"timer": "off"}, "And without the timer?"),
        "runs": 3,
    }
    return Lab(**{**said, **changes})


def measured(variant: str, settings: Settings, bench: object) -> Mapping[str, float]:
    return {"time": 0.04 if variant == SLOW else 0.00001, "length": float(settings.count("size"))}


def traced(variant: str, settings: Settings, bench: object) -> tuple[Moment, ...]:
    return (Moment(0.0, "client writes", b"GET\n", 4), Moment(0.04, "server reads", b"GET\n", 4))


def rows(**values: Sequence[float]) -> tuple[Row, ...]:
    """rows(fast=[1, 2, 3], slow=[7, 8, 9])"""
    return tuple(
        Row(variant, run, {"time": value, "length": 10.0})
        for variant, all_values in values.items()
        for run, value in enumerate(all_values)
    )


def table(**values: Sequence[float]) -> Table:
    return Table(
        (TIME, BYTES), {variant: f"the {variant} one" for variant in values}, rows(**values)
    )


def result(**changes: Any) -> Result:
    said: dict[str, Any] = {
        "lab": "toy/stall",
        "settings": {"size": 10, "timer": "on"},
        "predicted": "short",
        "confidence": 70,
        "wanted": 3,
        "rows": rows(fast=[1e-5, 1.1e-5, 0.9e-5], slow=[0.04, 0.044, 0.041]),
        "ended": "whole",
        "troubles": (),
        "machine": MACHINE,
        "began": 1000.0,
        "seconds": 0.5,
    }
    return Result(**{**said, **changes})


def report(of: Lab | None = None, **changes: Any) -> Report:
    return Report(of or lab(), result(**changes))
