"""State tables: what is not in the table cannot happen, and the picture is drawn from it."""

import itertools

import pytest

from cutaway.wire import Misuse, States

TABLE = {
    ("idle", "request"): "busy",
    ("busy", "answer"): "idle",
    ("busy", "SaidClose"): "closing",
}
CONNECTION = States("idle", TABLE)


def test_states_and_events_are_named_once_each_in_the_order_of_the_table() -> None:
    assert CONNECTION.states == ("idle", "busy", "closing")
    assert CONNECTION.events == ("request", "answer", "SaidClose")
    assert CONNECTION.start == "idle"


@pytest.mark.parametrize(
    ("state", "event"), list(itertools.product(CONNECTION.states, CONNECTION.events))
)
def test_every_pair_is_in_the_table_or_cannot_happen(state: str, event: str) -> None:
    if (state, event) in TABLE:
        assert CONNECTION.after(state, event) == TABLE[state, event]
        return
    with pytest.raises(Misuse, match=f"'{event}' cannot happen in state '{state}'"):
        CONNECTION.after(state, event)


def test_a_table_is_not_changed_from_outside() -> None:
    table = dict(TABLE)
    states = States("idle", table)
    table["closing", "request"] = "busy"
    with pytest.raises(Misuse):
        states.after("closing", "request")


def test_the_picture_has_one_arrow_a_line_and_says_where_it_ends() -> None:
    assert CONNECTION.draw().splitlines() == [
        "idle    ─── request ──▶ busy",
        "busy    ──── answer ──▶ idle",
        "        ── SaidClose ─▶ closing",
        "closing  (the end)",
    ]


def test_a_table_of_nothing_is_drawn_as_its_start() -> None:
    assert States("idle", {}).draw() == "idle  (the end)"
