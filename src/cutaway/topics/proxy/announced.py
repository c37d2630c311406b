"""A connection that begins with a PROXY protocol header: somebody ahead of us says who the client is.

    PROXY TCP4 192.0.2.7 203.0.113.9 56324 443␍␊GET / HTTP/1.1␍␊Host: a␍␊␍␊
    └───────── read here, once ─────────────────┘└─ from here on as on any connection

A balancer that passes octets on cannot add a field to them, so it says it ahead of them. Whoever can
reach this listener can claim any address: it is one of its own, to be reached by the balancer alone,
and on it the header has to be there. A listener that takes connections with and without the header
lets every client choose who it is.

Left out: what else version 2 can carry. It is read, and not passed on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...wire import Malformed, NeedMore, Reader, Refused
from .arriving import Unread
from .client import Client
from .codec import read_announcement
from .states import CLOSED

if TYPE_CHECKING:
    import asyncio

    from .server import Proxy


class Announced(Client):
    """A client whose address is the one that the header says."""

    __slots__ = ("expected",)

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(proxy)
        self.expected = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.proxy.heads.start(self)

    def data_received(self, data: bytes) -> None:
        if not self.expected:
            super().data_received(data)
            return
        together = self.unread.more(data) if self.unread is not None else data
        if together is not None:
            self.unread = None
            self.read_header(together)

    def read_header(self, data: bytes) -> None:
        """The header; what is behind it is the first request, or a part of it."""
        r = Reader(data)
        try:
            announced = read_announcement(r)
        except NeedMore as need:
            self.unread = Unread(data, 0, need)
            return
        except (Malformed, Refused):
            self.hang_up()
            return
        self.expected = False
        self.proxy.heads.stop(self)
        if announced.source is not None:
            self.address = announced.source
        if r.pos < len(data):
            super().data_received(data[r.pos :])

    def too_slow(self) -> None:
        if self.expected:
            self.hang_up()
        else:
            super().too_slow()

    def hang_up(self) -> None:
        """Without a header nobody knows who is there: there is nobody to answer."""
        self.state = CLOSED
        self.proxy.heads.stop(self)
        self.transport.abort()
