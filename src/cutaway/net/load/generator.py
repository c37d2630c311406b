"""Carry out a plan: one thread, one loop, every request at its time.

    result = run(Plan.ramp(10, 500, 20), plug, ("127.0.0.1", 8080), connections=50, timeout=2)
    result.latency.at(99.9), result.errors["refused"], result.rows[12].p99

    run(…, progress=print, stop=event)         from a thread: told each second, ended by the event

    start   warm-up   │ measured                            │ last intended    grace   end
    ├─────────────────┼─────────────────────────────────────┤─────────────────────────┤
      sent, not noted   sent and noted                        only answers are waited for

`run` returns when all is settled, when the grace is over, or soon after `stop` is set; what is open
then is unfinished. It blocks the thread that calls it and uses no other.

`closed` turns it into a tool of the other kind, to see what that hides: so many clients, each of
which sends its next request when it has its answer, for as long as the plan takes.

Left out: more than one thread. The loop makes some 20,000 requests a second, and says when that was
too little.
"""

from __future__ import annotations

import contextlib
import resource
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import inf

from .dispatch import Dispatch
from .histogram import Latency
from .ledger import Ledger, Progress, Row
from .own import OWN_LIMITS, Own
from .plug import Plug
from .shape import Plan
from .wires import Address, Wires

