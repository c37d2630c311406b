"""How a link between two programs behaves, in one direction.

    Link(latency=0.02)                         20 ms each way: 40 ms a round trip
    Link(latency=0.02, jitter=0.005)           20 to 25 ms, and nothing overtakes
    Link(rate=125_000)                         a megabit a second
    Link(pieces=1, gap=0.1)                    an octet every 100 ms
    Link(reset_after=1000)                     1000 octets, then RST
    CLEAR                                      as fast as it comes

Loopback hides the network: a thousand queries and one join take the same time on it. These are the
properties that tell them apart, and the ways in which a connection ends that no program expects.

    latency           seconds that each octet is under way; a new connection also waits for the
                      round trip of its handshake
    jitter            seconds more at most, drawn anew for each read; the order is kept
    rate              octets a second; what comes faster waits its turn
    pieces, gap       at most so many octets a write, and the seconds between two writes
    stalled           nothing passes, nothing is lost: who sends is slowed down and at last stopped
    stall_after       as stalled, from so many octets on
    cut_after         so many octets pass, then both sides are closed (FIN)
    reset_after       so many octets pass, then both sides are reset (RST)
    half_close_after  so many octets pass, then this direction is closed (FIN) and the rest of it
                      thrown away; the other one goes on

Counts are per connection and begin when the link takes effect on it.

Left out: loss, duplicates and reordering. TCP hides them from programs, as latency; where they can
be seen is UDP: udp.py.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

Seconds = float


class BadLink(ValueError):
    """One sentence about a link that cannot be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One direction. Raises BadLink for values that make no sense."""

    latency: Seconds = 0.0
    jitter: Seconds = 0.0
    rate: float | None = None
    pieces: int | None = None
    gap: Seconds | None = None
    stalled: bool = False
    stall_after: int | None = None
    cut_after: int | None = None
    reset_after: int | None = None
    half_close_after: int | None = None

    def __post_init__(self) -> None:
        for name in ("latency", "jitter", "gap"):
            if not 0 <= (getattr(self, name) or 0.0) <= 86400:
                raise BadLink(f"{name} is from 0 seconds to a day")
        if self.rate is not None and not self.rate > 0:
            raise BadLink("rate is more than nothing; a link that passes nothing is stalled")
        if self.pieces is not None and self.pieces < 1:
            raise BadLink("pieces have one octet at least")
        for name in ENDS:
            count = getattr(self, name)
            if count is not None and count < 0:
                raise BadLink(f"{name.replace('_', '-')} is a count of octets")

    @property
    def end(self) -> tuple[int, str] | None:
        """After how many octets what happens, whichever comes first."""
        counts = [(getattr(self, name), what) for name, what in ENDS.items()]
        return min((pair for pair in counts if pair[0] is not None), default=None)

    @property
    def clear(self) -> bool:
        """Whether it does nothing."""
        return self == CLEAR

    def but(self, **changes: object) -> Link:
        """The same with some properties changed."""
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]


#: What ends a direction by count → what then happens.
ENDS = {
    "cut_after": "cut",
    "reset_after": "reset",
    "half_close_after": "closed",
    "stall_after": "stalled",
}
CLEAR = Link()
