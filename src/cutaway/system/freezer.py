"""The machine held still, and moved on by one message at a time.

    freezer.freeze()          nothing passes on any wire any more
    freezer.next              the message that would pass now, or None
    freezer.step()            it passes; what it leads to comes next
    freezer.thaw()

Every wire is stalled. What parts still send is heard, since it comes as far as the relay, and waits
there. A step lets the octets of one message pass; which one, tells a story: what the last step led to
goes ahead of all else, so that one request is followed to its end before the next one moves.

    proxy asks app-1 → app-1 asks cache → cache answers app-1 → app-1 answers proxy

A request of the traffic goes ahead of what parts ask by themselves, as whether another is well.

The end of a connection, and octets that are no message, pass by themselves once nothing is ahead of
them.

A sealed wire is not held: what goes round on it to agree on keys is nobody's message.

Left out: time. Parts have clocks of their own, and may lose patience; a link that was stalled before
stays so.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping

from ..net.relay import Event, Way
from .ear import Exchange, Message

#: wire, a line of orders.py
Order = Callable[[str, str], None]
Direction = tuple[str, int, Way]

WORDS: dict[Way, str] = {"to server": "to-server", "to client": "to-client"}
MOST = 10_000  # messages that wait


class Freezer:
    """held: the wires that are stalled while it is frozen, and which part each leads from and to.
    ahead: whether a message belongs to a request of the traffic, as far as that can be known."""

    def __init__(
        self,
        held: Mapping[str, tuple[str, str]],
        order: Order,
        ahead: Callable[[Message], bool] = lambda message: False,
    ) -> None:
        self.held, self._send, self._ahead = dict(held), order, ahead
        self._ordered: Counter[tuple[str, str]] = Counter()  # not carried out yet
        self.frozen = False
        self._waiting: list[Message] = []
        # Of those: what came from a part after it got what a step let pass; what is of the traffic.
        self._led: list[Message] = []
        self._wanted: list[Message] = []
        self._reached: dict[str, float] = {}  # part → when the last message of a step got there
        self._last = ""  # where the last step led
        self._since: dict[str, float] = {}  # wire → when its stall was carried out
        self._passed: dict[Direction, int] = {}
        self._ends: set[Direction] = set()
        self._lock = threading.Lock()
        self._news = threading.Condition(self._lock)

    def freeze(self) -> None:
        with self._lock:
            if not self.frozen:
                self.frozen = True
                for wire in self.held:
                    self._order(wire, "stall")

    def thaw(self, flows: Callable[[str], str] = lambda wire: "flow") -> None:
        """flows: the order by which a wire flows again; "" for one that somebody else has stalled."""
        with self._lock:
            if self.frozen:
                self.frozen = False
                for kept in (self._waiting, self._led, self._wanted, self._reached):
                    kept.clear()
                self._last = ""
                self._since.clear()
                self._passed.clear()
                self._ends.clear()
                for wire in self.held:
                    if line := flows(wire):
                        self._order(wire, line)

    @property
    def next(self) -> Message | None:
        """The message that a step lets pass."""
        with self._lock:
            return self._next()

    @property
    def waiting(self) -> list[Message]:
        with self._lock:
            return list(self._waiting)

    def step(self, within: float = 0.0) -> Message | None:
        """Let the next message pass, and wait up to `within` seconds for what it leads to. None: none
        waits."""
        with self._lock:
            message = self._next()
            if message is None:
                return None
            for kept in (self._waiting, self._led, self._wanted):
                if message in kept:
                    kept.remove(message)
            self._last = self.held[message.wire][message.way == "to server"]
            self._reached[self._last] = time.monotonic()
            self._let_pass((message.wire, message.number, message.way), message.end)
            self._news.wait_for(lambda: any(map(self._goes_on, self._led)), within)
            return message

    def done(self, at: float, wire: str, line: str) -> bool:
        """An order was carried out: after a stall what comes is held. Whether the order was from here."""
        with self._lock:
            if self.frozen and line == "stall":
                self._since[wire] = at
            ours = self._ordered[wire, line] > 0
            if ours:
                self._ordered -= Counter({(wire, line): 1})
            return ours

    def heard(self, one: Message | Exchange) -> None:
        """Something came."""
        if not isinstance(one, Message):
            return
        with self._lock:
            if self._holds(one.wire, one.at) and len(self._waiting) < MOST:
                direction = one.wire, one.number, one.way
                self._passed.setdefault(direction, one.offset)
                self._waiting.append(one)
                if self._ahead(one):
                    self._wanted.append(one)
                if one.at >= self._reached.get(self._sender(one), float("inf")):
                    self._led.append(one)
                    self._news.notify_all()

    def happened(self, wire: str, event: Event) -> None:
        """A connection ended."""
        with self._lock:
            if event.happened == "closed" and self._holds(wire, event.at):
                direction = wire, event.number, event.way
                self._ends.add(direction)
                self._consider_end(direction)

    def _order(self, wire: str, line: str) -> None:
        self._ordered[wire, line] += 1
        self._send(wire, line)

    def _next(self) -> Message | None:
        """What goes on from where the last step led, else what any step led to, else what the traffic
        wants, else the oldest. Of each direction of a connection the first."""
        first: dict[Direction, Message] = {}
        for message in self._waiting:
            first.setdefault((message.wire, message.number, message.way), message)
        led, wanted = (
            [message for message in some if message in first.values()]
            for some in (self._led, self._wanted)
        )
        for found in (list(filter(self._goes_on, led)), led, wanted, self._waiting):
            if found:
                return found[0]
        return None

    def _goes_on(self, message: Message) -> bool:
        return self._sender(message) == self._last

    def _sender(self, message: Message) -> str:
        return self.held[message.wire][message.way == "to client"]

    def _holds(self, wire: str, at: float) -> bool:
        return self.frozen and at >= self._since.get(wire, float("inf"))

    def _let_pass(self, direction: Direction, end: int) -> None:
        wire, number, way = direction
        count = end - self._passed[direction]
        self._passed[direction] = end
        if count > 0:
            self._order(wire, f"pass {count} {WORDS[way]} {number}")
        self._consider_end(direction)

    def _consider_end(self, direction: Direction) -> None:
        """An end passes once no message is ahead of it."""
        wire, number, way = direction
        ahead = any((m.wire, m.number, m.way) == direction for m in self._waiting)
        if direction in self._ends and not ahead:
            self._ends.discard(direction)
            self._order(wire, f"pass 0 {WORDS[way]} {number}")
