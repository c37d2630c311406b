"""What a connection costs: the same requests over new ones, a kept one, several, and pipelined.

    new          ⇄ handshake ⇄ 1   ⇄ handshake ⇄ 2   ⇄ handshake ⇄ 3     two round trips each
    kept         ⇄ handshake ⇄ 1 ⇄ 2 ⇄ 3                                  one each
    six          ⇄ handshake ⇄ 1 ⇄ 7 ⇄ 13 …                               a sixth of that
    pipelined    ⇄ handshake ⇄ 1 2 3 …                                    two in all

spec   RFC 9112 §9.3, §9.3.2

Left out: TLS, which adds one or two round trips to each new connection; congestion windows, which a
new connection has to open again.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from ....lab.knobs import Knob, Settings
from ....lab.lab import Change, Lab, Plan, Variant
from ....lab.prediction import Ranking
from ....lab.shapes import Check, Figure, Order, Within
from ....lab.table import Quantity, Table
from ....lab.trace import Moment
from ....lab.units import digits, shown
from ....net.relay import Relay
from .client import Line
from .link import linked, traced

NEW, KEPT, SEVERAL, PIPELINED = "new", "kept", "parallel", "pipelined"
TIME, TRIPS, OPENED = "time for all", "round trips", "connections"
TARGET = "echo/alpha"
MANY = 12  # requests, from which on the ways can be told apart
FAR = 0.01  # seconds of a round trip, beside which the processor's part is small


def measure(variant: str, settings: Settings, relay: Relay) -> Mapping[str, float]:
    """From the first connect to the last answer."""
    count, rtt = settings.count("requests"), settings.number("rtt")
    opened, began = relay.counts().taken, time.perf_counter()
    if variant == SEVERAL:
        shares = share(count, settings.count("connections"))
        with ThreadPoolExecutor(len(shares)) as threads:
            list(threads.map(lambda mine: kept(relay, mine), shares))
    else:
        {NEW: new, KEPT: kept, PIPELINED: pipelined}[variant](relay, count)
    seconds = time.perf_counter() - began
    values = {TIME: seconds, OPENED: float(relay.counts().taken - opened)}
    return values | ({TRIPS: seconds / rtt} if rtt else {})


def trace(variant: str, settings: Settings, relay: Relay) -> Sequence[Moment]:
    """The same with few requests."""
    few = settings.but({"requests": 3, "connections": 2})
    return traced(relay, lambda: measure(variant, few, relay))


def new(relay: Relay, count: int) -> None:
    for _ in range(count):
        with Line.to(relay.address) as line:
            line.send(TARGET, close=True)
            line.answers(1)


def kept(relay: Relay, count: int) -> None:
    with Line.to(relay.address) as line:
        for _ in range(count):
            line.send(TARGET)
            line.answers(1)


def pipelined(relay: Relay, count: int) -> None:
    with Line.to(relay.address) as line:
        line.send(*[TARGET] * count)
        line.answers(count)


def share(count: int, among: int) -> list[int]:
    """So many requests, dealt out."""
    whole, rest = divmod(count, among)
    return [n for i in range(among) if (n := whole + (i < rest))]


@contextmanager
def bench(settings: Settings) -> Iterator[Relay]:
    with linked(settings.number("rtt")) as relay:
        yield relay


def plan(settings: Settings) -> Plan:
    count, among = settings.count("requests"), settings.count("connections")
    return Plan(
        variants=(
            Variant(NEW, "new for each request"),
            Variant(KEPT, "one kept"),
            Variant(SEVERAL, f"{among} kept"),
            Variant(PIPELINED, "one pipelined"),
        ),
        asks=Ranking(
            f"{count} small requests over a link with a round trip of"
            f" {shown(settings.number('rtt'), 's')}. Put the four ways in order, the slowest first.",
            (KEPT, NEW, PIPELINED, SEVERAL),
        ),
        checks=checks(settings),
    )


def checks(settings: Settings) -> tuple[Check, ...]:
    """Of few requests nothing is expected: the ways hardly differ."""
    if settings.count("requests") < MANY:
        return ()
    return over_a_link(settings) if settings.number("rtt") >= FAR else ON_LOOPBACK


def over_a_link(settings: Settings) -> tuple[Check, ...]:
    trips = settings.count("requests") * settings.number("rtt")
    return (
        Check(
            name="new against kept",
            shape=Within(Figure(NEW, over=KEPT), 1.6, 2.4),
            expects="a new connection for each request takes about twice as long as one that is kept",
            because="Each new connection begins with a handshake, and that is a round trip before the"
            " first octet of the request may leave. Kept open, it is paid once (RFC 9112 §9.3).",
            unless="With a link this short the processor counts too.",
        ),
        Check(
            name="one round trip a request",
            shape=Within(Figure(KEPT), 0.9 * trips, 1.5 * trips),
            expects="the kept connection takes a round trip for each request",
            because="The next request leaves when the answer is there. Neither side is busy: nearly all"
            " of this time the octets are under way.",
            unless="On a busy machine both ends take longer than the link.",
        ),
        several_check(settings),
        Check(
            name="pipelined",
            shape=Order((PIPELINED, SEVERAL, KEPT, NEW)),
            expects="pipelined is the quickest, then several, then kept, then new",
            because="Pipelined, all requests leave at once and all answers come back to back: the"
            " handshake and one more round trip, however many there are (RFC 9112 §9.3.2). What that"
            " costs is the lab http1/head-of-line.",
        ),
    )


def several_check(settings: Settings) -> Check:
    count, among = settings.count("requests"), settings.count("connections")
    expected = (count + 1) / (math.ceil(count / among) + 1)  # with a round trip for the handshake
    return Check(
        name="several at a time",
        shape=Within(Figure(KEPT, over=SEVERAL), 0.5 * expected, 1.3 * expected),
        expects=f"{among} connections are about {digits(round(expected))} times as quick as one",
        because="Each carries its share, and they wait at the same time. The waiting has not become"
        " less, there is more of it at once.",
        unless="With so many at once the processor counts, not only the link.",
    )


ON_LOOPBACK = (
    Check(
        name="without a link",
        shape=Order((PIPELINED, KEPT, NEW)),
        expects="the order is the same without a link",
        because="What is left is the work of two kernels and two programs. It is so little that on"
        " loopback all four look good enough.",
    ),
)


def remarks(table: Table) -> list[str]:
    opened, slow, quick = (table.band(NEW, OPENED), table.band(NEW), table.band(PIPELINED))
    trips, one, several = table.band(NEW, TRIPS), table.band(KEPT), table.band(SEVERAL)
    if not (opened and slow and quick):
        return []
    said = [
        f"The slowest way took {shown(slow.median, 's')} and {shown(opened.median, 'connections')},"
        f" the quickest {shown(quick.median, 's')} and one."
    ]
    if trips:
        said[0] += f" In round trips the slowest is {digits(round(trips.median))}."
    if one and several and one.below(several):
        said.append(
            f"Several connections were slower than one, {shown(several.median, 's')} against"
            f" {shown(one.median, 's')}: with nothing to wait for, they are only more work."
        )
    return said


CONNECTIONS = Lab(
    name="http1/connection-cost",
    title="What a connection costs",
    question="The same small requests, over a new connection each, over one that is kept, over"
    " several, and pipelined. How much do the connections cost?",
    why="Nearly all that is called slow about an API on a network is round trips, and how many there"
    " are is decided by whoever handles the connections.",
    lesson="One connection, many requests",
    knobs=(
        Knob("requests", 40, "small ones, answered at once", low=1, high=200),
        Knob("rtt", 0.02, "of the link, a round trip", low=0, high=0.05, unit="s"),
        Knob("connections", 6, "for the way with several", low=2, high=20),
    ),
    quantities=(
        Quantity(TIME, "s", "from the first connect to the last answer"),
        Quantity(TRIPS, "round trips", "that time, in those of the link"),
        Quantity(OPENED, "connections", "counted at the link"),
    ),
    plan=plan,
    measure=measure,
    trace=trace,
    bench=bench,
    warm_up={"requests": 2},
    remarks=remarks,
    change=Change(
        {"rtt": 0},
        "Now without a link, as on a developer's machine. Which of the four would you still choose by"
        " what you see here?",
    ),
)
