"""One direction of a connection through a relay: read here, write there, and what the link does.

    source ──recv──▶ note ──▶ send ──▶ sink                       a clear link: nothing is kept
                       │
                       ╰──▶ queue of (due, octets) ──▶ send       any other link, or a slow sink

On a clear link octets are sent on in the same breath, and epoll is not asked whether the sink can
take them: it nearly always can. What it does not take waits in the queue, and its source is not
read any further once the lane holds its share. So the kernel's buffers fill, and whoever sends is
slowed down by whoever does not read: back-pressure. Nothing is lost and memory is bounded: a read of
one octet takes the room of its objects too, so each counts OVERHEAD more.

Ends travel in the queue as octets do, so they never overtake what came before them: FIN as FIN,
RST as RST. When a side has reset the connection while the other one does not read, what still waits
is dropped, as the kernel of the one who reset it has dropped it.

The size of a read follows the traffic: small messages should not pay for a buffer of 256 KiB, nor
a download for reads of 8.

Left out: which link holds when. That is relay.py and script.py.
"""

from __future__ import annotations

import random
import time
from collections import deque
from typing import TYPE_CHECKING

from .link import CLEAR, Link
from .loop import READABLE, WRITABLE
from .recording import Happened, Way

if TYPE_CHECKING:
    from .connection import Connection, End

SMALL, LARGE = 8 << 10, 256 << 10  # octets of one read, at least and at most
SLICE = 0.005  # seconds of a rate that are sent in one go
LATE = 0.05  # seconds that are made up for; who was later than that was kept waiting by the sink
OVERHEAD = 192  # octets that the objects of a waiting read take beside what was read
PIECE_GAP = 0.0002  # seconds between pieces: a reader that waits takes each one alone

#: What stands in the queue where a direction ends, or stops.
FIN, RESET, CUT, STALL = "closed", "reset", "cut", "stalled"

monotonic = time.monotonic


