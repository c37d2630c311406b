"""One send, many reads; many sends, one read.

    five sends of 20    ██ ██ ██ ██ ██   ─▶  one read of 100, when the reader looks late
    one send of 1 MB    ███████████████  ─▶  as many reads as its buffer and its luck make of it
    one send of 100     ██████████       ─▶  a link that cuts: ██ ██ ██ ██ ██, a read for each

Where one send ended is stored nowhere: not in the segment, not in the kernel, not in the socket.

spec   RFC 9293 §3.7

Left out: what to do about it, which is framing, and a stage of this topic.
"""

from __future__ import annotations

import fcntl
import math
import socket
import struct
import termios
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from ....lab.knobs import Knob, Settings
from ....lab.lab import Change, Lab, Plan, Unmeasured, Variant
from ....lab.prediction import Number
from ....lab.shapes import Check, Figure, Within
from ....lab.table import Quantity, Table
from ....lab.trace import Log, Moment
from ....lab.units import shown
from ....net.relay import CLEAR, Link, Relay
from .pair import HOST, PATIENCE, pair

FIVE, LARGE, CUT = "five-sends", "one-send", "cut-send"
READS, SMALLEST, LARGEST = "reads", "smallest read", "largest read"
SMALL, COUNT, APART = 20, 5, 0.02  # octets, sends, and seconds between them
BUFFER = 65536
GAP = 0.005  # seconds between two pieces of the link


def measure(variant: str, settings: Settings, bench: Any) -> Mapping[str, float]:
    """Send in one way, and count the reads that it takes to have all of it."""
    got = reads(variant, settings, Log())
    values = {READS: len(got), SMALLEST: min(got), LARGEST: max(got)}
    return {name: float(value) for name, value in values.items()}


def trace(variant: str, settings: Settings, bench: Any) -> Sequence[Moment]:
    log = Log()
    reads(variant, settings, log)
    return log.moments


def reads(variant: str, settings: Settings, log: Log) -> list[int]:
    """How many octets each read brought."""
    size = settings.count("size")
    messages = [b"x" * SMALL] * COUNT if variant == FIVE else [b"x" * size]
    if variant == CUT:
        messages = [b"x" * SMALL * COUNT]
        link = Link(pieces=settings.count("pieces"), gap=GAP)
        with through(link) as (client, server):
            return received(messages, client, server, True, log)
    early = variant == LARGE or settings.word("reader") == "early"
    with pair() as (client, server):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return received(messages, client, server, early, log)


@contextmanager
def through(link: Link) -> Iterator[tuple[socket.socket, socket.socket]]:
    """As `pair`, with a relay between the two; what comes back is not disturbed."""
    with (
        socket.create_server((HOST, 0)) as listener,
        Relay((HOST, 0), listener.getsockname(), to_server=link, to_client=CLEAR) as relay,
        socket.create_connection(relay.address, timeout=PATIENCE) as client,
    ):
        listener.settimeout(PATIENCE)
        server, _ = listener.accept()
        with server:
            server.settimeout(PATIENCE)
            yield client, server


def received(
    messages: list[bytes], client: socket.socket, server: socket.socket, early: bool, log: Log
) -> list[int]:
    """early: whether the reader reads from the start, or only when all has arrived."""
    total, got = sum(map(len, messages)), list[int]()
    log.begin()
    sender = threading.Thread(target=send_all, args=(client, messages, log), daemon=True)
    sender.start()
    if not early:
        sender.join()
        wait_for(server, total)
    while sum(got) < total:
        data = server.recv(BUFFER)
        log.note("server reads", data)
        if not data:
            raise Unmeasured("the connection ended before all had come.")
        got.append(len(data))
    sender.join()
    return got


def send_all(client: socket.socket, messages: list[bytes], log: Log) -> None:
    try:
        for number, message in enumerate(messages):
            time.sleep(APART if number else 0)
            log.note("client sends", message)
            client.sendall(message)
    except OSError:
        return  # the reader sees that something is missing


