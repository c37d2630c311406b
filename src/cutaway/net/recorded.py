"""A connection whose reads and writes are kept, each with its time.

    c = Recorded.connect(("127.0.0.1", 8080), within=1.0)
    c.send(b"GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n", within=1.0)
    while c.receive(until=deadline):
        ...
    c.arrived            all octets that came, in order
    c.events             [(0.0002, "→", 0, 27), (0.0007, "←", 0, 119), …]

Blocking, on purpose: a grader has one conversation a thread, and importing asyncio alone costs
more than sixty checks. While sending it also receives, so that two sides that both write first do
not stop each other.

Both sides are bounded: `most` octets are kept a direction. Of what we send, the rest is sent and
not kept; when more comes, TooMuch is raised.

Left out: deciding anything about the octets.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import time
from collections.abc import Callable
from typing import Literal, NamedTuple

from .consumed import PeerQueue

MOST = 80 << 20
EVENTS = 100_000
READ = 1 << 18
READ_SOON = 0.02  # seconds in which a piece is read by a server that is not busy elsewhere
WHOLE = 5  # times the limit for one stall: the limit for all of a write
PACE = 1 << 20  # octets a second; a long write may take longer

End = Literal["closed", "reset"]
Busy = Callable[[], float]


def on_time() -> float:
    """A machine that is taken for a nominal one."""
    return 1.0


class TooMuch(Exception):
    """The peer sent more than is kept."""


class Event(NamedTuple):
    """One read or write: seconds since the connection, "→" sent or "←" received, where, how much."""

    at: float
    direction: Literal["→", "←"]
    offset: int
    length: int


class Recorded:
    """`sock` is connected and belongs to this object from now on."""

    def __init__(self, sock: socket.socket, most: int = MOST) -> None:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock, self.most = sock, most
        self.began = self.heard = time.monotonic()  # heard: when something last came
        self.events: list[Event] = []
        self.sent, self.arrived = bytearray(), bytearray()
        self.ended: End | None = None
        self.gone = False  # the peer takes nothing more
        self._queue: PeerQueue | None = None
        self._poll = select.poll()

    @classmethod
    def connect(cls, address: tuple[str, int], within: float, most: int = MOST) -> Recorded:
        """Raises OSError (ConnectionRefusedError, TimeoutError …)."""
        return cls(socket.create_connection(address, timeout=within), most)

    def send(self, data: bytes, within: float, remember: bool = True) -> int:
        """Send, and receive meanwhile. Returns the octets taken.

        They are fewer when the peer is gone, takes nothing for `within` seconds, or so little that
        all of it would take far longer than that.
        remember  keep what is sent; without, only when and how much
        """
        moved = time.monotonic()
        last = moved + WHOLE * within + len(data) / PACE
        view, done = memoryview(data), 0
        start = len(self.sent)
        if remember:
            self.sent += view[: max(0, self.most - start)]
        while done < len(view) and not self.gone:
            try:
                done += self.sock.send(view[done : done + PACE])
                moved = time.monotonic()
            except BlockingIOError:
                left = min(moved + within, last) - time.monotonic()
                if left <= 0:
                    break
                self._wait(select.POLLOUT | (0 if self.ended else select.POLLIN), left)
                self._take()
            except OSError:
                self.gone = True
        self._note("→", start, done)
        return done

    def send_pieces(self, data: bytes, cuts: list[int], within: float, busy: Busy = on_time) -> int:
        """Send cut at these offsets; each piece is read before the next one follows.

        A peer that leaves one of them unread for long is not waited for again.
        busy  as for `read_by_peer`
        """
        done, patience = 0, READ_SOON
        for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
            done += self.send(data[start:end], within)
            if done < end or self.gone:
                break
            if end < len(data) and not self.read_by_peer(patience, busy):
                patience, busy = READ_SOON / 20, on_time
            self._take()
        return done

    def read_by_peer(self, within: float, busy: Busy = on_time) -> bool:
        """Wait until the peer has read all we sent. False as well when it cannot be known.

        busy  how many times slower this machine is than a nominal one: asked when `within` seconds
              are over, which are then stretched by it
        """
        if self._queue is None:
            self._queue = PeerQueue(self.sock)
        return self._queue.emptied(within) or self._queue.emptied(within * (busy() - 1.0))

    def receive(self, until: float) -> bool:
        """Wait for octets, or the end, to `until` (monotonic). Whether anything new is known."""
        while self.ended is None:
            if self._take():
                return True
            left = until - time.monotonic()
            if left <= 0 or not self._wait(select.POLLIN, left):
                return False
        return False

    def half_close(self) -> None:
        """Say that nothing more will be sent (FIN)."""
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Close with RST: what is under way is thrown away."""
        with contextlib.suppress(OSError):
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def detach(self) -> socket.socket:
        """Give the connection away, open as it is."""
        if self._queue is not None:
            self._queue.close()
        return self.sock

    def close(self) -> None:
        """Close both directions."""
        self.sock.close()
        if self._queue is not None:
            self._queue.close()

    def _wait(self, events: int, seconds: float) -> bool:
        self._poll.register(self.sock, events)
        return bool(self._poll.poll(max(0.0, seconds) * 1000))

    def _take(self) -> bool:
        """Read once, without waiting. Whether octets or the end came."""
        if self.ended is not None:
            return False
        try:
            data = self.sock.recv(READ)
        except BlockingIOError:
            return False
        except OSError:
            self.ended, self.gone = "reset", True
            return True
        self.heard = time.monotonic()
        if not data:
            self.ended = "closed"
            return True
        start = len(self.arrived)
        if start + len(data) > self.most:
            raise TooMuch(f"more than {self.most} bytes on one connection")
        self.arrived += data
        self._note("←", start, len(data))
        return True

    def _note(self, direction: Literal["→", "←"], offset: int, length: int) -> None:
        if len(self.events) < EVENTS:
            now = time.monotonic() - self.began
            self.events.append(Event(now, direction, offset, length))
