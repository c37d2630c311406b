"""A client's connection: requests in, answers out, one at a time and in order.

    octets ─▶ take ─▶ begin ── refused? ──▶ the proxy's own answer, and the end
                        │
                        └─▶ an Exchange ─▶ push: the body, as it comes
                                 └─▶ answered: the next request may be read

Towards the client a proxy is a server like any other: heads are bounded in octets and in time, what
can be read in two ways is refused, and a connection is closed in a way that lets the client read
its last answer. What it adds is that the reading stops while the upstream does not take the body,
or while an answer is under way and more requests wait behind it.

Left out: answering several pipelined requests at a time. They are sent on one after the other.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from ...wire import Malformed, NeedMore, Reader, Refused
from ..http1.codec import RequestHead, read_request_head, request_framing
from . import accept, rewrite
from .accept import Refusal, own_answer
from .arriving import Unread
from .body import LIMITS, Body
from .exchange import Exchange
from .states import BEGUN, CLIENT, CLOSED, HEAD, LAST, LINGERING, TAKING, TUNNEL
from .tunnel import address_of

if TYPE_CHECKING:
    from .link import Link
    from .server import Proxy
    from .upstreams import Group, Upstream

NEXT = CLIENT.table
LINGER_OCTETS = 1 << 18
CLOSE = b"Connection: close\r\n"
ESTABLISHED = b"HTTP/1.1 200 Connection Established\r\n\r\n"
AT_ONCE = struct.pack("ii", 1, 0)


class Client(asyncio.Protocol):
    """address   of whom the upstream is told
    choked    it does not take what it is sent
    paused    it is not read
    old       its present request is of HTTP/1.0
    """

    __slots__ = (
        *("address", "choked", "dropped", "exchange", "method", "old", "paused", "proxy"),
        *("scheme", "state", "transport", "unending", "unread"),
    )

    def __init__(self, proxy: Proxy, scheme: bytes = b"http") -> None:
        self.proxy, self.scheme = proxy, scheme
        self.state = CLIENT.start
        self.unread: Unread | None = None
        self.exchange: Exchange | None = None
        self.choked = self.paused = self.old = self.unending = False
        self.dropped = 0
        self.method = b"GET"

    # Called by the event loop.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.address = address_of(transport)
        self.proxy.clients.add(self)

    def data_received(self, data: bytes) -> None:
        if self.state is LINGERING:
            self.drop(len(data))
            return
        if self.unread is not None:
            together = self.unread.more(data)
            if together is None:
                return
            data, self.unread = together, None
        if self.exchange is None or self.exchange.takes():
            self.take(data)
        else:
            self.unread = Unread(data, 0, None)
            self.pause()

    def eof_received(self) -> bool:
        """The client sends no more. True: what is owed to it still goes out."""
        if self.state is CLOSED:
            return False
        self.state = NEXT[self.state, "client finished"]
        if self.exchange is not None and self.exchange.body is not None:
            self.end()  # the request will never be whole
        return self.state is not CLOSED and self.transport.can_write_eof()

    def pause_writing(self) -> None:
        """The client does not take its answer: do not read it from the upstream."""
        self.choked = True
        if self.exchange is not None and self.exchange.link is not None:
            self.exchange.link.hold()

    def resume_writing(self) -> None:
        self.choked = False
        if self.exchange is not None and self.exchange.link is not None:
            self.exchange.link.go_on()
        else:
            self.go_on()

    def connection_lost(self, error: Exception | None) -> None:
        self.end()
        self.proxy.forget(self)

    # Reading.

    def take(self, data: bytes) -> None:
        """Read what can be read now, and keep the rest."""
        r, need = Reader(data), None
        try:
            while self.state in TAKING or self.exchange is not None:
                if self.exchange is None:
                    self.begin(r)
                if self.exchange is not None:
                    self.exchange.push(r)
                    break
        except NeedMore as more:
            need = more
            if r.pos < len(data) and self.exchange is None:
                self.state = NEXT[self.state, "part of a head"]
                if self not in self.proxy.heads.waiting:
                    self.proxy.heads.start(self)
        except (Malformed, Refused) as error:
            self.refuse(accept.refused(error))
        except Refusal as refusal:
            self.refuse(refusal)
        if r.pos < len(data) and self.state not in (LINGERING, CLOSED, TUNNEL):
            self.unread = Unread(data, r.pos, need)

    def begin(self, r: Reader) -> None:
        """A head, and the exchange that it begins."""
        while r.data.startswith(b"\r\n", r.pos):
            r.pos += 2  # empty lines ahead of a request: RFC 9112 §2.2
        start = r.pos
        head = read_request_head(r, LIMITS)
        if self.state is HEAD:
            self.proxy.heads.stop(self)
        method, target, version, _ = head
        self.method = method
        self.old = old = version != b"HTTP/1.1" and accept.is_old(version)
        fields = accept.index(head.fields)
        accept.check_host(old, fields.get(b"host"))
        authority, path = accept.read_target(method, target)
        framing = None
        if b"content-length" in fields or b"transfer-encoding" in fields:
            framing = request_framing(head, r, start)
            accept.check_codings(fields)
        # A proxy keeps no connection to a client of HTTP/1.0, whatever it asks: RFC 9112 §9.3.
        last = self.proxy.draining or old or accept.is_last(old, fields.get(b"connection"))
        lines = r.data[start + len(method) + len(target) + 12 : r.pos - 2]
        try:
            group, target, host = self.find(method, target, authority, path, fields)
        except Refusal as refusal:
            if framing is not None:
                raise
            self.decline(refusal, last)
            return
        exchange = Exchange(self, group, method, target, old)
        if method != b"CONNECT":
            self.open(exchange, head, host, fields, lines)
        if framing is not None and (framing.kind == "chunked" or framing.length):
            exchange.body = Body(framing, framing.kind == "chunked")
            exchange.expects = b"expect" in fields and not old
        self.exchange = exchange
        self.state = NEXT[self.state, "last request" if last else "request"]
        self.proxy.began(exchange)
        exchange.begin()

    def find(
        self,
        method: bytes,
        target: bytes,
        authority: bytes,
        path: bytes,
        fields: Mapping[bytes, bytes],
    ) -> tuple[Group, bytes, bytes]:
        """Where a request goes, with which target, and for which host. Refuses what goes nowhere.

        An absolute target says the host, whatever the field says.
        spec    RFC 9112 §3.2.2, §3.3
        """
        if accept.hops_left(method, fields) == 0:
            raise Refusal(200 if method == b"OPTIONS" else 501, "This proxy is the last one asked.")
        host = authority or fields.get(b"host") or self.local_address()
        if authority and self.proxy.allowed is not None:
            return self.proxy.allowed_group(method, target, host), path, host
        if method == b"CONNECT":
            raise Refusal(501, "This server makes no tunnels.")
        routed = self.proxy.route(host, path)
        if routed is None:
            return self.proxy.everybody, target, host
        return routed.group, routed.rewritten(path), host

    def open(
        self,
        exchange: Exchange,
        head: RequestHead,
        host: bytes,
        fields: Mapping[bytes, bytes],
        lines: bytes,
    ) -> None:
        """Write the head that the upstream gets."""
        added = rewrite.introduction(self.address, self.scheme, host, head.version)
        without: tuple[bytes, ...] = ()
        if fields.get(b"host") != host:
            without, added = (b"host",), b"Host: %s\r\n%s" % (host, added)
        if self.old and b"expect" in fields:
            without = (*without, b"expect")  # HTTP/1.0 has no 100: RFC 9110 §10.1.1
        if left := accept.hops_left(head.method, fields):
            without, added = (
                (*without, b"max-forwards"),
                b"Max-Forwards: %d\r\n%s" % (left - 1, added),
            )
        if rewrite.wants_upgrade(self.old, fields):
            exchange.upgrading = True
            added += rewrite.upgrade_lines(fields)
        exchange.pending.append(
            rewrite.request_head(head, exchange.target, lines, fields, added, without)
        )

    def local_address(self) -> bytes:
        """What a client that names no host has reached."""
        host, port = self.transport.get_extra_info("sockname")[:2]
        return f"{host}:{port}".encode()

    def connected(self, exchange: Exchange) -> None:
        """The connection to the upstream is there: send what has come meanwhile."""
        if exchange.method == b"CONNECT":
            exchange.push(Reader())
            exchange.tunnel(ESTABLISHED)
            return
        unread, self.unread = self.unread, None
        self.take(bytes(unread.kept) if unread is not None else b"")
        self.go_on()

    def pause(self) -> None:
        self.paused = True
        self.transport.pause_reading()

    def go_on(self) -> None:
        """Read on, first what has come already."""
        if self.state in (LINGERING, CLOSED, TUNNEL) or not self.is_wanted():
            return
        unread, self.unread = self.unread, None
        if unread is not None:
            self.take(bytes(unread.kept))
        if self.paused and self.is_wanted():
            self.paused = False
            self.transport.resume_reading()

    def is_wanted(self) -> bool:
        """Whether the next octets of the client can be of use now."""
        if self.exchange is not None:
            return self.exchange.takes()
        return self.state in TAKING and not self.choked

    # Answering.

    def connection_line(self, last: bool, unending: bool = False) -> bytes:
        """What the answer has to say of the connection.

        last      it ends behind this answer
        unending  its end is the end of the answer
        """
        if last or unending:
            self.state = NEXT[self.state, "this is the last"]
            self.unending = unending
        return CLOSE if self.state is LAST else b""

    def answered(self) -> None:
        """The answer has been written."""
        self.exchange = None
        self.state = NEXT[self.state, "answered"]
        if self.state is LINGERING:
            self.linger()
        else:
            self.go_on()

    def decline(self, refusal: Refusal, last: bool) -> None:
        """Answer a request that goes nowhere. It is whole, so the next one may follow."""
        self.state = NEXT[self.state, "last request" if last else "request"]
        line = self.connection_line(False)
        self.transport.write(own_answer(refusal.status, refusal.sentence, self.method, line))
        self.answered()

    def fail(self, status: int, sentence: str, unfinished: bool) -> None:
        """Answer for the upstream. `unfinished`: the request is still coming."""
        line = self.connection_line(unfinished)
        self.transport.write(own_answer(status, sentence, self.method, line))
        self.answered()

    def tunnel(self, link: Link, upstream: Upstream, octets: bytes) -> None:
        """Join this connection to that of the upstream."""
        self.state = NEXT[self.state, "switched"]
        self.exchange = None
        early = bytes(self.unread.kept) if self.unread is not None else b""
        self.proxy.join(self, link, upstream).begin(octets, early)

    # Ending.

    def refuse(self, refusal: Refusal) -> None:
        """Answer what is not passed on. What follows on the connection cannot be trusted."""
        exchange, self.exchange = self.exchange, None
        self.proxy.heads.stop(self)
        begun = exchange is not None and exchange.state in BEGUN
        if exchange is not None:
            exchange.abandon()
        if begun:
            self.break_off()
            return
        self.state = NEXT[self.state, "refused"]
        self.transport.write(own_answer(refusal.status, refusal.sentence, self.method, CLOSE))
        self.linger()

    def too_slow(self) -> None:
        """A head did not come to its end in time."""
        self.state = NEXT[self.state, "too slow"]
        self.transport.write(own_answer(408, "The head has to come sooner.", b"GET", CLOSE))
        self.linger()

    def break_off(self) -> None:
        """Close in the middle of an answer, so that nobody takes what came for the whole.

        Where only the end of the connection can end the body, it has to be an end by force.
        spec    RFC 9112 §8
        """
        self.exchange = None
        self.state = NEXT[self.state, "broken off"]
        if self.unending:
            sock = self.transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            self.transport.abort()
        else:
            self.transport.close()

    def end(self) -> None:
        """The client has gone: nobody waits for an answer."""
        exchange, self.exchange = self.exchange, None
        self.state = CLOSED
        if exchange is not None:
            exchange.abandon()

    def linger(self) -> None:
        """Say that nothing more is said, and listen for the client to end too.

        spec    RFC 9112 §9.6
        """
        self.unread = None
        if not self.transport.can_write_eof():
            self.transport.close()
        elif not self.transport.is_closing():
            try:
                self.transport.write_eof()
            except OSError:
                self.transport.abort()  # it has gone already
                return
            self.transport.resume_reading()
            self.proxy.lingers.start(self)

    def drop(self, octets: int) -> None:
        """Octets that nobody will read. Too many of them are left in the kernel."""
        self.dropped += octets
        if self.dropped > LINGER_OCTETS:
            self.transport.pause_reading()

    def time_is_up(self) -> None:
        """Close, unless the client is still taking its last answer."""
        if self.transport.get_write_buffer_size():
            self.proxy.lingers.start(self)
        else:
            self.state = NEXT[self.state, "time is up"]
            self.transport.close()

    def stop(self) -> None:
        """The proxy is told to stop: finish what was begun, begin nothing."""
        if self.state is not CLOSED:
            self.state = NEXT[self.state, "told to stop"]
        if self.state is CLOSED:
            self.transport.close()