def wait_for(server: socket.socket, total: int) -> None:
    """Until so many octets wait in the kernel, unread."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        (arrived,) = struct.unpack("i", fcntl.ioctl(server, termios.FIONREAD, b"\0" * 4))
        if arrived >= total:
            return
        time.sleep(0.001)


def plan(settings: Settings) -> Plan:
    size, pieces = settings.count("size"), settings.count("pieces")
    total = SMALL * COUNT
    return Plan(
        variants=(
            Variant(FIVE, f"{COUNT} sends of {SMALL} octets"),
            Variant(LARGE, f"1 send of {shown(size, 'octets')}"),
            Variant(CUT, f"1 send of {total}, in pieces of {pieces}"),
        ),
        asks=Number(
            f"One send of {shown(size, 'octets')}, and a reader that calls recv({BUFFER}) until it"
            " has them all. How many reads does it take?",
            Figure(LARGE),
            "reads",
        ),
        checks=(
            EARLY if settings.word("reader") == "early" else LATE,
            *large_checks(size),
            *cut_checks(pieces),
        ),
    )


LATE = Check(
    name="many sends, one read",
    shape=Within(Figure(FIVE), 1, 1),
    expects="five sends are one read, for a reader who looks late",
    because="recv takes what has arrived. That there were five sends is not written down anywhere"
    " (RFC 9293 §3.7).",
    unless="The reader may have looked before all had come.",
)

EARLY = Check(
    name="many sends, many reads",
    shape=Within(Figure(FIVE), COUNT, COUNT),
    expects="five sends, well apart, are five reads for a reader who is always there",
    because="The client sent just the same octets at the same moments. The number of reads is made by"
    " the reader's timing, so no program may rely on it.",
    unless="On a busy machine the reader comes late at times, and takes two at once.",
)


def large_checks(size: int) -> tuple[Check, ...]:
    least = math.ceil(size / BUFFER)
    if least == 1:
        return ()
    return (
        Check(
            name="one send, many reads",
            shape=Within(Figure(LARGE), least, None),
            expects=f"one send of {size} octets takes at least {least} reads",
            because="A read brings what has arrived, and at most as much as the buffer holds. The rest"
            " is still under way, or in the sender's kernel.",
        ),
    )


def cut_checks(pieces: int) -> tuple[Check, ...]:
    if pieces >= SMALL * COUNT:
        return ()
    return (
        Check(
            name="small messages too",
            shape=Within(Figure(CUT), 2, None),
            expects="a small send through a link that cuts arrives in more than one read",
            because="A message of a hundred octets is no safer than a large one. Loopback hardly ever"
            " cuts it; a network may, and a slow one does.",
            unless="The reader may have come so late that all pieces were there.",
        ),
    )


def remarks(table: Table) -> list[str]:
    few, most = table.band(LARGE, SMALLEST), table.band(LARGE, LARGEST)
    band = table.band(LARGE)
    if not (few and most and band):
        return []
    varied = "the same in every run" if band.low == band.high else "another number in other runs"
    return [
        f"Of the large send the reads brought from {shown(few.low, 'octets')} to"
        f" {shown(most.high, 'octets')}, and there were {shown(band.median, 'reads')}: {varied}."
    ]


BOUNDARIES = Lab(
    name="tcp/one-send-many-reads",
    title="One send, many reads",
    question="Is what one send wrote what one read returns?",
    why="A program that takes a read for a message passes its tests on a laptop, and loses a message"
    " now and then on a network.",
    lesson="A stream has no messages",
    knobs=(
        Knob("size", 1_000_000, "of the large send", low=1000, high=20_000_000, unit="octets"),
        Knob("pieces", 20, "that the link cuts into, at most", low=1, high=100, unit="octets"),
        Knob(
            "reader",
            "late",
            "when the five sends are read: once all has come, or from the start",
            choices=("late", "early"),
        ),
    ),
    quantities=(
        Quantity(READS, "reads", "until all had come"),
        Quantity(SMALLEST, "octets"),
        Quantity(LARGEST, "octets"),
    ),
    plan=plan,
    measure=measure,
    trace=trace,
    remarks=remarks,
    change=Change(
        {"reader": "early"},
        "The client sends exactly the same, and the reader reads from the start. How many reads are"
        " the five sends now?",
    ),
)
