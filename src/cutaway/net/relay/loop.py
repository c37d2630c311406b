"""A thread that waits for many sockets at once, and for the next moment that something is due.

    loop = Loop.shared()
    loop.watch(sock.fileno(), READABLE, handler)       handler(events), each time it can be read
    loop.at(time.monotonic() + 0.02, deliver)
    loop.ask(relay.close)                              from another thread: run there, and wait

This is what is inside every event loop: ask the kernel which sockets are ready, call what belongs to
each, call what is due, ask again. It is here in its plainest form because a relay pays for it on
every message: a round costs about a microsecond beside the system calls, a tenth of what a general
event loop takes.

    round   1  epoll: which sockets are ready, or when is the next thing due?
            2  a handler for each of them
            3  what is due
            4  what other threads asked for

A handler must not wait for anything. What it raises is a defect of ours: the loop goes on, for the
sake of the other connections, and `close` raises it.

Left out: coroutines; cancelling a timer (who is called looks whether there is still something to
do); priorities.
"""

from __future__ import annotations

import contextlib
import heapq
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from itertools import count
from typing import Any, Protocol, TypeVar

#: Events, as poll and epoll both number them.
READABLE, WRITABLE, BROKEN, HUNG_UP = select.POLLIN, select.POLLOUT, select.POLLERR, select.POLLHUP

SELECTABLE = 1024  # select takes no higher file number
LONGEST = 3600.0  # seconds of one wait

Handler = Callable[[int], None]
T = TypeVar("T")


class Poller(Protocol):
    """What epoll and poll have in common. A wait is in seconds."""

    def register(self, fd: int, mask: int) -> Any: ...
    def modify(self, fd: int, mask: int) -> Any: ...
    def unregister(self, fd: int) -> Any: ...
    def poll(self, timeout: float) -> list[tuple[int, int]]: ...


class Portable:
    """poll where there is no epoll; it counts in milliseconds."""

    def __init__(self) -> None:
        poll = select.poll()
        self.register, self.modify, self.unregister = poll.register, poll.modify, poll.unregister
        self._wait = poll.poll

    def poll(self, timeout: float) -> list[tuple[int, int]]:
        return self._wait(-(-timeout * 1000 // 1) if timeout >= 0 else None)


class Loop:
    """Runs in a thread of its own from the first `start` to `close`."""

    _lock = threading.Lock()
    _shared: Loop | None = None
    _users = 0

    def __init__(self) -> None:
        self._poller: Poller = select.epoll() if hasattr(select, "epoll") else Portable()
        self._number = self._poller.fileno() if isinstance(self._poller, select.epoll) else -1
        self._handlers: dict[int, Handler] = {}
        self._readers: dict[int, Callable[[], None]] = {}
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._asked: deque[Callable[[], None]] = deque()
        self._waking, self._woken = socket.socketpair()
        self._waking.setblocking(False)
        self._woken.setblocking(False)
        self._running = True
        self.defect: Exception | None = None
        self.watch(self._woken.fileno(), READABLE, self._heard)
        self.thread = threading.Thread(target=self._run, name="relay", daemon=True)
        self.thread.start()

    @classmethod
    def shared(cls) -> Loop:
        """The one that all relays of this process use; each who takes it gives it back."""
        with cls._lock:
            if cls._shared is None:
                cls._shared = cls()
            cls._users += 1
            return cls._shared

    def give_back(self) -> None:
        """Closes the shared loop when nobody is left. Any other one belongs to who made it."""
        with Loop._lock:
            if self is not Loop._shared:
                return
            Loop._users -= 1
            if Loop._users:
                return
            Loop._shared = None
        self.close()

    def close(self) -> None:
        """End the thread. Raises what a handler raised."""
        self.ask(self._stop)
        self.thread.join()
        self._waking.close()
        self._woken.close()
        if isinstance(self._poller, select.epoll):
            self._poller.close()
        if self.defect is not None:
            raise self.defect

    # In the loop's own thread.

    def watch(
        self, fd: int, mask: int, handler: Handler, reader: Callable[[], None] | None = None
    ) -> None:
        """Call `handler` with the events; `reader`, where there is one, when it can be read and
        nothing else is to be said."""
        self._handlers[fd] = handler
        if reader is not None:
            self._readers[fd] = reader
        self._poller.register(fd, mask)

    def change(self, fd: int, mask: int) -> None:
        self._poller.modify(fd, mask)

    def forget(self, fd: int) -> None:
        self._readers.pop(fd, None)
        if self._handlers.pop(fd, None) is not None:
            with contextlib.suppress(OSError, KeyError):
                self._poller.unregister(fd)

    def at(self, when: float, what: Callable[[], None]) -> None:
        """Call once it is `when` (monotonic)."""
        heapq.heappush(self._timers, (when, next(self._order), what))

    # From any thread.

    def ask(self, what: Callable[[], T]) -> T:
        """Have it called in the loop's thread; returns what it returned, or raises what it raised."""
        if threading.current_thread() is self.thread:
            return what()
        done = threading.Event()
        outcome: list[Any] = [None, None]

        def answer() -> None:
            try:
                outcome[0] = what()
            except Exception as error:
                outcome[1] = error
            done.set()

        self._asked.append(answer)
        with contextlib.suppress(BlockingIOError):
            self._waking.send(b"!")
        while not done.wait(1.0):
            if not self.thread.is_alive():
                raise RuntimeError("the relay's thread has ended")
        if outcome[1] is not None:
            raise outcome[1]
        answered: T = outcome[0]
        return answered

    def _heard(self, events: int) -> None:
        with contextlib.suppress(BlockingIOError):
            self._woken.recv(4096)
        while self._asked:
            self._asked.popleft()()

    def _stop(self) -> None:
        self._running = False

    def _run(self) -> None:
        handlers, readers = self._handlers, self._readers
        while self._running:
            try:
                for fd, events in self._wait():
                    if events == READABLE and fd in readers:
                        readers[fd]()
                    elif fd in handlers:  # one before it may have closed it
                        handlers[fd](events)
            except Exception as error:  # what else was ready is ready in the next round too
                self._went_wrong(error)
            if self._timers:
                self._call_what_is_due()

    def _wait(self) -> list[tuple[int, int]]:
        """What is ready, waiting until something is, or due.

        epoll waits in whole milliseconds, which a link of 200 µs would show. select knows
        microseconds, and an epoll is itself a file that can be selected.
        """
        if not self._timers:
            return self._poller.poll(-1)
        left = min(self._timers[0][0] - time.monotonic(), LONGEST)
        if left <= 0:
            return self._poller.poll(0)
        if not 0 <= self._number < SELECTABLE:
            return self._poller.poll(left)
        select.select([self._number], (), (), left)
        return self._poller.poll(0)

    def _call_what_is_due(self) -> None:
        now, timers = time.monotonic(), self._timers
        while timers and timers[0][0] <= now:
            _, _, what = heapq.heappop(timers)
            try:
                what()
            except Exception as error:
                self._went_wrong(error)

    def _went_wrong(self, error: Exception) -> None:
        if self.defect is None:
            self.defect = error
