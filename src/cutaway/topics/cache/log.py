"""The append-only file: every command that changed something, as it would be sent.

    *3\\r\\n$3\\r\\nSET\\r\\n$1\\r\\na\\r\\n$2\\r\\n41\\r\\n
    *2\\r\\n$4\\r\\nINCR\\r\\n$1\\r\\na\\r\\n                read again at the start: a is 42

What happened without a command is in it too (a key that ended or was evicted: DEL), what a command left
open is said as it came out (SPOP: SREM), and a lifetime as the moment at which it ends. What was done in
one go stands between MULTI and EXEC.

`write` hands the octets to the system: they survive the end of this program. `flush` (fdatasync) has the
disk take them: they survive the end of power. `always` does both before an answer leaves, once for all
clients that wrote in the same turn of the event loop; `everysec` flushes once a second, in a thread, as
it takes as long as a disk takes; `no` leaves it to the system.

A file whose end is torn is read up to its last whole command and cut there, as is a transaction without
its EXEC. Where something is wrong in the middle the server does not start: what follows cannot be trusted.

Left out: writing the file anew when it has grown (BGREWRITEAOF). It holds every change there ever was.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ...wire import Feed, WireError
from .client import Client, attempt
from .messages import Command, write_words
from .requests import read_command

if TYPE_CHECKING:
    from .connection import Connection
    from .server import Server

NAME = "appendonly.aof"
PIECE = 1 << 20
SECOND = 0.9  # between two flushes of everysec; the contract allows two


class BadLog(Exception):
    """One sentence for the person who started the program."""


@contextmanager
def fatal(path: Path) -> Iterator[None]:
    """What is in memory and cannot be in the log must not be acknowledged, so there is no going on."""
    try:
        yield
    except OSError as problem:
        print(
            f"{path} cannot be written: {problem.strerror}. Make room, and start again.",
            file=sys.stderr,
        )
        raise SystemExit(1) from None


class Log:
    """waiting: commands that the system does not have yet. dirty: it has some that the disk has not."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)  # the name of a new file is on disk only now
        os.close(folder)
        self.waiting: list[bytes] = []
        self.dirty = False
        self.always = False
        self.everysec = False
        self.flushed_at = 0.0
        self.flushing: Future[None] | None = None
        self.helper = ThreadPoolExecutor(1, thread_name_prefix="flush")
        self.held: dict[Connection, list[bytes | None]] = {}
        self.planned = False

    def append(self, words: tuple[bytes, ...]) -> None:
        self.waiting.append(write_words(words))

    def enclose(self, start: int) -> None:
        """What was appended from there on was done in one go."""
        self.waiting.insert(start, write_words((b"MULTI",)))
        self.append((b"EXEC",))

    def write(self) -> None:
        """The system has everything from here on."""
        data = memoryview(b"".join(self.waiting))
        self.waiting.clear()
        with fatal(self.path):
            while data:
                data = data[os.write(self.file, data) :]
                self.dirty = True

    def flush(self) -> None:
        """The disk has everything from here on."""
        self.write()
        if self.dirty:
            with fatal(self.path):
                os.fdatasync(self.file)
            self.dirty = False

    def tick(self, now: float) -> None:
        """Flush in a thread, where it is time."""
        if not self.everysec or not self.dirty or now - self.flushed_at < SECOND:
            return
        if self.flushing is not None:
            if not self.flushing.done():
                return
            with fatal(self.path):
                self.flushing.result()
        self.flushed_at, self.dirty = now, False
        self.flushing = self.helper.submit(os.fdatasync, self.file)

    # Answers wait for the disk.

    def holds(self, client: Connection, data: bytes) -> bool:
        """Whether these octets are kept back for now."""
        if self.waiting:
            if not self.always:
                self.write()
            elif not self.planned:
                self.planned = True
                asyncio.get_running_loop().call_soon(self.release)
        if not self.planned:
            return False
        self.held.setdefault(client, []).append(data)
        return True

    def holds_end(self, client: Connection) -> bool:
        """Whether the end of the connection has to wait as well."""
        if client not in self.held:
            return False
        self.held[client].append(None)
        return True

    def release(self) -> None:
        """One flush for all who wait."""
        self.planned = False
        self.flush()
        held, self.held = self.held, {}
        for client, parts in held.items():
            client.transport.write(b"".join(part for part in parts if part is not None))
            if None in parts:
                client.finish()

    def close(self) -> None:
        if self.flushing is not None:
            self.flushing.result()
        self.flush()
        self.helper.shutdown()
        os.close(self.file)


def load(server: Server, path: Path) -> int:
    """Do again what the log has; returns how many octets of it are good. Raises BadLog."""
    if not path.exists():
        return 0
    feed, reading = Feed(read_command), Replay(Client(server))
    server.space.clock.stopped = True
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            try:
                for command in feed.receive(piece):
                    reading.take(command)
            except WireError as error:
                raise BadLog(
                    f"{path} is broken behind byte {reading.whole}: {error}. "
                    f"Keep a copy, cut the file there, and start again."
                ) from None
    server.space.clock.stopped = False
    return reading.good


class Replay:
    """good: octets up to where nothing is left open."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.whole = self.good = 0
        self.open: list[tuple[bytes, ...]] | None = None

    def take(self, command: Command) -> None:
        self.whole += len(write_words(command.words))
        match command.name:
            case b"MULTI":
                self.open = []
                return
            case b"EXEC":
                for words in self.open or ():
                    attempt(self.client, words)
                self.open = None
            case _ if self.open is not None:
                self.open.append(command.words)
                return
            case _:
                attempt(self.client, command.words)
        self.good = self.whole


def opened(server: Server, folder: Path) -> Log:
    """The log of a folder, read and cut to what is good. Raises BadLog, OSError."""
    path = folder / NAME
    good = load(server, path)
    if path.exists() and path.stat().st_size > good:
        os.truncate(path, good)
    return Log(path)
