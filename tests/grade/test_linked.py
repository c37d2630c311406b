"""A far side behind a link: reached through a relay, which goes away and comes back with it."""

import socket
from collections.abc import Iterator

import pytest

from cutaway.grade.far import Far, FarSide, open_all, settings_of
from cutaway.grade.linked import over
from cutaway.net.relay import Link
from cutaway.topics.tcp.codec import Raw

DISTANT = Far(name="distant", codec=Raw, variable="UPSTREAMS", link=Link(latency=0.001))


@pytest.fixture
def side() -> Iterator[FarSide]:
    [side] = open_all([DISTANT]).values()
    yield side
    side.close()


def dialled(side: FarSide) -> socket.socket:
    return socket.create_connection(side.reached, timeout=5)


def test_the_program_is_given_the_address_of_the_relay(side: FarSide) -> None:
    assert side.reached != side.address
    told = settings_of([DISTANT], {"distant": side.reached})
    assert told == {"UPSTREAMS": f"127.0.0.1:{side.reached[1]}"}


def test_what_is_sent_to_it_arrives_behind_the_link(side: FarSide) -> None:
    with dialled(side) as sock, socket.create_connection(side.address, timeout=5):
        sock.sendall(b"over the link")
        while (line := side.asked()) is None:
            side.take()
        assert line.data() == b"over the link"


def test_refusing_is_a_refusal_at_the_relay_too_and_recovering_ends_it(side: FarSide) -> None:
    side.refuse()
    with pytest.raises(ConnectionRefusedError):
        dialled(side)
    side.recover()
    dialled(side).close()


def test_the_next_case_finds_the_link_as_it_was(side: FarSide) -> None:
    assert side.relay is not None
    side.relay.change(Link(stalled=True))
    side.recover()
    assert side.relay.link == DISTANT.link


def test_a_step_says_what_it_does_to_the_link() -> None:
    step = over("distant", Link(latency=0.2), to_client=Link(cut_after=7))
    assert step.sketch() == "both ways: latency 0.2; from it: cut after 7"
