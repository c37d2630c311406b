"""Head-of-line blocking: one slow answer, and the quick ones behind it.

    one connection     → slow  → quick → quick → quick
                       ←·····················← slow ← quick ← quick ← quick    all of them late

    one each           → slow                 ←······················ slow
                       → quick  ← quick
                       → quick  ← quick

Answers come in the order of the requests, since nothing in them says which one they answer.

spec   RFC 9112 §9.3.2

Left out: HTTP/2, whose answers carry a number and overtake each other.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

from ....lab.knobs import Knob, Settings
from ....lab.lab import Change, Lab, Plan, Variant
from ....lab.prediction import Choice, Option
from ....lab.shapes import Check, Figure, Within
from ....lab.table import Quantity, Table
from ....lab.trace import Moment
from ....lab.units import shown
from ....net.relay import Relay
from .client import Line
from .link import linked, traced

FIRST, LAST, SEVERAL = "slow-first", "slow-last", "several"
QUICK, SLOW, LATE = "a quick answer", "the slow answer", "quick answers that waited"
TARGET = "echo/alpha"
WAITED = 0.8  # of the slow one's time: whoever is later than this has waited for it


def measure(variant: str, settings: Settings, relay: Relay) -> Mapping[str, float]:
    """When each answer was complete, from the moment at which all requests leave."""
    quick, wait = settings.count("quick"), settings.number("slow")
    slow = f"slow?ms={round(1000 * wait)}"
    targets = [slow, *[TARGET] * quick]
    if variant == LAST:
        targets = [*targets[1:], slow]
    hands = dealt(targets, settings.count("connections") if variant == SEVERAL else 1)
    times = asked(relay, hands)
    answers = [
        (target, at)
        for hand, got in zip(hands, times, strict=True)
        for target, at in zip(hand, got, strict=True)
    ]
    mine = [at for target, at in answers if target == TARGET]
    return {
        QUICK: statistics.median(mine),
        SLOW: max(at for target, at in answers if target == slow),
        LATE: float(sum(at >= settings.number("rtt") + WAITED * wait for at in mine)),
    }


def trace(variant: str, settings: Settings, relay: Relay) -> Sequence[Moment]:
    """The same with few requests."""
    few = settings.but({"quick": 2, "connections": 3})
    return traced(relay, lambda: measure(variant, few, relay))


def dealt(targets: list[str], hands: int) -> list[list[str]]:
    """In turn, as a client with several connections does."""
    return [hand for i in range(hands) if (hand := targets[i::hands])]


def asked(relay: Relay, hands: list[list[str]]) -> list[list[float]]:
    """Each hand pipelined on a connection of its own; the connections stand before it begins."""
    with ExitStack() as stack, ThreadPoolExecutor(len(hands)) as threads:
        lines = [stack.enter_context(Line.to(relay.address)) for _ in hands]
        for line in lines:
            line.send(TARGET)
            line.answers(1)
        began = time.perf_counter()
        for line in lines:
            line.began = began
        for line, hand in zip(lines, hands, strict=True):
            line.send(*hand)
        return list(
            threads.map(lambda pair: pair[0].answers(len(pair[1])), zip(lines, hands, strict=True))
        )


@contextmanager
def bench(settings: Settings) -> Iterator[Relay]:
    with linked(settings.number("rtt")) as relay:
        yield relay


def plan(settings: Settings) -> Plan:
    among = settings.count("connections")
    return Plan(
        variants=(
            Variant(FIRST, "one, the slow one first"),
            Variant(LAST, "one, the slow one last"),
            Variant(SEVERAL, f"{among} connections"),
        ),
        asks=asks(settings),
        checks=checks(settings),
    )


def asks(settings: Settings) -> Choice:
    wait, rtt, quick = settings.number("slow"), settings.number("rtt"), settings.count("quick")
    much_later = max(1.5 * wait + 2 * rtt, wait * quick / 2)
    return Choice(
        f"On one connection a request that takes {shown(wait, 's')} goes out, and {quick} quick ones"
        " right behind it. When is the middle one of the quick answers there?",
        Figure(FIRST),
        (
            Option(
                "at-once",
                f"at once, in a round trip ({shown(rtt, 's')}): it was ready",
                0,
                rtt + 0.5 * wait,
                "that it is ready does not help; answers leave in the order of the requests.",
            ),
            Option(
                "with-the-slow",
                f"with the slow one, after {shown(wait + rtt, 's')}",
                wait,
                1.5 * wait + 2 * rtt,
            ),
            Option(
                "one-by-one",
                f"much later, after {shown(much_later, 's')} or more: each waits as long",
                much_later,
                60.0,
                "the quick ones wait together, once, for the one before them.",
            ),
        ),
    )


def checks(settings: Settings) -> tuple[Check, ...]:
    wait, rtt, quick = settings.number("slow"), settings.number("rtt"), settings.count("quick")
    among = settings.count("connections")
    behind = len(range(among, quick + 1, among))  # dealt to the connection of the slow one
    return (
        Check(
            name="behind the slow one",
            shape=Within(Figure(FIRST), wait, None),
            expects="quick answers behind a slow one on the same connection come no sooner than it",
            because="A response has nothing that says which request it answers, so they are sent in"
            " the order of the requests (RFC 9112 §9.3.2), and who is first decides for all.",
        ),
        Check(
            name="before the slow one",
            shape=Within(Figure(LAST), None, rtt + 0.5 * wait),
            expects="quick answers before the slow one are not delayed",
            because="The same requests on the same connection, in another order.",
            unless="On a busy machine a round trip may take as long as the slow answer.",
        ),
        Check(
            name="beside the slow one",
            shape=Within(Figure(SEVERAL, LATE), behind, behind),
            expects=f"of {quick} quick answers over {among} connections {behind} wait for the slow one",
            because="Only what shares its connection waits. That is why browsers open six to a host:"
            " it does not remove the blocking, it makes the queues shorter."
            if behind
            else "Nothing stands behind it, so nobody waits. That is why browsers open six to a host.",
        ),
    )


def remarks(table: Table) -> list[str]:
    first, slow = table.band(FIRST), table.band(FIRST, SLOW)
    if not (first and slow):
        return []
    if abs(first.median - slow.median) > 0.1 * slow.median:
        return []
    return [
        f"With the slow one first, all answers came together: the slow one after"
        f" {shown(slow.median, 's')}, the middle one of the quick ones after {shown(first.median, 's')}."
    ]


HEAD_OF_LINE = Lab(
    name="http1/head-of-line",
    title="One slow answer, and those behind it",
    question="A client sends several requests at once and the first of them is slow. Who waits for"
    " it?",
    why="One slow query makes unrelated requests slow. It is why browsers open several connections,"
    " and the reason for HTTP/2.",
    lesson="One connection, many requests",
    knobs=(
        Knob("quick", 5, "requests that are answered at once", low=1, high=30),
        Knob("slow", 0.3, "that the slow one takes", low=0.05, high=1.0, unit="s"),
        Knob("connections", 6, "for the way with several", low=2, high=20),
        Knob("rtt", 0.01, "of the link, a round trip", low=0, high=0.1, unit="s"),
    ),
    quantities=(
        Quantity(QUICK, "s", "the median of those of one run"),
        Quantity(SLOW, "s"),
        Quantity(LATE, "answers", "that came no sooner than the slow one"),
    ),
    plan=plan,
    measure=measure,
    trace=trace,
    bench=bench,
    warm_up={"slow": 0.05},
    remarks=remarks,
    change=Change(
        {"connections": 2},
        "Two connections, and the requests dealt to them in turn. How many of the quick ones wait now?",
    ),
)
