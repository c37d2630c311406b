"""The stampede: a popular key runs out, and everybody rebuilds it. Four ways, at three rates of reads.

                  100     1 000    6 000 reads a second, 0.1 s to rebuild
    naive          10       100      600 rebuilds for each expiry: all who come in 0.1 s
    early         2.7       2.7      2.7  whoever comes while the first rebuild runs may begin one too
    single          1         1        1  for each process
    stale           1         1        1  and nobody waits; what they get is old

Where early refresh is told of, it is often said to rebuild exactly once. The first one does begin ahead
of time, and then readers keep coming while it runs, each with a chance that has grown: over one rebuild
by the factor e. So e rebuilds are begun on average, whatever the rate; and e to the power of n where a
rebuild takes n times what was measured.

It is simulated, by expiring.py: an expiry every five seconds at 6 000 reads a second would be half an
hour of reads in each run.

Left out: what the origin says to 600 rebuilds at once.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

from ....lab.knobs import Knob, Settings
from ....lab.lab import Change, Lab, Plan, Variant
from ....lab.prediction import Choice, Option
from ....lab.shapes import Check, Figure, Within
from ....lab.table import Quantity, Table
from ....lab.trace import Log, Moment
from ....lab.units import digits, shown
from .expiring import Early, Naive, Single, Stale, Way, World, expiries

RATES = (100, 1000, 6000)
MOST = RATES[-1]
NAIVE, EARLY, SINGLE, STALE = "naive", "early", "single", "stale"
WAYS: Mapping[str, type[Way]] = {NAIVE: Naive, EARLY: Early, SINGLE: Single, STALE: Stale}
NAMES = {NAIVE: "naive", EARLY: "early refresh", SINGLE: "single flight", STALE: "stale meanwhile"}
REBUILDS, WAITED, OLD, LONGEST = "rebuilds", "reads that waited", "old reads", "longest wait"
ENOUGH = 20  # expiries in a run, below which the average is chance


def key(way: str, rate: int) -> str:
    return f"{way}-{rate}"


def bench(settings: Settings) -> AbstractContextManager[Counter[str]]:
    """How often each variant ran: every run has reads at other moments."""
    return nullcontext(Counter[str]())


def world(settings: Settings, rate: int, seed: int) -> World:
    took = settings.number("rebuild")
    return World(
        rate=rate,
        ttl=settings.number("ttl"),
        rebuild=took * settings.number("slower"),
        expected=took,
        seed=seed,
        processes=settings.count("processes"),
    )


def measure(variant: str, settings: Settings, runs: Counter[str]) -> Mapping[str, float]:
    way, _, rate = variant.partition("-")
    runs[variant] += 1
    here = world(settings, int(rate), 1000 * settings.count("seed") + runs[variant])
    found = expiries(here, WAYS[way](here), settings.count("expiries"))
    return {
        REBUILDS: found.rebuilds,
        WAITED: found.waited,
        OLD: found.old,
        LONGEST: found.longest,
    }


def trace(variant: str, settings: Settings, runs: Counter[str]) -> Sequence[Moment]:
    """One expiry at the lowest rate: every read that did not simply get a fresh value."""
    way, _, rate = variant.partition("-")
    if int(rate) != RATES[0]:
        return ()
    log, here = Log(), world(settings, RATES[0], settings.count("seed"))
    here.tell = lambda at, what: log.put(at, "rebuild" if what == "rebuilt" else "read", means=what)
    expiries(here, WAYS[way](here), 1)
    return log.moments


def plan(settings: Settings) -> Plan:
    return Plan(
        variants=tuple(
            Variant(key(way, rate), f"{name}, {shown(rate, 'reads')} a second", rate, name)
            for way, name in NAMES.items()
            for rate in RATES
        ),
        asks=asks(settings),
        checks=tuple(checks(settings)),
        along="reads a second, by factors",
        paper=(0.1, 10_000),
    )


def asks(settings: Settings) -> Choice:
    took, slower = settings.number("rebuild"), settings.number("slower")
    late = f"; now it takes {digits(slower)} times that" if slower != 1 else ""
    right = "few" if math.exp(slower) < FEW else "tens" if math.exp(slower) < TENS else "many"
    wrong = {
        "one": "while the first one runs readers keep coming, and each has its chance to begin another.",
        "few": "a rebuild that takes longer gives more readers a chance that is larger.",
        "tens": "once a rebuild is done nobody begins one, and the first began early.",
        "many": "that is what happens when nobody begins before the end.",
    }
    ranges = {"one": (0.0, 1.3), "few": (1.3, FEW), "tens": (FEW, TENS), "many": (TENS, math.inf)}
    texts = ("one", "a few, 2 to 8", "some tens", "hundreds")
    return Choice(
        f"{MOST} reads a second of one key; to rebuild it took {shown(took, 's')} when that was"
        f" measured{late}. Each read may rebuild it ahead of time, by chance, the likelier the nearer the"
        " end. How many rebuilds are there for each expiry?",
        Figure(key(EARLY, MOST)),
        tuple(
            Option(name, text, *ranges[name], "" if name == right else wrong[name])
            for name, text in zip(ranges, texts, strict=True)
        ),
    )


FEW, TENS = 8.0, 100.0


def checks(settings: Settings) -> Iterator[Check]:
    took = settings.number("rebuild") * settings.number("slower")
    crowd = MOST * took  # reads while one rebuild runs
    if settings.count("expiries") < ENOUGH or crowd < 20 or settings.number("ttl") < 2 * took:
        return
    yield naive(crowd, took)
    # Beyond that a rebuild begins so early that it is no longer the rate alone which decides.
    if settings.number("slower") <= 3 and settings.number("ttl") >= 20 * took:
        yield early(math.exp(settings.number("slower")), settings.number("slower"))
    if crowd >= 40 * settings.count("processes"):
        yield from once(settings.count("processes"), crowd)


def naive(crowd: float, took: float) -> Check:
    return Check(
        name="naive",
        shape=Within(Figure(key(NAIVE, MOST)), 0.85 * crowd, 1.15 * crowd),
        expects=f"without protection about {digits(round(crowd))} rebuilds are begun at {MOST} reads a"
        " second",
        because=f"Until the first one is done, {shown(took, 's')} long, everybody who comes finds nothing"
        " and rebuilds. The more popular a key, the harder its end falls on the origin.",
    )


def early(expected: float, slower: float) -> Check:
    power = "" if slower == 1 else f" to the power of {digits(slower)}"
    return Check(
        name="early refresh",
        shape=Within(Figure(key(EARLY, MOST)), 0.6 * expected, 1.6 * expected),
        expects=f"early refresh begins about {digits(expected)} of them, not one",
        because="The first begins ahead of time and takes a while. Meanwhile readers keep coming, and"
        f" the chance of each grows: over one rebuild by e{power}. So many are begun on average,"
        " whatever the rate. Nobody had to talk to anybody for it.",
        unless="A few expiries more or less move an average of so few.",
    )


def once(processes: int, crowd: float) -> Iterator[Check]:
    each = "one" if processes == 1 else f"{processes}, one for each process,"
    yield Check(
        name="single flight",
        shape=Within(Figure(key(SINGLE, MOST)), processes, processes),
        expects=f"single flight begins {each} at any rate",
        because="The first to find nothing says so to those behind it, and they wait for its answer. It"
        " can say so within its own process only; for more than one the cache itself has to hold the"
        " lock.",
    )
    yield Check(
        name="who waits",
        shape=Within(Figure(key(STALE, MOST), WAITED), 0, 0),
        expects="nobody waits where the old value is answered meanwhile",
        because=f"About {digits(round(crowd))} reads for each expiry get a value past its time instead."
        " With single flight that many wait: one rebuild protects the origin, and not the readers.",
    )


def remarks(table: Table) -> list[str]:
    known = {way: [table.sure(key(way, rate)) for rate in RATES] for way in NAMES}
    said = []
    for way in (NAIVE, EARLY):
        medians = [band.median for band in known[way] if band]
        if len(medians) == len(RATES):
            figures = ", ".join(map(digits, medians))
            said.append(
                f"{NAMES[way]} at {', '.join(map(digits, RATES))} reads a second: {figures}."
            )
    waits = {way: table.sure(key(way, MOST), WAITED) for way in NAMES}
    if all(waits.values()):
        figures = ", ".join(
            f"{NAMES[way]} {digits(round(band.median, 1))}" for way, band in waits.items() if band
        )
        said.append(f"Reads that waited for each expiry, at {digits(MOST)} a second: {figures}.")
    return said


STAMPEDE = Lab(
    name="cachepatterns/stampede",
    title="The stampede",
    question="One key that everybody reads runs out. How many rebuild it, and what do three protections"
    " make of that?",
    why="The origin is asked most when its most popular value is missing, at one moment and by everybody."
    " A cache that is there to protect it has then set the time.",
    lesson="The stampede",
    knobs=(
        Knob("ttl", 5.0, "that a value is fresh", low=0.5, high=60, unit="s"),
        Knob(
            "rebuild", 0.1, "that a rebuild took when it was measured", low=0.01, high=1, unit="s"
        ),
        Knob(
            "slower", 1.0, "a rebuild takes now, times what was measured", low=0.5, high=4, unit="×"
        ),
        Knob("processes", 1, "each with a single flight of its own", low=1, high=16),
        Knob("expiries", 50, "in each run", low=1, high=1000),
        Knob("seed", 1, "of the moments of the reads", low=1, high=1000),
    ),
    quantities=(
        Quantity(REBUILDS, "", "for each expiry"),
        Quantity(WAITED, "reads", "for each expiry"),
        Quantity(OLD, "reads", "for each expiry, of a value past its time"),
        Quantity(LONGEST, "s", "of any read"),
    ),
    plan=plan,
    measure=measure,
    trace=trace,
    bench=bench,
    runs=5,
    warm_up={"expiries": 1},
    log=True,
    remarks=remarks,
    change=Change(
        {"slower": 3},
        "Now the origin takes three times what was measured, as it may when it is busy. What becomes of"
        " each of the four?",
    ),
)
