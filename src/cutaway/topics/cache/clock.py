"""What time it is, in milliseconds since 1970, and how to make it later.

    clock = Clock()
    clock.now()                 1763712000123
    clock.advance(60_000)
    clock.now()                 1763712060123

Lifetimes are kept as the moment at which they end, so a clock that jumps ends those that it passes. A
check of an hour's lifetime then takes no hour.

Left out: the clock that only goes forwards. A lifetime has to survive a restart as a moment, and only
the time of day does.
"""

from __future__ import annotations

import time


class Clock:
    """stopped: while a log is read again no lifetime ends, since what ended then is in the log."""

    __slots__ = ("ahead", "stopped")

    def __init__(self) -> None:
        self.ahead = 0
        self.stopped = False

    def now(self) -> int:
        return 0 if self.stopped else int(time.time() * 1000) + self.ahead

    def advance(self, milliseconds: int) -> None:
        self.ahead += milliseconds
