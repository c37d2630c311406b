"""The process that moves the machine: told in lines of JSON, telling in lines of JSON.

    in    {"rate": 50, "over": 0} · {"journeys": {"browse": 3}} · {"verify": 7} · {"rest": true}
    out   {"ready": true}
          {"rows": [[…], …], "totals": {…}}     what became of requests, some twenty times a second
          {"verified": {"number": 7, …}}
          {"wrong": "a sentence"}                an order that cannot be carried out

At rest, as the machine is while it is held still, nobody comes but for a request or two to look at,
and nobody loses patience.

It ends when its standard input does, so it never outlives who started it. What nobody reads is kept
in bounds; then rows are left out, which is counted, and totals still hold.

    moments ──intended──▶ crowd: whose turn ──▶ pool ──▶ the machine ──▶ crowd: is it right ──▶ rows

Left out: what failures mean, and percentiles. That is for who started it: keeper.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any

from . import journeys
from .alarm import Alarm
from .asking import Answer, written
from .ledger import Ledger, State, Verdict
from .lines import Pool, Request, Tls, Where
from .moments import Moments
from .people import KIND, Crowd, Turn

TELL = 0.05  # seconds between two tellings
UNREAD = 4 << 20  # octets that nobody has taken yet
ROWS = 20_000  # that wait to be told
PAGES = 1000  # of a list, when it is verified
TRIES = 8  # for one page
AT_REST = 2  # requests that are under way at rest
MOST_RATE = 5000.0


@dataclass(slots=True)
class Totals:
    """asked = answered + failed + what is under way.

    late      the latest that a request was taken up, in seconds, since it was last told
    again     requests that were sent a second time, as their connection had just been closed
    left_out  moments that this process slept through
    untold    rows that nobody took in time
    """

    asked: int = 0
    answered: int = 0
    failed: int = 0
    again: int = 0
    left_out: int = 0
    untold: int = 0
    under_way: int = 0
    lines: int = 0
    there: int = 0
    forgotten: int = 0
    late: float = 0.0


@dataclass(slots=True, eq=False)
class Reading:
    """A request that is nobody's: what is there is compared with what was acknowledged."""

    octets: bytes
    answer: asyncio.Future[Answer | None]
    again: bool = True


class Unreadable(Exception):
    """What is there could not be read."""


