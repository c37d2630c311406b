"""Reads through the cache, which may be gone, slow, empty or wrong, and the answer right all the same.

    hit      GET todo:k1 → the to-do                          the store is not asked
    miss     GET todo:k1 → nothing
             WATCH todo:k1, GET todo:k1                       on a connection for oneself
             the store is asked
             MULTI, SET todo:k1 … PX TTL_MS, EXEC             nothing, where somebody has written
    write    the store first, then SET todo:k1 changed PX 1000, then the answer

Why not just SET after the store was asked? A reader asks the store, a writer changes it and removes
the entry, and then the reader stores what it was told before: old, and for a minute. So the reader
watches the entry from before it asks, and a writer touches it after it has written. DEL would not do:
where nothing stands it changes nothing, and wakes no watch. Hence a word that is no to-do.

What a request waits for the cache is bounded for all of its questions together: CACHE_MS. After three
failures in a row readers leave the cache alone for a while; writers never do, since what they have to
say must be said. Where it cannot be said, the entry is not believed here until it was, and is tried
again until no entry can be left from before.

Left out: caching lists, and that a to-do is not there.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from ..cache.codec import Bulk
from .codec import Kept, believed
from .link import Away, Link, Wire
from .repository import Repository, name_of

FAILURES, QUIET = 3, 0.5  # so many in a row, so many seconds in which no reader asks
CHANGED = (b"changed", b"PX", b"1000")
RETRY = 0.2  # seconds


class Budget:
    """What is left of the time that one request waits for the cache."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds
        self.clock = asyncio.get_running_loop().time

    async def __aenter__(self) -> None:
        self.began = self.clock()
        self.limit = asyncio.timeout(max(0.0, self.left))
        await self.limit.__aenter__()

    async def __aexit__(self, *error: object) -> None:
        self.left -= self.clock() - self.began
        await self.limit.__aexit__(*error)  # type: ignore[arg-type]


class CachedReads:
    """owed: id → until when an entry from before a write may stand there."""

    def __init__(self, link: Link | None, repository: Repository, ttl_ms: int) -> None:
        self.link, self.repository, self.ttl_ms = link, repository, ttl_ms
        self.failures = 0
        self.quiet_until = 0.0
        self.owed: dict[str, float] = {}
        self.paying: asyncio.Task[None] | None = None

    async def get(self, ident: str) -> Kept | None:
        """Raises Away where the store is asked and cannot."""
        link = self.link
        if link is None or ident in self.owed or self.is_quiet():
            return await self.repository.get(ident)
        budget = Budget(link.patience)
        try:
            async with budget:
                [found] = await link.ask((b"GET", name_of(ident)))
        except (OSError, Away):
            self.failed()
            return await self.repository.get(ident)
        self.failures = 0
        kept = believed(found.data, ident) if isinstance(found, Bulk) else None
        return kept or await self.load(link, ident, budget)

    async def load(self, link: Link, ident: str, budget: Budget) -> Kept | None:
        """Ask the store, and keep what it says where nobody has written meanwhile."""
        wire = await self.watching(link, ident, budget)
        try:
            kept = await self.repository.get(ident)
            if wire is not None:
                await self.keep(wire, ident, kept, budget)
        finally:
            if wire is not None:
                self.let_go(link, wire)
        return kept

    async def watching(self, link: Link, ident: str, budget: Budget) -> Wire | None:
        """A connection that watches the entry; None where there is none to be had."""
        wire: Wire | None = None
        try:
            async with budget:
                wire = await link.take()
                await wire.say((b"WATCH", name_of(ident)))
            return wire
        except OSError:
            self.failed()
            if wire is not None:
                wire.close()
            return None

    async def keep(self, wire: Wire, ident: str, kept: Kept | None, budget: Budget) -> None:
        if kept is None:
            return
        words = (b"SET", name_of(ident), bytes(kept), b"PX", b"%d" % self.ttl_ms)
        try:
            async with budget:
                await wire.say((b"MULTI",), words, (b"EXEC",))
        except OSError:
            self.failed()
            wire.close()

    def let_go(self, link: Link, wire: Wire) -> None:
        """What is watched is no longer; nobody waits for that."""
        if not wire.closed:
            wire.say((b"UNWATCH",)).add_done_callback(lambda done: done.exception())
            link.idle.append(wire)  # whoever takes it asks behind that

    # After a write.

    async def changed(self, ident: str) -> None:
        """No reader may be given what was there before."""
        if self.link is None:
            return
        try:
            await self.link.ask((b"SET", name_of(ident), *CHANGED))
        except Away:
            self.failed()
            self.owe(ident)

    def owe(self, ident: str) -> None:
        self.owed[ident] = asyncio.get_running_loop().time() + self.ttl_ms / 1000
        if self.paying is None or self.paying.done():
            self.paying = asyncio.ensure_future(self.pay())

    async def pay(self) -> None:
        """Say what could not be said, until it is or until no such entry can be left."""
        clock = asyncio.get_running_loop().time
        while self.owed and self.link is not None:
            await asyncio.sleep(RETRY)
            for ident in [ident for ident, until in self.owed.items() if until < clock()]:
                del self.owed[ident]
            words = [(b"SET", name_of(ident), *CHANGED) for ident in list(self.owed)]
            with suppress(Away):
                for at in range(0, len(words), 100):
                    await self.link.ask(*words[at : at + 100])
                    for _, name, *_ in words[at : at + 100]:
                        self.owed.pop(name.removeprefix(b"todo:").decode(), None)

    # Leaving it alone.

    def is_quiet(self) -> bool:
        return asyncio.get_running_loop().time() < self.quiet_until

    def failed(self) -> None:
        self.failures += 1
        if self.failures >= FAILURES:
            self.quiet_until = asyncio.get_running_loop().time() + QUIET
