"""Asking upstreams whether they are well, whether or not a client asks for anything.

    every HEALTH_MS:  GET HEALTH_PATH  ─▶  2xx in time?   two no in a row: out
                                                          two yes in a row: in again

Two, because one is chance: a proxy that believes a single answer takes upstreams out and lets them
in again with every lost packet, and each time their share moves to the others. The question is
asked on a connection of its own, as a new client would: a kept one would say that the upstream was
well when it was opened.

A green answer says that this question was answered, no more. What clients see is counted too: see
`failed` in upstreams.py.

Left out: starting slowly with an upstream that has come back.
"""

from __future__ import annotations

import asyncio
from time import monotonic

from ...wire import NeedMore, Reader, WireError
from ..http1.codec import read_response_head
from .body import LIMITS
from .upstreams import Upstream

IN_A_ROW = 2
READ = 1 << 12


async def watch(upstream: Upstream, path: str, every: float) -> None:
    """Ask again and again, until cancelled. `every` in seconds is also the longest wait."""
    against = 0  # answers in a row that say the contrary of what is held true
    while True:
        began = monotonic()
        well = await is_well(upstream, path, every)
        against = against + 1 if well is upstream.sick else 0
        if against == IN_A_ROW:
            upstream.sick, against = not upstream.sick, 0
        await asyncio.sleep(max(0.0, began + every - monotonic()))


async def is_well(upstream: Upstream, path: str, within: float) -> bool:
    """One question. No connection, no answer in time and no 2xx are all the same no."""
    host, port = upstream.address
    try:
        async with asyncio.timeout(within):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(question(upstream, path))
                return 200 <= await read_status(reader) < 300
            finally:
                writer.transport.abort()
    except (OSError, WireError):
        return False


def question(upstream: Upstream, path: str) -> bytes:
    head = f"GET {path} HTTP/1.1\r\nHost: {upstream.address}\r\nConnection: close\r\n\r\n"
    return head.encode()


async def read_status(reader: asyncio.StreamReader) -> int:
    """The status of the answer; 0 where none comes. Raises WireError where it is no HTTP."""
    data = b""
    while piece := await reader.read(READ):
        data += piece
        try:
            return read_response_head(Reader(data), LIMITS).status
        except NeedMore:
            continue
    return 0
