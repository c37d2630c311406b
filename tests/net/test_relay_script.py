"""Orders and scripts: what is typed, what it changes, and when."""

import random
import socket
import time

import pytest

from cutaway.net.relay import CLEAR, BadLink, Link, Links, Relay
from cutaway.net.relay.orders import BadOrder, order_of
from cutaway.net.relay.script import run, script_of

HOST = "127.0.0.1"
WITHIN = 20
BOTH = Link(latency=0.5, rate=100.0)

ORDERS = [
    ("latency 50ms", Links(Link(latency=0.05), Link(latency=0.05))),
    ("latency 1.5s jitter 500us", Links(*[Link(latency=1.5, jitter=0.0005)] * 2)),
    ("to-client rate 1Mbit", Links(CLEAR, Link(rate=125_000.0))),
    ("to-server rate 64Ki", Links(Link(rate=65536.0), CLEAR)),
    ("drip 100ms", Links(*[Link(pieces=1, gap=0.1)] * 2)),
    ("stall", Links(*[Link(stalled=True)] * 2)),
    ("to-server cut-after 0", Links(Link(cut_after=0), CLEAR)),
    (
        "reset-after 4Ki half-close-after 1k",
        Links(*[Link(reset_after=4096, half_close_after=1000)] * 2),
    ),
    ("clear", Links()),
]


@pytest.mark.parametrize(("text", "links"), ORDERS, ids=[text for text, _ in ORDERS])
def test_an_order_makes_a_link(text, links):
    assert order_of(text).links(Links()) == links


def test_an_order_changes_what_it_names_and_clear_begins_anew():
    before = Links(BOTH, BOTH)
    assert order_of("latency 0").links(before) == Links(*[Link(rate=100.0)] * 2)
    assert order_of("to-client clear").links(before) == Links(BOTH, CLEAR)
    assert order_of("clear stall").links(before) == Links(*[Link(stalled=True)] * 2)


@pytest.mark.parametrize("text", ["cut", "reset 3", "refuse", "accept"])
def test_an_act_is_read(text):
    order = order_of(text)
    assert " ".join([order.act, *([str(order.number)] if order.number else [])]) == text


WRONG = [
    ("", "Nothing is ordered."),
    ("latenc 5ms", "There is no 'latenc'. Did you mean latency?"),
    ("latency", "latency wants a value, such as latency 20ms."),
    ("latency 5", "'5' is no time. Write 20ms, 1.5s or 200us."),
    ("latency -5ms", "'-5ms' is no time."),
    ("cut-after 1_0", "'1_0' is no count of octets."),
    ("rate 1Mbyte", "'1Mbyte' is no rate."),
    ("to-client", "to-client says no change."),
    ("cut all", "cut stands alone or with the number of a connection."),
    ("refuse 3", "refuse stands alone."),
    ("cut-after 9..3", "9..3 begins above its end."),
]


@pytest.mark.parametrize(("text", "why"), WRONG, ids=[text for text, _ in WRONG])
def test_what_is_no_order_is_a_sentence(text, why):
    with pytest.raises(BadOrder) as problem:
        order_of(text)
    assert str(problem.value).startswith(why)


@pytest.mark.parametrize("text", ["rate 0", "pieces 0", "latency 2000m"])
def test_what_no_link_can_be_is_refused_where_it_is_typed(text):
    with pytest.raises(BadLink):
        order_of(text)


def test_a_range_is_drawn():
    drawn = {order_of("cut-after 0..9", random.Random(n)).changes["cut_after"] for n in range(99)}
    assert drawn == set(range(10))


SCRIPTS = [
    ("at 1s", "Line 1: Nothing is ordered."),
    ("# remark\n\nwhen 1s cut", "Line 3: 'when' is no condition."),
    ("after 3 packets cut", "Line 1: after wants connections or octets, not 'packets'."),
    ("chance 10 cut-after 3", "Line 1: '10' is no share. Write 10%."),
    ("chance 10% reset", "Line 1: chance changes the link of a connection; it cannot reset."),
    ("every 0s cut", "Line 1: every wants more than no time."),
    ("at 1s pieces 0", "Line 1: pieces have one octet at least"),
]


@pytest.mark.parametrize(("text", "why"), SCRIPTS, ids=[text for text, _ in SCRIPTS])
def test_what_is_no_script_names_its_line(text, why):
    with pytest.raises(BadOrder) as problem:
        script_of(text)
    assert str(problem.value).startswith(why)


@pytest.fixture
def listener():
    with socket.create_server((HOST, 0)) as sock:
        yield sock


def until(condition):
    end = time.monotonic() + WITHIN
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)
    return condition()


def scripted(listener, text, seed=0):
    relay = Relay((HOST, 0), listener.getsockname()[:2], seed=seed)
    run(script_of(text), relay)
    return relay


def test_changes_come_at_their_time(listener):
    with scripted(listener, "at 50ms latency 1ms\nat 100ms to-client stall") as relay:
        began = time.monotonic()
        assert until(lambda: relay.link == Link(latency=0.001))
        assert time.monotonic() - began >= 0.03
        assert until(lambda: relay.links.to_client == Link(latency=0.001, stalled=True))
        assert relay.link == Link(latency=0.001)


def test_changes_come_by_count_of_connections(listener):
    with scripted(listener, "after 2 connections refuse") as relay:
        for _ in range(2):
            socket.create_connection(relay.address).close()

        def refused():
            with socket.socket() as sock:
                return sock.connect_ex(relay.address) != 0

        assert until(refused)


def test_changes_come_by_count_of_octets(listener):
    with (
        scripted(listener, "after 100 octets latency 1s") as relay,
        socket.create_connection(relay.address) as client,
    ):
        client.sendall(bytes(99))
        assert until(lambda: relay.counts().to_server == 99)
        time.sleep(0.05)
        assert relay.link == CLEAR
        client.sendall(b"x")
        assert until(lambda: relay.link == Link(latency=1.0))


def test_what_comes_every_time_comes_again(listener):
    with scripted(listener, "every 30ms cut") as relay:
        for _ in range(2):
            with socket.create_connection(relay.address, timeout=WITHIN) as client:
                assert client.recv(1) == b""


def ends(listener, seed):
    """How many octets of each of thirty connections arrive."""
    came = []
    listener.settimeout(WITHIN)
    with scripted(listener, "chance 50% to-server cut-after 1..100", seed) as relay:
        for _ in range(30):
            with socket.create_connection(relay.address, timeout=WITHIN) as client:
                client.sendall(bytes(100))
                client.shutdown(socket.SHUT_WR)
                server, _ = listener.accept()
                with server:
                    server.settimeout(WITHIN)
                    count = 0
                    while data := server.recv(1000):
                        count += len(data)
                    came.append(count)
    return came


def test_the_same_seed_gives_the_same_disturbances(listener):
    first, second, other = ends(listener, 1), ends(listener, 1), ends(listener, 2)
    assert first == second != other
    assert 5 < sum(count < 100 for count in first) < 25
