"""When requests are meant to be sent: the rate is kept to the last one, and never runs backwards."""

from itertools import pairwise
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutaway.net.load import Plan, Segment

rates = st.floats(0, 500, allow_subnormal=False)
segments = st.builds(Segment, st.floats(0.01, 3), rates, rates)
unhurried = settings(deadline=None, max_examples=60)
plans = st.lists(segments, min_size=1, max_size=4).map(lambda found: Plan(tuple(found)))


def due(plan: Plan, until: float) -> float:
    """The integral of the rate from 0 to `until`."""
    total = 0.0
    for segment in plan.segments:
        part = max(0.0, min(until, segment.seconds))
        rate = segment.first + (segment.last - segment.first) * part / segment.seconds
        total += part * (segment.first + rate) / 2
        until -= segment.seconds
    return total


@unhurried
@given(plans)
def test_the_integral_of_the_rate_is_the_count(plan: Plan) -> None:
    assert abs(len(list(plan.times())) - plan.requests) <= 1


@unhurried
@given(plans, st.none() | st.integers(0, 5))
def test_times_never_decrease_and_stay_inside_the_plan(plan: Plan, seed: int | None) -> None:
    times = list((plan if seed is None else plan.at_random(seed)).times())
    assert all(a <= b for a, b in pairwise(times))
    assert all(0 <= t <= plan.seconds + 1e-9 for t in times)


@unhurried
@given(plans)
def test_each_request_has_its_time_where_the_rate_amounts_to_its_number(plan: Plan) -> None:
    for number, time in list(enumerate(plan.times()))[::50]:
        assert due(plan, time) == pytest.approx(number, abs=1e-3 + number * 1e-6)


@unhurried
@given(plans, st.integers(0, 1 << 31))
def test_a_seed_gives_the_same_moments_again(plan: Plan, seed: int) -> None:
    assert list(plan.at_random(seed).times()) == list(plan.at_random(seed).times())


def test_steady_is_evenly_spaced_and_begins_at_once() -> None:
    assert list(Plan.steady(4, 1).times()) == [0, 0.25, 0.5, 0.75]


def test_a_ramp_is_twice_as_dense_where_the_rate_is_twice_as_high() -> None:
    times = list(Plan.ramp(100, 300, 10).times())
    assert sum(t < 0.5 for t in times) == pytest.approx(52, abs=1)
    assert sum(t > 9.5 for t in times) == pytest.approx(147, abs=1)


def test_a_step_of_no_requests_is_a_pause() -> None:
    times = list(Plan.steps([(10, 1), (0, 2), (10, 1)]).times())
    assert len(times) == 20
    assert not [t for t in times if 1 < t < 3]


def test_random_moments_have_the_spread_of_a_poisson_process() -> None:
    """Counts a second vary as much as they amount to: variance equals mean."""
    times = list(Plan.steady(50, 400).at_random(7).times())
    counts = [0] * 400
    for t in times:
        counts[int(t)] += 1
    mean = sum(counts) / 400
    variance = sum((c - mean) ** 2 for c in counts) / 400
    assert mean == pytest.approx(50, rel=0.05)
    assert variance == pytest.approx(mean, rel=0.25)


@pytest.mark.parametrize(
    ("seconds", "first", "last"),
    [(0, 1, 1), (-1, 1, 1), (inf, 1, 1), (1, -1, 1), (1, 1, inf), (1, float("nan"), 1)],
)
def test_a_segment_that_is_none_is_refused(seconds: float, first: float, last: float) -> None:
    with pytest.raises(ValueError, match=r"a (segment|rate)"):
        Segment(seconds, first, last)


def test_a_plan_says_itself() -> None:
    assert str(Plan.steady(10, 2)) == "10/s for 2 s"
    assert str(Plan.ramp(1, 5, 2).at_random(3)) == "1 to 5/s in 2 s, at random (seed 3)"
