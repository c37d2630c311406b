"""How much slower than a nominal machine this one is right now: 1.0 to 20.0.

    limit = 2.0 * patience()        # two seconds on an idle laptop, more on a crowded server

Three things are looked at, and the worst one counts:

    the processor     a fixed loop of a few hundred microseconds, against its nominal time
    the scheduler     how much later than asked a half-millisecond sleep ends
    the queue         how many threads want to run at this moment, for each processor

The loop sees a slow or throttled processor, but fits into one time slice, so it does not see
neighbours; a short sleeper is often let in first, so that the sleep sees only heavy load; the
queue sees the neighbours that slow a busy program. A call takes about a millisecond.

Left out: disks and networks; a history. Ask when a limit fires, not in advance.
"""

from __future__ import annotations

import os
import time

MOST = 20.0
NOMINAL_LOOP = 0.000_40  # seconds for `_loop` on a nominal machine
NOMINAL_OVERSHOOT = 0.000_30  # seconds; timers and wake-ups of an idle machine stay below
OVERSHOOT_UNIT = 0.002  # seconds of lateness that count as one more machine of the same size


def patience() -> float:
    """A factor for time limits."""
    queue = _queue()
    factor = max(_processor(), _scheduler(), queue, _queue())
    return min(MOST, max(1.0, factor))


def _processor() -> float:
    start = time.perf_counter()
    _loop()
    return (time.perf_counter() - start) / NOMINAL_LOOP


def _loop() -> int:
    x = 1
    for _ in range(4000):
        x = (x * 1103515245 + 12345) & 0x7FFFFFFF
    return x


def _scheduler() -> float:
    asked = 0.0005
    start = time.perf_counter()
    time.sleep(asked)
    late = time.perf_counter() - start - asked - NOMINAL_OVERSHOOT
    return 1.0 + max(0.0, late) / OVERSHOOT_UNIT


def _queue() -> float:
    """Threads that run or want to, per processor: the fourth field of /proc/loadavg."""
    processors = os.cpu_count() or 1
    try:
        with open("/proc/loadavg", encoding="ascii") as file:
            wanting = int(file.read().split()[3].split("/")[0])
    except (OSError, ValueError, IndexError):
        wanting = round(os.getloadavg()[0])
    return wanting / processors
