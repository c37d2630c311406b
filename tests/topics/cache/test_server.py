"""The reference over real sockets: what the stages do not look at, and what clients must not be able to do."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import redis

from cutaway.process import free_ports
from cutaway.topics.cache.codec import (
    Array,
    Bulk,
    Command,
    Error,
    Integer,
    Map,
    Null,
    Push,
    Simple,
    Value,
    Verbatim,
    read_value,
)
from cutaway.wire import NeedMore, Reader

SOON = 20.0  # seconds; nothing here waits for so long unless it fails
MIB = 1 << 20


class Running:
    """The server as a program of its own."""

    def __init__(self, folder: Path, **environment: str) -> None:
        [self.port] = free_ports(1)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cutaway.topics.cache.server"],
            env={**os.environ, "PORT": str(self.port), "DATA_DIR": str(folder), **environment},
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2000):
            with contextlib.suppress(ConnectionRefusedError):
                self.line().close()
                return
            if self.process.poll() is not None:
                raise AssertionError(self.process.communicate()[1])
            time.sleep(0.01)
        raise AssertionError("it does not listen")

    def line(self) -> "Line":
        return Line(self.port)

    def memory(self) -> int:
        return int(psutil.Process(self.process.pid).memory_info().rss)

    def stop(self) -> int:
        """The exit code after SIGTERM."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(SOON)

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


class Line:
    """One connection."""

    def __init__(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=SOON)
        self.rest = b""

    def send(self, *commands: str | tuple[bytes, ...]) -> None:
        self.sock.sendall(b"".join(bytes(Command(words_of(each))) for each in commands))

    def next(self) -> Value:
        while True:
            with contextlib.suppress(NeedMore):
                r = Reader(self.rest)
                value = read_value(r)
                self.rest = self.rest[r.pos :]
                return value
            data = self.sock.recv(MIB)
            if not data:
                raise EOFError
            self.rest += data

    def ask(self, *commands: str | tuple[bytes, ...]) -> list[Value]:
        self.send(*commands)
        return [self.next() for _ in commands]

    def close(self) -> None:
        self.sock.close()


def words_of(command: str | tuple[bytes, ...]) -> tuple[bytes, ...]:
    return tuple(command.encode().split()) if isinstance(command, str) else command


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("data"))
    yield running
    running.end()


@pytest.fixture
def line(server: Running) -> Iterator[Line]:
    line = server.line()
    line.ask("FLUSHALL")
    yield line
    line.close()


