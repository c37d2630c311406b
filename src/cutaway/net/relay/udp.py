"""A relay for datagrams, over a network that loses, doubles, changes and reorders them.

    weather = Weather(loss=0.1, reorder=0.05, latency=0.02)
    with UdpRelay(("127.0.0.1", 0), ("127.0.0.1", 5353), weather, seed=7) as relay:
        ask(relay.address)
        relay.weather = Weather(limit=1200)         from now on nothing longer passes

TCP hides all of this from programs; UDP shows it, and a protocol on top of it has to live with it.
For each datagram the fates are drawn in a fixed order, whatever the weather is: the seventh datagram
of the second client meets the same ones for the same seed, in any run and beside any traffic.

    datagram ── too long? ── lost? ── corrupted? ── doubled? ── held back? ── latency ──▶
                  gone       gone     one bit       a copy      HELD later

A client is known by its address, and gets a socket of its own towards the server, so that answers
find back. The CLIENTS that were heard last are kept.

Left out: fragments, ICMP, and order where the jitter is larger than the time between two datagrams:
they overtake each other, as they do out there.
"""

from __future__ import annotations

import dataclasses
import errno
import random
import socket
import time
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from .link import BadLink
from .loop import READABLE, Loop
from .recording import TO_CLIENT, TO_SERVER, Happened, Recording, Way
from .relay import Address, CannotListen, resolved

LONGEST = 65535
HELD = 0.02  # seconds by which a datagram is held back so that others overtake it
CLIENTS = 1024
WAITING = 16 << 20  # octets of memory under way at the most; more is lost, as in a full router
OVERHEAD = 480  # octets that a timer and the objects of a waiting datagram take beside its own
AT_ONCE = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """One direction. Raises BadLink.

    loss, duplicate, reorder, corrupt   shares of datagrams, 0 to 1
    latency, jitter                     seconds under way, and seconds more at most
    limit                               octets of the longest datagram that passes
    """

    loss: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    corrupt: float = 0.0
    latency: float = 0.0
    jitter: float = 0.0
    limit: int = LONGEST

    def but(self, **changes: object) -> Weather:
        """The same with some properties changed."""
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]

    def __post_init__(self) -> None:
        for name in ("loss", "duplicate", "reorder", "corrupt"):
            if not 0 <= getattr(self, name) <= 1:
                raise BadLink(f"{name} is a share, from 0 to 1")
        if self.latency < 0 or self.jitter < 0 or self.limit < 0:
            raise BadLink("latency, jitter and limit are not less than nothing")


FAIR = Weather()


class Weathers(NamedTuple):
    """Both directions."""

    to_server: Weather = FAIR
    to_client: Weather = FAIR


class Passed(NamedTuple):
    """What came to the relay so far: clients, datagrams, and octets of each way."""

    clients: int
    datagrams: int
    to_server: int
    to_client: int


class Fate(NamedTuple):
    """What becomes of one datagram. after: seconds until each copy arrives; none, when it is gone.
    flipped: the bit that changes."""

    after: tuple[float, ...]
    flipped: int | None
    happened: tuple[Happened, ...]


def fate(draws: random.Random, weather: Weather, size: int) -> Fate:
    """Eight draws, always: so that one more fault does not change what the others meet."""
    lost, twice, held, changed, where, first, second, apart = (draws.random() for _ in range(8))
    if size > weather.limit:
        return Fate((), None, ("too long",))
    if lost < weather.loss:
        return Fate((), None, ("lost",))
    happened: list[Happened] = []
    flipped = None
    if changed < weather.corrupt and size:
        flipped = int(where * size * 8)
        happened.append("corrupted")
    after = [weather.latency + weather.jitter * first]
    if held < weather.reorder:
        after[0] += HELD * (1 + apart)
        happened.append("held back")
    if twice < weather.duplicate:
        after.append(weather.latency + weather.jitter * second)
        happened.append("doubled")
    return Fate(tuple(after), flipped, tuple(happened))


