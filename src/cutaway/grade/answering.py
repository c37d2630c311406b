"""Far sides that answer by themselves, by a rule, and count what they were asked.

    side.answer(rule)             from now on `rule.reply(message, number)` says what is answered
    tally = side.rule.tally()     Tally(asked=(…), connections=3, most_at_once=2)

For what cannot be said request by request: how many of three hundred requests each upstream got,
how many were under way at once, what a health check asks, how often a storm of failures is tried
again. One thread for each such far side, from `start` to `stop`; a few thousand requests a second.

A reply comes at once, after some seconds, or is held until `release`; behind it the connection may
be closed or reset.

Left out: what is answered. That is the topic's: a Rule knows its protocol.
"""

from __future__ import annotations

import contextlib
import heapq
import select
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from ..wire import NeedMore, Reader, WireError
from .line import missing_came

if TYPE_CHECKING:
    from .far import FarSide

READ = 1 << 18
LOGGED = 100_000  # requests that are kept
LARGEST = 64 << 20  # octets of one request
NAMED = "far side"
LINGER_NONE = struct.pack("ii", 1, 0)

Then = Literal["keep", "close", "reset"]


@dataclass(frozen=True, slots=True)
class Reply:
    """data   octets of the answer; none with then="close" is an end without a word
    after  seconds until it is sent
    held   not before `release`
    then   what becomes of the connection behind it
    """

    data: bytes
    after: float = 0.0
    held: bool = False
    then: Then = "keep"


class Rule(Protocol):
    """How a far side answers by itself."""

    def reply(self, message: Any, number: int) -> Reply:
        """The answer to this request, the `number`th of this far side, counted from 1."""

    def sample(self) -> bytes:
        """An answer as most are: for a command by hand."""


@dataclass(frozen=True, slots=True)
class Asking:
    """One request that came: when (monotonic), on which connection, how many with it under way."""

    at: float
    connection: int
    message: Any
    under_way: int


@dataclass(frozen=True, slots=True)
class Tally:
    """What one far side saw.

    connections  made since the rule answers
    open         of them and of those before, now
    most_at_once requests under way
    malformed    sentences: what came and was no request
    """

    asked: tuple[Asking, ...]
    connections: int
    open: int
    most_at_once: int
    malformed: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.asked)


@dataclass(slots=True, eq=False)
class Caller:
    """One connection of the program."""

    sock: socket.socket
    codec: Any
    number: int
    came: bytearray = field(default_factory=bytearray)
    owed: bytearray = field(default_factory=bytearray)
    reply: Reply | None = None
    need: NeedMore | None = None
    due: bool = False
    used: bool = False


