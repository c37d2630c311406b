"""What is asked for in each run: another trace of the same kind, by another seed, or the next part of a file.

    asked = Asked(settings)
    asked.of("zipf", "zipf-lru", settings)       the first run of that variant: by the seed 1
    asked.of("zipf", "zipf-lfu", settings)       the same keys, as it is the same run
    asked.of("zipf", "zipf-lru", settings)       the second run: by the seed 2

A policy is a program without a clock: for the same keys it gives the same hits, however often it runs.
What differs from run to run, and has to, is what is asked for.

A file is cut into parts, one for each run, all equally long; of a short file there are three.

Left out: keeping the traces of earlier runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from ....lab.knobs import Knob, Settings
from ....lab.lab import Missing
from .. import traces
from ..traces import NoTrace, Recorded

SKEWED, SCANS, SHIFT, LOOP, FILE = "zipf", "scans", "shift", "loop", "file"
LABELS = {
    SKEWED: "skewed",
    SCANS: "with scans",
    SHIFT: "shifting",
    LOOP: f"loop of {traces.LOOP}",
    FILE: "the file",
}
PARTS = 3  # of a short file
MOST = 10  # parts of any file

Made = Callable[[int, int, float], list[int]]  # how many, by which seed, how skewed
MADE: Mapping[str, Made] = {
    SKEWED: lambda length, seed, skew: traces.zipf(length, seed, skew=skew),
    SCANS: lambda length, seed, skew: traces.zipf_with_scans(length, seed, skew=skew),
    SHIFT: lambda length, seed, skew: traces.zipf_that_shifts(length, seed, skew=skew),
    LOOP: lambda length, seed, skew: traces.loop(length),
}

FILE_KNOB = Knob(
    "file", "", "a trace that was recorded, in place of those made here", form="a path"
)
SEED_KNOB = Knob("seed", 1, "of the first run; each has the next one", low=1, high=1000)
SKEW_KNOB = Knob(
    "skew", traces.SKEW, "the n-th is asked for as often as the first by n to this", low=0, high=2
)


def asked_knob(default: int) -> Knob:
    return Knob("asked", default, "that are asked for, in each run", low=100, high=2_000_000)


class Asked:
    """Raises Missing where the file is none."""

    def __init__(self, settings: Settings) -> None:
        self.runs: Counter[str] = Counter()
        self.latest: dict[str, tuple[tuple[float, ...], list[int]]] = {}
        self.file: Recorded | None = None
        if name := settings.word("file"):
            try:
                self.file = traces.recorded(Path(name).expanduser(), MOST * settings.count("asked"))
            except NoTrace as problem:
                raise Missing(str(problem)) from None

    def of(self, trace: str, variant: str, settings: Settings) -> list[int]:
        """The keys of this variant's next run."""
        run = self.runs[variant]
        self.runs[variant] += 1
        if trace == FILE:
            return self._part(run, settings.count("asked"))
        what = settings.count("asked"), settings.count("seed") + run, settings.number("skew")
        known, keys = self.latest.get(trace, ((), []))
        if known != what:
            keys = MADE[trace](*what)
            self.latest[trace] = what, keys
        return keys

    def _part(self, run: int, length: int) -> list[int]:
        assert self.file is not None
        whole = self.file.keys
        length = min(length, max(1, len(whole) // PARTS))
        begin = run % (len(whole) // length) * length
        return whole[begin : begin + length]