def changed(data: bytes, bit: int | None) -> bytes:
    """The datagram with one bit the other way."""
    if bit is None:
        return data
    octets = bytearray(data)
    octets[bit // 8] ^= 0x80 >> bit % 8
    return bytes(octets)


class Path:
    """One direction of one client."""

    def __init__(self, client: Client, way: Way, seed: int) -> None:
        self.connection, self.way, self.passed = client, way, 0
        self.draws = random.Random(f"{seed}/{client.number}/{way}")


class Client:
    """Who sent from one address, and our socket towards the server for it."""

    def __init__(self, relay: UdpRelay, number: int, address: Address) -> None:
        self.number, self.address = number, address
        self.heard = time.monotonic()
        family = socket.AF_INET6 if ":" in relay.upstream[0] else socket.AF_INET
        self.sock = socket.socket(family, socket.SOCK_DGRAM)
        self.sock.setblocking(False)
        self.sock.connect(relay.upstream)
        self.there = Path(self, TO_SERVER, relay.seed)
        self.back = Path(self, TO_CLIENT, relay.seed)


class UdpRelay:
    """Listens when made, until `close`. Port 0 is any free one. Raises CannotListen."""

    def __init__(
        self,
        listen: Address,
        upstream: Address,
        weather: Weather = FAIR,
        *,
        to_server: Weather | None = None,
        to_client: Weather | None = None,
        recording: Recording | None = None,
        seed: int = 0,
        loop: Loop | None = None,
    ) -> None:
        self.upstream, self.seed = resolved(upstream), seed
        self.links = Weathers(to_server or weather, to_client or weather)
        self.recording = recording if recording is not None else Recording()
        self._clients: dict[Address, Client] = {}
        self._count = self._datagrams = self.waiting = 0
        self._octets = {TO_SERVER: 0, TO_CLIENT: 0}
        self.closed = False
        self._sock = bound(listen)
        self.address: Address = self._sock.getsockname()[:2]
        self.loop = loop or Loop.shared()
        self.loop.ask(lambda: self.loop.watch(self._sock.fileno(), READABLE, self._from_clients))

    def __enter__(self) -> UdpRelay:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def port(self) -> int:
        return self.address[1]

    @property
    def weather(self) -> Weather:
        """Of the way to the server, where they differ."""
        return self.links.to_server

    @weather.setter
    def weather(self, weather: Weather) -> None:
        self.change(to_server=weather, to_client=weather)

    def change(self, *, to_server: Weather | None = None, to_client: Weather | None = None) -> None:
        """New weather for one way or both. What is under way arrives as it was going to."""

        def use() -> None:
            before = self.links
            self.links = Weathers(to_server or before.to_server, to_client or before.to_client)

        self.loop.ask(use)

    def counts(self) -> Passed:
        return self.loop.ask(
            lambda: Passed(
                self._count, self._datagrams, self._octets[TO_SERVER], self._octets[TO_CLIENT]
            )
        )

    def close(self) -> None:
        """What is under way is lost. A second call does nothing."""
        if not self.closed:
            self.closed = True
            self.loop.ask(self._close)
            self.loop.give_back()

    # In the loop's thread.

    def _from_clients(self, events: int) -> None:
        for _ in range(AT_ONCE):
            try:
                data, address = self._sock.recvfrom(LONGEST)
            except BlockingIOError:
                return
            except OSError:
                continue  # an answer of ours found nobody, and the kernel says so here
            client = self._clients.get(address) or self._meet(address)
            if client is not None:
                client.heard = time.monotonic()
                self._pass(client.there, data)

    def _meet(self, address: Address) -> Client | None:
        while len(self._clients) >= CLIENTS:
            self._forget(min(self._clients.values(), key=lambda client: client.heard))
        try:
            client = Client(self, self._count + 1, address)
        except OSError:
            return None
        self._count += 1
        self._clients[address] = client
        self.loop.watch(client.sock.fileno(), READABLE, partial(self._from_server, client))
        return client

    def _from_server(self, client: Client, events: int) -> None:
        for _ in range(AT_ONCE):
            try:
                data = client.sock.recv(LONGEST)
            except OSError as error:  # nothing more, or nobody listens upstream
                if error.errno == errno.ECONNREFUSED:
                    self._note(client.there, "refused")
                return
            self._pass(client.back, data)

    def _pass(self, path: Path, data: bytes) -> None:
        self._note(path, data)
        path.passed += len(data)
        self._datagrams += 1
        self._octets[path.way] += len(data)
        weather = self.links.to_server if path.way == TO_SERVER else self.links.to_client
        meets = fate(path.draws, weather, len(data))
        if self.waiting + (len(data) + OVERHEAD) * len(meets.after) > WAITING:
            meets = Fate((), None, ("lost",))
        for happened in meets.happened:
            self._note(path, happened)
        octets = changed(data, meets.flipped)
        for after in meets.after:
            if after:
                self.waiting += len(octets) + OVERHEAD
                self.loop.at(time.monotonic() + after, partial(self._arrive, path, octets))
            else:
                self._send(path, octets)

    def _note(self, path: Path, what: bytes | Happened) -> None:
        self.recording.note((time.monotonic(), path, path.passed, what))

    def _arrive(self, path: Path, data: bytes) -> None:
        self.waiting -= len(data) + OVERHEAD
        self._send(path, data)

    def _send(self, path: Path, data: bytes) -> None:
        """A datagram that cannot be sent is lost."""
        client = path.connection
        try:
            if path.way == TO_SERVER:
                client.sock.send(data)
            else:
                self._sock.sendto(data, client.address)
        except OSError:
            if not self.closed:
                self._note(path, "lost")

    def _forget(self, client: Client) -> None:
        del self._clients[client.address]
        self.loop.forget(client.sock.fileno())
        client.sock.close()

    def _close(self) -> None:
        for client in list(self._clients.values()):
            self._forget(client)
        self.loop.forget(self._sock.fileno())
        self._sock.close()


def bound(address: Address) -> socket.socket:
    """A socket for datagrams, not blocking. Raises CannotListen."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.bind(address)
    except OSError as problem:
        sock.close()
        raise CannotListen.at(address, problem) from None
    sock.setblocking(False)
    return sock
