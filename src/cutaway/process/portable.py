"""Looking at processes through psutil, where there is no /proc. The same names as linux.py.

psutil is imported inside the functions: it takes longer than starting a small program.

Left out: adopting orphans, which only Linux can; a process that leaves both its group and its
parent is still found by its token, where the system lets us read its environment.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress

Identity = tuple[int, int]  # process id, start time in microseconds


def holders(token: bytes) -> list[int]:
    import psutil

    return [pid for pid in psutil.pids() if pid != os.getpid() and holds(pid, token)]


def identity(pid: int) -> Identity | None:
    import psutil

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return pid, int(process.create_time() * 1_000_000)
    except psutil.Error:
        return None


def children(pid: int) -> list[int]:
    import psutil

    try:
        return [child.pid for child in psutil.Process(pid).children()]
    except psutil.Error:
        return []


def resident(pid: int) -> int:
    import psutil

    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def proportional(pid: int) -> int:
    return resident(pid)


def cpu(pid: int) -> float:
    import psutil

    try:
        times = psutil.Process(pid).cpu_times()
        return float(times.user + times.system)
    except psutil.Error:
        return 0.0


def descriptors(pid: int) -> int | None:
    import psutil

    try:
        return int(psutil.Process(pid).num_fds())
    except psutil.Error:
        return None


def holds(pid: int, token: bytes) -> bool:
    import psutil

    try:
        return token.decode() in psutil.Process(pid).environ().get("CUTAWAY_RUN", "")
    except (psutil.Error, OSError):
        return False


def kill(who: Identity) -> None:
    if identity(who[0]) == who:
        with suppress(OSError):
            os.kill(who[0], signal.SIGKILL)


def adopt_orphans() -> None:
    pass


def collect_orphans() -> None:
    pass
