"""What one may do with to-dos, and what it means: no HTTP, and no keys of the store.

    service.create(draft)               a new to-do; with a key, once only
    service.change(id, draft, [b'"3-…"'])   unless somebody has changed it since
    service.delete(id, tags)
    service.read(id), service.list(query)

A change says which state it means by its tag, and is refused when that is no longer the state: two
who open the same to-do and save it cannot overwrite each other without noticing (a lost update).

Left out: users. Everybody sees and changes everything.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from .cached import CachedReads
from .codec import Kept, make
from .errors import Changed, Missing, Reused, Unguarded
from .link import Away
from .repository import Decide, Page, Repository
from .validation import Draft, Query

ANY = b"*"
GONE = "There is no such to-do."


class Service:
    def __init__(self, repository: Repository, cached: CachedReads) -> None:
        self.repository, self.cached = repository, cached

    async def create(self, draft: Draft, key: bytes = b"", body: bytes = b"") -> Kept:
        """key: of idempotency, b"" where there is none; body: what came with it. Raises Reused."""
        ident = secrets.token_urlsafe(12)
        kept = make(1, ident, draft.title, draft.done, now())
        once = b"once:" + hashlib.sha256(key).hexdigest().encode() if key else b""
        digest = hashlib.sha256(body).hexdigest().encode()
        receipt = await self.repository.add(ident, kept, once, digest)
        if receipt.body != digest:
            raise Reused("This Idempotency-Key came before with another body.")
        return receipt.made

    async def read(self, ident: str) -> Kept:
        """Raises Missing."""
        kept = await self.cached.get(ident)
        if kept is None:
            raise Missing(GONE)
        return kept

    async def change(self, ident: str, draft: Draft, tags: Sequence[bytes] | None) -> Kept:
        """tags: the states that are meant. Raises Missing, Unguarded, Changed."""

        def decide(old: Kept | None) -> Kept:
            checked = current(old, tags, needed=True)
            created = checked.fields["created"]
            return make(checked.version + 1, ident, draft.title, draft.done, created)

        kept = await self.written(ident, decide)
        assert kept is not None
        return kept

    async def delete(self, ident: str, tags: Sequence[bytes] | None) -> None:
        """Raises Missing, Changed."""

        def decide(old: Kept | None) -> None:
            current(old, tags, needed=False)

        await self.written(ident, decide)

    async def written(self, ident: str, decide: Decide) -> Kept | None:
        """The store first, then the cache is told, then the client. A write of which nobody knows
        whether it was done may have been: the cache is told as well."""
        try:
            kept = await self.repository.change(ident, decide)
        except Away:
            await self.cached.changed(ident)
            raise
        await self.cached.changed(ident)
        return kept

    async def list(self, query: Query) -> Page:
        text = query.text.casefold()

        def wanted(kept: Kept) -> bool:
            members = kept.fields
            return (query.done is None or members["done"] is query.done) and (
                text in members["title"].casefold()
            )

        filtered = bool(text) or query.done is not None
        return await self.repository.page(query.after, query.limit, wanted if filtered else None)

    async def health(self) -> None:
        """Raises Away."""
        await self.repository.alive()


def current(old: Kept | None, tags: Sequence[bytes] | None, needed: bool) -> Kept:
    """The to-do, where it is there and is what the client means.

    spec    RFC 9110 §13.1.1
    """
    if old is None:
        raise Missing(GONE)
    if tags is None and needed:
        raise Unguarded("Say in If-Match which state you change: its ETag, or *.")
    if tags is not None and ANY not in tags and old.tag not in tags:
        raise Changed("Somebody else has changed it since. Read it again.")
    return old


def now() -> str:
    """A time of RFC 3339, in UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
