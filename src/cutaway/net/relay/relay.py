"""A relay: takes connections on one address and carries them to another, over a link that can be bad.

    with Relay(("127.0.0.1", 0), ("127.0.0.1", 8080), Link(latency=0.02)) as relay:
        use(relay.port)                            20 ms each way
        relay.link = Link(rate=125_000)            from now on a megabit a second
        relay.change(to_client=Link(stalled=True)) one way only
        relay.reset()                              every connection there is
    relay.recording.sent(1)                        what connection 1 sent to the server

It runs beside whatever the caller does, in a thread that all relays of a process share, and listens
once it is made. What it does is done when a call returns: after `relay.link = …` the next octet
meets the new link.

Memory is bounded for the relay, not for a connection: BUDGET octets are shared by the connections
that there are, each with a floor of LEAST.

Left out: decoding (a codec reads the recording), TLS, choosing between upstreams.
"""

from __future__ import annotations

import errno
import os
import random
import socket
import time
from collections.abc import Callable
from typing import Literal, NamedTuple

from ..held import opened, shut
from .connection import Connection
from .link import CLEAR, Link
from .loop import READABLE, Loop
from .recording import TO_SERVER, Recording, Way

Address = tuple[str, int]

BACKLOG = 1024
BUDGET = 64 << 20  # octets of memory that wait in all lanes together, about
LEAST, MOST = 16 << 10, 1 << 20  # octets that wait in one lane
AT_ONCE = 64  # connections taken in one round
PAUSE = 0.1  # seconds without accepting when there are no more open files


class CannotListen(OSError):
    """One sentence for the person who asked for the address."""

    @classmethod
    def at(cls, address: Address, problem: OSError) -> CannotListen:
        """What the kernel said, and the next step."""
        host, port = address
        if problem.errno == errno.EADDRINUSE:
            step = "end the program that listens there, or choose another"
            return cls(f"port {port} is in use: {step}")
        if problem.errno == errno.EACCES:
            return cls(f"port {port} needs privileges: choose one above 1023")
        return cls(f"cannot listen on {host} port {port}: {os.strerror(problem.errno or 0)}")


class Links(NamedTuple):
    """Both directions."""

    to_server: Link = CLEAR
    to_client: Link = CLEAR


class Counts(NamedTuple):
    """Of connections: taken, still open, refused by the upstream. Of octets: both ways."""

    taken: int
    open: int
    refused: int
    to_server: int
    to_client: int


