"""What a relay carries, and how: order, back-pressure, ends, and each fault of a link."""

import contextlib
import random
import socket
import struct
import sys
import threading
import time

import pytest

from cutaway.net.relay import (
    CLEAR,
    TO_CLIENT,
    TO_SERVER,
    CannotListen,
    Link,
    Links,
    Loop,
    Recording,
    Relay,
)
from cutaway.net.relay.lane import OVERHEAD
from cutaway.net.relay.relay import LEAST

WITHIN = 20
HOST = "127.0.0.1"


class Pair:
    """A client and the server's end of its connection, with a relay between."""

    def __init__(self, relay, listener):
        self.relay = relay
        self.client = socket.create_connection(relay.address, timeout=WITHIN)
        listener.settimeout(WITHIN)
        self.server, _ = listener.accept()
        self.server.settimeout(WITHIN)
        for sock in (self.client, self.server):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self):
        self.client.close()
        self.server.close()


@pytest.fixture
def listener():
    with socket.create_server((HOST, 0), backlog=1024) as sock:
        yield sock


@pytest.fixture
def relay(listener):
    with Relay((HOST, 0), listener.getsockname()[:2]) as made:
        yield made


@pytest.fixture
def pair(relay, listener):
    made = Pair(relay, listener)
    yield made
    made.close()


def reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def received(sock, count=None):
    """So many octets, or all to the end; and how it ended, if it did."""
    came = bytearray()
    try:
        while count is None or len(came) < count:
            data = sock.recv(1 << 16)
            if not data:
                return bytes(came), "closed"
            came += data
    except ConnectionResetError:
        return bytes(came), "reset"
    return bytes(came), None


def until(condition, within=WITHIN):
    end = time.monotonic() + within
    while not condition() and time.monotonic() < end:
        time.sleep(0.002)
    return condition()


def talked(address):
    with socket.create_connection(address, timeout=WITHIN) as sock:
        return sock.recv(1)


# Carrying.


def test_octets_pass_both_ways_and_are_recorded(pair):
    pair.client.sendall(b"ping")
    assert received(pair.server, 4) == (b"ping", None)
    pair.server.sendall(b"pong!")
    assert received(pair.client, 5) == (b"pong!", None)
    assert pair.relay.recording.sent(1) == b"ping"
    assert pair.relay.recording.answered(1) == b"pong!"


def test_a_half_close_is_passed_on_and_the_other_way_goes_on(pair):
    pair.client.sendall(b"all of it")
    pair.client.shutdown(socket.SHUT_WR)
    assert received(pair.server) == (b"all of it", "closed")
    pair.server.sendall(b"answer")
    pair.server.close()
    assert received(pair.client) == (b"answer", "closed")
    assert until(lambda: pair.relay.counts().open == 0)
    happened = [(e.way, e.happened) for e in pair.relay.recording.events() if e.happened]
    assert happened == [(TO_SERVER, "opened"), (TO_SERVER, "closed"), (TO_CLIENT, "closed")]


@pytest.mark.parametrize("side", ["client", "server"])
def test_a_reset_is_passed_on_as_a_reset(pair, side):
    there = pair.server if side == "client" else pair.client
    reset(getattr(pair, side))
    assert received(there) == (b"", "reset")
    assert until(lambda: pair.relay.counts().open == 0)


def test_octets_ahead_of_a_reset_arrive(pair):
    pair.client.sendall(b"last words")
    assert received(pair.server, 10) == (b"last words", None)
    pair.client.sendall(b"and more")
    time.sleep(0.05)
    reset(pair.client)
    assert received(pair.server) == (b"and more", "reset")


def test_an_upstream_that_refuses_resets_the_client():
    with socket.create_server((HOST, 0)) as gone:
        address = gone.getsockname()[:2]
    with Relay((HOST, 0), address) as relay:
        with pytest.raises(ConnectionResetError):
            talked(relay.address)
        assert relay.counts().refused == 1
        assert relay.recording.events()[-1].happened == "refused"


