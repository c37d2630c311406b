"""What the machine is, and what passes in it.

Times are seconds since the machine was started, so that a page need not know any clock.

Left out: what the words mean. The classes that hold them say so.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from .traffic import Traffic

State = Literal["starting", "up", "paused", "crashed", "draining", "down"]
Direction = Literal["to server", "to client"]


class Happening(Struct):
    """Something that happened to a part, an order that was carried out, a swap."""

    at: float
    what: str
    why: str = ""


class Part(Struct):
    """title, does: of its slot. filling: as it would be typed. cpu: of one core, 0 to 1."""

    name: str
    slot: str
    title: str
    does: str
    topic: str
    state: State
    filling: str
    filling_title: str
    starts: int
    memory: int
    cpu: float
    asked: float  # questions a second
    p50: float | None  # ms
    waiting: int  # questions that it has not answered yet
    history: list[Happening]


class Printed(Struct):
    """The end of what a part wrote to its terminal."""

    text: str


class Choice(Struct):
    """Something that can stand in a slot. filling: as it would be typed. kind: a fault is the
    reference with one planted. stage: the one that catches it."""

    filling: str
    title: str
    kind: Literal["reference", "real", "fault"]
    stage: str = ""


class SlotFill(Struct):
    """filling: as it would be typed."""

    filling: str


class Rates(Struct):
    """A second, of the last two. p50, p99: milliseconds from question to answer, null where none came."""

    exchanges: float
    messages: float
    octets: float
    unanswered: float
    p50: float | None
    p99: float | None


class Totals(Struct):
    messages: int
    exchanges: int
    broken: int
    unanswered: int
    octets: int
    connections: int


class Wire(Struct):
    """orders: those that make its link what it is. open: connections."""

    name: str
    source: str
    target: str
    topic: str
    sealed: bool
    address: str
    open: int
    waiting: int
    rates: Rates
    totals: Totals
    orders: list[str]


class WireOrder(Struct):
    """line: words for the link, as `cutaway tap` takes them."""

    line: str


class Message(Struct):
    """One line of a conversation. answer: the id of what answers it, or of what it answers."""

    id: str
    wire: str
    number: int
    way: Direction
    at: float
    size: int
    says: str
    broken: str = ""
    answer: str = ""


class Frozen(Struct):
    """next: what passes at the next step."""

    frozen: bool
    waiting: int
    next: Message | None


class Machine(Struct):
    """The whole picture. lost: octets that passed too fast to be read."""

    parts: list[Part]
    wires: list[Wire]
    traffic: Traffic
    frozen: Frozen
    lost: int
    now: float


class Sampled(Struct):
    """Messages of a tick: some of them, of so many."""

    messages: list[Message]
    of: int


class Piece(Struct):
    """A span of a message: octets `start` to `end`, bits where it is smaller. depth: how far in it
    lies. spec: the section that says so."""

    start: int
    end: int
    name: str
    value: str
    means: str
    spec: str
    depth: int
    leaf: bool
    bits: tuple[int, int] | None = None


class Opened(Struct):
    """A message, its octets in hexadecimal digits, and what they are called. sealed: where it was in
    the encrypted stream, as (offset, octets)."""

    message: Message
    octets: str
    pieces: list[Piece]
    sealed: tuple[int, int] | None = None
    cut: int = 0  # octets that are not shown


class Span(Struct):
    """Where a request was. ms from its beginning."""

    start: float
    end: float
    kind: Literal["asking", "network", "work", "queue"]
    where: str
    exchange: str
    others: int = 0


class Step(Struct):
    """An exchange that a request led to. sure: nothing else can have caused it."""

    wire: str
    question: Message
    answer: Message | None
    start: float
    end: float
    depth: int
    sure: bool
    among: int


class Request(Struct):
    """One that came in. ms: from its first octet to the last of its answer."""

    id: str
    at: float
    says: str
    answer: str
    ms: float | None
    failed: str = ""


class Waited(Struct):
    """A part that was asked waited for another."""

    who: str
    whom: str
    ms: float


class Followed(Struct):
    """A request across all wires. Times of steps and spans count from the moment that it was meant for,
    where the traffic sent it; else from its first octet. ms: all of it.

    accounted: the share of the time that the sender measured of which it is known where it went; null
    where it was sent by somebody else."""

    request: Request
    ms: float
    steps: list[Step]
    spans: list[Span]
    waits: list[Waited]
    accounted: float | None
