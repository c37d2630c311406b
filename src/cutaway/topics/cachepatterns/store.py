"""Entries in the cache: read, stored, removed, and none of it ever an error.

    entry = await store.get(b"aside:k1")     None is a miss, whatever the reason
    await store.put(entry, 10_000)           under its own key
    await store.remove(b"aside:k1")

A cache is there to be fast, not to be right: what it cannot say is a miss, what it cannot keep is
not kept. One thing only must not be lost: a removal. A value that was to go and stayed would come
back as true when the cache does. So a removal that was not taken is remembered, and made up before
the key is used again.

Left out: what the entries mean. See patterns.py.
"""

from __future__ import annotations

from ..cache.codec import Array, Bulk, Simple, Value
from .codec import Entry, believed
from .link import Away, Link, Words


class Store:
    """owes: keys whose removal the cache has not taken."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.owes: set[bytes] = set()

    async def get(self, name: bytes) -> Entry | None:
        """The entry that stands under `name`, where it is the one that was put there."""
        try:
            await self.make_up(name)
            [found] = await self.link.ask((b"GET", name))
        except Away:
            return None
        return believed(found.data, name) if isinstance(found, Bulk) else None

    async def put(self, entry: Entry, ttl: int, *how: bytes) -> bool:
        """Whether it is stored, for `ttl` milliseconds. how: NX and its like."""
        words = (b"SET", entry.key, bytes(entry), b"PX", b"%d" % max(1, ttl), *how)
        try:
            await self.make_up(entry.key)
            [answer] = await self.link.ask(words)
        except Away:
            return False
        return answer == Simple(b"OK")

    async def remove(self, *names: bytes) -> None:
        """Now, or before anybody uses them again."""
        try:
            await self.link.ask((b"DEL", *names))
            self.owes.difference_update(names)
        except Away:
            self.owes.update(names)

    async def make_up(self, name: bytes) -> None:
        """Raises Away while a removal is owed for this name."""
        if name in self.owes:
            await self.link.ask((b"DEL", name))
            self.owes.discard(name)

    async def exchange(self, held: Entry, *words: bytes) -> bool:
        """Carry the command out if `held` still stands in its place. Whether it was.

        WATCH makes it one step: a change behind the look makes EXEC answer nothing.
        """
        name = held.key
        try:
            await self.make_up(name)
            async with self.link.session() as say:
                _, found = await say((b"WATCH", name), (b"GET", name))
                if found != Bulk(bytes(held)):
                    await say((b"UNWATCH",))
                    return False
                return done((await say((b"MULTI",), words, (b"EXEC",)))[-1])
        except Away:
            return False

    async def together(self, name: bytes, *commands: Words) -> bool:
        """All of them or none, about this name. Raises Away."""
        await self.make_up(name)
        answers = await self.link.ask((b"MULTI",), *commands, (b"EXEC",))
        return done(answers[-1])


def done(answer: Value) -> bool:
    """Whether EXEC did it: nothing is what it says when a watched key has changed."""
    return isinstance(answer, Array) and answer.items is not None
