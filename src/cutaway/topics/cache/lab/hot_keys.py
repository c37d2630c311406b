"""One key that everybody wants: what the shard that has it carries, and two ways to help it.

    even    ▂ ▂ ▂ ▂        every key as often as any other: each shard carries a quarter
    hot     ▂ █ ▂ ▂        half of all reads are of one key, and a key is on one shard
    split   ▃ ▃ ▃ ▃        the key under a name for each shard; a read takes any, a write writes all
    local   ▁ ▁ ▁ ▁        whoever reads keeps it for some milliseconds; it may be old by then

When the busiest shard can do no more, the others do not help. So what all of them can carry is not
how many there are, but how many times the busiest one's part goes into the whole.

The shards are processes of their own, asked one request at a time. Each request is counted, and the
processor time of each process is looked at: the one that carries more has worked more.

Left out: how fast many processors would be. Here all shards share those of one machine, so what is
measured is who has to do what.
"""

from __future__ import annotations

import random
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from math import inf

from ....lab.knobs import Knob, Settings
from ....lab.lab import Change, Lab, Plan, Unmeasured, Variant
from ....lab.prediction import Choice, Option
from ....lab.shapes import Check, Figure, Order, Within
from ....lab.table import Quantity, Table
from ....lab.trace import Log, Moment
from ....lab.units import digits
from ....process import Program
from ..codec import Bulk, Value
from .engines import ENGINE_KNOB, NAMES, Wire, chosen, command, started

EVEN, HOT, SPLIT, LOCAL = "even", "hot", "split", "local"
LABELS = {EVEN: "no hot key", HOT: "a hot key", SPLIT: "split", LOCAL: "a local copy"}
CARRIED, BUSIEST, CPU, SENT, OLD = (
    "what all shards carry",
    "busiest shard",
    "busiest shard's processor time",
    "requests for 100 reads",
    "old reads",
)
KEYS = [b"key%d" % number for number in range(1000)]
HOT_KEY = b"hot"
WRITE_EVERY = 2000  # reads between two writes of the hot key
ENOUGH = 2000  # reads, below which the shares are chance
MUCH = 0.3  # of all reads, for one key


class Shards:
    """The servers, and what each of them was asked since `begin`."""

    def __init__(self, wires: Sequence[Wire], programs: Sequence[Program]) -> None:
        self.wires, self.programs = wires, programs
        self.runs: Counter[str] = Counter()  # of each variant: no two draw the same keys
        self.names = [self.name_on(shard) for shard in range(len(wires))]
        self.begin()

    def begin(self) -> None:
        self.counts = [0] * len(self.wires)
        self.before = [program.cpu() for program in self.programs]

    def shard(self, key: bytes) -> int:
        return zlib.crc32(key) % len(self.wires)

    def name_on(self, shard: int) -> bytes:
        """A name for the hot key that is on that shard."""
        return next(n for i in range(10_000) if self.shard(n := HOT_KEY + b"#%d" % i) == shard)

    def ask(self, *words: bytes) -> Value:
        shard = self.shard(words[1])
        self.counts[shard] += 1
        return self.wires[shard].ask(words)

    def get(self, key: bytes) -> bytes:
        value = self.ask(b"GET", key)
        if not isinstance(value, Bulk) or value.data is None:
            raise Unmeasured("a key that was set is not there.")
        return value.data

    def worked(self) -> list[float]:
        return [p.cpu() - before for p, before in zip(self.programs, self.before, strict=True)]


@contextmanager
def bench(settings: Settings) -> Iterator[Shards]:
    with ExitStack() as stack:
        running = [
            stack.enter_context(started(chosen(settings))) for _ in range(settings.count("shards"))
        ]
        wires = [stack.enter_context(Wire(each.address())) for each in running]
        shards = Shards(wires, [each.program for each in running])
        for shard, wire in enumerate(wires):
            mine = [command(b"SET", key, b"v") for key in KEYS if shards.shard(key) == shard]
            wire.exchange(b"".join(mine), b"+OK\r\n" * len(mine))
        yield shards


Read = Callable[[], bytes]
Write = Callable[[bytes], object]


