"""The outage that does not end: a short fault, and retries that keep it alive.

    an upstream that can do 100 a second is asked for 80; for one second it can do 20

    no retries      the queue it left is worked off: 20 a second are to spare       heals
    three retries   who waits too long is sent again: 320 a second for 100           stays
    with a budget   one in ten may be sent again: 88 a second for 100                heals, later

The proxy gives an upstream READ_MS to answer. A try that is given up leaves its request in the
upstream's queue, and there it is worked on all the same, for nobody. When every request in the queue
is older than READ_MS, the upstream works at full capacity and not one answer is of use. Nothing is
broken any more, and nothing gets better: the state is metastable.

The three proxies run at the same time, each with an upstream of its own. Work is time that passes,
so they do not disturb each other.

Huang et al., Metastable Failures in the Wild, OSDI 2022.

Left out: clients that come again by themselves, and pauses between tries. Both are more of the same:
what counts is how many tries a request can become.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from math import inf

from ....lab.knobs import Knob, Settings
from ....lab.lab import Change, Lab, Plan, Variant
from ....lab.part import Running, part, reference
from ....lab.prediction import Choice, Option
from ....lab.shapes import Check, Figure, Order, Within
from ....lab.table import Quantity, Table
from ....lab.trace import Moment
from ....lab.units import shown
from ....net.load import Plan as Load
from ....net.load import Result, run
from ....net.load.generator import LEAD
from .asking import Works
from .octets import traced
from .together import Rounds, side_by_side
from .workers import Worker, Workers, working

NONE, MANY, BUDGET = "none", "many", "budget"
FAMILIES = (NONE, MANY, BUDGET)
GOOD, MADE, WAITING = "goodput", "answers made", "waiting"
CAPACITY = 100  # requests a second
SERVICE = 1 / CAPACITY
CUT = 5  # so many times slower is the upstream during the fault
READ = 0.4  # seconds that a try may take
BEFORE = 1  # seconds ahead of the fault
UNLIMITED = 1000  # percent: every request may be tried again as often as RETRIES allows
CONNECTIONS = 1000
MORE = 0.3  # seconds that a client waits beyond the last try
NOTHING = {GOOD: 0.0, MADE: 0.0, WAITING: 0.0}  # of seconds that a warm-up does not have
NEAR = 4  # seconds from the start that are shown one by one
Address = tuple[str, int]


@contextmanager
def bench(settings: Settings) -> Iterator[Rounds]:
    with working(len(FAMILIES)) as workers, ExitStack() as stack:
        behind = dict(zip(FAMILIES, workers.each, strict=True))
        for worker in workers.each:
            worker.name = "upstream"
        steady = {
            family: stack.enter_context(proxy(family, settings, behind[family]))
            for family in (NONE, MANY)
        }

        def once(settings: Settings) -> dict[str, Mapping[str, float]]:
            """All at the same time. A budget looks back over seconds: that proxy is a new one."""
            workers.forget()
            with proxy(BUDGET, settings, behind[BUDGET]) as fresh:
                proxies = {**steady, BUDGET: fresh}
                watched = side_by_side(
                    [
                        partial(watch, workers, behind[f], proxies[f].address(), settings)
                        for f in FAMILIES
                    ]
                )
            return {
                f"{family}@{second}": values
                for family, seconds in zip(FAMILIES, watched, strict=True)
                for second, values in enumerate(seconds)
            }

        def look(variant: str) -> Sequence[Moment]:
            """A request that every try gives up; at one second of each way, as all are the same."""
            family, _, second = variant.partition("@")
            if second != str(BEFORE):
                return ()
            seconds = READ * (settings.count("retries") + 2)
            with proxy(family, settings, behind[family]) as fresh:
                way = fresh.address(), workers, [behind[family]], seconds
                return traced(*way, named=family == MANY)

        yield Rounds(once, look, nothing=NOTHING)


def measure(variant: str, settings: Settings, bench: Rounds) -> Mapping[str, float]:
    """One second of one way."""
    return bench.of(variant, settings)


def trace(variant: str, settings: Settings, bench: Rounds) -> Sequence[Moment]:
    return bench.look(variant)


def proxy(family: str, settings: Settings, worker: Worker) -> AbstractContextManager[Running]:
    return part(reference("proxy"), environment=environment(family, settings, worker))


def environment(family: str, settings: Settings, worker: Worker) -> dict[str, str]:
    host, port = worker.address
    percent = settings.count("budget") if family == BUDGET else UNLIMITED
    return {
        "UPSTREAMS": f"{host}:{port}",
        "READ_MS": f"{1000 * READ:.0f}",
        "TOTAL_MS": "60000",
        "RETRIES": "0" if family == NONE else str(settings.count("retries")),
        "RETRY_PERCENT": str(percent),
    }


def watch(
    workers: Workers, worker: Worker, proxy: Address, settings: Settings, stop: threading.Event
) -> list[dict[str, float]]:
    """One way: load, a fault meanwhile, and what became of each second."""
    fault = settings.number("fault")
    begin, length = workers.now() + LEAD, BEFORE + fault + settings.number("after")
    worker.slow, worker.most = 1.0, settings.count("queue")
    workers.do(lambda: worker.slow_between(begin + BEFORE, begin + BEFORE + fault, CUT))
    longest = READ * (settings.count("retries") + 1) + MORE
    result = run(
        Load.steady(rate(settings), length),
        Works([SERVICE]),
        proxy,
        connections=CONNECTIONS,
        timeout=longest,
        grace=longest,
        stop=stop,
    )
    return workers.do(lambda: [values(result, worker, begin, k) for k in range(int(length))])


def rate(settings: Settings) -> float:
    return settings.number("load") * CAPACITY


def values(result: Result, worker: Worker, begin: float, second: int) -> dict[str, float]:
    good = sum(row.ok for row in result.rows if row.second == second)
    made = worker.answers(begin + second, begin + second + 1)
    waiting = worker.waiting(begin + second + 1)
    return {GOOD: float(good), MADE: float(made), WAITING: float(waiting)}


# What is expected, from how much work the fault leaves behind.


def rest_of(settings: Settings, family: str) -> tuple[float, float]:
    """What waits when the fault is over, without and with tries again.

    In seconds that the upstream needs for it.
    """
    load, fault = settings.number("load"), settings.number("fault")
    left = max(0.0, load - 1 / CUT) * fault
    since = fault if family == MANY else fault + BEFORE  # a budget that was not used can be saved
    all_of_it = left + load * more(settings, family) * since
    bound = settings.count("queue") * SERVICE or inf
    return min(left, bound), min(all_of_it, bound)


def more(settings: Settings, family: str) -> float:
    """Tries again for each request, when all of them fail."""
    retries = float(settings.count("retries"))
    return {NONE: 0.0, MANY: retries, BUDGET: min(retries, settings.count("budget") / 100)}[family]


def healing(settings: Settings, family: str) -> tuple[float, float]:
    """Seconds behind the fault until answers come in time again, at least and at most.

    What waits has to become less than READ, by what the upstream can do beyond what comes.
    """
    least, most = rest_of(settings, family)
    spare = 1 - settings.number("load") * (1 + more(settings, family))
    if most < 0.6 * READ:
        return 0.0, 0.0
    if spare <= 0:
        return (inf if spare < -0.1 and least > 1.3 * READ else 0.0), inf
    return max(0.0, least - READ) / spare, max(0.0, most - READ) / spare


def last_of(settings: Settings) -> int:
    """The last whole second."""
    return int(BEFORE + settings.number("fault") + settings.number("after")) - 1


def shown_seconds(settings: Settings) -> list[int]:
    """Each of the first, in which most happens, then every other one, the last among them."""
    last = last_of(settings)
    later = sorted(range(last, NEAR - 1, -max(1, -(-(last - NEAR) // 4))))
    return [*range(min(NEAR, last)), *later] if last >= NEAR else list(range(last + 1))


def plan(settings: Settings) -> Plan:
    labels = labels_of(settings)
    first, fault = BEFORE + 1, settings.number("fault")
    last = max(first, int(BEFORE + fault + 0.999))
    when = f"the fault is in the {first}{ending(first)}"
    if last > first:
        when = f"the fault lasts from the {first}{ending(first)} to the {last}{ending(last)}"
    return Plan(
        variants=tuple(
            Variant(
                f"{family}@{k}",
                f"{labels[family]}, {k + 1}{ending(k + 1)} s",
                k + 1,
                labels[family],
            )
            for family in FAMILIES
            for k in shown_seconds(settings)
        ),
        asks=asks(settings),
        checks=tuple(checks(settings)),
        along=f"second in which they were sent; {when}",
        shaded=(BEFORE + 0.5, BEFORE + fault + 0.5, "fault"),
        paper=(0, 1.2 * CAPACITY),
    )


def labels_of(settings: Settings) -> dict[str, str]:
    many = "1 retry" if settings.count("retries") == 1 else f"{settings.count('retries')} retries"
    return {NONE: "no retries", MANY: many, BUDGET: f"budget of {settings.count('budget')} %"}


def ending(number: int) -> str:
    return {1: "st", 2: "nd", 3: "rd"}.get(number, "th")


def asks(settings: Settings) -> Choice:
    offer, later = rate(settings), last_of(settings) - BEFORE - settings.number("fault")
    retries = settings.count("retries")
    times = "once" if retries == 1 else f"{retries} times"
    return Choice(
        f"An upstream can answer {CAPACITY} requests a second and is asked for {offer:.0f}. For"
        f" {shown(settings.number('fault'), 's')} it can do only {CAPACITY // CUT}; then it is well"
        f" again. The proxy tries what fails up to {times} again. How many requests a second get an answer"
        f" {shown(later, 's')} after the fault?",
        Figure(f"{MANY}@{last_of(settings)}"),
        (
            Option(
                "all",
                f"nearly all {offer:.0f}",
                0.85 * offer,
                inf,
                "the upstream is well, but a try that was given up stays in its queue, and the next one"
                " comes on top.",
            ),
            Option(
                "some",
                "some of them",
                0.15 * offer,
                0.85 * offer,
                "while requests fail, more tries come than the upstream can answer, so the queue does"
                " not become shorter at all.",
            ),
            Option("none", "hardly any", 0, 0.15 * offer),
        ),
    )


def checks(settings: Settings) -> Iterator[Check]:
    last, load, offer = last_of(settings), settings.number("load"), rate(settings)
    later = last - BEFORE - settings.number("fault")
    labels = labels_of(settings)
    if load > 0.4 and settings.number("fault") >= 1:
        yield Check(
            name="the fault",
            shape=Within(Figure(f"{NONE}@{BEFORE}"), None, 0.6 * offer),
            expects="the fault is felt without retries",
            because=f"For a while the upstream could do {CAPACITY // CUT} a second, and what it cannot"
            f" do waits. A try that waits longer than {shown(READ, 's')} is given up.",
        )
    for family in FAMILIES:
        least, most = healing(settings, family)
        named = f"{'a ' if family == BUDGET else ''}{labels[family]}"
        figure = Figure(f"{family}@{last}")
        if most < 0.8 * later:
            yield Check(
                name=f"{labels[family]}: it ends",
                shape=Within(figure, 0.85 * offer, None),
                expects=f"with {named} all is well again {shown(later, 's')} after the fault",
                because=healed(family, settings),
                unless="A machine that stands still for a moment is one more fault.",
            )
        elif least > 1.2 * (later + 1):
            yield Check(
                name=f"{labels[family]}: it does not end",
                shape=Within(figure, None, 0.15 * offer),
                expects=f"with {named} hardly anything is answered {shown(later, 's')} after"
                " the fault",
                because=stuck(family, settings),
            )
    if healing(settings, MANY)[0] == inf:
        yield Check(
            name="busy for nobody",
            shape=Within(Figure(f"{MANY}@{last}", MADE), 0.85 * CAPACITY, None),
            expects="the upstream works at its full capacity all the same",
            because="It answers as fast as it can, the oldest first, and each of these was given up"
            " long before. From the inside it looks well: busy, and without an error.",
        )
    yield from slower(settings)


def slower(settings: Settings) -> Iterator[Check]:
    """A second in which all is well without retries, and not yet with a budget."""
    over = BEFORE + settings.number("fault")
    begins, ends = (over + healing(settings, family)[1] for family in (NONE, BUDGET))
    between = [k for k in shown_seconds(settings) if begins <= k and k + 0.5 <= ends]
    if between:
        yield Check(
            name="the price of a budget",
            shape=Order((f"{BUDGET}@{between[-1]}", f"{NONE}@{between[-1]}")),
            expects="with a budget it takes longer to heal than without retries",
            because="The tries that the budget allows come out of what the upstream has to spare, so"
            " the queue is worked off more slowly. A budget bounds the harm; it does not undo it.",
            unless="On a machine that stands still at times there are more faults than the one.",
        )


def healed(family: str, settings: Settings) -> str:
    if settings.count("queue") * SERVICE < 0.6 * READ and settings.count("queue"):
        return (
            "What finds the queue full is told so at once, so nothing in it is older than a try may"
            " be, and every answer that is made is of use to somebody."
        )
    if rest_of(settings, family)[1] < 0.6 * READ:
        return "The fault left so little behind that hardly anything had to wait for too long."
    spare = 100 * (1 - settings.number("load") * (1 + more(settings, family)))
    return (
        f"At most {CAPACITY - spare:.0f} a second come and {CAPACITY} can be done. The {spare:.0f} to"
        " spare work off what the fault left."
    )


def stuck(family: str, settings: Settings) -> str:
    comes = rate(settings) * (1 + more(settings, family))
    if comes > CAPACITY:
        return (
            f"Each request that fails becomes {1 + settings.count('retries')}, so {comes:.0f} a second"
            f" come for {CAPACITY} that can be done. The queue grows, so all that is in it is too old,"
            " so all of it fails and is tried again. The fault began this and is not needed for it"
            " any more."
        )
    return (
        f"Up to {comes:.0f} a second come for {CAPACITY} that can be done, which leaves too little to"
        " work off the queue."
    )


def remarks(table: Table) -> list[str]:
    last = [label for label in table.labels if label.startswith(f"{MANY}@")][-1]
    good, waiting = table.band(last), table.band(last, WAITING)
    if not (good and waiting) or good.high > 0.15 * CAPACITY or waiting.low < CAPACITY:
        return []
    return [
        f"At the end {shown(waiting.median, 'requests')} stood in that queue: if nobody asked anything"
        f" any more, the upstream would still be busy for {shown(waiting.median * SERVICE, 's')} with"
        " answers that nobody waits for. What ends such an outage is to throw the queue away: a"
        " restart, a bound, or fewer requests for as long as it takes."
    ]


RETRY_STORM = Lab(
    name="proxy/retry-storm",
    title="The outage that does not end",
    question="An upstream is slow for a moment and then well again. Does it matter afterwards whether"
    " the proxy tried again what failed?",
    why="Many large outages went on for hours after their cause was mended. Retries that are switched"
    " on everywhere, without a budget, are the commonest reason.",
    lesson="A retry is a request",
    knobs=(
        Knob("retries", 3, "of a request, at most", low=1, high=6),
        Knob("budget", 10, "of the requests, that may be tries again", low=1, high=100, unit="%"),
        Knob("queue", 0, "that may wait at the upstream; 0: no bound", low=0, high=500),
        Knob("load", 0.8, "of what the upstream can do", low=0.3, high=0.95),
        Knob("fault", 1.0, "that it lasts", low=0.1, high=3, unit="s"),
        Knob("after", 6.0, "behind the fault, that are watched", low=0, high=20, unit="s"),
    ),
    quantities=(
        Quantity(GOOD, "/s", "requests that were answered, by when they were sent"),
        Quantity(MADE, "/s", "by the upstream, whether or not anybody waited for them"),
        Quantity(WAITING, "requests", "in the upstream's queue, at the end of the second"),
    ),
    plan=plan,
    measure=measure,
    trace=trace,
    bench=bench,
    runs=3,
    warm_up={"fault": 0.1, "after": 0.0},
    limit=39.0,
    remarks=remarks,
    change=Change(
        {"queue": 20},
        "The same fault and the same retries, but at most 20 requests may wait at the upstream; what"
        " comes then is refused at once. Is that worse or better?",
    ),
)
