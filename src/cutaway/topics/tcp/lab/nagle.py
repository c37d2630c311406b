"""The 44-millisecond mystery: Nagle's algorithm meets delayed acknowledgement.

    client                                    server
    write "HEAD:"  ──────────────────────▶    half a request: nothing to answer
    write "body\\n" held back (Nagle):         acknowledgement held back: perhaps there will be
    "HEAD:" is not acknowledged yet           an answer to send it with
                   ◀────────── ACK ───────    40 ms later, on Linux
                   ──── "body\\n" ────────▶
                   ◀────── answer ────────

spec   RFC 9293 §3.7.4, §3.8.6.3

Left out: TCP_CORK, and links on which a segment is smaller than these writes.
"""

from __future__ import annotations

import socket
import statistics
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from ....lab.knobs import Knob, Settings
from ....lab.lab import Change, Lab, Missing, Plan, Variant
from ....lab.prediction import Choice, Option
from ....lab.shapes import Check, Figure, Within
from ....lab.table import Quantity, Table
from ....lab.trace import Log, Moment
from ....lab.units import shown
from .pair import pair

TWO, NODELAY, ONE = "two-writes", "nodelay", "one-write"
TIME, FIRST = "time of an exchange", "time of the first exchange"
PIECES = (b"HEAD:", b"body\n")
REQUEST = len(b"".join(PIECES))
STALL = 0.02  # seconds: above this a timer was waited for; Linux waits 40 ms, others up to 200


def measure(variant: str, settings: Settings, bench: Any) -> Mapping[str, float]:
    """The median time from the first write to the answer, on a new connection."""
    with pair() as (client, server):
        pieces = prepared(client, variant)
        with answering(server, settings.on("quickack")):
            times = [exchange(client, pieces) for _ in range(settings.count("exchanges"))]
            client.shutdown(socket.SHUT_WR)
    return {TIME: statistics.median(times[1:]), FIRST: times[0]}


def trace(variant: str, settings: Settings, bench: Any) -> Sequence[Moment]:
    """The third exchange of a connection."""
    log = Log()
    with pair() as (client, server):
        pieces = prepared(client, variant)
        with answering(server, settings.on("quickack"), log):
            for _ in range(2):
                exchange(client, pieces)
            log.begin()
            for piece in pieces:
                log.note("client writes", piece)
                client.sendall(piece)
            log.note("client reads", client.recv(1))
    return log.moments


def prepared(client: socket.socket, variant: str) -> tuple[bytes, ...]:
    """What each write of a request is."""
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, variant == NODELAY)
    return (b"".join(PIECES),) if variant == ONE else PIECES


def exchange(client: socket.socket, pieces: tuple[bytes, ...]) -> float:
    began = time.perf_counter()
    for piece in pieces:
        client.sendall(piece)
    client.recv(1)
    return time.perf_counter() - began


@contextmanager
def answering(server: socket.socket, quickack: bool, log: Log | None = None) -> Iterator[None]:
    """One octet for each request, from a thread, until the client has finished."""
    thread = threading.Thread(target=_answer, args=(server, quickack, log or Log()), daemon=True)
    thread.start()
    try:
        yield
    finally:
        with suppress(OSError):
            server.shutdown(socket.SHUT_RD)
        thread.join()


def _answer(server: socket.socket, quickack: bool, log: Log) -> None:
    have = 0
    try:
        while True:
            if quickack:  # the kernel takes it back by itself, so it is asked for again each time
                server.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            data = server.recv(100)
            if not data:
                return
            log.note("server reads", data)
            have += len(data)
            if have >= REQUEST:
                have -= REQUEST
                server.sendall(b"1")
    except OSError:
        return  # the other end says what was amiss


@contextmanager
def bench(settings: Settings) -> Iterator[None]:
    if settings.on("quickack") and not hasattr(socket, "TCP_QUICKACK"):
        raise Missing("TCP_QUICKACK exists on Linux only; leave quickack off here.")
    yield


