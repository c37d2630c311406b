"""What a failure keeps of the connections: which octets, how many, and when each came."""

from __future__ import annotations

import pytest

from cutaway.grade.evidence import AROUND, KEPT, Stretch, stretch
from cutaway.grade.steps import expect, send
from tests.grade.toy import WHOLE, Peer, Word, against, failure, right

ALPHA, BRAVO = Word(b"alpha"), Word(b"bravo")


def wrong(peer: Peer) -> None:
    """The first answer is right, the second another."""
    peer.send(peer.line())
    peer.line()
    peer.send(b"other\n")
    peer.wait_for_end()


def test_a_failure_keeps_what_was_sent_what_came_and_which_octet_is_at_fault() -> None:
    steps = (send(ALPHA), expect(text=b"alpha"), send(BRAVO), expect(text=b"bravo"))
    found = failure(against(wrong, *steps, ways=WHOLE)).evidence
    assert found is not None
    [line] = found.lines
    assert (line.sent.data, line.arrived.data) == (b"alpha\nbravo\n", b"alpha\nother\n")
    assert (found.at, found.offset) == (0, 6)
    assert [event.direction for event in line.events] == ["→", "←", "→", "←"]
    assert (line.who, line.asks, line.ended) == ("your server sent", False, "")


def test_how_a_connection_ended_is_kept() -> None:
    steps = (send(ALPHA), expect(text=b"alpha"))
    found = failure(against(lambda peer: peer.line(), *steps, ways=WHOLE)).evidence
    assert found is not None
    assert (found.lines[0].ended, found.offset) == ("closed", 0)


def test_a_failure_on_one_of_two_connections_names_it() -> None:
    steps = (
        send(ALPHA, on="first"),
        expect(text=b"alpha", on="first"),
        send(BRAVO, on="second"),
        expect(text=b"alpha", on="second"),
    )
    found = failure(against(right, *steps, ways=WHOLE)).evidence
    assert found is not None
    assert [line.name for line in found.lines] == ["first", "second"]
    assert found.at == 1


LONG = bytearray(3 * KEPT)


@pytest.mark.parametrize(
    ("data", "message", "offset", "ahead", "framed"),
    [
        (bytearray(b"short"), 2, 3, 0, True),
        (LONG, 0, None, 0, True),
        (LONG, 5, 100, 5, True),
        (LONG, KEPT + 3, KEPT + 9, KEPT + 3, True),
        (LONG, 0, 2 * KEPT, 2 * KEPT - AROUND, False),
        (LONG, 2 * KEPT, 9, 0, True),
    ],
)
def test_of_much_what_lies_around_the_octet_is_kept(
    data: bytearray, message: int, offset: int | None, ahead: int, framed: bool
) -> None:
    kept = bytes(data[ahead : ahead + KEPT])
    assert stretch(data, message, offset) == Stretch(
        data=kept, ahead=ahead, size=len(data), framed=framed
    )
