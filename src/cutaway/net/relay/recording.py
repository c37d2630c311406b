"""What passed a relay, in memory that is bounded in octets.

    recording = Recording(limit=16 << 20)
    with Relay(("127.0.0.1", 0), upstream, recording=recording) as relay:
        ...
    recording.sent(1)          what the client of connection 1 sent, as octets
    recording.events()         [Event(at=…, number=1, way="to server", offset=0, data=b"GET …"), …]
    recording.dropped          Dropped(events=0, octets=0)

An event keeps the very octets that were read from the socket, not a copy. It is noted when they
arrive, so its time is the sender's; a slow link makes the receiver's later.

Bounded in octets, not in events: a thousand reads are 60 KB of requests or 250 MB of a download.
Each event counts with its octets and OVERHEAD, what Python needs to keep it. When the limit is
passed, the oldest events are dropped (keep="newest") or no more are taken (keep="oldest"); what is
dropped is counted and told, never silently gone.

One thread appends, the relay's. Any other may look: each figure is written by one side alone, so no
lock is needed.

Left out: what the octets mean (a codec reads them when somebody looks), and files: pcap.py.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple, Protocol

LIMIT = 16 << 20
OVERHEAD = 192  # octets that a tuple, its numbers, its octets' header and its place in line take

Way = Literal["to server", "to client"]
TO_SERVER: Way = "to server"
TO_CLIENT: Way = "to client"

#: What happened where no octets were passed on. "opened" is on the way to the server. The second
#: line is of a link that stalls: what came waits, and goes on. The third is about the datagram before
#: it, and comes from udp.py.
Happened = Literal[
    "opened", "refused", "closed", "reset", "cut",
    "stalled", "resumed",
    "lost", "too long", "corrupted", "doubled", "held back",
]  # fmt: skip
#: A direction, or a connection, is over.
ENDED = ("refused", "closed", "reset", "cut")


class Numbered(Protocol):
    """A connection, as a recording knows it."""

    @property
    def number(self) -> int: ...


class Direction(Protocol):
    """One way of a connection, as a recording knows it."""

    @property
    def way(self) -> Way: ...
    @property
    def connection(self) -> Numbered: ...


#: As a relay notes it: time, direction, offset in it, octets or what happened.
Noted = tuple[float, Direction, int, bytes | Happened]


class Event(NamedTuple):
    """at: monotonic seconds. offset: octets of this way of the connection before this event."""

    at: float
    number: int
    way: Way
    offset: int
    data: bytes
    happened: Happened | None


class Dropped(NamedTuple):
    """What is no longer here, or never was."""

    events: int
    octets: int


class Recording:
    """limit: octets of memory. keep: which events stay when there are too many."""

    def __init__(self, limit: int = LIMIT, keep: Literal["newest", "oldest"] = "newest") -> None:
        self.limit, self.keep = limit, keep
        self._kept: deque[Noted] = deque()
        self._room = limit  # octets of memory left, less what was taken since the relay last looked
        self._taken = 0  # octets of memory taken, ever; written by who takes
        self._known = 0  # of them, what the relay has made room of
        self._lost_events = self._lost_octets = 0
        self._awaited, self._news = False, threading.Event()

    def note(self, noted: Noted) -> None:
        """In the relay's thread, for every read: each operation here is paid for by the traffic."""
        self._room -= len(noted[3]) + OVERHEAD
        if self._room < 0 and not self._make_room(noted):
            return
        self._kept.append(noted)
        if self._awaited:
            self.call()

    def _make_room(self, noted: Noted) -> bool:
        """Whether there is room for it now, of which its size has been taken off already."""
        taken = self._taken
        self._room += taken - self._known
        self._known = taken
        if self._room < 0 and self.keep == "newest":
            enough = self.limit // 256  # some at a time costs less than one each time
            while self._room < enough and self._kept:
                self._lose(self._kept.popleft())
        if self._room < 0:
            self._lose(noted)
            return False
        return True

    def _lose(self, noted: Noted) -> None:
        self._room += len(noted[3]) + OVERHEAD
        self._lost_events += 1
        if isinstance(noted[3], bytes):
            self._lost_octets += len(noted[3])

    def call(self) -> None:
        """Whoever waits shall look."""
        self._awaited = False
        self._news.set()

    def wait(self, within: float, unless: Callable[[], bool] = lambda: False) -> bool:
        """Whether there is anything to look at, waiting for it so many seconds. For one thread.

        unless: whether there is something else to look at, for which `call` is called. It is asked
        after the last call was forgotten, so none is missed.
        """
        self._news.clear()
        self._awaited = True
        return bool(self._kept) or unless() or self._news.wait(within) or bool(self._kept)

    @property
    def size(self) -> int:
        """Octets of memory in use."""
        return self.limit - self._room - (self._taken - self._known)

    @property
    def dropped(self) -> Dropped:
        return Dropped(self._lost_events, self._lost_octets)

    def events(self, number: int | None = None) -> list[Event]:
        """What is kept, in order; of one connection or of all."""
        return [
            told(noted)
            for noted in self._kept.copy()
            if number is None or noted[1].connection.number == number
        ]

    def take(self) -> Iterator[Event]:
        """What came since the last call, which is then no longer here: for one reader who keeps up.
        With keep="oldest" only; else the relay may drop what is being taken."""
        kept = self._kept
        for _ in range(len(kept)):
            noted = kept.popleft()
            self._taken += len(noted[3]) + OVERHEAD
            yield told(noted)

    def sent(self, number: int) -> bytes:
        """What is kept of what the client of a connection sent."""
        return self._stream(number, TO_SERVER)

    def answered(self, number: int) -> bytes:
        """What is kept of what the server sent on it."""
        return self._stream(number, TO_CLIENT)

    def _stream(self, number: int, way: Way) -> bytes:
        return b"".join(event.data for event in self.events(number) if event.way == way)


def told(noted: Noted) -> Event:
    """An event as others see it."""
    at, lane, offset, what = noted
    octets, happened = (what, None) if isinstance(what, bytes) else (b"", what)
    return Event(at, lane.connection.number, lane.way, offset, octets, happened)
