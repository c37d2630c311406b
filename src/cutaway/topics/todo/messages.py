"""What handlers get and give: a request that was taken apart, an answer that says nothing of the wire.

    Asked(b"GET", "/todos", b"limit=5")          Answer(200, b"{…}", {b"Content-Type": JSON})

Middleware and handlers are functions from the one to the other, so that they can be put around each
other, and tested without any connection.

Left out: bodies that are longer than memory. 64 KiB is the limit here.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from ..http1.codec import Fields, Request, combined

JSON = b"application/json"


@dataclass(slots=True)
class Asked:
    """path: as it came, still percent-encoded. parameters: what the route found in it."""

    method: bytes
    path: bytes
    query: bytes = b""
    fields: Fields = ()
    body: bytes = b""
    parameters: dict[str, str] = field(default_factory=dict)

    def value(self, name: bytes) -> bytes | None:
        """The value of a header field."""
        return combined(self.fields, name)


@dataclass(slots=True)
class Answer:
    status: int
    body: bytes = b""
    fields: dict[bytes, bytes] = field(default_factory=dict)


Handler = Callable[[Asked], Awaitable[Answer]]


def asked_of(request: Request) -> Asked:
    """A target in absolute form (RFC 9112 §3.2.2) means the same without its host."""
    target = request.target
    if not target.startswith(b"/") and b"://" in target:
        target = b"/" + target.partition(b"://")[2].partition(b"/")[2]
    path, _, query = target.partition(b"?")
    return Asked(request.method, path, query, request.fields, request.body)


def in_json(status: int, value: object, fields: Mapping[bytes, bytes] | None = None) -> Answer:
    """An answer with that value as its body."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return Answer(status, body, {b"Content-Type": JSON, **(fields or {})})
