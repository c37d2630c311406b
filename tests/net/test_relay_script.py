"""Orders and scripts: what is typed, what it changes, and when."""

import random
import socket
import time

import pytest

from cutaway.net.relay import CLEAR, BadLink, Link, Links, Relay, UdpRelay, Weather
from cutaway.net.relay.orders import DATAGRAMS, BadOrder, order_of, written
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


WEATHERS = [
    ("loss 10% latency 20ms", Weather(loss=0.1, latency=0.02)),
    ("duplicate 100% reorder 5% corrupt .5%", Weather(duplicate=1.0, reorder=0.05, corrupt=0.005)),
    ("limit 1200", Weather(limit=1200)),
    ("clear", Weather()),
]


@pytest.mark.parametrize(("text", "weather"), WEATHERS, ids=[text for text, _ in WEATHERS])
def test_an_order_makes_weather(text, weather):
    before = Weather(loss=0.5) if text == "clear" else Weather()
    assert order_of(text, speech=DATAGRAMS).link(before) == weather


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("stall", "stall is of connections, not of datagrams. There are: loss, duplicate, "),
        ("los 3%", "There is no 'los'. Did you mean loss?"),
        ("loss 101%", "'101%' is no share. Write 10%."),
        ("loss", "loss wants a value, such as loss 10%."),
    ],
)
def test_what_is_no_order_to_datagrams_is_a_sentence(text, why):
    with pytest.raises(BadOrder) as problem:
        order_of(text, speech=DATAGRAMS)
    assert str(problem.value).startswith(why)


def test_of_connections_nothing_is_said_that_only_datagrams_have():
    with pytest.raises(BadOrder, match="loss is of datagrams, not of connections"):
        order_of("loss 3%")


def test_what_was_drawn_is_written_as_it_is_typed():
    order = order_of("latency 17ms loss 12.5% limit 900", speech=DATAGRAMS)
    assert written(order.changes, DATAGRAMS) == "loss 12.5% limit 900 latency 17ms"


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


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("chance 10% loss 3%", "Line 1: chance is of connections. For one datagram in ten say"),
        ("after 3 connections loss 3%", "Line 1: after wants datagrams or octets, not"),
    ],
)
def test_what_is_no_script_for_datagrams_names_its_line(text, why):
    with pytest.raises(BadOrder) as problem:
        script_of(text, DATAGRAMS)
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


def scripted(listener, text, seed=0, done=None):
    relay = Relay((HOST, 0), listener.getsockname()[:2], seed=seed)
    run(script_of(text), relay, *([done] if done else []))
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


def test_what_was_done_is_told_with_what_was_drawn(listener):
    done = []
    script = "at 10ms..20ms stall\nchance 100% to-client cut-after 5..5"
    with scripted(listener, script, done=lambda *told: done.append(told)) as relay:
        socket.create_connection(relay.address).close()
        assert until(lambda: len(done) == 2)
    assert sorted(done) == [
        ("at 10ms..20ms stall", ""),
        ("chance 100% to-client cut-after 5..5: cut-after 5 · connection 1", ""),
    ]


def test_the_weather_changes_by_time_and_by_count():
    with (
        UdpRelay((HOST, 0), (HOST, 9)) as relay,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client,
    ):
        run(
            script_of("at 10ms latency 1ms\nafter 2 datagrams to-client loss 100%", DATAGRAMS),
            relay,
        )
        assert until(lambda: relay.weather == Weather(latency=0.001))
        client.sendto(b"one", relay.address)
        client.sendto(b"two", relay.address)
        assert until(lambda: relay.links.to_client == Weather(latency=0.001, loss=1.0))
        assert (relay.weather, relay.counts().datagrams) == (Weather(latency=0.001), 2)
