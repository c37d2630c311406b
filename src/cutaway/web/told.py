"""The machine in the shapes that the page gets.

    picture(machine)              Machine: parts, wires, rates
    opened(machine, id)           Opened: octets, and what each is called
    followed(machine, id)         Followed: a request across all wires, and where its time went

Octets become hexadecimal digits and values become text here; nothing of a wire is ever markup.

Left out: asking the machine for anything. That is machine.py.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from ..system import ear, trace
from ..system.blueprint import TRAFFIC, Slot
from ..system.machine import Machine
from ..system.part import Part
from ..wire import Annotator, quoted
from ..wire.annotator import Node, Span
from ..workshop import catalog
from . import traffic
from .shapes import machine as shapes

SHOWN = 64 << 10  # octets of a message that are opened
VALUE = 200  # characters of a value


def since(machine: Machine, at: float) -> float:
    return round(at - machine.started, 6)


def picture(machine: Machine) -> shapes.Machine:
    return shapes.Machine(
        parts=[part(machine, one) for one in machine.parts()],
        wires=[wire(machine, name) for name in machine.ear.wires],
        traffic=traffic.told(machine),
        frozen=frozen(machine),
        lost=machine.lost,
        now=since(machine, time.monotonic()),
    )


def part(machine: Machine, one: Part) -> shapes.Part:
    asked, waiting = machine.asked(one.name)
    hidden, filling, history, starts = machine.hidden, one.filling, list(one.history), one.starts
    if hidden is not None:
        filling, history, starts = hidden.filling(one), hidden.history(history), hidden.starts(one)
    return shapes.Part(
        name=one.name,
        slot=one.slot.name,
        title=one.slot.title,
        does=one.slot.does,
        topic=one.slot.topic,
        state=one.state,
        filling=str(filling),
        filling_title=filling.title,
        starts=starts,
        memory=one.memory(),
        cpu=machine.load(one),
        asked=round(asked.exchanges + asked.unanswered, 1),
        p50=milliseconds(asked.p50),
        waiting=waiting,
        history=[
            shapes.Happening(since(machine, happened.at), happened.what, happened.why)
            for happened in history[-20:]
        ],
    )


def choices(slot: Slot) -> list[shapes.Choice]:
    """What can stand there, a folder of the learner's aside: that is typed."""
    choice = shapes.Choice
    return [
        choice("reference", "reference", "reference"),
        *(
            choice(name, name, "real")
            for name, one in catalog.real(slot.topic).items()
            if not one.missing()
        ),
        *(
            choice(f"reference:{fault.name}", fault.sentence, "fault", fault.stage)
            for fault in catalog.faults_by_stage(slot.topic)
        ),
    ]


def wire(machine: Machine, name: str) -> shapes.Wire:
    heard, between = machine.ear.wires[name], machine.tracer.wires[name]
    now, totals = machine.rate(name), heard.totals
    return shapes.Wire(
        name=name,
        source=between.source,
        target=between.target,
        topic=between.link.topic,
        sealed=between.link.sealed,
        address=machine.supervisor.address(name),
        open=heard.open,
        waiting=heard.waiting,
        rates=shapes.Rates(
            exchanges=round(now.exchanges, 1),
            messages=round(now.messages, 1),
            octets=round(now.octets),
            unanswered=round(now.unanswered, 1),
            p50=milliseconds(now.p50),
            p99=milliseconds(now.p99),
        ),
        totals=shapes.Totals(
            totals.messages,
            totals.exchanges,
            totals.broken,
            totals.unanswered,
            totals.octets,
            totals.connections,
        ),
        orders=machine.standing(name),
    )


def frozen(machine: Machine) -> shapes.Frozen:
    waits = machine.freezer.next
    return shapes.Frozen(
        frozen=machine.freezer.frozen,
        waiting=len(machine.freezer.waiting),
        next=message(machine, waits) if waits is not None else None,
    )


def milliseconds(seconds: float | None) -> float | None:
    return round(seconds * 1000, 3) if seconds is not None else None


def message(machine: Machine, one: ear.Message, answer: str = "") -> shapes.Message:
    return shapes.Message(
        id=one.id,
        wire=one.wire,
        number=one.number,
        way=one.way,
        at=since(machine, one.at),
        size=one.size,
        says=one.says,
        broken=one.broken,
        answer=answer,
    )


