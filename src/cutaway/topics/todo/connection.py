"""One client: octets in, requests one after the other, answers out in their order.

    data_received ─▶ Feed(read) ─▶ queue ─▶ work: app(asked) ─▶ write
                                     │
                              more than 16 wait: read no more until they are answered

A body has a limit, and it is kept while the body comes: a length past 64 KiB is refused from the head
alone, and chunks as soon as they are too many. After a request that cannot be read nobody knows where
the next one begins, so the connection ends: it says what it has to say, says that it says no more,
and listens a moment, since closing with unread octets takes the answer away (RFC 9112 §9.6).

Left out: a clock for heads that come slowly. Topic http1 has it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, cast

from ...wire import Feed, Malformed, Reader, Refused
from ..http1.codec import (
    Limits,
    Request,
    grammar,
    read_request,
    read_request_head,
    request_framing,
    words,
)
from .messages import Answer, asked_of
from .problems import problem
from .writing import written

if TYPE_CHECKING:
    from .server import Server

LIMITS = Limits(target=8_192, head=32_768, chunk_line=1_024)
MOST_BODY = 65_536
MOST_CODED = 4 * MOST_BODY  # octets of chunks, of which each has a line
WAITING = 16  # requests of one client
LINGER = 2.0  # seconds
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Connection(asyncio.Protocol):
    """ending: nothing more is read. finished: the client sends no more. free: it takes answers."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.feed = Feed(self.read)
        self.queue: deque[Request | Answer] = deque()
        self.working: asyncio.Task[None] | None = None
        self.free = asyncio.Event()
        self.free.set()
        self.ending = self.finished = False
        self.continued = False

    # Called by the event loop.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.server.connections.add(self)

    def data_received(self, data: bytes) -> None:
        if self.ending:
            return
        try:
            for request in self.feed.receive(data):
                self.continued = False
                self.queue.append(request)
                if self.is_last(request):
                    self.ending = True
                    break
        except (Malformed, Refused) as error:
            self.refuse(error)
        if not self.ending and len(self.feed.pending) > MOST_CODED + LIMITS.head:
            self.refuse(Refused(grammar.BODY, MOST_BODY))
        if len(self.queue) > WAITING:
            self.transport.pause_reading()
        self.go_on()

    def eof_received(self) -> bool:
        """The client sends no more; what is owed to it still goes out."""
        self.ending = self.finished = True
        return self.working is not None

    def pause_writing(self) -> None:
        self.free.clear()

    def resume_writing(self) -> None:
        self.free.set()

    def connection_lost(self, error: Exception | None) -> None:
        self.ending = True
        self.queue.clear()
        self.free.set()
        self.server.forget(self)

    # Reading.

    def read(self, r: Reader) -> Request:
        """A request, and no body past the limit. Raises NeedMore, Malformed, Refused."""
        start = r.pos
        head = read_request_head(r, LIMITS)
        framing = request_framing(head, r, start)
        if framing.length > MOST_BODY:
            raise Refused(grammar.BODY, MOST_BODY, start)
        if framing.kind != "none" and not r.ahead(1):
            self.invite(Request(fields=head.fields))
        r.back(start)
        request = read_request(r)
        if len(request.body) > MOST_BODY:
            raise Refused(grammar.BODY, MOST_BODY, start)
        if request.version == b"HTTP/1.1" and len(request.values(b"Host")) != 1:
            raise Malformed(grammar.HEADERS, start, b"", "a request has one Host (RFC 9112 §3.2)")
        return request

    def invite(self, head: Request) -> None:
        """Tell a client that holds its body back to send it, unless answers come before it.

        spec    RFC 9110 §10.1.1
        """
        expects = b"100-continue" in words(head.value(b"Expect") or b"")
        if expects and not self.continued and not self.queue and self.working is None:
            self.continued = True
            self.transport.write(CONTINUE)

    def refuse(self, error: Malformed | Refused) -> None:
        """Answer what cannot be read, behind all that was asked before."""
        self.ending = True
        if isinstance(error, Malformed):
            self.queue.append(problem(400, "The request cannot be read as HTTP/1.1."))
        elif error.field is grammar.TARGET:
            self.queue.append(problem(414))
        elif error.field is grammar.BODY or error.field is grammar.LENGTH:
            self.queue.append(problem(413, f"A body has at most {MOST_BODY} octets."))
        else:
            self.queue.append(problem(431))

    def is_last(self, request: Request) -> bool:
        """Whether the client wants the connection to end behind the answer.

        spec    RFC 9112 §9.3
        """
        said = words(request.value(b"Connection") or b"")
        if request.version == b"HTTP/1.1":
            return b"close" in said
        return b"keep-alive" not in said

    # Answering.

    def go_on(self) -> None:
        if self.working is None and self.queue:
            self.working = asyncio.ensure_future(self.work())

    async def work(self) -> None:
        """Answer all that waits, one after the other."""
        while self.queue:
            await self.free.wait()
            if not self.queue:
                break
            one = self.queue.popleft()
            answer = one if isinstance(one, Answer) else await self.server.app(asked_of(one))
            last = not self.queue and (self.ending or self.server.draining)
            self.transport.write(written(answer, one, last))
            if len(self.queue) == WAITING:
                self.transport.resume_reading()
        self.working = None
        if self.ending or self.server.draining:
            self.linger()

    def linger(self) -> None:
        """Say no more, and listen until the client has ended too, for a moment."""
        self.ending = True
        if self.finished or self.transport.is_closing():
            self.transport.close()
            return
        self.transport.write_eof()
        asyncio.get_running_loop().call_later(LINGER, self.transport.close)

    def stop(self) -> None:
        """Begin nothing new. A request of which a part has come has a moment to come whole."""
        if self.working is not None:
            return
        if not self.feed.pending:
            self.transport.close()
        else:
            asyncio.get_running_loop().call_later(LINGER, self.transport.close)
