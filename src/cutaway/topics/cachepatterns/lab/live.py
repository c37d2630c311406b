"""The stampede with real programs: the reference service, the reference cache, and a slow origin.

    load, R a second ──▶ service ──▶ cache           GET /aside/k, /early/k, /single-flight/k, /stale/k
                            └──────▶ origin, 0.1 s   who asked for k, and when, is noted here

What stampede.py simulates is done here, one way after the other, at a rate that one machine can carry.
Two things differ from the simulation. A service needs time of its own for each read. And the reference
lets one early refresh at a time be under way for a key, so one process refreshes once and not e times:
chance is what several processes need, who cannot see each other.

Left out: several processes. Start more of them and put a proxy in front, and the e comes back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf

from ....lab.knobs import Knob, Settings
from ....lab.lab import Change, Lab, Plan, Unmeasured, Variant
from ....lab.part import part, reference
from ....lab.prediction import Choice, Option
from ....lab.shapes import Check, Figure, Order, Within
from ....lab.table import Quantity, Table
from ....lab.units import digits, shown
from ....net.load import Answer, Result, run
from ....net.load import Plan as Load
from ....wire.feed import Feed
from ...http1.codec import Response, read_response
from .slow_origin import Origin, slow_origin

NAIVE, EARLY, SINGLE, STALE = "aside", "early", "single-flight", "stale"
NAMES = {NAIVE: "naive", EARLY: "early refresh", SINGLE: "single flight", STALE: "stale meanwhile"}
REBUILDS, TAIL, EXPIRIES = "rebuilds", "99th percentile", "expiries"
KEY = b"popular"
GRACE = 2.0
FIRST = 10.0  # a second, for a tenth of a second: one
CONNECTIONS = 200
CROWD = 8  # reads while one rebuild runs, below which nothing is expected
MOST = 500  # reads a second that a service in Python carries beside its cache


@dataclass(frozen=True, slots=True)
class Bench:
    """address: of the service."""

    address: tuple[str, int]
    origin: Origin


class Reads:
    """A plug for the load generator: the same key by one way."""

    def __init__(self, way: str) -> None:
        self.name = f"GET /{way}/{KEY.decode()}"
        self.octets = b"GET /%b/%b HTTP/1.1\r\nHost: lab\r\n\r\n" % (way.encode(), KEY)

    def request(self, number: int) -> bytes:
        return self.octets

    def reader(self) -> Answers:
        return Answers()


class Answers:
    """The answers on one connection."""

    def __init__(self) -> None:
        self.octets = Feed(read_response)

    def feed(self, data: bytes) -> Answer | None:
        for answer in list(self.octets.receive(data)):
            assert isinstance(answer, Response)
            return Answer(str(answer.status), answer.status == 200)
        return None

    def end(self) -> Answer | None:
        return None


@contextmanager
def bench(settings: Settings) -> Iterator[Bench]:
    with (
        slow_origin(settings.number("rebuild")) as origin,
        part(reference("cache"), data="DATA_DIR") as cache,
    ):
        environment = {
            "ORIGIN": f"{origin.address[0]}:{origin.address[1]}",
            "CACHE": f"{cache.address()[0]}:{cache.address()[1]}",
            "TTL_MS": f"{1000 * settings.number('ttl'):.0f}",
            "EARLY_MS": f"{1000 * settings.number('rebuild'):.0f}",
            "CACHE_MS": "5000",  # a busy machine is no cache that failed
        }
        with part(reference("cachepatterns"), environment=environment) as service:
            yield Bench(service.address(), origin)


def measure(variant: str, settings: Settings, bench: Bench) -> Mapping[str, float]:
    """What is counted begins with the entry in the cache: one read goes ahead."""
    loaded(Load.steady(FIRST, 1 / FIRST), variant, bench)
    bench.origin.forget()
    plan = Load.steady(settings.number("rate"), settings.number("seconds"))
    result = loaded(plan, variant, bench)
    crowds = bench.origin.groups(KEY, settings.number("ttl") / 2)
    tail = result.latency.at(99)
    if tail is None or tail.at_least:
        raise Unmeasured("the service did not answer in time.")
    return {
        REBUILDS: sum(crowds) / len(crowds) if crowds else 0.0,
        TAIL: tail.seconds,
        EXPIRIES: float(len(crowds)),
    }


def loaded(plan: Load, way: str, bench: Bench) -> Result:
    return run(
        plan,
        Reads(way),
        bench.address,
        connections=CONNECTIONS,
        timeout=GRACE,
        grace=GRACE,
    )


def plan(settings: Settings) -> Plan:
    return Plan(
        variants=tuple(Variant(way, name) for way, name in NAMES.items()),
        asks=asks(settings),
        checks=tuple(checks(settings)),
    )


def asks(settings: Settings) -> Choice:
    rate, took = settings.count("rate"), settings.number("rebuild")
    crowd = rate * took
    low, high = 0.6 * crowd, 1.8 * crowd
    none = "as long as the first one is not done, nobody finds anything in the cache."
    return Choice(
        f"{rate} reads a second of one key, which takes {shown(took, 's')} to rebuild. Its time is over."
        " How many of those who read it ask the origin, when nothing holds them back?",
        Figure(NAIVE),
        (
            Option("one", "one: the first, and the others find its value", 0, 1.5, none),
            Option("some", f"more than one and less than {digits(low)}", 1.5, max(1.6, low), none),
            Option("crowd", f"{digits(low)} to {digits(high)}", max(1.6, low), high),
            Option("all", "more than that", high, inf, "once it is rebuilt everybody finds it."),
        ),
    )


def checks(settings: Settings) -> Iterator[Check]:
    rate, took = settings.count("rate"), settings.number("rebuild")
    crowd = rate * took
    long = settings.number("seconds") >= 2 * (settings.number("ttl") + took)
    if crowd < CROWD or rate > MOST or not long:
        return
    yield Check(
        name="naive",
        shape=Within(Figure(NAIVE), 0.6 * crowd, 1.8 * crowd),
        expects=f"without protection about {digits(crowd)} ask the origin",
        because=f"That is the rate times {shown(took, 's')}, as in the simulation: everybody who came"
        " until the first rebuild was done.",
        unless="A service that is busy takes longer for each, and more come meanwhile.",
    )
    yield Check(
        name="single flight",
        shape=Within(Figure(SINGLE), 1, 1),
        expects="with single flight one asks",
        because="The service remembers that it is asking, and lets the others wait for that answer.",
    )
    yield Check(
        name="one at a time",
        shape=Order((EARLY, NAIVE)),
        expects="early refresh asks less often than no protection",
        because="Most of the time somebody began ahead of the end, and the reference lets one refresh of"
        " a key be under way in a process. The e of the simulation is what processes do that cannot see"
        " each other.",
    )
    yield Check(
        name="who waits",
        shape=Order((STALE, SINGLE), TAIL),
        expects="the slowest reads take longer with single flight than with the old value meanwhile",
        because="Single flight protects the origin: whoever comes meanwhile waits for the rebuild. The"
        " old value protects the readers too, and is old.",
        unless="On a busy machine everything takes long.",
    )


def remarks(table: Table) -> list[str]:
    waits = {way: table.sure(way, TAIL) for way in NAMES}
    if not all(waits.values()):
        return []
    figures = ", ".join(f"{NAMES[w]} {shown(b.median, 's')}" for w, b in waits.items() if b)
    return [f"One read in a hundred took longer than: {figures}."]


LIVE = Lab(
    name="cachepatterns/stampede-live",
    title="The stampede, with real programs",
    question="The same four ways, in a service that runs, in front of a real cache and a slow origin."
    " Does the origin see what the simulation says?",
    why="A simulation knows what its author knew. The origin, which is asked by a program that runs, sees"
    " the rest.",
    lesson="The stampede",
    knobs=(
        Knob("rate", 100, "reads a second", low=10, high=1000),
        Knob("ttl", 0.6, "that a value is fresh", low=0.2, high=5, unit="s"),
        Knob("rebuild", 0.1, "that the origin takes", low=0.01, high=1, unit="s"),
        Knob("seconds", 2.0, "of load, in each run", low=0.2, high=10, unit="s"),
    ),
    quantities=(
        Quantity(REBUILDS, "", "for each expiry, counted at the origin"),
        Quantity(TAIL, "s", "one read in a hundred takes longer"),
        Quantity(EXPIRIES, "", "in a run"),
    ),
    plan=plan,
    measure=measure,
    bench=bench,
    runs=3,
    warm_up={"seconds": 0.3},
    remarks=remarks,
    change=Change(
        {"rate": 200},
        "Twice as many readers. For which of the four does the origin notice?",
    ),
)
