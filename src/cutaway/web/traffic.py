"""The traffic: how it goes, the knob, and whether the service has kept its word.

    POST /api/traffic          {"rate": 50, "over": 5, "journeys": {"browse": 3}}

How it goes is in every picture of the machine.

Left out: moving it. That is system/traffic.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from starlette.requests import Request

from ..system.machine import Machine
from ..system.traffic import Verified
from ..system.traffic.ledger import NAMED
from .answers import Area, Ask, Desk
from .shapes.traffic import Failed, Journey, LedgerRead, Traffic, TrafficOrder

FAILURES = 12  # of the latest that are told


class TrafficArea(Area):
    def __init__(self, desk: Desk) -> None:
        self.machine = desk.machine

    @classmethod
    def asks(cls) -> list[Ask]:
        verify = "Read back what was acknowledged, and compare."
        return [
            Ask("POST", "/traffic", cls.change, "More of it, or less, or others."),
            Ask("POST", "/traffic/verify", cls.verify, verify),
        ]

    async def change(self, request: Request, said: TrafficOrder) -> Traffic:
        self.machine.traffic.set(said.rate, said.journeys, said.over)
        return told(self.machine)

    async def verify(self, request: Request) -> LedgerRead:
        return read(await asyncio.to_thread(self.machine.traffic.verify))


def told(machine: Machine) -> Traffic:
    now, usual = machine.traffic.look(), machine.traffic.journeys
    hidden = machine.hidden
    return Traffic(
        rate=now.rate,
        offered=round(now.offered, 1),
        sent=now.asked,
        answered=now.answered,
        failed=now.failed,
        explained=now.explained,
        unexplained=now.unexplained,
        under_way=now.under_way,
        again=now.again,
        left_out=now.left_out,
        lines=now.lines,
        there=now.there,
        p50=milliseconds(now.p50),
        p99=milliseconds(now.p99),
        all_p50=milliseconds(now.all_p50),
        all_p99=milliseconds(now.all_p99),
        late=milliseconds(now.late),
        journeys=[
            Journey(one.name, one.weight, usual[one.name].weight, one.answered, one.failed)
            for one in now.journeys
        ],
        failures=[
            Failed(
                round(failure.row.intended - machine.started, 6),
                failure.row.journey,
                failure.row.step,
                failure.why,
                hidden.cause(failure.row.ended, failure.cause) if hidden else failure.cause,
            )
            for failure in now.failures[-FAILURES:]
        ],
        why=now.why,
    )


def read(verified: Verified) -> LedgerRead:
    if verified.why:
        sentence = verified.why
    elif verified.held:
        there, gone = verified.checked - verified.gone, verified.gone
        sentence = f"All {there} acknowledged to-dos are as they were left"
        sentence += f", and none of {gone} that were deleted is back." if gone else "."
    else:
        sentence = (
            f"Of {verified.checked} acknowledged to-dos {count(verified.lost)} are not as they were"
            f" left, and {count(verified.back)} that were deleted are there."
        )
    if verified.anew:
        sentence += " The traffic was started anew, and knows only of what it wrote since."
    return LedgerRead(
        verified.held, sentence, verified.checked, list(verified.lost), list(verified.back)
    )


def count(named: Sequence[str]) -> str:
    return f"{len(named)} or more" if len(named) == NAMED else str(len(named))


def milliseconds(seconds: float | None) -> float | None:
    return round(seconds * 1000, 3) if seconds is not None else None
