"""The traffic as its owner sees it: started, told what to do, and asked how it goes.

    traffic = Traffic(where, explain)
    traffic.start()                    returns at once; it says itself when it is there
    traffic.set(rate=50, over=5)
    traffic.look()                     Picture
    traffic.verify()                   Verified
    traffic.stop()

A failure is held against what was done to the machine: `explain` is given when it was under way, and
says what may have caused it. It is asked a moment later, as the news of a cause may come behind that
of a failure.

    child ──rows──▶ noted: totals, latency, journeys ──failed──▶ judged after SETTLE: explained, or not

The process is started again should it end, a few times; what it remembered is then lost, and said.

Left out: which causes there are: causes.py.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from math import inf
from typing import Any, NamedTuple

from ...net.load.histogram import Latency, Times
from ..rates import Rates
from . import journeys
from .lines import PATIENCE, Where

KEPT = 5000  # requests
FAILURES = 200  # that are told of
SETTLE = 0.7  # seconds after which every cause is known
STARTS = 5  # of the process
VERIFYING = 60.0  # seconds
RATE, OVER, WEIGHT = 5000, 3600, 1000  # at most
TOO_OFTEN = f"The traffic ended by itself {STARTS} times. Start the machine again."


class Row(NamedTuple):
    """What became of a request. Monotonic seconds; sent is 0 where it never was. status: 0 for none.

    port  of the traffic's end of the connection
    why   it failed; "" where it did not
    """

    number: int
    journey: str
    step: str
    port: int
    intended: float
    sent: float
    ended: float
    status: int
    why: str


class Judged(NamedTuple):
    """cause: what may have made it fail, as a sentence; "" where nothing is known that did. saw: what
    the wires show of it; "" where nothing more."""

    cause: str = ""
    saw: str = ""


Explain = Callable[[Row], Judged]


@dataclass(slots=True)
class Failure:
    """cause: what explains it; None while that is not settled. saw: what the wires show of it."""

    row: Row
    cause: str | None = None
    saw: str = ""

    @property
    def why(self) -> str:
        return "; ".join(filter(None, (self.row.why, self.saw)))


@dataclass(frozen=True, slots=True)
class Went:
    """How it goes with one journey. weight: of all that people may set out on."""

    name: str
    weight: float
    answered: int
    failed: int


@dataclass(frozen=True, slots=True)
class Picture:
    """asked = answered + failed + under_way. failed = explained + unexplained + those not settled.

    rate    requests a second that are wanted; offered: that were asked, of late
    p50     seconds from the intended moment, of late; None where nothing was answered
    all_p99 the same since the start; who was given up counts with the time that was waited, who was
            refused with for ever, which is None as well
    late    the latest that a request was taken up in the last tick, in seconds
    there   to-dos that were acknowledged and are remembered
    """

    alive: bool
    why: str
    rate: float
    offered: float
    asked: int
    answered: int
    failed: int
    explained: int
    unexplained: int
    under_way: int
    again: int
    left_out: int
    lines: int
    there: int
    forgotten: int
    late: float
    p50: float | None
    p99: float | None
    all_p50: float | None
    all_p99: float | None
    journeys: tuple[Went, ...]
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class Verified:
    """What was acknowledged, compared with what is there. why: it could not be.

    checked  to-dos that were compared; gone: those of them that were deleted
    lost     sentences on acknowledged writes that are not there
    back     on deleted to-dos that are
    anew     the traffic was started again, and knows nothing from before
    """

    why: str = ""
    checked: int = 0
    gone: int = 0
    changed: int = 0
    lost: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    anew: bool = False

    @property
    def held(self) -> bool:
        return not (self.why or self.lost or self.back)


@dataclass(slots=True)
class Sums:
    """Of all processes that there were."""

    totals: dict[str, Any] = field(default_factory=dict)
    before: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    explained: int = 0
    unexplained: int = 0

    def of(self, name: str) -> int:
        return self.before[name] + int(self.totals.get(name, 0))

    def close(self) -> None:
        """The process is gone, and with it what was under way."""
        for name in ("asked", "answered", "failed", "again", "left_out", "forgotten"):
            self.before[name] = self.of(name)
        self.before["failed"] = self.before["asked"] - self.before["answered"]
        self.totals = {}


class Traffic:
    """All methods may be called from any thread."""

    def __init__(
        self, where: Where, explain: Explain = lambda row: Judged(), seed: int = 0
    ) -> None:
        self.where, self.explain = where, explain
        self.rate, self.why, self.resting = 0.0, "", False
        self.journeys = journeys.read()
        self.weights = {name: one.weight for name, one in self.journeys.items()}
        self.rows: deque[Row] = deque(maxlen=KEPT)
        self.failures: deque[Failure] = deque(maxlen=FAILURES)
        self.lock = threading.Lock()
        self._seed, self._starts = seed, 0
        self._sums, self._rates = Sums(), Rates()
        self._answered, self._given_up, self._never = Times(digits=2), Times(digits=2), 0
        self._went: dict[str, list[int]] = {name: [0, 0] for name in self.journeys}
        self._unsettled: deque[Failure] = deque()
        self._child: subprocess.Popen[bytes] | None = None
        self._ended = threading.Event()
        self._asked, self._verified = 0, dict[int, Verified]()
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._listen, name="traffic", daemon=True)

    # What is done

    def start(self) -> None:
        """A second call does nothing."""
        with self.lock:
            first = self._starts == 0
            if first:
                self._begin()
        if first:
            self._thread.start()

    def stop(self) -> None:
        """End it. What is under way is not waited for."""
        with self.lock:
            self._ended.set()
            child = self._child
        if child is not None and child.stdin is not None:
            with contextlib.suppress(OSError):
                child.stdin.close()
            try:
                child.wait(3.0)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        if self._thread.is_alive():
            self._thread.join(3.0)

    def set(
        self,
        rate: float | None = None,
        journeys: Mapping[str, float] | None = None,
        over: float = 0.0,
    ) -> None:
        """over: seconds until the rate is reached. Raises ValueError; then nothing has changed."""
        if rate is not None and not 0 <= rate <= RATE:
            raise ValueError(f"The rate is 0 to {RATE} requests a second.")
        if not 0 <= over <= OVER:
            raise ValueError(f"It is reached within 0 to {OVER} seconds.")
        if strange := sorted((journeys or {}).keys() - self.weights.keys()):
            raise ValueError(f"There is no journey {strange[0]!r}.")
        if any(not 0 <= weight <= WEIGHT for weight in (journeys or {}).values()):
            raise ValueError(f"A weight is 0 to {WEIGHT}.")
        if rate is not None:
            self.rate = rate
            self._tell(rate=rate, over=over)
        if journeys is not None:
            self.weights |= journeys
            self._tell(journeys=dict(journeys))

    def rest(self, resting: bool) -> None:
        """The machine is held still, or runs again: time stands still for people too."""
        self.resting = resting
        self._tell(rest=resting)

    def verify(self, within: float = VERIFYING) -> Verified:
        """Compare what is there with what was acknowledged. Waits for it."""
        with self._news:
            self._asked += 1
            number, unread = self._asked, Verified("It was not read in time.")
            self._verified[number] = unread
            self._tell(verify=number)
            self._news.wait_for(lambda: self._verified[number] is not unread, within)
            return self._verified.pop(number)

    # How it goes

    @property
    def alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def look(self) -> Picture:
        now = time.monotonic()
        with self.lock:
            sums, latest = self._sums, self._rates.at(now)
            times = Latency(self._answered, self._given_up, self._never)
            p50, p99 = (
                m.seconds if m and m.seconds < inf else None for m in times.at_each((50, 99))
            )
            return Picture(
                alive=self.alive,
                why=self.why,
                rate=self.rate,
                offered=latest.messages,
                asked=sums.of("asked"),
                answered=sums.of("answered"),
                failed=sums.of("failed"),
                explained=sums.explained,
                unexplained=sums.unexplained,
                under_way=int(sums.totals.get("under_way", 0)),
                again=sums.of("again"),
                left_out=sums.of("left_out"),
                lines=int(sums.totals.get("lines", 0)),
                there=int(sums.totals.get("there", 0)),
                forgotten=sums.of("forgotten"),
                late=float(sums.totals.get("late", 0.0)),
                p50=latest.p50,
                p99=latest.p99,
                all_p50=p50,
                all_p99=p99,
                journeys=tuple(
                    Went(name, self.weights[name], *counts) for name, counts in self._went.items()
                ),
                failures=tuple(self.failures),
            )

    def over_port(self, port: int, began: float, ended: float, slack: float = 0.002) -> Row | None:
        """The request that went over the connection from this port then: a connection carries one
        after the other, so there is one at most."""
        with self.lock:
            for row in reversed(self.rows):
                if row.port == port and row.sent <= began + slack and ended <= row.ended + slack:
                    return row if row.sent else None
        return None

    def settle(self, now: float) -> None:
        """Judge failures of which all causes are known by now."""
        with self.lock:
            ready = []
            while self._unsettled and self._unsettled[0].row.ended < now - SETTLE:
                ready.append(self._unsettled.popleft())
        for failure in ready:
            cause, saw = self.explain(failure.row)
            with self.lock:
                failure.cause, failure.saw = cause, saw
                self._sums.explained += bool(cause)
                self._sums.unexplained += not cause

    # Its process

    def _begin(self) -> None:
        self._starts += 1
        said = {**asdict(self.where), "seed": self._seed + self._starts}
        self._child = subprocess.Popen(
            [sys.executable, "-m", "cutaway.system.traffic", json.dumps(said)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # a Ctrl-C in our terminal is for us, also while it begins
        )
        self._tell(rate=self.rate, journeys=self.weights, rest=self.resting)

    def _tell(self, **said: Any) -> None:
        child = self._child
        if child is not None and child.stdin is not None:
            with contextlib.suppress(OSError, ValueError):
                child.stdin.write(json.dumps(said).encode() + b"\n")
                child.stdin.flush()

    def _listen(self) -> None:
        while not self._ended.is_set():
            child = self._child
            assert child is not None
            assert child.stdout is not None
            assert child.stdin is not None
            with child.stdout:
                for line in child.stdout:
                    self._take(json.loads(line))
            with contextlib.suppress(OSError):  # what it did not read any more
                child.stdin.close()
            child.wait()
            with self.lock:
                if self._starts >= STARTS and not self._ended.is_set():
                    self.why = self.why or TOO_OFTEN
                if self._ended.is_set() or self.why:
                    return
                self._sums.close()
                self._begin()

    def _take(self, said: dict[str, Any]) -> None:
        if "rows" in said:
            with self.lock:
                self._sums.totals = said["totals"]
                self._note(Row._make(row) for row in said["rows"])
            self.settle(time.monotonic())
        elif "verified" in said:
            found = said["verified"]
            number, found["lost"], found["back"] = (
                found.pop("number"), tuple(found["lost"]), tuple(found["back"]),
            )  # fmt: skip
            with self._news:
                if number in self._verified:  # else nobody waits for it any more
                    self._verified[number] = Verified(**found, anew=self._starts > 1)
                    self._news.notify_all()
        elif "cannot" in said:
            self.why = f"The traffic cannot begin: {said['cannot']}."

    def _note(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self.rows.append(row)
            self._rates.message(row.ended)
            self._went[row.journey][bool(row.why)] += 1
            if row.why:
                failure = Failure(row)
                self.failures.append(failure)
                self._unsettled.append(failure)
            self._time(row)

    def _time(self, row: Row) -> None:
        """An answer that is not right is one; who was given up waited that long at least; a refusal
        would have stayed one."""
        seconds = row.ended - row.intended
        given_up = not row.status and seconds >= PATIENCE
        if row.status:
            self._answered.record(seconds)
        elif given_up:
            self._given_up.record(seconds)
        else:
            self._never += 1
        self._rates.exchange(row.ended, seconds if row.status or given_up else None)
