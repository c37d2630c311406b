"""What passed a relay, as messages: events in, messages out, by the codec of a topic.

    hearing = Hearing(Http1)
    for event in recording.events():
        for heard in hearing.receive(event):
            print(heard.at, heard.number, heard.way, heard.what)

A tap may come late, or hear what no codec can read. Then it shows the octets, says why they are no
message, and looks for the next place where a message may begin, if the codec can tell one:

    reading ── what the codec refuses ─────────▶ seeking ── codec.resume finds a start ──▶ reading
       │    ── octets missing in the recording ▶    │
       │                                            ╰── the codec has no `resume`: octets to the end
       ╰── a message longer than WAITING: counted to its end where that is known, else seeking

All of it works on what was recorded. The traffic has passed long since.

A codec may offer two things more than `wire.Codec` asks:

    says(message)                    one line of meaning, such as GET /echo/alpha
    resume(data, since, to_server)   where in `data`, from `since` on, a message may begin, or -1

Datagrams are read one by one: each holds whole messages, or cannot be read.

Bounded: WAITING octets for a message that is not whole, SHOWN of what cannot be read.

Left out: how it looks. That is cli/heard.py.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple

from ..wire import Annotator, Codec, Feed, Malformed, NeedMore, Reader, Refused, WireError
from .relay.recording import TO_CLIENT, TO_SERVER, Event, Way

WAITING = 1 << 20
SHOWN = 512
TAIL = 16 << 10  # octets in which the beginning of a message is sought across two reads

PATIENCE = 1.0  # seconds after which the rest of a message is missed

Kind = Literal["message", "octets", "broken", "lost", "skipped", "waits", "happened"]


class Heard(NamedTuple):
    """One thing to tell. at: when its last octet came. offset, size: where it stood in its way.

    kind     message: `what` is it, `view` its labels where they were asked for, which count from
             `base`
             octets: nobody reads them; `data` has the first of them. `what` is "skipped" where
             they were no message, "cut off" where the end came first
             broken: the codec refused them; `what` is its error, at `mark` of `data`
             lost: octets are missing in the recording
             skipped: a message too long to be kept; `data` is its beginning
             waits: a message has begun, and nothing came since `what` seconds
             happened: opened, refused, closed, reset, cut, stalled, resumed, passed; and what befell the
             datagram before it
    """

    at: float
    number: int
    way: Way
    kind: Kind
    offset: int
    size: int
    what: Any = None
    data: bytes = b""
    view: Annotator | None = None
    base: int = 0
    mark: int = 0


class Hearing:
    """All connections of a relay. make: what reads; an Annotator labels every octet."""

    def __init__(
        self,
        codec: Callable[[], Codec] | None,
        make: type[Reader] = Reader,
        waiting: int = WAITING,
        datagrams: bool = False,
    ) -> None:
        self._codec, self._make, self._waiting = codec, make, waiting
        self._datagrams = datagrams
        self._ears: dict[tuple[int, Way], Ear] = {}
        self._codecs: dict[int, Codec | None] = {}

    def receive(self, event: Event) -> Iterator[Heard]:
        """What this event completes."""
        if event.happened is not None and self._is_all(event):
            at, number, way, offset, _, happened = event
            yield Heard(at, number, way, "happened", offset, 0, happened)
            return
        ear = self._ears.get((event.number, event.way)) or self._new(event)
        if event.happened is None and self._datagrams:
            yield from ear.datagram(event.at, event.offset, event.data)
        elif event.happened is None:
            yield from ear.receive(event.at, event.offset, event.data)
        else:
            yield from self._happened(event, ear)

    def _is_all(self, event: Event) -> bool:
        """Whether it completes nothing: it befell a datagram, or the link, or a connection that is
        over already, or was before anything was heard."""
        known = event.happened == "opened" or event.number in self._codecs
        return self._datagrams or not known or event.happened in ("stalled", "resumed", "passed")

    def waiting(self, now: float) -> Iterator[Heard]:
        """Messages that have begun and of which nothing came for a while: each once."""
        for ear in self._ears.values():
            yield from ear.missed(now)

    def _new(self, event: Event) -> Ear:
        number, way = event.number, event.way
        if number not in self._codecs:
            self._codecs[number] = self._codec() if self._codec is not None else None
        ear = Ear(number, way, self._codecs[number], self._make, self._waiting)
        self._ears[number, way] = ear
        return ear

    def _happened(self, event: Event, ear: Ear) -> Iterator[Heard]:
        other = self._ears.get((event.number, TO_CLIENT if event.way == TO_SERVER else TO_SERVER))
        if event.happened != "opened":
            if event.offset > ear.arrived:
                yield from ear.receive(event.at, event.offset, b"")
            yield from ear.ended(event.at, event.happened == "closed")
        if event.happened in ("reset", "cut") and other is not None:
            yield from other.ended(event.at, False)
        yield Heard(event.at, event.number, event.way, "happened", ear.arrived, 0, event.happened)
        ear.over = event.happened != "opened"
        if event.happened in ("refused", "reset", "cut") or (
            event.happened == "closed" and other is not None and other.over
        ):
            self._forget(event.number)

    def _forget(self, number: int) -> None:
        self._codecs.pop(number, None)
        for way in (TO_SERVER, TO_CLIENT):
            self._ears.pop((number, way), None)


class Ear:
    """One direction of a connection.

    arrived   octets that have been heard
    start     offset behind what has been told
    """

    def __init__(
        self, number: int, way: Way, codec: Codec | None, make: type[Reader], waiting: int
    ) -> None:
        self.number, self.way, self.codec = number, way, codec
        self._make, self._waiting = make, waiting
        self.arrived = self.start = 0
        self.over = False
        # When octets came, and for which of these times it was said that the rest is missed.
        self._last, self._missed_since = 0.0, 0.0
        self._skip = 0  # octets of a long message that still come
        self._sought = b""  # while seeking: the end of what has been looked through
        self._feed: Feed | None = None
        if codec is not None:
            self._read_from_here()

    def _read_from_here(self) -> None:
        assert self.codec is not None
        read = self.codec.to_server if self.way == TO_SERVER else self.codec.to_client
        self._feed = Feed(read, self._make)

    def receive(self, at: float, offset: int, data: bytes) -> Iterator[Heard]:
        if offset > self.arrived:
            yield from self._missed(at, offset)
        self.arrived, self._last = offset + len(data), at
        if self._skip:
            count = min(self._skip, len(data))
            self._skip -= count
            self.start += count
            data = data[count:]
        if self.codec is None and data:
            self.start += len(data)
            yield self._one(at, "octets", offset, len(data), data=data[:SHOWN])
        elif data:
            yield from self._read(at, data) if self._feed is not None else self._seek(at, data)

    def datagram(self, at: float, offset: int, data: bytes) -> Iterator[Heard]:
        """All the messages in it; what the codec cannot read, or not to its end, is broken."""
        self.start, self.arrived = offset, offset + len(data)
        if self.codec is None or not data:
            yield self._one(at, "octets", offset, len(data), data=data[:SHOWN])
            return
        read = self.codec.to_server if self.way == TO_SERVER else self.codec.to_client
        reader = self._make(data)
        try:
            while reader.pos < len(data):
                begin = reader.pos
                message = read(reader)
                view = reader.split() if isinstance(reader, Annotator) else None
                size = reader.pos - begin
                yield self._one(
                    at, "message", offset + begin, size, message, view=view, base=offset
                )
        except NeedMore:
            left = data[begin:]
            yield self._one(at, "octets", offset + begin, len(left), "cut off", left[:SHOWN])
        except WireError as error:
            mark = error.offset if isinstance(error, Malformed | Refused) else begin
            yield self._one(at, "broken", offset, len(data), error, data[:SHOWN], mark=mark)

    def missed(self, now: float) -> Iterator[Heard]:
        begun = self._feed is not None and self._feed.pending
        if begun and self._last != self._missed_since and now - self._last >= PATIENCE:
            self._missed_since = self._last
            size = self.arrived - self.start
            yield self._one(now, "waits", self.start, size, PATIENCE, data=begun[:SHOWN])

    def _read(self, at: float, data: bytes) -> Iterator[Heard]:
        feed, base = self._feed, self.start
        assert feed is not None
        try:
            for message in feed.receive(data):
                assert feed.reader is not None
                end, view = feed.reader.pos, None
                if isinstance(feed.reader, Annotator):
                    view = feed.reader.split()
                size = base + end - self.start
                yield self._one(at, "message", self.start, size, message, view=view, base=base)
                self.start = base + end
        except WireError as error:
            yield from self._broken(at, error, feed.pending, base)
            return
        if len(feed.pending) > self._waiting:
            yield from self._too_long(at, feed)

    def _broken(self, at: float, error: WireError, left: bytes, base: int) -> Iterator[Heard]:
        """What the codec refuses, and behind it whatever can be read again."""
        mark = error.offset - (self.start - base) if isinstance(error, Malformed | Refused) else 0
        mark = max(0, min(mark, len(left) - 1))
        first = max(0, mark - SHOWN // 2) // 16 * 16
        shown = left[first : first + SHOWN]
        size = min(len(left), SHOWN)
        yield self._one(
            at, "broken", self.start + first, size, error, data=shown, mark=mark - first
        )
        self._feed = None
        yield from self._seek(at, left, 1)

    def _seek(self, at: float, data: bytes, since: int = 0) -> Iterator[Heard]:
        """Look for a place where a message may begin. since: not ahead of it."""
        data = self._sought + data
        resume = getattr(self.codec, "resume", None)
        place = resume(data, since, self.way == TO_SERVER) if resume is not None else -1
        if place < 0:
            self._sought = data[-TAIL:] if resume is not None else b""
            return
        self._sought = b""
        begin = self.arrived - len(data) + place
        if begin > self.start:
            yield self._one(at, "octets", self.start, begin - self.start, "skipped")
        self.start = begin
        self._read_from_here()
        yield from self._read(at, data[place:])

    def _missed(self, at: float, offset: int) -> Iterator[Heard]:
        """Octets are missing in the recording, or it began in the middle of the stream."""
        missing = offset - self.arrived
        yield from self._unfinished(at, b"")
        yield self._one(at, "lost", self.arrived, missing)
        if self._skip >= missing:
            self._skip -= missing
            self.start += missing
            return
        self._skip, self._sought, self.start = 0, b"", offset
        if self.codec is not None:
            self._feed = None

    def _too_long(self, at: float, feed: Feed) -> Iterator[Heard]:
        left, wanted = feed.pending, feed.wanted
        size = wanted or len(left)
        yield self._one(at, "skipped", self.start, size, data=left[:SHOWN])
        self.start = self.arrived
        if wanted is None:
            self._feed, self._sought = None, left[1:][-TAIL:]
        else:
            self._skip = wanted - len(left)
            self._read_from_here()

    def ended(self, at: float, orderly: bool) -> Iterator[Heard]:
        """The direction ended; that may complete a message, or cut one off."""
        left = self._feed.pending if self._feed is not None else b""
        if left and orderly and self.codec is not None and self.way != TO_SERVER:
            reader = self._make(left)
            with contextlib.suppress(WireError):
                message = self.codec.at_end(reader)
                view = reader if isinstance(reader, Annotator) else None
                yield self._one(at, "message", self.start, reader.pos, message, view=view)
                self.start += reader.pos
                left = left[reader.pos :]
        yield from self._unfinished(at, left)

    def _unfinished(self, at: float, left: bytes) -> Iterator[Heard]:
        """Octets that have come and will be no message any more."""
        if self.start < self.arrived:
            size = self.arrived - self.start
            what = "cut off" if self._feed is not None else "skipped"
            yield self._one(at, "octets", self.start, size, what, left[:SHOWN])
            self.start = self.arrived

    def _one(
        self,
        at: float,
        kind: Kind,
        offset: int,
        size: int,
        what: Any = None,
        data: bytes = b"",
        view: Annotator | None = None,
        base: int = 0,
        mark: int = 0,
    ) -> Heard:
        return Heard(at, self.number, self.way, kind, offset, size, what, data, view, base, mark)
