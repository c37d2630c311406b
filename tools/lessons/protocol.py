"""The server of streams.py, a step lower: the event loop calls it, and nothing waits.

Left out: what streams.py leaves out, and back-pressure, which streams had in `drain`.
"""

import asyncio
import os
from typing import cast

from tools.lessons.streams import answer, parse


class Connection(asyncio.Protocol):
    __slots__ = ("kept", "transport")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.kept = b""

    def data_received(self, data: bytes) -> None:
        data, start, out = self.kept + data, 0, []
        while (end := data.find(b"\r\n\r\n", start)) >= 0:
            method, target, fields = parse(data[start:end])
            past = end + 4 + int(fields.get(b"content-length", 0))
            if past > len(data):
                break
            out.append(answer(method, target, data[end + 4 : past]))
            start = past
        self.kept = data[start:]
        self.transport.write(b"".join(out))


async def main() -> None:
    loop = asyncio.get_running_loop()
    port = int(os.environ["PORT"])
    server = await loop.create_server(Connection, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
