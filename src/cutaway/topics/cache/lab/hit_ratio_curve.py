"""How much room: the hit ratio of a cache from 100 to 10 000 entries, under four policies.

    hit ratio │                 ╭── best possible
              │            ╭────┼── LRU
              │       ╭────╯
              │  ╭────╯
              ╰──────────────────── entries, by factors

Popular keys come first, so the first entries earn the most, and ten times the room never gives ten
times the hits. What one more entry is worth is the slope of the curve where the cache stands; what
another policy is worth is how far the curves lie apart there.

Left out: what is paid for an entry, and for a miss. With both, the curve says how much room to buy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from math import inf

from ....lab.knobs import Settings
from ....lab.lab import Change, Lab, Plan, Variant
from ....lab.prediction import Choice, Option
from ....lab.shapes import Check, Figure, Order, Within
from ....lab.table import Quantity, Table
from ....lab.units import digits, shown
from .. import traces
from ..policies import POLICIES, best_possible, hit_ratio
from .asked import FILE, FILE_KNOB, SEED_KNOB, SKEW_KNOB, SKEWED, Asked, asked_knob

SIZES = (100, 300, 1000, 3000, 10_000)
LRU, RANDOM, TINY, BEST = "lru", "random", "w-tinylfu", "best"
NAMES = {RANDOM: "random", LRU: "LRU", TINY: "W-TinyLFU", BEST: "best possible"}
HITS = "hit ratio"
SKEWS = (0.85, 1.0)
ENOUGH = 100_000


def key(policy: str, size: int) -> str:
    return f"{policy}-{size}"


def bench(settings: Settings) -> AbstractContextManager[Asked]:
    return nullcontext(Asked(settings))


def measure(variant: str, settings: Settings, asked: Asked) -> Mapping[str, float]:
    policy, _, size = variant.rpartition("-")
    keys = asked.of(FILE if asked.file else SKEWED, variant, settings)
    if policy == BEST:
        return {HITS: 100 * best_possible(int(size), keys)}
    return {HITS: 100 * hit_ratio(POLICIES[policy](int(size)), keys)}


def plan(settings: Settings) -> Plan:
    return Plan(
        variants=tuple(
            Variant(key(policy, size), f"{name}, {shown(size, 'entries')}", size, name)
            for policy, name in NAMES.items()
            for size in SIZES
        ),
        asks=asks(settings),
        checks=tuple(checks(settings)),
        along="entries, by factors",
        paper=(0, 100),
    )


def asks(settings: Settings) -> Choice:
    skew = settings.number("skew")
    what = f"{traces.KEYS} keys, the n-th asked for as often as the first by n to {skew:g}"
    usual = SKEWS[0] <= skew <= SKEWS[1] and not settings.word("file")
    few = "the most popular keys are in the small cache too; what is added is asked for less and less."
    return Choice(
        f"{'The keys of the file' if settings.word('file') else what}. How many times the hits of 100"
        " entries does LRU have with 1000?",
        Figure(key(LRU, 1000), over=key(LRU, 100)),
        (
            Option("ten", "about ten times", 6, inf, few if usual else ""),
            Option("four", "three to six times", 3, 6, few if usual else ""),
            Option("twice", "about twice, 1.5 to 3 times", 1.5, 3),
            Option("same", "hardly more", 0, 1.5, "the small cache misses most of it." * usual),
        ),
    )


def checks(settings: Settings) -> Iterator[Check]:
    skew, asked = settings.number("skew"), settings.count("asked")
    if settings.word("file"):
        yield NOBODY
    elif SKEWS[0] <= skew <= SKEWS[1] and asked >= ENOUGH:
        yield from (RETURNS, LESS, POLICY, NOBODY)
    elif skew == 0 and asked >= ENOUGH:
        yield ALIKE


RETURNS = Check(
    name="ten times the room",
    shape=Within(Figure(key(LRU, 1000), over=key(LRU, 100)), 1.5, 4),
    expects="from 100 to 1000 entries the hits of LRU grow by much less than ten times",
    because="The hundred most popular keys are in the small cache too. The next nine hundred together"
    " are asked for about as often as those hundred.",
)

LESS = Check(
    name="ten times again",
    shape=Within(Figure(key(LRU, 10_000), over=key(LRU, 1000)), 1.2, 2.5),
    expects="and from 1000 to 10 000 by less still",
    because="The same again: each factor of ten adds about as many points of the ratio as the one"
    " before, and what is there grows. At some size the next factor costs more than the misses do.",
)

POLICY = Check(
    name="another policy, or more room",
    shape=Order((key(RANDOM, 1000), key(LRU, 1000), key(TINY, 1000), key(LRU, 3000))),
    expects="at 1000 entries lots are below LRU and LRU below W-TinyLFU; three times the room gives"
    " LRU more than that",
    because="A better policy is some room for nothing. How much can be read from the curves: go from"
    " the one to the right until the other one is met.",
)

NOBODY = Check(
    name="nobody knows what comes",
    shape=Order((key(LRU, 1000), key(BEST, 1000))),
    expects="who knows what comes is above LRU",
    because="That one keeps what is wanted soonest, and no policy can be above it. The first time that a"
    " key is asked for is a miss even so.",
)

ALIKE = Check(
    name="all keys alike",
    shape=Within(Figure(key(LRU, 1000), over=key(LRU, 100)), 7, 13),
    expects="ten times the room is ten times the hits",
    because="Where every key is asked for as often as any other, a cache with room for a tenth of them"
    " hits a tenth, whatever it removes. It is popularity that makes small caches worth having.",
)


def remarks(table: Table) -> list[str]:
    found = [table.sure(key(LRU, size)) for size in SIZES]
    known = [band.median for band in found if band]
    if len(known) < len(SIZES):
        return []
    curve = ", ".join(digits(value) for value in known)
    said = [f"LRU with {', '.join(map(digits, SIZES))} entries: {curve} %."]
    usual, tiny, at = *(table.sure(key(p, 1000)) for p in (LRU, TINY)), SIZES.index(1000)
    if usual and tiny and usual.below(tiny) and tiny.median < known[at + 1]:
        part = (tiny.median - known[at]) / (known[at + 1] - known[at])
        room = SIZES[at] * (SIZES[at + 1] / SIZES[at]) ** part
        said.append(
            f"W-TinyLFU with 1000 entries hits what LRU would with about {digits(round(room, -2))}."
        )
    return said


HIT_RATIO_CURVE = Lab(
    name="cache/hit-ratio-curve",
    title="How much room",
    question="From 100 entries to 10 000: how does the hit ratio grow, and what is more room worth"
    " against a better policy?",
    why="Memory is bought by the gigabyte, and hits do not grow with it. Whoever has the curve knows"
    " where to stop.",
    lesson="How much room",
    knobs=(asked_knob(100_000), SKEW_KNOB, FILE_KNOB, SEED_KNOB),
    quantities=(Quantity(HITS, "%", "of all that is asked for, from an empty cache on"),),
    plan=plan,
    measure=measure,
    bench=bench,
    runs=4,
    warm_up={"asked": 1000},
    remarks=remarks,
    change=Change(
        {"skew": 0},
        "Now every key is as popular as any other. What is ten times the room worth now, and which of"
        " the policies is the best?",
    ),
)
