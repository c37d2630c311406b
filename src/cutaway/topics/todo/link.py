"""The way to a server that speaks RESP: commands out, values back, within a limit of time.

    [value] = await link.ask((b"GET", b"todo:k1"))     on a connection that all share
    wire = await link.take()                           one for oneself: WATCH belongs to a connection
    await wire.say((b"WATCH", key), (b"GET", key))
    link.give_back(wire)

On the shared connection questions follow each other without waiting, and answers come in the order
of the questions: each is handed to whoever asked. A connection on which an answer did not come in
time is closed, since everything behind it waits too; the next question makes a new one. What has
ended while it was idle is noticed at once, and a question that meets such an end is asked again, as
long as it is one that may be.

What comes of any failure is `Away`.

Left out: more than one server, passwords, and what to do when it is away. See repository and cached.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import cast

from cutaway.net.settings import Address

from ...wire import Feed, WireError
from ..cache.codec import Command, Value, read_value

IDLE = 16  # connections for oneself that are kept

Words = tuple[bytes, ...]


class Away(Exception):
    """The server cannot be asked, or did not answer in time."""


class Asked:
    """Questions in one write, and the answers that have come."""

    __slots__ = ("answers", "count", "future")

    def __init__(self, count: int, future: asyncio.Future[list[Value]]) -> None:
        self.count, self.future = count, future
        self.answers: list[Value] = []


class Wire(asyncio.Protocol):
    """One connection. fresh: nothing was answered on it yet."""

    def __init__(self) -> None:
        self.feed = Feed(read_value)
        self.asked: deque[Asked] = deque()
        self.fresh = True
        self.closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.fresh = False
        try:
            for value in self.feed.receive(data):
                self.answered(value)
        except (WireError, IndexError):  # no RESP, or an answer to nothing
            self.close()

    def answered(self, value: Value) -> None:
        first = self.asked[0]
        first.answers.append(value)
        if len(first.answers) == first.count:
            self.asked.popleft()
            if not first.future.done():
                first.future.set_result(first.answers)

    def connection_lost(self, error: Exception | None) -> None:
        self.close()

    def close(self) -> None:
        """Now. Whoever still waits is told so."""
        self.closed = True
        self.transport.abort()
        while self.asked:
            future = self.asked.popleft().future
            if not future.done():
                future.set_exception(ConnectionResetError("the connection ended"))

    def say(self, *commands: Words) -> asyncio.Future[list[Value]]:
        """All of them in one write; their answers in order. The future raises OSError."""
        future: asyncio.Future[list[Value]] = asyncio.get_running_loop().create_future()
        if self.closed:
            future.set_exception(ConnectionResetError("the connection has ended"))
            return future
        self.asked.append(Asked(len(commands), future))
        self.transport.write(b"".join([bytes(Command(words)) for words in commands]))
        return future


class Link:
    """patience: seconds for a question, the connection included."""

    def __init__(self, address: Address, patience: float) -> None:
        self.address, self.patience = address, patience
        self.shared: Wire | None = None
        self.opening = asyncio.Lock()
        self.idle: list[Wire] = []

    async def ask(self, *commands: Words, patience: float = 0.0) -> list[Value]:
        """On the shared connection: only what may be asked twice. Raises Away."""
        wire: Wire | None = None
        try:
            async with asyncio.timeout(patience or self.patience):
                wire = await self.common()
                fresh = wire.fresh
                try:
                    return await wire.say(*commands)
                except ConnectionError:
                    if fresh:
                        raise
                wire = await self.common()
                return await wire.say(*commands)
        except asyncio.CancelledError:  # somebody has a shorter limit of time than this one
            break_off(wire)
            raise
        except OSError:  # a time limit that is over is one too
            break_off(wire)
            raise Away from None

    async def common(self) -> Wire:
        """The shared connection, made anew where it has ended. Raises OSError."""
        if self.shared is None or self.shared.closed:
            async with self.opening:
                if self.shared is None or self.shared.closed:
                    self.shared = await self.connect()
        return self.shared

    async def connect(self) -> Wire:
        loop = asyncio.get_running_loop()
        _, wire = await loop.create_connection(Wire, *self.address)
        return wire

    # One for oneself.

    async def take(self) -> Wire:
        """Raises OSError."""
        while self.idle:
            wire = self.idle.pop()
            if not wire.closed:
                return wire
        return await self.connect()

    def give_back(self, wire: Wire) -> None:
        """It watches nothing, and every answer has come; else it is closed."""
        if wire.closed or wire.asked or len(self.idle) >= IDLE:
            wire.close()
        else:
            self.idle.append(wire)

    def close(self) -> None:
        for wire in [*self.idle, *([self.shared] if self.shared else [])]:
            wire.close()
        self.idle.clear()


def break_off(wire: Wire | None) -> None:
    """An answer is owed on it: nobody may ask anything behind that."""
    if wire is not None:
        wire.close()