CONVERSATIONS: list[tuple[str, list[tuple[str, Value]]]] = [
    (
        "the first commands of a client library",
        [
            ("CLIENT SETINFO LIB-NAME redis-py", Simple(b"OK")),
            ("CLIENT SETNAME me", Simple(b"OK")),
            ("CLIENT GETNAME", Bulk(b"me")),
            ("SELECT 0", Simple(b"OK")),
            ("SELECT 1", Error(b"ERR DB index is out of range")),
        ],
    ),
    (
        "a transaction with a command that fails when it is done",
        [
            ("SET a x", Simple(b"OK")),
            ("MULTI", Simple(b"OK")),
            ("INCR a", Simple(b"QUEUED")),
            ("SET b 1", Simple(b"QUEUED")),
            ("EXEC", Array((
                Error(b"ERR value is not an integer or out of range"), Simple(b"OK"),
            ))),
        ],
    ),
    (
        "a transaction with a command that cannot be put in line",
        [
            ("MULTI", Simple(b"OK")),
            ("GET", Error(b"ERR wrong number of arguments for 'get' command")),
            ("GET a", Simple(b"QUEUED")),
            ("EXEC", Error(b"EXECABORT Transaction discarded because of previous errors.")),
            ("EXEC", Error(b"ERR EXEC without MULTI")),
        ],
    ),
    (
        "a lifetime under a clock that is moved",
        [
            ("SET a 1 PX 5000", Simple(b"OK")),
            ("SET b 1 EX 100", Simple(b"OK")),
            ("CLOCK ADVANCE 10000", Simple(b"OK")),
            ("DBSIZE", Integer(1)),
            ("TTL b", Integer(90)),
            ("TTL a", Integer(-2)),
        ],
    ),
    (
        "a watched key that ends is a change",
        [
            ("SET a 1 PX 5000", Simple(b"OK")),
            ("WATCH a", Simple(b"OK")),
            ("CLOCK ADVANCE 10000", Simple(b"OK")),
            ("MULTI", Simple(b"OK")),
            ("PING", Simple(b"QUEUED")),
            ("EXEC", Array(None)),
        ],
    ),
    (
        "no memory, no writes, but reads",
        [
            ("SET a 1", Simple(b"OK")),
            ("CONFIG SET maxmemory 1", Simple(b"OK")),
            ("SET b 1", Error(b"OOM command not allowed when used memory > 'maxmemory'.")),
            ("GET a", Bulk(b"1")),
            ("DEL a", Integer(1)),
            ("CONFIG SET maxmemory 0 maxmemory-policy noeviction", Simple(b"OK")),
            ("CONFIG GET maxmemory", Array((Bulk(b"maxmemory"), Bulk(b"0")))),
        ],
    ),
    (
        "RESP3 says what it means",
        [
            ("HELLO 4", Error(b"NOPROTO unsupported protocol version")),
            ("GET nothing", Bulk(None)),
            ("HSET h f v", Integer(1)),
            ("HGETALL h", Array((Bulk(b"f"), Bulk(b"v")))),
            ("RESET", Simple(b"RESET")),
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("says", "steps"), CONVERSATIONS, ids=[says.replace(" ", "-") for says, _ in CONVERSATIONS]
)
def test_a_conversation_goes(line: Line, says: str, steps: list[tuple[str, Value]]) -> None:
    assert line.ask(*[command for command, _ in steps]) == [value for _, value in steps]


def test_hello_3_changes_what_is_answered_from_then_on(line: Line) -> None:
    [hello, nothing, _, pairs, text] = line.ask(
        "HELLO 3", "GET nothing", "HSET h f v", "HGETALL h", "INFO memory"
    )
    assert isinstance(hello, Map)
    assert dict(hello.pairs)[Bulk(b"proto")] == Integer(3)
    assert (nothing, pairs) == (Null(), Map(((Bulk(b"f"), Bulk(b"v")),)))
    assert isinstance(text, Verbatim)
    assert text.text.startswith(b"# Memory\r\nused_memory:")


def test_a_message_reaches_channels_and_patterns_in_both_versions(
    server: Running, line: Line
) -> None:
    old, new = server.line(), server.line()
    new.ask("HELLO 3")
    assert old.ask("SUBSCRIBE news") == [Array((Bulk(b"subscribe"), Bulk(b"news"), Integer(1)))]
    assert new.ask("PSUBSCRIBE n*") == [Push((Bulk(b"psubscribe"), Bulk(b"n*"), Integer(1)))]
    assert line.ask("PUBLISH news hi") == [Integer(2)]
    assert old.next() == Array((Bulk(b"message"), Bulk(b"news"), Bulk(b"hi")))
    assert new.next() == Push((Bulk(b"pmessage"), Bulk(b"n*"), Bulk(b"news"), Bulk(b"hi")))
    [refused] = old.ask("GET a")
    assert isinstance(refused, Error)
    assert new.ask("GET a") == [Null()]
    old.close()
    new.close()
    while line.ask("PUBLISH news hi") != [Integer(0)]:
        time.sleep(0.01)


def test_a_batch_is_answered_in_order_however_it_is_cut(line: Line) -> None:
    wire = b"".join(bytes(Command((b"ECHO", b"%d" % n * (n % 50)))) for n in range(300))
    for at in range(0, len(wire), 997):
        line.sock.sendall(wire[at : at + 997])
    assert [line.next() for _ in range(300)] == [Bulk(b"%d" % n * (n % 50)) for n in range(300)]


def test_scan_meets_every_key_that_is_there_all_the_time(line: Line) -> None:
    line.ask(*[f"SET key:{n} {n}" for n in range(500)])
    seen, cursor = set[bytes](), b"0"
    for turn in range(1000):
        [found] = line.ask((b"SCAN", cursor, b"COUNT", b"7"))
        assert isinstance(found, Array)
        at, some = found.items or ()
        assert isinstance(at, Bulk)
        assert isinstance(some, Array)
        seen |= {one.data or b"" for one in some.items or () if isinstance(one, Bulk)}
        line.ask(f"SET other:{turn} x", f"DEL other:{turn - 3}")
        cursor = at.data or b""
        if cursor == b"0":
            break
    assert {b"key:%d" % n for n in range(500)} <= seen


def test_a_protocol_error_is_said_behind_what_went_ahead_and_ends_the_connection(
    line: Line,
) -> None:
    line.sock.sendall(bytes(Command((b"PING",))) + b"*1\r\n$-1\r\n" + b"x" * 100_000)
    assert line.next() == Simple(b"PONG")
    error = line.next()
    assert isinstance(error, Error)
    assert error.text.startswith(b"ERR Protocol error")
    with pytest.raises(EOFError):
        line.next()


@pytest.mark.parametrize("first", [b"POST / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n"])
def test_a_web_page_is_turned_away(line: Line, first: bytes) -> None:
    line.sock.sendall(first + b"\r\nSET hacked 1\r\n")
    said = []
    with contextlib.suppress(EOFError):
        while len(said) < 4:
            said.append(line.next())
    assert 1 <= len(said) <= 2
    assert all(isinstance(one, Error) for one in said)


@pytest.mark.alone
def test_who_asks_and_never_reads_costs_little_memory(server: Running, line: Line) -> None:
    line.ask((b"SET", b"big", b"x" * MIB))
    before = server.memory()
    deaf = server.line()
    deaf.sock.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        for _ in range(2000):
            deaf.sock.send(bytes(Command((b"GET", b"big"))) * 1000)
    for _ in range(20):
        line.ask("PING")
        assert server.memory() - before < 32 * MIB
    deaf.close()


@pytest.mark.alone
def test_who_subscribes_and_never_reads_is_cut_off(server: Running, line: Line) -> None:
    deaf, message = server.line(), b"x" * MIB
    deaf.ask("SUBSCRIBE c")
    for _ in range(200):
        if line.ask((b"PUBLISH", b"c", message)) == [Integer(0)]:
            break
    else:
        raise AssertionError("200 MiB wait for one who does not read")
    deaf.close()


@pytest.mark.alone
def test_unfinished_commands_cost_their_octets(server: Running, line: Line) -> None:
    before = server.memory()
    lines = [server.line() for _ in range(20)]
    for each in lines:
        each.sock.sendall(b"*1000000\r\n" + b"$1\r\nx\r\n" * 100_000)
    line.ask("PING")
    for _ in range(100):
        if server.memory() - before > 20 * 600_000:
            break
        time.sleep(0.02)
    assert server.memory() - before < 20 * 900_000
    for each in lines:
        each.close()


def test_a_command_of_a_million_words_is_taken(line: Line) -> None:
    words = [b"DEL", *[b"%d" % n for n in range(300_000)]]
    assert line.ask(tuple(words)) == [Integer(0)]


def test_redis_py_works_unchanged(server: Running) -> None:
    for protocol in (2, 3):
        client = redis.Redis(port=server.port, protocol=protocol, decode_responses=True)
        client.flushall()
        assert client.set("a", "1", px=100_000)
        assert client.incr("a") == 2
        client.hset("h", mapping={"f": "v"})
        assert client.hgetall("h") == {"f": "v"}
        client.zadd("z", {"x": 1, "y": 2.5})
        assert client.zscore("z", "y") == 2.5
        assert client.smembers("s") == set()
        with client.pipeline() as pipe:
            pipe.watch("a")
            pipe.multi()
            pipe.get("a")
            assert pipe.execute() == ["2"]
        listening = client.pubsub()
        listening.subscribe("c")
        assert listening.get_message(timeout=SOON)["type"] == "subscribe"
        client.publish("c", "hi")
        assert listening.get_message(timeout=SOON)["data"] == "hi"
        assert sorted(client.scan_iter()) == ["a", "h", "z"]
        assert client.info("memory")["used_memory"] > 0
        listening.close()
        client.close()
