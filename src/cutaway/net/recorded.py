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

Both sides are bounded: `most` octets are kept a direction, then TooMuch is raised.

Left out: deciding anything about the octets.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import time
from typing import Literal, NamedTuple

from .consumed import read_by_peer

MOST = 80 << 20
EVENTS = 100_000
READ = 1 << 18

End = Literal["closed", "reset"]


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
        self.began = time.monotonic()
        self.events: list[Event] = []
        self.sent, self.arrived = bytearray(), bytearray()
        self.ended: End | None = None
        self.gone = False  # the peer takes nothing more

    @classmethod
    def connect(cls, address: tuple[str, int], within: float, most: int = MOST) -> Recorded:
        """Raises OSError (ConnectionRefusedError, TimeoutError …)."""
        return cls(socket.create_connection(address, timeout=within), most)

    def send(self, data: bytes, within: float, remember: bool = True) -> int:
        """Send, and receive meanwhile. Returns the octets taken; fewer when the peer is gone.

        remember  keep what is sent; without, only when and how much
        """
        deadline = time.monotonic() + within
        view, done = memoryview(data), 0
        start = len(self.sent)
        if remember:
            self._keep(self.sent, data)
        while done < len(view) and not self.gone:
            try:
                done += self.sock.send(view[done : done + (1 << 20)])
            except BlockingIOError:
                left = deadline - time.monotonic()
                if left <= 0:
                    break
                self._wait(select.POLLOUT | (0 if self.ended else select.POLLIN), left)
                self._take()
            except OSError:
                self.gone = True
        self._note("→", start, done)
        return done

    def send_pieces(self, data: bytes, cuts: list[int], within: float) -> int:
        """Send cut at these offsets; each piece is read before the next one follows."""
        done = 0
        for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
            done += self.send(data[start:end], within)
            if end < len(data) and not self.gone:
                read_by_peer(self.sock, within=0.005)
        return done

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

    def close(self) -> None:
        """Close both directions."""
        self.sock.close()

    def _wait(self, events: int, seconds: float) -> bool:
        poll = select.poll()
        poll.register(self.sock, events)
        return bool(poll.poll(max(0.0, seconds) * 1000))

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
        if not data:
            self.ended = "closed"
            return True
        start = len(self.arrived)
        self._keep(self.arrived, data)
        self._note("←", start, len(data))
        return True

    def _keep(self, where: bytearray, data: bytes) -> None:
        if len(where) + len(data) > self.most:
            raise TooMuch(f"more than {self.most} octets on one connection")
        where += data

    def _note(self, direction: Literal["→", "←"], offset: int, length: int) -> None:
        if len(self.events) < EVENTS:
            now = time.monotonic() - self.began
            self.events.append(Event(now, direction, offset, length))
