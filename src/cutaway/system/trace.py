"""One request, followed across all wires, and where its time went.

    tracer = Tracer(blueprint, ear)
    tree = tracer.tree(exchange)               of the first wire
    for span in waterfall(tree): …             from the first octet to the last, without a gap

Nobody has to cooperate: what a part asks on its own wires belongs to what it was asked, and that can
be seen from outside, by time and by words: parents.py. Where neither decides, it is said: `sure` is
False, `among` how many it may have been.

    traffic ─▶ proxy   ├────────────────────────────┤      GET /todos/17
    proxy ─▶ app-1        ├──────────────────────┤         in it by time, and by the same target
    app-1 ─▶ cache           ├──┤                          in it by time; 17 is in both
    app-1 ─▶ store                ├──────┤

    waterfall          network │ proxy │ app-1 │ cache │ app-1 │ store │ app-1 │ proxy │ network

Left out: work that a part does for a request after it has answered it; requests that share one
question further on (a cache that is filled once for many).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from .blueprint import Blueprint
from .blueprint import Wire as Between
from .ear import Ear, Exchange, Message, NotKept
from .parents import LATER, SLACK, Parents
from .parents import ending as ending

KEPT = 5000  # exchanges of each wire

Kind = Literal["asking", "network", "work", "queue"]


@dataclass(slots=True)
class Node:
    """An exchange on a wire, and what it led to.

    sure   it belongs to its parent; else it may have belonged to one of `among`
    """

    exchange: Exchange
    wire: Between
    sure: bool = True
    among: int = 1
    children: list[Node] = field(default_factory=list)

    def __iter__(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child


@dataclass(frozen=True, slots=True)
class Span:
    """Where a request was from `start` to `end`.

    asking   its first octets were there, its last were not
    network  on the wire `where`: the link held it
    work     in the part `where`, which computed, or had it wait
    queue    the same, while `others` were at work there as well: account.py
    """

    start: float
    end: float
    kind: Kind
    where: str
    exchange: str
    others: int = 0


class Tracer:
    """Keeps the latest exchanges of every wire, over or not."""

    def __init__(self, blueprint: Blueprint, ear: Ear) -> None:
        self.blueprint, self.ear = blueprint, ear
        self.wires = {wire.name: wire for wire in blueprint.wires}
        self.over: dict[str, deque[Exchange]] = {n: deque(maxlen=KEPT) for n in self.wires}
        self.parents = Parents(blueprint, ear, self.over)
        ear.listeners.append(self.heard)

    def heard(self, one: Message | Exchange) -> None:
        if isinstance(one, Exchange):
            self.over[one.wire].append(one)

    def tree(self, exchange: Exchange) -> Node:
        """What an exchange led to."""
        return self._below(Node(exchange, self.wires[exchange.wire]))

    def find(self, name: str) -> Exchange:
        """By the id of its question. Raises NotKept."""
        wire = name.rsplit("/", 3)[0]
        for exchange in reversed(self.over.get(wire, ())):
            if exchange.id == name:
                return exchange
        raise NotKept("This request passed too long ago, or is not over.")

    def _below(self, node: Node) -> Node:
        start, end = node.exchange.began - SLACK, ending(node.exchange) + SLACK
        for wire in self.blueprint.out_of(node.wire.target):
            for candidate in reversed(self.over[wire.name]):
                if ending(candidate) < start - LATER:
                    break  # they are kept in the order in which they ended
                if start <= candidate.began and ending(candidate) <= end:
                    parent, among = self.parents.of(candidate, wire)
                    if parent is node.exchange:
                        child = Node(candidate, wire, among == 1, among)
                        node.children.append(self._below(child))
        node.children.sort(key=lambda child: (child.exchange.began, child.exchange.question.offset))
        return node


def waterfall(tree: Node) -> list[Span]:
    """Every instant of a request, in order: the innermost thing that it waited for."""
    spans = [span for span in _spans(tree, ending(tree.exchange)) if span.end > span.start]
    return sorted(spans, key=lambda span: span.start)


def _spans(node: Node, until: float) -> Iterator[Span]:
    """Of an exchange; nothing of it lies behind `until`."""
    exchange, wire = node.exchange, node.wire
    asked = min(exchange.question.at, until)
    reached = min(max(exchange.reached, asked), until)
    done = min(exchange.ended if exchange.ended is not None else reached, until)
    yield Span(exchange.began, asked, "asking", wire.source, exchange.id)
    yield Span(asked, reached, "network", wire.name, exchange.id)
    now = reached
    for child in node.children:
        start, end = max(child.exchange.began, now), min(ending(child.exchange), done)
        if end <= now:
            continue  # it lay beside another, which is shown
        yield Span(now, start, "work", wire.target, exchange.id)
        yield from _cut(_spans(child, end), start)
        now = end
    yield Span(now, done, "work", wire.target, exchange.id)
    yield Span(done, min(ending(exchange), until), "network", wire.name, exchange.id)


def _cut(spans: Iterable[Span], start: float) -> Iterator[Span]:
    """What of them lies behind `start`."""
    for span in spans:
        if span.end > start:
            yield Span(
                max(span.start, start), span.end, span.kind, span.where, span.exchange, span.others
            )
