"""Changes of a link that happen by themselves: by time, by count, by chance.

    at 2s latency 50ms                  two seconds after the relay began
    at 2s..5s reset                     at a moment between, drawn by the seed
    every 10s cut                       again and again
    after 3 connections refuse          once the third one has been taken
    after 1M octets to-client stall     once so many have passed, both ways together
    chance 10% reset-after 0..4096      one connection in ten, each with its own end
    # a remark

What follows the condition is an order as it is typed: orders.py. The seed decides what is drawn, so
the same seed gives the same disturbances at the same places: `chance` is drawn for each connection
by its number, whatever the other ones do.

    run(script_of(text), relay)

Left out: conditions on what the octets say. Who wants to cut an answer in half counts its octets.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from .link import BadLink
from .orders import BadOrder, Order, drawn, octets, order_of, seconds
from .relay import CannotListen, Links, Relay

LOOK = 0.01  # seconds between two looks at the counts

Kind = Literal["at", "every", "connections", "octets", "chance"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line, not drawn yet. value: as written, of seconds, a count, or a share."""

    kind: Kind
    value: str
    order: str
    text: str


def script_of(text: str) -> list[Line]:
    """Raises BadOrder with the number of the line."""
    lines = []
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.partition("#")[0].strip()
        if not bare:
            continue
        try:
            lines.append(_line(bare))
        except (BadOrder, BadLink) as error:
            raise BadOrder(f"Line {number}: {error}") from None
    return lines


def _line(text: str) -> Line:
    when, _, rest = text.partition(" ")
    value, _, order = rest.strip().partition(" ")
    draws = random.Random(0)
    kind: Kind
    if when in ("at", "every"):
        kind = "at" if when == "at" else "every"
        if drawn(value, seconds, draws) <= 0 and kind == "every":
            raise BadOrder("every wants more than no time.")
    elif when == "after":
        what, _, order = order.strip().partition(" ")
        kind = "connections" if what.startswith("connection") else "octets"
        if what not in ("connection", "connections", "octet", "octets"):
            raise BadOrder(f"after wants connections or octets, not {what!r}.")
        drawn(value, octets, draws)
    elif when == "chance":
        kind = "chance"
        share_of(value)
    else:
        raise BadOrder(f"{when!r} is no condition. There are: at, every, after, chance.")
    read = order_of(order, draws)
    if kind == "chance" and read.act:
        raise BadOrder(f"chance changes the link of a connection; it cannot {read.act}.")
    return Line(kind, value, order, text)


def share_of(text: str) -> float:
    """10% as 0.1. Raises BadOrder."""
    number = text.removesuffix("%")
    try:
        share = float(number) / 100
    except ValueError:
        share = -1.0
    if text == number or not 0 <= share <= 1:
        raise BadOrder(f"{text!r} is no share. Write 10%.")
    return share


def run(script: Iterable[Line], relay: Relay) -> None:
    """Begin; what is due happens in the relay's own thread."""
    lines = list(script)
    chances = [line for line in lines if line.kind == "chance"]
    if chances:
        _draw_for_each(chances, relay)
    for place, line in enumerate(lines):
        if line.kind != "chance":
            relay.loop.ask(Due(line, relay, random.Random(f"{relay.seed}/script/{place}")).begin)


def _draw_for_each(chances: list[Line], relay: Relay) -> None:
    def choose(number: int, draws: random.Random) -> Links:
        links = relay.links
        for line in chances:
            hit = draws.random() < share_of(line.value)
            order = order_of(line.order, draws)
            if hit:
                links = order.links(links)
        return links

    relay.choose = choose


class Due:
    """A line that waits for its moment."""

    def __init__(self, line: Line, relay: Relay, draws: random.Random) -> None:
        self.line, self.relay, self.draws = line, relay, draws
        self.order: Order = order_of(line.order, draws)
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
        with contextlib.suppress(CannotListen):  # somebody took the port while it was refused
            self.order.give(self.relay)

    def _reached(self) -> bool:
        counts = self.relay.counts()
        have = (
            counts.taken if self.line.kind == "connections" else counts.to_server + counts.to_client
        )
        return bool(have >= self.value)
