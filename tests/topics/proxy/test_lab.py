"""The experiments of proxies, small: the shape is there, and every sentence can be said.

How long something takes is another machine's. What is asked here is what queues decide, and by so
much that no machine is busy enough to hide it.
"""

import socket
import threading
import time
from collections.abc import Iterator, Mapping

import pytest

from cutaway.lab.knobs import Settings
from cutaway.lab.lab import Unmeasured
from cutaway.topics.proxy.lab import LABS, retry_storm, slow_one
from cutaway.topics.proxy.lab.asking import EQUAL, VARIED, Works, works
from cutaway.topics.proxy.lab.together import Rounds, side_by_side
from cutaway.topics.proxy.lab.workers import Workers, working
from tests.topics.labs import plans

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
Found = Mapping[str, Mapping[str, float]]


def measured(lab, **changes: object) -> Found:
    """All variants of one round."""
    settings = Settings({**lab.defaults.values, **changes})
    with lab.bench(settings) as bench:
        return {v.key: lab.measure(v.key, settings, bench) for v in lab.plan(settings).variants}


# One slow server in ten.


@pytest.mark.slow
@pytest.mark.alone
def test_a_policy_that_does_not_look_fills_the_queue_of_the_slow_one() -> None:
    found = measured(slow_one.SLOW_ONE, seconds=2.5, slow=8)
    mean = {policy: values[slow_one.MEAN] for policy, values in found.items()}
    assert mean[slow_one.TURN] > 1.5 * mean[slow_one.LEAST]
    assert mean[slow_one.CHANCE] > 1.5 * mean[slow_one.LEAST]
    assert mean[slow_one.TURN] > mean[slow_one.TWO]
    left = {policy: values[slow_one.LEFT] for policy, values in found.items()}
    assert left[slow_one.TURN] > 5 > left[slow_one.LEAST]
    share = {policy: values[slow_one.SHARE] for policy, values in found.items()}
    assert 9 < share[slow_one.TURN] < 11
    assert share[slow_one.TWO] < share[slow_one.TURN] > share[slow_one.LEAST]


def test_weights_that_know_the_slow_one_ask_it_for_what_it_can_do() -> None:
    told = slow_one.SLOW_ONE.defaults.but({"policies": slow_one.TOLD})
    assert slow_one.WEIGHTED in slow_one.policies(told)
    weights = slow_one.environment(slow_one.WEIGHTED, [], slow=4)["WEIGHTS"]
    assert weights == ",".join(["100"] * 9 + ["25"])


# The outage that does not end.


@pytest.mark.slow
@pytest.mark.alone
def test_many_retries_keep_an_outage_alive_that_ends_without_them() -> None:
    found = measured(retry_storm.RETRY_STORM, load=0.6, fault=1.0, after=2.0, budget=5)
    before, fault, last = 0, retry_storm.BEFORE, 3
    good = {v: values[retry_storm.GOOD] for v, values in found.items()}
    for family in retry_storm.FAMILIES:
        assert good[f"{family}@{before}"] > 40 > good[f"{family}@{fault}"]
    assert good[f"{retry_storm.NONE}@{last}"] > 40 > 10 > good[f"{retry_storm.MANY}@{last}"]
    many = found[f"{retry_storm.MANY}@{last}"]
    assert many[retry_storm.MADE] > 80
    assert many[retry_storm.WAITING] > 2 * retry_storm.CAPACITY * retry_storm.READ


@pytest.mark.slow
@pytest.mark.alone
def test_a_queue_with_a_bound_ends_the_outage_whatever_is_tried_again() -> None:
    found = measured(retry_storm.RETRY_STORM, load=0.6, fault=1.0, after=1.0, queue=15)
    for family in retry_storm.FAMILIES:
        values = found[f"{family}@2"]
        assert values[retry_storm.GOOD] > 40
        assert values[retry_storm.WAITING] < 20


def test_a_round_that_is_shorter_than_its_variants_has_noughts_for_the_rest() -> None:
    rounds = Rounds(lambda settings: {"a": {"x": 1.0}}, lambda variant: (), nothing={"x": 0.0})
    assert rounds.of("a", Settings({})) == {"x": 1.0}
    assert rounds.of("b", Settings({})) == {"x": 0.0}


STORM = retry_storm.RETRY_STORM.defaults


@pytest.mark.parametrize(
    ("changes", "ends", "stays"),
    [
        ({}, "none budget", "many"),
        ({"queue": 20}, "none many budget", ""),
        ({"queue": 100}, "none budget", "many"),  # a bound that is too far away is none
        ({"fault": 0.1}, "none budget", ""),  # for many: who knows
        ({"fault": 0.1, "load": 0.3}, "none many budget", ""),
        ({"after": 1.0}, "", "budget many"),  # too early, and for none nobody knows
        ({"budget": 100}, "none", "budget many"),
    ],
)
def test_what_is_expected_follows_from_the_work_that_the_fault_leaves(
    changes: Mapping[str, float], ends: str, stays: str
) -> None:
    settings = STORM.but(changes)
    last = retry_storm.last_of(settings)
    rest = last - retry_storm.BEFORE - settings.number("fault")
    bounds = {family: retry_storm.healing(settings, family) for family in retry_storm.FAMILIES}
    assert {f for f, (_, most) in bounds.items() if most < 0.8 * rest} == set(ends.split())
    assert {f for f, (least, _) in bounds.items() if least > 1.2 * (rest + 1)} == set(stays.split())


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, [0, 1, 2, 3, 4, 5, 6, 7]),
        ({"after": 20.0}, [0, 1, 2, 3, 6, 11, 16, 21]),
        ({"after": 0.0}, [0, 1]),
        ({"after": 0.0, "fault": 0.1}, [0]),
    ],
)
def test_the_seconds_that_are_shown_are_few_and_the_last_is_among_them(
    changes: Mapping[str, float], shown: list[int]
) -> None:
    assert retry_storm.shown_seconds(STORM.but(changes)) == shown


