"""A relay in a process of its own: it never waits for who looks, and never outlives them."""

import socket
import threading
import time

import pytest

from cutaway.net.relay import TO_SERVER, CannotListen
from cutaway.net.relay.apart import LIMIT, Apart

HOST = "127.0.0.1"
WITHIN = 30


@pytest.fixture
def counted():
    """A server that counts what comes and says how much it was; its address."""

    def serve(sock):
        with sock:
            count = 0
            while data := sock.recv(1 << 18):
                count += len(data)
            sock.sendall(b"%d" % count)

    with socket.create_server((HOST, 0)) as listener:

        def accept():
            try:
                while True:
                    threading.Thread(
                        target=serve, args=(listener.accept()[0],), daemon=True
                    ).start()
            except OSError:
                return

        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[:2]


def pour(address, count):
    with socket.create_connection(address, timeout=WITHIN) as sock:
        block = bytes(1 << 18)
        for _ in range(count // len(block)):
            sock.sendall(block)
        sock.shutdown(socket.SHUT_WR)
        return int(sock.recv(100))


def taken(relay, enough, within=WITHIN):
    """Events until there are enough."""
    events, end = [], time.monotonic() + within
    while not enough(events) and time.monotonic() < end:
        events += relay.take(0.1)
    return events


def test_what_passes_is_told_as_it_passes(counted):
    with Apart((HOST, 0), counted) as relay:
        assert pour(relay.address, 1 << 20) == 1 << 20
        events = taken(relay, lambda found: sum(e.happened == "closed" for e in found) == 2)
        assert sum(len(e.data) for e in events if e.way == TO_SERVER) == 1 << 20
        assert relay.lost == (0, 0)


def test_traffic_does_not_wait_for_who_looks_and_what_is_missed_is_counted(counted):
    size = 4 * LIMIT
    with Apart((HOST, 0), counted) as relay:
        assert pour(relay.address, size) == size
        events = taken(
            relay, lambda found: relay.lost[1] and sum(map(heard, found)) + relay.lost[1] >= size
        )
        answer = len(str(size))  # which is lost too where there was no room for it
        assert sum(map(heard, events)) + relay.lost[1] in (size, size + answer)
        assert relay.lost[1] > LIMIT


def heard(event):
    return len(event.data) if event.way == TO_SERVER else 0


def test_an_order_holds_and_what_is_wrong_with_one_comes_back(counted):
    with Apart((HOST, 0), counted, words=["to-server cut-after 5"]) as relay:
        with socket.create_connection(relay.address, timeout=WITHIN) as sock:
            sock.sendall(b"0123456789")
            assert sock.recv(100) == b""
        relay.order("latenc 5ms")
        relay.order("clear")
        taken(relay, lambda _: relay.answers)
        assert relay.answers == ["There is no 'latenc'. Did you mean latency?"]
        assert pour(relay.address, 1 << 18) == 1 << 18


def test_it_ends_with_who_made_it(counted):
    relay = Apart((HOST, 0), counted)
    address = relay.address
    relay.close()
    assert not relay.alive
    with socket.socket() as sock:
        assert sock.connect_ex(address) != 0


def test_a_port_in_use_is_a_sentence(counted):
    with pytest.raises(CannotListen, match="is in use: end the program that listens there"):
        Apart(counted, (HOST, 1))


def test_every_order_is_answered_whenever_it_follows_another(counted):
    with Apart((HOST, 0), counted) as relay:
        for number in range(1, 501):
            relay.order(f"reset {number}")
            time.sleep(
                0.001 + number * 1e-6
            )  # while the answer to the first is told, or just after
            relay.order("to-client stall")
            taken(relay, lambda _: len(relay.done) == len(relay.answers) == number)  # noqa: B023
            assert (len(relay.answers), len(relay.done)) == (number, number)
