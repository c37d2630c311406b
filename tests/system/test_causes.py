"""What was done to the machine is remembered with its times, and explains what came of it."""

from types import SimpleNamespace

import pytest

from cutaway.system.causes import GRACE, SEEN_LATE, Causes, Standing
from cutaway.system.filling import Filling
from cutaway.system.part import Happening

WIRE = "app-to-store"


def ordered(*said):
    causes = Causes()
    for at, line in said:
        causes.ordered(at, WIRE, line)
    return causes


def why(causes, start, end, *places):
    return [str(cause) for cause in causes.during(start, end, places or (WIRE,))]


@pytest.mark.parametrize(
    ("said", "during", "explained"),
    [
        ([(5, "stall")], (6, 7), True),
        ([(5, "stall")], (1, 2), False),
        ([(5, "stall")], (1, 6), True),
        ([(5, "stall"), (6, "flow")], (6 + GRACE - 0.1, 30), True),
        ([(5, "stall"), (6, "flow")], (6 + GRACE + 0.1, 30), False),
        ([(5, "latency 200ms"), (6, "flow")], (20, 21), True),
        ([(5, "latency 200ms"), (6, "latency 0")], (20, 21), False),
        ([(5, "latency 200ms"), (6, "rate 1k"), (7, "clear")], (20, 21), False),
        ([(5, "to-client drip 1s")], (20, 21), True),
        ([(5, "cut")], (5, 6), True),
        ([(5, "cut")], (20, 21), False),
        ([(5, "refuse"), (6, "accept")], (20, 21), False),
        ([(5, "refuse")], (20, 21), True),
        ([(5, "lead 127.0.0.1:80"), (6, "pass 0 to-client 1")], (5, 7), False),
    ],
)
def test_an_order_explains_while_it_holds_and_a_while_after(said, during, explained):
    assert bool(why(ordered(*said), *during)) == explained


def test_a_cause_is_a_sentence_and_the_latest_comes_first():
    causes = ordered((5, "latency 200ms"), (6, "cut"))
    assert why(causes, 7, 8) == [
        "app-to-store had the order cut.",
        "app-to-store had the order latency 200ms.",
    ]


@pytest.mark.parametrize(
    ("said", "stand", "flows"),
    [
        (["latency 5ms", "latency 6ms"], ["latency 6ms"], "flow"),
        (["refuse", "latency 5ms", "accept"], ["latency 5ms"], "flow"),
        (["latency 5ms", "refuse", "clear"], ["refuse"], "flow"),
        (["stall"], ["stall"], ""),
        (["to-server stall", "rate 1k"], ["to-server stall", "rate 1k"], "to-client flow"),
        (["stall", "to-server flow"], ["stall", "to-server flow"], "to-server flow"),
        (["stall", "flow"], [], "flow"),
        (["clear", "accept", "latency 0"], [], "flow"),
    ],
)
def test_orders_stand_as_long_as_they_make_a_difference(said, stand, flows):
    link = Standing()
    for line in said:
        link.ordered(line)
    assert (link.lines, link.flows) == (stand, flows)


def test_what_was_done_elsewhere_explains_nothing():
    assert why(ordered((5, "stall")), 6, 7, "app", "app-to-cache") == []


class Part:
    """name, and what happened to it."""

    def __init__(self, *happened, fault=""):
        self.name, self.filling = "app", Filling(fault=fault)
        self.history = [Happening(at, what, because) for at, what, because in happened]
        self.state = happened[-1][1]


UP = (1, "starting", ""), (2, "up", "")


@pytest.mark.parametrize(
    ("happened", "during", "says"),
    [
        ([], (20, 21), None),
        ([(30, "paused", "")], (31, 32), "app was paused."),
        ([(30, "paused", ""), (31, "up", "")], (31 + GRACE + 1, 40), None),
        ([(30, "crashed", "killed by hand")], (31, 32), "app had ended: killed by hand."),
        (
            [(30, "crashed", "It ended by signal 11."), (30.2, "starting", ""), (31, "up", "")],
            (30.5, 30.9),
            "app had ended: It ended by signal 11.",
        ),
        ([(30, "crashed", "")], (29, 30 - SEEN_LATE / 2), "app had ended."),
        ([(30, "draining", ""), (31, "down", "")], (30, 31), "app was down."),
        ([(30, "paused", ""), (31, "not replaced", "")], (40, 41), "app was paused."),
    ],
)
def test_a_part_that_is_not_up_explains(happened, during, says):
    causes = Causes()
    causes.look([Part(*UP, *happened)])
    assert next(iter(why(causes, *during, "app")), None) == says


def test_a_part_that_was_replaced_explains_until_it_is_gone():
    causes, old, new = Causes(), Part(*UP), Part((30, "starting", ""), (31, "up", ""))
    causes.look([old])
    old.history.append(Happening(32, "draining", ""))
    old.state = "draining"
    causes.look([new])
    assert why(causes, 33, 34, "app")[0] == "app was being replaced."
    old.history.append(Happening(35, "down", ""))
    old.state = "down"
    causes.look([new])
    causes.look([new])
    assert why(causes, 36, 37, "app")[0] == "app was replaced."
    assert why(causes, 35 + GRACE + 1, 60, "app") == []


def test_a_planted_fault_explains_as_long_as_it_stands_there():
    causes = Causes()
    causes.look([Part(*UP, fault="forgets")])
    assert why(causes, 500, 501, "app") == ["app has the fault forgets."]
    causes.look([Part(*UP)])
    assert why(causes, 500, 501, SimpleNamespace) == []
