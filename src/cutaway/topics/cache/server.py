"""The reference: every line of the contract.

    PORT=6379 python -m cutaway.topics.cache.server
    redis-cli -p 6379

One thread does everything, one command after the other, so no command ever sees half of another: no lock
is needed and none would help. What takes long holds up all clients, which is why KEYS on a million keys
is a mistake, here as in Valkey.

In reading order: connection (octets in, answers out), commands (the table), strings, keys and the other
kinds of values, keyspace (what they all change), memory (what has to go), log (what survives).

Left out: snapshots, replication, blocking commands, streams, scripts, several databases, passwords.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from cutaway.net.serve import CANNOT_LISTEN, USAGE, port_from, serve
from cutaway.net.settings import BadSetting

from . import transactions
from .clock import Clock
from .commands import find
from .connection import Connection
from .keyspace import Keyspace
from .log import BadLog, Log, opened
from .memory import order_for
from .publish import Hub
from .replies import OUT_OF_MEMORY, Failure
from .scans import Scans
from .settings import FLUSHING, Settings

if TYPE_CHECKING:
    from .client import Client
    from .commands import Command

TICK = 0.1  # seconds between two looks at what is due
SLICE = 0.025  # seconds of it that may go by for keys that end: the clients wait meanwhile
AT_ONCE = 1000  # keys that end between two looks at the clock
DRAIN_SECONDS = 4.5
SETTLE_SECONDS = 0.05  # in which what the kernel holds already is read
LAST_SECONDS = 2.0  # in which clients may take what is owed to them


class Server:
    """What the clients share. Calling it makes a connection."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.space = Keyspace(Clock())
        self.hub = Hub()
        self.scans = Scans(self.space)
        self.clients: dict[int, Connection] = {}
        self.log: Log | None = None
        self.logged: tuple[bytes, ...] | None = None
        self.careful = False
        self.draining = False
        self.kept = (self.settings.policy, self.settings.samples)
        self.evicted = 0
        self.began = time.monotonic()
        self.last_id = 0
        self.timer: asyncio.TimerHandle | None = None
        self.empty = asyncio.Event()

    def __call__(self) -> Connection:
        if self.timer is None:
            self.tick()
        return Connection(self)

    def next_id(self) -> int:
        self.last_id += 1
        return self.last_id

    # Commands that change something.

    def write(self, client: Client, command: Command, words: tuple[bytes, ...]) -> bytes:
        """Do a command; make room before it, and log it behind it."""
        if "m" in command.flags:
            self.make_room()
        space, self.logged = self.space, None
        before = space.changes
        answer = command.run(client, words)
        if self.log is not None and space.changes != before:
            self.log.append(self.logged or words)
        return answer

    def log_as(self, words: tuple[bytes, ...]) -> None:
        """What the log shall have in place of the command that is being done."""
        self.logged = words

    def together(self, client: Client, queue: list[tuple[bytes, ...]]) -> list[bytes]:
        """Several commands in one go, in the log too."""
        start = len(self.log.waiting) if self.log is not None else 0
        answers = []
        for words in queue:
            command = find(words)
            try:
                run = self.write if command.writes else run_only
                answers.append(run(client, command, words))
            except Failure as failure:
                answers.append(bytes(failure))
        if self.log is not None and len(self.log.waiting) > start + 1:
            self.log.enclose(start)
        return answers

    def in_state(self, client: Client, command: Command, words: tuple[bytes, ...]) -> bytes:
        return transactions.in_state(client, command, words)

    def failed(self, client: Client) -> None:
        transactions.failed(client)

    # Memory.

    def settings_changed(self) -> None:
        """Keep the order of keys that the policy needs, from now on."""
        settings, space = self.settings, self.space
        kept = (settings.policy, settings.samples)
        if kept != self.kept:
            self.kept = kept
            space.order = order_for(*kept, space.values)
        self.careful = bool(settings.maxmemory) or self.log is not None
        if self.log is not None:
            self.log.always = settings.appendfsync == b"always"
            self.log.everysec = settings.appendfsync == b"everysec"

    def make_room(self) -> None:
        """Remove keys until there is room. Raises Failure where nothing can go.

        spec    Valkey key eviction §How the eviction process works
        """
        limit, space = self.settings.maxmemory, self.space
        while limit and space.used > limit:
            victim = self.victim()
            if victim is None:
                raise OUT_OF_MEMORY
            space.let_go(victim)
            self.evicted += 1

    def victim(self) -> bytes | None:
        if self.settings.policy == b"volatile-ttl":
            return self.space.soonest()
        return self.space.order.victim() if self.space.order is not None else None

    # Time.

    def tick(self) -> None:
        """Ten times a second, sooner where something was left: what is due."""
        loop = asyncio.get_running_loop()
        until, left = loop.time() + SLICE, True
        while left and loop.time() < until:
            left = self.space.expire(AT_ONCE) == AT_ONCE
        if self.log is not None:
            self.log.write()
            self.log.tick(loop.time())
        self.timer = loop.call_later(SLICE if left else TICK, self.tick)

    def do_what_is_due(self) -> None:
        """All of it, at once."""
        self.space.expire(len(self.space.ends))
        if self.log is not None:
            self.log.flush()

    # The beginning and the end.

    def keep_log(self, folder: Path) -> None:
        """Read what is there and go on from it. Raises BadLog, OSError."""
        self.log = opened(self, folder)
        self.space.on_gone = self.note_gone
        self.settings_changed()

    def note_gone(self, key: bytes) -> None:
        if self.log is not None:
            self.log.append((b"DEL", key))

    def forget(self, connection: Connection) -> None:
        self.clients.pop(connection.id, None)
        transactions.forget_watched(connection)
        self.hub.forget(connection)
        if not self.clients:
            self.empty.set()

    async def drain(self) -> None:
        """Returns once what had arrived is answered and every connection is closed."""
        await asyncio.sleep(SETTLE_SECONDS)
        self.draining = True
        self.empty.clear()
        for connection in list(self.clients.values()):
            connection.close()
        if self.clients:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.empty.wait(), LAST_SECONDS)
        for connection in list(self.clients.values()):
            connection.transport.abort()
        if self.timer is not None:
            self.timer.cancel()


