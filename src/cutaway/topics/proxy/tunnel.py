"""Two connections joined: what comes on one goes out on the other, as it is.

    client ══ End ══╗      data      ─▶ written to the other
                    ║      its FIN   ─▶ a FIN to the other; the other direction goes on
    upstream ═ End ═╝      its loss  ─▶ the other is closed too

After 101 (Switching Protocols), and after 200 to CONNECT, there are no messages any more, only
octets in two directions that end each in its own time. A proxy that closes both at the first FIN
cuts off whoever says "that was my question" by closing its half and then waits for the answer.

Left out: a time after which a silent tunnel is closed; and half-closing a side that speaks TLS,
which asyncio cannot: there the end of one direction is the end of both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast


class End(asyncio.Protocol):
    """One of the two connections. `other` is the one that it is joined to."""

    __slots__ = ("finished", "lost", "other", "transport", "tunnel")

    def __init__(self, transport: asyncio.Transport, tunnel: Tunnel) -> None:
        self.transport, self.tunnel = transport, tunnel
        self.other: End = self
        self.finished = self.lost = False

    def data_received(self, data: bytes) -> None:
        self.other.transport.write(data)

    def eof_received(self) -> bool:
        """This side sends no more: tell the other, and go on the other way."""
        self.finished = True
        there = self.other.transport
        if self.other.finished or not there.can_write_eof() or not self.transport.can_write_eof():
            self.tunnel.close()
            return False
        if not there.is_closing():
            try:
                there.write_eof()
            except OSError:
                self.tunnel.close()  # it has gone already
        return True

    def pause_writing(self) -> None:
        """This side does not take what comes: do not read the other."""
        self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        self.other.transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        self.lost = True
        if error is not None:
            self.other.transport.abort()
        else:
            self.other.transport.close()
        if self.other.lost:
            self.tunnel.ended(self.tunnel)


class Tunnel:
    """`ended` is called once, when both connections are closed."""

    __slots__ = ("client", "ended", "upstream")

    def __init__(
        self,
        client: asyncio.Transport,
        upstream: asyncio.Transport,
        ended: Callable[[Tunnel], None],
    ) -> None:
        self.ended = ended
        self.client, self.upstream = End(client, self), End(upstream, self)
        self.client.other, self.upstream.other = self.upstream, self.client

    def begin(self, to_client: bytes, to_upstream: bytes) -> None:
        """Join the two, beginning with what was on its way already."""
        for end in (self.client, self.upstream):
            end.transport.set_protocol(end)
            end.transport.resume_reading()
        for end, octets in ((self.client, to_client), (self.upstream, to_upstream)):
            if octets:
                end.transport.write(octets)

    def close(self) -> None:
        """Close both, once they have taken what was written to them."""
        self.client.transport.close()
        self.upstream.transport.close()


def address_of(transport: asyncio.BaseTransport) -> str:
    """The address of the connection's other end."""
    return str(cast(tuple[str, int], transport.get_extra_info("peername") or ("unknown", 0))[0])
