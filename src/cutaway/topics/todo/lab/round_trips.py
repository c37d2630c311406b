"""What a request costs when the store and the cache are a network away: round trips, and little else.

    client ──▶ service ──relay──▶ cache        each question is so many milliseconds under way,
                  └─────relay──▶ store         there and back

    hit      GET                                        cache                            1
    create   WATCH MGET │ MULTI … EXEC                  store, store                     2
    list     ZRANGE │ MGET                              store, store                     2
    change   WATCH GET │ MULTI … EXEC │ SET             store, store, cache              3
    miss     GET │ WATCH │ GET │ MULTI … EXEC           cache, cache, store, cache       4

A trip is one wait for an answer, however many commands went out together. On loopback it costs
nothing that a person would notice, and that is how four of them get into a program. Over the relays
each request takes as long as its trips, and what the service computes disappears beside them.

One client asks, one request after the other, and the median of a run counts.

Left out: many clients. They wait beside each other, not for each other; proxy/slow-one is about that.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException

from ....lab.knobs import Knob, Settings
from ....lab.lab import Change, Lab, Plan, Unmeasured, Variant
from ....lab.part import HOST, part, reference
from ....lab.prediction import Choice, Option
from ....lab.shapes import Check, Figure, Order, Within
from ....lab.table import Quantity, Table
from ....lab.units import shown
from ....net.relay import Link, Relay

HIT, CREATE, LIST, CHANGE, MISS = "hit", "create", "list", "change", "miss"
NAMES = {
    HIT: "read, in the cache",
    CREATE: "create",
    LIST: "list of twenty",
    CHANGE: "change",
    MISS: "read, not in the cache",
}
TRIPS = {HIT: 1, CREATE: 2, LIST: 2, CHANGE: 3, MISS: 4}
TIME, WAITS = "time", "trips"
FAR = 0.005  # seconds of a trip, from which on it is most of what a request takes
LISTED = 20
TIMEOUT = 20.0
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Bench:
    """address: of the service. relays: to its store and its cache."""

    address: tuple[str, int]
    relays: tuple[Relay, ...]

    def away(self, trip: float) -> None:
        """So many seconds there and back."""
        for relay in self.relays:
            relay.change(Link(latency=trip / 2))


@contextmanager
def bench(settings: Settings) -> Iterator[Bench]:
    with (
        part(reference("cache"), data="DATA_DIR") as store,
        part(reference("cache"), data="DATA_DIR") as cache,
        Relay((HOST, 0), store.address()) as to_store,
        Relay((HOST, 0), cache.address()) as to_cache,
    ):
        environment = {
            "STORE": f"{HOST}:{to_store.address[1]}",
            "CACHE": f"{HOST}:{to_cache.address[1]}",
            "CACHE_MS": "10000",  # a link that is slow on purpose is no cache that failed
            "STORE_MS": "10000",
        }
        with part(reference("todo"), environment=environment) as service:
            yield Bench(service.address(), (to_store, to_cache))


def measure(variant: str, settings: Settings, bench: Bench) -> Mapping[str, float]:
    count, trip = settings.count("requests"), settings.number("trip")
    try:
        with closing(HTTPConnection(*bench.address, timeout=TIMEOUT)) as client:
            bench.away(0.0)
            ask = ready(variant, client, count + 1)
            bench.away(trip)
            ask(0)  # a connection that has to be made is not what is asked about
            times = [timed(ask, number) for number in range(1, count + 1)]
    except (OSError, HTTPException) as problem:
        raise Unmeasured(f"the service did not answer: {problem}.") from None
    median = statistics.median(times)
    return {TIME: median, **({WAITS: median / trip} if trip >= FAR else {})}


def timed(ask: Callable[[int], None], number: int) -> float:
    began = time.monotonic()
    ask(number)
    return time.monotonic() - began


def ready(variant: str, client: HTTPConnection, count: int) -> Callable[[int], None]:
    """What asks once, by number; before it, all is made that it needs."""
    if variant == CREATE:
        return lambda number: created(client, number)[1]
    if variant == LIST:
        for number in range(LISTED):
            created(client, number)
        return lambda number: said(client, "GET", f"/todos?limit={LISTED}", 200)[1]
    places = [created(client, number)[0] for number in range(count)]
    if variant == HIT:
        said(client, "GET", places[0], 200)
        return lambda number: said(client, "GET", places[0], 200)[1]
    if variant == MISS:
        return lambda number: said(client, "GET", places[number], 200)[1]
    body = {"title": "changed", "done": True}
    return lambda number: said(client, "PUT", places[number], 200, body, {"If-Match": "*"})[1]


def created(client: HTTPConnection, number: int) -> tuple[str, None]:
    """Where it is."""
    return said(client, "POST", "/todos", 201, {"title": f"number {number}"})


def said(
    client: HTTPConnection,
    method: str,
    target: str,
    wanted: int,
    body: object = None,
    fields: Mapping[str, str] | None = None,
) -> tuple[str, None]:
    """The Location of the answer, and nothing. Raises Unmeasured."""
    octets = None if body is None else json.dumps(body)
    client.request(method, target, octets, {**JSON, **(fields or {})})
    answer = client.getresponse()
    answer.read()
    if answer.status != wanted:
        raise Unmeasured(f"{method} {target} was answered with {answer.status}.")
    return answer.getheader("Location", ""), None


def plan(settings: Settings) -> Plan:
    return Plan(
        variants=tuple(Variant(key, name) for key, name in NAMES.items()),
        asks=asks(settings),
        checks=tuple(checks(settings)),
    )


def asks(settings: Settings) -> Choice:
    trip = shown(settings.number("trip"), "s")
    only = "the service has to ask the store too, and to put what it was told into the cache."
    return Choice(
        f"A question to the store or to the cache takes {trip} there and back. A read that the cache can"
        " answer takes one such trip. How many times as long takes one that it cannot?",
        Figure(MISS, over=HIT),
        (
            Option("one", "as long: it is asked for the same thing", 0.0, 1.5, only),
            Option(
                "two",
                "twice: the cache, then the store",
                1.5,
                2.7,
                "what was read is put into the cache, and so that nothing old gets in there, the entry"
                " is watched from before the store is asked: two trips more.",
            ),
            Option("four", "three to five times", 2.7, 5.5),
            Option("many", "more than that", 5.5, 1e6, "each command waits for the one before it only"
                   " where it needs the answer; the others go out together."),
        ),
    )  # fmt: skip


def checks(settings: Settings) -> Iterator[Check]:
    busy = "On a busy machine the service takes as long as a trip."
    yield Check(
        name="saved",
        shape=Order((HIT, MISS)),
        expects="a read that misses takes longer than one that hits",
        because="Over a network it is three trips more. Without one it is the service's own work that is left: four questions to write"
        " and four answers to read, in place of one.",
        unless=busy,
    )
    if settings.number("trip") < FAR:
        return
    for key, trips in TRIPS.items():
        yield Check(
            name=key,
            shape=Within(Figure(key, WAITS), trips - 0.05, trips + 0.9),
            expects=f"{NAMES[key]}: {trips} trip{'s' * (trips > 1)}",
            because=BECAUSE[key],
            unless=busy,
        )
    yield Check(
        name="dearest",
        shape=Order((HIT, CHANGE, MISS)),
        expects="a read that misses takes longer than a change",
        because="To fill a cache so that nothing old gets in is more talk than to write to the store"
        " and to tell the cache.",
        unless=busy,
    )


BECAUSE = {
    HIT: "The cache has it, and nobody else is asked.",
    CREATE: "The number of the last one is read and watched, in one trip; all that is written goes out"
    " in one transaction, in another.",
    LIST: "The ids of the page, then all their to-dos with one MGET. With a GET for each it would be"
    f" {LISTED + 1} trips.",
    CHANGE: "Look and watch, write, and then tell the cache: the answer waits for that, or a reader"
    " could be given what was there before.",
    MISS: "The cache is asked, the entry is watched, the store is asked, and the transaction stores what"
    " it said. The answer does not have to wait for the last one; that the reference waits is a choice"
    " for plain code.",
}


def remarks(table: Table) -> list[str]:
    hit, miss = table.sure(HIT), table.sure(MISS)
    if hit is None or miss is None:
        return []
    gain = miss.median - hit.median
    return [f"A hit saves {shown(gain, 's')} of {shown(miss.median, 's')}."]


ROUND_TRIPS = Lab(
    name="todo/round-trips",
    title="What a request costs",
    question="The store and the cache are a network away. What does each request of the service take?",
    why="On one machine every question is answered at once, and nobody counts them. Once they go over a"
    " network, their number is what a request takes.",
    lesson="What a request costs",
    knobs=(
        Knob("trip", 0.02, "to the store or the cache, and back", low=0, high=0.2, unit="s"),
        Knob("requests", 10, "one after the other, in each run", low=3, high=100),
    ),
    quantities=(
        Quantity(TIME, "s", "of a request: the median of a run"),
        Quantity(WAITS, "", "the time of so many trips"),
    ),
    plan=plan,
    measure=measure,
    bench=bench,
    runs=3,
    warm_up={"requests": 3},
    remarks=remarks,
    change=Change(
        {"trip": 0.0},
        "All of it on one machine again. What is left of the difference between a hit and a miss?",
    ),
)
