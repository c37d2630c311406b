"""The connection states, compared with the arrows of RFC 9293 §3.3.2, figure 5."""

import itertools

import pytest

from cutaway.topics.tcp.states import CONNECTION, SENDS
from cutaway.wire import Misuse

# Copied arrow by arrow from the figure: from, event, what is sent ("" for x or nothing), to. The
# figure abbreviates four names; here they are as in the text above it.
FIGURE_5 = [
    ("CLOSED", "passive OPEN", "", "LISTEN"),
    ("CLOSED", "active OPEN", "SYN", "SYN-SENT"),
    ("LISTEN", "CLOSE", "", "CLOSED"),
    ("SYN-SENT", "CLOSE", "", "CLOSED"),
    ("SYN-RECEIVED", "rcv RST", "", "LISTEN"),
    ("LISTEN", "rcv SYN", "SYN,ACK", "SYN-RECEIVED"),
    ("LISTEN", "SEND", "SYN", "SYN-SENT"),
    ("SYN-SENT", "rcv SYN", "SYN,ACK", "SYN-RECEIVED"),
    ("SYN-RECEIVED", "rcv ACK of SYN", "", "ESTABLISHED"),
    ("SYN-SENT", "rcv SYN,ACK", "ACK", "ESTABLISHED"),
    ("SYN-RECEIVED", "CLOSE", "FIN", "FIN-WAIT-1"),
    ("ESTABLISHED", "CLOSE", "FIN", "FIN-WAIT-1"),
    ("ESTABLISHED", "rcv FIN", "ACK", "CLOSE-WAIT"),
    ("FIN-WAIT-1", "rcv ACK of FIN", "", "FIN-WAIT-2"),
    ("FIN-WAIT-1", "rcv FIN", "ACK", "CLOSING"),
    ("CLOSE-WAIT", "CLOSE", "FIN", "LAST-ACK"),
    ("FIN-WAIT-2", "rcv FIN", "ACK", "TIME-WAIT"),
    ("CLOSING", "rcv ACK of FIN", "", "TIME-WAIT"),
    ("LAST-ACK", "rcv ACK of FIN", "", "CLOSED"),
    ("TIME-WAIT", "Timeout=2MSL", "", "CLOSED"),
]
NOTE_2 = ("FIN-WAIT-1", "rcv FIN, ACK of FIN", "ACK", "TIME-WAIT")

ARROWS = {(state, event): target for state, event, _, target in [*FIGURE_5, NOTE_2]}


def test_the_states_are_the_eleven_of_the_text() -> None:
    assert set(CONNECTION.states) == {
        "LISTEN",
        "SYN-SENT",
        "SYN-RECEIVED",
        "ESTABLISHED",
        "FIN-WAIT-1",
        "FIN-WAIT-2",
        "CLOSE-WAIT",
        "CLOSING",
        "LAST-ACK",
        "TIME-WAIT",
        "CLOSED",
    }


@pytest.mark.parametrize(
    ("state", "event"), list(itertools.product(CONNECTION.states, CONNECTION.events))
)
def test_every_pair_is_an_arrow_of_the_figure_or_cannot_happen(state: str, event: str) -> None:
    if (state, event) in ARROWS:
        assert CONNECTION.after(state, event) == ARROWS[state, event]
        return
    with pytest.raises(Misuse):
        CONNECTION.after(state, event)


def test_no_arrow_of_the_figure_is_missing() -> None:
    assert CONNECTION.table == ARROWS


def test_what_is_sent_is_what_the_figure_says() -> None:
    assert {(s, event): sent for s, event, sent, _ in [*FIGURE_5, NOTE_2] if sent} == SENDS


LIVES = [
    (
        "a client that closes first",
        "active OPEN",
        "rcv SYN,ACK",
        "CLOSE",
        "rcv ACK of FIN",
        "rcv FIN",
        "Timeout=2MSL",
    ),
    (
        "a server that closes second",
        "passive OPEN",
        "rcv SYN",
        "rcv ACK of SYN",
        "rcv FIN",
        "CLOSE",
        "rcv ACK of FIN",
    ),
    (
        "both open at once",
        "active OPEN",
        "rcv SYN",
        "rcv ACK of SYN",
        "rcv FIN",
        "CLOSE",
        "rcv ACK of FIN",
    ),
    (
        "both close at once",
        "active OPEN",
        "rcv SYN,ACK",
        "CLOSE",
        "rcv FIN",
        "rcv ACK of FIN",
        "Timeout=2MSL",
    ),
]


@pytest.mark.parametrize(
    "events", [events for _, *events in LIVES], ids=[life[0] for life in LIVES]
)
def test_a_connection_begins_and_ends_as_none(events: list[str]) -> None:
    state = CONNECTION.start
    for event in events:
        state = CONNECTION.after(state, event)
    assert state == "CLOSED"


def test_every_state_can_be_reached_and_left() -> None:
    assert set(CONNECTION.table.values()) == set(CONNECTION.states)
    assert {state for state, _ in CONNECTION.table} == set(CONNECTION.states)
