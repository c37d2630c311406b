"""The experiments of HTTP/1.1, once each and small, through a link with a delay: shapes only."""

from collections.abc import Mapping

import pytest

from cutaway.lab.knobs import Settings
from cutaway.topics.http1.lab import LABS, connections, head_of_line
from tests.topics.labs import plans


def measured(lab, *variants: str, **changes: object) -> list[Mapping[str, float]]:
    settings = Settings({**lab.defaults.values, **changes})
    with lab.bench(settings) as bench:
        return [lab.measure(variant, settings, bench) for variant in variants]


@pytest.mark.alone
def test_a_connection_costs_a_round_trip_and_so_does_each_answer_that_is_waited_for() -> None:
    ways = (connections.NEW, connections.KEPT, connections.SEVERAL, connections.PIPELINED)
    new, kept, several, pipelined = measured(
        connections.CONNECTIONS, *ways, requests=8, connections=4, rtt=0.05
    )
    trips = connections.TRIPS
    assert new[trips] > 15.5
    assert 8.5 < kept[trips] < new[trips]
    assert 2.5 < several[trips] < kept[trips]
    assert 1.5 < pipelined[trips] < several[trips]
    opened = [found[connections.OPENED] for found in (new, kept, several, pipelined)]
    assert opened == [8, 1, 4, 1]


@pytest.mark.alone
def test_quick_answers_wait_behind_a_slow_one_on_their_connection_only() -> None:
    ways = (head_of_line.FIRST, head_of_line.LAST, head_of_line.SEVERAL)
    first, last, several = measured(
        head_of_line.HEAD_OF_LINE, *ways, quick=3, connections=2, slow=0.4
    )
    assert [found[head_of_line.LATE] for found in (first, last, several)] == [3, 0, 1]
    assert first[head_of_line.QUICK] >= 0.4 > last[head_of_line.QUICK]


def test_a_trace_names_each_octet_of_the_first_exchange() -> None:
    lab = connections.CONNECTIONS
    settings = lab.defaults.but({"rtt": 0.0})
    with lab.bench(settings) as relay:
        connections.measure(connections.KEPT, settings.but({"requests": 1}), relay)
        moments = connections.trace(connections.NEW, settings, relay)
    asked = [m for m in moments if m.who.endswith("to the server") and m.count]
    assert [m.who for m in asked] == [f"{n} ▸ to the server" for n in (1, 2, 3)]
    assert {m.means for m in asked} == {"GET /echo/alpha HTTP/1.1"}
    assert "RFC 9112 §3.2" in asked[0].fields
    assert not asked[1].fields


def test_requests_are_dealt_in_turn_and_nobody_gets_nothing() -> None:
    assert head_of_line.dealt(["a", "b", "c"], 2) == [["a", "c"], ["b"]]
    assert head_of_line.dealt(["a", "b"], 5) == [["a"], ["b"]]
    assert connections.share(40, 6) == [7, 7, 7, 7, 6, 6]
    assert connections.share(2, 6) == [1, 1]


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_the_bounds_of_every_knob_make_a_plan(lab) -> None:
    for plan in plans(lab):
        assert len(plan.variants) >= 3
