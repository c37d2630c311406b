"""The least that asyncio needs to copy bytes both ways: `copier.py LISTEN UPSTREAM`. It keeps nothing."""

import asyncio
import sys


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()
    writer.close()


async def took(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    there, onward = await asyncio.open_connection("127.0.0.1", int(sys.argv[2]), limit=1 << 18)
    await asyncio.gather(copy(reader, onward), copy(there, writer), return_exceptions=True)


async def main() -> None:
    server = await asyncio.start_server(took, "127.0.0.1", int(sys.argv[1]), limit=1 << 18)
    await server.serve_forever()


asyncio.run(main())