class Child:
    """To be made in the loop that it runs in. Raises OSError, of files for TLS."""

    def __init__(self, where: Where, crowd: Crowd, output: asyncio.WriteTransport) -> None:
        self.where, self.crowd, self.output = where, crowd, output
        self.totals = Totals()
        self.rows: list[list[Any]] = []
        self.loop = asyncio.get_running_loop()
        self.moments, self.pool = Moments(), Pool(where, self._told)
        self.alarm, self.over = Alarm(self.loop, self._act), asyncio.Event()
        self.begun, self.resting = b"", False
        self.tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until the input ends."""
        os.set_blocking(0, False)
        self.loop.add_reader(0, self._read)
        self._say(ready=True)
        telling = self.loop.create_task(self._tell())
        try:
            await self.over.wait()
        finally:
            telling.cancel()
            self.loop.remove_reader(0)
            self.alarm.close()
            self.pool.close()

    # What it is told

    def _read(self) -> None:
        with contextlib.suppress(BlockingIOError):
            data = os.read(0, 1 << 16)
            if not data:
                self.over.set()
                return
            *lines, self.begun = (self.begun + data).split(b"\n")
            for line in lines:
                try:
                    self._order(json.loads(line))
                except (ValueError, TypeError, AttributeError) as problem:
                    self._say(wrong=f"{line[:80]!r}: {problem}")

    def _order(self, said: dict[str, Any]) -> None:
        """Raises ValueError, TypeError."""
        if "journeys" in said:
            weights = {name: float(weight) for name, weight in said["journeys"].items()}
            if strange := sorted(weights.keys() - self.crowd.weights.keys()):
                raise ValueError(f"there is no journey {strange[0]}")
            self.crowd.weights |= weights
        if "rate" in said:
            rate, over = float(said["rate"]), float(said.get("over", 0.0))
            if not (0 <= rate <= MOST_RATE and 0 <= over <= 3600):
                raise ValueError(f"a rate is 0 to {MOST_RATE:g} a second")
            self.moments.set(rate, time.monotonic(), over)
            self._act()
        if "rest" in said:
            self.resting = bool(said["rest"])
            self.pool.woke = time.monotonic()
        if "verify" in said:
            task = self.loop.create_task(self._verify(int(said["verify"])))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    # What it does

    def _act(self) -> None:
        """Whoever's moment has come asks."""
        now = time.monotonic()
        for intended in self.moments.due(now):
            if self.resting and self.pool.under_way >= AT_REST:
                continue
            self.totals.asked += 1
            self.totals.late = max(self.totals.late, now - intended)
            self.pool.ask(Request(self.totals.asked, self.crowd.turn(), intended))
        self.alarm.set(self.moments.next)

    def _told(self, request: Request, answer: Answer | None) -> None:
        what = request.what
        if isinstance(what, Reading):
            if not what.answer.done():
                what.answer.set_result(answer)
            return
        assert isinstance(what, Turn)
        why = self.crowd.heard(what, answer) or request.why
        if why:
            self.totals.failed += 1
        else:
            self.totals.answered += 1
        self._note(request, what, answer.status if answer else 0, why)

    def _note(self, request: Request, turn: Turn, status: int, why: str) -> None:
        if len(self.rows) >= ROWS:
            self.totals.untold += 1
            return
        self.rows.append(
            [
                request.number,
                turn.person.journey.name,
                turn.step.name,
                request.port,
                request.intended,
                request.sent,
                request.ended,
                status,
                why,
            ]
        )

    # What it tells

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(TELL)
            if not self.resting:
                self.pool.expire(time.monotonic())
            if self.output.get_write_buffer_size() > UNREAD:
                continue
            rows, self.rows = self.rows, []
            totals, ledger = self.totals, self.crowd.ledger
            totals.again, totals.left_out = self.pool.again_count, self.moments.left_out
            totals.under_way, totals.lines = self.pool.under_way, len(self.pool.lines)
            totals.there, totals.forgotten = len(ledger.there), ledger.forgotten
            self._say(rows=rows, totals=asdict(totals))
            totals.late = 0.0

    def _say(self, **said: Any) -> None:
        self.output.write(json.dumps(said, separators=(",", ":")).encode() + b"\n")

    # What is there, compared with what was acknowledged

    async def _verify(self, number: int) -> None:
        ledger = self.crowd.ledger
        versions = ledger.versions()
        try:
            verdict, why = ledger.judge(await self._all(), versions), ""
        except Unreadable as problem:
            verdict, why = Verdict(0, 0, len(versions), (), ()), str(problem)
        self._say(verified={"number": number, "why": why, **asdict(verdict)})

    async def _all(self) -> dict[str, State]:
        """Every to-do that the service has, page by page: lists do not come from the cache."""
        found: dict[str, State] = {}
        target = "/todos?limit=100"
        for _ in range(PAGES):
            said = await self._page(target)
            for one in said["todos"]:
                found[str(one["id"])] = State(str(one["title"]), one["done"] is True)
            if not said.get("next"):
                return found
            target = str(said["next"])
        raise Unreadable(f"The list has more than {PAGES} pages.")

    async def _page(self, target: str) -> dict[str, Any]:
        """Raises Unreadable."""
        for tried in range(TRIES):
            answer = await self._get(target)
            if answer is not None and answer.status == 200:
                with contextlib.suppress(ValueError):
                    return dict(json.loads(answer.body))
            await asyncio.sleep(0.1 * 2**tried / 2)
        raise Unreadable(f"{target} was not answered, {TRIES} times.")

    async def _get(self, target: str) -> Answer | None:
        octets = written("GET", target, {"Host": self.where.host, "Accept": KIND})
        reading = Reading(octets, self.loop.create_future())
        self.pool.ask(Request(0, reading, time.monotonic()))
        return await reading.answer


async def serve(where: Where, crowd: Crowd) -> int:
    loop = asyncio.get_running_loop()
    output, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, sys.stdout.buffer)
    with contextlib.closing(output):
        try:
            child = Child(where, crowd, output)
        except OSError as problem:
            why = problem.strerror or str(problem)
            output.write(json.dumps({"cannot": why}).encode() + b"\n")
            return 1
        await child.run()
    return 0


def main(said: str) -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    wanted = json.loads(said)
    tls = Tls(**wanted["tls"]) if wanted["tls"] else None
    where = Where(wanted["address"], wanted["port"], tls, wanted["host"])
    known = journeys.read()
    crowd = Crowd(known, Ledger(), random.Random(wanted["seed"]), where.host)
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        return asyncio.run(serve(where, crowd))
    return 0
