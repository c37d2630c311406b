"""The reference part: a service between a slow origin and a cache.

    PORT=8080 ORIGIN=127.0.0.1:9001 CACHE=127.0.0.1:6379 python -m cutaway.topics.cachepatterns.server

In reading order: codec (an entry), link and store (the cache), origin; patterns (what is done while
the client waits), ahead (keys that many want), behind (writes that come later); and here the paths,
the clients, and the way to stop.

Left out: HTTP beyond what the paths need. Topic http1 is about that.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sys

from cutaway.net.settings import BadSetting

from ...net.serve import USAGE, port_from, serve
from ...wire import Feed, Malformed, Refused
from ..http1.codec import Fields, Request, Response, read_request
from .ahead import Early, RefreshAhead, SingleFlight, Stale
from .behind import WriteBehind
from .link import Link
from .origin import Failing, Origin
from .patterns import Answer, Aside, Pattern, ReadThrough, WriteAround, WriteThrough
from .settings import Settings, read_settings
from .store import Store

READ = 1 << 16
LARGEST = 1 << 17  # octets of a request, its body included
DRAIN_SECONDS = 60.0
PATH = re.compile(rb"/([a-z-]+)/([A-Za-z0-9._-]{1,64})")
REASONS = {
    200: b"OK",
    202: b"Accepted",
    204: b"No Content",
    400: b"Bad Request",
    404: b"Not Found",
    405: b"Method Not Allowed",
    413: b"Content Too Large",
    502: b"Bad Gateway",
    503: b"Service Unavailable",
}


class Service:
    """Paths to patterns."""

    def __init__(self, settings: Settings) -> None:
        link = Link(settings.cache, settings.patience / 1000, settings.pause / 1000)
        self.store = Store(link)
        shared = settings, self.store, Origin(settings.origin)
        self.behind = WriteBehind(*shared)
        kinds = (
            Aside,
            ReadThrough,
            WriteThrough,
            WriteAround,
            RefreshAhead,
            SingleFlight,
            Early,
            Stale,
        )
        # What is invalidated; in write-behind the cache is ahead of the origin.
        self.derived: list[Pattern] = [kind(*shared) for kind in kinds]
        self.patterns = {one.name.encode(): one for one in (*self.derived, self.behind)}
        self.clients: set[asyncio.Task[None]] = set()
        self.draining = asyncio.Event()

    async def answer(self, request: Request) -> Answer:
        """Whatever happens behind it, the client gets an answer."""
        path = PATH.fullmatch(request.target.partition(b"?")[0])
        if path is None:
            return Answer(404)
        name, key = path.groups()
        try:
            if name == b"invalidate":
                return await self.invalidate(request.method, key)
            return await self.by_pattern(name, request, key)
        except Failing:
            return Answer(502)

    async def by_pattern(self, name: bytes, request: Request, key: bytes) -> Answer:
        pattern = self.patterns.get(name)
        if pattern is None:
            return Answer(404)
        method = request.method
        if method == b"GET":
            return await pattern.get(key)
        if method == b"PUT" and isinstance(pattern, WriteThrough | WriteAround | WriteBehind):
            return await pattern.put(key, request.body)
        if method == b"DELETE" and isinstance(pattern, Aside):
            return await pattern.delete(key)
        return Answer(405)

    async def invalidate(self, method: bytes, key: bytes) -> Answer:
        if method != b"POST":
            return Answer(405)
        await self.store.remove(*[pattern.entry_of(key) for pattern in self.derived])
        return Answer(204)

    # Clients.

    def __call__(self) -> asyncio.Protocol:
        reader = asyncio.StreamReader()
        return asyncio.StreamReaderProtocol(reader, self.welcome)

    def welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self.client(reader, writer))
        self.clients.add(task)
        task.add_done_callback(self.clients.discard)

    async def client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: requests in turn, each answered before the next is looked at."""
        feed = Feed(read_request)
        try:
            while await self.served(reader, writer, feed):
                pass
        except OSError:
            pass  # the client has left
        finally:
            writer.close()

    async def served(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, feed: Feed
    ) -> bool:
        """What one read brought. Whether another one follows."""
        data = await self.next_octets(reader)
        if not data:
            return False
        try:
            for request in feed.receive(data):
                closes = b"close" in (request.value(b"Connection") or b"").lower()
                await say(writer, await self.answer(request), closes or self.draining.is_set())
                if closes:
                    return False
        except (Malformed, Refused):
            await say(writer, Answer(400), True)
            return False
        if len(feed.pending) > LARGEST:
            await say(writer, Answer(413), True)
            return False
        return not self.draining.is_set()

    async def next_octets(self, reader: asyncio.StreamReader) -> bytes:
        """b"" at the end, and where the program is to end while nothing comes."""
        read = asyncio.ensure_future(reader.read(READ))
        stop = asyncio.ensure_future(self.draining.wait())
        await asyncio.wait({read, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if not read.done():
            read.cancel()
            return b""
        return read.result()

    async def drain(self) -> None:
        """Returns once every request is answered and nothing is owed."""
        self.draining.set()
        if self.clients:
            await asyncio.wait([*self.clients])
        await self.behind.drain()


async def say(writer: asyncio.StreamWriter, answer: Answer, last: bool) -> None:
    fields: Fields = ((b"Content-Type", b"application/octet-stream"),) if answer.value else ()
    if answer.status != 204:
        fields += ((b"Content-Length", b"%d" % len(answer.value)),)
    if last:
        fields += ((b"Connection", b"close"),)
    reason = REASONS.get(answer.status, b"")
    response = Response(status=answer.status, reason=reason, fields=fields, body=answer.value)
    writer.write(bytes(response))
    await writer.drain()


def main() -> int:
    """Serve until told to stop; returns the exit code."""
    try:
        settings = read_settings(os.environ)
    except BadSetting as problem:
        print(problem, file=sys.stderr)
        return USAGE
    service = Service(settings)

    def ready(ports: list[int]) -> None:
        service.behind.start()
        print(f"http://127.0.0.1:{ports[0]}/", file=sys.stderr, flush=True)

    with contextlib.suppress(KeyboardInterrupt):
        return serve({port_from("PORT"): service}, service.drain, ready, DRAIN_SECONDS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
