"""One thread that looks at all running programs ten times a second.

It asks each how much memory its tree holds, remembers the most, and ends a program that passed
its limit. It also knows the escapees better than any later search: whoever it has seen below a
program stays known.

    running()      the programs that have not been ended
    end_all()      end them: at exit, on SIGTERM, in a test's clean-up

The thread starts with the first program and looks for the first time 0.1 s later, so that a check
that takes less is not disturbed. Only then it asks Linux to give us the orphans, which needs
ctypes, and that takes some milliseconds to import.

Left out: SIGINT, which Python turns into KeyboardInterrupt: `with` blocks and the exit hook end
the programs. SIGKILL, which is the guardian's.
"""

from __future__ import annotations

import atexit
import os
import signal
import threading
import time

from .tree import system

TYPE_CHECKING = False  # the typing module takes 3 ms to import
if TYPE_CHECKING:
    from types import FrameType

    from .program import Program

INTERVAL = 0.1  # seconds between two looks

_running: dict[str, Program] = {}
_some = threading.Event()
_lock = threading.Lock()
_thread: threading.Thread | None = None


def add(program: Program) -> None:
    """Watch a program until it is removed."""
    global _thread
    with _lock:
        _running[program.token] = program
        _some.set()
        if _thread is None:
            atexit.register(end_all)
            _thread = threading.Thread(target=_watch, name="program watch", daemon=True)
            _thread.start()


def remove(program: Program) -> None:
    with _lock:
        _running.pop(program.token, None)
        if not _running:
            _some.clear()


def running() -> list[Program]:
    return list(_running.values())


def end_all(grace: float = 0.5) -> None:
    """End every running program and all that they started, sharing one grace period."""
    programs = running()
    for program in programs:
        program.ask_to_end()
    deadline = time.monotonic() + grace
    for program in programs:
        program.end(grace=max(0.0, deadline - time.monotonic()))


def prepare() -> None:
    """Install, once, what ends the programs when the grader ends. Called before a start."""
    in_main_thread = threading.current_thread() is threading.main_thread()
    if in_main_thread and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _leave)


def _leave(number: int, frame: FrameType | None) -> None:
    """As Ctrl-C does: unwind, so that `with` blocks and exit hooks run; no locks taken here."""
    raise SystemExit(128 + number)


def _watch() -> None:
    time.sleep(INTERVAL)
    system.adopt_orphans()
    while True:
        _some.wait()
        for program in running():
            program.look()
        system.collect_orphans()
        time.sleep(INTERVAL)


def _forget_all() -> None:
    """In a forked child: these programs are the parent's."""
    global _thread, _lock
    _lock, _thread = threading.Lock(), None
    _running.clear()
    atexit.unregister(end_all)


os.register_at_fork(after_in_child=_forget_all)
