"""From a request to the service, and from what the service says to an answer: HTTP, and nothing else.

    POST /todos {"title": "buy milk"} ─▶ draft_of ─▶ service.create ─▶ 201, Location, ETag

A handler reads fields and parameters, calls one thing, and says it in HTTP. It decides nothing about
to-dos, and catches nothing: errors have their own way out (middleware.py, problems.py). What it needs
is given to it, so that a test gives it something else.

Left out: the page. See page.py.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from urllib.parse import urlencode

from .codec import Kept
from .errors import Unreadable
from .messages import JSON, Answer, Asked, in_json
from .repository import Page
from .routes import Routes
from .service import Service
from .validation import USUAL, Draft, Query, draft_of, is_key, query_of

TAGS = re.compile(rb'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"|\*')
FRESH = b"no-cache"  # a browser asks again, with the tag


@dataclass(frozen=True, slots=True)
class Todos:
    """The handlers of /todos."""

    service: Service

    def add_to(self, routes: Routes) -> None:
        routes.on("POST", "/todos", self.create)
        routes.on("GET", "/todos", self.list)
        routes.on("GET", "/todos/{id}", self.read)
        routes.on("PUT", "/todos/{id}", self.change)
        routes.on("DELETE", "/todos/{id}", self.delete)
        routes.on("GET", "/health", self.health)

    async def create(self, asked: Asked) -> Answer:
        key = asked.value(b"Idempotency-Key")
        if key is not None and not is_key(key):
            raise Unreadable("Idempotency-Key is 1 to 255 visible characters.")
        draft = draft_in(asked, done_needed=False)
        kept = await self.service.create(draft, key or b"", asked.body)
        location = b"/todos/" + kept.fields["id"].encode()
        return said(201, kept, {b"Location": location})

    async def read(self, asked: Asked) -> Answer:
        kept = await self.service.read(asked.parameters["id"])
        if is_known_tag(asked.value(b"If-None-Match"), kept.tag):
            return Answer(304, fields={b"ETag": kept.tag, b"Cache-Control": FRESH})
        return said(200, kept, {b"Cache-Control": FRESH})

    async def change(self, asked: Asked) -> Answer:
        draft = draft_in(asked, done_needed=True)
        tags = tags_in(asked.value(b"If-Match"))
        kept = await self.service.change(asked.parameters["id"], draft, tags)
        return Answer(200, kept.body, {b"Content-Type": JSON})  # no tag: RFC 9110 §9.3.4

    async def delete(self, asked: Asked) -> Answer:
        tags = tags_in(asked.value(b"If-Match"))
        await self.service.delete(asked.parameters["id"], tags)
        return Answer(204)

    async def list(self, asked: Asked) -> Answer:
        query = query_of(asked.query)
        page = await self.service.list(query)
        listed = b", ".join([kept.body for kept in page.todos])
        following = json.dumps(next_target(query, page)).encode()
        body = b'{"todos": [%b], "next": %b}' % (listed, following)
        return Answer(200, body, {b"Content-Type": JSON, b"Cache-Control": FRESH})

    async def health(self, asked: Asked) -> Answer:
        await self.service.health()
        return in_json(200, {"store": "answers"})


def draft_in(asked: Asked, done_needed: bool) -> Draft:
    """What the body says."""
    kind, coding = asked.value(b"Content-Type") or b"", asked.value(b"Content-Encoding") or b""
    return draft_of(kind, coding, asked.body, done_needed)


def said(status: int, kept: Kept, fields: dict[bytes, bytes] | None = None) -> Answer:
    """A to-do as it is kept is how it goes out."""
    return Answer(status, kept.body, {b"Content-Type": JSON, b"ETag": kept.tag, **(fields or {})})


def tags_in(value: bytes | None) -> list[bytes] | None:
    """The tags of If-Match; a weak one is there, and never the same as a strong one.

    spec    RFC 9110 §13.1.1
    """
    return None if value is None else TAGS.findall(value)


def is_known_tag(value: bytes | None, tag: bytes) -> bool:
    """Whether If-None-Match has it: the client holds this state already. The comparison is weak.

    spec    RFC 9110 §13.1.2
    """
    tags = [tag.removeprefix(b"W/") for tag in tags_in(value) or []]
    return tag in tags or b"*" in tags


def next_target(query: Query, page: Page) -> str | None:
    """Where the next page is, with all that was asked for."""
    if not page.next:
        return None
    asked: dict[str, str | int] = {"after": page.next}
    if query.limit != USUAL:
        asked["limit"] = query.limit
    if query.text:
        asked["q"] = query.text
    if query.done is not None:
        asked["done"] = "true" if query.done else "false"
    return "/todos?" + urlencode(asked)
