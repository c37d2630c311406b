"""The reference: one program, three listeners, every line of the contract.

    PORT=7000 LINES_PORT=7001 FRAMES_PORT=7002 python -m cutaway.topics.tcp.server
    printf 'hello' | nc -N 127.0.0.1 7000

Each kind of listener is a class with one method of its own, `receive`; what all three share is in
`Connection`:

    kernel ── data_received ──▶ receive ──▶ transport.write ── kernel
      ▲                                           │
      └─ pause_reading ◀── pause_writing ◀────────┘  more than HIGH_WATER waits

The last arrow but one is the whole of back-pressure. When a client does not read, the kernel takes
no more from us, what we wrote waits in the transport, and we stop reading from that client. Then
its kernel's buffers fill too, and its own writes stop: the window closes (RFC 9293 §3.8.6). Nothing
grows, and no other connection notices.

Time is one check for all connections, a few times in each idle period. A timer for each would be
10,000 entries in a heap, moved with every octet that arrives.

A connection that is idle costs about 2.3 KB here: a socket, a transport, and an object with slots.
A thread for each would cost its stack.

Left out: TLS, addresses other than loopback, keep-alive probes of TCP (RFC 9293 §3.8.4): the idle
time of the contract finds a dead peer sooner.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import cast

from cutaway.net.serve import USAGE, Factory, port_from, serve
from cutaway.net.settings import BadSetting
from cutaway.wire import Feed, Refused

from .chat import Chat, room_asked_for
from .codec import read_frame, read_line

HIGH_WATER = 256 << 10  # octets waiting for a client at which reading from it stops
LINGER = 1.0  # seconds in which a client may take what waits, once told that this is the end
TURN = 0.05  # seconds of silence after which nothing is on its way any more
GRACE = 1.0  # seconds that draining goes on when nobody takes what waits
LAST = 4.0  # seconds that it may take in all; the contract allows 5

LINGER_NOT = struct.pack("ii", 1, 0)  # the struct linger that makes close() send RST


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says."""

    idle_seconds: float = 60.0
    max_connections: int = 10_000

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Settings:
        idle = setting("IDLE_SECONDS", r"[0-9]+(\.[0-9]+)?", "60", environ)
        most = setting("MAX_CONNECTIONS", r"[0-9]+", "10000", environ)
        return cls(float(idle), int(most))


def setting(name: str, shape: str, default: str, environ: Mapping[str, str]) -> str:
    """A number above 0. Stricter than `float`, which takes "nan" and "1_0"."""
    text = environ.get(name, default)
    if not re.fullmatch(shape, text) or float(text) == 0:
        raise BadSetting(f"{name} is {text!r}: set it to a number above 0, as in {name}={default}")
    return text


