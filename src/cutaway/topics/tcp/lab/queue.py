"""The silent queue: `listen(backlog)` and clients that nobody accepts.

    client    SYN ──▶           kernel of the server          the server's program
                 ◀── SYN-ACK    accept queue: [ ● ● ● ]       sleeps, and never calls accept
              ACK ──▶           full: the next SYN is dropped
              "connected"       nobody is told

Then the program accepts one. The place stays free until the others try again, a second after their
first SYN. All of them are answered, for there is room; one ACK finds it still there. The others
believe that they are connected:

              SYN ──▶           room for one
                 ◀── SYN-ACK    to each of them
              ACK ──▶           full again: dropped
              "connected"       is not

spec   RFC 9293 §3.5, §3.8.1

Left out: SYN cookies and floods; `somaxconn`, which caps the backlog in silence.
"""

from __future__ import annotations

import math
import selectors
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from ....lab.knobs import Knob, Settings
from ....lab.lab import Change, Lab, Plan, Variant
from ....lab.prediction import Choice, Option
from ....lab.shapes import Check, Figure, Within
from ....lab.table import Quantity, Table
from ....lab.units import shown

CONNECTED = "connected at once"
LATER, REALLY, WAIT = "connected later", "really connected later", "wait of the next one"
BACKLOGS = {"listen-0": 0, "listen-2": 2, "listen-5": 5}
ABOUT = "listen-2"
SETTLED = 0.15  # seconds in which loopback completes what it will complete
LONGEST = 2.5  # seconds to wait for a client to try again
TOGETHER = 0.3  # seconds behind the first, for others that try again at the same time


