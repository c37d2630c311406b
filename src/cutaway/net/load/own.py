"""Is it the server, or is it us? The generator looks at itself as it looks at the server.

    Own(late=…, share=0.31, …).sentence          "" : it kept up
    "The machine was too busy to be on time: 1 % of the requests were taken up more than 41 ms late …"

Two signs. It takes requests up late: their moment had come, and the loop was elsewhere. Or its thread
had hardly any time left. A thread that is late though it used less than EASY of a core was not given
one: then it was the machine, else the generator. Lateness is part of every latency that is reported,
as that counts from the intended moment; so the figures err to one side only, and that is said.

Left out: who kept the machine busy. The server that is loaded may well be among them.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from .histogram import Latency, Moment, shown

LATE = 0.001  # seconds of lateness that matter to nobody
PART = 0.1  # of the latency at the same percentile: less is not worth a word
EASY, BUSY = 0.5, 0.9  # of the time of one core
OWN_LIMITS = ("no free port", "too many open files")


@dataclass(frozen=True, slots=True)
class Own:
    """late: how much too late requests were taken up, in seconds.

    share     of one core's time that the thread used, in its busiest second
    switches  how often the thread was put aside while it had work
    limited   errors that are limits of this machine, not of the server
    wanting   processes that wanted to run, over the last minute; 0: not known
    """

    late_p50: float
    late_p99: float
    late_most: float
    share: float
    switches: int
    limited: int
    latency_p99: Moment | None
    latency_p50: Moment | None = None
    wanting: float = 0.0
    processors: int = 0

    @classmethod
    def of(cls, late: Latency, share: float, switches: int, limited: int, latency: Latency) -> Own:
        p50, p99, most = (m.seconds if m else 0.0 for m in late.at_each((50, 99, 100)))
        measured = latency.at(99), latency.at(50)
        return cls(p50, p99, most, share, switches, limited, *measured, _wanting(), _processors())

    @property
    def was_late(self) -> bool:
        return matters(self.late_p99, self.latency_p99)

    @property
    def cause(self) -> Literal["", "machine", "generator"]:
        """What was too slow."""
        if self.kept_up:
            return ""
        return "generator" if self.limited or self.share >= EASY else "machine"

    @property
    def kept_up(self) -> bool:
        return not (self.was_late or self.share > BUSY or self.limited)

    @property
    def sentence(self) -> str:
        """What was wrong, and what holds of the figures. Nothing, while it kept up."""
        said = []
        if self.was_late:
            said.append(self._lateness())
        if self.share > BUSY:
            said.append(
                f"its thread used {self.share:.0%} of a core. Answers may have waited to be read:"
                " the latencies are upper bounds. The counts hold."
            )
        if self.limited:
            said.append(
                f"{self.limited} connections could not be opened for want of ports or files on"
                " this machine. These errors are not the server's."
            )
        return f"{SAID[self.cause]}: {' Besides, '.join(said)}" if said else ""

    def _lateness(self) -> str:
        used = f", though it takes {self.share:.0%} of a core" if self.cause == "machine" else ""
        if self.wanting > self.processors > 0:
            plural = "s" * (self.processors != 1)
            used += f" ({self.wanting:.1f} processes for {self.processors} processor{plural})"
        holds = (
            "The counts hold" if matters(self.late_p50, self.latency_p50) else "Counts and p50 hold"
        )
        return (
            f"1 % of the requests were taken up more than {shown(self.late_p99)} late{used}, so the"
            " rate was not offered evenly. Latencies contain this: those of the server are lower."
            f" {holds}."
        )


SAID = {
    "": "",
    "machine": "The machine was too busy to be on time",
    "generator": "The generator was the bottleneck",
}


def matters(late: float, latency: Moment | None) -> bool:
    """Whether that much lateness changes a latency that is measured with it in it."""
    return late > LATE and late > PART * (latency.seconds if latency else 0.0)


def _wanting() -> float:
    with suppress(OSError, AttributeError):
        return os.getloadavg()[0]
    return 0.0


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