def test_a_port_in_use_is_one_sentence(listener):
    with pytest.raises(CannotListen) as problem:
        Relay(listener.getsockname()[:2], (HOST, 1))
    port = listener.getsockname()[1]
    assert str(problem.value).startswith(f"port {port} is in use: end the program")


def test_a_relay_can_refuse_and_accept_again(relay, listener):
    relay.refuse()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(relay.address)
    relay.accept()
    Pair(relay, listener).close()


def test_closing_resets_what_is_open_and_ends_the_thread(listener):
    loop = Loop()
    relay = Relay((HOST, 0), listener.getsockname()[:2], loop=loop)
    pair = Pair(relay, listener)
    relay.close()
    relay.close()
    assert received(pair.client)[1] == received(pair.server)[1] == "reset"
    loop.close()
    assert not loop.thread.is_alive()
    pair.close()


def test_many_relays_share_a_thread_that_ends_with_the_last(listener):
    before = threading.active_count()
    relays = [Relay((HOST, 0), listener.getsockname()[:2]) for _ in range(20)]
    assert threading.active_count() == before + 1
    for relay in relays:
        relay.close()
    assert threading.active_count() == before


def test_ipv6_is_carried_too():
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with listener, Relay(("::1", 0), listener.getsockname()[:2]) as relay:
        pair = Pair(relay, listener)
        pair.client.sendall(b"six")
        assert received(pair.server, 3) == (b"six", None)
        pair.close()


# Back-pressure.


def fill(sock):
    """Send until nothing more is taken; how much that was."""
    sock.setblocking(False)
    sent, quiet = 0, 0
    while quiet < 20:
        try:
            sent += sock.send(bytes(1 << 16))
            quiet = 0
        except BlockingIOError:
            quiet += 1
            time.sleep(0.01)
    sock.settimeout(WITHIN)
    return sent


def test_a_reader_that_stops_stops_the_writer(pair):
    sent = fill(pair.client)
    lane = pair.relay.connections[1].to_server
    assert 0 < lane.queued <= 2 * pair.relay.share
    assert len(received(pair.server, sent)[0]) == sent
    pair.client.sendall(b"and on")
    assert received(pair.server, 6) == (b"and on", None)


def test_a_stalled_link_holds_what_it_holds_and_then_lets_it_go(pair):
    pair.relay.change(to_server=Link(stalled=True))
    sent = fill(pair.client)
    assert pair.relay.connections[1].to_server.queued <= 2 * pair.relay.share
    pair.server.sendall(b"the other way is open")
    assert received(pair.client, 21)[0] == b"the other way is open"
    pair.relay.link = CLEAR
    assert len(received(pair.server, sent)[0]) == sent


