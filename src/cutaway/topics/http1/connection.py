"""One connection of the server: octets in, answers out, in order.

    octets ─▶ take ─▶ read_request ─▶ resolve ─▶ handler ─▶ respond ─▶ octets
                │         heads          app        app       answer
                └─▶ read_body ─▶ a sink

A `Protocol`: the event loop calls it when octets have come and when there is room to write again.
Between those calls an idle connection holds nothing but the slots below; what is unread, under way
or timed is made when it is needed and dropped when it is done. Answers that are ready at once are
gathered and written together, so a pipelined batch costs one system call.

What keeps one client from hurting the others: a head has limits and five seconds; a body has a
limit, but no clock, since slow is not wrong; nobody is read while an answer is under way or not
taken; and the last moments of a connection are bounded in octets and in time.

Left out: a clock for clients that never read their answer.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from ...wire import Malformed, NeedMore, Reader, Refused
from . import accept
from .accept import Refusal, check_host, index, is_last, is_old
from .answer import NO_CONTENT, Answer, text, write_head
from .app import Asked, Route, body_pieces, open_sink, resolve
from .body import PIECE, Discarded, Incoming, Sink
from .framing import Framing, request_framing
from .heads import Limits, read_request_parts
from .messages import RequestHead
from .states import BODY, CLOSED, CONNECTION, HEAD, IDLE, LAST, LINGERING, TAKING
from .target import BadTarget

if TYPE_CHECKING:
    from .server import Server

LIMITS = Limits(target=16_384, head=65_536, chunk_line=4_096)
HEAD_SECONDS = 5.0
LINGER_OCTETS = 1 << 18

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
NEXT = CONNECTION.table


class Unread:
    """Octets that have come and were not read yet, and what a next look has to wait for."""

    __slots__ = ("kept", "least", "mark", "since")

    def __init__(self, data: bytes, at: int, need: NeedMore | None) -> None:
        self.kept = bytearray(data[at:])
        self.least = need.least - at if need else 0
        self.mark: re.Pattern[bytes] | None = need.mark if need else None
        self.since = max(0, need.since - at) if need else 0

    def worth_a_look(self) -> bool:
        """Whether what was waited for has come. Searches no octet twice."""
        if len(self.kept) >= self.least:
            return True
        if self.mark is not None and self.mark.search(self.kept, self.since):
            return True
        self.since = max(0, len(self.kept) - 3)
        return False


class Receiving:
    """A request whose body is coming."""

    __slots__ = ("asked", "incoming", "last", "route")

    def __init__(self, asked: Asked, route: Route, last: bool, incoming: Incoming) -> None:
        self.asked, self.route, self.last, self.incoming = asked, route, last, incoming

    def close(self) -> None:
        self.incoming.sink.close()


class Sending:
    """An answer that waits for its time, or whose body is going."""

    __slots__ = ("answer", "asked", "stream", "timer")

    def __init__(self, asked: Asked, answer: Answer) -> None:
        self.asked, self.answer = asked, answer
        self.stream: Iterator[bytes] | None = None
        self.timer: asyncio.TimerHandle | None = None

    def close(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
        if self.answer.done is not None:
            self.answer.done()


class Connection(asyncio.Protocol):
    """One client. Its states and what may happen in each are the table in states.py."""

    __slots__ = ("choked", "dropped", "exchange", "server", "state", "transport", "unread")

    def __init__(self, server: Server) -> None:
        self.server = server
        self.state = IDLE
        self.unread: Unread | None = None
        self.exchange: Receiving | Sending | None = None
        self.choked = False
        self.dropped = 0

    # Called by the event loop.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.server.connections.add(self)

    def data_received(self, data: bytes) -> None:
        if self.state is LINGERING:
            self.drop(len(data))
            return
        if self.unread is not None:
            self.unread.kept += data
            if not self.unread.worth_a_look():
                return
            data = bytes(self.unread.kept)
            self.unread = None
        self.take(data)

    def eof_received(self) -> bool:
        """The client sends no more. True: what is owed to it still goes out."""
        self.state = NEXT[self.state, "client finished"]
        return self.state is not CLOSED

    def pause_writing(self) -> None:
        """The client does not take its answers: make no more, read no more."""
        self.choked = True
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        self.choked = False
        if isinstance(self.exchange, Sending) and self.exchange.stream is not None:
            self.pump()
        else:
            self.go_on()

    def connection_lost(self, error: Exception | None) -> None:
        self.state = CLOSED
        self.drop_exchange()
        self.server.forget(self)

    # Reading.

    def take(self, data: bytes) -> None:
        """Read what can be read now, keep the rest, write what can be answered."""
        r, need = Reader(data), None
        out: list[bytes] = []
        try:
            while True:
                if self.state is BODY:
                    self.read_body(r, out)
                else:
                    self.read_request(r, out)
                if r.pos >= len(data) or self.state not in TAKING:
                    break
        except NeedMore as more:
            need = more
            if r.pos < len(data):
                self.wait_for_the_rest()
        except (Malformed, Refused) as error:
            self.refuse(accept.refused(error), out)
        except Refusal as refusal:
            self.refuse(refusal.answer, out)
        except OSError as problem:
            self.refuse(text(500, f"The server is in trouble: {problem.strerror}."), out)
        if r.pos < len(data) and self.state is not LINGERING:
            self.unread = Unread(data, r.pos, need)
        if out:
            self.transport.write(b"".join(out))
        if self.state not in TAKING:
            self.act()

    def read_request(self, r: Reader, out: list[bytes]) -> None:
        """A head, and the answer if no body follows."""
        start = r.pos
        method, whole_target, version, lines = read_request_parts(r, LIMITS)
        if self.state is HEAD:
            self.server.heads.stop(self)
        old = version != b"HTTP/1.1" and is_old(version)
        fields = index(lines)
        check_host(old, fields)
        try:
            route, target = resolve(method, whole_target)
        except BadTarget as problem:
            raise accept.bad_target(method, problem) from None
        last = is_last(old, fields)
        asked = Asked(method, target, fields, self.server.folder, old)
        if b"content-length" in fields or b"transfer-encoding" in fields:
            head = RequestHead(method, whole_target, version, tuple(lines))
            framing = request_framing(head, r, start)
            accept.check_codings(fields)
            accept.check_expect(fields)
            sink = open_sink(route, asked)
            if is_for_nothing(sink, framing, asked, r):
                self.respond(asked, route.handler(asked), True, out)
                return
            incoming = Incoming(framing, sink, LIMITS)
            self.await_body(Receiving(asked, route, last, incoming), r, out)
        else:
            self.respond(asked, route.handler(asked), last, out)

    def await_body(self, request: Receiving, r: Reader, out: list[bytes]) -> None:
        """Let the body come; say so to a client that waits to hear it."""
        asked = request.asked
        asked.body = request.incoming.sink
        self.exchange = request
        self.state = NEXT[self.state, "body announced"]
        if request.incoming.is_empty():
            self.read_body(r, out)
        elif is_waiting(asked, r):
            out.append(CONTINUE)

    def read_body(self, r: Reader, out: list[bytes]) -> None:
        """What has come of a body; the answer when it is all."""
        request = self.exchange
        assert isinstance(request, Receiving)
        if request.incoming.read(r):
            answer = request.route.handler(request.asked)
            self.exchange = None  # whoever made the answer closes what the body went into
            self.respond(request.asked, answer, request.last, out)

    def wait_for_the_rest(self) -> None:
        """A head that has begun has to be complete in time; a body may take its time."""
        if self.state is not BODY:
            self.state = NEXT[self.state, "part of a head"]
            self.server.heads.start(self)

    def go_on(self) -> None:
        """Read on, first what has come already."""
        if self.state not in TAKING or self.choked:
            return
        self.transport.resume_reading()
        unread, self.unread = self.unread, None
        if unread is not None:
            self.take(bytes(unread.kept))

    # Answering.

    def respond(self, asked: Asked, answer: Answer, last: bool, out: list[bytes]) -> None:
        """Say `answer` now, or when its time has come."""
        last = last or self.server.draining or (asked.old and has_no_end(answer))
        self.state = NEXT[self.state, "last request" if last else "request"]
        if answer.wait:
            self.exchange = sending = Sending(asked, answer)
            loop = asyncio.get_running_loop()
            sending.timer = loop.call_later(answer.wait, self.deliver, sending)
        else:
            self.say(asked, answer, out)

    def say(self, asked: Asked, answer: Answer, out: list[bytes]) -> None:
        """The head, and the body where it is ready. Pieces are left for `pump`."""
        out.append(write_head(answer, asked.old, self.state is LAST))
        if asked.method == b"HEAD" or answer.status in NO_CONTENT:
            pass
        elif isinstance(answer.body, bytes):
            out.append(answer.body)
        else:
            self.exchange = sending = Sending(asked, answer)
            sending.stream = body_pieces(answer, asked.old)
            return
        if answer.done is not None:
            answer.done()
        self.state = NEXT[self.state, "answered"]

    def deliver(self, sending: Sending) -> None:
        """The time of an answer has come."""
        out: list[bytes] = []
        self.exchange = None
        self.say(sending.asked, sending.answer, out)
        self.transport.write(b"".join(out))
        self.act()

    def act(self) -> None:
        """Do what the state asks for, once everything that was said is written."""
        if self.state is LINGERING:
            self.linger()
        elif self.state is IDLE:
            self.go_on()
        else:
            self.transport.pause_reading()  # one answer at a time, and no heap of requests
            self.pump()

    def pump(self) -> None:
        """Write pieces of the answer while the client takes them, a turn at a time."""
        sending = self.exchange
        if not isinstance(sending, Sending) or sending.stream is None or self.choked:
            return
        try:
            octets, ended = gather(sending.stream)
        except (OSError, EOFError):
            self.transport.abort()  # the head has promised more; a cut says that it is not all
            return
        self.transport.write(octets)
        if not ended:
            asyncio.get_running_loop().call_soon(self.pump)
            return
        self.drop_exchange()
        self.state = NEXT[self.state, "answered"]
        asyncio.get_running_loop().call_soon(self.act)

    def drop_exchange(self) -> None:
        """Let go of what the exchange holds open."""
        if self.exchange is not None:
            self.exchange.close()
            self.exchange = None

    # Ending.

    def refuse(self, answer: Answer, out: list[bytes]) -> None:
        """Answer what cannot be served. What follows on the connection cannot be trusted."""
        self.drop_exchange()
        self.server.heads.stop(self)
        body = answer.body if isinstance(answer.body, bytes) else b""
        out.append(write_head(answer, False, True) + body)
        self.state = NEXT[self.state, "refused"]

    def too_slow(self) -> None:
        """A head did not come to its end in time."""
        answer = text(408, f"A head has to be complete within {HEAD_SECONDS:.0f} seconds.")
        self.state = NEXT[self.state, "too slow"]
        assert isinstance(answer.body, bytes)
        self.transport.write(write_head(answer, False, True) + answer.body)
        self.linger()

    def linger(self) -> None:
        """Say that nothing more is said, and listen for the client to end too.

        spec    RFC 9112 §9.6
        """
        self.unread = None
        if not self.transport.is_closing():
            self.transport.write_eof()
            self.transport.resume_reading()
            self.server.lingers.start(self)

    def drop(self, octets: int) -> None:
        """Octets that nobody will read. Too many of them are left in the kernel."""
        self.dropped += octets
        if self.dropped > LINGER_OCTETS:
            self.transport.pause_reading()

    def time_is_up(self) -> None:
        """Close, unless the client is still taking its last answer."""
        if self.transport.get_write_buffer_size():
            self.server.lingers.start(self)
        else:
            self.state = NEXT[self.state, "time is up"]
            self.transport.close()

    def stop(self) -> None:
        """The server is told to stop: finish what was begun, begin nothing."""
        if self.state is not CLOSED:
            self.state = NEXT[self.state, "told to stop"]
        if self.state is CLOSED:
            self.transport.close()


def is_waiting(asked: Asked, r: Reader) -> bool:
    """Whether the client holds the body back until it hears 100 Continue. HTTP/1.0 never does.

    spec    RFC 9110 §10.1.1
    """
    return b"expect" in asked.fields and not asked.old and not r.ahead(1)


def is_for_nothing(sink: Sink, framing: Framing, asked: Asked, r: Reader) -> bool:
    """Whether the answer is known, and to take the body first would only cost time."""
    if not isinstance(sink, Discarded):
        return False
    return framing.length > sink.limit or is_waiting(asked, r)


def has_no_end(answer: Answer) -> bool:
    """Whether only the end of the connection can end the body, to a client without chunks."""
    return not isinstance(answer.body, bytes) and answer.length is None


def gather(stream: Iterator[bytes]) -> tuple[bytes, bool]:
    """Pieces that make a good write, and whether they were the last."""
    pieces, size = [], 0
    for piece in stream:
        pieces.append(piece)
        size += len(piece)
        if size >= PIECE:
            return b"".join(pieces), False
    return b"".join(pieces), True
