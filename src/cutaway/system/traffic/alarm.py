"""Called at a moment, some 50 µs late, where the loop's own timers are up to a millisecond late.

    alarm = Alarm(loop, ring)
    alarm.set(time.monotonic() + 0.0123)       ring() is called then; None: not at all

epoll waits for whole milliseconds, rounded up. A timer that is a file wakes it to the microsecond
(timerfd, Linux); elsewhere the loop's timers have to do.

Left out: more than one moment at a time.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

MONOTONIC, ABSOLUTE = 1, 1


class Spec(ctypes.Structure):
    """struct itimerspec: no interval, and when."""

    _fields_ = (
        ("every_seconds", ctypes.c_long),
        ("every_nanoseconds", ctypes.c_long),
        ("seconds", ctypes.c_long),
        ("nanoseconds", ctypes.c_long),
    )


class Alarm:
    """For one loop, whose clock is the monotonic one."""

    def __init__(self, loop: asyncio.AbstractEventLoop, ring: Callable[[], None]) -> None:
        self._loop, self._ring = loop, ring
        self._handle: asyncio.TimerHandle | None = None
        self._libc: Any = ctypes.CDLL(None, use_errno=True)
        self._file = -1
        if hasattr(self._libc, "timerfd_create"):
            self._file = self._libc.timerfd_create(MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
        if self._file >= 0:
            loop.add_reader(self._file, self._rings)

    def set(self, at: float | None) -> None:
        """In monotonic seconds."""
        if self._file < 0:
            if self._handle is not None:
                self._handle.cancel()
            self._handle = self._loop.call_at(at, self._ring) if at is not None else None
            return
        whole = int(at or 0.0)
        # All zeros would disarm it; a moment that is past rings at once.
        rest = max(1, int(((at or 0.0) - whole) * 1e9)) if at is not None else 0
        spec = Spec(0, 0, whole, rest)
        self._libc.timerfd_settime(self._file, ABSOLUTE, ctypes.byref(spec), None)

    def close(self) -> None:
        self.set(None)
        if self._file >= 0:
            self._loop.remove_reader(self._file)
            os.close(self._file)
            self._file = -1

    def _rings(self) -> None:
        with suppress(BlockingIOError):
            os.read(self._file, 8)
        self._ring()
