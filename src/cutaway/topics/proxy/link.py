"""A connection to an upstream: requests out, answers in, one exchange at a time.

    carry ─▶ the request is written by its exchange
         ◀── octets ── read_answer ── heads and body, rewritten ──▶ the client's connection
    finish ─▶ kept for the next exchange, or closed

An answer is read as far as its end has to be known, and no further: its body goes on as it comes.
Where the end is not certain, the connection is not used again. What an upstream says when nobody
asked (octets behind the end of an answer, or on an idle connection) would be taken for the answer
to somebody else's question; such a connection is closed at once.

Left out: pipelining to upstreams. One slow answer would hold up those of other clients.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from ...wire import Malformed, NeedMore, Reader, Refused
from ..http1.codec import Framing, ResponseHead, read_response_head, response_framing, words
from .accept import index, is_last
from .arriving import Unread
from .body import LIMITS, Body
from .retries import ENDED, GARBAGE, SILENT
from .states import WAITING

if TYPE_CHECKING:
    from .exchange import Exchange
    from .upstreams import Upstream

NO_BODY = Framing("none")


class NoAnswer(Exception):
    """What came is HTTP, and yet no answer to what was asked."""


class Link(asyncio.Protocol):
    """used      an exchange was carried before the present one
    begun     something has come for the present one
    lasting   the upstream allows another exchange behind this one
    held      it is not read, since the client does not take what has come
    choked    it does not take what it is sent
    """

    __slots__ = (
        *("begun", "body", "choked", "exchange", "held", "lasting", "transport"),
        *("unread", "upstream", "used"),
    )

    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream
        self.exchange: Exchange | None = None
        self.body: Body | None = None
        self.unread: Unread | None = None
        self.used = self.begun = self.lasting = self.held = self.choked = False

    # Called by the event loop.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self.exchange is None:
            self.close()
            return
        self.begun = True
        if self.unread is not None:
            together = self.unread.more(data)
            if together is None:
                self.upstream.proxy.reads.start(self)
                return
            data, self.unread = together, None
        self.take(data, self.exchange)

    def eof_received(self) -> None:
        self.ended()

    def connection_lost(self, error: Exception | None) -> None:
        self.ended(broken=error is not None)

    def pause_writing(self) -> None:
        """The upstream does not take the request: read no more of it."""
        self.choked = True
        if self.exchange is not None:
            self.exchange.client.pause()

    def resume_writing(self) -> None:
        self.choked = False
        if self.exchange is not None:
            self.exchange.client.go_on()

    # An exchange begins and ends.

    def carry(self, exchange: Exchange) -> None:
        self.exchange, self.begun = exchange, False

    def drop(self) -> None:
        """Leave the exchange; what its upstream still says concerns nobody."""
        self.exchange = None
        self.upstream.proxy.reads.stop(self)
        self.transport.abort()

    def close(self) -> None:
        self.upstream.forget(self)
        self.transport.close()

    def finish(self, whole: bool) -> None:
        """The answer has ended. `whole`: the request has too, so the next one may follow."""
        self.upstream.proxy.reads.stop(self)
        self.exchange = self.body = None
        if whole and self.lasting and self.unread is None and not self.transport.is_closing():
            self.used = True
            self.go_on()
            self.upstream.keep(self)
        else:
            self.transport.abort()

    # Reading answers.

    def take(self, data: bytes, exchange: Exchange) -> None:
        """Read what can be read now, keep the rest, write to the client what came of it."""
        r, need, ended = Reader(data), None, False
        out: list[bytes] = []
        try:
            ended = self.read_answer(r, exchange, out)
        except NeedMore as more:
            need = more
        except (Malformed, Refused, NoAnswer):
            exchange.failed(GARBAGE)
            return
        if r.pos < len(data):
            self.unread = Unread(data, r.pos, need)
        if out:
            exchange.client.transport.write(b"".join(out))
        if ended:
            exchange.answered()
        elif exchange.state is WAITING or self.body is not None:
            self.upstream.proxy.reads.start(self)

    def read_answer(self, r: Reader, exchange: Exchange, out: list[bytes]) -> bool:
        """Heads of 1xx answers, the head, what there is of the body. True once it has ended."""
        while self.body is None:
            start = r.pos
            head = read_response_head(r, LIMITS)
            fields = index(head.fields)
            lines = r.data[start + 15 + len(head.reason) : r.pos - 2]
            if head.status >= 200:
                framing = self.framing(head, fields, exchange.method, r, start)
                self.lasting = not is_last(head.version != b"HTTP/1.1", fields.get(b"connection"))
                self.body = exchange.answer(head, fields, lines, framing, out)
            elif head.status == 101:
                exchange.switch(head, fields, r.data[r.pos :])
                r.pos = len(r.data)
                return False
            else:
                exchange.interim(head, fields, lines, out)
        return self.body.read(r, out)

    def framing(
        self, head: ResponseHead, fields: dict[bytes, bytes], method: bytes, r: Reader, start: int
    ) -> Framing:
        """Where the body of the answer ends.

        A transfer coding besides chunked was not asked for, and nobody here can undo it.
        spec    RFC 9112 §6.3, §7.4
        """
        if not head.version.startswith(b"HTTP/1."):
            raise NoAnswer
        coding = fields.get(b"transfer-encoding")
        if coding is None:
            length = fields.get(b"content-length", b"")
            has_body = method != b"HEAD" and head.status not in (204, 304)
            if has_body and length.isdigit() and len(length) < 19:
                return Framing("length", int(length))
        elif words(coding) != (b"chunked",):
            raise NoAnswer
        return response_framing(head, method, r, start)

    # When things go wrong.

    def ended(self, broken: bool = False) -> None:
        """The upstream says no more. That may be the end of an answer, its loss, or nothing."""
        self.upstream.forget(self)
        exchange, body = self.exchange, self.body
        if exchange is None:
            return
        if body is not None and body.kind == "close" and not broken:
            out: list[bytes] = []
            body.write_end(out)
            exchange.client.transport.write(b"".join(out))
            self.lasting = False
            exchange.answered()
        else:
            exchange.failed(ENDED)

    def silent(self) -> None:
        """Nothing came for as long as nothing may come."""
        if self.exchange is not None:
            self.exchange.failed(SILENT)

    # Back-pressure.

    def hold(self) -> None:
        """Read no more: the client does not take what has come."""
        self.held = True
        self.transport.pause_reading()
        self.upstream.proxy.reads.stop(self)

    def go_on(self) -> None:
        if self.held:
            self.held = False
            self.transport.resume_reading()
            if self.exchange is not None:
                self.upstream.proxy.reads.start(self)