def run_only(client: Client, command: Command, words: tuple[bytes, ...]) -> bytes:
    return command.run(client, words)


def settings_from(environ: Mapping[str, str]) -> Settings:
    """Raises BadSetting."""
    appendonly = environ.get("APPENDONLY", "no").lower()
    flushing = environ.get("APPENDFSYNC", "everysec").lower().encode("utf-8", "replace")
    if appendonly not in ("yes", "no"):
        raise BadSetting(f"APPENDONLY is {appendonly!r}: set it to yes or no")
    if flushing not in FLUSHING:
        raise BadSetting(f"APPENDFSYNC is {flushing.decode()!r}: set it to always, everysec or no")
    return Settings(appendonly=appendonly == "yes", appendfsync=flushing)


def main() -> int:
    """Serve until told to stop; returns the exit code."""
    port = port_from("PORT")
    try:
        settings = settings_from(os.environ)
    except BadSetting as problem:
        print(problem, file=sys.stderr)
        return USAGE
    with contextlib.ExitStack() as stack:
        path = os.environ.get("DATA_DIR") or stack.enter_context(of_its_own())
        server = Server(settings)
        try:
            if settings.appendonly:
                server.keep_log(Path(path))
        except OSError as problem:
            print(f"DATA_DIR is {path!r}: {problem.strerror}. Name a folder.", file=sys.stderr)
            return CANNOT_LISTEN
        except BadLog as problem:
            print(problem, file=sys.stderr)
            return CANNOT_LISTEN
        code = serve({port: server}, server.drain, announce, DRAIN_SECONDS)
        if server.log is not None:
            server.log.close()
        return code


def of_its_own() -> contextlib.AbstractContextManager[str]:
    """A folder that goes with the program. Most are given one, and start sooner without the import."""
    from tempfile import TemporaryDirectory

    return TemporaryDirectory()


def announce(ports: list[int]) -> None:
    """Say where the server is. What was made by now stays, so it is not looked at for garbage."""
    gc.collect()
    gc.freeze()
    print(f"redis://127.0.0.1:{ports[0]}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
