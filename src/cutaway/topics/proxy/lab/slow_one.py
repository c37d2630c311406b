"""One slow server in ten: what four ways to choose an upstream make of it.

    in turn             1 2 3 4 5 6 7 8 9 S 1 2 3 …     a tenth to the slow one, which cannot do it
    at random           a tenth as well, unevenly
    two choices         of two drawn, the one with fewer under way: S has more, so it gets less
    least connections   of all ten: S gets what it can do

At 60 % load each of ten servers would be busy 60 % of its time. One that takes four times as long
would have to be busy 240 % of it: its queue never ends, and a tenth of all requests stand in it.

The policy that goes by the path (`hash`) stands for drawing lots: each request has a path of its
own. All policies get the same requests, with the same work, at the same moments, each with ten servers
of its own.

Left out: servers that fail. A slow one is worse, as nothing takes it out.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial

from ....lab.knobs import Knob, Settings
from ....lab.lab import Change, Lab, Plan, Unmeasured, Variant
from ....lab.part import part, reference
from ....lab.prediction import Choice, Option
from ....lab.shapes import Check, Figure, Order, Within
from ....lab.table import Quantity, Table
from ....lab.trace import Moment
from ....lab.units import digits, shown
from ....net.load import Latency, Result, run
from ....net.load import Plan as Load
from .asking import EQUAL, VARIED, Works, works
from .octets import traced
from .together import Rounds, side_by_side
from .workers import Worker, Workers, addresses, working

TURN, CHANCE, TWO, LEAST = "round_robin", "hash", "two_choices", "least_connections"
WEIGHTED = "weighted"
USUAL, TOLD = "usual", "told"
MEAN, P99 = "mean latency", "99th percentile"
SHARE, LEFT = "to the slow one", "unanswered at the end"
COUNT = 10
DROWNS = 1.2  # times what a server can do: from here on its queue grows fast enough to be seen
SERVICE = 0.05  # seconds of work of a request, on average
GRACE = 0.4  # seconds for answers, behind the last request
PATIENCE = 60.0  # seconds for whoever has a timeout: nobody gives up here
CONNECTIONS = 1000
Address = tuple[str, int]
LABELS = {
    TURN: "in turn (round robin)",
    CHANCE: "at random (hash)",
    TWO: "two choices",
    LEAST: "least connections",
    WEIGHTED: "in turn by weights",
}


def policies(settings: Settings) -> tuple[str, ...]:
    return (TURN, WEIGHTED if settings.word("policies") == TOLD else CHANCE, TWO, LEAST)


@contextmanager
def bench(settings: Settings) -> Iterator[Rounds]:
    """For each policy a proxy, with ten workers behind it that nobody else asks."""
    slow, chosen = settings.number("slow"), policies(settings)
    with working(COUNT * len(chosen)) as workers, ExitStack() as stack:
        groups = [workers.each[i * COUNT : (i + 1) * COUNT] for i in range(len(chosen))]
        proxies = []
        for policy, group in zip(chosen, groups, strict=True):
            group[-1].slow = slow
            for number, worker in enumerate(group, 1):
                worker.name = f"server {number}"
            settled = environment(policy, group, slow)
            proxies.append(stack.enter_context(part(reference("proxy"), environment=settled)))

        def once(settings: Settings) -> dict[str, dict[str, float]]:
            workers.forget()
            asking = [
                partial(ask, proxy.address(), workers, group, settings)
                for proxy, group in zip(proxies, groups, strict=True)
            ]
            return dict(zip(chosen, side_by_side(asking), strict=True))

        def look(variant: str) -> Sequence[Moment]:
            place = chosen.index(variant)
            way = proxies[place].address(), workers, groups[place], SERVICE
            return traced(*way, named=place == 0)

        yield Rounds(once, look)


def environment(policy: str, group: Sequence[Worker], slow: float) -> dict[str, str]:
    fair = [100] * (COUNT - 1) + [round(100 / slow)]
    return {
        "UPSTREAMS": addresses(group),
        "POLICY": policy,
        "WEIGHTS": ",".join(map(str, fair)),
        "READ_MS": f"{1000 * PATIENCE:.0f}",
        "TOTAL_MS": f"{1000 * PATIENCE:.0f}",
    }


def measure(variant: str, settings: Settings, bench: Rounds) -> Mapping[str, float]:
    return bench.of(variant, settings)


def trace(variant: str, settings: Settings, bench: Rounds) -> Sequence[Moment]:
    return bench.look(variant)


def ask(
    proxy: Address,
    workers: Workers,
    group: Sequence[Worker],
    settings: Settings,
    stop: threading.Event,
) -> dict[str, float]:
    """The same requests as of the others, through the proxy with one policy."""
    rate, seed = settings.number("load") * COUNT / SERVICE, settings.count("seed")
    load = Load.steady(rate, settings.number("seconds")).at_random(seed)
    result = run(
        load,
        Works(works(round(2 * load.requests) + 1, SERVICE, settings.word("work"), seed)),
        proxy,
        connections=CONNECTIONS,
        timeout=PATIENCE,
        grace=GRACE,
        stop=stop,
    )
    return workers.do(lambda: values(result, group))


def values(result: Result, group: Sequence[Worker]) -> dict[str, float]:
    """Raises Unmeasured where the figures would be of the machine, not of the policy."""
    if result.failed or result.stopped:
        kinds = ", ".join(result.errors) or "stopped"
        raise Unmeasured(f"{result.failed} of {result.asked} requests failed ({kinds}).")
    tail, came = result.latency.at(99), [len(one.came) for one in group]
    if tail is None or not sum(came):
        raise Unmeasured("no request was due in so short a time.")
    late = max(4 * result.own.late_p50, result.own.late_p99 / 10)
    if late > SERVICE:
        raise Unmeasured(
            f"this machine sent half of the requests {shown(result.own.late_p50, 's')} late or more,"
            f" and 1 % of them {shown(result.own.late_p99, 's')}: the figures would be its own."
        )
    return {
        MEAN: mean(result.latency),
        P99: tail.seconds,
        SHARE: 100 * came[-1] / sum(came),
        LEFT: float(result.unfinished),
    }


def mean(latency: Latency) -> float:
    """Of all requests, in seconds; those without an answer with what they had waited by then.

    The histogram has no mean, so it is asked for the time of each request, by its rank.
    """
    each = latency.at_each(100 * rank / latency.count for rank in range(1, latency.count + 1))
    return sum(moment.seconds for moment in each if moment) / latency.count


def plan(settings: Settings) -> Plan:
    return Plan(
        variants=tuple(Variant(policy, LABELS[policy]) for policy in policies(settings)),
        asks=asks(settings),
        checks=tuple(checks(settings)),
    )


def asks(settings: Settings) -> Choice:
    slow, load = settings.number("slow"), settings.number("load")
    which = f"one of them {digits(slow)} times slower" if slow > 1 else "all of them alike"
    overlooked = OVERLOOKED if load * slow >= DROWNS else ("", "", "")
    same, some, double = overlooked
    return Choice(
        f"Ten servers, {which}, and {100 * load:.0f} % of the load that ten healthy ones could carry. How"
        " long is the mean latency with round robin, against least connections?",
        Figure(TURN, over=LEAST),
        (
            Option("same", "about the same, less than 1.15 times", 0, 1.15, same),
            Option("some", "somewhat longer, 1.15 to 1.5 times", 1.15, 1.5, some),
            Option("double", "about twice as long, 1.5 to 2.5 times", 1.5, 2.5, double),
            Option("many", "more than 2.5 times as long", 2.5, 1e6),
        ),
    )


OVERLOOKED = (
    "every server gets as many requests, and the slow one cannot do as much work: the rest waits.",
    "one request in ten does not only take longer there; it queues behind all that came before it.",
    "the queue at the slow one tends to no length; it grows as long as there is load.",
)


def checks(settings: Settings) -> Iterator[Check]:
    slow, load = settings.number("slow"), settings.number("load")
    needed = load * slow  # of the slow one's time, for a tenth of the requests
    told = settings.word("policies") == TOLD
    if needed >= DROWNS:
        yield from drowning(slow, needed)
        yield WHO_IS_TOLD if told else LOTS
    elif slow == 1 and settings.word("work") == EQUAL:
        yield EQUALS
        yield from () if told else (EQUAL_LOTS,)
    elif slow == 1:
        yield NONE_SLOW
        yield from () if told else (EQUAL_LOTS,)
    else:
        yield BUSY_SLOW


def drowning(slow: float, needed: float) -> Iterator[Check]:
    times = 2 if needed >= 2 else 1.3 if needed >= 1.5 else 1.1
    fair = 100 / (1 + slow * (COUNT - 1))
    yield Check(
        name="a queue that never ends",
        shape=Within(Figure(TURN, over=LEAST), times, None),
        expects=f"the mean with round robin is at least {times:g} times that of least connections",
        because=f"A tenth of the requests is {100 * needed:.0f} % of what the slow one can do. Its"
        " queue grows as long as there is load, and whoever is sent there waits in it; a longer run"
        " shows a larger mean. Each server had as many requests as the others: round robin is fair in"
        " requests, not in work.",
        unless="In a short run the queue has no time to grow.",
    )
    yield Check(
        name="one in a hundred",
        shape=Within(Figure(TURN, P99, over=LEAST), times, None),
        expects=f"the 99th percentile with round robin is at least {times:g} times as long too",
        because="One in ten was sent to the slow one, so one in a hundred stood far back in its queue."
        " What had no answer when the run ended counts with what it had waited by then: the true"
        " figure is higher.",
    )
    yield Check(
        name="who notices",
        shape=Order((TWO, TURN), SHARE),
        expects="the slow one gets a smaller part from two choices than from round robin",
        because="Two choices look at how many requests are under way, and a slow server has more of"
        f" them. Nobody said which one it is. {digits(fair)} % would keep it as busy as the others.",
    )
    yield Check(
        name="looking at two, looking at all",
        shape=Order((LEAST, TWO, TURN)),
        expects="least connections is below two choices, and both are below round robin",
        because="Of two that were drawn both may be busy while a third is idle; who looks at all ten"
        " sees the third. That is a small step. The large one is from not looking to looking at two.",
        unless="With so little between the two, a busy machine may be all of the difference.",
    )


LOTS = Check(
    name="lots are no better",
    shape=Order((TWO, CHANCE)),
    expects="drawing lots takes longer than two choices",
    because="By lots the slow one gets a tenth too. One more draw, and a look at both, is all that two"
    " choices add.",
)

WHO_IS_TOLD = Check(
    name="told instead of looking",
    shape=Order((WEIGHTED, TURN)),
    expects="weights that know how slow it is cure round robin",
    because="Where somebody knows the speed of each server, no look is needed. But a server that became"
    " slow last night has told nobody, and the weights are those of yesterday.",
)

NONE_SLOW = Check(
    name="close together",
    shape=Within(Figure(TURN, over=TWO), 0.7, 1.6),
    expects="without a slow one round robin and two choices are close together",
    because="One is even and the other looks, and with ten equal servers either will do. The large"
    " factor between them was the work of one slow server.",
)

EQUAL_LOTS = Check(
    name="lots among equals",
    shape=Order((LEAST, CHANCE)),
    expects="drawing lots takes longer than least connections, also among equals",
    because="Lots put two requests on one server while others are idle, as often as chance will have"
    " it.",
)

EQUALS = Check(
    name="where in turn is best",
    shape=Order((TURN, TWO)),
    expects="with equal servers and equal work round robin is below two choices",
    because="The one whose turn it is was asked longest ago, so it is the one that is free by now. Two"
    " draws may both hit busy ones. Where nothing differs there is nothing to look for, and the answer"
    " flips.",
    unless="With so little between them, a busy machine may be all of the difference.",
)

BUSY_SLOW = Check(
    name="slow, and not too slow",
    shape=Order((LEAST, TURN)),
    expects="least connections is below round robin",
    because="The slow one can do its tenth here, but its queue is longer than those of the others.",
    unless="With little load there are no queues, and every policy does.",
)


def remarks(table: Table) -> list[str]:
    left, least = table.band(TURN, LEFT), table.band(LEAST, LEFT)
    if not (left and least and least.high < left.low):
        return []
    return [
        f"When the last request had been sent and {shown(GRACE, 's')} more had passed,"
        f" {shown(round(left.median), 'requests')} of round robin had no answer, and"
        f" {round(least.median)} of least connections. A test that stops there and counts answers"
        " only would not have seen them."
    ]


SLOW_ONE = Lab(
    name="proxy/slow-one",
    title="One slow server in ten",
    question="Ten servers, one of them slow. Which ways to choose the next server notice it, and what"
    " does it cost those that do not?",
    why="A slow server answers its health checks. If the balancer keeps sending, all that is slow"
    " about it becomes a queue, and a tenth of the users stand in it.",
    lesson="Which upstream",
    knobs=(
        Knob("slow", 4, "that the tenth server takes, times the others", low=1, high=8, unit="×"),
        Knob("load", 0.6, "of what ten healthy servers can do", low=0.1, high=0.85),
        Knob("work", VARIED, "of a request: drawn at random, or always alike", (VARIED, EQUAL)),
        Knob(
            "policies",
            USUAL,
            "told: in the place of lots, weights that know how slow it is",
            (USUAL, TOLD),
        ),
        Knob("seconds", 7.0, "of load, in each run", low=0.2, high=20, unit="s"),
        Knob("seed", 1, "of the moments and the work", low=1, high=1000),
    ),
    quantities=(
        Quantity(MEAN, "s", "from the intended moment; the unanswered with what they had waited"),
        Quantity(P99, "s", "one request in a hundred waits longer"),
        Quantity(SHARE, "%", "of all requests"),
        Quantity(LEFT, "requests", f"{GRACE:g} s after the last was sent"),
    ),
    plan=plan,
    measure=measure,
    trace=trace,
    bench=bench,
    runs=4,
    warm_up={"seconds": 0.3},
    limit=38.0,
    remarks=remarks,
    change=Change(
        {"slow": 1},
        "Now all ten are alike. Which of the four still differ? Set work=equal as well, and one that"
        " does not look at anything wins.",
    ),
)
