"""One connection through a relay: two sockets, a lane each way, and how it ends.

    client ══ End ──────── Lane "to server" ───────▶ End ══ server
                 ◀──────── Lane "to client" ────────

    accepted ── dial the upstream ── opened ── one FIN ── both FINs: done
                     │                  ├── RST from a side: the other one gets it too
                     ╰ refused: RST     ╰── cut by the link: FIN to both, what still comes is read
                       to the client        and thrown away for a second, then closed

A close with octets unread makes the kernel send RST, which may take away from the other side what
it has not read yet. Hence the second after a cut.

Left out: a refusal that the client sees as one. Its connection stands before the upstream's is
tried, so it gets RST; `Relay.refuse` closes the listener instead.
"""

from __future__ import annotations

import contextlib
import errno
import random
import socket
import struct
import time
from typing import TYPE_CHECKING

from .lane import Lane
from .loop import BROKEN, HUNG_UP, READABLE, WRITABLE, Loop
from .recording import TO_CLIENT, TO_SERVER, Happened, Way

if TYPE_CHECKING:
    from .relay import Relay

LINGER = 1.0  # seconds in which both sides may take note of a cut
AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: close with RST


class End:
    """One socket, and what is waited for on it. `out` reads from it, `into` writes to it."""

    __slots__ = ("_forgotten", "_mask", "fd", "into", "loop", "out", "sock")

    def __init__(self, sock: socket.socket, loop: Loop) -> None:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock, self.loop = sock, loop
        self.fd = sock.fileno()
        self._mask, self._forgotten = 0, True
        self.out: Lane
        self.into: Lane

    @property
    def open(self) -> bool:
        return self.fd >= 0

    def want(self, event: int, wanted: bool) -> None:
        """Be told of it, or no more."""
        mask = self._mask | event if wanted else self._mask & ~event
        if mask == self._mask or self.fd < 0:
            return
        self._mask = mask
        if self._forgotten:
            self._forgotten = False
            self.loop.watch(self.fd, mask, self.ready, self.out.readable)
        else:
            self.loop.change(self.fd, mask)

    def ready(self, events: int) -> None:
        if events & ~WRITABLE:
            if self._mask & READABLE:
                self.out.readable()
            elif events & (BROKEN | HUNG_UP):
                self._alarm()
        if events & WRITABLE and self._mask & WRITABLE:
            self.into.writable()

    def _alarm(self) -> None:
        """The kernel tells of an end though nobody asked, and would tell again and again."""
        if self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self.out.connection.broke(self)
        elif not self._mask:
            self._forgotten = True
            self.loop.forget(self.fd)

    def close(self, reset: bool = False) -> None:
        if self.fd < 0:
            return
        self.loop.forget(self.fd)
        self.fd = -1
        if reset:
            with contextlib.suppress(OSError):
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        self.sock.close()


class Connection:
    """Numbers begin with 1. `how` it ended, None while it lives."""

    __slots__ = (
        "_lingering",
        "_stands",
        "_told",
        "client",
        "how",
        "number",
        "relay",
        "server",
        "to_client",
        "to_server",
    )

    def __init__(self, relay: Relay, number: int, client: socket.socket) -> None:
        self.relay, self.number = relay, number
        self.how: Happened | None = None
        self._lingering = self._told = False  # told: that it was reset is in the recording
        self._stands = False  # on both sides
        self.client = End(client, relay.loop)
        family = socket.AF_INET6 if ":" in relay.upstream[0] else socket.AF_INET
        self.server = End(socket.socket(family, socket.SOCK_STREAM), relay.loop)
        links = relay.links_for(number)
        self.to_server = Lane(self, TO_SERVER, self.client, self.server, links.to_server)
        self.to_client = Lane(self, TO_CLIENT, self.server, self.client, links.to_client)
        self.client.out = self.server.into = self.to_server
        self.server.out = self.client.into = self.to_client
        trip = links.to_server.latency + links.to_client.latency
        if trip:
            now = time.monotonic()
            self.to_client.not_before(now + trip + links.to_server.latency)
            relay.loop.at(now + trip, self.dial)
        else:
            self.dial()

    def draws(self, way: Way) -> random.Random:
        """The same for the same seed, whatever other connections do."""
        return random.Random(f"{self.relay.seed}/{self.number}/{way}")

    def dial(self) -> None:
        if not self.server.open:
            return
        failed = self.server.sock.connect_ex(self.relay.upstream)
        if failed and failed != errno.EINPROGRESS:
            self._refused()
            return
        self.relay.loop.watch(self.server.fd, WRITABLE, self._dialled)

    def _dialled(self, events: int) -> None:
        self.relay.loop.forget(self.server.fd)
        if self.server.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._refused()
            return
        self._stands = True
        self.to_server.note("opened")
        for lane in (self.to_server, self.to_client):
            if self.how is None:
                lane.begin()

    def _refused(self) -> None:
        self.to_server.note("refused")
        self._finish("refused", reset=True)

    def closed(self, lane: Lane) -> None:
        """The FIN of a lane is due at its sink."""
        with contextlib.suppress(OSError):
            lane.sink.sock.shutdown(socket.SHUT_WR)
        if self.to_server.done and self.to_client.done:
            self._finish("closed")

    def broke(self, end: End) -> None:
        """A side reset the connection. The other one is told in its turn."""
        end.close()
        end.into.discard()
        end.out.note("reset")
        self._told = True
        other = end.out.sink
        if not other.open:
            self._finish("reset")
            return
        end.into.stop_reading()
        end.out.reset()

    def abort(self) -> None:
        """RST to both sides, now."""
        if not self._told:
            self.to_server.note("reset")
        self._finish("reset", reset=True)

    def cut(self) -> None:
        """FIN to both sides, now; what they still send is thrown away."""
        if self._lingering or self.how is not None:
            return
        self._lingering = True
        self.to_server.note("cut")
        if not self._stands:
            self.server.close()  # still dialled, and watched for that
            self.to_client.stop_reading()
        for end in (self.client, self.server) if self._stands else (self.client,):
            end.out.discard()
            end.out.stopped = False
            with contextlib.suppress(OSError):
                end.sock.shutdown(socket.SHUT_WR)
            end.want(READABLE, end.out.reading)
        self.relay.loop.at(time.monotonic() + LINGER, self._lingered)
        self.quiet()

    def quiet(self) -> None:
        """A side that is not listened to any more has closed."""
        if self._lingering and not (self.to_server.reading or self.to_client.reading):
            self._finish("cut")

    def _lingered(self) -> None:
        self._finish("cut")

    def _finish(self, how: Happened, reset: bool = False) -> None:
        if self.how is not None:
            return
        self.how = how
        for end in (self.client, self.server):
            end.close(reset)
        for lane in (self.to_server, self.to_client):
            lane.discard()
        self.relay.gone(self)

    def close(self) -> None:
        """The relay ends."""
        self._finish("cut", reset=True)