def ways(
    variant: str, settings: Settings, shards: Shards, source: random.Random
) -> tuple[Read, Write]:
    """How the hot key is read, and how it is written."""
    if variant == SPLIT:
        names = shards.names
        return (
            lambda: shards.get(source.choice(names)),
            lambda data: [shards.ask(b"SET", name, data) for name in names],
        )
    if variant == LOCAL:
        return kept(lambda: shards.get(HOT_KEY), settings.number("ttl")), writes_one(shards)
    return lambda: shards.get(HOT_KEY), writes_one(shards)


def writes_one(shards: Shards) -> Write:
    return lambda data: shards.ask(b"SET", HOT_KEY, data)


def kept(read: Read, ttl: float, clock: Callable[[], float] = time.monotonic) -> Read:
    """The same, asked for again when the copy is older than `ttl` seconds."""
    copy: list[tuple[float, bytes]] = []

    def look() -> bytes:
        now = clock()
        if not copy or now - copy[0][0] > ttl:
            copy[:] = [(now, read())]
        return copy[0][1]

    return look


def measure(variant: str, settings: Settings, shards: Shards) -> Mapping[str, float]:
    shards.runs[variant] += 1
    source = random.Random(settings.count("seed") + shards.runs[variant])
    reads = settings.count("reads")
    part = 0.0 if variant == EVEN else settings.number("hot")
    read, write = ways(variant, settings, shards, source)
    write(b"0")
    shards.begin()
    version = hot = old = 0
    for number in range(reads):
        if source.random() < part:
            hot += 1
            old += int(read()) < version
        else:
            shards.get(source.choice(KEYS))
        if part and number % WRITE_EVERY == WRITE_EVERY - 1:
            version += 1
            write(b"%d" % version)
    return found(shards, reads) | ({OLD: 100 * old / hot} if hot else {})


def found(shards: Shards, reads: int) -> dict[str, float]:
    asked, most, worked = sum(shards.counts), max(shards.counts), shards.worked()
    cpu = {CPU: 100 * max(worked) / sum(worked)} if sum(worked) else {}
    return {CARRIED: reads / most, BUSIEST: 100 * most / asked, SENT: 100 * asked / reads, **cpu}


def trace(variant: str, settings: Settings, shards: Shards) -> Sequence[Moment]:
    """Three reads of the hot key and a write, with the shard that each goes to."""
    if variant == EVEN:
        return ()
    log, source = Log(), random.Random(1)
    read, write = ways(variant, settings, shards, source)
    write(b"0")
    log.begin()
    steps: list[tuple[tuple[bytes, ...], Callable[[], object]]] = [((b"GET",), read)] * 3
    steps.append(((b"SET", b"1"), lambda: write(b"1")))
    for words, do in steps:
        shards.begin()
        do()
        asked = [shard + 1 for shard, count in enumerate(shards.counts) if count]
        octets = command(words[0], HOT_KEY, *words[1:]) if asked else b""
        means = f"shard {', '.join(map(str, asked))}" if asked else "nobody: it is at hand"
        log.note(f"{words[0].decode()} asks", octets, means)
    return log.moments


def expected(settings: Settings, variant: str) -> float:
    """How many times one shard all of them carry, where every other key is read as often."""
    shards, hot = settings.count("shards"), settings.number("hot")
    return {
        EVEN: float(shards),
        HOT: 1 / (hot + (1 - hot) / shards),
        SPLIT: float(shards),
        LOCAL: shards / (1 - hot),
    }[variant]


def plan(settings: Settings) -> Plan:
    name = NAMES[chosen(settings)]
    return Plan(
        variants=tuple(Variant(v, f"{text}, {name}") for v, text in LABELS.items()),
        asks=asks(settings),
        checks=tuple(checks(settings)),
    )


def asks(settings: Settings) -> Choice:
    shards, hot = settings.count("shards"), settings.number("hot")
    right = expected(settings, HOT)
    low, high, all_of_them = 0.85 * right, 1.15 * right, 0.9 * shards
    none = "the other shards still carry their part of the rest."
    one = "the key is on one of them, and only that one can answer for it."
    options = [Option("one", f"less than {digits(low)} times: the one that has it", 0, low, none)]
    if high < all_of_them:
        options += (
            Option("some", f"{digits(low)} to {digits(high)} times", low, high),
            Option("most", f"{digits(high)} times to nearly {shards}", high, all_of_them, one),
            Option("all", f"{shards} times, one for each", all_of_them, inf, one),
        )
    else:
        options.append(Option("all", f"{digits(low)} times or more", low, inf))
    return Choice(
        f"{shards} servers, each with its part of the keys; {100 * hot:.0f} % of all reads are of one key."
        " How many times the reads of one server can they carry together?",
        Figure(HOT),
        tuple(options),
    )


