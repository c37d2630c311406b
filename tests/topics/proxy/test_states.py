"""The two tables of states: what must be possible in each, and that nothing is beside them."""

import re
from pathlib import Path

import pytest

from cutaway.topics.proxy import states
from cutaway.topics.proxy.states import BEGUN, CLIENT, CLOSED, DONE, EXCHANGE, TAKING, TUNNEL
from cutaway.wire import Misuse, States

SOURCES = [*Path(states.__file__).parent.glob("*.py")]
both = pytest.mark.parametrize("table", [CLIENT, EXCHANGE], ids=["client", "exchange"])


def reachable(table: States, start: str) -> set[str]:
    found, todo = {start}, [start]
    while todo:
        here = todo.pop()
        new = {to for (origin, _), to in table.table.items() if origin == here} - found
        found |= new
        todo += new
    return found


@both
def test_every_state_is_reached_from_the_start(table: States) -> None:
    assert reachable(table, table.start) == set(table.states)


def test_from_every_state_there_is_an_end() -> None:
    for state in CLIENT.states:
        assert CLOSED in reachable(CLIENT, state)
    for state in EXCHANGE.states:
        assert DONE in reachable(EXCHANGE, state)


def test_an_exchange_can_be_given_up_anywhere_and_tried_again_only_before_an_answer() -> None:
    for state in set(EXCHANGE.states) - {DONE}:
        assert EXCHANGE.after(state, "given up") == DONE
    for state in BEGUN:
        with pytest.raises(Misuse):
            EXCHANGE.after(state, "try again")


def test_a_client_may_finish_and_the_proxy_be_stopped_at_any_time() -> None:
    for state in set(CLIENT.states) - {CLOSED}:
        CLIENT.after(state, "told to stop")
        if state != TUNNEL:
            CLIENT.after(state, "client finished")
    assert all(CLIENT.after(state, "request") not in TAKING for state in TAKING)


@both
def test_every_event_is_said_somewhere_and_no_other(table: States) -> None:
    said = set()
    for path in SOURCES:
        if path.name != "states.py":
            said |= set(re.findall(r"NEXT\[self\.state, ([^\]]+)\]", path.read_text()))
    events = set(re.findall(r'"([^"]+)"', " ".join(said)))
    assert set(table.events) <= events
    assert events <= {*CLIENT.events, *EXCHANGE.events}
