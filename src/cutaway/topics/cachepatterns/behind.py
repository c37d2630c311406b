"""Write-behind: the client is answered when the cache has the value, the origin gets it later.

    PUT v1 ─▶ cache: entry v1, owed ─▶ 202 ··· BEHIND_MS ··· ─▶ origin: v1
    PUT v2 ─▶ cache: entry v2, owed ─▶ 202   ╲
    PUT v3 ─▶ cache: entry v3, owed ─▶ 202    ╰── while v1 is under way ──▶ origin: v3

What is owed is noted in the cache, in the set `write-behind::owed`, together with the value: either
both are there or none (MULTI). So a program that crashes finds after its start what it owes. What a
crash of the cache takes with it is lost, though the client was told 202; that is what the speed costs.

An entry whose value is owed has no lifetime. If it ran out, a reader would ask the origin, and be
given what was there before.

Left out: a limit on what is owed, writing many keys to the origin in one request, and a note that
reaches the cache later than the program has waited for it: it can land behind a newer one.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import suppress

from ..cache.codec import plain
from .codec import Entry, believed
from .link import Away
from .origin import Failing
from .patterns import Answer, Pattern, clock

OWED = b"write-behind::owed"
RETRY = 0.3  # seconds between two tries
SEARCH = 0.2  # seconds between two looks for a cache that is not there at the start
FOR_EVER = -1  # what PTTL says where no lifetime is set


class WriteBehind(Pattern):
    """owed: key → the entry that the origin has to get. working: what brings it there."""

    name = "write-behind"

    def __init__(self, *parts: object) -> None:
        super().__init__(*parts)  # type: ignore[arg-type]
        self.owed: dict[bytes, Entry] = {}
        self.working: dict[bytes, asyncio.Task[None]] = {}
        self.locks: defaultdict[bytes, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.hurry = asyncio.Event()
        self.search: asyncio.Task[None] | None = None

    async def get(self, key: bytes) -> Answer:
        entry = await self.found(key)
        if entry is None and key in self.owed:  # the cache is away; what is owed is known
            entry = self.owed[key]
        entry = entry or await self.load(key)
        return Answer(entry.status, entry.value)

    async def keep(self, entry: Entry) -> None:
        """Only where nothing stands: a write that came meanwhile is newer."""
        if entry.status == 200:
            await self.store.put(entry, self.settings.ttl, b"NX")

    async def put(self, key: bytes, value: bytes) -> Answer:
        name = self.entry_of(key)
        entry = Entry(name, 200, value, clock())
        async with self.locks[key]:
            try:
                noted = await self.store.together(
                    name, (b"SET", name, bytes(entry)), (b"SADD", OWED, key)
                )
            except Away:
                noted = False
            if not noted:
                return await self.at_once(key, value)
            self.owed[key] = entry
            if key not in self.working:
                self.work(key, self.settings.behind / 1000)
        return Answer(202)

    async def at_once(self, key: bytes, value: bytes) -> Answer:
        """Nowhere to note a debt: the origin first. What is owed already must not come behind it."""
        if key in self.owed:
            return Answer(503)
        try:
            await self.origin.store(key, value)
        except Failing:
            return Answer(503)
        await self.forget(key)
        return Answer(204)

    def work(self, key: bytes, wait: float) -> None:
        task = self.working[key] = asyncio.ensure_future(self.settle(key, wait))
        task.add_done_callback(lambda _: self.working.pop(key, None))

    async def settle(self, key: bytes, wait: float) -> None:
        """Until nothing is owed for this key: one write at a time, of the latest value."""
        await self.rest(wait)
        while key in self.owed:
            entry = self.owed[key]
            try:
                await self.origin.store(key, entry.value)
            except Failing:
                await asyncio.sleep(RETRY)
                continue
            while not await self.struck_out(key, entry):
                await self.rest(RETRY)

    async def struck_out(self, key: bytes, entry: Entry) -> bool:
        """What the origin has is owed no more, unless a newer value is. False: try again.

        A note that stayed would be believed after the next start, however old it is by then. Only a
        program that is to end leaves it to a cache that is away.
        """
        async with self.locks[key]:
            if self.owed[key] is entry:
                try:
                    await self.paid(key)
                except Away:
                    if not self.hurry.is_set():
                        return False
                del self.owed[key]
            return True

    async def paid(self, key: bytes) -> None:
        """Note and lifetime in one step. Raises Away."""
        name, ttl = self.entry_of(key), b"%d" % self.settings.ttl
        await self.store.together(name, (b"SREM", OWED, key), (b"PEXPIRE", name, ttl))

    async def rest(self, seconds: float) -> None:
        """Wait, unless the program is to end."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.hurry.wait(), seconds)

    def start(self) -> None:
        self.search = asyncio.ensure_future(self.recover())

    async def recover(self) -> None:
        """What a program before this one owed."""
        while True:
            try:
                [noted] = await self.store.link.ask((b"SMEMBERS", OWED))
                members = plain(noted)
                for key in members if isinstance(members, tuple) else ():
                    await self.resume(key)
                return
            except Away:
                await asyncio.sleep(SEARCH)

    async def resume(self, key: bytes) -> None:
        """A note counts beside an entry that does not run out: one that does was read. Raises Away."""
        name = self.entry_of(key)
        async with self.locks[key]:
            found, left = await self.store.link.ask((b"GET", name), (b"PTTL", name))
            entry = believed(plain(found), name)
            if entry is not None and plain(left) == FOR_EVER and key not in self.owed:
                self.owed[key] = entry
                self.work(key, 0.0)

    async def drain(self) -> None:
        """Returns once nothing is owed."""
        self.hurry.set()
        while self.working:
            await asyncio.wait([*self.working.values()])