def plan(settings: Settings) -> Plan:
    return Plan(
        variants=(
            Variant(TWO, "two writes"),
            Variant(NODELAY, "two writes with TCP_NODELAY"),
            Variant(ONE, "one write"),
        ),
        asks=ASKS,
        checks=QUICK if settings.on("quickack") else STALLED,
    )


ASKS = Choice(
    "A request of ten octets goes out in two small writes over loopback, and the answer is one"
    " octet. How long does such an exchange take, without TCP_NODELAY?",
    Figure(TWO),
    (
        Option(
            "microseconds",
            "some microseconds, as long as the octets travel",
            0,
            1e-3,
            "the second write does not leave while the first is not acknowledged.",
        ),
        Option(
            "millisecond",
            "a few milliseconds: two writes, two trips",
            1e-3,
            STALL,
            "nothing here is busy or far away; what is waited for is a timer.",
        ),
        Option("forty", "tens of milliseconds, a timer of the kernel", STALL, 0.1),
        Option(
            "second",
            "a second or so: something has to be sent again",
            0.1,
            5.0,
            "nothing is lost, so nothing is sent again.",
        ),
    ),
)

STALLED = (
    Check(
        name="the stall",
        shape=Within(Figure(TWO, over=NODELAY), 20, None),
        expects="two small writes take at least twenty times as long without TCP_NODELAY",
        because="Nagle's algorithm keeps the second small write back while the first is not"
        " acknowledged, and the receiver keeps that acknowledgement back in the hope of an answer to"
        " send along (RFC 9293 §3.7.4, §3.8.6.3). Each waits for the other until a timer fires. No"
        " processor is busy meanwhile.",
        unless="This kernel may acknowledge at once, or may have Nagle's algorithm off.",
    ),
    Check(
        name="one write cures it",
        shape=Within(Figure(TWO, over=ONE), 20, None),
        expects="two small writes take at least twenty times as long as one write of both",
        because="Written with one call there is no second small segment to keep back, so the time is"
        " that of the octets, with Nagle's algorithm on.",
        unless="This kernel may acknowledge at once, or may have Nagle's algorithm off.",
    ),
)

QUICK = (
    Check(
        name="no stall",
        shape=Within(Figure(TWO), None, STALL),
        expects="with quick acknowledgements two small writes take less than 20 ms",
        because="Nagle's algorithm is still on. But its wait ends with the acknowledgement, and the"
        " receiver now sends that at once. It takes two to stall.",
        unless="TCP_QUICKACK is a wish that the kernel takes back when it likes; it may have done so.",
    ),
)


def remarks(table: Table) -> list[str]:
    """The first exchange of a connection, which mostly escapes."""
    first, later = table.band(TWO, FIRST), table.band(TWO)
    if first and later and first.high < later.low / 5:
        return [
            f"The first exchange of each connection took only {shown(first.median, 's')}: a new"
            " connection is acknowledged at once for a while, so a test with one request a"
            " connection never sees the stall."
        ]
    return []


NAGLE = Lab(
    name="tcp/nagle",
    title="The 44-millisecond mystery",
    question="A small request, a small answer, both ends on this machine. Does it matter whether the"
    " request is written with one call or with two?",
    why="Clients of databases and HTTP libraries write a head and then a body. Where that meets a"
    " timer, every request is slow and no graph shows a busy processor.",
    lesson="The 40 milliseconds that are in nobody's code",
    knobs=(
        Knob("exchanges", 12, "requests and answers on one connection", low=3, high=100),
        Knob("quickack", "off", "TCP_QUICKACK at the receiver", choices=("off", "on")),
    ),
    quantities=(
        Quantity(TIME, "s", "median, from the first write to the answer"),
        Quantity(FIRST, "s", "the same, for the first of a connection"),
    ),
    plan=plan,
    measure=measure,
    trace=trace,
    bench=bench,
    warm_up={"exchanges": 3},
    log=True,
    remarks=remarks,
    change=Change(
        {"quickack": "on"},
        "The receiver now acknowledges at once. Which of the three changes, and to what?",
    ),
)
