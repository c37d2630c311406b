"""What the wires themselves show of a request that failed, whatever was done to the machine.

    own_answer(tree)               Own("proxy", "proxy said so; app-1 had answered 200")
    overloaded(tracer, wire, at)   "More was asked than the machine answers: 64 requests …"

A part that was just put there is not excused by that: where what it asked was answered in one way, and
it passed on another, the answer is its own.

More is asked than the machine answers where many requests wait at once, answers come all along, and
each of them took about as long as it takes to answer all that wait:

    waiting  ────────────────   64
    answered │ │ │ │ │ │ │ │   300 a second      each took 0.2 s, as 64 / 300 says

Where a few hang and others are answered at once, that is no load: the times do not fit.

Left out: parts that are asked in one language and ask in another: their answers cannot be compared.
"""

from __future__ import annotations

import statistics
from typing import NamedTuple

from .trace import Node, Tracer, ending

LOOKED = 1.0  # seconds before, in which answers are counted
ENOUGH = 10  # of them, below which nothing is said
CROWD = 16  # requests under way at once, below which it is none
FITS = 0.3  # of the time that all who wait would take


class Own(NamedTuple):
    """part: whose answer it is. says: a sentence without its end."""

    part: str
    says: str


def own_answer(tree: Node) -> Own | None:
    """The part behind all others that answered otherwise than it was answered."""
    found = None
    for node in tree:
        passed_on = [c for c in node.children if c.wire.link.topic == node.wire.link.topic]
        if not passed_on:
            continue
        part, last = node.wire.target, passed_on[-1]
        said, heard = status(node), status(last)
        before = ending(last.exchange) <= ending(node.exchange)
        if last.sure and before and said and heard and said != heard:
            found = Own(part, f"{part} said so, and {last.wire.target} had answered {heard}")
    return found


def status(node: Node) -> str:
    """The first word of an answer; "" where there was none."""
    answer = node.exchange.answer
    return answer.says.partition(" ")[0] if answer is not None else ""


def overloaded(tracer: Tracer, wire: str, at: float) -> str:
    """That it was then, as a sentence; "" where it was not."""
    waiting = sum(1 for _ in tracer.parents.during(wire, at, at))
    took = []
    for one in reversed(tracer.over[wire]):
        if ending(one) < at - LOOKED:
            break
        if one.answer is not None and ending(one) <= at:
            took.append(ending(one) - one.began)
    if waiting < CROWD or len(took) < ENOUGH:
        return ""
    usual = statistics.median(took)
    if usual < FITS * waiting * LOOKED / len(took):
        return ""
    return (
        f"More was asked than the machine answers: {waiting} requests were under way at once,"
        f" {len(took)} were answered within {LOOKED:g} s, half of them after {usual:.1f} s or more."
    )
