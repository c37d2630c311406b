"""Looking at processes on Linux, straight from /proc: a sample of a small tree costs ~0.1 ms.

    /proc/PID/stat             parent, group, session, start time
    /proc/PID/statm            resident pages
    /proc/PID/task/*/children  children, where the kernel has it (else all of /proc is read)
    /proc/PID/environ          the environment the program was started with

A process id is used again after its process ends, so a process is known by its id and its start
time together: an `Identity`.

Every function answers for a process that has meanwhile ended: nothing, 0 or None, never an error.

Left out: other systems; they are in portable.py, under the same names.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress

from .guardian import holders as holders

Identity = tuple[int, int]  # process id, start time

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICK = os.sysconf("SC_CLK_TCK")


def identity(pid: int) -> Identity | None:
    """None when it has ended, also when nobody has collected its status yet."""
    fields = _stat(pid)
    if fields is None or fields[0] in (b"Z", b"X"):
        return None
    return pid, int(fields[19])


def children(pid: int) -> list[int]:
    """Processes whose parent this is, ended ones included."""
    if not _HAS_CHILDREN:
        return _children_by_search(pid)
    found: list[int] = []
    with suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with suppress(OSError):  # this thread has ended; the others count
                found += map(int, _read(f"/proc/{pid}/task/{task}/children").split())
    return found


def resident(pid: int) -> int:
    """Bytes of physical memory, shared pages counted in full."""
    try:
        return int(_read(f"/proc/{pid}/statm").split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def proportional(pid: int) -> int:
    """Bytes of physical memory, each shared page divided among those that share it. Slow."""
    try:
        for line in _read(f"/proc/{pid}/smaps_rollup").splitlines():
            if line.startswith(b"Pss:"):
                return int(line.split()[1]) * 1024
    except (OSError, IndexError):
        pass
    return resident(pid)


def cpu(pid: int) -> float:
    """Seconds of processor time, with those of children that it has waited for."""
    fields = _stat(pid)
    if fields is None:
        return 0.0
    waited_for = (int(fields[13]) + int(fields[14])) / _TICK
    try:
        # The clock of another process: CLOCK_SCHED, as clock_getcpuclockid(3) makes it.
        return time.clock_gettime((~pid << 3) | 2) + waited_for
    except OSError:
        return (int(fields[11]) + int(fields[12])) / _TICK + waited_for


def descriptors(pid: int) -> int | None:
    """Open file descriptors, None where they may not be seen."""
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return None


def holds(pid: int, token: bytes) -> bool:
    """Whether the process was started with the token in its environment."""
    try:
        return token in _read(f"/proc/{pid}/environ")
    except OSError:
        return False


def kill(who: Identity) -> None:
    """SIGKILL to exactly this process, not to another that has its id meanwhile."""
    try:
        handle = os.pidfd_open(who[0])
    except ProcessLookupError:
        return
    except OSError:  # an old kernel, or a sandbox that forbids the call
        if identity(who[0]) == who:
            with suppress(OSError):
                os.kill(who[0], signal.SIGKILL)
        return
    try:
        if identity(who[0]) == who:
            with suppress(OSError):
                signal.pidfd_send_signal(handle, signal.SIGKILL)
    finally:
        os.close(handle)


def adopt_orphans() -> None:
    """Make this process the parent of every orphan below it, instead of init.

    spec     prctl(2), PR_SET_CHILD_SUBREAPER; it counts for children that already run
    """
    import ctypes

    pr_set_child_subreaper = 36
    ctypes.CDLL(None).prctl(pr_set_child_subreaper, 1, 0, 0, 0)


def collect_orphans() -> None:
    """Collect the status of ended processes that came to us as orphans, or they stay as zombies.

    A child that we started ourselves is in our session or leads its own: one that does neither
    is an orphan, and nobody else waits for it.
    """
    for pid in children(os.getpid()):
        fields = _stat(pid)
        if fields and fields[0] == b"Z" and int(fields[3]) not in (pid, os.getsid(0)):
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)


def _stat(pid: int) -> list[bytes] | None:
    """The fields of /proc/PID/stat after the name, which may itself hold spaces and brackets."""
    try:
        return _read(f"/proc/{pid}/stat").rpartition(b")")[2].split() or None
    except OSError:
        return None


def _children_by_search(pid: int) -> list[int]:
    wanted = str(pid).encode()
    return [
        int(name)
        for name in os.listdir("/proc")
        if name.isdigit() and (fields := _stat(int(name))) and fields[1] == wanted
    ]


def _read(path: str) -> bytes:
    """Without Python's file objects, which cost as much as the system call."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        data = os.read(file, 65536)
        while len(data) % 4096 == 0 and (more := os.read(file, 65536)):
            data += more
        return data
    except ProcessLookupError:
        return b""
    finally:
        os.close(file)


_HAS_CHILDREN = os.path.exists(f"/proc/self/task/{os.getpid()}/children")
