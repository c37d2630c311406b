"""The picture shows every variant, its band, and what was predicted; on a terminal and as a chart."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cutaway.lab.bars import bars
from cutaway.lab.chart import chart, write
from cutaway.lab.chart_curves import curves
from cutaway.lab.lab import Plan, Variant
from cutaway.lab.prediction import Number, Ranking
from cutaway.lab.report import Report
from cutaway.lab.shapes import Figure
from tests.lab.sample import lab, report, rows

Shaded = tuple[float, float, str] | None
SLOPES = {"one": 0.01, "other": 0.03}
CURVE = tuple(
    Variant(f"{family}{at}", f"{family} at {at}", float(at), family)
    for family in ("one", "other")
    for at in (1, 4, 16)
)


def curve(slope: Mapping[str, float] = SLOPES, shaded: Shaded = None) -> Report:
    asks = Number("How long?", Figure("other16"), "s")
    plan = Plan(CURVE, asks, (), along="clients", shaded=shaded)
    values = {v.key: [slope[v.family] * (v.at or 0) * k for k in (0.9, 1, 1.2)] for v in CURVE}
    return report(lab(plan=lambda settings: plan), rows=rows(**values), predicted="100 ms")


def number(said: str) -> Report:
    known = lab().plan(lab().defaults)
    plan = Plan(known.variants, Number("How long?", Figure("slow"), "s"), ())
    return report(lab(plan=lambda settings: plan), predicted=said)


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("width", [60, 80, 100])
def test_bars_fit_the_terminal_and_show_what_was_said(log: bool, width: int) -> None:
    lines = bars(report(lab(log=log)), width)
    assert [line.said for line in lines] == [False, False, True]
    assert "41 ms" in lines[1].text
    assert "some microseconds" in lines[2].text
    assert all(len(line.text) <= width for line in lines)


def test_the_longest_bar_is_the_slowest() -> None:
    fast, slow, _ = bars(report(), 80)
    assert slow.text.count("█") > 10 * fast.text.count("█")


def test_a_prediction_beyond_what_was_measured_is_still_on_the_picture() -> None:
    lines = bars(number("1 s"), 100)
    assert lines[2].said
    assert "▒" in lines[2].text
    assert len(lines[2].text) <= 100


def test_nothing_measured_is_said() -> None:
    assert [line.text for line in bars(report(rows=()))] == ["  nothing was measured"]


@pytest.mark.parametrize("log", [False, True])
def test_a_chart_is_plain_data_with_the_prediction_in_it(log: bool) -> None:
    spec = chart(report(lab(log=log)))
    text = json.dumps(spec)
    for part in ("you said", "the slow one", "41 ms", "70 % sure", "Linux 6.1", "tens of milli"):
        assert part in text


def test_the_rows_of_a_chart_stand_as_the_variants_do() -> None:
    text = json.dumps(chart(report()))
    assert '"domain": ["the fast one", "the slow one"]' in text


def test_an_order_that_was_said_stands_beside_each_row() -> None:
    known = lab().plan(lab().defaults)
    plan = Plan(known.variants, Ranking("Which?", ("fast", "slow")), ())
    found = report(lab(plan=lambda settings: plan), predicted="fast,slow")
    assert "place 1, you said 2" in json.dumps(chart(found))
    fast, fast_said, slow, slow_said = bars(found, 80)
    assert [line.said for line in (fast, fast_said, slow, slow_said)] == [False, True] * 2
    assert fast_said.text.endswith("▒  place 1; it is at place 2")
    assert slow_said.text.endswith("▒  place 2; it is at place 1")
    assert abs(fast_said.text.count("▒") - slow.text.count("█")) <= 1
    assert all(len(line.text) <= 80 for line in bars(found, 80))


def test_an_order_that_was_right_lies_under_each_bar() -> None:
    known = lab().plan(lab().defaults)
    plan = Plan(known.variants, Ranking("Which?", ("fast", "slow")), ())
    found = report(lab(plan=lambda settings: plan), predicted="slow,fast")
    assert ["so it is" in line.text for line in bars(found, 80)] == [False, True, False, True]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.svg", "a.png"])
def test_charts_are_drawn_without_a_browser(tmp_path: Path, name: str) -> None:
    for number_, found in enumerate((report(), report(lab(log=True)), curve(), number("40 ms"))):
        file = tmp_path / f"{number_}{name}"
        write(chart(found), file)
        head = file.read_bytes()[:200]
        assert head.startswith(b"\x89PNG") or b"<svg" in head


def test_variants_along_a_line_are_a_curve_for_each_family() -> None:
    text = json.dumps(chart(curve()))
    assert '"domain": ["one", "other"]' in text
    assert "you said 100 ms" in text
    assert '"title": "clients"' in text


def test_the_names_of_curves_that_end_together_do_not_lie_on_each_other() -> None:
    layers = chart_layers(curve({"one": 0.0300001, "other": 0.03}))
    lifts = [layer["mark"]["dy"] for layer in layers if named(layer)]
    assert len(lifts) == 2
    assert abs(lifts[0] - lifts[1]) >= 12


def test_a_part_of_the_line_may_be_shaded_and_named() -> None:
    assert "the fault" not in json.dumps(chart(curve()))
    assert "the fault" in json.dumps(chart(curve(shaded=(2.0, 5.0, "the fault"))))


def chart_layers(report: Report) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = curves(report)["layer"]
    return found


def named(layer: dict[str, Any]) -> bool:
    field = layer.get("encoding", {}).get("text", {}).get("field")
    return bool(field == "family")
