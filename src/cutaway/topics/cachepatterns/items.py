"""An origin to try things with: items in memory, each answer a while later.

    PORT=9001 SLOW_MS=100 python -m cutaway.topics.cachepatterns.items
    curl -i -X PUT --data-binary hello http://127.0.0.1:9001/items/k1
    curl -i http://127.0.0.1:9001/items/k1

It prints a line for each request, so that a look at its terminal says what reached it. The checks do
not use it: they play the origin themselves.

Left out: keeping anything. It begins empty.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sys

from cutaway.net.settings import BadSetting, number

from ...net.serve import port_from, serve
from ...wire import Feed, WireError
from ..http1.codec import Request, Response, read_request

READ = 1 << 16
LARGEST = 1 << 17
USAGE = 2
ITEM = re.compile(rb"/items/([A-Za-z0-9._-]{1,64})")
REASONS = {200: b"OK", 204: b"No Content", 404: b"Not Found", 405: b"Method Not Allowed"}


class Items:
    """Calling it makes what serves one connection."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.kept: dict[bytes, bytes] = {}
        self.clients: set[asyncio.Task[None]] = set()

    def __call__(self) -> asyncio.Protocol:
        return asyncio.StreamReaderProtocol(asyncio.StreamReader(), self.welcome)

    def welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self.client(reader, writer))
        self.clients.add(task)
        task.add_done_callback(self.clients.discard)

    async def client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        feed = Feed(read_request)
        try:
            while (data := await reader.read(READ)) and len(feed.pending) < LARGEST:
                for request in feed.receive(data):
                    await asyncio.sleep(self.seconds)
                    writer.write(bytes(self.answer(request)))
        except (OSError, WireError):
            pass  # whoever breaks off is served no further
        finally:
            writer.close()

    def answer(self, request: Request) -> Response:
        status, value = self.done(request)
        method, target = request.method.decode(), request.target.decode()
        print(f"{method} {target} {status}", flush=True)
        fields = () if status == 204 else ((b"Content-Length", b"%d" % len(value)),)
        return Response(status=status, reason=REASONS[status], fields=fields, body=value)

    def done(self, request: Request) -> tuple[int, bytes]:
        """Status and value."""
        item = ITEM.fullmatch(request.target)
        if item is None:
            return 404, b""
        if request.method == b"GET":
            value = self.kept.get(item[1])
            return (404, b"") if value is None else (200, value)
        if request.method == b"PUT":
            self.kept[item[1]] = request.body
        elif request.method == b"DELETE":
            self.kept.pop(item[1], None)
        else:
            return 405, b""
        return 204, b""


def main() -> int:
    """Serve until told to stop; returns the exit code."""
    try:
        items = Items(number(os.environ, "SLOW_MS", 100) / 1000)
    except BadSetting as problem:
        print(problem, file=sys.stderr)
        return USAGE
    with contextlib.suppress(KeyboardInterrupt):
        return serve({port_from("PORT"): items})
    return 0


if __name__ == "__main__":
    sys.exit(main())
