"""All that one server keeps, put into another, whichever two programs they are.

    carry(("127.0.0.1", 6379), ("127.0.0.1", 6380))        the number of keys

    SCAN 0 COUNT 500            page after page of keys
    TYPE k, PTTL k              of each: what it is, and how long it still lives
    GET k                       string      ──▶ SET k …
    HGETALL k                   hash        ──▶ HSET k …
    LRANGE k 0 499              list        ──▶ RPUSH k …
    SMEMBERS k                  set         ──▶ SADD k …
    ZRANGE k 0 499 WITHSCORES   sorted set  ──▶ ZADD k …
                                                PEXPIRE k …

DUMP and RESTORE would be shorter, and are octets of one program's own. What was in the other server
before is removed. Nobody may write to either meanwhile; what was sent to the first before is done
before the first page is read, as its answers to two PINGs say: a server that goes round its
connections has by the second been at every one of them.

What is written goes out many commands at a time: a server that flushes to disk before each answer
then flushes once for all of them.

Left out: hashes and sets too large for memory; databases other than the first; kinds that this topic does not have, which end it.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence

from ...wire import Feed, WireError
from .codec import Array, Bulk, Command, Error, Value, plain, read_value

Address = tuple[str, int]
Words = tuple[bytes, ...]

PAGE = 500  # keys, members, commands
FEW = 50  # strings that are read in one go
OCTETS = 1 << 20  # that are written in one go
PATIENCE = 10.0  # seconds for an answer
NO_KEY, NO_END = -2, -1  # as PTTL says it


class CannotCarry(OSError):
    """One sentence."""


class Peer:
    """One connection: questions in one write, answers in their order. Raises OSError."""

    def __init__(self, address: Address) -> None:
        self.sock = socket.create_connection(address, PATIENCE)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.feed = Feed(read_value)

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    def ask(self, commands: Sequence[Words]) -> list[Value]:
        """An answer to each; an error among them is raised."""
        self.sock.sendall(b"".join(bytes(Command(words)) for words in commands))
        answers: list[Value] = []
        while len(answers) < len(commands):
            data = self.sock.recv(1 << 16)
            if not data:
                raise CannotCarry("a server ended the connection")
            try:
                answers += self.feed.receive(data)
            except WireError:
                raise CannotCarry("a server answered with what is no RESP") from None
        for words, answer in zip(commands, answers, strict=True):
            if isinstance(answer, Error):
                raise CannotCarry(f"{words[0].decode()} was answered with {plain(answer)!s}")
        return answers

    def one(self, *words: bytes) -> Value:
        return self.ask([words])[0]


def carry(there: Address, here: Address) -> int:
    """How many keys were copied. Raises OSError."""
    with Peer(there) as old, Peer(here) as new:
        old.one(b"PING")
        old.one(b"PING")
        new.one(b"FLUSHALL")
        writing, copied = Writing(new), 0
        for keys in _keys(old):
            copied += _copy(old, writing, keys)
        writing.flush()
        return copied


class Writing:
    """Commands that are put off, and sent together."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.commands: list[Words] = []
        self.octets = 0

    def add(self, *words: bytes) -> None:
        self.commands.append(words)
        self.octets += sum(map(len, words))
        if len(self.commands) >= PAGE or self.octets >= OCTETS:
            self.flush()

    def flush(self) -> None:
        """Sent and answered."""
        self.peer.ask(self.commands)
        self.commands, self.octets = [], 0


def _keys(old: Peer) -> Iterator[list[bytes]]:
    """All of them, page by page. One that comes twice is written once."""
    seen: set[bytes] = set()
    cursor = b"0"
    while True:
        answer = old.one(b"SCAN", cursor, b"COUNT", b"%d" % PAGE)
        match answer:
            case Array(items=(Bulk(data=bytes(cursor)), page)):
                keys = [key for key in dict.fromkeys(_items(page)) if key not in seen]
            case _:
                raise CannotCarry("a server answered SCAN with what is no page")
        seen.update(keys)
        yield keys
        if cursor == b"0":
            return


def _copy(old: Peer, new: Writing, keys: list[bytes]) -> int:
    said = [plain(v) for v in old.ask([w for k in keys for w in ((b"TYPE", k), (b"PTTL", k))])]
    # What has just come to its end is there no more.
    there = [
        (key, kind, left)
        for key, kind, left in zip(keys, said[::2], said[1::2], strict=True)
        if kind != b"none" and left != NO_KEY
    ]
    strings = _strings(old, [key for key, kind, _ in there if kind == b"string"])
    for key, kind, left in there:
        for words in [strings[key]] if kind == b"string" else _whole(old, key, kind):
            new.add(*words)
        if isinstance(left, int) and left != NO_END:
            new.add(b"PEXPIRE", key, b"%d" % left)
    return len(there)


def _strings(old: Peer, keys: list[bytes]) -> dict[bytes, Words]:
    """What writes each, read FEW at a time."""
    found: dict[bytes, Words] = {}
    for start in range(0, len(keys), FEW):
        some = keys[start : start + FEW]
        for key, value in zip(some, old.ask([(b"GET", key) for key in some]), strict=True):
            octets = plain(value)
            found[key] = (b"SET", key, octets) if isinstance(octets, bytes) else (b"DEL", key)
    return found


def _whole(old: Peer, key: bytes, kind: object) -> Iterator[Words]:
    if kind not in KINDS:
        what = kind.decode() if isinstance(kind, bytes) else kind
        raise CannotCarry(f"there is a {what}, which is not known here")
    return KINDS[kind](old, key)


def _hash(old: Peer, key: bytes) -> Iterator[Words]:
    for page in _pages(_items(old.one(b"HGETALL", key))):
        yield b"HSET", key, *page


def _set(old: Peer, key: bytes) -> Iterator[Words]:
    for page in _pages(_items(old.one(b"SMEMBERS", key))):
        yield b"SADD", key, *page


def _list(old: Peer, key: bytes) -> Iterator[Words]:
    start = 0
    while items := _items(old.one(b"LRANGE", key, *_range(start))):
        yield b"RPUSH", key, *items
        start += PAGE


def _sorted_set(old: Peer, key: bytes) -> Iterator[Words]:
    start = 0
    while items := _items(old.one(b"ZRANGE", key, *_range(start), b"WITHSCORES")):
        pairs = zip(items[1::2], items[::2], strict=True)
        yield b"ZADD", key, *(each for score_and_member in pairs for each in score_and_member)
        start += PAGE


KINDS: dict[object, Callable[[Peer, bytes], Iterator[Words]]] = {
    b"hash": _hash,
    b"list": _list,
    b"set": _set,
    b"zset": _sorted_set,
}


def _range(start: int) -> tuple[bytes, bytes]:
    return b"%d" % start, b"%d" % (start + PAGE - 1)


def _pages(items: list[bytes]) -> Iterator[list[bytes]]:
    """Of twice PAGE, so that pairs stay together."""
    for start in range(0, len(items), 2 * PAGE):
        yield items[start : start + 2 * PAGE]


def _items(answer: Value) -> list[bytes]:
    found = answer.items if isinstance(answer, Array) else None
    if found is None:
        raise CannotCarry("a server answered with what is no list")
    return [item.data for item in found if isinstance(item, Bulk) and item.data is not None]
