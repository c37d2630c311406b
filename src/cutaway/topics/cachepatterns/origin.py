"""The origin: asked over HTTP, one connection a question.

    await origin.fetch(b"k1")          (200, b"hello") or (404, b"")
    await origin.store(b"k1", b"new")  raises Failing unless it has taken it

Left out: connections that are kept, which topic proxy builds, and limits of time.
"""

from __future__ import annotations

import asyncio

from cutaway.net.settings import Address

from ...wire import NeedMore, Reader, WireError
from ..http1.codec import Fields, Request, Response, read_response

READ = 1 << 16
LARGEST = 1 << 22  # octets of an answer


class Failing(Exception):
    """It did not answer, or said that it cannot."""


class Origin:
    def __init__(self, address: Address) -> None:
        self.address = address
        self.host = b"%s:%d" % (address.host.encode(), address.port)

    async def fetch(self, key: bytes) -> tuple[int, bytes]:
        """200 with the value, or 404. Raises Failing."""
        answer = await self.ask(b"GET", key)
        if answer.status not in (200, 404):
            raise Failing
        return answer.status, answer.body if answer.status == 200 else b""

    async def store(self, key: bytes, value: bytes) -> None:
        """Raises Failing."""
        await self.told(b"PUT", key, value)

    async def delete(self, key: bytes) -> None:
        """Raises Failing."""
        await self.told(b"DELETE", key)

    async def told(self, method: bytes, key: bytes, body: bytes | None = None) -> None:
        if (await self.ask(method, key, body)).status // 100 != 2:
            raise Failing

    async def ask(self, method: bytes, key: bytes, body: bytes | None = None) -> Response:
        """Raises Failing when no whole answer comes."""
        fields: Fields = ((b"Host", self.host), (b"Connection", b"close"))
        if body is not None:
            fields += ((b"Content-Length", b"%d" % len(body)),)
        request = Request(method=method, target=b"/items/" + key, fields=fields, body=body or b"")
        writer: asyncio.StreamWriter | None = None
        try:
            reader, writer = await asyncio.open_connection(*self.address)
            writer.write(bytes(request))
            return await answer_of(reader, method)
        except (OSError, WireError):
            raise Failing from None
        finally:
            if writer is not None:
                writer.transport.abort()


async def answer_of(reader: asyncio.StreamReader, method: bytes) -> Response:
    """Raises WireError when it ends too early, or is none."""
    came = b""
    while True:
        data = await reader.read(READ)
        came += data
        try:
            return read_response(Reader(came), method, ended=not data)
        except NeedMore:
            if not data or len(came) > LARGEST:
                raise
