"""The highest mark of a program's memory, for what is allocated and given back at once.

    peak_within(64 << 20, send(PROMISE), closes())

The kernel keeps it: VmHWM in /proc/PID/status. Only what has been written to counts, as for all
resident memory: a server may reserve addresses as it likes.

Left out: other systems, where the case is not tried, and processes beside the first one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ....grade.drastic import mebibytes
from ....grade.play import Failed, NotTried, Play
from ....grade.stage import Step

HIGH_WATER = re.compile(r"^VmHWM:\s+([0-9]+) kB$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class PeakWithin(Step):
    """At no moment of `steps` the program has more than `bytes_more` beyond its highest before."""

    bytes_more: int
    steps: tuple[Step, ...]

    def run(self, play: Play) -> None:
        pid = play.running.own().pid
        before = peak(pid)
        for step in self.steps:
            step.run(play)
        if news := play.running.news():
            raise Failed("memory within bounds", "a program that runs", news)
        now = peak(pid)
        if before is None or now is None:
            raise NotTried("this system does not tell the highest memory use of a program")
        if now - before > self.bytes_more:
            raise Failed(
                "memory within bounds",
                f"at most {mebibytes(self.bytes_more)} more memory at any moment",
                play.told(f"{mebibytes(now - before)} more"),
            )
        play.hold("memory within bounds")

    def sketch(self) -> str:
        inner = "; ".join(step.sketch() for step in self.steps)
        return f"at most {mebibytes(self.bytes_more)} more memory at any moment of: {inner}"


def peak(pid: int) -> int | None:
    """The most resident bytes that it had; None where that cannot be seen, or it has ended."""
    try:
        found = HIGH_WATER.search(Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return None
    return int(found[1]) * 1024 if found else None


def peak_within(bytes_more: int, *steps: Step) -> PeakWithin:
    return PeakWithin(bytes_more, steps)