HOUSEKEEPING = 0.02  # seconds between looks at timeouts, at `stop` and at the clock of progress
AT_ONCE = 64  # requests that are taken up before answers are looked at again
LEAD = 0.05  # seconds from the call to the start of the plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """asked = answered + failed + unfinished, the warm-up left out of all of them.

    seconds      of the plan that were measured
    sent         asked, and not given up before a connection was free
    waited       asked while every connection that there may be was taken
    errors       how many of each kind; "status" are answers, and counted as such too
    latency      from the intended moments, of all that were asked
    good         of the answers that are no error only
    since_sent   from the moment of sending: what a closed-loop tool would have noted
    opened       connections, most at one time
    odd          how the first answer began that is malformed
    """

    plan: Plan
    name: str
    seconds: float
    asked: int
    sent: int
    answered: int
    failed: int
    unfinished: int
    waited: int
    errors: Mapping[str, int]
    statuses: Mapping[str, int]
    latency: Latency
    good: Latency
    since_sent: Latency
    opened: int
    most_connections: int
    bound: int
    rows: tuple[Row, ...]
    own: Own
    stopped: bool
    odd: bytes = b""

    @property
    def rate(self) -> float:
        """Answers a second that are no error."""
        return self.good.count / self.seconds if self.seconds else 0.0


def run(
    plan: Plan,
    plug: Plug,
    address: Address,
    *,
    connections: int = 256,
    timeout: float = 10.0,
    warmup: float = 0.0,
    grace: float = 5.0,
    closed: int = 0,
    progress: Callable[[Progress], None] | None = None,
    stop: threading.Event | None = None,
) -> Result:
    """Load `address` by that plan.

    connections  at most so many at a time
    timeout      seconds from the intended moment
    grace        seconds that answers are waited for after the last request
    closed       clients of a closed loop; the rate of the plan is then of no account
    progress     called once a second from this thread: what it does makes the generator late
    """
    most = closed or connections
    _allow_files(most)
    generator = _Generator(plan, plug, address, most, timeout, warmup, progress, stop)
    try:
        generator.carry_out(Clients(generator.dispatch, closed, plan.seconds) if closed else None)
        generator.finish(grace)
    finally:
        generator.wires.close()
    return generator.result()


class Clients:
    """The moments of a closed loop: now, whenever one of the clients has nothing to wait for."""

    def __init__(self, dispatch: Dispatch, count: int, seconds: float) -> None:
        self.dispatch, self.count, self.seconds = dispatch, count, seconds

    def due(self, now: float) -> int:
        busy = len(self.dispatch.flying) + len(self.dispatch.queue)
        return self.count - busy if now < self.seconds else 0


class _Generator:
    """One run. Times are seconds since its start; `clock` says them."""

    def __init__(
        self,
        plan: Plan,
        plug: Plug,
        address: Address,
        most: int,
        timeout: float,
        warmup: float,
        progress: Callable[[Progress], None] | None,
        stop: threading.Event | None,
    ) -> None:
        self.plan, self.plug, self.warmup = plan, plug, warmup
        self.most, self.progress, self.stop = most, progress, stop
        self.ledger = Ledger(warmup)
        self.wires = Wires(address, plug)
        self.dispatch = Dispatch(plug, self.ledger, self.wires.open_one, most, timeout)
        self.wires.begin(self.dispatch, self.clock)
        self.began = time.monotonic() + LEAD
        self.told = 1.0
        self.usage = self.tick = _usage()
        self.share = 0.0  # of a core, in the busiest second
        self.ticked = time.monotonic()
        self.ended = 0.0
        self.stopped = False

    def clock(self) -> float:
        return time.monotonic() - self.began

    def carry_out(self, clients: Clients | None) -> None:
        """Until the last request is taken up, or `stop` is set."""
        if clients is None:
            self._at_their_times(self.plan.times())
        else:
            self._as_answers_come(clients)
        self.ended = self.clock()
        if self.ended < 1.0:
            self._note_share()

    def _at_their_times(self, times: Iterator[float]) -> None:
        clock, due, turn = self.clock, self.dispatch.due, self.wires.turn
        intended, look_up = next(times, inf), 0.0
        while intended < inf and not self.stopped:
            now = clock()
            for _ in range(AT_ONCE):
                if intended > now:
                    break
                due(intended, now)
                intended = next(times, inf)
                now = clock()
            if now >= look_up:
                look_up = self._keep_house(now)
            turn(self.began + min(intended, look_up), self.began + now)

    def _as_answers_come(self, clients: Clients) -> None:
        look_up = 0.0
        while (now := self.clock()) < clients.seconds and not self.stopped:
            for _ in range(clients.due(max(now, 0.0)) if now >= 0 else 0):
                now = self.clock()
                self.dispatch.due(now, now)
            if now >= look_up:
                look_up = self._keep_house(now)
            self.wires.turn(self.began + max(look_up, 0.0), self.began + now)

    def finish(self, grace: float) -> None:
        """Wait for the answers that are still to come."""
        end = self.clock() + (0.0 if self.stopped else grace)
        while not self.dispatch.quiet and (now := self.clock()) < end and not self.stopped:
            look_up = self._keep_house(now)
            self.wires.turn(self.began + min(look_up, end), self.began + now)
        now = self.clock()
        self.dispatch.stop(now)
        self.ledger.close(int(now) + 2)

    def _keep_house(self, now: float) -> float:
        """See to what is not due at a moment of its own; returns when to do it again."""
        self.dispatch.expire(now)
        if now >= self.told:
            self.told = int(now) + 1.0
            self._note_share()
            self.ledger.close(int(now))
            if self.progress is not None:
                self.progress(self.ledger.progress(now))
        self.stopped = self.stop is not None and self.stop.is_set()
        return now + HOUSEKEEPING

    def _note_share(self) -> None:
        moment, usage = time.monotonic(), _usage()
        seconds = max(1e-9, moment - self.ticked)
        self.share = max(self.share, (usage[0] - self.tick[0]) / seconds)
        self.ticked, self.tick = moment, usage

    def result(self) -> Result:
        ledger, dispatch = self.ledger, self.dispatch
        sums, latency = ledger.measured, ledger.latency()
        limited = sum(ledger.errors[kind] for kind in OWN_LIMITS)
        switches = _usage()[1] - self.usage[1]
        return Result(
            plan=self.plan,
            name=self.plug.name,
            seconds=max(0.0, min(self.ended, self.plan.seconds) - self.warmup),
            asked=sums.asked,
            sent=sums.sent,
            answered=sums.answered,
            failed=sums.failed,
            unfinished=sums.unfinished,
            waited=ledger.waited,
            errors=dict(ledger.errors.most_common()),
            statuses=dict(sorted(ledger.statuses.items())),
            latency=latency,
            good=Latency(ledger.good),
            since_sent=Latency(ledger.since_sent),
            opened=dispatch.opened,
            most_connections=dispatch.highest,
            bound=self.most,
            rows=tuple(ledger.rows),
            own=Own.of(Latency(ledger.late), self.share, int(switches), limited, latency),
            stopped=self.stopped,
            odd=self.wires.odd,
        )


def _usage() -> tuple[float, float]:
    """Seconds of processor time of this thread, and how often it was put aside."""
    who = getattr(resource, "RUSAGE_THREAD", resource.RUSAGE_SELF)
    return time.thread_time(), resource.getrusage(who).ru_nivcsw


def _allow_files(count: int) -> None:
    """Raise the soft limit on open files, if that is what it takes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < count + 256:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
