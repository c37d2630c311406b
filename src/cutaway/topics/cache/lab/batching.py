"""What a request costs: requests a second, sent one by one, and 4, 16 and 64 in one write.

    one by one      GET ⇄ $5 alpha   GET ⇄ $5 alpha   GET ⇄ $5 alpha
    four deep       GET GET GET GET ⇄ $5 alpha $5 alpha $5 alpha $5 alpha

One connection, one key. The server looks the key up just as often; what becomes fewer are the reads,
the writes, the ways there and back, and the times that a kernel has to wake somebody up.

The two engines are never compared with each other: one is written in C and the other to be read.
What is compared is each with itself.

Left out: several connections, which is the other way to give a server more than one request at once.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from math import inf

from ....lab.knobs import Knob, Settings
from ....lab.lab import Change, Lab, Missing, Plan, Variant
from ....lab.part import HOST
from ....lab.prediction import Choice, Option
from ....lab.shapes import Check, Figure, Within
from ....lab.table import Quantity, Table
from ....lab.trace import Log, Moment
from ....lab.units import digits, shown
from ....net.relay import Link, Relay
from ....process import Program
from .engines import NAMES, REFERENCE, VALKEY, Address, Wire, command, started, valkey
from .octets import by_name

DEPTHS = (1, 4, 16, 64)
YOURS = "yours"
LABELS = {**NAMES, YOURS: "yours"}
RATE, WORK, CLIENT = "requests a second", "server's work on one", "client's part of a core"
KEY, WORD = b"cutaway:batching", b"alpha"
ASK, ANSWER = command(b"GET", KEY), b"$5\r\nalpha\r\n"
FAR = 0.001  # seconds of a round trip, beside which the rest is small
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Engine:
    """wire: to the server, maybe through a link. program: None where it is not ours to watch."""

    wire: Wire
    program: Program | None

    def cpu(self) -> float:
        return self.program.cpu() if self.program else 0.0


def engines(settings: Settings) -> list[str]:
    found = [REFERENCE, *([VALKEY] if valkey() else []), YOURS]
    return found if settings.word("yours") else found[:-1]


@contextmanager
def bench(settings: Settings) -> Iterator[dict[str, Engine]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(ready(name, settings)) for name in engines(settings)}


@contextmanager
def ready(name: str, settings: Settings) -> Iterator[Engine]:
    """The server, with the key set. Raises Missing, Unmeasured."""
    with ExitStack() as stack:
        program, address = None, yours_at(settings)
        if name != YOURS:
            running = stack.enter_context(started(name))
            program, address = running.program, running.address()
        if rtt := settings.number("rtt"):
            relay = stack.enter_context(Relay((HOST, 0), address, Link(latency=rtt / 2)))
            address = relay.address
        try:
            wire = stack.enter_context(Wire(address))
        except OSError as problem:
            raise Missing(
                f"Nothing answers at {address[0]}:{address[1]}: {problem.strerror}."
            ) from None
        wire.ask((b"SET", KEY, WORD))
        yield Engine(wire, program)


def yours_at(settings: Settings) -> Address:
    """Raises Missing: only loopback is loaded."""
    host, _, port = settings.word("yours").rpartition(":")
    if host and host not in LOOPBACK:
        raise Missing(f"{host} is another machine, and a lab loads this one only.")
    return host, int(port or 0)


def measure(variant: str, settings: Settings, bench: Mapping[str, Engine]) -> Mapping[str, float]:
    name, _, depth = variant.partition("-")
    engine, count = bench[name], int(depth)
    ask, answer = ASK * count, ANSWER * count
    seconds, done = settings.number("seconds"), 0
    worked, mine, began = engine.cpu(), time.process_time(), time.perf_counter()
    while (spent := time.perf_counter() - began) < seconds or not done:
        engine.wire.exchange(ask, answer)
        done += count
    busy, worked = time.process_time() - mine, engine.cpu() - worked
    work = {WORK: worked / done} if engine.program and worked else {}
    return {RATE: done / spent, CLIENT: 100 * busy / spent, **work}


def trace(variant: str, settings: Settings, bench: Mapping[str, Engine]) -> Sequence[Moment]:
    """One write of each depth up to four; more would be more of the same."""
    name, _, depth = variant.partition("-")
    if int(depth) > DEPTHS[1]:
        return ()
    ask, answer, log = ASK * int(depth), ANSWER * int(depth), Log()
    bench[name].wire.send(ask)
    named = variant in (key(REFERENCE, 1), key(YOURS, 1))  # the octets are the same for all
    log.note("client writes", ask, f"{depth} × GET", by_name(ASK) if named else "")
    bench[name].wire.take(answer)
    octets = by_name(ANSWER, answer=True) if named else ""
    log.note("client reads", answer, f"{depth} × {WORD.decode()}", octets)
    return log.moments


def key(engine: str, depth: int) -> str:
    return f"{engine}-{depth}"


def plan(settings: Settings) -> Plan:
    there = engines(settings)
    return Plan(
        variants=tuple(
            Variant(key(e, d), f"{LABELS[e]}, {d} at a time", d, LABELS[e])
            for e in there
            for d in DEPTHS
        ),
        asks=asks(settings, there),
        checks=tuple(check for e in there for check in checks(settings, e)),
        along="requests in one write",
        paper=(100, 10_000_000),
    )


def asks(settings: Settings, there: Sequence[str]) -> Choice:
    engine, rtt = (VALKEY if VALKEY in there else REFERENCE), settings.number("rtt")
    where = f"over a link with a round trip of {shown(rtt, 's')}" if rtt else "on loopback"
    lookup = "looking a key up is the smallest part of it; most is reading, writing and waking up."
    return Choice(
        f"{LABELS[engine]}, one connection {where}: how many times the requests a second when 16 go in"
        " one write, against one by one?",
        Figure(key(engine, 16), over=key(engine, 1)),
        (
            Option("same", "about the same: it has as much to do", 0, 1.3, lookup),
            Option("times", "1.3 to 40 times", 1.3, 40),
            Option(
                "more", "more than 40 times", 40, inf, "there are sixteen ways to save, no more."
            ),
        ),
    )


def checks(settings: Settings, engine: str) -> Iterator[Check]:
    name = LABELS[engine]
    if settings.number("rtt") >= FAR:
        yield far(engine)
        return
    if settings.number("rtt"):
        return
    yield Check(
        name=f"{name}: deeper is more",
        shape=Within(Figure(key(engine, 16), over=key(engine, 1)), 1.5, None),
        expects=f"{name} answers at least 1.5 times as many when 16 come in one write",
        because="Each way there and back wakes up two programs. In one write that is paid once for all"
        " of them.",
        unless="A server that reads or writes one request at a time gains little.",
    )
    if engine != YOURS:
        yield less_work(engine)
    if engine == VALKEY:
        yield MOSTLY_THE_WAY


def less_work(engine: str) -> Check:
    name = LABELS[engine]
    return Check(
        name=f"{name}: its own work",
        shape=Within(Figure(key(engine, 1), WORK, over=key(engine, 64)), 2, None),
        expects=f"{name} itself works on a request at least twice as long when each comes alone",
        because="This is its processor's time, without any waiting. To wait for a request, to read it and"
        " to write its answer are calls into the kernel, and those are shared by all that came at once.",
        unless="A server that writes each answer by itself saves little of its work.",
    )


def far(engine: str) -> Check:
    name = LABELS[engine]
    return Check(
        name=f"{name}: the link decides",
        shape=Within(Figure(key(engine, 16), over=key(engine, 1)), 9, 24),
        expects=f"with {name} far away 16 in one write are about 16 times as many a second",
        because="One round trip takes as long for sixteen requests as for one. Who asks one by one waits"
        " nearly all of the time, and so does the server.",
        unless="Where the server needs longer than the link, the link is not what counts.",
    )


MOSTLY_THE_WAY = Check(
    name="what the data structure costs",
    shape=Within(Figure(key(VALKEY, 64), over=key(VALKEY, 1)), 8, None),
    expects="with 64 in one write Valkey answers at least 8 times as many",
    because="The same key was looked up just as often by the same code. So at least seven eighths of"
    " what a request took, one by one, were the way there and back and not the data structure.",
    unless="With few processors client and server take turns on one.",
)


def remarks(table: Table) -> list[str]:
    return [text for name in LABELS for text in told(table, name)]


def told(table: Table, engine: str) -> Iterator[str]:
    """Where the time of a request went."""
    one, last = key(engine, 1), key(engine, DEPTHS[-1])
    rate, work = table.sure(one), table.sure(one, WORK)
    deep, deep_work = table.sure(last), table.sure(last, WORK)
    if rate and work and deep_work and deep:
        yield (
            f"{LABELS[engine]}, one by one: a request took {shown(1 / rate.median, 's')}, of which the"
            f" server worked {shown(work.median, 's')}. With {DEPTHS[-1]} in one write it worked"
            f" {shown(deep_work.median, 's')} on each."
        )
    client = table.sure(last, CLIENT)
    if deep and client and client.median > 80:
        yield (
            f"{LABELS[engine]}, {DEPTHS[-1]} at a time: the client used {digits(client.median)} % of a"
            " core. The server may be able to do more than it was asked."
        )


BATCHING = Lab(
    name="cache/batching",
    title="What a request costs",
    question="The same GET, one by one and many in one write. How many a second are answered, and what"
    " is it that one by one has to wait for?",
    why="That a server in memory is fast is said of its language and its data structures. Most of the"
    " time of a small request goes to neither.",
    lesson="Why it is fast",
    knobs=(
        Knob("seconds", 0.4, "of each run", low=0.01, high=5, unit="s"),
        Knob("rtt", 0.0, "of a link between, a round trip; 0: none", low=0, high=0.05, unit="s"),
        Knob("yours", "", "a server of yours as well", form="HOST:PORT", fits=r"(\S+:\d{1,5})?"),
    ),
    quantities=(
        Quantity(RATE, "", "answered, on one connection"),
        Quantity(WORK, "s", "of a processor, for one request"),
        Quantity(CLIENT, "%", "near 100 it is the client that was measured"),
    ),
    plan=plan,
    measure=measure,
    trace=trace,
    bench=bench,
    runs=5,
    warm_up={"seconds": 0.05},
    log=True,
    remarks=remarks,
    change=Change(
        {"rtt": 0.002},
        "Now the server is two milliseconds away, as in another building. What is left of its speed when"
        " asked one by one, and does it matter which engine it is?",
    ),
)
