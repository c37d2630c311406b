"""Many relays in one child: each with its name, all told in one order; and machines held still."""

import contextlib
import socket
import threading
import time

import pytest

from cutaway.net.relay import TO_CLIENT, TO_SERVER, CannotListen, Link, Links, Recording, Relay
from cutaway.net.relay.many import Many

HOST = "127.0.0.1"
WITHIN = 20


@pytest.fixture
def echo():
    """Makes servers that send everything back with a name of their own ahead; their addresses."""
    listeners = []

    def start(name):
        listener = socket.create_server((HOST, 0))
        listeners.append(listener)

        def serve(sock):
            with sock, contextlib.suppress(OSError):
                while data := sock.recv(1 << 16):
                    sock.sendall(name + data)

        def accept():
            try:
                while True:
                    threading.Thread(
                        target=serve, args=(listener.accept()[0],), daemon=True
                    ).start()
            except OSError:
                return

        threading.Thread(target=accept, daemon=True).start()
        return listener.getsockname()[:2]

    yield start
    for listener in listeners:
        listener.close()


def connected(port):
    return socket.create_connection((HOST, port), timeout=WITHIN)


def asked(port, data=b"hello"):
    with connected(port) as sock:
        sock.sendall(data)
        return sock.recv(100)


def taken(relays, enough):
    events, end = [], time.monotonic() + WITHIN
    while not enough(events) and time.monotonic() < end:
        events += relays.take(0.1)
    return events


def test_each_link_has_a_port_and_its_name_in_what_is_told(echo):
    with Many({"a": echo(b"A"), "b": echo(b"B")}) as relays:
        assert asked(relays.ports["a"]) == b"Ahello"
        assert asked(relays.ports["b"]) == b"Bhello"
        events = taken(relays, lambda found: sum(e.happened == "closed" for _, e in found) == 4)
    said = [(name, e.way, e.data) for name, e in events if e.data]
    assert sorted(said) == [
        ("a", TO_CLIENT, b"Ahello"),
        ("a", TO_SERVER, b"hello"),
        ("b", TO_CLIENT, b"Bhello"),
        ("b", TO_SERVER, b"hello"),
    ]


def test_an_order_is_for_the_link_that_it_names(echo):
    with Many({"a": echo(b"A"), "b": echo(b"B")}) as relays:
        relays.order("b", "cut-after 0")
        relays.order("c", "stall")
        relays.order("a", "latenc 5ms")
        taken(relays, lambda _: len(relays.answers) == 2 and relays.done)
        assert relays.answers == [
            ("c", "There is no link c."),
            ("a", "There is no 'latenc'. Did you mean latency?"),
        ]
        assert [(name, order) for _, name, order in relays.done] == [("b", "cut-after 0")]
        assert asked(relays.ports["a"]) == b"Ahello"
        assert asked(relays.ports["b"]) == b""


def test_new_connections_go_where_the_link_leads_now_and_old_ones_stay(echo):
    with Many({"a": echo(b"A")}) as relays, connected(relays.ports["a"]) as old:
        old.sendall(b"1")
        assert old.recv(10) == b"A1"
        relays.order("a", "lead {}:{}".format(*echo(b"B")))
        taken(relays, lambda _: relays.done)
        assert asked(relays.ports["a"]) == b"Bhello"
        old.sendall(b"2")
        assert old.recv(10) == b"A2"


def test_a_port_in_use_is_a_sentence(echo):
    taken_port = echo(b"A")[1]
    with pytest.raises(CannotListen, match="is in use"):
        Many({"a": (HOST, 1)}, {"a": taken_port})


def test_octets_pass_a_stalled_link_as_many_as_are_allowed(echo):
    recording = Recording()
    stalled = Links(Link(stalled=True))
    with Relay((HOST, 0), echo(b"A"), recording=recording) as relay:
        relay.change(to_server=stalled.to_server)
        with connected(relay.port) as sock:
            sock.sendall(b"first.second.")
            sock.shutdown(socket.SHUT_WR)
            until = time.monotonic() + WITHIN
            while len(recording.sent(1)) < 13 and time.monotonic() < until:
                time.sleep(0.01)
            relay.allow(6, TO_SERVER, 1)
            assert sock.recv(100) == b"Afirst."
            relay.allow(3, TO_SERVER)
            relay.allow(4, TO_SERVER)
            came = b""
            while len(came.replace(b"A", b"")) < 7:
                came += sock.recv(100)
            assert came.replace(b"A", b"") == b"second."
            sock.settimeout(0.2)
            with pytest.raises(TimeoutError):
                sock.recv(1)
            sock.settimeout(WITHIN)
            relay.allow(0, TO_SERVER)
            assert sock.recv(1) == b""


def test_what_was_allowed_is_forgotten_with_the_stall(echo):
    with Relay((HOST, 0), echo(b"A")) as relay, connected(relay.port) as sock:
        sock.sendall(b"x")
        assert sock.recv(10) == b"Ax"
        relay.change(to_server=Link(stalled=True))
        relay.allow(100, TO_SERVER)
        relay.change(to_server=Link(stalled=True))
        sock.sendall(b"y")
        sock.settimeout(0.2)
        with pytest.raises(TimeoutError):
            sock.recv(1)
        relay.link = Link()
        sock.settimeout(WITHIN)
        assert sock.recv(10) == b"Ay"


def test_new_connections_wait_while_they_are_queued_and_are_taken_then(echo):
    with Relay((HOST, 0), echo(b"A")) as relay:
        relay.queue()
        relay.queue()
        with connected(relay.port) as sock:
            sock.sendall(b"x")
            sock.settimeout(0.2)
            with pytest.raises(TimeoutError):
                sock.recv(1)
            relay.lead(echo(b"B"))
            relay.accept()
            sock.settimeout(WITHIN)
            assert sock.recv(10) == b"Bx"
        relay.queue()
        relay.refuse()
        relay.accept()
        assert asked(relay.port) == b"Bhello"


def test_when_octets_left_a_slow_link_is_told(echo):
    with Many({"a": echo(b"A")}) as relays:
        relays.order("a", "latency 50ms")
        taken(relays, lambda _: relays.done)
        assert asked(relays.ports["a"]) == b"Ahello"
        events = taken(relays, lambda found: sum(e.happened == "passed" for _, e in found) == 2)
    [came] = [e for _, e in events if e.data == b"hello"]
    [left] = [e for _, e in events if (e.happened, e.way) == ("passed", TO_SERVER)]
    assert left.offset == 5
    assert left.at - came.at >= 0.05


def test_it_is_known_when_a_link_has_done_all_that_was_ordered(echo):
    with Many({"a": echo(b"A"), "b": echo(b"B")}) as relays:
        assert relays.carried_out("a")
        for line in ("latency 1ms", "nonsense", "clear"):
            relays.order("a", line)
        assert not relays.carried_out("a")
        assert relays.carried_out("b")
        taken(relays, lambda _: relays.carried_out("a"))
        assert relays.carried_out("a")
        assert [line for _, _, line in relays.done] == ["latency 1ms", "clear"]
