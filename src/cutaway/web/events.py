r"""What goes on, told to every page as it goes on: server-sent events that can be resumed.

    hub.tell("lab", LabRunning(lab="tcp/nagle", done=3, …))

    id: 17
    event: lab
    data: {"lab": "tcp/nagle", "done": 3, …}

What is told is kept for a while, in bounds. A page that comes back says the last id it saw
(Last-Event-ID) and gets what came since; one that was away for longer, or reads too slowly, is told
`missed`, and asks for the whole picture anew. So nobody waits for a slow page, and none of them has
a queue of its own: a page is a place in the ring.

    ring   … 14 15 16 17 18 19          a page at 15 gets 16 to 19, then waits

Left out: asking. What a page wants it asks for by requests.

spec   WHATWG HTML §9.2
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

import msgspec

KEPT = 2000  # events
OCTETS = 4 << 20  # of all that is kept
PAGES = 32  # event streams at a time
SILENCE = 10.0  # seconds after which a comment shows that the connection lives

encode = msgspec.json.Encoder().encode


class TooMany(Exception):
    """More pages than are served."""


class Hub:
    """For one event loop. `tell` may be called from any thread once `open` was."""

    def __init__(self) -> None:
        self._ring: deque[tuple[int, bytes]] = deque()
        self._size = self._last = 0
        self._news: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.pages = 0
        self.over = False

    def open(self) -> None:
        """In the loop that the pages are served by."""
        self._loop, self._news = asyncio.get_running_loop(), asyncio.Event()

    def close(self) -> None:
        """Every stream ends."""
        self.over = True
        self._wake()

    def tell(self, kind: str, what: Any) -> None:
        data = encode(what)
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._add, kind, data)

    def _add(self, kind: str, data: bytes) -> None:
        self._last += 1
        told = b"id: %d\nevent: %s\ndata: %s\n\n" % (self._last, kind.encode(), data)
        self._ring.append((self._last, told))
        self._size += len(told)
        while len(self._ring) > KEPT or (self._size > OCTETS and len(self._ring) > 1):
            self._size -= len(self._ring.popleft()[1])
        self._wake()

    def _wake(self) -> None:
        if self._news is not None:
            self._news.set()
            self._news = asyncio.Event()

    async def stream(self, since: int | None) -> AsyncIterator[bytes]:
        """What is told from now on, or after the event `since`. Raises TooMany."""
        if self.pages >= PAGES:
            raise TooMany
        self.pages += 1
        try:
            at = self._last if since is None or since > self._last else since
            yield b"retry: 500\n\n"
            while not self.over:
                if self._ring and at + 1 < self._ring[0][0]:
                    at = self._last
                    yield b"id: %d\nevent: missed\ndata: {}\n\n" % at
                while told := self._after(at):
                    at = told[-1][0]
                    yield b"".join(data for _, data in told)
                if not await self._awaited():
                    yield b": still here\n\n"
        finally:
            self.pages -= 1

    def _after(self, at: int) -> list[tuple[int, bytes]]:
        """At most a hundred; none when some are gone already."""
        if not self._ring or at >= self._last or at + 1 < self._ring[0][0]:
            return []
        first = at + 1 - self._ring[0][0]
        return [self._ring[n] for n in range(first, min(first + 100, len(self._ring)))]

    async def _awaited(self) -> bool:
        """Whether there is news, waiting for it for a while."""
        assert self._news is not None
        try:
            await asyncio.wait_for(self._news.wait(), SILENCE)
        except TimeoutError:
            return False
        return True