def measure(variant: str, settings: Settings, bench: Any) -> Mapping[str, float]:
    """Clients, all at once, to a listener that accepts only after they were counted."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(BACKLOGS[variant])
        listener.setblocking(False)
        began = time.perf_counter()
        waiting = stack.enter_context(connecting(listener, settings.count("clients")))
        connected = sum(1 for _ in arriving(waiting, began + SETTLED))
        values = {CONNECTED: float(connected)}
        if waiting.get_map():
            accepted = min(settings.count("accepts"), connected)
            taken = [stack.enter_context(listener.accept()[0]) for _ in range(accepted)]
            values |= later(waiting, began)
            values[REALLY] = float(fetched(listener, stack) + len(taken) - connected)
        return values


@contextmanager
def connecting(listener: socket.socket, count: int) -> Iterator[selectors.BaseSelector]:
    """So many clients that are trying; who is connected is taken out by `arriving`."""
    with ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        for _ in range(count):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
            selector.register(client, selectors.EVENT_WRITE)
        yield selector


def arriving(waiting: selectors.BaseSelector, until: float) -> Iterator[float]:
    """The moment at which each one is connected, and has sent something to nobody yet."""
    while waiting.get_map() and (left := until - time.perf_counter()) > 0:
        for key, _ in waiting.select(left):
            client = key.fileobj
            assert isinstance(client, socket.socket)
            waiting.unregister(client)
            if client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0 and client.send(b"hello"):
                yield time.perf_counter()


def later(waiting: selectors.BaseSelector, began: float) -> dict[str, float]:
    """How many of the others get in, and how long the first of them took."""
    first = next(arriving(waiting, began + LONGEST), math.nan)
    if math.isnan(first):
        return {LATER: 0.0}
    more = sum(1 for _ in arriving(waiting, first + TOGETHER))
    return {LATER: 1.0 + more, WAIT: first - began}


def fetched(listener: socket.socket, stack: ExitStack) -> int:
    """How many connections accept has to give, now."""
    count = 0
    with suppress(BlockingIOError):
        while True:
            stack.enter_context(listener.accept()[0])
            count += 1
    return count


def plan(settings: Settings) -> Plan:
    clients = settings.count("clients")
    return Plan(
        variants=tuple(Variant(key, f"listen({n})") for key, n in BACKLOGS.items()),
        asks=asks(clients),
        checks=(*queue_checks(clients), *later_checks(clients, settings.count("accepts"))),
    )


def asks(clients: int) -> Choice:
    return Choice(
        f"A server calls listen(2) and never accept. {clients} clients connect. How many of them"
        " believe that they are connected?",
        Figure(ABOUT),
        (
            Option(
                "none",
                "none: accept performs the handshake",
                0,
                0,
                "the kernel performs the handshake; accept only fetches what it has completed.",
            ),
            Option(
                "two",
                "two: the backlog is the number of connections",
                2,
                2,
                "the backlog bounds the queue before accept, and Linux lets one more into it.",
            ),
            Option("three", "three: the backlog, and one", 3, 3),
            Option(
                "all",
                f"all {clients}: the kernel connects whoever comes",
                clients,
                clients,
                "what is completed and not accepted stands in a queue, and that is bounded.",
            ),
        ),
    )


def queue_checks(clients: int) -> tuple[Check, ...]:
    expected = {key: min(clients, n + 1) for key, n in BACKLOGS.items()}
    return tuple(
        Check(
            name=f"listen({n})",
            shape=Within(Figure(key), expected[key], expected[key]),
            expects=f"with listen({n}) {expected[key]} of {clients} clients are connected",
            because=BECAUSE[key],
            unless="Other systems round the backlog, and net.core.somaxconn caps it.",
        )
        for key, n in BACKLOGS.items()
    )


BECAUSE = {
    "listen-0": "Even a backlog of nought is a queue of one: Linux tests whether the queue holds more"
    " than the backlog, not as many.",
    "listen-2": "All of them are connected by the kernel, sent something, and had it acknowledged."
    " The program has not called accept once.",
    "listen-5": "The backlog bounds connections that wait for accept, not connections.",
}


def later_checks(clients: int, accepts: int) -> tuple[Check, ...]:
    room = BACKLOGS[ABOUT] + 1
    left = clients - room
    if left <= 0:
        return ()
    let_in = min(left, accepts, room)
    believe = Check(
        name="those who only believe it",
        shape=Within(Figure(ABOUT, LATER), left, left),
        expects=f"all {left} of the others are connected a second later, as they see it",
        because="They tried again at the same moment, while there was room, so each SYN was answered;"
        " and a client that has its answer is connected. But the queue was full again when the last"
        " step of the handshake came, and that step was dropped. Such a client sends, hears nothing,"
        " and has no error.",
        unless="They may not have tried again at the same moment.",
    )
    return (
        Check(
            name="room for as many as are accepted",
            shape=Within(Figure(ABOUT, REALLY), let_in, let_in),
            expects=f"{let_in} more can be accepted, as many as there was room for",
            because="Each accept makes one place in the queue.",
            unless="Perhaps nobody tried again while it was watched.",
        ),
        *([believe] if left > let_in else []),
        Check(
            name="the price of a full queue",
            shape=Within(Figure(ABOUT, WAIT), 0.8, 1.6),
            expects="whoever finds the queue full waits about a second",
            because="Its SYN was dropped without a word, so it is sent again when a timer fires, a"
            " second after the first (RFC 9293 §3.8.1). The place had been free for most of it. Nothing"
            " was logged, and the server was idle.",
            unless="With net.ipv4.tcp_abort_on_overflow the client is refused instead.",
        ),
    )


def remarks(table: Table) -> list[str]:
    wait = table.band(ABOUT, WAIT)
    if wait is None:
        return ["With listen(2) nobody had to wait: that queue was long enough for all."]
    return [
        f"In production this is a few requests that take {shown(wait.median, 's')} longer than all"
        " others, while the program accepts too slowly for a moment."
    ]


QUEUE = Lab(
    name="tcp/accept-queue",
    title="The silent queue before accept",
    question="Clients connect to a program that listens and does not accept. Which of them are"
    " connected, and what does the next one see?",
    why="A server that is slow to accept turns clients away without an error on either side.",
    lesson="What happens before `accept` returns",
    knobs=(
        Knob("clients", 10, "that connect at the same moment", low=1, high=60),
        Knob("accepts", 1, "once all have tried", low=1, high=10),
    ),
    quantities=(
        Quantity(CONNECTED, "clients", "whose connect succeeded before any accept"),
        Quantity(LATER, "clients", "of the others, as they see it"),
        Quantity(REALLY, "clients", "of the others, as accept sees it"),
        Quantity(WAIT, "s", "from its first try, for the first that got in later"),
    ),
    plan=plan,
    measure=measure,
    runs=3,
    warm_up={"clients": 1},
    remarks=remarks,
    change=Change(
        {"accepts": 3},
        "Three accepts in a row, as soon as the queue is full. How many more get in, and do they"
        " wait any less?",
    ),
)