def test_reads_of_one_octet_count_with_their_objects(pair):
    pair.relay.change(to_server=Link(stalled=True))
    lane, share = pair.relay.connections[1].to_server, LEAST
    pair.relay.share = share
    most = -(-share // (1 + OVERHEAD))
    for number in range(most):
        assert pair.relay.counts().to_server == number
        pair.client.sendall(b"x")
        assert until(lambda wanted=number + 1: lane.passed == wanted)
    pair.client.sendall(b"and more, which stays with the kernel")
    queue = pair.relay.loop.ask(lambda: list(lane._queue))
    assert (len(queue), lane.passed, lane.queued) == (most, most, most * (1 + OVERHEAD))
    in_line = 8
    taken = sum(in_line + sum(map(sys.getsizeof, (entry, *entry))) for entry in queue)
    assert taken <= lane.queued
    pair.relay.link = CLEAR
    came, _ = received(pair.server, most + 37)
    assert came == b"x" * most + b"and more, which stays with the kernel"
    assert pair.relay.loop.ask(lambda: lane.queued) == 0


@pytest.mark.alone
def test_a_thousand_connections_and_a_reader_that_stops_keep_the_memory_bound():
    import psutil

    from cutaway.net.serve import allow_many_connections

    allow_many_connections()
    count, data = 1000, random.Random(3).randbytes(1 << 20)
    listener = socket.create_server((HOST, 0), backlog=1024)
    recording = Recording(limit=8 << 20)
    with listener, Relay((HOST, 0), listener.getsockname()[:2], recording=recording) as relay:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        pairs = [Pair(relay, listener) for _ in range(count)]
        before = psutil.Process().memory_info().rss
        sent = []
        for pair in pairs:
            pair.client.setblocking(False)
            done = 0
            with contextlib.suppress(BlockingIOError):
                while done < 1 << 18:
                    done += pair.client.send(memoryview(data)[done : done + 65536])
            pair.client.settimeout(WITHIN)
            sent.append(done)
        assert until(lambda: relay.counts().to_server > 0)
        time.sleep(0.5)
        waiting = relay.loop.ask(
            lambda: sum(c.to_server.queued for c in relay.connections.values())
        )
        assert waiting <= (64 << 20) + count * (32 << 10)
        assert recording.size <= recording.limit
        assert psutil.Process().memory_info().rss - before < 160 << 20
        for pair, done in zip(pairs, sent, strict=True):
            assert received(pair.server, done)[0] == data[:done]
            pair.close()


# What a link does.


def test_latency_is_each_way_and_a_new_connection_pays_its_handshake(relay, listener):
    relay.link = Link(latency=0.05)
    began = time.monotonic()
    client = socket.create_connection(relay.address, timeout=WITHIN)
    client.sendall(b"a")
    server, _ = listener.accept()
    assert received(server, 1)[0] == b"a"
    assert time.monotonic() - began >= 0.15  # SYN, SYN ACK, then the octet
    began = time.monotonic()
    server.sendall(b"b")
    assert received(client, 1)[0] == b"b"
    assert time.monotonic() - began >= 0.05
    client.close()
    server.close()


def test_jitter_keeps_the_order(pair):
    pair.relay.link = Link(latency=0.001, jitter=0.01)
    for number in range(100):
        pair.client.sendall(struct.pack(">I", number))
        time.sleep(0.0005)
    came, _ = received(pair.server, 400)
    assert list(struct.unpack(">100I", came)) == list(range(100))


def test_an_end_is_under_way_as_long_as_octets_are(pair):
    pair.relay.link = Link(latency=0.1)
    began = time.monotonic()
    pair.client.sendall(b"x")
    pair.client.shutdown(socket.SHUT_WR)
    assert received(pair.server) == (b"x", "closed")
    assert time.monotonic() - began >= 0.1


def test_a_rate_is_kept(pair):
    pair.relay.link = Link(rate=500_000)
    began = time.monotonic()
    threading.Thread(target=pair.client.sendall, args=(bytes(150_000),)).start()
    received(pair.server, 150_000)
    assert time.monotonic() - began >= 0.29


def test_pieces_are_read_one_by_one(pair):
    pair.relay.link = Link(pieces=3, gap=0.02)
    pair.client.sendall(b"abcdefgh")
    pieces = [pair.server.recv(100) for _ in range(3)]
    assert pieces == [b"abc", b"def", b"gh"]


def test_a_drip_is_an_octet_at_a_time(pair):
    pair.relay.change(to_server=Link(pieces=1, gap=0.02))
    began = time.monotonic()
    pair.client.sendall(b"slow")
    assert [pair.server.recv(100) for _ in range(4)] == [b"s", b"l", b"o", b"w"]
    assert time.monotonic() - began >= 0.06


@pytest.mark.parametrize("after", [0, 1, 5, 70_000])
def test_a_cut_closes_both_sides_behind_so_many_octets(relay, listener, after):
    relay.change(to_server=Link(cut_after=after))
    pair = Pair(relay, listener)
    pair.client.sendall(bytes(range(256)) * 400)
    came, how = received(pair.server)
    assert (len(came), how) == (after, "closed")
    assert received(pair.client) == (b"", "closed")
    pair.close()
    assert until(lambda: relay.counts().open == 0)
    assert relay.recording.sent(1) == came


@contextlib.contextmanager
def crowded():
    """A listener whose queue is full: who connects to it waits."""
    with socket.create_server((HOST, 0), backlog=0) as full, contextlib.ExitStack() as stack:
        for _ in range(4):
            sock = stack.enter_context(socket.socket())
            sock.setblocking(False)
            sock.connect_ex(full.getsockname())
        yield full.getsockname()


@pytest.mark.parametrize("latency", [0.0, 30.0])
def test_a_connection_that_is_cut_while_it_is_dialled_ends_for_the_client(latency):
    with (
        crowded() as upstream,
        Relay((HOST, 0), upstream, Link(latency=latency)) as relay,
        socket.create_connection(relay.address, timeout=WITHIN) as client,
    ):
        assert until(lambda: relay.counts().open == 1)
        assert relay.cut() == 1
        assert received(client) == (b"", "closed")
        assert until(lambda: relay.counts().open == 0)


def test_a_reset_behind_nothing_resets_every_connection(relay):
    relay.link = Link(reset_after=0)
    for _ in range(3):
        with pytest.raises(ConnectionResetError):
            talked(relay.address)


@pytest.mark.parametrize("after", [1, 5])
def test_a_reset_resets_both_sides_behind_so_many_octets(relay, listener, after):
    relay.change(to_client=Link(reset_after=after))
    pair = Pair(relay, listener)
    with contextlib.suppress(ConnectionError):
        pair.server.sendall(b"0123456789")
    came, how = received(pair.client)
    assert (came, how) == (b"0123456789"[:after], "reset")
    assert received(pair.server)[1] == "reset"
    pair.close()


def test_a_half_close_of_the_link_leaves_the_other_way_open(relay, listener):
    relay.change(to_server=Link(half_close_after=3))
    pair = Pair(relay, listener)
    pair.client.sendall(b"abcdef")
    assert received(pair.server) == (b"abc", "closed")
    pair.client.sendall(b"ghi")
    pair.server.sendall(b"I heard you")
    assert received(pair.client, 11)[0] == b"I heard you"
    pair.close()


def test_a_stall_begins_behind_so_many_octets(relay, listener):
    relay.change(to_server=Link(stall_after=3))
    pair = Pair(relay, listener)
    pair.client.sendall(b"abcdef")
    assert received(pair.server, 3)[0] == b"abc"
    pair.server.settimeout(0.1)
    with pytest.raises(TimeoutError):
        pair.server.recv(1)
    relay.link = CLEAR
    pair.server.settimeout(WITHIN)
    assert received(pair.server, 3)[0] == b"def"
    pair.close()


def test_a_link_changes_for_one_connection_alone(relay, listener):
    first, second = Pair(relay, listener), Pair(relay, listener)
    relay.change(Link(stalled=True), number=1)
    first.client.sendall(b"held")
    second.client.sendall(b"free")
    assert received(second.server, 4)[0] == b"free"
    assert relay.reset(1) == 1
    assert received(first.server) == (b"", "reset")
    assert relay.cut() == 1
    assert received(second.server) == (b"", "closed")
    for pair in (first, second):
        pair.close()


def test_less_latency_lets_nothing_overtake(pair):
    pair.relay.link = Link(latency=0.2)
    pair.client.sendall(b"first")
    assert until(lambda: pair.relay.counts().to_server == 5)
    pair.relay.link = CLEAR
    pair.client.sendall(b"second")
    assert received(pair.server, 11)[0] == b"firstsecond"


def test_each_connection_can_have_its_own_link(listener):
    def choose(number, draws):
        return Links(Link(cut_after=number), CLEAR)

    with Relay((HOST, 0), listener.getsockname()[:2], choose=choose) as relay:
        for number in (1, 2, 3):
            pair = Pair(relay, listener)
            pair.client.sendall(b"abcdef")
            assert received(pair.server) == (b"abcdef"[:number], "closed")
            pair.close()


def test_the_same_seed_draws_the_same():
    def draws(seed):
        with Relay((HOST, 0), (HOST, 1), seed=seed) as relay:
            numbers = []
            for number in (1, 2):
                made = random.Random(f"{relay.seed}/{number}/{TO_SERVER}")
                numbers += [made.random() for _ in range(5)]
            return numbers

    assert draws(1) == draws(1) != draws(2)
