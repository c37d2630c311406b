"""Datagrams meet the fates that the weather has for them, and the same ones for the same seed."""

import random
import socket
import threading
import time
import tracemalloc

import pytest

from cutaway.net.relay import (
    TO_SERVER,
    BadLink,
    CannotListen,
    Recording,
    UdpRelay,
    Weather,
    udp,
)
from cutaway.net.relay.udp import CLIENTS, OVERHEAD, changed, fate

HOST = "127.0.0.1"
WITHIN = 20


@pytest.fixture
def server():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((HOST, 0))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        sock.settimeout(0.3)
        yield sock


@pytest.fixture
def client():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((HOST, 0))
        sock.settimeout(WITHIN)
        yield sock


def arrived(sock, count=None):
    """Datagrams until there are so many, or none for a while."""
    came = []
    try:
        while count is None or len(came) < count:
            came.append(sock.recv(65535))
    except TimeoutError:
        pass
    return came


def until(condition):
    end = time.monotonic() + WITHIN
    while not condition() and time.monotonic() < end:
        time.sleep(0.001)
    return condition()


def through(server, client, weather, datagrams, seed=1):
    """What arrives of these, and what the recording says of each."""
    with UdpRelay((HOST, 0), server.getsockname(), weather, seed=seed) as relay:
        for datagram in datagrams:
            client.sendto(datagram, relay.address)
            time.sleep(0.0005)
        came = arrived(server)
        told = [e.happened for e in relay.recording.events() if e.happened]
        return came, told


NUMBERED = [b"%04d" % number for number in range(200)]


def test_fair_weather_passes_everything_in_order_and_answers_find_back(server, client):
    with UdpRelay((HOST, 0), server.getsockname()) as relay:
        client.sendto(b"ask", relay.address)
        data, address = server.recvfrom(100)
        server.sendto(b"answer to " + data, address)
        assert client.recvfrom(100) == (b"answer to ask", relay.address)
        assert relay.recording.sent(1) == b"ask"
        assert relay.recording.answered(1) == b"answer to ask"


def test_two_clients_are_kept_apart(server, client):
    with (
        UdpRelay((HOST, 0), server.getsockname()) as relay,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other,
    ):
        other.settimeout(WITHIN)
        for sock, word in ((client, b"a"), (other, b"b")):
            sock.sendto(word, relay.address)
        for _ in range(2):
            data, address = server.recvfrom(100)
            server.sendto(data * 2, address)
        assert client.recv(100) == b"aa"
        assert other.recv(100) == b"bb"


def test_what_is_lost_is_told(server, client):
    came, told = through(server, client, Weather(loss=0.3), NUMBERED)
    assert len(came) + told.count("lost") == len(NUMBERED)
    assert 30 < told.count("lost") < 90
    assert came == sorted(came)


def test_doubled_datagrams_come_twice(server, client):
    came, told = through(server, client, Weather(duplicate=0.2), NUMBERED)
    assert len(came) == len(NUMBERED) + told.count("doubled")
    assert set(came) == set(NUMBERED)


def test_held_back_datagrams_are_overtaken(server, client):
    came, told = through(server, client, Weather(reorder=0.2), NUMBERED)
    assert sorted(came) == NUMBERED != came
    assert told.count("held back") > 10


def test_a_corrupted_datagram_differs_in_one_bit(server, client):
    came, told = through(server, client, Weather(corrupt=1.0), [bytes(50)] * 5)
    assert [sum(octet.bit_count() for octet in datagram) for datagram in came] == [1] * 5
    assert told == ["corrupted"] * 5


def test_what_is_longer_than_the_limit_does_not_pass(server, client):
    came, told = through(server, client, Weather(limit=100), [bytes(100), bytes(101), b""])
    assert came == [bytes(100), b""]
    assert told == ["too long"]


def test_latency_is_kept_in_each_way(server, client):
    with UdpRelay((HOST, 0), server.getsockname(), Weather(latency=0.05)) as relay:
        began = time.monotonic()
        client.sendto(b"x", relay.address)
        _, address = server.recvfrom(10)
        server.sendto(b"y", address)
        client.recv(10)
        assert time.monotonic() - began >= 0.1


def test_weather_changes_while_it_runs(server, client):
    with UdpRelay((HOST, 0), server.getsockname(), Weather(loss=1.0)) as relay:
        client.sendto(b"gone", relay.address)
        assert arrived(server) == []
        relay.weather = Weather()
        client.sendto(b"here", relay.address)
        assert arrived(server, 1) == [b"here"]
        relay.change(to_server=Weather(limit=1))
        client.sendto(b"long", relay.address)
        assert arrived(server) == []


