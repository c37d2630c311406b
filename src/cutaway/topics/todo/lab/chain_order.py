"""The same five layers in four orders: what a flood costs, what the log has, who learns what.

    a flood        so many requests of one client, with a wrong password and nothing in the body
    crashes        five of somebody who may, at which the handler raises an error

    log recover limit auth validate        as it is usually done
    log recover auth limit validate        each request of the flood is hashed
    log recover limit validate auth        a stranger is told what a body has to have
    recover log limit auth validate        a crash is answered, and no line is written

Nothing listens here and no octet is sent: the layers are functions, and the requests are values. That
is why they can be put in any order, and why a test of them needs no server.

Left out: layers that are asynchronous for a reason, such as a limit that several programs share.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping

from ....lab.knobs import Knob, Settings
from ....lab.lab import Change, Lab, Plan, Variant
from ....lab.prediction import Choice, Option
from ....lab.shapes import Check, Figure, Within
from ....lab.table import Quantity
from ..messages import Asked
from ..middleware import chain
from .layers import CLIENT, CRASH, LAYERS, PASSWORD, RIGHT, Watch, handler

ORDERS = {
    "usual": "log,recover,limit,auth,validate",
    "auth-first": "log,recover,auth,limit,validate",
    "validate-first": "log,recover,limit,validate,auth",
    "recover-first": "recover,log,limit,auth,validate",
}
NAMES = {
    "usual": "usual",
    "auth-first": "auth before limit",
    "validate-first": "validate before auth",
    "recover-first": "recover around log",
    "yours": "yours",
}
WORK, HASHES, TOLD, UNLOGGED, FELL = "work", "hashes", "told", "not logged", "not answered"
CRASHES, ALLOWED = 5, 10
WORD = f"(?:{'|'.join(LAYERS)})"
#: Empty, or each of the five words once.
ORDER = rf"(?:(?!.*\b(\w+)\b.*\b\1\b){WORD}(?:,{WORD}){{{len(LAYERS) - 1}}})?"

FLOOD = Asked(b"POST", b"/todos", fields=((CLIENT, b"stranger"), (PASSWORD, b"guess")), body=b"{}")
CRASHING = Asked(
    b"POST", CRASH, fields=((CLIENT, b"friend"), (PASSWORD, RIGHT)), body=b'{"title": "milk"}'
)


def orders(settings: Settings) -> dict[str, str]:
    mine = settings.word("order")
    return {**ORDERS, **({"yours": mine} if mine else {})}


def measure(variant: str, settings: Settings, bench: object) -> Mapping[str, float]:
    watch = Watch(cost=1000 * settings.count("cost"), most=ALLOWED)
    words = orders(settings)[variant].split(",")
    ask = chain(handler, *(LAYERS[word](watch) for word in words))
    flood = settings.count("flood")

    async def send(asked: Asked, count: int) -> int:
        """How many were not answered: an error came out of the chain."""
        fell = 0
        for _ in range(count):
            try:
                await ask(asked)
            except Exception:
                fell += 1
        return fell

    began = time.thread_time()
    fell = asyncio.run(send(FLOOD, flood))
    work = time.thread_time() - began
    hashes = watch.hashes
    fell += asyncio.run(send(CRASHING, CRASHES))
    return {
        WORK: work,
        HASHES: float(hashes),
        TOLD: float(watch.told),
        UNLOGGED: float(flood + CRASHES - len(watch.lines)),
        FELL: float(fell),
    }


def plan(settings: Settings) -> Plan:
    return Plan(
        variants=tuple(Variant(key, NAMES[key]) for key in orders(settings)),
        asks=asks(settings),
        checks=tuple(checks(settings)),
    )


def asks(settings: Settings) -> Choice:
    flood = settings.count("flood")
    times = flood / min(flood, ALLOWED)
    low, high = 1.6, max(1.7, times * 0.6)
    return Choice(
        f"A stranger sends {flood} requests with a wrong password; the limit lets {ALLOWED} of them in."
        " Now authentication stands before the limit. How many times the processor's time does the"
        " flood cost then?",
        Figure("auth-first", over="usual"),
        (
            Option("same", "as much: all are refused in both", 0.0, low,
                   "to refuse with 429 is cheap, and to refuse with 401 takes a hash."),
            Option("some", "a little more", low, high,
                   "nearly all that the flood costs is the hashes, and now each request has one."),
            Option("flood", f"{high:.0f} times or more", high, 1e6),
        ),
    )  # fmt: skip


def checks(settings: Settings) -> Iterator[Check]:
    flood = settings.count("flood")
    if flood < 5 * ALLOWED:
        return
    yield Check(
        name="flood",
        shape=Within(Figure("auth-first", over="usual"), 0.6 * flood / ALLOWED, None),
        expects=f"with auth before limit the flood costs about {flood / ALLOWED:.0f} times the time",
        because=f"A hash of a password is slow on purpose. Behind the limit {ALLOWED} are computed,"
        f" before it {flood}: a stranger decides how much the server works.",
        unless="With a cheap hash the rest of the work shows.",
    )
    yield Check(
        name="told",
        shape=Within(Figure("validate-first", TOLD), ALLOWED, ALLOWED),
        expects="with validate before auth a stranger is told what a body has to have",
        because="What is checked first is answered first. Nobody has asked yet who that is.",
    )
    yield Check(
        name="logged",
        shape=Within(Figure("recover-first", UNLOGGED), CRASHES, CRASHES),
        expects="with recover around log no crash stands in the log",
        because="The error passes through log on its way out, and becomes an answer only behind it."
        " The client sees 500, and whoever looks for it finds nothing.",
    )
    yield Check(
        name="usual",
        shape=Within(Figure("usual", UNLOGGED), 0, 0),
        expects="in the usual order every answer has its line",
        because="Log stands outside of all that makes answers, also of the one that makes them of errors.",
    )


CHAIN_ORDER = Lab(
    name="todo/chain-order",
    title="The order of the layers",
    question="Five layers stand around a handler: log, recover, limit, auth, validate. What changes when"
    " two of them change places?",
    why="Each layer is right by itself, and its tests pass in any order. What goes wrong stands between"
    " them.",
    lesson="Around every handler",
    knobs=(
        Knob("flood", 100, "requests of a stranger", low=1, high=1000),
        Knob("cost", 20, "thousand rounds of a password's hash", low=1, high=200),
        Knob("order", "", "one of the 120 others", form="the five words, outermost first, as"
             f" {ORDERS['usual']}", fits=ORDER),
    ),
    quantities=(
        Quantity(WORK, "s", "of the processor, for the flood"),
        Quantity(HASHES, "", "of passwords, for the flood"),
        Quantity(TOLD, "", "answers that told a stranger what a body has to have"),
        Quantity(UNLOGGED, "", "requests without a line in the log"),
        Quantity(FELL, "", "requests whose error reached the server itself"),
    ),
    plan=plan,
    measure=measure,
    runs=3,
    warm_up={"flood": 5},
    log=True,
    change=Change(
        {"order": "validate,auth,limit,recover,log"},
        "The other way round. Which of these faults does it have, and is there one more?",
    ),
)  # fmt: skip
