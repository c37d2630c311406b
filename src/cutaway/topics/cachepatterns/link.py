"""The way to the cache: commands out, values back, within a time limit, and left alone when it fails.

    [value] = await link.ask((b"GET", b"aside:k1"))
    async with link.session() as say:            one connection, kept for several questions
        _, found = await say((b"WATCH", key), (b"GET", key))
        await say((b"MULTI",), (b"DEL", key), (b"EXEC",))

Whoever asks a cache wants to be fast. One that is slow or gone must therefore cost less than it
saves: each session has CACHE_MS for all of it, and after three failures in a row nobody asks for
BREAK_MS (a breaker). What comes of a failure is `Away`, and who asked goes to the origin.

A connection on which an answer is still owed is closed and never used again: the answer would come
in the place of the next one's.

Left out: more than one cache, and any authentication.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from cutaway.net.settings import Address

from ...wire import Feed, WireError
from ..cache.codec import Command, Value, read_value

READ = 1 << 16
FAILURES = 3  # in a row, after which the cache is left alone
IDLE = 32  # connections that are kept

Words = tuple[bytes, ...]
Say = Callable[..., Awaitable[list[Value]]]


class Away(Exception):
    """The cache cannot be asked."""


class Connection:
    """One connection to the cache; questions and answers in turn."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.feed = Feed(read_value)

    async def say(self, *commands: Words) -> list[Value]:
        """All of them in one write; their answers in order. Raises OSError, WireError."""
        self.writer.write(b"".join(bytes(Command(words)) for words in commands))
        answers: list[Value] = []
        while len(answers) < len(commands):
            data = await self.reader.read(READ)
            if not data:
                raise ConnectionResetError("the cache ended the connection")
            answers += self.feed.receive(data)
        return answers

    def close(self) -> None:
        self.writer.transport.abort()


class Link:
    """patience: seconds for a session. pause: seconds for which a failing cache is left alone."""

    def __init__(self, address: Address, patience: float, pause: float) -> None:
        self.address, self.patience, self.pause = address, patience, pause
        self.idle: list[Connection] = []
        self.failures = 0
        self.closed_until = 0.0

    async def ask(self, *commands: Words) -> list[Value]:
        """Questions in one write, their answers. Raises Away."""
        async with self.session() as say:
            return await say(*commands)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Say]:
        """A connection for oneself. Raises Away."""
        if asyncio.get_running_loop().time() < self.closed_until:
            raise Away
        connection: Connection | None = None
        try:
            async with asyncio.timeout(self.patience):
                connection = self.idle.pop() if self.idle else await self.connect()
                yield connection.say
        except (OSError, WireError):
            self.failed()
            if connection is not None:
                connection.close()
            raise Away from None
        except BaseException:
            if connection is not None:
                connection.close()
            raise
        self.failures = 0
        self.keep(connection)

    async def connect(self) -> Connection:
        return Connection(*await asyncio.open_connection(*self.address))

    def keep(self, connection: Connection) -> None:
        if len(self.idle) < IDLE:
            self.idle.append(connection)
        else:
            connection.close()

    def failed(self) -> None:
        """Connections made before a failure are not to be trusted either."""
        while self.idle:
            self.idle.pop().close()
        self.failures += 1
        if self.failures >= FAILURES:
            self.closed_until = asyncio.get_running_loop().time() + self.pause
