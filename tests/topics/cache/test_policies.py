"""Which key has to go: each policy against a few keys by hand, and all of them against what must hold."""

import random
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.topics.cache.policies import (
    POLICIES,
    Chance,
    Fifo,
    Lfu,
    Lru,
    Policy,
    SampledLfu,
    SampledLru,
    Sieve,
    WTinyLfu,
    hit_ratio,
)
from cutaway.topics.cache.sketch import AGE, MOST, Sketch

each_policy = pytest.mark.parametrize("make", POLICIES.values(), ids=POLICIES)
Make = Callable[[int], Policy]


def hits(policy: Policy, keys: str) -> str:
    """Which of the keys, one a letter, were there."""
    return "".join(key if policy.ask(ord(key)) else "·" for key in keys)


@pytest.mark.parametrize(
    ("policy", "asked", "there"),
    [
        (Fifo(2), "abacab", "··a···"),  # a hit saves nobody: a goes, then b
        (Lru(2), "abacab", "··a·a·"),  # b goes, then c
        (Lfu(2), "aabcbca", "·a····a"),  # a was asked for twice and outlives the others
        (Lfu(2), "abbaccab", "··ba·ca·"),  # of b and a with two each, b was not asked for longer
        (Sieve(3), "abcadbea", "···a···a"),  # the hand passes a, and b and c go; a stays
        (Sieve(1), "aaab", "·aa·"),
        (Lru(1), "abba", "··b·"),
    ],
)
def test_by_hand(policy: Policy, asked: str, there: str) -> None:
    assert hits(policy, asked) == there


def test_the_hand_of_sieve_goes_on_where_it_stopped() -> None:
    sieve = Sieve(4)
    assert hits(sieve, "abcdab") == "····ab"
    hits(sieve, "e")  # passes a and b, removes c; the hand stands at d
    assert sieve.hand is not None
    assert sieve.hand.key == ord("d")
    hits(sieve, "f")  # d was not asked for
    assert sorted(map(chr, sieve.nodes)) == ["a", "b", "e", "f"]


@each_policy
@given(st.integers(1, 8), st.lists(st.integers(0, 15), max_size=200))
def test_nothing_is_there_that_was_not_asked_for_and_never_too_much(
    make: Make, capacity: int, keys: list[int]
) -> None:
    policy, seen = make(capacity), set[int]()
    for key in keys:
        assert not policy.ask(key) or key in seen
        seen.add(key)
        assert len(policy) <= min(capacity, len(seen))


@each_policy
def test_what_fits_is_missed_once_and_then_there(make: Make) -> None:
    policy = make(100)
    keys = [random.Random(1).randrange(50) for _ in range(2000)]
    assert sum(not policy.ask(key) for key in keys) == len(set(keys))


@each_policy
def test_the_same_keys_give_the_same_hits(make: Make) -> None:
    keys = [int(random.Random(7).paretovariate(0.8)) % 5000 for _ in range(5000)]
    assert hit_ratio(make(100), keys) == hit_ratio(make(100), keys)


@each_policy
def test_a_cache_without_room_is_refused(make: Make) -> None:
    with pytest.raises(ValueError, match="room for one key"):
        make(0)


def lru_by_list(capacity: int, keys: Sequence[int]) -> list[bool]:
    kept: list[int] = []
    found = []
    for key in keys:
        found.append(key in kept)
        kept = ([k for k in kept if k != key] + [key])[-capacity:]
    return found


@given(st.integers(1, 6), st.lists(st.integers(0, 9), max_size=100))
def test_lru_is_the_last_keys_that_were_asked_for(capacity: int, keys: list[int]) -> None:
    lru = Lru(capacity)
    assert [lru.ask(key) for key in keys] == lru_by_list(capacity, keys)


@given(st.integers(1, 6), st.lists(st.integers(0, 9), max_size=100))
def test_lfu_removes_the_least_count_and_of_those_the_longest_untouched(
    capacity: int, keys: list[int]
) -> None:
    lfu, known = Lfu(capacity), dict[int, tuple[int, int]]()
    for moment, key in enumerate(keys):
        assert lfu.ask(key) == (key in known)
        if key not in known and len(known) == capacity:
            del known[min(known, key=known.__getitem__)]
        known[key] = (known.get(key, (0, 0))[0] + 1, moment)
        assert lfu.counts == {k: count for k, (count, _) in known.items()}


def test_a_sample_of_many_comes_near_the_exact_policy() -> None:
    keys = random.Random(3).choices(range(3000), [1 / (i + 1) for i in range(3000)], k=30_000)
    exact, chance = hit_ratio(Lru(200), keys), hit_ratio(Chance(200), keys)
    five, fifty = (hit_ratio(SampledLru(200, samples), keys) for samples in (5, 50))
    assert chance < five
    assert abs(five - exact) < 0.02
    assert abs(fifty - exact) < 0.005


def test_a_counter_that_goes_up_by_lots_keeps_the_popular_ones() -> None:
    sampled = SampledLfu(20, samples=10)
    source = random.Random(5)
    for number in range(5000):
        sampled.ask(source.randrange(5) if number % 2 else 1000 + number)
    assert all(key in sampled.places for key in range(5))
    assert max(sampled.worth.values()) < 60


def test_a_scan_does_not_empty_w_tinylfu() -> None:
    cache = WTinyLfu(1000)
    for _ in range(3):
        for key in range(900):
            cache.ask(key)
    for key in range(10_000, 15_000):
        assert not cache.ask(key)
    assert sum(cache.ask(key) for key in range(900)) > 850


# Sketch.


def test_a_sketch_counts_at_least_what_was_and_hardly_more() -> None:
    sketch, source = Sketch(1000), random.Random(1)
    asked = [source.randrange(1, 200) for _ in range(800)]
    for key in asked:
        sketch.add(key)
    wrong = sum(sketch.count(key) != min(MOST, asked.count(key)) for key in range(200))
    assert all(sketch.count(key) >= min(MOST, asked.count(key)) for key in range(200))
    assert wrong < 5


def test_a_counter_stops_at_fifteen_and_age_halves_it() -> None:
    sketch = Sketch(10)
    for _ in range(AGE * 10 - 1):
        sketch.add(7)
    assert sketch.count(7) == MOST
    sketch.add(8)
    assert sketch.count(7) == MOST // 2
