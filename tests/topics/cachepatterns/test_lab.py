"""The stampede, small: how many rebuild is what chance and the rate say, and who waits is what the way says."""

import math
import socket
from collections.abc import Mapping

import pytest

from cutaway.lab.knobs import Settings
from cutaway.lab.lab import Lab
from cutaway.topics.cachepatterns.lab import LABS, live, stampede
from cutaway.topics.cachepatterns.lab.expiring import Early, Naive, Single, Stale, World, expiries
from cutaway.topics.cachepatterns.lab.slow_origin import slow_origin
from tests.topics.labs import open_ends, plans


def world(**changes: float | int) -> World:
    usual = {"rate": 1000.0, "ttl": 5.0, "rebuild": 0.1, "expected": 0.1, "seed": 1}
    return World(**{**usual, **changes})  # type: ignore[arg-type]


def test_without_protection_all_who_come_meanwhile_rebuild_and_wait() -> None:
    here = world()
    found = expiries(here, Naive(here), 50)
    assert 92 < found.rebuilds < 110
    assert found.waited == found.rebuilds
    assert (found.old, found.longest) == (0, 0.1)


@pytest.mark.parametrize("rate", [100.0, 1000.0, 6000.0])
def test_early_refresh_rebuilds_e_times_whatever_the_rate(rate: float) -> None:
    here = world(rate=rate)
    found = expiries(here, Early(here), 100)
    assert abs(found.rebuilds - math.e) < 0.7
    assert found.waited == found.rebuilds


def test_a_rebuild_that_takes_longer_than_measured_is_begun_many_more_times() -> None:
    here = world(rebuild=0.3)
    assert 12 < expiries(here, Early(here), 100).rebuilds < 30


@pytest.mark.parametrize("processes", [1, 4])
def test_a_single_flight_is_one_for_each_process(processes: int) -> None:
    here = world(processes=processes, rate=6000.0)
    found = expiries(here, Single(here), 20)
    assert found.rebuilds == processes
    assert found.waited > 500
    assert found.old == 0


def test_the_old_value_meanwhile_lets_nobody_wait() -> None:
    here = world()
    found = expiries(here, Stale(here), 50)
    assert (found.rebuilds, found.waited, found.longest) == (1, 0, 0)
    assert 92 < found.old < 110


def test_the_same_seed_is_the_same_expiry_and_another_is_another() -> None:
    def rebuilds(seed: int) -> float:
        here = world(seed=seed)
        return expiries(here, Naive(here), 5).rebuilds

    assert rebuilds(1) == rebuilds(1) != rebuilds(2)


def test_no_run_is_the_same_moments_again() -> None:
    lab = stampede.STAMPEDE
    settings = lab.defaults.but({"expiries": 3})
    with lab.bench(settings) as runs:
        found = [lab.measure("naive-1000", settings, runs) for _ in range(2)]
    assert found[0] != found[1]


def test_a_trace_is_one_expiry_read_by_read() -> None:
    lab = stampede.STAMPEDE
    assert lab.trace is not None
    with lab.bench(lab.defaults) as runs:
        moments = lab.trace("single-100", lab.defaults, runs)
        assert not lab.trace("single-1000", lab.defaults, runs)
    said = [moment.means for moment in moments]
    assert said[0] == "begins to rebuild"
    assert said[-1] == "rebuilt"
    assert set(said[1:-1]) == {"waits for that rebuild"}


def test_the_cells_of_the_lesson() -> None:
    lab, found = stampede.STAMPEDE, dict[str, Mapping[str, float]]()
    settings = lab.defaults.but({"expiries": 20})
    with lab.bench(settings) as runs:
        for variant in ("naive-100", "naive-6000", "early-6000", "single-6000", "stale-6000"):
            found[variant] = lab.measure(variant, settings, runs)
    few, many, early, single, stale = (v[stampede.REBUILDS] for v in found.values())
    assert 9 < few < 13
    assert 570 < many < 630
    assert 1 == single == stale < early < 5


@pytest.mark.slow
@pytest.mark.alone
def test_with_real_programs_the_origin_sees_a_crowd_or_one() -> None:
    lab = live.LIVE
    settings = lab.defaults.but({"rate": 100, "ttl": 0.4, "rebuild": 0.2, "seconds": 1.1})
    with lab.bench(settings) as bench:
        naive, single, stale = (
            lab.measure(way, settings, bench) for way in (live.NAIVE, live.SINGLE, live.STALE)
        )
    assert single[live.REBUILDS] == stale[live.REBUILDS] == 1
    assert naive[live.REBUILDS] > 8


def test_crowds_are_told_apart_by_the_time_between_them() -> None:
    with slow_origin(0.0) as origin:
        origin.asked[b"k"] = [0.0, 0.1, 0.15, 1.0, 3.0, 3.3]
        assert origin.groups(b"k", 0.5) == [3, 1, 2]
        assert origin.groups(b"other", 0.5) == []
        with socket.create_connection(origin.address, timeout=10) as client:
            client.sendall(b"GET /items/a HTTP/1.1\r\nHost: a\r\n\r\n")
            assert client.recv(1000).endswith(b"\r\n\r\na")
            client.sendall(b"GET /other HTTP/1.1\r\nHost: a\r\n\r\n")
            assert b" 404 " in client.recv(1000)
            client.sendall(b"nothing\r\n\r\n")
            assert client.recv(1000) == b""
        assert origin.groups(b"a", 0.5) == [1]


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_the_bounds_of_every_knob_make_a_plan(lab: Lab) -> None:
    for plan in plans(lab):
        assert len({check.name for check in plan.checks}) == len(plan.checks)
        assert plan.asks.read(plan.asks.example())
        assert not open_ends(plan)


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_with_the_defaults_and_with_the_change_something_is_expected(lab: Lab) -> None:
    for changes in ({}, lab.change.settings):
        assert lab.plan(Settings({**lab.defaults.values, **changes})).checks
