"""The generator over real sockets: against servers that answer, refuse, reset, are slow or frozen."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import pytest

from cutaway.net.load import Answer, Plan, Result, run, wires
from cutaway.net.load.ledger import Progress
from cutaway.process import free_ports
from cutaway.wire import Field, Malformed
from tests.net.load.servers import Talk, pong, reset, serving

TEXT = Field("text", "what came", "")


class Ping:
    """The smallest protocol: a line each way."""

    name = "ping"

    def __init__(self, octets: bytes = b"ping\n") -> None:
        self.octets = octets

    def request(self, number: int) -> bytes:
        return self.octets

    def reader(self) -> "Line":
        return Line()


class Line:
    def feed(self, data: bytes) -> Answer | None:
        if data.startswith(b"?"):
            raise Malformed(TEXT, 0, data, "is no line")
        return Answer(data.strip().decode(), ok=data != b"no\n") if data.endswith(b"\n") else None

    def end(self) -> Answer | None:
        return None


def load(talk: Talk, plan: Plan, plug: Ping | None = None, **settings) -> Result:
    with serving(talk) as address:
        return run(plan, plug or Ping(), address, **settings)


def settled(result: Result) -> tuple[int, int, int, int]:
    assert result.asked == result.answered + result.failed + result.unfinished
    return result.asked, result.answered, result.failed, result.unfinished


@pytest.fixture(params=["precise", "portable"])
def each_waiter(request, monkeypatch):
    """The loop on what Linux has, and on what every system has."""
    if request.param == "portable":
        monkeypatch.setattr(wires, "waiter", wires.Portable)
    elif not isinstance(made := wires.waiter(), wires.Precise):
        pytest.skip("there is no timerfd here")
    else:
        made.close()


def test_every_request_is_sent_and_answered(each_waiter):
    result = load(pong, Plan.steady(200, 0.5), connections=8)
    assert settled(result) == (100, 100, 0, 0)
    assert result.statuses == {"pong": 100}
    assert result.errors == {}
    assert sum(row.asked for row in result.rows) == 100


def test_requests_are_not_sent_before_their_time():
    arrived: list[float] = []

    def note(sock: socket.socket) -> None:
        while sock.recv(100):
            arrived.append(time.monotonic())
            sock.sendall(b"pong\n")

    load(note, Plan.steps([(100, 0.2), (0, 0.3), (100, 0.2)]))
    assert len(arrived) == 40
    gaps = [b - a for a, b in pairwise(arrived)]
    assert max(gaps) >= 0.25
    assert arrived[-1] - arrived[0] >= 0.65


KINDS = [
    (reset, "reset"),
    (lambda sock: sock.recv(100), "closed"),
    (lambda sock: pong(sock, b"?"), "malformed"),
    (lambda sock: sock.recv(100) and sock.sendall(b"half") is None, "closed"),
]


@pytest.mark.parametrize(("talk", "kind"), KINDS)
def test_what_goes_wrong_is_counted_by_its_kind(talk: Talk, kind: str):
    result = load(talk, Plan.steady(100, 0.2))
    assert settled(result) == (20, 0, 20, 0)
    assert result.errors == {kind: 20}
    assert str(result.latency.at(50)) == "never"


def test_where_nothing_listens_every_request_is_refused():
    result = run(Plan.steady(500, 0.2), Ping(), ("127.0.0.1", free_ports(1)[0]))
    assert settled(result) == (100, 0, 100, 0)
    assert result.errors == {"refused": 100}


def test_answers_that_are_errors_are_counted_as_both():
    result = load(lambda sock: pong(sock, b"no\n"), Plan.steady(100, 0.2))
    assert settled(result) == (20, 20, 0, 0)
    assert (result.errors, result.rate) == ({"status": 20}, 0)


def test_silence_ends_in_timeouts_and_unfinished_ones():
    """Five are older than the timeout when the grace is over, and five are not."""
    result = load(
        lambda sock: sock.recv(100) and sock.recv(100), Plan.steps([(50, 0.1), (0, 0.5), (50, 0.1)]),
        timeout=0.4, grace=0.1,
    )  # fmt: skip
    assert settled(result) == (10, 0, 5, 5)
    assert result.errors == {"timeout": 5}
    low = result.latency.at(100)
    assert low is not None
    assert low.at_least


def test_with_every_connection_taken_the_wait_is_in_the_latency():
    """One connection, 50 ms an answer, 100 a second for 0.3 s: the last waits more than a second."""

    def slow(sock: socket.socket) -> None:
        while sock.recv(100):
            time.sleep(0.05)
            sock.sendall(b"pong\n")

    result = load(slow, Plan.steady(100, 0.3), connections=1)
    assert settled(result) == (30, 30, 0, 0)
    assert result.waited >= 25
    assert result.most_connections == 1
    most, since = result.latency.at(100), result.since_sent.at(50)
    assert most is not None
    assert since is not None
    assert most.seconds > 1.0
    assert since.seconds < 0.5


def test_a_request_larger_than_the_kernel_takes_at_once_arrives_whole():
    size = 8 << 20

    def gather(sock: socket.socket) -> None:
        left = size
        while left and (data := sock.recv(1 << 20)):
            left -= len(data)
        sock.sendall(b"pong\n")

    result = load(gather, Plan.steady(10, 0.2), Ping(bytes(size)))
    assert settled(result) == (2, 2, 0, 0)


def test_the_warm_up_is_left_out_of_the_figures_but_not_of_the_rows():
    result = load(pong, Plan.steady(100, 1.5), warmup=1.0)
    assert settled(result) == (50, 50, 0, 0)
    assert [(row.asked, row.warmup) for row in result.rows] == [(100, True), (50, False)]


def test_a_run_can_be_stopped_and_tells_what_it_has():
    stop, told = threading.Event(), list[Progress]()

    def watch(progress: Progress) -> None:
        told.append(progress)
        stop.set()

    began = time.monotonic()
    result = load(pong, Plan.steady(100, 60), progress=watch, stop=stop)
    assert time.monotonic() - began < 30
    assert result.stopped
    assert settled(result)[0] >= 100
    assert told[0].asked >= 90


def test_a_closed_loop_asks_again_when_it_was_answered():
    result = load(pong, Plan.steady(0, 0.3), closed=3)
    asked, answered, failed, unfinished = settled(result)
    assert asked > 10
    assert (failed, unfinished) == (0, 0)
    assert answered == asked
    assert result.most_connections == 3


def test_nothing_stays_open():
    fds = len(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else 0
    for talk in (pong, reset):
        load(talk, Plan.steady(100, 0.1))
    if fds:
        assert len(os.listdir("/proc/self/fd")) == fds


@contextmanager
def reference() -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    [port] = free_ports(1)
    program = subprocess.Popen(
        [sys.executable, "-m", "cutaway.topics.http1.server"],
        env={**os.environ, "PORT": str(port)},
        stderr=subprocess.PIPE,
    )
    assert program.stderr is not None
    try:
        assert program.stderr.readline().startswith(b"http://")
        yield program, port
    finally:
        program.send_signal(signal.SIGCONT)
        program.terminate()
        program.wait(20)
        program.stderr.close()


@pytest.mark.alone
def test_a_frozen_server_shows_in_the_open_loop_and_not_in_the_closed_one():
    """Stopped for one of three seconds. Only the shape is judged, as the machine may be busy."""
    from cutaway.net.load import Asked
    from cutaway.topics.http1.load import plug_for

    def through(closed: int) -> Result:
        def freeze() -> None:
            program.send_signal(signal.SIGSTOP)
            time.sleep(1.0)
            program.send_signal(signal.SIGCONT)

        timer = threading.Timer(1.0, freeze)
        timer.start()
        try:
            return run(Plan.steady(100, 3), plug, ("127.0.0.1", port), closed=closed)
        finally:
            timer.join()

    with reference() as (program, port):
        plug = plug_for(Asked(f"http://127.0.0.1:{port}/echo/a"))
        opened, shut = through(0), through(4)
    open_p90, closed_p99 = opened.latency.at(90), shut.latency.at(99)
    assert open_p90 is not None
    assert closed_p99 is not None
    assert settled(opened) == (300, 300, 0, 0)
    assert open_p90.seconds > 0.5  # 0.7 s where nothing else disturbs
    assert closed_p99.seconds < open_p90.seconds / 3
    for result in (opened, shut):  # both met it; the one of them four times in thousands
        longest = result.latency.at(100)
        assert longest is not None
        assert longest.seconds > 0.8
    frozen = [row.p50.seconds for row in opened.rows if row.p50]
    assert frozen[1] > 5 * min(frozen[0], frozen[2])
