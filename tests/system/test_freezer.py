"""The machine held still: what waits, in which order, and what a step lets pass."""

import pytest

from cutaway.net.relay import TO_CLIENT, TO_SERVER, Event
from cutaway.system.ear import Message
from cutaway.system.freezer import Freezer


@pytest.fixture
def orders():
    return []


@pytest.fixture
def freezer(orders):
    made = Freezer(["a", "b"], lambda wire, line: orders.append((wire, line)))
    made.freeze()
    for wire in ("a", "b"):
        made.done(1.0, wire, "stall")
    assert sorted(orders) == [("a", "stall"), ("b", "stall")]
    orders.clear()
    return made


def came(at, wire="a", way=TO_SERVER, offset=0, size=10, number=1):
    return Message(wire, number, way, at, offset, size, "x")


def test_messages_wait_in_the_order_in_which_they_came(freezer, orders):
    first, second = came(2.0), came(3.0, "b", TO_CLIENT, 100, 7, 4)
    freezer.heard(first)
    freezer.heard(second)
    assert (freezer.next, freezer.waiting) == (first, [first, second])
    assert freezer.step() is first
    assert freezer.step() is second
    assert freezer.step() is None
    assert orders == [("a", "pass 10 to-server 1"), ("b", "pass 7 to-client 4")]


def test_what_came_before_the_stall_is_not_held(freezer):
    freezer.heard(came(0.5))
    assert freezer.next is None


def test_what_is_on_another_wire_is_not_held(freezer):
    freezer.heard(came(2.0, "sealed"))
    assert freezer.next is None


def test_octets_between_two_messages_pass_with_the_second(freezer, orders):
    freezer.heard(came(2.0))
    freezer.heard(came(3.0, offset=15))
    freezer.step()
    freezer.step()
    assert orders == [("a", "pass 10 to-server 1"), ("a", "pass 15 to-server 1")]


def test_an_end_passes_once_nothing_is_ahead_of_it(freezer, orders):
    freezer.heard(came(2.0))
    freezer.happened("a", Event(3.0, 1, TO_SERVER, 10, b"", "closed"))
    assert not orders
    freezer.step()
    assert orders == [("a", "pass 10 to-server 1"), ("a", "pass 0 to-server 1")]
    freezer.happened("b", Event(4.0, 2, TO_CLIENT, 0, b"", "closed"))
    assert orders[-1] == ("b", "pass 0 to-client 2")


def test_thawed_everything_flows(freezer, orders):
    freezer.heard(came(2.0))
    freezer.thaw()
    assert sorted(orders) == [("a", "flow"), ("b", "flow")]
    assert freezer.next is None
    freezer.heard(came(3.0))
    assert freezer.next is None
    freezer.thaw()
    assert len(orders) == 2
