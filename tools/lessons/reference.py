r"""A reference part, started for a lesson, and one client of it.

The clock that it shows is set to the example of RFC 9110 §5.6.7, "Sun, 06 Nov 1994 08:49:37 GMT",
so that a lesson made twice is the same lesson. Its timers run as ever: they ask another clock.

    with reference("http1") as ports, Client(ports["PORT"]) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        client.hear()

Left out: what a learner's program needs to be started. See cutaway.process.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from cutaway.process.ports import accepts, free_ports

from .blocks import Wrong
from .source import ROOT, TOPICS

EXAMPLE_DATE = 784111777
PINNED = (
    "import runpy, sys, time\n"
    f"time.time = lambda: {EXAMPLE_DATE}.0\n"
    "runpy.run_module(sys.argv.pop(1), run_name='__main__')\n"
)
PAGE = b"the same line again\n" * 100  # large enough to be worth compressing
START = 10.0  # seconds to listen
ANSWER = 5.0  # seconds to the first octet of an answer
SILENCE = 0.4  # seconds after which nothing more is on its way


@contextlib.contextmanager
def reference(topic: str) -> Iterator[dict[str, int]]:
    """The topic's server; gives the ports by the names of their variables."""
    said = tomllib.loads((TOPICS / topic / "topic.toml").read_text(encoding="utf-8"))
    names = [n for n in said["environment"] if n.endswith("PORT")]
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    command = [sys.executable, "-c", PINNED, f"cutaway.topics.{topic}.server"]
    with program(command, ports):
        yield ports


@contextlib.contextmanager
def streams() -> Iterator[dict[str, int]]:
    """The server of streams.py."""
    ports = dict(zip(["PORT"], free_ports(1), strict=True))
    with program([sys.executable, "-m", "tools.lessons.streams"], ports):
        yield ports


@contextlib.contextmanager
def program(
    command: list[str], ports: dict[str, int], settings: Mapping[str, str] = MappingProxyType({})
) -> Iterator[subprocess.Popen[bytes]]:
    """A program that listens on these ports, ended when the block is left."""
    with tempfile.TemporaryDirectory() as data:
        (Path(data) / "page.txt").write_bytes(PAGE)
        given = {name: str(port) for name, port in ports.items()} | {"DATA_DIR": data, **settings}
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | given, stderr=subprocess.DEVNULL
        )
        try:
            for port in ports.values():
                wait_for(port, process)
            yield process
        finally:
            process.kill()
            process.wait()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START
    while not accepts(port, 1.0):
        if process.poll() is not None or time.monotonic() > end:
            raise Wrong(f"nothing listens on port {port}, which was given to {process.args!r}")
        time.sleep(0.01)


class Client:
    """One connection. `ended`: the server has closed it."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.ended = False

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *details: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def finish(self) -> None:
        """Half-close: nothing more will be sent."""
        self.socket.shutdown(socket.SHUT_WR)

    def hear(self, first: float = ANSWER) -> bytes:
        """What comes up to a silence. `first`: seconds in which it has to begin."""
        heard = bytearray()
        self.socket.settimeout(first)
        with contextlib.suppress(TimeoutError):
            while not self.ended:
                data = self.socket.recv(65536)
                self.ended = not data
                heard += data
                self.socket.settimeout(SILENCE)
        return bytes(heard)
