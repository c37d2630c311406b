"""Is it the server, or is it us? The generator looks at itself as it looks at the server.

    Own(late=…, share=0.31, …).sentence          "" : it kept up
    "The generator was the bottleneck: 1 % of the requests were taken up more than 41 ms late …"

Two signs. It takes requests up late: their moment had come, and the loop was elsewhere. Or its thread
had hardly any time left. Lateness is part of every latency that is reported, as that counts from the
intended moment; so the figures err to one side only, and that is said.

Left out: whose fault it was. A machine with too few cores, another thread of this process and a plan
that asks too much look the same from here.
"""

from __future__ import annotations

from dataclasses import dataclass

from .histogram import Latency, Moment, shown

LATE = 0.001  # seconds of lateness that matter to nobody
PART = 0.1  # of the latency at the same percentile: less is not worth a word
BUSY = 0.9  # of the time of one core
OWN_LIMITS = ("no free port", "too many open files")


@dataclass(frozen=True, slots=True)
class Own:
    """late: how much too late requests were taken up, in seconds.

    share     of one core's time that the thread used, in its busiest second
    switches  how often the thread was put aside while it had work
    limited   errors that are limits of this machine, not of the server
    """

    late_p50: float
    late_p99: float
    late_most: float
    share: float
    switches: int
    limited: int
    latency_p99: Moment | None

    @classmethod
    def of(cls, late: Latency, share: float, switches: int, limited: int, latency: Latency) -> Own:
        p50, p99, most = (m.seconds if m else 0.0 for m in late.at_each((50, 99, 100)))
        return cls(p50, p99, most, share, switches, limited, latency.at(99))

    @property
    def was_late(self) -> bool:
        whole = self.latency_p99.seconds if self.latency_p99 else 0.0
        return self.late_p99 > LATE and self.late_p99 > PART * whole

    @property
    def kept_up(self) -> bool:
        return not (self.was_late or self.share > BUSY or self.limited)

    @property
    def sentence(self) -> str:
        """What was wrong, and what holds of the figures. Nothing, while it kept up."""
        said = []
        if self.was_late:
            said.append(
                f"1 % of the requests were taken up more than {shown(self.late_p99)} late, so the"
                " rate was not offered evenly. Latencies contain this: those of the server are"
                " lower. The counts hold."
            )
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
        if not said:
            return ""
        return f"The generator was the bottleneck: {' Besides, '.join(said)}"
