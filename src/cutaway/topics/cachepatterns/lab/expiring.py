"""One key that runs out, and everybody who reads it meanwhile: simulated, read by read.

    ──fresh──────────────────┤ its time is over
                             ├ read: not there, so rebuild ──────────┤ fresh again
                               ├ read: not there either, so rebuild ───┤
                                 ├ …                                     everybody until it is there

    world = World(rate=1000, ttl=5.0, rebuild=0.1, seed=1)
    expiries(world, Naive(world), 40)       Found(rebuilds=101.3, waited=101.3, old=0.0, longest=0.1)

Reads come at random moments, independent of each other. Nothing else takes time but a rebuild, so what
is seen is what the way itself does. While a fresh value is so young that no way would touch it, time
is skipped: nothing that has a memory happens then.

| way | who finds it run out | before its time |
|---|---|---|
| Naive | rebuilds, and waits for that | – |
| Early | the same | rebuilds by chance, the likelier the nearer the end |
| Single | the first of each process rebuilds, the others wait for it | – |
| Stale | answers the old one; the first of each process rebuilds beside it | – |

Early is XFetch: Vattani, Chierichetti, Lowenstein, Optimal Probabilistic Cache Stampede Prevention,
VLDB 2015.

Left out: rebuilds that fail; an origin that becomes slower the more it is asked, which makes each of
these numbers worse for whoever asks more.
"""

from __future__ import annotations

import math
import random
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

Tell = Callable[[float, str], None]


def nobody(at: float, what: str) -> None: ...


@dataclass(slots=True)
class World:
    """Times in seconds. expected: what a rebuild took when somebody measured it, which Early goes by.

    ends      when each rebuild that is under way will be done
    flights   of each process, when its own latest rebuild will be done
    """

    rate: float
    ttl: float
    rebuild: float
    expected: float
    seed: int
    processes: int = 1
    now: float = 0.0
    over: float = 0.0
    ends: deque[float] = field(default_factory=deque)
    flights: list[float] = field(default_factory=list)
    random: random.Random = field(default_factory=random.Random)
    rebuilds: int = 0
    tell: Tell = nobody

    def __post_init__(self) -> None:
        self.random.seed(self.seed)
        self.over = self.ttl
        self.flights = [0.0] * self.processes

    def next_read(self, quiet: float) -> None:
        """To the next one; straight to `quiet` seconds before the end, where nothing can be until then."""
        if not self.ends and self.now < self.over - quiet:
            self.now = self.over - quiet
        self.now += self.random.expovariate(self.rate)
        while self.ends and self.ends[0] <= self.now:
            done = self.ends.popleft()
            self.over = done + self.ttl
            self.tell(done, "rebuilt")

    def begin(self) -> float:
        """Rebuild; how long that takes."""
        self.rebuilds += 1
        self.ends.append(self.now + self.rebuild)
        return self.rebuild


class Read(NamedTuple):
    """waited: seconds. old: whether what was answered was past its time."""

    waited: float = 0.0
    old: bool = False
    rebuilds: bool = False


FRESH, OLD = Read(), Read(old=True)


class Way(ABC):
    """quiet: seconds before the end in which a read may already do something."""

    quiet = 0.0

    def __init__(self, world: World) -> None:
        self.world = world

    @abstractmethod
    def read(self) -> Read:
        """One read, now."""


class Naive(Way):
    def read(self) -> Read:
        if self.world.now < self.world.over:
            return FRESH
        return Read(self.world.begin(), rebuilds=True)


class Early(Way):
    """A chance of exp(-left / expected) for a read with so many seconds left."""

    LONG = 15.0  # times `expected`: before that the chance is less than one in three million

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.quiet = min(world.ttl, self.LONG * world.expected)

    def read(self) -> Read:
        world = self.world
        ahead = -world.expected * math.log(1.0 - world.random.random())
        if world.now + ahead < world.over:
            return FRESH
        return Read(world.begin(), rebuilds=True)


class Single(Way):
    """The flight is the process's own: another process does not know of it."""

    def read(self) -> Read:
        world = self.world
        if world.now < world.over:
            return FRESH
        mine = world.random.randrange(world.processes)
        if world.flights[mine] > world.now:
            return Read(world.flights[mine] - world.now)
        world.flights[mine] = world.now + world.begin()
        return Read(world.rebuild, rebuilds=True)


class Stale(Single):
    def read(self) -> Read:
        waited, _, rebuilds = super().read()
        return Read(0.0, True, rebuilds) if waited else FRESH


@dataclass(frozen=True, slots=True)
class Found:
    """For each expiry, on average. longest: seconds that a read waited."""

    rebuilds: float
    waited: float
    old: float
    longest: float


def expiries(world: World, way: Way, count: int) -> Found:
    """So many times from fresh to fresh again."""
    waited = old = begun = 0
    longest = 0.0
    while begun < count or world.ends:
        calm = not world.ends
        world.next_read(way.quiet)
        calm = calm or not world.ends
        if begun >= count and not world.ends:
            break
        seen = way.read()
        begun += seen.rebuilds and calm
        waited += seen.waited > 0
        old += seen.old
        longest = max(longest, seen.waited)
        if seen.rebuilds:
            world.tell(world.now, "begins to rebuild")
        elif seen.old or seen.waited:
            world.tell(world.now, "gets the old value" if seen.old else "waits for that rebuild")
    return Found(world.rebuilds / begun, waited / begun, old / begun, longest)
