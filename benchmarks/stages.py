"""How long all stages of a topic take on the reference, and how much of it is deliberate waiting.

Wall time of one whole check, as `cutaway check --all` does it. The waiting is what the cases sit
out because no event could tell the same, added up over all cases; cases overlap, so it may be more
than the wall time.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from cutaway.grade.player import check
from cutaway.grade.running import Subject
from cutaway.grade.verdict import Verdict
from cutaway.process import Command
from cutaway.workshop import catalog

from .measure import Figure

LIMITS = {"tcp": 5.0, "http1": 10.0, "cache": 10.0}


def figures() -> list[Figure]:
    out = []
    for slug, limit in LIMITS.items():
        walls, waits = [], []
        for seed in range(5):
            wall, waited = once(slug, seed)
            walls.append(wall)
            waits.append(waited)
        out.append(Figure(f"{slug}: all stages on the reference", tuple(walls), "s", limit))
        out.append(Figure(f"{slug}: deliberate waiting in it, added up", tuple(waits), "s"))
    return out


def once(slug: str, seed: int) -> tuple[float, float]:
    command = Command(Path.cwd(), (sys.executable, "-m", f"cutaway.topics.{slug}.server"))
    began = time.perf_counter()
    result = check(slug, catalog.stages(slug), Subject(command=command), seed=seed, keep_going=True)
    wall = time.perf_counter() - began
    if result.verdict is not Verdict.PASS:
        raise SystemExit(f"the reference of {slug} does not pass (seed {seed}): nothing to measure")
    return wall, sum(case.waited for stage in result.stages for case in stage.cases)
