"""Which upstreams a request may go to, by its host and the beginning of its path.

    [{"host": "shop.example", "path": "/api", "to": [0, 1], "replace": "/v2"},
     {"path": "/", "to": [2]}]

    shop.example /api/cart?x=1   ─▶  0 or 1, as /v2/cart?x=1
    shop.example /apix           ─▶  2, since a prefix is whole segments
    shop.example /api/../admin   ─▶  400

Paths are compared as they came. A proxy that decodes what it compares and passes on what came, or
the other way round, has two opinions on one path: with `/public/%2e%2e/admin` it lets past what it
was told to keep out. So segments that could mean "up" are refused, and nothing is decoded.

Left out: regular expressions, and anything that looks at a method or a field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from .accept import Refusal
from .settings import Route
from .upstreams import Group

DOTS = re.compile(rb"(?:\.|%2e){1,2}", re.IGNORECASE)
PORT = re.compile(rb":[0-9]*$")


class Routed:
    """A route with the group of upstreams that it leads to."""

    __slots__ = ("group", "route")

    def __init__(self, route: Route, group: Group) -> None:
        self.route, self.group = route, group

    def takes(self, host: bytes, path: bytes) -> bool:
        """`host` without its port and in lower case; `path` without its query."""
        prefix = self.route.path
        if self.route.host is not None and self.route.host != host:
            return False
        return path == prefix or path.startswith(prefix + b"/")

    def rewritten(self, target: bytes) -> bytes:
        """The target with the prefix replaced, where the route says so. The query stays."""
        if self.route.replace is None:
            return target
        path = self.route.replace.rstrip(b"/") + target[len(self.route.path) :]
        return path if path.startswith(b"/") else b"/" + path


def in_order(routes: Iterable[Routed]) -> Sequence[Routed]:
    """Those with a host first, then the longer path: the first that takes a request is right."""
    return sorted(routes, key=lambda one: (one.route.host is None, -len(one.route.path)))


def find(routes: Sequence[Routed], host: bytes, target: bytes) -> Routed:
    """The route of a request. Refuses with 400 and 404; `target` is a path with its query."""
    path = target.partition(b"?")[0]
    check_segments(path)
    name = PORT.sub(b"", host).lower()
    for one in routes:
        if one.takes(name, path):
            return one
    raise Refusal(404, "No route leads to this host and path.")


def check_segments(path: bytes) -> None:
    """Whether no segment of the path is `.` or `..`, plain or percent-encoded.

    spec    RFC 3986 §3.3, §6.2.2.3
    """
    if b"." not in path and b"%2" not in path:
        return
    if any(DOTS.fullmatch(segment) for segment in path.split(b"/")):
        raise Refusal(400, "A path with . or .. as a segment has no one meaning.")
