"""The patterns that do all of their work while the client waits: who is asked and told, and when.

                 GET, no entry           PUT
    aside        origin, then cache      origin, then the entry is removed
    read-through the same, 404 too
    write-through the same               origin, then cache
    write-around the same                origin, then the entry is removed

From outside aside and read-through cannot be told apart: in the one the program asks both, in the
other the cache does it for the program. Here a class does it for all of them.

Aside closes a race. A reader asks the origin, a writer changes it and removes the entry, and then
the reader stores what it was told before. So a reader that finds nothing leaves a lease: an entry
with a token of its own and no value. It stores only in the place of that very lease, and a removal
has removed the lease as well.

Left out: what goes on in the background (see ahead.py and behind.py). And two things that can leave
an older value for a lifetime behind a write-through: two writers of one key at once, and a SET that
reaches the cache later than the program has waited for it.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, NamedTuple

from .codec import LEASE, Entry
from .origin import Origin

if TYPE_CHECKING:
    from .settings import Settings
    from .store import Store

LEASE_MS = 3_000  # after which somebody else may store


class Answer(NamedTuple):
    """What the client gets."""

    status: int
    value: bytes = b""


def clock() -> int:
    """Milliseconds since 1970: an entry may outlive the program that stored it."""
    return time.time_ns() // 1_000_000


class Pattern:
    """What all have in common: look, else ask and keep."""

    name = ""

    def __init__(self, settings: Settings, store: Store, origin: Origin) -> None:
        self.settings, self.store, self.origin = settings, store, origin

    def entry_of(self, key: bytes) -> bytes:
        """Its name in the cache."""
        return self.name.encode() + b":" + key

    async def get(self, key: bytes) -> Answer:
        entry = await self.found(key) or await self.load(key)
        return Answer(entry.status, entry.value)

    async def found(self, key: bytes) -> Entry | None:
        """The entry, where it may be answered."""
        return await self.store.get(self.entry_of(key))

    async def load(self, key: bytes) -> Entry:
        """Ask the origin, and keep what it says. Raises Failing."""
        entry = await self.asked(key)
        await self.keep(entry)
        return entry

    async def asked(self, key: bytes) -> Entry:
        born = clock()
        status, value = await self.origin.fetch(key)
        return Entry(self.entry_of(key), status, value, born)

    async def keep(self, entry: Entry) -> None:
        if entry.status == 200:
            await self.store.put(entry, self.settings.ttl)

    async def forget(self, key: bytes) -> None:
        await self.store.remove(self.entry_of(key))


class ReadThrough(Pattern):
    name = "read-through"

    async def keep(self, entry: Entry) -> None:
        ttl = self.settings.ttl if entry.status == 200 else self.settings.negative
        await self.store.put(entry, ttl)


class WriteThrough(Pattern):
    name = "write-through"

    async def put(self, key: bytes, value: bytes) -> Answer:
        born = clock()
        await self.origin.store(key, value)
        entry = Entry(self.entry_of(key), 200, value, born)
        if not await self.store.put(entry, self.settings.ttl):
            await self.forget(key)
        return Answer(204)


class WriteAround(Pattern):
    name = "write-around"

    async def put(self, key: bytes, value: bytes) -> Answer:
        await self.origin.store(key, value)
        await self.forget(key)
        return Answer(204)


class Aside(WriteAround):
    name = "aside"

    async def delete(self, key: bytes) -> Answer:
        await self.origin.delete(key)
        await self.forget(key)
        return Answer(204)

    async def get(self, key: bytes) -> Answer:
        held = await self.found(key)
        if held is None:
            held = await self.fill(key, await self.lease(key))
        elif held.status == LEASE:  # of somebody who is asking
            held = await self.fill(key, None)
        return Answer(held.status, held.value)

    async def fill(self, key: bytes, lease: Entry | None) -> Entry:
        """Store only what was asked for behind the last removal. Raises Failing."""
        name = self.entry_of(key)
        keeps: tuple[bytes, ...] = (b"DEL", name)
        try:
            entry = await self.asked(key)
            if entry.status == 200:
                keeps = (b"SET", name, bytes(entry), b"PX", b"%d" % self.settings.ttl)
        finally:
            if lease is not None:
                await self.store.exchange(lease, *keeps)
        return entry

    async def lease(self, key: bytes) -> Entry | None:
        """A lease of one's own, in the place of nothing or of what is no entry; None without cache."""
        lease = Entry(self.entry_of(key), LEASE, os.urandom(8), clock())
        ttl = min(LEASE_MS, self.settings.ttl)
        return lease if await self.store.put(lease, ttl) else None
