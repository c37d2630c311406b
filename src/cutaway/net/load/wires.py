"""Connections that never wait, and a sleep that ends on time or with the first octet.

    wires = Wires(address, plug)
    wires.begin(dispatch, clock)
    wires.turn(until)                     sleep to `until` at most, then see to what has come

Python's epoll takes milliseconds, rounded up: a plan of 1,000 a second would be sent in clumps. So
the moment to wake at is given to the kernel as a timer that is a file, and epoll waits for it like
for any other (timerfd, Linux). It wakes some 10 to 50 µs late, without a loop that burns a core.
Where there is no timerfd, poll waits for the whole milliseconds and a short sleep for the rest.

Not asyncio, and not its selectors: a future, a callback and a wake-up for each request would cost
more than the request.

Left out: TLS.
"""

from __future__ import annotations

import ctypes
import errno
import os
import select
import socket
import time
from collections.abc import Callable
from typing import Any

from ...wire import WireError
from .dispatch import Dispatch
from .plug import Plug, Reader

READ = 1 << 16
IN, OUT = select.POLLIN, select.POLLOUT  # the same numbers as those of epoll
SAMPLE = 64  # octets of an answer that are kept to be shown
TURN = 256  # events that are seen to before the clock is looked at again
SOON = 2e-6  # seconds that are not worth a timer
KINDS = {
    errno.ECONNREFUSED: "refused",
    errno.ECONNRESET: "reset",
    errno.EPIPE: "reset",
    errno.ETIMEDOUT: "no answer of the host",
    errno.EADDRNOTAVAIL: "no free port",
    errno.EMFILE: "too many open files",
    errno.ENFILE: "too many open files",
}
CLOSED, MALFORMED = "closed", "malformed"

Address = tuple[str, int]


class Wire:
    """One connection; what `dispatch.Line` says."""

    __slots__ = (
        "connected",
        "fd",
        "intended",
        "left",
        "owner",
        "reader",
        "seen",
        "sent_at",
        "sock",
    )

    def __init__(self, owner: Wires, sock: socket.socket, reader: Reader) -> None:
        self.owner, self.sock, self.fd, self.reader = owner, sock, sock.fileno(), reader
        self.intended = self.sent_at = 0.0
        self.left = b""  # of a request that the kernel did not take whole
        self.connected = False
        self.seen = b""  # the first octets of an answer that is not whole

    def send(self, data: bytes) -> None:
        try:
            sent = self.sock.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            return  # the event that follows says the same, and is seen to there
        if sent < len(data):
            self.left = data[sent:]
            self.owner.waiter.modify(self.fd, IN | OUT)

    def close(self) -> None:
        self.owner.forget(self)


