"""An origin that takes its time, and notes who was asked for when.

    with slow_origin(0.1) as origin:
        origin.address            GET /items/KEY is answered 100 ms later, with KEY as the value
        origin.groups(b"k", 0.3)  [12, 11]: asked for in two crowds, more than 300 ms apart

Its time is time that passes and no processor: a hundred requests at once take as long as one.

Left out: every other method and path, which are answered with 404.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from ....lab.part import HOST
from ....wire import WireError
from ....wire.feed import Feed
from ...http1.codec import Request, read_request

ITEM = re.compile(rb"/items/([A-Za-z0-9._-]{1,64})")


class Origin:
    """asked: key → the moments at which it was asked for, by the loop's clock."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.loop = asyncio.new_event_loop()
        self.address = (HOST, 0)
        self.asked: defaultdict[bytes, list[float]] = defaultdict(list)

    def forget(self) -> None:
        self.asked.clear()

    def groups(self, key: bytes, apart: float) -> list[int]:
        """How many asked at about the same time, for each time."""
        crowds: list[int] = []
        before = float("-inf")
        for moment in list(self.asked[key]):
            if moment - before > apart:
                crowds.append(0)
            crowds[-1] += 1
            before = moment
        return crowds


class Caller(asyncio.Protocol):
    """A connection of the service."""

    def __init__(self, origin: Origin) -> None:
        self.origin, self.feed = origin, Feed(read_request)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        try:
            requests: list[Request] = list(self.feed.receive(data))
        except WireError:
            self.transport.abort()
            return
        loop = self.origin.loop
        for request in requests:
            item = ITEM.fullmatch(request.target)
            if item is None or request.method != b"GET":
                self.answer(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                continue
            self.origin.asked[item[1]].append(loop.time())
            body = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(item[1]), item[1])
            loop.call_later(self.origin.seconds, self.answer, body)

    def answer(self, octets: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(octets)


@contextmanager
def slow_origin(seconds: float) -> Iterator[Origin]:
    """It runs in a thread of its own until the end of the block."""
    origin = Origin(seconds)
    loop = origin.loop
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        listening = loop.create_server(lambda: Caller(origin), HOST, 0)
        server = asyncio.run_coroutine_threadsafe(listening, loop).result()
        origin.address = server.sockets[0].getsockname()[:2]
        try:
            yield origin
        finally:
            asyncio.run_coroutine_threadsafe(_leave(server), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _leave(server: asyncio.Server) -> None:
    server.close()
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
