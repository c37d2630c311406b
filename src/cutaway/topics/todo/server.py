"""The reference part: a to-do service on HTTP/1.1, a store and a cache.

    STORE=127.0.0.1:6379 CACHE=127.0.0.1:6380 PORT=8080 python -m cutaway.topics.todo.server
    curl -i -H 'Content-Type: application/json' -d '{"title": "buy milk"}' http://127.0.0.1:8080/todos

    connection ─▶ middleware ─▶ routes ─▶ handlers ─▶ service ─┬─▶ cached ──────▶ link ─▶ cache
     octets        errors        paths      HTTP       to-dos   ╰─▶ repository ─▶ link ─▶ store
                                              ╰ validation

Each knows only what stands to its right. In reading order: codec (a to-do as it is kept), validation,
service, repository and cached, link; then what is HTTP: messages, handlers, routes, problems,
middleware, connection, writing; the page; and here all of it put together, by plain parameters.

Left out: HTTP beyond what the paths need. Topic http1 is about that.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys

from cutaway.net.settings import BadSetting

from ...net.serve import USAGE, port_from, serve
from .cached import CachedReads
from .connection import Connection
from .handlers import Todos
from .link import Link
from .messages import Handler
from .middleware import careful, chain, recovered
from .page import add_page
from .repository import Repository
from .routes import Routes
from .service import Service
from .settings import Settings, read_settings

DRAIN_SECONDS = 60.0


class Server:
    """Calling it makes what serves one connection."""

    def __init__(self, app: Handler) -> None:
        self.app = app
        self.connections: set[Connection] = set()
        self.draining = False
        self.nobody = asyncio.Event()

    def __call__(self) -> Connection:
        return Connection(self)

    def forget(self, connection: Connection) -> None:
        self.connections.discard(connection)
        if self.draining and not self.connections:
            self.nobody.set()

    async def drain(self) -> None:
        """Returns once every request is answered."""
        self.draining = True
        for connection in list(self.connections):
            connection.stop()
        if self.connections:
            await self.nobody.wait()


def app_of(settings: Settings) -> Handler:
    """All of it, from the outside in."""
    store = Link(settings.store, settings.store_ms / 1000)
    cache = Link(settings.cache, settings.cache_ms / 1000) if settings.cache else None
    repository = Repository(store)
    service = Service(repository, CachedReads(cache, repository, settings.ttl_ms))
    routes = Routes()
    Todos(service).add_to(routes)
    add_page(routes)
    return chain(routes, recovered, careful)


def main() -> int:
    """Serve until told to stop; returns the exit code."""
    try:
        settings = read_settings(os.environ)
    except BadSetting as problem:
        print(problem, file=sys.stderr)
        return USAGE
    server = Server(app_of(settings))

    def ready(ports: list[int]) -> None:
        print(f"http://127.0.0.1:{ports[0]}/", file=sys.stderr, flush=True)

    with contextlib.suppress(KeyboardInterrupt):
        return serve({port_from("PORT"): server}, server.drain, ready, DRAIN_SECONDS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
