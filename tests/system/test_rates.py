"""Figures of the last seconds: counts a second, and how long answers take."""

import pytest

from cutaway.system.rates import WINDOW, Rates


def test_counts_are_of_the_last_seconds():
    rates = Rates()
    for number in range(100):
        now = 10 + number / 50
        rates.message(now)
        rates.octets(now, 1000)
        rates.exchange(now, 0.01 if number % 2 else None)
    now = rates.at(12.0)
    assert now.messages == pytest.approx(100 / WINDOW, rel=0.1)
    assert now.octets == pytest.approx(100_000 / WINDOW, rel=0.1)
    assert now.exchanges == pytest.approx(now.unanswered, rel=0.1)
    assert rates.at(20.0).messages == 0


def test_percentiles_are_right_to_a_twentieth():
    rates = Rates()
    for number in range(1, 1001):
        rates.exchange(10.0, number / 1000)
    now = rates.at(10.0)
    assert now.p50 == pytest.approx(0.5, rel=0.06)
    assert now.p99 == pytest.approx(0.99, rel=0.06)


def test_without_answers_there_is_no_time():
    assert Rates().at(1.0)[4:] == (None, None)
