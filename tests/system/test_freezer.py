"""The machine held still: what waits, in which order, and what a step lets pass."""

import threading
import time

import pytest

from cutaway.net.relay import TO_CLIENT, TO_SERVER, Event
from cutaway.system.ear import Message
from cutaway.system.freezer import Freezer


@pytest.fixture
def orders():
    return []


@pytest.fixture
def freezer(orders):
    made = Freezer(
        {"a": ("app", "cache"), "b": ("proxy", "app")},
        lambda wire, line: orders.append((wire, line)),
        lambda message: message.size == 99,
    )
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


def test_orders_of_its_own_are_told_from_those_of_others(freezer):
    freezer.thaw()
    assert freezer.done(4.0, "a", "flow")
    assert not freezer.done(5.0, "a", "flow")
    assert not freezer.done(5.0, "a", "stall")


def test_what_somebody_else_has_stalled_stays_so(freezer, orders):
    freezer.thaw({"a": "", "b": "to-client flow"}.__getitem__)
    assert orders == [("b", "to-client flow")]
    assert not freezer.done(4.0, "a", "flow")


def test_what_came_before_the_stall_is_not_held(freezer):
    freezer.heard(came(0.5))
    assert freezer.next is None


def test_what_is_on_another_wire_is_not_held(freezer):
    freezer.heard(came(2.0, "sealed"))
    assert freezer.next is None


def test_what_a_step_leads_to_goes_ahead_of_all_else(freezer):
    asked, other = came(2.0, "b"), came(3.0, "b", number=2)
    freezer.heard(asked)
    freezer.heard(other)
    assert freezer.step() is asked  # the app has it, and asks the cache
    now = time.monotonic()
    led = [came(now + at, offset=10 * at, number=7) for at in (1, 2)]
    for message in led:
        freezer.heard(message)
    assert [freezer.step(), freezer.step()] == led
    assert freezer.step() is other


def test_what_the_traffic_wants_goes_ahead_of_what_parts_ask_by_themselves(freezer):
    freezer.heard(came(2.0))
    wanted = came(3.0, "b", size=99)
    freezer.heard(wanted)
    assert freezer.next is wanted


def test_a_step_waits_for_what_it_leads_to(freezer):
    freezer.heard(came(2.0, "b"))
    led = came(time.monotonic() + 60)
    later = threading.Timer(0.05, freezer.heard, [led])
    later.start()
    freezer.step(within=30.0)
    assert freezer.next is led


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