class Relay:
    """Listens when made, until `close`. Port 0 is any free one. Raises CannotListen.

    link       both ways; `to_server`, `to_client` where they differ
    recording  what keeps what passes; without one, a small one
    choose     (number, draws) → the links of a connection, instead of the relay's own
    seed       of jitter and of `choose`
    tells_passed  the recording also has when octets left a link that held them: "passed", with the
               offset behind the last of them
    """

    def __init__(
        self,
        listen: Address,
        upstream: Address,
        link: Link = CLEAR,
        *,
        to_server: Link | None = None,
        to_client: Link | None = None,
        recording: Recording | None = None,
        choose: Callable[[int, random.Random], Links] | None = None,
        seed: int = 0,
        loop: Loop | None = None,
        tells_passed: bool = False,
    ) -> None:
        self.upstream, self.tells_passed = resolved(upstream), tells_passed
        self.links = Links(to_server or link, to_client or link)
        self.recording = recording if recording is not None else Recording()
        self.choose, self.seed = choose, seed
        self.share = MOST
        self.connections: dict[int, Connection] = {}
        self._taken = self._refused = self._gone_to_server = self._gone_to_client = 0
        self.closed = self._taking = False
        self._listener: socket.socket | None = listening(listen)
        self._held: socket.socket | None = None  # its port, while it does not listen
        self.address: Address = self._listener.getsockname()[:2]
        self.loop = loop or Loop.shared()
        self.loop.ask(self._watch)

    def __enter__(self) -> Relay:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def port(self) -> int:
        return self.address[1]

    @property
    def link(self) -> Link:
        """Of the way to the server, where they differ."""
        return self.links.to_server

    @link.setter
    def link(self, link: Link) -> None:
        self.change(link)

    def change(
        self,
        link: Link | None = None,
        *,
        to_server: Link | None = None,
        to_client: Link | None = None,
        number: int | None = None,
    ) -> None:
        """A new link, both ways or one; for all connections, those to come too, or for one."""
        there, back = to_server or link, to_client or link

        def use() -> None:
            if number is None:
                self.links = Links(there or self.links.to_server, back or self.links.to_client)
            for connection in self._of(number):
                if there is not None:
                    connection.to_server.use(there)
                if back is not None:
                    connection.to_client.use(back)

        self.loop.ask(use)

    def cut(self, number: int | None = None) -> int:
        """Close both sides of a connection or of all (FIN); how many there were."""
        return self.loop.ask(lambda: self._end("cut", number))

    def reset(self, number: int | None = None) -> int:
        """The same with RST."""
        return self.loop.ask(lambda: self._end("abort", number))

    def lead(self, upstream: Address) -> None:
        """Carry new connections there; those that there are stay. Raises CannotListen."""
        self.upstream = resolved(upstream)

    def allow(self, count: int, way: Way, number: int | None = None) -> None:
        """While that way is stalled: so many octets pass all the same, of a connection or of each.
        0 lets an end pass that waits there."""

        def allow() -> None:
            for connection in self._of(number):
                lane = connection.to_server if way == TO_SERVER else connection.to_client
                lane.allow(count)

        self.loop.ask(allow)

    def refuse(self) -> None:
        """Listen no more: new connections are refused, those that there are go on."""
        self.loop.ask(self._shut)

    def queue(self) -> None:
        """Take no new connections, and refuse none: they wait, as with a program that is busy."""
        self.loop.ask(self._stop_taking)

    def accept(self) -> None:
        """Take new connections again, on the same address. Raises CannotListen."""
        if self._listener is None:
            held, self._held = self._held, None
            self._listener = opened(held, BACKLOG) if held else listening(self.address)
        self.loop.ask(self._resume)

    def counts(self) -> Counts:
        return self.loop.ask(self._counts)

    def close(self) -> None:
        """Reset what is open and end. A second call does nothing."""
        if self.closed:
            return
        self.closed = True
        self.loop.ask(self._close)
        self.loop.give_back()

    # For its connections, in the loop's thread.

    def links_for(self, number: int) -> Links:
        if self.choose is None:
            return self.links
        return self.choose(number, random.Random(f"{self.seed}/{number}"))

    def gone(self, connection: Connection) -> None:
        self.connections.pop(connection.number, None)
        self._refused += connection.how == "refused"
        self._gone_to_server += connection.to_server.passed
        self._gone_to_client += connection.to_client.passed
        self._divide()

    def _watch(self) -> None:
        assert self._listener is not None
        self._taking = True
        self.loop.watch(self._listener.fileno(), READABLE, self._accept)

    def _accept(self, events: int) -> None:
        for _ in range(AT_ONCE):
            if self._listener is None:
                return
            try:
                sock, _ = self._listener.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM):
                    self._pause()
                    return
                continue  # the client left before it was taken
            self._take(sock)

    def _take(self, sock: socket.socket) -> None:
        try:
            connection = Connection(self, self._taken + 1, sock)
        except OSError:  # no socket for the other side
            sock.close()
            self._pause()
            return
        self._taken += 1
        if connection.how is None:
            self.connections[self._taken] = connection
            self._divide()

    def _pause(self) -> None:
        if self._listener is not None and self._taking:
            self._stop_taking()
            self.loop.at(time.monotonic() + PAUSE, self._resume)

    def _stop_taking(self) -> None:
        if self._listener is not None and self._taking:
            self._taking = False
            self.loop.forget(self._listener.fileno())

    def _resume(self) -> None:
        if self._listener is not None and not self._taking:
            self._watch()

    def _divide(self) -> None:
        """What one lane may hold, when all hold as much."""
        self.share = max(LEAST, min(MOST, BUDGET // (2 * len(self.connections) + 1)))

    def _of(self, number: int | None) -> list[Connection]:
        if number is None:
            return list(self.connections.values())
        return [self.connections[number]] if number in self.connections else []

    def _end(self, how: Literal["cut", "abort"], number: int | None) -> int:
        found = self._of(number)
        for connection in found:
            getattr(connection, how)()
        return len(found)

    def _counts(self) -> Counts:
        alive = list(self.connections.values())
        return Counts(
            self._taken,
            len(alive),
            self._refused,
            self._gone_to_server + sum(c.to_server.passed for c in alive),
            self._gone_to_client + sum(c.to_client.passed for c in alive),
        )

    def _shut(self) -> None:
        if self._listener is not None:
            self._stop_taking()
            self._held, self._listener = shut(self._listener), None

    def _close(self) -> None:
        self._stop_taking()
        for sock in (self._listener, self._held):
            if sock is not None:
                sock.close()
        self._listener = self._held = None
        for connection in self._of(None):
            connection.close()


def resolved(address: Address) -> Address:
    """The address as numbers. Raises CannotListen."""
    host, port = address
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise CannotListen(f"there is no host {host!r}") from None
    return str(found[0][4][0]), port


def listening(address: Address) -> socket.socket:
    """A listener, not blocking. Raises CannotListen."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(address)
        sock.listen(BACKLOG)
    except OSError as problem:
        sock.close()
        raise CannotListen.at(address, problem) from None
    sock.setblocking(False)
    return sock
