"""The reference part: an HTTP/1.1 server on one thread.

    PORT=8080 DATA_DIR=folder python -m cutaway.topics.http1.server

In reading order: target and conditions (what a request says), app and files (what is done),
answer and body (what goes out and comes in), accept (what is refused), connection (one client), and
here what the clients share: the folder, the clocks, and the way to stop.

Left out: TLS, more than one thread, a limit on connections, and a log.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import sys
import tempfile
from collections.abc import Callable

from ...net.serve import CANNOT_LISTEN, port_from, serve
from .connection import HEAD_SECONDS, Connection
from .files import Folder

LINGER_SECONDS = 2.0
DRAIN_SECONDS = 30.0
SETTLE_SECONDS = 0.02  # what the kernel already holds for us at SIGTERM is still read


class Deadlines:
    """One timer for all connections that have the same time for the same thing.

    As all of them wait equally long, the first that started is the first that is due.
    """

    def __init__(self, seconds: float, due: Callable[[Connection], None]) -> None:
        self.seconds, self.due = seconds, due
        self.waiting: dict[Connection, float] = {}
        self.timer: asyncio.TimerHandle | None = None

    def start(self, connection: Connection) -> None:
        """Start the clock of a connection. One that runs already runs on."""
        loop = asyncio.get_running_loop()
        self.waiting.setdefault(connection, loop.time() + self.seconds)
        if self.timer is None:
            self.timer = loop.call_later(self.seconds, self.ring)

    def stop(self, connection: Connection) -> None:
        self.waiting.pop(connection, None)

    def ring(self) -> None:
        """See to all that are due, and wake again for the next."""
        loop = asyncio.get_running_loop()
        while self.waiting:
            connection, moment = next(iter(self.waiting.items()))
            if moment > loop.time():
                self.timer = loop.call_at(moment, self.ring)
                return
            del self.waiting[connection]
            self.due(connection)
        self.timer = None


class Server:
    """What the connections share. Calling it makes one."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.connections: set[Connection] = set()
        self.heads = Deadlines(HEAD_SECONDS, Connection.too_slow)
        self.lingers = Deadlines(LINGER_SECONDS, Connection.time_is_up)
        self.draining = False
        self.empty = asyncio.Event()

    def __call__(self) -> Connection:
        return Connection(self)

    def forget(self, connection: Connection) -> None:
        self.connections.discard(connection)
        self.heads.stop(connection)
        self.lingers.stop(connection)
        if not self.connections:
            self.empty.set()

    async def drain(self) -> None:
        """Returns once everything that was begun is answered and every connection is closed."""
        self.draining = True
        await asyncio.sleep(SETTLE_SECONDS)
        self.empty.clear()
        for connection in list(self.connections):
            connection.stop()
        if self.connections:
            await self.empty.wait()


def main() -> int:
    """Serve until told to stop; returns the exit code."""
    port = port_from("PORT")
    with contextlib.ExitStack() as stack:
        path = os.environ.get("DATA_DIR") or stack.enter_context(tempfile.TemporaryDirectory())
        try:
            server = Server(Folder(path))
        except OSError as problem:
            print(f"DATA_DIR is {path!r}: {problem.strerror}. Name a folder.", file=sys.stderr)
            return CANNOT_LISTEN
        return serve({port: server}, server.drain, announce, DRAIN_SECONDS)


def announce(ports: list[int]) -> None:
    """Say where the server is. What was made by now stays, so it is not looked at for garbage."""
    gc.collect()
    gc.freeze()
    print(f"http://127.0.0.1:{ports[0]}/", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
