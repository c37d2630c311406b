"""A connection that keeps what went over it, and ends in bounded time whatever the peer does."""

from __future__ import annotations

import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from cutaway.net import recorded
from cutaway.net.recorded import Recorded, TooMuch

MIB = 1 << 20


@pytest.fixture
def pair() -> Iterator[tuple[Recorded, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = Recorded.connect(listener.getsockname(), within=5)
        theirs, _ = listener.accept()
        with theirs:
            yield ours, theirs
        ours.close()


Pair = tuple[Recorded, socket.socket]


def soon() -> float:
    return time.monotonic() + 10


def test_what_is_sent_and_what_comes_is_kept_with_its_time(pair: Pair) -> None:
    ours, theirs = pair
    assert ours.send(b"ping", within=1) == 4
    assert theirs.recv(9) == b"ping"
    theirs.sendall(b"pong!")
    assert ours.receive(soon())
    assert (bytes(ours.sent), bytes(ours.arrived)) == (b"ping", b"pong!")
    assert [event[1:] for event in ours.events] == [("→", 0, 4), ("←", 0, 5)]
    assert 0 <= ours.events[0].at <= ours.events[1].at
    assert ours.heard >= ours.began


def test_nobody_listening_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
    with pytest.raises(ConnectionRefusedError):
        Recorded.connect(address, within=1)


def test_nothing_comes_until_the_time_is_over(pair: Pair) -> None:
    began = time.monotonic()
    assert not pair[0].receive(began + 0.05)
    assert 0.05 <= time.monotonic() - began < 5
    assert not pair[0].receive(0.0)
    assert pair[0].ended is None


def test_an_end_is_news_once(pair: Pair) -> None:
    ours, theirs = pair
    theirs.sendall(b"bye")
    theirs.shutdown(socket.SHUT_WR)
    while ours.ended is None:
        assert ours.receive(soon())
    assert (ours.ended, ours.gone, bytes(ours.arrived)) == ("closed", False, b"bye")
    assert not ours.receive(soon())
    assert ours.send(b"still taken", within=1) == 11


def test_a_reset_is_told_from_a_close(pair: Pair) -> None:
    ours, theirs = pair
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    theirs.close()
    assert ours.receive(soon())
    assert (ours.ended, ours.gone) == ("reset", True)
    assert ours.send(b"more", within=1) == 0


def test_what_came_before_a_reset_is_kept(pair: Pair) -> None:
    ours, theirs = pair
    ours.send(b"unread", within=1)
    theirs.sendall(b"enough")
    theirs.close()
    while ours.ended is None:
        assert ours.receive(soon())
    assert bytes(ours.arrived) == b"enough"


def test_a_half_close_is_seen_by_the_peer_and_answers_still_come(pair: Pair) -> None:
    ours, theirs = pair
    ours.half_close()
    assert theirs.recv(9) == b""
    theirs.sendall(b"pong")
    assert ours.receive(soon())


def test_our_reset_throws_away_what_is_under_way(pair: Pair) -> None:
    ours, theirs = pair
    ours.reset()
    theirs.settimeout(5)
    with pytest.raises(ConnectionResetError):
        theirs.recv(9)


def test_two_sides_that_both_write_first_do_not_stop_each_other(pair: Pair) -> None:
    ours, theirs = pair
    data = b"x" * (8 * MIB)
    seen = 0

    def peer() -> None:
        nonlocal seen
        theirs.sendall(data)
        while seen < len(data):
            seen += len(theirs.recv(MIB))

    thread = threading.Thread(target=peer)
    thread.start()
    assert ours.send(data, within=10) == len(data)
    while len(ours.arrived) < len(data):
        assert ours.receive(soon())
    thread.join(10)
    assert seen == len(data)


def test_a_peer_that_does_not_read_stops_a_write_after_the_limit(pair: Pair) -> None:
    ours, _ = pair
    began = time.monotonic()
    taken = ours.send(b"x" * (64 * MIB), within=0.1)
    assert 0 < taken < 64 * MIB
    assert 0.1 <= time.monotonic() - began < 5
    assert ours.events[-1][1:] == ("→", 0, taken)


def test_a_peer_that_reads_a_little_now_and_then_stops_it_too(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorded, "PACE", 1 << 40)
    ours, theirs = pair

    def sips() -> None:
        with suppress(OSError):
            while theirs.recv(100_000):
                time.sleep(0.02)

    thread = threading.Thread(target=sips)
    thread.start()
    began = time.monotonic()
    assert ours.send(b"x" * (64 * MIB), within=0.2) < 64 * MIB
    assert time.monotonic() - began < 10
    ours.close()
    thread.join(10)


def test_more_than_is_kept_is_too_much(pair: Pair) -> None:
    ours, theirs = pair
    ours.most = 10
    assert ours.send(b"x" * 20, within=1) == 20
    assert len(ours.sent) == 10
    theirs.sendall(b"y" * 11)
    with pytest.raises(TooMuch, match="more than 10 bytes on one connection"):
        ours.receive(soon())
    assert len(ours.arrived) <= 10


def test_what_need_not_be_remembered_is_only_counted(pair: Pair) -> None:
    ours, _ = pair
    assert ours.send(b"ping", within=1, remember=False) == 4
    assert (bytes(ours.sent), ours.events[0].length) == (b"", 4)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it is only likely")
def test_pieces_arrive_as_pieces(pair: Pair) -> None:
    ours, theirs = pair
    reads: list[bytes] = []

    def peer() -> None:
        while sum(map(len, reads)) < 10:
            reads.append(theirs.recv(99))

    thread = threading.Thread(target=peer)
    thread.start()
    assert ours.send_pieces(b"0123456789", [1, 4, 9], within=5) == 10
    thread.join(10)
    assert reads == [b"0", b"123", b"45678", b"9"]


def test_pieces_that_nobody_reads_are_sent_all_the_same_and_soon(pair: Pair) -> None:
    ours, _ = pair
    began = time.monotonic()
    assert ours.send_pieces(b"x" * 200, list(range(1, 200)), within=5) == 200
    assert time.monotonic() - began < 5


def test_a_piece_is_waited_for_longer_on_a_busy_machine(pair: Pair) -> None:
    ours, theirs = pair
    reads: list[bytes] = []

    def peer() -> None:
        for _ in range(2):
            time.sleep(5 * recorded.READ_SOON)
            reads.append(theirs.recv(100))

    thread = threading.Thread(target=peer)
    thread.start()
    ours.send_pieces(b"0123", [2], within=5, busy=lambda: 100.0)
    thread.join(10)
    assert reads == [b"01", b"23"]


def test_pieces_stop_when_the_peer_is_gone(pair: Pair) -> None:
    ours, theirs = pair
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    theirs.close()
    assert ours.send_pieces(b"0123456789", [1, 4, 9], within=5) < 10
    assert ours.gone
