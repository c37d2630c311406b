"""What the wires show of a request that failed: an answer of a part's own, or too many at once."""

import pytest

from cutaway.net.relay import TO_CLIENT, TO_SERVER, Event
from cutaway.system.blueprint import made_of
from cutaway.system.ear import Ear
from cutaway.system.shown import CROWD, ENOUGH, overloaded, own_answer
from cutaway.system.trace import Tracer
from tests.system.test_trace import Lines

BLUEPRINT = made_of(
    {
        "slot": [
            {"name": name, "title": name, "does": name} for name in ("traffic", "proxy", "app")
        ],
        "link": [
            {"from": "traffic", "to": "proxy", "topic": "t"},
            {"from": "proxy", "to": "app", "topic": "t"},
        ],
    }
)
FRONT, BEHIND = "traffic-to-proxy", "proxy-to-app"


def heard(*said):
    """Lines that passed: (seconds, wire, connection, "> question" or "< answer")."""
    ear, offsets = Ear({wire.name: Lines for wire in BLUEPRINT.wires}), {}
    tracer = Tracer(BLUEPRINT, ear)
    for at, wire, number, text in said:
        way = TO_SERVER if text[0] == ">" else TO_CLIENT
        octets = text[2:].encode() + b"\n"
        offset = offsets.get((wire, number, way), 0)
        offsets[wire, number, way] = offset + len(octets)
        ear.receive(wire, Event(at, number, way, offset, octets, None))
    return tracer


@pytest.mark.parametrize(
    ("behind", "answer", "says"),
    [
        ([(2, "> todo"), (3, "< 200 fine")], "502 no", "app had answered 200"),
        ([(2, "> todo"), (3, "< 200 fine")], "200 good", None),
        ([(2, "> todo"), (3, "< 503 away")], "503 away", None),
        ([(2, "> todo"), (3, "< 503 a"), (4, "> todo"), (5, "< 200 b")], "503 a", "answered 200"),
        ([(2, "> todo"), (3, "< 503 a"), (4, "> todo"), (5, "< 200 b")], "200 b", None),
        ([(2, "> todo"), (12, "< 200 late")], "504 too late", None),
        ([(2, "> todo")], "504 nothing came", None),
        ([], "503 nobody", None),
    ],
)
def test_who_answers_otherwise_than_it_was_answered_said_so_itself(behind, answer, says):
    said = [(1, FRONT, 1, "> todo"), (10, FRONT, 1, f"< {answer}")]
    said += [(at, BEHIND, 1, text) for at, text in behind]
    tracer = heard(*sorted(said))
    own = own_answer(tracer.tree(tracer.over[FRONT][0]))
    assert (own is None) == (says is None)
    if own is not None:
        assert own.part == "proxy"
        assert says in own.says


def crowd(waiting, answered, seconds):
    """So many wait at 10 s; so many were answered in the second before, each after so long."""
    said = [(9.0, FRONT, number, "> todo") for number in range(waiting)]
    for number in range(answered):
        at = 9.0 + 0.9 * number / max(1, answered)
        said += [
            (at - seconds, FRONT, 1000 + number, "> todo"),
            (at, FRONT, 1000 + number, "< 200 fine"),
        ]
    return heard(*sorted(said, key=lambda one: one[0]))


@pytest.mark.parametrize(
    ("waiting", "answered", "seconds", "too_much"),
    [
        (60, 50, 1.0, True),
        (60, 50, 0.01, False),  # these hang: all others are answered at once
        (60, 0, 1.0, False),  # nothing is answered: that is no load
        (60, ENOUGH - 1, 5.0, False),
        (CROWD - 1, 50, 5.0, False),
        (0, 50, 0.01, False),
    ],
)
def test_too_much_is_asked_where_all_wait_as_long_as_the_queue_takes(
    waiting, answered, seconds, too_much
):
    said = overloaded(crowd(waiting, answered, seconds), FRONT, 10.0)
    assert bool(said) == too_much
    if too_much:
        assert said == (
            "More was asked than the machine answers: 60 requests were under way at once, 50 were"
            " answered within 1 s, half of them after 1.0 s or more."
        )
