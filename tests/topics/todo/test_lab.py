"""The experiments, small: trips are counted by their time, layers by what they did."""

from itertools import permutations

import pytest

from cutaway.lab.knobs import Settings
from cutaway.lab.lab import Lab
from cutaway.lab.prediction import Choice
from cutaway.lab.units import Unreadable
from cutaway.topics.todo.lab import LABS
from cutaway.topics.todo.lab.chain_order import CHAIN_ORDER, FELL, HASHES, TOLD, UNLOGGED
from cutaway.topics.todo.lab.layers import LAYERS
from cutaway.topics.todo.lab.round_trips import CREATE, HIT, LIST, MISS, ROUND_TRIPS, WAITS
from tests.topics.labs import plans

SMALL = CHAIN_ORDER.defaults.but({"flood": 30, "cost": 1})
KNOB = next(knob for knob in CHAIN_ORDER.knobs if knob.name == "order")


def counted(variant: str, settings: Settings = SMALL) -> tuple[float, ...]:
    found = CHAIN_ORDER.measure(variant, settings, None)
    return tuple(found[name] for name in (HASHES, TOLD, UNLOGGED, FELL))


@pytest.mark.parametrize(
    ("variant", "hashes", "told", "unlogged"),
    [
        ("usual", 10, 0, 0),
        ("auth-first", 30, 0, 0),
        ("validate-first", 0, 10, 0),
        ("recover-first", 10, 0, 5),
    ],
)
def test_what_an_order_does(variant: str, hashes: int, told: int, unlogged: int) -> None:
    assert counted(variant) == (hashes, told, unlogged, 0)


def test_the_other_way_round_refuses_without_a_line() -> None:
    settings = SMALL.but(CHAIN_ORDER.change.settings)
    assert counted("yours", settings) == (0, 30, 35, 0)


def test_any_order_is_one_and_nothing_else() -> None:
    for words in permutations(LAYERS):
        assert KNOB.read(",".join(words)) == ",".join(words)
    for wrong in ("log", "log,log,limit,auth,validate", "log,recover,limit,auth,other"):
        with pytest.raises(Unreadable):
            KNOB.read(wrong)


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.slug)
def test_every_knob_at_its_bounds_gives_a_plan(lab: Lab) -> None:
    for plan in plans(lab):
        keys = {variant.key for variant in plan.variants}
        assert isinstance(plan.asks, Choice)
        assert {plan.asks.of.variant, plan.asks.of.over} <= keys


@pytest.mark.slow
@pytest.mark.alone
def test_over_a_link_a_request_takes_its_trips() -> None:
    settings = ROUND_TRIPS.defaults.but({"trip": 0.05, "requests": 3})
    with ROUND_TRIPS.bench(settings) as bench:
        found = {
            variant: ROUND_TRIPS.measure(variant, settings, bench)[WAITS]
            for variant in (HIT, CREATE, LIST, MISS)
        }
    assert found[HIT] >= 1
    assert found[CREATE] >= 2
    assert found[LIST] >= 2
    assert found[MISS] >= 4
    assert found[MISS] > 1.5 * found[HIT]
