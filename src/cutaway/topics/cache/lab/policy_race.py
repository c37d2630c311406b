"""The race of the policies: four ways to ask, six policies, one cache. Who wins where, and who loses.

    skewed      few keys are popular and stay so          who counts wins
    with scans  now and then many keys come once          who lets everybody in throws good ones out
    shifting    half-way others become popular            who only counts holds on to the past
    loop        a few more keys than there is room for     recency always removes the next one

In a loop that is a little longer than the cache the key asked for longest ago is the very next one.
A policy that goes by recency removes each key just before it is wanted, and so does one that counts,
as all of them have the same count. Lots are wrong about some of them only.

Left out: what a policy costs in time and memory; sizes; lifetimes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from math import inf

from ....lab.knobs import Knob, Settings
from ....lab.lab import Change, Lab, Plan, Variant
from ....lab.prediction import Choice, Option
from ....lab.shapes import Check, Figure, Order, Within
from ....lab.table import Band, Quantity, Table
from ....lab.units import digits
from .. import traces
from ..policies import POLICIES, hit_ratio
from .asked import (
    FILE,
    FILE_KNOB,
    LABELS,
    LOOP,
    SCANS,
    SEED_KNOB,
    SHIFT,
    SKEW_KNOB,
    SKEWED,
    Asked,
    asked_knob,
)

LRU, LFU, FIFO, RANDOM, SIEVE, TINY = "lru", "lfu", "fifo", "random", "sieve", "w-tinylfu"
NAMES = {LRU: "LRU", LFU: "LFU", FIFO: "FIFO", RANDOM: "random", SIEVE: "SIEVE", TINY: "W-TinyLFU"}
TRACES = (SKEWED, SCANS, SHIFT, LOOP)
HITS, KEYS = "hit ratio", "different keys"
ROOM = (200, 3000)  # entries between which the usual order was seen
ENOUGH = 100  # asked for each entry, below which the first misses are most of them
SKEWS = (0.7, 1.2)


def key(trace: str, policy: str) -> str:
    return f"{trace}-{policy}"


def bench(settings: Settings) -> AbstractContextManager[Asked]:
    return nullcontext(Asked(settings))


def measure(variant: str, settings: Settings, asked: Asked) -> Mapping[str, float]:
    trace, _, policy = variant.partition("-")
    keys = asked.of(trace, variant, settings)
    ratio = hit_ratio(POLICIES[policy](settings.count("entries")), keys)
    return {HITS: 100 * ratio, KEYS: float(len(set(keys)))}


def raced(settings: Settings) -> tuple[str, ...]:
    return (FILE,) if settings.word("file") else TRACES


def plan(settings: Settings) -> Plan:
    return Plan(
        variants=tuple(
            Variant(key(trace, policy), f"{LABELS[trace]} · {NAMES[policy]}")
            for trace in raced(settings)
            for policy in NAMES
        ),
        asks=about_the_file() if settings.word("file") else about_the_loop(settings),
        checks=() if settings.word("file") else tuple(checks(settings)),
    )


def about_the_loop(settings: Settings) -> Choice:
    entries, fits = settings.count("entries"), settings.count("entries") >= traces.LOOP
    few = "what was asked for longest ago is what comes next, and just that is removed each time."
    all_of_it = "the loop fits; after the first round nothing has to go."
    return Choice(
        f"{traces.LOOP} keys are asked for in turn, again and again, and the cache has room for"
        f" {entries}. What is the hit ratio of LRU?",
        Figure(key(LOOP, LRU)),
        (
            Option("nothing", "next to nothing", 0, 2, all_of_it if fits else ""),
            Option("half", "about half", 30, 70, all_of_it if fits else few),
            Option("most", "most of it, 70 to 98 %", 70, 98, all_of_it if fits else few),
            Option("all", "nearly all", 98, 100, "" if fits else few),
        ),
    )


def about_the_file() -> Choice:
    return Choice(
        "On what the file asks for: how does SIEVE compare with LRU?",
        Figure(key(FILE, SIEVE), over=key(FILE, LRU)),
        (
            Option("fewer", "fewer hits", 0, 0.98),
            Option("same", "as many, within two in a hundred", 0.98, 1.02),
            Option("more", "more hits", 1.02, inf),
        ),
    )


def checks(settings: Settings) -> Iterator[Check]:
    entries, asked = settings.count("entries"), settings.count("asked")
    usual = SKEWS[0] <= settings.number("skew") <= SKEWS[1]
    if usual and ROOM[0] <= entries <= ROOM[1] and asked >= ENOUGH * entries:
        yield from POPULARITY
    if entries >= traces.LOOP and asked >= ENOUGH * traces.LOOP:
        yield FITS
    elif 0.7 * traces.LOOP <= entries < traces.LOOP and asked >= ENOUGH * traces.LOOP:
        yield from TOO_LONG


def ordered(trace: str, *policies: str) -> Order:
    """From the fewest hits to the most."""
    return Order(tuple(key(trace, policy) for policy in policies))


POPULARITY = (
    Check(
        name="skewed",
        shape=ordered(SKEWED, FIFO, LRU, LFU),
        expects="where popularity stays as it is LFU is above LRU, and LRU above FIFO",
        because="The keys worth keeping are the same all the time, and how often a key was asked for"
        " says which they are. When it was asked for last says it less well, and when it came not at"
        " all.",
    ),
    Check(
        name="first in, first out is a lot",
        shape=Within(Figure(key(SKEWED, FIFO), over=key(SKEWED, RANDOM)), 0.96, 1.04),
        expects="FIFO is as good as lots",
        because="When a key came in says nothing about when it is wanted again. To remove by it is to"
        " draw lots with a queue.",
    ),
    Check(
        name="scans",
        shape=ordered(SCANS, LRU, SIEVE),
        expects="with scans among the others LRU is below SIEVE",
        because="A scan brings keys that never come again. LRU keeps each of them until as many others"
        " came as there is room for, and good ones go meanwhile. SIEVE removes it when the hand comes"
        " by, and passes those that were asked for again.",
    ),
    Check(
        name="shifting",
        shape=ordered(SHIFT, LFU, LRU, TINY),
        expects="where popularity shifts LFU is below LRU, and LRU below W-TinyLFU",
        because="The counts of the first half are true no more, and LFU believes them for as long as it"
        " takes to count that far again: a newcomer has a count of one and is the first to go."
        " W-TinyLFU counts too, and halves what it counted.",
        unless="A shift that is longer ago is forgotten by all of them.",
    ),
)

TOO_LONG = (
    Check(
        name="a loop a little too long",
        shape=Within(Figure(key(LOOP, LRU)), None, 1),
        expects="LRU hits nothing",
        because=f"{traces.LOOP} keys in turn: the one asked for longest ago is the one that comes next,"
        " and just that is removed. FIFO and SIEVE walk into it in the same way, and LFU too, since all"
        " counts are alike.",
    ),
    Check(
        name="lots in the loop",
        shape=ordered(LOOP, LRU, RANDOM),
        expects="lots are above LRU",
        because="A key drawn by lots is hardly ever the one that is wanted next. In a loop not to look"
        " back is better than to look.",
    ),
    Check(
        name="whoever refuses newcomers",
        shape=ordered(LOOP, LRU, TINY),
        expects="W-TinyLFU is above LRU",
        because="A newcomer that was asked for no more than the one it would replace is not let in. So"
        " most of what is there stays, and the loop comes by it again.",
    ),
)

FITS = Check(
    name="a loop that fits",
    shape=Within(Figure(key(LOOP, LRU)), 98, None),
    expects="LRU hits nearly all of it",
    because="Nothing has to be removed, so it does not matter how. Between a loop that just fits and"
    " one that is a little longer lies all of it.",
)


def remarks(table: Table) -> list[str]:
    """Who won where, and who comes closest everywhere."""
    won = {trace: winners for trace in LABELS if (winners := best(table, trace))}
    if set(won) == {FILE}:
        return [f"On this file: {ranked(table, FILE)}."]
    if len(won) < len(TRACES):
        return []
    said = [f"{LABELS[trace]}: {', '.join(map(NAMES.__getitem__, won[trace]))}" for trace in won]
    lost = {policy: lag(table, policy) for policy in NAMES}
    least = min(lost, key=lambda policy: lost[policy])
    return [
        f"The winners, runs that overlap being equal: {'; '.join(said)}.",
        f"{NAMES[least]} is never more than {digits(lost[least])} points behind the best of a trace;"
        f" LRU once is {digits(lost[LRU])}, LFU {digits(lost[LFU])}. Which policy is best is a question"
        " about what is asked for.",
    ]


def bands(table: Table, trace: str) -> dict[str, Band]:
    found = {policy: table.sure(key(trace, policy)) for policy in NAMES}
    return {policy: band for policy, band in found.items() if band is not None}


def best(table: Table, trace: str) -> list[str]:
    """The one with the most hits, and those that overlap with it."""
    known = bands(table, trace)
    if len(known) < len(NAMES):
        return []
    top = max(known.values(), key=lambda band: band.median)
    return [policy for policy, band in known.items() if not band.below(top)]


def lag(table: Table, policy: str) -> float:
    """How far it is behind the best, at worst, in points of the ratio."""
    known = [bands(table, trace) for trace in TRACES]
    return max(max(b.median for b in each.values()) - each[policy].median for each in known)


def ranked(table: Table, trace: str) -> str:
    known = bands(table, trace)
    order = sorted(known, key=lambda policy: -known[policy].median)
    return ", ".join(f"{NAMES[policy]} {table.shown(known[policy])}" for policy in order)


POLICY_RACE = Lab(
    name="cache/policy-race",
    title="The race of the policies",
    question="Six policies decide what has to go, on four ways to ask. Which wins where, and is there"
    " one that wins everywhere?",
    why="A policy is a bet on what is asked for next. LRU is what most caches come with, and there is"
    " a harmless looking way to ask of which it hits nothing.",
    lesson="What has to go",
    knobs=(
        Knob("entries", 1000, "that the cache has room for", low=10, high=20_000),
        asked_knob(200_000),
        SKEW_KNOB,
        FILE_KNOB,
        SEED_KNOB,
    ),
    quantities=(
        Quantity(HITS, "%", "of all that is asked for, from an empty cache on"),
        Quantity(KEYS, "keys", "among what is asked for"),
    ),
    plan=plan,
    measure=measure,
    bench=bench,
    runs=4,
    warm_up={"asked": 1000},
    remarks=remarks,
    change=Change(
        {"entries": 1100},
        "Room for 100 more, a tenth. What does it change for the three others, and what for the loop?",
    ),
)
