"""All starts of the program under test that one check makes.

    with Starts(subject) as starts:
        with starts.begin(stage) as running:
            …                                # its end goes on in the background
    # here nothing of any of them is left

Ending a program takes some milliseconds, and half a second when it ignores SIGTERM; nobody should
wait for that who waits for a verdict. So `begin` gives back its program without waiting for its
end, and only the end of `with Starts` does.

`halt` is for a check that is broken off, by Ctrl-C or by a stage that fails: every program is ended
at once, and every step that waits raises Halted.

`Brake` is that for another thread than the one that checks.

Left out: what is done with the program.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from .running import Running, Subject
from .stage import Stage


class Starts:
    """May be used from any thread."""

    def __init__(self, subject: Subject) -> None:
        self.subject, self.halted = subject, threading.Event()
        self._living: list[Running] = []
        self._ending: list[threading.Thread] = []
        self._lock = threading.Lock()

    @contextmanager
    def begin(
        self, stage: Stage, environment: Mapping[str, str] | None = None
    ) -> Iterator[Running]:
        """One start. Raises ProgramError with its sentence; Halted."""
        running = Running.prepare(self.subject, stage, environment)
        running.halted = self.halted
        with self._lock:
            self._living.append(running)
        try:
            running.launch()
            yield running
        finally:
            ending = threading.Thread(target=self._end, args=(running,), daemon=True)
            with self._lock:
                self._ending.append(ending)
            ending.start()

    def halt(self) -> None:
        """Nothing begins any more, and what runs is killed."""
        self.halted.set()
        with self._lock:
            living = [*self._living]
        for running in living:
            if running.program is not None:
                running.program.end(grace=0.0)

    def _end(self, running: Running) -> None:
        running.end()
        with self._lock:
            self._living.remove(running)

    def __enter__(self) -> Starts:
        return self

    def __exit__(self, *_: object) -> None:
        while self._ending:
            self._ending.pop().join()


class Brake:
    """Breaks off what it holds, at once and whatever it is given later.

    brake = Brake()
    check(…, brake=brake)          in one thread; raises Halted when in another one:
    brake.pull()
    """

    def __init__(self) -> None:
        self.pulled = False
        self._halts: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    def holds(self, halt: Callable[[], None]) -> None:
        with self._lock:
            self._halts.append(halt)
            pulled = self.pulled
        if pulled:
            halt()

    def pull(self) -> None:
        with self._lock:
            self.pulled = True
            halts = [*self._halts]
        for halt in halts:
            halt()
