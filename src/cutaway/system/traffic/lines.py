"""Connections to where the traffic goes: a few that are used again and again, and a queue in front.

    pool = Pool(Where("127.0.0.1", 8443, Tls(ca, keys)), told)
    pool.ask(request)          now, when a connection is idle; else when one is, or a new one stands
    pool.expire(now)           what has waited too long has failed

    request ──▶ idle? ──yes──▶ sent ──▶ answered ──▶ told(request), connection idle again
                 │no            ╰──▶ closed, reset, no answer ──▶ told(request): why
                 ▼
               queue (QUEUE at most; behind that: told at once) ──▶ fewer than LINES? one more

A server may close an idle connection just when a request is on its way to it. Then there is no octet
of an answer, and the request is asked once more on another connection if it may be (RFC 9112 §9.3.1);
that is counted. Connections that were idle for long are closed from here, so it seldom happens.

Secrets of TLS go to a file that is made beforehand for its owner alone, so that what passes can be
opened by who may: unsealed.py.

Left out: pipelining, HTTP/2. One request at a time is on a connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from .asking import Answer, Answers, NoAnswer

LINES = 64  # connections
QUEUE = 2000  # requests that wait for one
PATIENCE = 10.0  # seconds from the moment that a request was meant for
IDLE = 4.0  # seconds after which an idle connection is closed
CROWDED = "it could not be sent: too many waited already"
LATE = f"no answer within {PATIENCE:g} s"


@dataclass(frozen=True, slots=True)
class Tls:
    """ca: whose certificates are trusted. keys: where secrets go. name: that the certificate has."""

    ca: str
    keys: str
    name: str = "localhost"


@dataclass(frozen=True, slots=True)
class Where:
    """host: what requests say in their Host field."""

    address: str
    port: int
    tls: Tls | None = None
    host: str = "todo.localhost"

    @classmethod
    def of(cls, address: str, tls: Tls | None = None) -> Where:
        """address: as HOST:PORT."""
        host, _, port = address.rpartition(":")
        return cls(host, int(port), tls)


class Carried(Protocol):
    """again: it may be sent a second time without harm."""

    octets: bytes
    again: bool


@dataclass(slots=True, eq=False)
class Request:
    """One on its way. Times in monotonic seconds; ended: its last octet was there, or it failed.

    port  of this end of the connection that it went over; 0: none did
    """

    number: int
    what: Carried
    intended: float
    sent: float = 0.0
    ended: float = 0.0
    port: int = 0
    tries: int = 0
    why: str = ""


#: The answer, or None: `why` says why there is none.
Told = Callable[[Request, Answer | None], None]


class Line(asyncio.Protocol):
    """One connection."""

    def __init__(self, pool: Pool) -> None:
        self.pool, self.answers = pool, Answers()
        self.request: Request | None = None
        self.port = self.used = 0
        self.rested = False  # it was idle, if only after it was opened
        self.since = 0.0  # when it was last used
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def carry(self, request: Request) -> None:
        self.request, request.port = request, self.port
        self.used += 1
        request.sent = time.monotonic()
        self.transport.write(request.what.octets)

    def data_received(self, data: bytes) -> None:
        now, request = time.monotonic(), self.request
        if request is None:
            self.close()  # nobody asked
            return
        try:
            answer = self.answers.feed(data)
        except NoAnswer as problem:
            self._failed(str(problem), now)
            return
        if answer is not None:
            self._answered(request, answer, now)

    def eof_received(self) -> None:
        now, request = time.monotonic(), self.request
        answer = self.answers.end() if request is not None else None
        if request is not None and answer is not None:
            self._answered(request, answer, now)

    def connection_lost(self, error: Exception | None) -> None:
        reset = isinstance(error, ConnectionResetError | BrokenPipeError)
        self._failed("the connection was reset" if reset else "the connection was closed")

    def close(self, gently: bool = False) -> None:
        self.pool.forget(self)
        if gently:
            self.transport.close()
        else:
            self.transport.abort()

    def _answered(self, request: Request, answer: Answer, now: float) -> None:
        self.request, self.since, request.ended = None, now, now
        if answer.keep:
            self.pool.free(self)
        else:
            self.close()
        self.pool.told(request, answer)

    def _failed(self, why: str, now: float = 0.0) -> None:
        request, self.request = self.request, None
        began = self.answers.began
        self.close()
        if request is None:
            return
        idle_before = self.used > 1 or self.rested
        if idle_before and not began and request.what.again and not request.tries:
            request.tries += 1
            self.pool.again(request)
        else:
            self.pool.failed(request, why, now)


class Pool:
    """told: what became of each request, once. woke: nobody's patience counts from before."""

    def __init__(self, where: Where, told: Told) -> None:
        self.where, self.told = where, told
        self.idle: list[Line] = []
        self.lines: set[Line] = set()
        self.opening = self.again_count = 0
        self.woke = 0.0
        self.queue: deque[Request] = deque()
        self._context = context(where.tls) if where.tls else None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def under_way(self) -> int:
        return len(self.queue) + sum(line.request is not None for line in self.lines)

    def ask(self, request: Request) -> None:
        if self.idle and not self.queue:
            self.idle.pop().carry(request)
        elif len(self.queue) >= QUEUE:
            self.failed(request, CROWDED)
        else:
            self.queue.append(request)
            self._grow()

    def again(self, request: Request) -> None:
        """On a new connection, before all others."""
        self.again_count += 1
        self.queue.appendleft(request)
        self._grow()

    def failed(self, request: Request, why: str, now: float = 0.0) -> None:
        request.why, request.ended = why, now or time.monotonic()
        self.told(request, None)

    def free(self, line: Line) -> None:
        if self.queue and not (self.queue[0].tries and line.used):  # that one gets a new one
            line.carry(self.queue.popleft())
        else:
            line.rested = True
            self.idle.append(line)

    def forget(self, line: Line) -> None:
        self.lines.discard(line)
        if line in self.idle:
            self.idle.remove(line)
        self._grow()

    def expire(self, now: float) -> None:
        oldest = now - PATIENCE if now - self.woke > PATIENCE else 0.0
        while self.queue and self.queue[0].intended <= oldest:
            self.failed(self.queue.popleft(), LATE)
        for line in list(self.lines):
            if line.request is not None and line.request.intended <= oldest:
                request, line.request = line.request, None
                line.close()
                self.failed(request, LATE)
        for line in [line for line in self.idle if line.since < now - IDLE]:
            line.close(gently=True)

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        self.queue.clear()
        for line in list(self.lines):
            line.request = None
            line.close()

    def _grow(self) -> None:
        while self.opening < len(self.queue) and self.opening + len(self.lines) < LINES:
            self.opening += 1
            task = asyncio.get_running_loop().create_task(self._open())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _open(self) -> None:
        """One more connection. The first of the queue gets it, or fails with it."""
        where, loop = self.where, asyncio.get_running_loop()
        name = where.tls.name if where.tls else None
        try:
            _, line = await asyncio.wait_for(
                loop.create_connection(
                    lambda: Line(self),
                    where.address,
                    where.port,
                    ssl=self._context,
                    server_hostname=name,
                    ssl_shutdown_timeout=1.0 if name else None,
                ),
                PATIENCE,
            )
            if line.transport.is_closing():
                raise ConnectionResetError
        except (OSError, TimeoutError) as problem:
            self.opening -= 1
            if self.queue:
                self.failed(self.queue.popleft(), not_opened(problem))
            self._grow()
            return
        self.opening -= 1
        self.lines.add(line)
        line.since = time.monotonic()
        self.free(line)


def context(tls: Tls) -> ssl.SSLContext:
    """Raises OSError."""
    made = ssl.create_default_context(cafile=tls.ca)
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    made.set_alpn_protocols(["http/1.1"])
    with contextlib.suppress(FileExistsError):
        os.close(os.open(tls.keys, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    Path(tls.keys).chmod(0o600)
    made.keylog_filename = tls.keys
    return made


def not_opened(problem: Exception) -> str:
    if isinstance(problem, ssl.SSLError):
        return f"the handshake failed: {problem.reason or problem}"
    if isinstance(problem, ConnectionRefusedError):
        return "the connection was refused"
    if isinstance(problem, TimeoutError):
        return "no connection within 10 s"
    return f"no connection: {getattr(problem, 'strerror', None) or problem}"
