"""Ctrl-C, SIGTERM and a closed terminal, while programs run in other threads.

    with ending_programs():
        player.check(…)          on Ctrl-C: the programs are ended, then KeyboardInterrupt

The player waits for its threads, and they wait for answers of the programs. So the programs are
ended first, by a thread of its own (a signal handler must take no locks), again and again while
the player still starts others; then the conversations fail at once and the player comes back.

One Ctrl-C is enough for a check. Those that follow, from a person in a hurry, are not heard: each would break
off the cleaning up that the first one began. When it takes longer than PATIENCE, the process ends
at once.

A machine has parts that finish what they began. There the first Ctrl-C ends all in order, and the
second ends them at once: `ending_in_order`.

Left out: what is left after that, or after SIGKILL. The guardian of process/ sees to it.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from ..process import end_all, running

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE = 5.0  # seconds for the player to come back


@contextmanager
def ending_programs() -> Iterator[None]:
    """Only in the main thread does it do anything: no other one gets signals."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    done = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        for each in NUMBERS:
            signal.signal(each, signal.SIG_IGN)
        threading.Thread(target=_end, args=(number, done), daemon=True).start()
        _raise(number)

    with _hearing(stop, done):
        yield


@contextmanager
def ending_in_order() -> Iterator[None]:
    """The first signal is raised, and whoever started programs ends them as it takes them down; with
    the second, those that are left are killed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    done, heard = threading.Event(), 0

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal heard
        heard += 1
        if heard == 2:
            threading.Thread(target=_kill, args=(number, done), daemon=True).start()
        if heard > 1:
            return
        _raise(number)

    with _hearing(stop, done):
        yield


@contextmanager
def _hearing(
    stop: Callable[[int, FrameType | None], None], done: threading.Event
) -> Iterator[None]:
    """`stop` takes the signals, until all is `done`."""
    before = {number: signal.signal(number, stop) for number in NUMBERS}
    try:
        yield
    finally:
        done.set()
        for number, handler in before.items():
            if signal.getsignal(number) is stop:  # else this process is about to end
                signal.signal(number, handler)


def _raise(number: int) -> NoReturn:
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise SystemExit(128 + number)


def _end(number: int, done: threading.Event) -> None:
    _give_up_in_time(number, done)
    done.wait(0.005)  # the player first: what fails because we end it has not failed
    while not done.is_set():
        end_all(grace=0.0)
        done.wait(0.02)


def _kill(number: int, done: threading.Event) -> None:
    """Whoever waits for a program to end in order holds its lock; a signal needs none."""
    _give_up_in_time(number, done)
    while not done.is_set():
        for program in running():
            program.signal(signal.SIGKILL)
        done.wait(0.02)


def _give_up_in_time(number: int, done: threading.Event) -> None:
    """Rather than leave the person waiting, whatever it is that does not come back."""

    def wait() -> None:
        if not done.wait(PATIENCE):
            os._exit(128 + number)

    threading.Thread(target=wait, daemon=True).start()
