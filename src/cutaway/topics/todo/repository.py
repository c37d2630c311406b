"""To-dos in the store: the keys, and what is done to them in one step.

    todo:ID      string    the to-do, as codec.py writes it
    todos        sorted    every ID, by the number that it got when it was created
    todos:last   string    the last of these numbers
    once:DIGEST  string    what the first request with an idempotency key made, for 24 hours

Several programs write at the same time, so no write trusts what was read before it. WATCH makes the
store itself say whether something came between:

    WATCH todo:k1                      WATCH todos:last once:9c1d
    GET todo:k1      → version 3       MGET todos:last once:9c1d    → 41, nothing
    MULTI                              MULTI
    SET todo:k1 version 4              SET todos:last 42
    EXEC             → nothing: again  ZADD todos 42 k7, SET todo:k7 …, SET once:9c1d …
                                       EXEC

A number is given out in the step that creates, so numbers are in the order of creation, and whoever
reads pages by number misses nothing and sees nothing twice, whatever is written meanwhile.

After EXEC was sent and no answer came, nobody knows whether it was carried out. That is `Away` like
any other failure: the client is told that it is not certain of an answer, and an idempotency key
makes it safe to try again.

Left out: an index for search, which looks through all to-dos here.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ...wire import Reader, WireError
from ..cache.codec import Array, Bulk, Error, Value, plain
from .codec import Kept, believed, read_kept
from .link import Away, Link, Wire, Words

LAST, ORDER = b"todos:last", b"todos"
DAY = b"86400000"
BATCH = 200  # to-dos looked at in one go while searching
Decide = Callable[[Kept | None], Kept | None]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was made under an idempotency key. body: a digest of the request's."""

    body: bytes
    made: Kept

    def __bytes__(self) -> bytes:
        return self.body + b"\r\n" + bytes(self.made)


@dataclass(frozen=True, slots=True)
class Page:
    """next: the number behind which to go on; 0 where nothing follows."""

    todos: list[Kept]
    next: int = 0