class Lane:
    """From `source` to `sink`. All of it runs in the loop's thread.

    passed   octets that came and are, or will be, passed on
    thrown   octets that came behind a half-close of ours
    queued   octets that wait in here, and OVERHEAD for each read that they came in
    reading  the source may still send
    deaf     what it sends is thrown away
    done     its FIN has been passed on
    """

    __slots__ = (
        "_began",
        "_counted_from",
        "_draws",
        "_end",
        "_floor",
        "_free_at",
        "_gap",
        "_held",
        "_last_due",
        "_little",
        "_note",
        "_plain",
        "_queue",
        "_recv",
        "_send",
        "_size",
        "_timed",
        "blocked",
        "connection",
        "deaf",
        "done",
        "link",
        "passed",
        "queued",
        "reading",
        "sink",
        "source",
        "stopped",
        "thrown",
        "way",
    )

    def __init__(
        self, connection: Connection, way: Way, source: End, sink: End, link: Link
    ) -> None:
        self.connection, self.way = connection, way
        self.source, self.sink = source, sink
        self._recv, self._send = source.sock.recv, sink.sock.send
        self._note = connection.relay.recording.note
        self._queue: deque[tuple[float, bytes | memoryview | str]] = deque()
        self._size, self._little = SMALL, 0
        self._draws: random.Random | None = None
        self._last_due = self._floor = self._free_at = 0.0
        self._timed = 0.0  # when the earliest timer fires; 0: none is set
        self.passed = self.thrown = self.queued = 0
        self.blocked = self.deaf = self.done = self.stopped = self._began = False
        self._held = False  # that something waits in a stall is in the recording
        self.reading = True
        self.use(link)

    def use(self, link: Link) -> None:
        """From now on. What is under way arrives as it was going to.

        A stall that is still under way does not: it would outlive its link.
        """
        self.link, self._end = link, link.end
        self._counted_from = self.passed
        self.stopped = link.stalled
        if any(what is STALL for _, what in self._queue):
            self._queue = deque(entry for entry in self._queue if entry[1] is not STALL)
        if self._held and not self.stopped:
            self._held = False
            self.note("resumed")
        self._free_at = 0.0
        gap = PIECE_GAP if link.pieces is not None else 0.0
        self._gap = gap if link.gap is None else link.gap
        if self._began:
            self._begin()

    def begin(self) -> None:
        """The connection stands on both sides."""
        self._began = True
        self.source.want(READABLE, True)
        self._begin()

    def _begin(self) -> None:
        self._consider_plain()
        if self._end is not None and self._end[0] == 0 and not self.deaf:
            self._push(self._end[1])
        elif not self.blocked:
            self.deliver()

    def not_before(self, when: float) -> None:
        """What comes earlier counts as having come then: the connection was not there yet."""
        self._floor = when

    # In.

    def readable(self) -> None:
        """Something came from the source, or its end did."""
        try:
            data = self._recv(self._size)
        except BlockingIOError:
            return
        except OSError:
            self.connection.broke(self.source)
            return
        count = len(data)
        if not count:
            self.ended()
        elif self._plain:
            self._note((monotonic(), self, self.passed, data))
            self.passed += count
            try:
                sent = self._send(data)
            except BlockingIOError:
                sent = 0
            except OSError:
                self.connection.broke(self.sink)
                return
            if sent != count:
                self._keep(data, sent)
        else:
            self._admit(data)
        if not self._little <= count < self._size:
            self._fit(count)

    def _fit(self, count: int) -> None:
        """The next read is larger after a full one, smaller after one that hardly used its buffer."""
        most = min(LARGE, self.connection.relay.share)
        wanted = self._size << 2 if count == self._size else self._size >> 2
        self._size = max(SMALL, min(wanted, most))
        self._little = self._size >> 4 if self._size > SMALL else 0

    def _keep(self, data: bytes, sent: int) -> None:
        """The sink did not take all of it."""
        self._queue.append((0.0, memoryview(data)[sent:]))
        self.queued += len(data) - sent + OVERHEAD
        self._plain = False
        self._wait_for_sink()
        self._hold_back()

    def _admit(self, data: bytes) -> None:
        """Any link but a clear one, or a queue that is not empty."""
        if self.deaf:
            self.thrown += len(data)
            return
        if self._end is None:
            self._enter(data)
        else:
            count, end = self._end
            left = max(0, self._counted_from + count - self.passed)
            self._enter(data[:left])
            if len(data) >= left:
                self._push(end)
            if end == STALL:
                self._enter(data[left:])
        if not self.blocked:
            self.deliver()
        self._hold_back()

    def _enter(self, data: bytes) -> None:
        """Into the queue, until it is due."""
        if data:
            self._note((monotonic(), self, self.passed, data))
            self.passed += len(data)
            self.queued += len(data) + OVERHEAD
            self._queue.append((self._due(), data))

    def ended(self) -> None:
        """The source says that it sends no more."""
        self.stop_reading()
        if not self.deaf:
            self._push(FIN)
        else:
            self.connection.quiet()

    def stop_reading(self) -> None:
        """For good."""
        self.reading = False
        self.source.want(READABLE, False)

    def _push(self, end: str) -> None:
        """An end of our own or of the source's; nothing but it follows."""
        if end == STALL:
            self._end = None
        else:
            self.deaf = True
        if end == FIN:
            self.note("closed")
        self._plain = False
        self._queue.append((self._due(), end))
        if not self.blocked:
            self.deliver()

    def reset(self) -> None:
        """The source reset the connection, and is closed."""
        if self.blocked:
            self.connection.abort()
        else:
            self._push(RESET)

    def _due(self) -> float:
        """When what comes now is to arrive; never ahead of what came before it."""
        due = max(monotonic(), self._floor) + self.link.latency
        if self.link.jitter:
            if self._draws is None:
                self._draws = self.connection.draws(self.way)
            due += self._draws.uniform(0.0, self.link.jitter)
        self._last_due = due = max(due, self._last_due)
        return due

    # Out.

    def writable(self) -> None:
        """The sink takes something again."""
        self.blocked = False
        self.sink.want(WRITABLE, False)
        self.deliver()

    def deliver(self) -> None:
        """Whatever is due, as far as the link lets it and the sink takes it."""
        queue, now = self._queue, monotonic()
        while queue and not (self.stopped or self.blocked):
            due, what = queue[0]
            count = 0 if isinstance(what, str) else self._portion(len(what))
            ready = max(due, self._free_at) + (count / self.link.rate if self.link.rate else 0.0)
            if ready > now:
                self._wake_at(ready)
                return
            if isinstance(what, str):
                queue.popleft()
                self._happen(what)
            elif not self._send_some(due, what, count):
                return
            else:
                self._free_at = (ready if now - ready < LATE else now) + self._gap
        if not queue:
            self._consider_plain()
        elif self.stopped and not self._held:
            self._held = True
            self.note("stalled")
        if self.reading and self.queued < self.connection.relay.share:
            self.source.want(READABLE, True)

    def _send_some(self, due: float, what: bytes | memoryview, count: int) -> bool:
        """So many octets of it in one write. False when the connection is gone."""
        portion = what if count == len(what) else memoryview(what)[:count]
        try:
            sent = self._send(portion)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.connection.broke(self.sink)
            return False
        self.queued -= sent
        if sent == len(what):
            self._queue.popleft()
            self.queued -= OVERHEAD
        else:
            self._queue[0] = (due, memoryview(what)[sent:])
        if sent < count:
            if self._queue[-1][1] == RESET:
                self.connection.abort()
                return False
            self._wait_for_sink()
        return True

    def _portion(self, count: int) -> int:
        """Of so many octets, how many go in one write."""
        if self.link.pieces is not None:
            count = min(count, self.link.pieces)
        if self.link.rate is not None:
            count = min(count, max(1, int(self.link.rate * SLICE)))
        return count

    def _happen(self, what: str) -> None:
        if what == FIN:
            self.done = True
            self.connection.closed(self)
        elif what == RESET:
            self.connection.abort()
        elif what == CUT:
            self.connection.cut()
        else:
            self.stopped = True

    def discard(self) -> None:
        """Whatever waits is thrown away, and whatever still comes."""
        self._queue.clear()
        self.queued, self.deaf, self._plain = 0, True, False

    # Waiting.

    def _consider_plain(self) -> None:
        self._plain = self.link == CLEAR and not self._queue and not self.deaf

    def _hold_back(self) -> None:
        if self.queued >= self.connection.relay.share:
            self.source.want(READABLE, False)

    def _wait_for_sink(self) -> None:
        self.blocked = True
        self.sink.want(WRITABLE, True)

    def _wake_at(self, when: float) -> None:
        if not self._timed or when < self._timed:
            self._timed = when
            self.connection.relay.loop.at(when, self._timer)

    def _timer(self) -> None:
        self._timed = 0.0
        if not self.blocked:
            self.deliver()

    def note(self, happened: Happened) -> None:
        self._note((monotonic(), self, self.passed, happened))