def test_the_same_seed_gives_the_same_fates(server, client):
    weather = Weather(loss=0.1, duplicate=0.1, reorder=0.1, corrupt=0.1)
    first, second, other = (through(server, client, weather, NUMBERED, seed) for seed in (5, 5, 6))
    assert sorted(first[0]) == sorted(second[0]) != sorted(other[0])
    assert first[1] == second[1] != other[1]


def test_one_more_fault_does_not_change_what_the_others_meet():
    def lost(weather):
        draws = random.Random(3)
        return [not fate(draws, weather, 100).after for _ in range(100)]

    assert lost(Weather(loss=0.2)) == lost(Weather(loss=0.2, corrupt=0.5, duplicate=0.5, jitter=1))


def test_a_flipped_bit_flips_back():
    assert changed(changed(b"abc", 13), 13) == b"abc" != changed(b"abc", 13)
    assert changed(b"abc", None) == b"abc"


def test_clients_are_bounded(server):
    with UdpRelay((HOST, 0), server.getsockname()) as relay:
        for _ in range(CLIENTS + 20):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                sock.sendto(b"x", relay.address)
        assert len(relay.loop.ask(lambda: list(relay._clients))) <= CLIENTS


@pytest.mark.parametrize("datagram", [b"", b"x", bytes(100)])
def test_what_is_under_way_is_bounded_whatever_its_size(server, client, monkeypatch, datagram):
    most = 50
    monkeypatch.setattr(udp, "WAITING", most * (OVERHEAD + len(datagram)))
    with UdpRelay((HOST, 0), server.getsockname(), Weather(latency=1000)) as relay:
        for number in range(1, most + 11):
            client.sendto(datagram, relay.address)
            assert until(lambda wanted=number: count_of(relay, datagram) == wanted)
        assert relay.loop.ask(lambda: relay.waiting) == udp.WAITING
        lost = [event for event in relay.recording.events() if event.happened == "lost"]
        assert len(lost) == 10


def count_of(relay, datagram):
    """How many of these came to the relay."""
    return sum(not e.happened and e.data == datagram for e in relay.recording.events())


def test_what_a_waiting_datagram_counts_is_what_it_takes(server, client):
    many, size = 2000, 1
    weather, recording = Weather(latency=1000), Recording(limit=0)
    with UdpRelay((HOST, 0), server.getsockname(), weather, recording=recording) as relay:
        client.sendto(b"", relay.address)
        assert until(lambda: relay.loop.ask(lambda: relay.waiting) == OVERHEAD)

        def taken():
            path = next(iter(relay._clients.values())).there
            before = tracemalloc.get_traced_memory()[0]
            for _ in range(many):
                relay._pass(path, bytes(bytearray(size)))
            return tracemalloc.get_traced_memory()[0] - before

        tracemalloc.start()
        try:
            assert 0 < relay.loop.ask(taken) <= many * (size + OVERHEAD)
        finally:
            tracemalloc.stop()


def test_nothing_waits_when_everything_has_arrived(server, client):
    with UdpRelay((HOST, 0), server.getsockname(), Weather(latency=0.01)) as relay:
        for datagram in (b"", b"x", bytes(1000)):
            client.sendto(datagram, relay.address)
        assert sorted(arrived(server, 3)) == [b"", bytes(1000), b"x"]
        assert relay.loop.ask(lambda: relay.waiting) == 0


def test_nobody_upstream_is_told(client):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gone:
        gone.bind((HOST, 0))
        address = gone.getsockname()
    with UdpRelay((HOST, 0), address) as relay:
        client.sendto(b"anybody", relay.address)
        end = time.monotonic() + WITHIN
        while not relay.recording.dropped.events and time.monotonic() < end:
            if any(e.happened == "refused" for e in relay.recording.events()):
                break
            time.sleep(0.005)
        assert relay.recording.events()[-1].way == TO_SERVER


def test_closing_leaves_no_thread():
    before = threading.active_count()
    relay = UdpRelay((HOST, 0), (HOST, 9))
    relay.close()
    relay.close()
    assert threading.active_count() == before


def test_what_cannot_be_is_a_sentence(server):
    with pytest.raises(BadLink, match="loss is a share, from 0 to 1"):
        Weather(loss=2)
    with pytest.raises(CannotListen, match="is in use"):
        UdpRelay(server.getsockname(), (HOST, 1))