def conversation(
    machine: Machine, name: str, before: str = "", limit: int = 100
) -> list[shapes.Message]:
    """The latest messages of a wire, oldest first; or those ahead of the message `before`."""
    with machine.lock:
        messages = list(machine.ear.wires[name].messages)
    if before:
        at = next((i for i, one in enumerate(messages) if one.id == before), len(messages))
        messages = messages[:at]
    return [message(machine, one) for one in messages[-limit:]]


def opened(machine: Machine, name: str) -> shapes.Opened:
    """Raises NotKept."""
    with machine.lock:
        one, data, view = machine.ear.opened(name)
        answer = machine.partner(one)
    return shapes.Opened(
        message=message(machine, one, answer),
        octets=data[:SHOWN].hex(),
        pieces=list(pieces(view)) if view is not None else [],
        sealed=machine.sealed(one),
        cut=max(0, len(data) - SHOWN),
    )


def pieces(view: Annotator) -> Iterator[shapes.Piece]:
    """The tree, flattened: each group ahead of what it holds."""

    def walk(nodes: list[Node], depth: int) -> Iterator[shapes.Piece]:
        for node in nodes:
            if node.span.start >= SHOWN:
                return
            yield piece(node.span, depth)
            yield from walk(node.children, depth + 1)

    yield from walk(view.tree(), 0)


def piece(span: Span, depth: int) -> shapes.Piece:
    whole = span.first % 8 == 0 and span.past % 8 == 0
    return shapes.Piece(
        start=span.start,
        end=span.end,
        name=span.field.name,
        value=shown(span.value) if span.leaf else "",
        means=span.field.meaning(span.value),
        spec=span.field.spec,
        depth=depth,
        leaf=span.leaf,
        bits=None if whole else (span.first, span.past),
    )


def shown(value: Any) -> str:
    """A value as text, harmless and bounded."""
    if isinstance(value, bytes):
        return quoted(value, VALUE)
    text = str(value)
    return text if len(text) <= VALUE else text[: VALUE - 1] + "…"


def requests(machine: Machine, limit: int = 50) -> list[shapes.Request]:
    """The latest that came in and are over, newest first."""
    front = machine.blueprint.out_of(TRAFFIC)[0].name
    with machine.lock:
        latest = list(machine.tracer.over[front])[-limit:]
    return [request(machine, one) for one in reversed(latest)]


def request(machine: Machine, one: ear.Exchange) -> shapes.Request:
    return shapes.Request(
        id=one.id,
        at=since(machine, one.began),
        says=one.question.says,
        answer=one.answer.says if one.answer is not None else "",
        ms=milliseconds(trace.ending(one) - one.began),
        failed=one.why,
    )


def followed(machine: Machine, name: str) -> shapes.Followed:
    """Raises NotKept."""
    with machine.lock:
        exchange = machine.tracer.find(name)
        tree, account = machine.account(exchange)
    began = account.began

    def after(at: float) -> float:
        return round((at - began) * 1000, 3)

    return shapes.Followed(
        request=request(machine, exchange),
        ms=after(account.ended),
        steps=[step(machine, node, depth, began) for node, depth in nodes(tree, 0)],
        spans=[
            shapes.Span(after(s.start), after(s.end), s.kind, s.where, s.exchange, s.others)
            for s in account.spans
        ],
        waits=[
            shapes.Waited(wait.who, wait.whom, round(wait.seconds * 1000, 3))
            for wait in account.waits
        ],
        accounted=account.share,
    )


def nodes(node: trace.Node, depth: int) -> Iterator[tuple[trace.Node, int]]:
    yield node, depth
    for child in node.children:
        yield from nodes(child, depth + 1)


def step(machine: Machine, node: trace.Node, depth: int, began: float) -> shapes.Step:
    one = node.exchange
    return shapes.Step(
        wire=one.wire,
        question=message(machine, one.question),
        answer=message(machine, one.answer) if one.answer is not None else None,
        start=milliseconds(one.began - began) or 0.0,
        end=milliseconds(trace.ending(one) - began) or 0.0,
        depth=depth,
        sure=node.sure,
        among=node.among,
    )
