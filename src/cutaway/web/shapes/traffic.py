"""What the page is told of the traffic, and tells it.

Left out: single requests that went well. Those are on the wires.
"""

from __future__ import annotations

from msgspec import Struct


class Journey(Struct):
    """weight: how often people set out on it, beside the others; usual: as it was at first."""

    name: str
    weight: float
    usual: float
    answered: int
    failed: int


class Failed(Struct):
    """at: when it was meant to be sent. why: what was wrong with its answer, and what the wires show of
    it. cause: what was done to the machine then, or that too much was asked of it; null: not known yet,
    empty: nothing."""

    at: float
    journey: str
    step: str
    why: str
    cause: str | None


class Traffic(Struct):
    """rate: requests a second that are wanted. offered: that were asked, of late.

    sent = answered + failed + under_way. explained: failed ones that have a cause.
    p50, p99: milliseconds from the moment that was meant, of the last seconds; all_p99: of all.
    late: milliseconds by which the latest request was taken up too late.
    again: sent twice, as their connection had just been closed. there: to-dos that are remembered.
    """

    rate: float
    offered: float
    sent: int
    answered: int
    failed: int
    explained: int
    unexplained: int
    under_way: int
    again: int
    left_out: int
    lines: int
    there: int
    p50: float | None
    p99: float | None
    all_p50: float | None
    all_p99: float | None
    late: float | None
    journeys: list[Journey]
    failures: list[Failed]
    why: str = ""


class TrafficOrder(Struct):
    """over: seconds until the rate is reached. journeys: name → weight."""

    rate: float | None = None
    over: float = 0.0
    journeys: dict[str, float] | None = None


class LedgerRead(Struct):
    """What was acknowledged, compared with what is there. checked: to-dos, also those that were deleted.
    lost, back: sentences."""

    held: bool
    sentence: str
    checked: int
    lost: list[str]
    back: list[str]
