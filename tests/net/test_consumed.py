"""What the kernel says about the other side's queue."""

import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from cutaway.net.consumed import PeerQueue, read_by_peer

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname())
        theirs, _ = listener.accept()
        with ours, theirs:
            yield ours, theirs


def test_nothing_sent_is_read(pair: Pair) -> None:
    assert read_by_peer(pair[0], within=1) is (sys.platform == "linux")


@linux
def test_what_waits_is_counted_until_it_is_read(pair: Pair) -> None:
    ours, theirs = pair
    with closing(PeerQueue(ours)) as queue:
        ours.sendall(b"seven..")
        assert queue.waiting() == 7
        assert not queue.emptied(within=0.01)
        assert theirs.recv(3) == b"sev"
        assert queue.waiting() == 4
        assert theirs.recv(9) == b"en.."
        assert queue.waiting() == 0
        assert queue.emptied(within=0)


@linux
def test_it_waits_for_a_reader_that_comes_late(pair: Pair) -> None:
    ours, theirs = pair

    def read() -> None:
        time.sleep(0.05)
        theirs.recv(99)

    reader = threading.Thread(target=read)
    ours.sendall(b"ping")
    reader.start()
    began = time.monotonic()
    assert read_by_peer(ours, within=30)
    assert time.monotonic() - began >= 0.04
    reader.join()


@linux
def test_a_limit_ends_the_waiting(pair: Pair) -> None:
    pair[0].sendall(b"ping")
    began = time.monotonic()
    assert not read_by_peer(pair[0], within=0.05)
    assert 0.05 <= time.monotonic() - began < 5


@linux
def test_a_peer_that_reset_is_not_known_to_have_read(pair: Pair) -> None:
    ours, theirs = pair
    ours.sendall(b"ping")
    theirs.close()  # with unread octets: RST
    time.sleep(0.01)
    assert not read_by_peer(ours, within=0.05)


def test_a_socket_that_is_not_connected_or_not_ours_to_ask_about_is_only_waited_for() -> None:
    with socket.socket() as sock:
        assert not read_by_peer(sock, within=0.01)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert not read_by_peer(ours, within=0.01)


@linux
def test_the_kernel_is_asked_through_one_socket_that_is_closed(pair: Pair) -> None:
    queue = PeerQueue(pair[0])
    queue.emptied(within=0)
    first = queue._kernel
    queue.emptied(within=0)
    assert first is not None
    assert queue._kernel is first
    queue.close()
    assert first.fileno() == -1
