"""What became of every request, by the second in which it was meant to be sent.

    ledger = Ledger(warmup=1.0)
    ledger.asked(2.000, now=2.00001)                  its time has come
    ledger.sent(2.000, now=2.00002)                   a connection was free
    ledger.answered(2.000, 2.00002, 2.0010, answer)   or failed(…), or unfinished(…)
    ledger.rows                                       [Row(second=2, asked=1, answered=1, …)]

Each request that was asked is, in the end, exactly one of: answered, failed of one kind, unfinished.
Times are seconds since the start. The ledger has no clock.

A second is closed when all of its requests are settled; until then it has a histogram of its own. So
an hour costs no more memory than the seconds that still wait for an answer.

Left out: single requests. Millions of them fit into no report.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from .histogram import Latency, Moment, Times
from .plug import Answer

TIMEOUT = "timeout"
UNFINISHED = "unfinished"
STATUS = "status"


class Row(NamedTuple):
    """One second of intended times. Latencies are None where nothing was asked.

    ok  answered, and not with an error
    """

    second: int
    asked: int
    sent: int
    answered: int
    ok: int
    failed: int
    unfinished: int
    p50: Moment | None
    p99: Moment | None
    most: Moment | None
    warmup: bool


class Progress(NamedTuple):
    """What is shown each second: totals, and the latency of the answers that came in it."""

    at: float
    asked: int
    sent: int
    answered: int
    failed: int
    unfinished: int
    p50: Moment | None
    p99: Moment | None


@dataclass(slots=True)
class Totals:
    """asked = answered + failed + unfinished, once all is settled."""

    asked: int = 0
    sent: int = 0
    answered: int = 0
    failed: int = 0
    unfinished: int = 0


class Second:
    """What is known of the requests of one second while some of them are open."""

    __slots__ = ("answered", "asked", "bad", "given_up", "never", "sent", "unfinished")

    def __init__(self) -> None:
        self.asked = self.sent = self.bad = self.never = self.unfinished = 0
        self.answered = Times(2)
        self.given_up: Times | None = None

    @property
    def settled(self) -> bool:
        given_up = self.given_up.count if self.given_up else 0
        return self.answered.count + given_up + self.never == self.asked

    def gave_up(self, seconds: float) -> None:
        self.given_up = self.given_up or Times(2)
        self.given_up.record(seconds)

    def row(self, second: int, warmup: bool) -> Row:
        p50, p99, most = Latency(self.answered, self.given_up, self.never).at_each((50, 99, 100))
        given_up = self.given_up.count if self.given_up else 0
        failed = self.never + given_up - self.unfinished
        return Row(
            second,
            self.asked,
            self.sent,
            self.answered.count,
            self.answered.count - self.bad,
            failed,
            self.unfinished,
            p50,
            p99,
            most,
            warmup,
        )


class Ledger:
    """warmup: seconds whose requests are sent, and left out of all figures but their rows."""

    def __init__(self, warmup: float = 0.0) -> None:
        self.warmup = warmup
        self.totals = Totals()  # of everything, for those who watch
        self.measured = Totals()
        self.errors: Counter[str] = Counter()  # by kind; "status" are answers
        self.statuses: Counter[str] = Counter()
        self.waited = 0  # for a connection, as no more might be opened
        self.good, self.bad = Times(), Times()  # answers from the intended time
        self.given_up = Times()
        self.never = 0
        self.since_sent = Times()  # answers from the moment they were sent
        self.late = Times(2)  # our own sends
        self.rows: list[Row] = []
        self.open: dict[int, Second] = {}
        self._lately = Times(2)

    def asked(self, intended: float, now: float) -> None:
        """Its time has come, and we are at it."""
        number = int(intended)
        second = self.open.get(number)
        if second is None:
            second = self.open[number] = Second()
        second.asked += 1
        self.totals.asked += 1
        if intended >= self.warmup:
            self.measured.asked += 1
            self.late.record(now - intended)

    def has_to_wait(self, intended: float) -> None:
        """All connections that there may be are taken."""
        if intended >= self.warmup:
            self.waited += 1

    def sent(self, intended: float) -> None:
        self.open[int(intended)].sent += 1
        self.totals.sent += 1
        if intended >= self.warmup:
            self.measured.sent += 1

    def answered(self, intended: float, sent: float, now: float, answer: Answer) -> None:
        latency = now - intended
        second = self.open[int(intended)]
        second.answered.record(latency)
        self._lately.record(latency)
        self.totals.answered += 1
        if not answer.ok:
            second.bad += 1
        if intended >= self.warmup:
            self.measured.answered += 1
            self.statuses[answer.status] += 1
            self.since_sent.record(now - sent)
            if answer.ok:
                self.good.record(latency)
            else:
                self.bad.record(latency)
                self.errors[STATUS] += 1

    def failed(self, intended: float, now: float, kind: str) -> None:
        """kind: such as "refused"; a timeout counts as at least that long, others as never."""
        second = self.open[int(intended)]
        measured = intended >= self.warmup
        self.totals.failed += 1
        if kind == TIMEOUT:
            second.gave_up(now - intended)
        else:
            second.never += 1
        if measured:
            self.measured.failed += 1
            self.errors[kind] += 1
            if kind == TIMEOUT:
                self.given_up.record(now - intended)
            else:
                self.never += 1

    def unfinished(self, intended: float, now: float) -> None:
        """The run ends, and it is still open."""
        second = self.open[int(intended)]
        second.unfinished += 1
        second.gave_up(now - intended)
        self.totals.unfinished += 1
        if intended >= self.warmup:
            self.measured.unfinished += 1
            self.given_up.record(now - intended)

    def close(self, before: int) -> None:
        """Make rows of the settled seconds before that one, in their order."""
        for number in sorted(self.open):
            second = self.open[number]
            if number >= before or not second.settled:
                return
            self.rows.append(second.row(number, number < self.warmup))
            del self.open[number]

    def progress(self, now: float) -> Progress:
        """What happened since this was last asked."""
        lately, self._lately = self._lately, Times(2)
        sums = self.totals
        left = sums.asked - sums.answered - sums.failed
        p50, p99 = Latency(lately).at_each((50, 99))
        return Progress(now, sums.asked, sums.sent, sums.answered, sums.failed, left, p50, p99)

    def latency(self) -> Latency:
        """Of all requests, from their intended times. Answers that are errors are answers."""
        return Latency(self._all(), self.given_up, self.never)

    def _all(self) -> Times:
        both = Times()
        both.add(self.good)
        both.add(self.bad)
        return both
