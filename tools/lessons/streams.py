"""A server in forty lines, on asyncio streams. A lesson begins with it; it is not the reference.

Left out: most of HTTP. The lesson asks which parts.
"""

import asyncio
import os


def parse(head: bytes) -> tuple[bytes, bytes, dict[bytes, bytes]]:
    line, *lines = head.split(b"\r\n")
    method, target, _ = line.split(b" ")
    fields = {}
    for line in lines:
        name, _, value = line.partition(b":")
        fields[name.lower()] = value.strip()
    return method, target, fields


def answer(method: bytes, target: bytes, body: bytes) -> bytes:
    status = b"200 OK"
    if target.startswith(b"/echo/"):
        body = target[6:]
    elif target != b"/echo":
        status, body = b"404 Not Found", b"nothing here\n"
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            method, target, fields = parse(head[:-4])
            body = await reader.readexactly(int(fields.get(b"content-length", 0)))
            writer.write(answer(method, target, body))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError, ValueError):
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["PORT"]), backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
