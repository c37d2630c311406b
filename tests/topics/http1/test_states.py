"""The table of a server's connection: every pair is decided, and every state can be left."""

import itertools

import pytest

from cutaway.topics.http1.states import CLOSED, CONNECTION, HEAD, IDLE, LAST, LINGERING, TAKING
from cutaway.wire import Misuse

#: What cannot happen, and why.
IMPOSSIBLE = {
    "part of a head": "only where a head may stand",
    "body announced": "a head says so",
    "request": "nothing is read while an answer is under way",
    "last request": "nothing is read while an answer is under way",
    "refused": "what is refused was read",
    "too slow": "only a head has a clock",
    "answered": "only what was asked",
    "time is up": "only lingering is timed so",
}


@pytest.mark.parametrize(
    ("state", "event"), [*itertools.product(CONNECTION.states, CONNECTION.events)]
)
def test_every_pair_leads_somewhere_or_cannot_happen(state: str, event: str) -> None:
    try:
        assert CONNECTION.after(state, event) in CONNECTION.states
    except Misuse:
        assert state == CLOSED or event in IMPOSSIBLE


def test_every_state_but_the_last_can_be_told_to_stop_and_can_lose_its_client() -> None:
    for state in CONNECTION.states:
        if state != CLOSED:
            assert CONNECTION.after(state, "told to stop")
            assert CONNECTION.after(state, "client finished")


def test_every_state_is_reached_and_leads_to_the_end() -> None:
    reached = {IDLE}
    for _ in CONNECTION.states:
        reached |= {to for (origin, _), to in CONNECTION.table.items() if origin in reached}
    assert reached == set(CONNECTION.states)
    ends = {CLOSED}
    for _ in CONNECTION.states:
        ends |= {origin for (origin, _), to in CONNECTION.table.items() if to in ends}
    assert ends == set(CONNECTION.states)


def test_what_was_refused_or_answered_last_is_never_followed_by_a_request() -> None:
    for state in (LAST, LINGERING, CLOSED):
        assert state not in TAKING
    assert CONNECTION.after(HEAD, "too slow") == CONNECTION.after(LAST, "answered") == LINGERING
