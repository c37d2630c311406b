"""Which connection sends which request: a pool that grows to a bound, and a queue behind it.

    due ──▶ an idle connection? ──yes──▶ sent ──▶ answered ──▶ idle again, or the next of the queue
                   │no                      └───▶ closed, reset, timed out ──▶ dropped
                   ▼
                 queue ──▶ fewer than `most`? open one more

A request that finds no connection waits in the queue, and its time runs on: latency counts from the
intended moment. Whichever connection is ready first takes the first of the queue, so one that is
slow to open holds nobody up.

A timeout counts from the intended moment too, sent or not. HTTP/1.1 has no way to take a request
back, so the connection of one that was given up is closed.

Nothing here knows sockets or clocks: lines are given, and the time is a parameter.

Left out: sending again. A request that met a connection which the server was just closing failed,
and is counted; repeating it would hide how often that happens.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

from .ledger import TIMEOUT, Ledger
from .plug import Answer, Plug, Reader


class Line(Protocol):
    """A connection. What it carries is noted on it, as a table of them would cost a look-up."""

    reader: Reader
    intended: float
    sent_at: float

    def send(self, data: bytes) -> None:
        """Never waits, never raises: what goes wrong is told by `lost`, later."""

    def close(self) -> None: ...


class Dispatch:
    """open_one  begins to connect, which ends in `ready` or `not_opened`; says what went wrong when it
    cannot even begin, else nothing
    """

    def __init__(
        self, plug: Plug, ledger: Ledger, open_one: Callable[[], str], most: int, timeout: float
    ) -> None:
        self.plug, self.ledger, self.open_one = plug, ledger, open_one
        self.most, self.timeout = most, timeout
        self.idle: list[Line] = []
        self.queue: deque[tuple[int, float]] = deque()
        self.flying: dict[Line, None] = {}  # in the order of sending
        self.opening = self.lines = self.highest = self.opened = 0
        self.number = 0

    @property
    def quiet(self) -> bool:
        """Nothing is under way."""
        return not self.flying and not self.queue

    def due(self, intended: float, now: float) -> None:
        number, self.number = self.number, self.number + 1
        self.ledger.asked(intended, now)
        if self.idle and not self.queue:
            self._give(self.idle.pop(), number, intended, now)
            return
        self.queue.append((number, intended))
        if self.lines >= self.most and self.opening < len(self.queue):
            self.ledger.has_to_wait(intended)
        self._grow(now)

    def ready(self, line: Line, now: float) -> None:
        """It is connected."""
        self.opening -= 1
        self.opened += 1
        self._free(line, now)

    def answered(self, line: Line, answer: Answer, now: float) -> None:
        del self.flying[line]
        self.ledger.answered(line.intended, line.sent_at, now, answer)
        if answer.keep:
            self._free(line, now)
        else:
            self._drop(line, now)

    def not_opened(self, kind: str, now: float) -> None:
        """A connection could not be made. The first of the queue would have had it."""
        self.opening -= 1
        self.lines -= 1
        self._fail_first(kind, now)
        self._grow(now)

    def lost(self, line: Line, kind: str, now: float) -> None:
        """A connection ended that was idle, or owed an answer."""
        if line in self.flying:
            del self.flying[line]
            self.ledger.failed(line.intended, now, kind)
        else:
            self.idle.remove(line)
        self._drop(line, now)

    def expire(self, now: float) -> None:
        """Give up what is older than the timeout, counted from its intended moment."""
        oldest = now - self.timeout
        while self.queue and self.queue[0][1] <= oldest:
            _, intended = self.queue.popleft()
            self.ledger.failed(intended, now, TIMEOUT)
        # Sent in the order of their moments, but for those whose moment a busy loop took late.
        while self.flying and (line := next(iter(self.flying))).intended <= oldest:
            self.lost(line, TIMEOUT, now)

    def stop(self, now: float) -> None:
        """The run ends: what is open is unfinished."""
        for line in self.flying:
            self.ledger.unfinished(line.intended, now)
            line.close()
        for _, intended in self.queue:
            self.ledger.unfinished(intended, now)
        for line in self.idle:
            line.close()
        self.flying.clear()
        self.queue.clear()
        self.idle.clear()

    def _give(self, line: Line, number: int, intended: float, now: float) -> None:
        line.intended, line.sent_at = intended, now
        self.flying[line] = None
        self.ledger.sent(intended)
        line.send(self.plug.request(number))

    def _free(self, line: Line, now: float) -> None:
        if self.queue:
            number, intended = self.queue.popleft()
            self._give(line, number, intended, now)
        else:
            self.idle.append(line)

    def _drop(self, line: Line, now: float) -> None:
        line.close()
        self.lines -= 1
        self._grow(now)

    def _grow(self, now: float) -> None:
        while self.lines < self.most and self.opening < len(self.queue):
            if kind := self.open_one():
                self._fail_first(kind, now)
                continue
            self.opening += 1
            self.lines += 1
            self.highest = max(self.highest, self.lines)

    def _fail_first(self, kind: str, now: float) -> None:
        if self.queue:
            _, intended = self.queue.popleft()
            self.ledger.failed(intended, now, kind)
