"""Upstreams that work as a worker does: one request at a time, and the others wait.

    with working(10) as workers:
        workers.each[9].slow = 4.0            this one takes four times as long for the same work
        workers.each[0].address              GET /work/17?us=20000 is answered 20 ms after its turn

    came ──▶ [ ● ● ● ● ] ──▶ at work ──▶ answered
              its queue       one          also when nobody waits for it any more

How long a request takes is written in the request, so that every policy can be given the very same
work. Work is time that passes and no processor: ten workers fit on one core, and what is measured
is their queues. The next piece of work begins when the last one was due to end, not when the thread
noticed, so a busy machine does not make a worker slower.

A worker learns nothing of a client that has gone. Hardly any real one does before it writes.

Left out: several requests at a time. That is several workers.
"""

from __future__ import annotations

import asyncio
import re
import threading
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar, cast

from ....lab.part import HOST
from ....lab.trace import Log
from ....wire import WireError
from ....wire.feed import Feed
from ...http1.codec import Request, read_request
from .octets import by_name, first_line

WORK = re.compile(rb"/work/\d+\?us=(\d{1,9})")
T = TypeVar("T")


def answer(status: bytes) -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n" % status


DONE, FULL, UNKNOWN = map(answer, (b"200 OK", b"503 Service Unavailable", b"404 Not Found"))


class Worker:
    """slow   so many times as long as the request says
    most   that may wait; what comes then is told so (503). 0: no bound
    log    where its octets are noted, when somebody wants to see them
    came   when each request was taken into the queue, by the loop's clock; done: when it left it
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, name: str) -> None:
        self.loop, self.name = loop, name
        self.log: Log | None = None
        self.slow = 1.0
        self.most = 0
        self.address = (HOST, 0)
        self.queue: deque[tuple[Caller, float]] = deque()
        self.came: list[float] = []
        self.done: list[float] = []
        self.end: asyncio.TimerHandle | None = None
        self.faults: list[asyncio.TimerHandle] = []

    def take(self, caller: Caller, seconds: float) -> None:
        if self.most and len(self.queue) > self.most:
            caller.answer(FULL)
            return
        now = self.loop.time()
        self.came.append(now)
        self.queue.append((caller, seconds))
        if self.end is None:
            self.begin(now)

    def begin(self, moment: float) -> None:
        """Begin with the first of the queue. It stays there while it is worked on."""
        self.end = self.loop.call_at(moment + self.queue[0][1] * self.slow, self.finish)

    def finish(self) -> None:
        assert self.end is not None
        due, self.end = self.end.when(), None
        caller, _ = self.queue.popleft()
        self.done.append(due)
        caller.answer(DONE)
        if self.queue:
            self.begin(due)

    def forget(self) -> None:
        """Begin anew, with an empty queue and no fault to come."""
        for fault in self.faults:
            fault.cancel()
        self.faults = []
        if self.end is not None:
            self.end.cancel()
            self.end = None
        self.queue.clear()
        self.came, self.done = [], []

    def slow_between(self, begin: float, end: float, times: float) -> None:
        """A fault, from one moment to another. What is at work then ends as it would have."""

        def turn(slow: float) -> None:
            self.slow = slow

        self.faults = [self.loop.call_at(begin, turn, times), self.loop.call_at(end, turn, 1.0)]

    # Looked at from outside.

    def waiting(self, moment: float) -> int:
        """How many were in the queue then."""
        return bisect_right(self.came, moment) - bisect_right(self.done, moment)

    def answers(self, begin: float, end: float) -> int:
        """How many it answered between these moments."""
        return bisect_right(self.done, end) - bisect_right(self.done, begin)


class Caller(asyncio.Protocol):
    """A connection from the proxy."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.feed = Feed(read_request)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self.worker.log is not None:
            self.worker.log.note(
                f"{self.worker.name} reads", data, first_line(data), by_name(data, read_request)
            )
        try:
            requests: list[Request] = list(self.feed.receive(data))
        except WireError:
            self.transport.abort()
            return
        for request in requests:
            work = WORK.fullmatch(request.target)
            if work is None:
                self.answer(UNKNOWN)
            else:
                self.worker.take(self, int(work[1]) / 1e6)

    def answer(self, octets: bytes) -> None:
        if self.worker.log is not None and not self.transport.is_closing():
            self.worker.log.note(f"{self.worker.name} writes", octets, first_line(octets))
        if not self.transport.is_closing():
            self.transport.write(octets)


class Workers:
    """Their loop, in a thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.each: list[Worker] = []

    def now(self) -> float:
        """The clock of `came` and `done`: that of time.monotonic."""
        return self.loop.time()

    def do(self, work: Callable[[], T]) -> T:
        """Have something done in their thread."""

        async def doing() -> T:
            return work()

        return asyncio.run_coroutine_threadsafe(doing(), self.loop).result()

    def forget(self) -> None:
        def all_of_them() -> None:
            for one in self.each:
                one.forget()

        self.do(all_of_them)

    async def listen(self, count: int) -> list[asyncio.Server]:
        servers = []
        for place in range(count):
            worker = Worker(self.loop, f"server {place + 1}")
            server = await self.loop.create_server(lambda w=worker: Caller(w), HOST, 0)  # type: ignore[misc]
            worker.address = server.sockets[0].getsockname()[:2]
            self.each.append(worker)
            servers.append(server)
        return servers

    async def leave(self, servers: list[asyncio.Server]) -> None:
        for server in servers:
            server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()


def addresses(some: Iterable[Worker]) -> str:
    """As UPSTREAMS has them."""
    return ",".join(f"{host}:{port}" for host, port in (one.address for one in some))


@contextmanager
def working(count: int) -> Iterator[Workers]:
    """So many workers, until the end of the block."""
    workers = Workers()
    loop = workers.loop
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        servers = asyncio.run_coroutine_threadsafe(workers.listen(count), loop).result()
        try:
            yield workers
        finally:
            asyncio.run_coroutine_threadsafe(workers.leave(servers), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