def checks(settings: Settings) -> Iterator[Check]:
    shards, hot = settings.count("shards"), settings.number("hot")
    if settings.count("reads") < ENOUGH or hot < MUCH or hot > 0.9:
        return
    right = expected(settings, HOT)
    yield Check(
        name="one shard carries it",
        shape=Within(Figure(HOT), 0.85 * right, 1.15 * right),
        expects=f"with a hot key {shards} shards carry about {digits(right)} times what one can",
        because=f"The shard that has it answers for {100 * hot:.0f} % of the reads, and for its part of"
        " the rest. When it can do no more the others have time to spare, and nothing to do with it.",
    )
    yield Check(
        name="its processor says the same",
        shape=Order((EVEN, HOT), CPU),
        expects="the busiest process has a larger part of the processor time with a hot key",
        because="This was not counted but measured: the process with the hot key did more work.",
        unless="In a short run the processor time is too coarse to see.",
    )
    yield Check(
        name="split",
        shape=Within(Figure(SPLIT, over=HOT), 0.75 * shards / right, None),
        expects="with the key on every shard they carry nearly as much as without a hot key",
        because="A read takes any of the copies. The price is paid by writes: each has to write all of"
        " them, and between the first and the last of these the copies differ.",
    )
    if settings.number("ttl") >= 0.005:
        yield LOCAL_COPY


LOCAL_COPY = Check(
    name="a local copy",
    shape=Order((EVEN, LOCAL)),
    expects="with a local copy they carry more than without a hot key",
    because="Nearly all reads of that key reach no server at all. How old such a read can be is the"
    " lifetime of the copy, and nobody tells the reader that it is.",
)


def remarks(table: Table) -> list[str]:
    said = []
    old, split = table.sure(LOCAL, OLD), table.sure(SPLIT, OLD)
    if old and split and split.high < old.low:
        said.append(
            f"Of the reads of the hot key {digits(old.median)} % were older than the latest write with a"
            f" local copy, and {digits(split.median)} % with split copies."
        )
    hot, cpu = table.sure(HOT, BUSIEST), table.sure(HOT, CPU)
    if hot and cpu:
        said.append(
            f"The busiest shard had {digits(hot.median)} % of the requests and {digits(cpu.median)} % of"
            " the processor time of all."
        )
    return said


HOT_KEYS = Lab(
    name="cache/hot-keys",
    title="One key that everybody wants",
    question="Several servers share the keys, and half of all reads are of one of them. What can they"
    " still carry together, and what helps?",
    why="Sharding spreads keys, not reads. A single headline, product or user can fill one server while"
    " the others are idle, and more servers do not help.",
    lesson="One key that everybody wants",
    knobs=(
        ENGINE_KNOB,
        Knob("shards", 4, "servers, each a process", low=2, high=8),
        Knob("hot", 0.5, "of all reads are of one key", low=0, high=0.99),
        Knob("ttl", 0.02, "that a local copy is kept", low=0, high=1, unit="s"),
        Knob("reads", 10_000, "in each run, one after the other", low=100, high=100_000),
        Knob("seed", 1, "of which keys are read", low=1, high=1000),
    ),
    quantities=(
        Quantity(
            CARRIED, "×", "reads, in what one server can do: all of them over the busiest's part"
        ),
        Quantity(BUSIEST, "%", "of the requests to all shards"),
        Quantity(CPU, "%", "of that of all shards, by the system's count"),
        Quantity(SENT, "", "that reached a server, writes as well"),
        Quantity(OLD, "%", "of those of the hot key: another value had been written"),
    ),
    plan=plan,
    measure=measure,
    trace=trace,
    bench=bench,
    runs=4,
    warm_up={"reads": 200},
    remarks=remarks,
    change=Change(
        {"shards": 8},
        "Twice as many servers. How much more do they carry with the hot key, and how much without?",
    ),
)