class Repository:
    """adding: one to-do is added at a time, since all want the next number."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.adding = asyncio.Lock()

    async def alive(self) -> None:
        """Raises Away."""
        [answer] = await self.link.ask((b"PING",))
        sound(answer)

    async def get(self, ident: str) -> Kept | None:
        """Raises Away."""
        [found] = await self.link.ask((b"GET", name_of(ident)))
        return kept_of(found, ident)

    async def add(self, ident: str, kept: Kept, once: bytes, digest: bytes) -> Receipt:
        """Create it; or what was created before under that key. once: b"" without one."""
        receipt = Receipt(digest, kept)
        async with self.in_time(), self.adding:
            while True:
                async with self.session() as wire:
                    last, before = await self.numbered(wire, once)
                    if before is not None:
                        await wire.say((b"UNWATCH",))
                        return before
                    if await committed(wire, *creation(last + 1, ident, receipt, once)):
                        return receipt
                await asyncio.sleep(random.random() / 500)  # another program was faster

    async def numbered(self, wire: Wire, once: bytes) -> tuple[int, Receipt | None]:
        """The last number, and what is known under the key; both watched."""
        names = (LAST, once) if once else (LAST,)
        _, found = await wire.say((b"WATCH", *names), (b"MGET", *names))
        values = plain(sound(found))
        if not isinstance(values, tuple):
            raise Away
        last = values[0]
        before = values[1] if once else None
        number = int(last) if isinstance(last, bytes) and last.isdigit() else 0
        return number, receipt_of(before) if isinstance(before, bytes) else None

    async def change(self, ident: str, decide: Decide) -> Kept | None:
        """Put in the place of a to-do what `decide` says, None: nothing. It may raise instead, and
        is asked again when somebody else was faster. Raises Away."""
        name = name_of(ident)
        async with self.in_time():
            while True:
                async with self.session() as wire:
                    _, found = await wire.say((b"WATCH", name), (b"GET", name))
                    try:
                        new = decide(kept_of(found, ident))
                    except BaseException:
                        await wire.say((b"UNWATCH",))
                        raise
                    if await committed(wire, *replacement(name, ident, new)):
                        return new

    async def page(self, after: int, limit: int, wanted: Callable[[Kept], bool] | None) -> Page:
        """The next ones in the order of their creation. wanted: None takes all. Raises Away."""
        todos: list[Kept] = []
        size = limit + 1 if wanted is None else BATCH
        number = 0
        async with self.in_time():
            while True:
                batch = await self.batch(after, size)
                for after, kept in batch:
                    if kept is None or (wanted is not None and not wanted(kept)):
                        continue
                    if len(todos) == limit:
                        return Page(todos, number)
                    todos.append(kept)
                    number = after
                if len(batch) < size:
                    return Page(todos)

    async def batch(self, after: int, size: int) -> list[tuple[int, Kept | None]]:
        """Numbers and to-dos; None for one that was deleted meanwhile."""
        words = (ORDER, b"(%d" % after, b"+inf", b"BYSCORE", b"LIMIT", b"0", b"%d" % size)
        [found] = await self.link.ask((b"ZRANGE", *words, b"WITHSCORES"))
        flat = plain(sound(found))
        if not isinstance(flat, tuple) or not flat:
            return []
        idents = [ident.decode() for ident in flat[::2]]
        [values] = await self.link.ask((b"MGET", *map(name_of, idents)))
        if not isinstance(values, Array) or values.items is None:
            raise Away
        todos = map(kept_of, values.items, idents)
        return list(zip(map(int, flat[1::2]), todos, strict=True))

    # Connections and time.

    @asynccontextmanager
    async def in_time(self) -> AsyncIterator[None]:
        """All of it within the store's time. Raises Away."""
        try:
            async with asyncio.timeout(self.link.patience):
                yield
        except OSError:
            raise Away from None

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Wire]:
        """A connection for oneself, which is kept where nothing went wrong. Raises OSError, Away."""
        wire = await self.link.take()
        try:
            yield wire
        finally:
            self.link.give_back(wire)


def name_of(ident: str) -> bytes:
    return b"todo:" + ident.encode()


def creation(number: int, ident: str, receipt: Receipt, once: bytes) -> list[Words]:
    """The commands that create a to-do."""
    commands: list[Words] = [
        (b"SET", LAST, b"%d" % number),
        (b"ZADD", ORDER, b"%d" % number, ident.encode()),
        (b"SET", name_of(ident), bytes(receipt.made)),
    ]
    return commands + ([(b"SET", once, bytes(receipt), b"PX", DAY)] if once else [])


def replacement(name: bytes, ident: str, new: Kept | None) -> list[Words]:
    """The commands that change a to-do, or remove it."""
    if new is not None:
        return [(b"SET", name, bytes(new))]
    return [(b"DEL", name), (b"ZREM", ORDER, ident.encode())]


async def committed(wire: Wire, *commands: Words) -> bool:
    """Whether all of it was done. What was watched has changed otherwise. Raises Away."""
    *before, answer = await wire.say((b"MULTI",), *commands, (b"EXEC",))
    for value in before:
        sound(value)
    sound(answer)
    if not isinstance(answer, Array) or answer.items is None:
        return False
    for value in answer.items:
        sound(value)
    return True


def sound(value: Value) -> Value:
    """A store that says that it cannot is away: it is loading, full, or no store at all."""
    if isinstance(value, Error):
        raise Away
    return value


def kept_of(value: Value, ident: str) -> Kept | None:
    """The to-do, or None where there is none. What is no to-do is no store of ours: Away."""
    found = sound(value)
    if found == Bulk(None):
        return None
    kept = believed(found.data, ident) if isinstance(found, Bulk) else None
    if kept is None:
        raise Away
    return kept


def receipt_of(octets: bytes) -> Receipt:
    digest, _, made = octets.partition(b"\r\n")
    try:
        return Receipt(digest, read_kept(Reader(made)))
    except WireError:
        raise Away from None