class Wires:
    """All connections to one address."""

    def __init__(self, address: Address, plug: Plug) -> None:
        self.address, self.plug = address, plug
        self.family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.waiter = waiter()
        self.odd = b""  # how the first answer began that cannot be read
        self.wires: dict[int, Wire] = {}
        self.dispatch: Dispatch
        self.clock: Callable[[], float]

    def begin(self, dispatch: Dispatch, clock: Callable[[], float]) -> None:
        self.dispatch, self.clock = dispatch, clock

    def open_one(self) -> str:
        """Begin to connect; what went wrong, where that is known at once."""
        try:
            sock = socket.socket(self.family, socket.SOCK_STREAM)
        except OSError as error:
            return kind_of(error.errno)
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        number = sock.connect_ex(self.address)
        if number not in (0, errno.EINPROGRESS):
            sock.close()
            return kind_of(number)
        wire = Wire(self, sock, self.plug.reader())
        self.wires[wire.fd] = wire
        self.waiter.register(wire.fd, OUT)
        return ""

    def turn(self, until: float, now: float) -> None:
        """Wait for events, at most to `until`; then see to them."""
        for fd, event in self.waiter.wait(until, now):
            wire = self.wires.get(fd)
            if wire is None:
                continue
            if event & ~OUT:  # octets, the end, or an error
                self._receive(wire) if wire.connected else self._connected(wire)
            elif wire.connected:
                self._send_rest(wire)
            else:
                self._connected(wire)

    def forget(self, wire: Wire) -> None:
        del self.wires[wire.fd]
        self.waiter.unregister(wire.fd)
        wire.sock.close()

    def close(self) -> None:
        for wire in list(self.wires.values()):
            self.forget(wire)
        self.waiter.close()

    def _connected(self, wire: Wire) -> None:
        number = wire.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if number:
            self.forget(wire)
            self.dispatch.not_opened(kind_of(number), self.clock())
            return
        wire.connected = True
        self.waiter.modify(wire.fd, IN)
        self.dispatch.ready(wire, self.clock())

    def _receive(self, wire: Wire) -> None:
        kind = CLOSED
        try:
            data = wire.sock.recv(READ)
        except BlockingIOError:
            return
        except OSError as error:
            data, kind = b"", kind_of(error.errno)
        now = self.clock()
        if wire not in self.dispatch.flying:  # the server closed it, or speaks unasked
            self.dispatch.lost(wire, kind, now)
            return
        try:
            if data:
                answer = wire.reader.feed(data)
                if answer is None:
                    wire.seen = wire.seen or data[:SAMPLE]
                    return
            else:
                answer = wire.reader.end() if kind == CLOSED else None
        except WireError:
            answer, kind = None, MALFORMED
            self.odd = self.odd or (wire.seen + data)[:SAMPLE]
        if wire.seen:
            wire.seen = b""
        if answer is None:
            self.dispatch.lost(wire, kind, now)
        elif wire.left or not data:  # answered before it was asked to the end, or closed
            self.dispatch.answered(wire, answer._replace(keep=False), now)
        else:
            self.dispatch.answered(wire, answer, now)

    def _send_rest(self, wire: Wire) -> None:
        left, wire.left = wire.left, b""
        self.waiter.modify(wire.fd, IN)
        if left:
            wire.send(left)


def kind_of(number: int | None) -> str:
    """What an error is called."""
    return KINDS.get(number or 0) or os.strerror(number or 0).lower()


class Precise:
    """epoll, with the moment to wake at as a file among the others. Linux."""

    def __init__(self) -> None:
        self.timer = _libc.timerfd_create(1, os.O_NONBLOCK | os.O_CLOEXEC)  # CLOCK_MONOTONIC
        if self.timer < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")
        self.epoll = select.epoll()
        self.register, self.modify = self.epoll.register, self.epoll.modify
        self.unregister = self.epoll.unregister
        # Edge-triggered: setting it again makes it quiet, so nobody has to read it.
        self.epoll.register(self.timer, select.EPOLLIN | select.EPOLLET)
        self.spec = _Spec()
        self.where = ctypes.byref(self.spec)
        self.armed = 0.0

    def wait(self, until: float, now: float) -> list[tuple[int, int]]:
        if until - now < SOON:
            return self.epoll.poll(0, TURN)
        if until != self.armed:
            self.armed = until
            self.spec.seconds = whole = int(until)
            self.spec.nanoseconds = int((until - whole) * 1e9)
            _libc.timerfd_settime(self.timer, 1, self.where, None)  # 1: TFD_TIMER_ABSTIME
        # The second bound is for a clock that is not the kernel's.
        return self.epoll.poll(until - now + 0.001, TURN)

    def close(self) -> None:
        self.epoll.close()
        os.close(self.timer)


class Portable:
    """poll for the whole milliseconds, and a sleep for what is left of the last."""

    REST = 0.0002

    def __init__(self) -> None:
        self.poller = select.poll()
        self.register, self.modify = self.poller.register, self.poller.modify
        self.unregister = self.poller.unregister

    def wait(self, until: float, now: float) -> list[tuple[int, int]]:
        left = until - now
        events = self.poller.poll(max(0, int(left * 1000)))
        if not events and 0 < left < 0.001:
            time.sleep(min(left, self.REST))
        return events

    def close(self) -> None:
        """Nothing is held."""


class _Spec(ctypes.Structure):
    """struct itimerspec: no interval, and when."""

    _fields_ = (
        ("every_seconds", ctypes.c_long),
        ("every_nanoseconds", ctypes.c_long),
        ("seconds", ctypes.c_long),
        ("nanoseconds", ctypes.c_long),
    )


_libc: Any = ctypes.CDLL(None, use_errno=True)


def waiter() -> Precise | Portable:
    """The best there is here."""
    if hasattr(select, "epoll") and hasattr(_libc, "timerfd_create"):
        return Precise()
    return Portable()
