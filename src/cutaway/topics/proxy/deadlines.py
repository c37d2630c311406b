"""One timer for all that wait equally long.

    reads = Deadlines(2.0, due=Link.silent)
    reads.start(link)        its clock starts, or starts anew
    reads.stop(link)

A timer of the loop for each exchange would be pushed on a heap and cancelled again, nearly always
for nothing. Those that wait equally long fall due in the order in which they started, which is the
order of a dict: the loop's one timer looks at the first of them.

Left out: times of one's own. Each length of time is a Deadlines of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")


class Deadlines(Generic[T]):
    """`due` is called once for each that was started and not stopped for `seconds`."""

    __slots__ = ("due", "seconds", "timer", "waiting")

    def __init__(self, seconds: float, due: Callable[[T], None]) -> None:
        self.seconds, self.due = seconds, due
        self.waiting: dict[T, float] = {}
        self.timer: asyncio.TimerHandle | None = None

    def start(self, one: T) -> None:
        """Start its clock, or start it anew."""
        self.waiting.pop(one, None)
        self.waiting[one] = monotonic() + self.seconds
        if self.timer is None:
            self.timer = asyncio.get_running_loop().call_later(self.seconds, self.ring)

    def stop(self, one: T) -> None:
        self.waiting.pop(one, None)

    def ring(self) -> None:
        """See to all that are due, and wake again for the next."""
        self.timer = None
        while self.waiting:
            one, moment = next(iter(self.waiting.items()))
            left = moment - monotonic()
            if left > 0:
                self.timer = asyncio.get_running_loop().call_later(left, self.ring)
                return
            del self.waiting[one]
            self.due(one)
