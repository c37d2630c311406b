"""The patterns for keys that many want: the origin is asked once, or before anybody has to wait.

    age      0 ············ REFRESH_MS ············ TTL_MS ············ TTL_MS + STALE_MS
    refresh-ahead  entry      entry, and ask behind   miss
    early          entry, and by chance ask behind    miss
    stale          entry                             entry, and ask behind    miss
    single-flight  entry                             miss: one asks, all get it

When an entry that is read a thousand times a second runs out, a thousand readers find nothing before
the first of them has a new one, and all of them ask the origin: a stampede. One may hold the others
back (single flight), one may be sent ahead of the end (refresh-ahead; by chance, early: XFetch), or
the old value is good enough for a moment (stale: RFC 5861 §3).

Left out: one flight for several programs. That takes a lock in the cache.
"""

from __future__ import annotations

import asyncio
import math
import random
from contextlib import suppress

from .codec import Entry
from .origin import Failing
from .patterns import Answer, Pattern, clock


class SingleFlight(Pattern):
    """The look into the cache belongs to the flight: who comes behind it finds the entry."""

    name = "single-flight"

    def __init__(self, *parts: object) -> None:
        super().__init__(*parts)  # type: ignore[arg-type]
        self.flights: dict[bytes, asyncio.Task[Answer]] = {}

    async def get(self, key: bytes) -> Answer:
        flight = self.flights.get(key)
        if flight is None:
            flight = self.flights[key] = asyncio.ensure_future(super().get(key))
            flight.add_done_callback(lambda _: self.flights.pop(key, None))
        return await asyncio.shield(flight)


class Ahead(Pattern):
    """What asks the origin behind an answer that has left, for a key once at a time."""

    def __init__(self, *parts: object) -> None:
        super().__init__(*parts)  # type: ignore[arg-type]
        self.under_way: dict[bytes, asyncio.Task[None]] = {}

    async def found(self, key: bytes) -> Entry | None:
        entry = await super().found(key)
        if entry is not None and self.due(entry.age(clock())) and key not in self.under_way:
            task = self.under_way[key] = asyncio.ensure_future(self.refresh(key))
            task.add_done_callback(lambda _: self.under_way.pop(key, None))
        return entry

    def due(self, age: int) -> bool:
        """Whether to ask the origin anew for an entry of this age, in milliseconds."""
        raise NotImplementedError

    async def refresh(self, key: bytes) -> None:
        """A failure leaves the entry as it is."""
        with suppress(Failing):
            entry = await self.load(key)
            if entry.status != 200:
                await self.forget(key)


class RefreshAhead(Ahead):
    name = "refresh-ahead"

    def due(self, age: int) -> bool:
        return age >= self.settings.refresh


class Early(Ahead):
    name = "early"

    def due(self, age: int) -> bool:
        """The likelier the nearer the end; never all at once."""
        left = max(0, self.settings.ttl - age)
        return random.random() < math.exp(-left / self.settings.early)


class Stale(Ahead):
    name = "stale"

    def due(self, age: int) -> bool:
        return age >= self.settings.ttl

    async def keep(self, entry: Entry) -> None:
        """For as long as it may be answered; when it is past its time, its age says."""
        if entry.status == 200:
            lives = self.settings.ttl + self.settings.stale
            await self.store.put(entry, lives)
