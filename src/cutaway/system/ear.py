"""What passes on every wire, as messages and as exchanges, while it passes.

    ear = Ear({"app-1-to-cache": Resp, …})
    for wire, event in relays.take(0.1):
        ear.receive(wire, event)
    ear.wires["app-1-to-cache"].totals.messages
    ear.opened("app-1-to-cache/12/c/4096")        the message, its octets, each with its name

An exchange is a question and its answer on one connection, in order. What passed is kept as octets,
in bounds, and read as messages only to know where each begins and what it says in one line; labels
are made when somebody looks (`opened`), by the same codec.

    octets ──Hearing──▶ messages ──in order──▶ exchanges ──▶ who listens (trace.py, the page)
       ╰── kept by reference, the latest KEPT of each wire

An id says where a message stood: wire / connection / s or c (to server, to client) / offset. It is
the same in every run that passes the same octets.

Totals count everything. When this process cannot keep up, the relays drop what it did not take in
time, in whole events; that is counted in `lost`, and the connections in question are read on from
the next place where a message can begin.

Left out: clocks of its own: times are those of the relays, monotonic seconds.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..net.hearing import Heard, Hearing
from ..net.relay import TO_CLIENT, TO_SERVER, Event, Way
from ..wire import Annotator, Codec, Reader, WireError

KEPT = 4 << 20  # octets of each wire
MESSAGES = 10_000  # of each wire
ENDS = ("closed", "reset", "cut", "refused")
OVERHEAD = 200  # octets that an event takes beside its data
LETTERS: dict[Way, str] = {TO_SERVER: "s", TO_CLIENT: "c"}
WAYS = {letter: way for way, letter in LETTERS.items()}

Make = Callable[[], Codec]


class NotKept(LookupError):
    """One sentence: it passed too long ago, or never."""


@dataclass(frozen=True, slots=True)
class Message:
    """says: one line of meaning. broken: why it is none."""

    wire: str
    number: int
    way: Way
    at: float
    offset: int
    size: int
    says: str
    broken: str = ""

    @property
    def id(self) -> str:
        return f"{self.wire}/{self.number}/{LETTERS[self.way]}/{self.offset}"

    @property
    def end(self) -> int:
        return self.offset + self.size


@dataclass(slots=True)
class Exchange:
    """Times are those at the relay.

    began    the first octet of the question was there; its last one: question.at
    reached  the last octet of the question had left the link, where the link holds octets
    ended    the last octet of the answer was there, or the connection was over
    came     the last octet of the answer had left the link, where the link holds octets
    """

    wire: str
    number: int
    question: Message
    began: float
    reached: float = 0.0
    answer: Message | None = None
    ended: float | None = None
    came: float = 0.0
    why: str = ""  # without an answer: how the connection ended

    @property
    def id(self) -> str:
        return self.question.id


@dataclass(slots=True)
class Totals:
    """Of everything that ever passed."""

    messages: int = 0
    exchanges: int = 0
    broken: int = 0
    unanswered: int = 0
    octets: int = 0
    connections: int = 0


@dataclass(slots=True)
class Talk:
    """One connection: what waits for its answer, what has just got it, when the message that is
    coming in began, and which sides have said all."""

    waiting: deque[Exchange] = field(default_factory=deque)
    answered: deque[Exchange] = field(default_factory=lambda: deque(maxlen=64))
    begun: dict[Way, float] = field(default_factory=dict)
    over: set[Way] = field(default_factory=set)


class Wire:
    """One wire as it is heard.

    open   connections that there are
    """

    def __init__(self, name: str, make: Make) -> None:
        self.name, self.make = name, make
        self.totals = Totals()
        self.messages: deque[Message] = deque(maxlen=MESSAGES)
        self.talks: dict[int, Talk] = {}
        self._codec = make()
        self._hearing = Hearing(make, Reader)
        self._octets: OrderedDict[tuple[int, Way], deque[tuple[int, bytes]]] = OrderedDict()
        self._order: deque[tuple[int, Way]] = deque()
        self._size = 0

    @property
    def open(self) -> int:
        return len(self.talks)

    @property
    def waiting(self) -> int:
        """Questions without an answer. May be asked from any thread."""
        return sum(len(talk.waiting) for talk in list(self.talks.values()))

    def receive(self, event: Event) -> Iterator[Message | Exchange]:
        """What this event completes. An exchange comes when it is over."""
        self.totals.octets += len(event.data)
        if event.happened == "opened":
            self.totals.connections += 1
        if event.happened == "passed":
            self._passed(event)
            return
        if event.data:
            self._keep(event)
            talk = self.talks.setdefault(event.number, Talk())
            talk.begun.setdefault(event.way, event.at)
        for heard in self._hearing.receive(event):
            yield from self._heard(heard)

    def _passed(self, event: Event) -> None:
        """Octets left a link that held them."""
        talk = self.talks.get(event.number)
        if talk is None:
            return
        for exchange in (*talk.waiting, *talk.answered):
            if event.way == TO_SERVER:
                if not exchange.reached and exchange.question.end <= event.offset:
                    exchange.reached = event.at
            elif exchange.answer and not exchange.came and exchange.answer.end <= event.offset:
                exchange.came = event.at

    def _heard(self, heard: Heard) -> Iterator[Message | Exchange]:
        if heard.kind == "happened":
            yield from self._happened(heard)
            return
        talk = self.talks.setdefault(heard.number, Talk())
        if heard.kind == "message":
            yield from self._message(heard, talk)
        elif heard.kind == "broken":
            self.totals.broken += 1
            yield self._noted(heard, "is no message", str(heard.what))
        elif heard.kind == "skipped":
            yield self._noted(heard, f"a message of {heard.size} octets")

    def _happened(self, heard: Heard) -> Iterator[Exchange]:
        """A link that held octets tells of them also when their connection is over."""
        if heard.what == "opened":
            self.talks[heard.number] = Talk()
        elif heard.what in ENDS and (talk := self.talks.get(heard.number)) is not None:
            yield from self._ended(heard, talk)

    def _message(self, heard: Heard, talk: Talk) -> Iterator[Message | Exchange]:
        says = getattr(self._codec, "says", None)
        message = self._noted(heard, says(heard.what) if says is not None else "")
        self.totals.messages += 1
        yield message
        began = talk.begun.pop(heard.way, heard.at)
        if heard.way == TO_SERVER:
            talk.waiting.append(Exchange(self.name, heard.number, message, began))
            return
        if not talk.waiting or not completes(heard.what):
            return
        exchange = talk.waiting.popleft()
        exchange.answer, exchange.ended = message, heard.at
        talk.answered.append(exchange)
        self.totals.exchanges += 1
        yield exchange

    def _ended(self, heard: Heard, talk: Talk) -> Iterator[Exchange]:
        talk.over.add(heard.way)
        if heard.what != "closed" or len(talk.over) == 2:
            self.talks.pop(heard.number, None)
        if heard.what == "closed" and TO_CLIENT not in talk.over:
            return  # who asked has no more questions, and may still get answers
        while talk.waiting:
            exchange = talk.waiting.popleft()
            exchange.ended, exchange.why = heard.at, str(heard.what)
            self.totals.unanswered += 1
            yield exchange

    def _noted(self, heard: Heard, says: str, broken: str = "") -> Message:
        message = Message(
            self.name,
            heard.number,
            heard.way,
            heard.at,
            heard.offset,
            heard.size,
            says,
            broken,
        )
        self.messages.append(message)
        return message

    # Octets

    def _keep(self, event: Event) -> None:
        key = event.number, event.way
        self._octets.setdefault(key, deque()).append((event.offset, event.data))
        self._order.append(key)
        self._size += len(event.data) + OVERHEAD
        while self._size > KEPT and self._order:
            oldest = self._order.popleft()
            pieces = self._octets[oldest]
            self._size -= len(pieces.popleft()[1]) + OVERHEAD
            if not pieces:
                del self._octets[oldest]

    def octets(self, number: int, way: Way, offset: int, size: int) -> bytes:
        """Raises NotKept."""
        out = bytearray()
        for at, data in self._octets.get((number, way), ()):
            if at + len(data) <= offset + len(out):
                continue
            if at > offset + len(out):
                break
            out += data[offset + len(out) - at :][: size - len(out)]
            if len(out) == size:
                return bytes(out)
        raise NotKept("These octets passed too long ago: they are no longer kept.")

    def message(self, number: int, way: Way, offset: int) -> Message:
        """Raises NotKept."""
        for message in reversed(self.messages):
            if (message.number, message.way, message.offset) == (number, way, offset):
                return message
        raise NotKept("This message passed too long ago, or never.")


class Ear:
    """All wires. codecs: wire → what makes the codec that reads it."""

    def __init__(self, codecs: Mapping[str, Make]) -> None:
        self.wires = {name: Wire(name, make) for name, make in codecs.items()}
        self.listeners: list[Callable[[Message | Exchange], None]] = []

    def receive(self, wire: str, event: Event) -> None:
        for one in self.wires[wire].receive(event):
            for listener in self.listeners:
                listener(one)

    def find(self, name: str) -> Message:
        """By its id. Raises NotKept."""
        wire, number, letter, offset = [*name.rsplit("/", 3), "", "", ""][:4]
        if wire not in self.wires or letter not in WAYS or not (number + offset).isdigit():
            raise NotKept(f"{name!r} is no message of this machine.")
        return self.wires[wire].message(int(number), WAYS[letter], int(offset))

    def opened(self, name: str) -> tuple[Message, bytes, Annotator | None]:
        """A message, its octets, and all of them labelled; None where nothing reads them.

        Raises NotKept.
        """
        message = self.find(name)
        wire = self.wires[message.wire]
        data = wire.octets(message.number, message.way, message.offset, message.size)
        return message, data, self._labelled(wire, message, data)

    def _labelled(self, wire: Wire, message: Message, data: bytes) -> Annotator | None:
        codec, view = wire.make(), Annotator(data)
        try:
            if message.way == TO_SERVER:
                codec.to_server(view)
            else:
                self._ask(wire, message, codec)
                codec.to_client(view)
        except WireError:
            try:
                codec.at_end(view := Annotator(data))
            except WireError:
                return view if message.broken else None
        return view

    def _ask(self, wire: Wire, answer: Message, codec: Codec) -> None:
        """Tell the codec the question, without which an answer may be read differently."""
        question = None
        for message in wire.messages:
            if message.number == answer.number and message.way == TO_SERVER:
                if message.at > answer.at:
                    break
                question = message
        if question is not None:
            try:
                data = wire.octets(question.number, TO_SERVER, question.offset, question.size)
                codec.to_server(Reader(data))
            except (NotKept, WireError):
                return


def completes(message: Any) -> bool:
    """Whether an answer is the last one to its question. One of HTTP with 1xx is not."""
    status = getattr(message, "status", 200)
    return not (isinstance(status, int) and 100 <= status < 200 and status != 101)
