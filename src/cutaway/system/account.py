"""Where all the time of one request went, by the clock of who asked.

    account = accounted(tracer, tree, row)
    account.spans            every instant from the moment that was meant to the last octet
    account.share            of it, how much is known: 0.99
    account.waits            (who, whom, seconds): who waited for whom meanwhile

The relays see a request from their own place on; who sent it saw it earlier and later. Both have the
same clock, so what lies between is known: the time until a connection was free, and the way from
there to the first relay and back.

    sender   intended ┄┄ sent ─────────────────────────────────────────── last octet
    relay                  ├ first octet ──────────────────── last octet ┤
             queue         network      network, work, queue …          network

Four kinds of time, and who was waited for:

    network  on a wire: under way on loopback, and held by the link where it was told to
    work     in a part that was asked nothing else just then: it computed
    queue    in a part that had others at work at the same time: it computed, or this one waited for its
             turn, which cannot be told from outside; and in the traffic, until a connection was free
    waits    each part, for the time in which somebody that it had asked was at it

What was at work in a part is what it was asked and what it waits for nobody with. A step that may
belong to another request is not known: its time is left out of the share.

Left out: what a part does before it reads, and the system call that writes. They are the part's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from .blueprint import TRAFFIC
from .ear import Exchange
from .trace import Kind, Node, Span, Tracer, ending, waterfall
from .traffic.keeper import Row

SHORT = 20e-6  # seconds of a change that nobody would see


class Wait(NamedTuple):
    """A part that was asked waited for another that it asked. Seconds."""

    who: str
    whom: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Account:
    """began, ended: of all of it. share: None where it is not known who sent it."""

    began: float
    ended: float
    spans: tuple[Span, ...]
    waits: tuple[Wait, ...]
    share: float | None


def accounted(tracer: Tracer, tree: Node, row: Row | None) -> Account:
    """row: what the sender measured of it."""
    front = tree.exchange
    inside = [piece for span in waterfall(tree) for piece in queued(tracer, span)]
    spans = [*before(row, front), *inside, *behind(row, front)] if row is not None else inside
    began = row.intended if row is not None else front.began
    ended = row.ended if row is not None else ending(front)
    known = set(sure(tree))
    seconds = sum(span.end - span.start for span in spans if span.exchange in known)
    share = min(1.0, seconds / (ended - began)) if row is not None and ended > began else None
    return Account(began, ended, tuple(spans), tuple(waits(tree)), share)


def before(row: Row, front: Exchange) -> Iterator[Span]:
    """Until the first relay had it."""
    if row.sent > row.intended:
        yield Span(row.intended, row.sent, "queue", TRAFFIC, front.id)
    if front.began > row.sent:
        yield Span(row.sent, front.began, "network", front.wire, front.id)


def behind(row: Row, front: Exchange) -> Iterator[Span]:
    """From the first relay on, back."""
    if row.ended > ending(front):
        yield Span(ending(front), row.ended, "network", front.wire, front.id)


def sure(node: Node) -> Iterator[str]:
    """The exchanges that belong to nothing else, by their ids."""
    yield node.exchange.id
    for child in node.children:
        if child.sure:
            yield from sure(child)


def waits(tree: Node) -> Iterator[Wait]:
    for node in tree:
        whom: dict[str, list[tuple[float, float]]] = {}
        for child in node.children:
            times = child.exchange.began, ending(child.exchange)
            whom.setdefault(child.wire.target, []).append(times)
        for name, spans in whom.items():
            yield Wait(node.wire.target, name, together(spans))


def together(spans: Iterable[tuple[float, float]]) -> float:
    """Seconds that at least one of them covers."""
    seconds, until = 0.0, float("-inf")
    for start, end in sorted(spans):
        seconds += max(0.0, end - max(start, until))
        until = max(until, end)
    return seconds


def queued(tracer: Tracer, span: Span) -> Iterator[Span]:
    """A span of work, cut where others began or ended to be at work in the same part."""
    if span.kind != "work":
        yield span
        return
    pieces: list[Span] = []
    busy, since = 0, span.start
    for at, change in [*sorted(at_work(tracer, span)), (span.end, 0)]:
        others = max(0, busy - 1)
        busy += change
        if at - since <= SHORT and at < span.end:
            continue
        if pieces and pieces[-1].others == others:
            pieces[-1] = replace(pieces[-1], end=at)
        else:
            kind: Kind = "queue" if others else "work"
            pieces.append(replace(span, start=since, end=at, kind=kind, others=others))
        since = at
    yield from pieces


def at_work(tracer: Tracer, span: Span) -> Iterator[tuple[float, int]]:
    """When the part was asked, or waited no more; when it had answered, or waited for somebody.

    Questions that came at once on one connection are one thing that it waits for.
    """
    into, out = tracer.blueprint.into(span.where), tracer.blueprint.out_of(span.where)
    for wires, change in ((into, 1), (out, -1)):
        for wire in wires:
            open_then = tracer.parents.during(wire.name, span.start, span.end)
            for one in {(one.number, one.began): one for one in open_then}.values():
                yield max(one.began, span.start), change
                if one.ended is not None and ending(one) < span.end:
                    yield ending(one), -change
