"""Measurements that lessons quote: small, of this machine, each with the shape that it has to show.

    measured: nagle      ─▶ MEASURES["nagle"]() ─▶ lines, and claims about them

A claim is an order or a factor, such as "the stall is more than ten times a plain exchange". The
digits are printed with the machine that they are from; the claims are what a test holds.

Left out: statistics. A lesson needs the size of an effect; benchmarks/ holds figures to account.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable

from . import measure_cache, measure_http1, measure_tcp
from .blocks import Block, Made, Wrong
from .figures import Figures

MEASURES: dict[str, Callable[[], Figures]] = {
    "boundaries": measure_tcp.boundaries,
    "queue": measure_tcp.queue,
    "window": measure_tcp.window,
    "nagle": measure_tcp.nagle,
    "timewait": measure_tcp.timewait,
    "gone": measure_tcp.gone,
    "waiting": measure_http1.waiting,
    "step": measure_http1.step,
    "depths": measure_cache.depths,
    "blocked": measure_cache.blocked,
    "race": measure_cache.race,
    "room": measure_cache.room,
    "flush": measure_cache.flush,
}


def measured(block: Block) -> Made:
    """Measure now. raises   Wrong where the shape is not there."""
    if block.argument not in MEASURES:
        raise Wrong(f"{block}: the measurements are {', '.join(MEASURES)}")
    figures = MEASURES[block.argument]()
    missing = [sentence for sentence, holds in figures.claims.items() if not holds]
    if missing:
        raise Wrong(f"{block}: not seen on this machine: {'; '.join(missing)}")
    return Made("\n".join([*figures.lines, "", machine()]))


def machine() -> str:
    """What the figures are of."""
    release = ".".join(platform.release().split(".")[:2])
    processors = f"{os.cpu_count()} processors"
    return f"{platform.system()} {release}, {processors}, Python {platform.python_version()}"
