"""The stages of the cache patterns, in the order in which they are built."""

from ....grade.stage import Stage
from . import (
    ahead,
    aside,
    behind,
    down,
    early,
    flight,
    invalidation,
    lying,
    race,
    slow,
    stale,
    through,
    writes,
)

STAGES: tuple[Stage, ...] = (
    aside.STAGE,
    through.STAGE,
    writes.THROUGH,
    writes.AROUND,
    invalidation.STAGE,
    behind.STAGE,
    ahead.STAGE,
    flight.STAGE,
    early.STAGE,
    stale.STAGE,
    race.STAGE,
    down.STAGE,
    slow.STAGE,
    lying.STAGE,
)
