"""Changes of a link that happen by themselves: by time, by count, by chance.

    at 2s latency 50ms                  two seconds after the relay began
    at 2s..5s reset                     at a moment between, drawn by the seed
    every 10s cut                       again and again
    after 3 connections refuse          once the third one has been taken
    after 1M octets to-client stall     once so many have passed, both ways together
    chance 10% reset-after 0..4096      one connection in ten, each with its own end
    after 100 datagrams loss 30%        of a relay for datagrams, which has no chance: it has loss
    # a remark

What follows the condition is an order as it is typed: orders.py. The seed decides what is drawn, so
the same seed gives the same disturbances at the same places: `chance` is drawn for each connection
by its number, whatever the other ones do.

    run(script_of(text), relay, done)

What was carried out is told to `done`, with what was drawn for it.

Left out: conditions on what the octets say. Who wants to cut an answer in half counts its octets.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from .link import BadLink
from .orders import (
    CONNECTIONS,
    BadOrder,
    Order,
    Speech,
    drawn,
    octets,
    order_of,
    seconds,
    share,
    written,
)
from .relay import CannotListen, Links, Relay
from .udp import UdpRelay

LOOK = 0.01  # seconds between two looks at the counts

Kind = Literal["at", "every", "after", "chance"]
#: What was done, and one sentence where it could not be.
Done = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Line:
    """One line, not drawn yet.

    value    as written, of seconds, a count, or a share
    counted  what `after` counts
    """

    kind: Kind
    value: str
    order: str
    text: str
    counted: str = ""
    speech: Speech = CONNECTIONS

    def drawn(self, draws: random.Random) -> Order:
        return order_of(self.order, draws, self.speech)


def script_of(text: str, speech: Speech = CONNECTIONS) -> list[Line]:
    """Raises BadOrder with the number of the line."""
    lines = []
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.partition("#")[0].strip()
        if not bare:
            continue
        try:
            lines.append(_line(bare, speech))
        except (BadOrder, BadLink) as error:
            raise BadOrder(f"Line {number}: {error}") from None
    return lines


def _line(text: str, speech: Speech) -> Line:
    when, _, rest = text.partition(" ")
    value, _, order = rest.strip().partition(" ")
    draws, counted = random.Random(0), ""
    kind: Kind
    if when in ("at", "every"):
        kind = "at" if when == "at" else "every"
        if drawn(value, seconds, draws) <= 0 and kind == "every":
            raise BadOrder("every wants more than no time.")
    elif when == "after":
        kind = "after"
        what, _, order = order.strip().partition(" ")
        counted = what if what.endswith("s") else f"{what}s"
        if counted not in speech.counted:
            raise BadOrder(f"after wants {' or '.join(speech.counted)}, not {what!r}.")
        drawn(value, octets, draws)
    elif when == "chance" and speech is not CONNECTIONS:
        raise BadOrder("chance is of connections. For one datagram in ten say loss 10%.")
    elif when == "chance":
        kind = "chance"
        share(value)
    else:
        raise BadOrder(f"{when!r} is no condition. There are: at, every, after, chance.")
    read = order_of(order, draws, speech)
    if kind == "chance" and read.act:
        raise BadOrder(f"chance changes the link of a connection; it cannot {read.act}.")
    return Line(kind, value, order, text, counted, speech)


def silent(text: str, problem: str) -> None:
    """Nobody asks what was done."""


def run(script: Iterable[Line], relay: Relay | UdpRelay, done: Done = silent) -> None:
    """Begin; what is due happens in the relay's own thread, and `done` is called there."""
    lines = list(script)
    chances = [line for line in lines if line.kind == "chance"]
    if chances and isinstance(relay, Relay):
        _draw_for_each(chances, relay, done)
    for place, line in enumerate(lines):
        if line.kind != "chance":
            draws = random.Random(f"{relay.seed}/script/{place}")
            relay.loop.ask(Due(line, relay, draws, done).begin)


def _draw_for_each(chances: list[Line], relay: Relay, done: Done) -> None:
    def choose(number: int, draws: random.Random) -> Links:
        links = relay.links
        for line in chances:
            hit = draws.random() < share(line.value)
            order = line.drawn(draws)
            if hit:
                links = order.links(links)
                done(f"{told(line, order)} · connection {number}", "")
        return links

    relay.choose = choose


def told(line: Line, order: Order) -> str:
    """The line, and what was drawn for it."""
    if ".." not in line.order:
        return line.text
    return f"{line.text}: {written(order.changes, line.speech)}"


class Due:
    """A line that waits for its moment."""

    def __init__(
        self, line: Line, relay: Relay | UdpRelay, draws: random.Random, done: Done
    ) -> None:
        self.line, self.relay, self.draws, self.done = line, relay, draws, done
        self.order = line.drawn(draws)
        read = seconds if line.kind in ("at", "every") else octets
        self.value = drawn(line.value, read, draws)

    def begin(self) -> None:
        timed = self.line.kind in ("at", "every")
        self.relay.loop.at(time.monotonic() + (self.value if timed else LOOK), self.look)

    def look(self) -> None:
        if self.relay.closed:
            return
        now, again = time.monotonic(), 0.0
        if self.line.kind in ("at", "every"):
            self._give()
            again = self.value if self.line.kind == "every" else 0.0
        elif self._reached():
            self._give()
        else:
            again = LOOK
        if again:
            self.relay.loop.at(now + again, self.look)

    def _give(self) -> None:
        text = told(self.line, self.order)
        try:
            self.order.give(self.relay)
        except CannotListen as problem:  # somebody took the port while it was refused
            self.done(text, str(problem))
        else:
            self.done(text, "")

    def _reached(self) -> bool:
        count = self.line.speech.counted[self.line.counted]
        return bool(count(self.relay.counts()) >= self.value)