# Workers.


@pytest.fixture
def one() -> Iterator[Workers]:
    with working(1) as workers:
        yield workers


def connected(workers: Workers) -> socket.socket:
    return socket.create_connection(workers.each[0].address, timeout=10)


def asked(us: int) -> bytes:
    return b"GET /work/0?us=%d HTTP/1.1\r\nHost: a\r\n\r\n" % us


def test_a_worker_does_one_request_after_the_other(one: Workers) -> None:
    with connected(one) as first, connected(one) as second:
        began = time.monotonic()
        for client in (first, second):
            client.sendall(asked(60_000))
        assert first.recv(100) == second.recv(100) == ANSWER
    assert time.monotonic() - began > 0.11


def test_work_goes_on_for_a_client_that_has_gone(one: Workers) -> None:
    with connected(one) as client:
        client.sendall(asked(50_000) * 2)
        assert client.recv(100) == ANSWER
    with connected(one) as client:
        client.sendall(asked(0))
        assert client.recv(100) == ANSWER
    assert one.each[0].answers(0, time.monotonic() + 60) == 3


def test_a_queue_with_a_bound_says_so_to_whoever_finds_it_full(one: Workers) -> None:
    one.each[0].most = 1
    with connected(one) as client, connected(one) as late:
        client.sendall(asked(200_000) * 2)  # one at work, one waiting
        assert client.recv(100) == ANSWER
        client.sendall(asked(0))
        late.sendall(asked(0))
        late.sendall(asked(0))
        assert b" 503 " in late.recv(1000)


def test_what_is_asked_of_a_worker_without_a_measure_is_not_found(one: Workers) -> None:
    with connected(one) as client:
        client.sendall(b"GET /work/0?us=-1 HTTP/1.1\r\nHost: a\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 404 ")
        client.sendall(b"no HTTP\r\n\r\n")
        assert client.recv(100) == b""


# What is asked.


def test_the_same_seed_asks_for_the_same_work() -> None:
    varied = works(1000, 0.02, VARIED, seed=7)
    assert varied == works(1000, 0.02, VARIED, seed=7) != works(1000, 0.02, VARIED, seed=8)
    assert 0.018 < sum(varied) / 1000 < 0.022
    assert works(3, 0.02, EQUAL, seed=7) == [0.02] * 3


def test_an_answer_that_comes_in_pieces_is_one_answer() -> None:
    reader = Works([0.02]).reader()
    assert [reader.feed(ANSWER[i : i + 1]) for i in range(len(ANSWER) - 1)].count(None) == 37
    assert reader.feed(ANSWER[-1:]) == ("200", True, True)
    closing = b"HTTP/1.1 504 Gateway Timeout\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n"
    assert reader.feed(closing) == ("504", False, False)


# All at the same time.


def test_a_round_is_measured_once_for_all_its_variants() -> None:
    rounds: list[int] = []

    def once(settings: Settings) -> Found:
        rounds.append(1)
        return {"a": {"x": 1.0}, "b": {"x": 2.0}}

    of = Rounds(once, lambda variant: ()).of
    assert [of(v, Settings({}))["x"] for v in "abab"] == [1, 2, 1, 2]
    assert len(rounds) == 2


def test_a_round_that_comes_to_nothing_does_so_for_each_of_its_variants_at_once() -> None:
    rounds: list[int] = []

    def once(settings: Settings) -> Found:
        rounds.append(1)
        raise Unmeasured("the machine stood still.")

    of = Rounds(once, lambda variant: ()).of
    for variant in "ab":
        with pytest.raises(Unmeasured, match="stood still"):
            of(variant, Settings({}))
    assert len(rounds) == 1


def test_whoever_is_beside_one_that_fails_is_told_to_end() -> None:
    def fails(stop: threading.Event) -> None:
        raise OSError("no")

    def waits(stop: threading.Event) -> None:
        assert stop.wait(10)

    with pytest.raises(OSError, match="no"):
        side_by_side([fails, waits])


# Sentences.


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_the_bounds_of_every_knob_make_a_plan(lab) -> None:
    for plan in plans(lab):
        assert len({check.name for check in plan.checks}) == len(plan.checks)
        assert plan.asks.read(plan.asks.example())


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_with_the_defaults_and_with_the_change_something_is_expected(lab) -> None:
    for settings in (lab.defaults, lab.defaults.but(lab.change.settings)):
        assert lab.plan(settings).checks
