"""The machine for a long time, while things happen to it: nothing leaks, nothing is lost, no failure
is without a cause.

Every second or so one of these happens, drawn from a seed: a part is killed, or paused for a while;
a link is slowed, stalled, cut, reset, dripped on; a slot is swapped for a real program and back.
Meanwhile people use the to-do service open-loop. At the end

    every to-do that was acknowledged is there, and none that was deleted
    every failed request is explained by something that was done
    the supervisor has the threads, descriptors and children that it had, and hardly more memory

`make soak` does it for an hour; CUTAWAY_SOAK_MINUTES sets another time. A short one runs with all
other tests.

Left out: a disk that fills up, a machine that sleeps.
"""

from __future__ import annotations

import gc
import os
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from cutaway.process.ports import HELD, free_ports
from cutaway.process.scratch import make_folder, remove_folder
from cutaway.system.blueprint import read
from cutaway.system.machine import Machine
from cutaway.workshop.machine import filling_of, made

MINUTES = float(os.environ.get("CUTAWAY_SOAK_MINUTES", "60"))
SHORT = 15.0  # seconds
RATE = 20.0
LINKS = (
    "latency 80ms",
    "latency 40ms jitter 40ms",
    "stall",
    "drip 5ms",
    "rate 256kbit",
    "pieces 3",
)
REALS = {"cache": "valkey", "proxy": "nginx", "store": "valkey"}
GROWN = 32 << 20  # octets that it may have more, once it has been warm


@dataclass(frozen=True, slots=True)
class Use:
    """What the process that supervises has in use."""

    memory: int
    descriptors: int
    threads: int
    children: int

    @classmethod
    def now(cls) -> Use:
        gc.collect()
        me = psutil.Process()
        children = me.children(recursive=True)
        return cls(me.memory_info().rss, me.num_fds(), me.num_threads(), len(children))


def killed(machine: Machine, draw: random.Random) -> None:
    machine.supervisor.parts[draw.choice(sorted(machine.supervisor.parts))].kill()


def paused(machine: Machine, draw: random.Random) -> None:
    part = machine.supervisor.parts[draw.choice(sorted(machine.supervisor.parts))]
    part.pause()
    time.sleep(draw.uniform(0.2, 1.5))
    part.resume()


def disturbed(machine: Machine, draw: random.Random) -> None:
    wire = draw.choice(sorted(machine.ear.wires))
    machine.order(wire, draw.choice(LINKS))
    time.sleep(draw.uniform(0.2, 1.5))
    machine.order(wire, "clear")


def torn(machine: Machine, draw: random.Random) -> None:
    machine.order(draw.choice(sorted(machine.ear.wires)), draw.choice(("reset", "cut")))


def swapped(machine: Machine, draw: random.Random) -> None:
    slot = machine.blueprint.slot(draw.choice(sorted(REALS)))
    machine.supervisor.fill(slot.name, filling_of(REALS[slot.name], slot))
    time.sleep(draw.uniform(0.2, 2.0))
    machine.supervisor.fill(slot.name, filling_of("reference", slot))


HAPPENINGS: tuple[Callable[[Machine, random.Random], None], ...] = (
    killed,
    paused,
    disturbed,
    disturbed,
    torn,
    swapped,
)


def soaked(seconds: float, seed: int, home: Path) -> None:
    free_ports(HELD)  # as many are remembered as ever will be
    draw = random.Random(seed)
    machine = made(read(), {}, home)
    uses: list[Use] = []
    done: list[str] = []
    unexplained: dict[int, str] = {}
    with machine.supervisor:
        machine.start()
        try:
            machine.supervisor.up()
            machine.traffic.set(rate=RATE)
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                happening = draw.choice(HAPPENINGS)
                done.append(happening.__name__)
                happening(machine, draw)
                time.sleep(draw.uniform(0.3, 1.5))
                settled(machine)
                uses.append(Use.now())
                note(unexplained, machine, done)
            settled(machine)
            held(machine, done, unexplained)
        finally:
            machine.stop()
    flat(uses)


def note(unexplained: dict[int, str], machine: Machine, done: list[str]) -> None:
    """Failures that nothing explains, each with what was done of late: the traffic forgets old ones."""
    for one in machine.traffic.look().failures:
        if one.cause == "":
            unexplained.setdefault(one.row.number, f"{one.why}: {one.row}, after {done[-4:]}")


def settled(machine: Machine) -> None:
    """Every part is up again."""
    until = time.monotonic() + 60
    while any(part.state != "up" for part in machine.parts()):
        assert time.monotonic() < until, [(part.name, part.state) for part in machine.parts()]
        time.sleep(0.05)


def held(machine: Machine, done: list[str], unexplained: dict[int, str]) -> None:
    machine.traffic.set(rate=0)
    until = time.monotonic() + 30
    while machine.traffic.look().under_way and time.monotonic() < until:
        time.sleep(0.1)
    time.sleep(2.0)  # the last failures are judged
    verified = machine.traffic.verify()
    assert verified.held, verified
    assert verified.checked
    picture = machine.traffic.look()
    assert picture.answered, done
    note(unexplained, machine, done)
    assert not unexplained, "\n".join([f"{picture.unexplained} unexplained", *unexplained.values()])
    assert not picture.unexplained
    print(f"{picture.asked} requests, {picture.failed} failed, {len(done)} happenings, {verified}")


def flat(uses: list[Use]) -> None:
    """The last quarter beside the second one: the first is for warming up."""
    if len(uses) < 12:
        return
    quarter = len(uses) // 4
    early, late = uses[quarter : 2 * quarter], uses[-quarter:]

    def middle(some: list[Use], name: str) -> float:
        return statistics.median(getattr(use, name) for use in some)

    print({name: (middle(early, name), middle(late, name)) for name in Use.__slots__})
    assert middle(late, "memory") <= middle(early, "memory") + GROWN
    assert middle(late, "children") <= middle(early, "children")
    assert middle(late, "threads") <= middle(early, "threads") + 2
    assert middle(late, "descriptors") <= middle(early, "descriptors") + 4


@pytest.fixture
def home():
    folder = make_folder()
    yield folder
    remove_folder(folder)


@pytest.mark.real
@pytest.mark.timeout(180)
def test_for_a_while_nothing_is_lost_or_unexplained(home: Path) -> None:
    soaked(SHORT, seed=1, home=home)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_for_an_hour_nothing_is_lost_or_unexplained_and_nothing_leaks(home: Path) -> None:
    soaked(MINUTES * 60, seed=2, home=home)
