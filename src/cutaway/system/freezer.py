"""The machine held still, and moved on by one message at a time.

    freezer.freeze()          nothing passes on any wire any more
    freezer.next              the message that would pass now, or None
    freezer.step()            it passes; what it leads to comes next
    freezer.thaw()

Every wire is stalled. What parts still send is heard, since it comes as far as the relay, and waits
there: in the order in which it came. A step lets the octets of the first pass. The end of a
connection, and octets that are no message, pass by themselves once nothing is ahead of them.

A sealed wire is not held: what goes round on it to agree on keys is nobody's message.

Left out: time. Parts have clocks of their own, and may lose patience; a link that was stalled before
stays so.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from ..net.relay import Event, Way
from .ear import Exchange, Message

#: wire, a line of orders.py
Order = Callable[[str, str], None]
Direction = tuple[str, int, Way]

WORDS: dict[Way, str] = {"to server": "to-server", "to client": "to-client"}
MOST = 10_000  # messages that wait


class Freezer:
    """held: the wires that are stalled while it is frozen."""

    def __init__(self, held: Iterable[str], order: Order) -> None:
        self.held, self._order = set(held), order
        self.frozen = False
        self._waiting: list[Message] = []
        self._since: dict[str, float] = {}  # wire → when its stall was carried out
        self._passed: dict[Direction, int] = {}
        self._ends: set[Direction] = set()
        self._lock = threading.Lock()

    def freeze(self) -> None:
        with self._lock:
            if not self.frozen:
                self.frozen = True
                for wire in self.held:
                    self._order(wire, "stall")

    def thaw(self) -> None:
        with self._lock:
            if self.frozen:
                self.frozen = False
                self._waiting.clear()
                self._since.clear()
                self._passed.clear()
                self._ends.clear()
                for wire in self.held:
                    self._order(wire, "flow")

    @property
    def next(self) -> Message | None:
        """The message that a step lets pass."""
        with self._lock:
            return self._waiting[0] if self._waiting else None

    @property
    def waiting(self) -> list[Message]:
        with self._lock:
            return list(self._waiting)

    def step(self) -> Message | None:
        """Let the next message pass. None: none waits."""
        with self._lock:
            if not self._waiting:
                return None
            message = self._waiting.pop(0)
            self._let_pass((message.wire, message.number, message.way), message.end)
            return message

    def done(self, at: float, wire: str, line: str) -> None:
        """An order was carried out: from then on what comes is held."""
        with self._lock:
            if self.frozen and line == "stall":
                self._since[wire] = at

    def heard(self, one: Message | Exchange) -> None:
        """Something came."""
        if not isinstance(one, Message):
            return
        with self._lock:
            if self._holds(one.wire, one.at) and len(self._waiting) < MOST:
                direction = one.wire, one.number, one.way
                self._passed.setdefault(direction, one.offset)
                self._waiting.append(one)

    def happened(self, wire: str, event: Event) -> None:
        """A connection ended."""
        with self._lock:
            if event.happened == "closed" and self._holds(wire, event.at):
                direction = wire, event.number, event.way
                self._ends.add(direction)
                self._consider_end(direction)

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