class Server:
    """What the connections share: their number, the rooms, the clock."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.connections: set[Connection] = set()
        self.chat = Chat()
        self.moved = 0.0  # when a client last took what waited for it
        self._check: asyncio.TimerHandle | None = None

    def factories(self) -> dict[str, Factory]:
        """What makes the connections of each listener, by the variable that names its port."""
        return {
            "PORT": partial(RawEcho, self),
            "LINES_PORT": partial(LineEcho, self),
            "FRAMES_PORT": partial(FrameEcho, self),
        }

    def is_full(self) -> bool:
        return len(self.connections) >= self.settings.max_connections

    def admit(self, connection: Connection) -> None:
        self.connections.add(connection)
        if self._check is None:
            self.check_idle()

    def forget(self, connection: Connection) -> None:
        self.connections.discard(connection)

    def check_idle(self) -> None:
        """End what has been silent for too long, and come back while anybody is there."""
        now = monotonic()
        for connection in [c for c in self.connections if c.is_overdue(now)]:
            connection.expire()
        again = min(1.0, self.settings.idle_seconds / 8)
        loop = asyncio.get_running_loop()
        self._check = loop.call_later(again, self.check_idle) if self.connections else None

    async def drain(self) -> None:
        """Answer what has arrived, then close; those that stay are cut when time is over."""
        self.moved = monotonic()
        last = self.moved + LAST
        await asyncio.sleep(TURN)  # what the kernel holds already is read in the meantime
        while self.connections and monotonic() < min(self.moved + GRACE, last):
            self.close_the_silent()
            await asyncio.sleep(TURN)
        for connection in list(self.connections):
            connection.cut()
        await asyncio.sleep(0)  # a transport closes its socket in the next turn of the loop

    def close_the_silent(self) -> None:
        now = monotonic()
        for connection in [c for c in self.connections if c.is_answered(now)]:
            connection.close()


class Connection(asyncio.Protocol):
    """One client. Slots, because thousands of them wait."""

    __slots__ = ("leaving", "server", "since", "transport")

    transport: asyncio.Transport
    since: float  # when something last arrived, or when it was told to leave

    def __init__(self, server: Server) -> None:
        self.server = server
        self.leaving = False

    def receive(self, data: bytes) -> None:
        """Do what this kind of listener does with octets that arrived. May raise Refused."""
        raise NotImplementedError

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(high=HIGH_WATER)
        if self.server.is_full():
            self.turn_away()
            return
        self.since = monotonic()
        self.server.admit(self)

    def data_received(self, data: bytes) -> None:
        if self.leaving:
            return
        self.since = monotonic()
        try:
            self.receive(data)
        except Refused:
            self.refuse()

    def eof_received(self) -> bool:
        """The client has finished. The transport sends what waits, then closes."""
        return False

    def pause_writing(self) -> None:
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        self.server.moved = monotonic()
        self.transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        self.server.forget(self)

    # Four ways to end, from gentle to sudden.

    def close(self) -> None:
        """No more is read. What waits is sent for as long as LINGER."""
        self.leave()
        self.transport.close()

    def refuse(self) -> None:
        """Finish, and throw away what still comes.

        Closing with octets unread would send RST (RFC 9293 §3.6.1), which may destroy answers
        that the client has not read yet.
        """
        self.leave()
        if not self.transport.is_closing():
            self.transport.write_eof()

    def turn_away(self) -> None:
        """Full: closed without an answer."""
        self.leaving = True
        self.transport.close()

    def cut(self) -> None:
        """At once; what waits is lost.

        Closing leaves the kernel to deliver what it holds, for as long as the client likes. Where
        the client does not take it this is an ABORT (RFC 9293 §3.10.5): RST, and nothing is held.
        """
        if self.waiting():
            sock = self.transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
        self.transport.abort()

    def leave(self) -> None:
        self.leaving = True
        self.since = monotonic()

    # What the shared checks ask.

    def is_overdue(self, now: float) -> bool:
        patience = LINGER if self.leaving else self.server.settings.idle_seconds
        return now - self.since >= patience

    def expire(self) -> None:
        if self.leaving:
            self.cut()
        else:
            self.close()

    def is_answered(self, now: float) -> bool:
        """Nothing more is on its way from this client, as far as can be seen.

        Whose reading has only just been resumed may have sent more, which is not read yet.
        """
        since = max(self.since, self.server.moved)
        return now - since >= TURN and self.transport.is_reading()

    def waiting(self) -> int:
        """Octets written and not yet taken by the kernel."""
        return self.transport.get_write_buffer_size()

    def tell(self, data: bytes) -> None:
        self.transport.write(data)


class RawEcho(Connection):
    """`$PORT`."""

    __slots__ = ()

    def receive(self, data: bytes) -> None:
        self.tell(data)


class LineEcho(Connection):
    """`$LINES_PORT`, with the rooms."""

    __slots__ = ("feed", "room")

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.feed = Feed(read_line)
        self.room: bytes | None = None

    def receive(self, data: bytes) -> None:
        for line in self.feed.receive(data):
            self.take(line.text, bytes(line))

    def take(self, text: bytes, line: bytes) -> None:
        room = room_asked_for(text)
        if room is not None:
            self.server.chat.join(self, room)
        elif self.room is not None:
            self.server.chat.say(self, line)
        else:
            self.tell(line)

    def eof_received(self) -> bool:
        """Who has finished speaking hears no more: nothing can be written from here on."""
        self.server.chat.leave(self)
        return super().eof_received()

    def turn_away(self) -> None:
        self.tell(b"busy\n")
        super().turn_away()

    def leave(self) -> None:
        self.server.chat.leave(self)
        super().leave()

    def connection_lost(self, error: Exception | None) -> None:
        self.server.chat.leave(self)
        super().connection_lost(error)


class FrameEcho(Connection):
    """`$FRAMES_PORT`."""

    __slots__ = ("feed",)

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.feed = Feed(read_frame)

    def receive(self, data: bytes) -> None:
        for frame in self.feed.receive(data):
            self.tell(bytes(frame))


def listeners(server: Server, environ: Mapping[str, str]) -> dict[int, Factory]:
    """Port → factory, for the ports that the environment names."""
    named = {name: make for name, make in server.factories().items() if name in environ}
    if not named:
        raise BadSetting("no port is set: set PORT, LINES_PORT or FRAMES_PORT, as in PORT=7000")
    opened = {port_from(name, environ): make for name, make in named.items()}
    if len(opened) < len(named):
        raise BadSetting(f"{' and '.join(named)} share a port: give each one of its own")
    return opened


def main(environ: Mapping[str, str] = os.environ) -> int:
    """Serve until SIGTERM; returns the exit code."""
    try:
        server = Server(Settings.read(environ))
        opened = listeners(server, environ)
    except BadSetting as problem:
        print(problem, file=sys.stderr)
        return USAGE
    return serve(opened, on_stop=server.drain)


if __name__ == "__main__":
    sys.exit(main())
