"""Percentiles that leave nobody out: what was given up is a bound, what failed never ends."""

from math import ceil, inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutaway.net.load.histogram import Latency, Moment, Times, shown


def times(*seconds: float) -> Times:
    found = Times()
    for value in seconds:
        found.record(value)
    return found


@settings(deadline=None)
@given(st.lists(st.floats(1e-5, 100), min_size=1, max_size=50), st.floats(1, 100))
def test_a_percentile_is_the_value_at_its_rank(values: list[float], percentile: float) -> None:
    exact = sorted(values)[max(1, ceil(percentile / 100 * len(values) - 1e-9)) - 1]
    found = Latency(times(*values)).at(percentile)
    assert found is not None
    assert found.seconds == pytest.approx(exact, rel=2e-3, abs=2e-6)
    assert not found.at_least


def test_of_nothing_there_is_no_percentile() -> None:
    assert Latency(Times()).at(50) is None


def test_what_was_given_up_makes_a_lower_bound_from_where_it_stands() -> None:
    latency = Latency(times(*[0.01] * 90), times(*[2.0] * 10))
    assert latency.at(90) == Moment(pytest.approx(0.01, rel=0.01))
    assert latency.at(91) == Moment(pytest.approx(2.0, rel=0.01), at_least=True)


def test_one_given_up_early_may_have_been_the_longest() -> None:
    """It was waited for 0.1 s. It may have taken longer than the answer that took 1 s."""
    latency = Latency(times(0.01, 1.0), times(0.1))
    assert [m.at_least for m in latency.at_each((33, 66, 100)) if m] == [False, True, True]
    assert str(latency.at(100)) == "≥ 1 s"


def test_what_failed_stands_behind_all_others() -> None:
    latency = Latency(times(*[0.01] * 99), never=1)
    assert str(latency.at(99)) == "10 ms"
    assert str(latency.at(100)) == "never"


def test_dropping_requests_never_makes_the_percentiles_better() -> None:
    """A server that answers half and drops half has no median to be proud of."""
    assert Latency(times(*[0.001] * 50), never=51).at(50) == Moment(inf)


def test_several_percentiles_of_few_values_may_be_the_same_one() -> None:
    assert [m.seconds for m in Latency(times(1.0)).at_each((50, 99, 99.9)) if m] == [1.0] * 3


def test_what_is_out_of_range_is_kept_at_its_edge() -> None:
    assert Latency(times(-0.5, 1e9)).count == 2


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "0 µs"), (12.34e-6, "12.3 µs"), (0.0123, "12.3 ms"), (0.9996, "1 s"), (123.4, "123 s")],
)
def test_times_are_shown_with_three_digits(seconds: float, text: str) -> None:
    assert shown(seconds) == text