class Answering:
    """`change`, `tally`, `release` from any thread."""

    def __init__(self, side: FarSide, rule: Rule) -> None:
        assert side.listener is not None
        self.listener, self.codec = side.listener, side.far.codec
        self.rule = rule
        self.asked: list[Asking] = []
        self.malformed: list[str] = []
        self.made = self.count = self.under_way = self.most_at_once = 0
        self.callers: dict[int, Caller] = {}
        self.timers: list[tuple[float, int, Caller]] = []
        self.lock, self.poll = threading.Lock(), select.poll()
        self.wake, self.waker = socket.socketpair()
        self.orders: list[Callable[[], None]] = []
        self.stopping = False
        self.thread = threading.Thread(target=self._loop, name=NAMED, daemon=True)
        for line in side.loose:
            self._welcome(line.recorded.detach(), bytes(line.recorded.arrived[line.read :]))
        side.loose.clear()

    def start(self) -> None:
        self.thread.start()

    def stop(self) -> list[tuple[socket.socket, bool]]:
        """End the thread. Returns the connections that are idle, and whether they were used.

        The others are reset.
        """
        self.stopping = True
        self._order(lambda: None)
        self.thread.join()
        self.wake.close()
        self.waker.close()
        idle = []
        for caller in self.callers.values():
            if caller.reply is None and not caller.came and not caller.owed:
                idle.append((caller.sock, caller.used))
            else:
                end(caller.sock, "reset")
        return idle

    def change(self, rule: Rule) -> None:
        """Answer by another rule from now on; the tally goes on."""
        with self.lock:
            self.rule = rule

    def release(self) -> None:
        """Answer what is held, and hold nothing from now on."""
        self._order(self._release)

    def tally(self) -> Tally:
        with self.lock:
            return Tally(
                tuple(self.asked),
                self.made,
                len(self.callers),
                self.most_at_once,
                (*self.malformed,),
            )

    def forget(self) -> None:
        """Begin to count anew."""
        with self.lock:
            self.asked.clear()
            self.made, self.most_at_once = 0, self.under_way

    # In the thread

    def _order(self, order: Callable[[], None]) -> None:
        with self.lock:
            self.orders.append(order)
        with contextlib.suppress(OSError):
            self.waker.send(b".")

    def _loop(self) -> None:
        self.poll.register(self.wake, select.POLLIN)
        self.poll.register(self.listener, select.POLLIN)
        while not self.stopping:
            now = time.monotonic()
            while self.timers and self.timers[0][0] <= now:
                self._say(heapq.heappop(self.timers)[2])
            wait = None if not self.timers else max(0.0, self.timers[0][0] - now) * 1000 + 0.5
            for number, events in self.poll.poll(wait):
                self._serve(number, events)

    def _serve(self, number: int, events: int) -> None:
        if number == self.wake.fileno():
            self.wake.recv(4096)
            with self.lock:
                orders, self.orders = self.orders, []
            for order in orders:
                order()
        elif number == self.listener.fileno():
            with contextlib.suppress(OSError):
                while True:
                    self._welcome(self.listener.accept()[0])
        elif (caller := self.callers.get(number)) is not None:
            if events & select.POLLOUT:
                self._write(caller)
            if events & ~select.POLLOUT and number in self.callers:
                self._read(caller)

    def _welcome(self, sock: socket.socket, came: bytes = b"") -> None:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.made += 1
        caller = Caller(sock, self.codec(), self.made, bytearray(came))
        self.callers[sock.fileno()] = caller
        self.poll.register(sock, select.POLLIN)
        if came:
            self._parse(caller)

    def _read(self, caller: Caller) -> None:
        try:
            data = caller.sock.recv(READ)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data or len(caller.came) > LARGEST:
            self._drop(caller, "close")
            return
        caller.came += data
        self._parse(caller)

    def _parse(self, caller: Caller) -> None:
        """Read one request, if it is whole and none is under way on this connection."""
        if caller.reply is not None or not caller.came:
            return
        if caller.need is not None and not missing_came(caller.need, caller.came, 0):
            return
        reader = Reader(bytes(caller.came))
        try:
            message = caller.codec.to_server(reader)
        except NeedMore as need:
            caller.need = need
            return
        except WireError as problem:
            self.malformed.append(str(problem))
            self._drop(caller, "reset")
            return
        caller.need, caller.used = None, True
        del caller.came[: reader.pos]
        with self.lock:
            self.count += 1
            self.under_way += 1
            self.most_at_once = max(self.most_at_once, self.under_way)
            if len(self.asked) < LOGGED:
                now = time.monotonic()
                self.asked.append(Asking(now, caller.number, message, self.under_way))
            caller.reply = self.rule.reply(message, self.count)
        if caller.reply.after:
            due = time.monotonic() + caller.reply.after
            heapq.heappush(self.timers, (due, self.count, caller))
        elif not caller.reply.held:
            self._say(caller)

    def _release(self) -> None:
        for caller in [*self.callers.values()]:
            if caller.reply is not None and caller.reply.held and not caller.due:
                self._say(caller)

    def _say(self, caller: Caller) -> None:
        if caller.reply is not None and caller.sock.fileno() in self.callers:
            caller.due = True
            caller.owed += caller.reply.data
            self._write(caller)

    def _write(self, caller: Caller) -> None:
        try:
            while caller.owed:
                del caller.owed[: caller.sock.send(caller.owed[:READ])]
        except BlockingIOError:
            self.poll.modify(caller.sock, select.POLLIN | select.POLLOUT)
            return
        except OSError:
            self._drop(caller, "close")
            return
        self.poll.modify(caller.sock, select.POLLIN)
        if caller.due and caller.reply is not None:
            then, caller.reply, caller.due = caller.reply.then, None, False
            with self.lock:
                self.under_way -= 1
            if then != "keep":
                self._drop(caller, then)
            else:
                self._parse(caller)

    def _drop(self, caller: Caller, how: Then) -> None:
        del self.callers[caller.sock.fileno()]
        self.poll.unregister(caller.sock)
        if caller.reply is not None:
            with self.lock:
                self.under_way -= 1
        caller.reply = None
        end(caller.sock, how)


def end(sock: socket.socket, how: Then) -> None:
    """Close it, by FIN or by RST."""
    if how == "reset":
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
    sock.close()
