"""Runs are interleaved, the warm-up is left out, and nothing that was measured is lost."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from cutaway.lab.knobs import Settings
from cutaway.lab.lab import Missing, Unmeasured
from cutaway.lab.runner import GAVE_UP, INTERRUPTED, TIME_IS_UP, WHOLE, Step, run
from tests.lab.sample import FAST, SLOW, lab, measured, traced


class Clock:
    """A second later at each look."""

    def __init__(self, step: float = 0.0) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


class Script:
    """Measures as it is told: an exception is raised, anything else is the time."""

    def __init__(self, *steps: object) -> None:
        self.steps = list(steps)
        self.asked: list[tuple[str, int]] = []

    def __call__(self, variant: str, settings: Settings, bench: object) -> Mapping[str, float]:
        self.asked.append((variant, settings.count("size")))
        step = self.steps.pop(0) if self.steps else 1.0
        if isinstance(step, BaseException):
            raise step
        assert isinstance(step, float)
        return {"time": step, "length": 1.0}


def test_variants_take_turns_behind_a_warm_up_that_does_not_count() -> None:
    script = Script(99.0, 99.0)
    found = run(lab(script, warm_up={"size": 1}), lab().defaults)
    assert script.asked == [(FAST, 1), (SLOW, 1), *[(FAST, 10), (SLOW, 10)] * 3]
    assert [(row.variant, row.run) for row in found.rows] == [
        (variant, number) for number in range(3) for variant in (FAST, SLOW)
    ]
    assert all(row.values["time"] == 1.0 for row in found.rows)
    assert found.ended == WHOLE


def test_what_was_measured_before_an_interruption_is_kept() -> None:
    found = run(lab(Script(1.0, 1.0, 1.0, KeyboardInterrupt())), lab().defaults)
    assert [row.variant for row in found.rows] == [FAST]
    assert found.ended == INTERRUPTED


@pytest.mark.parametrize(("step", "runs"), [(1.0, 9), (5.0, 3), (9.0, 3), (60.0, 1)])
def test_no_round_begins_that_would_pass_the_limit_but_three_may_take_longer(
    step: float, runs: int
) -> None:
    found = run(lab(limit=20.0), lab().defaults, runs=50, clock=Clock(step))
    assert found.ended == TIME_IS_UP
    assert max(row.run for row in found.rows) + 1 == runs


def test_one_run_that_comes_to_nothing_is_a_reason_and_the_others_go_on() -> None:
    found = run(lab(Script(1.0, 1.0, Unmeasured("nobody answered."))), lab().defaults)
    assert found.ended == WHOLE
    assert found.troubles == ["the fast one: nobody answered."]
    assert len(found.rows) == 5


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(24, "Too many open files"), "the fast one: Too many open files."),
        (TimeoutError(), "the fast one: something did not come in time."),
    ],
)
def test_an_error_of_the_system_is_one_sentence(error: OSError, says: str) -> None:
    found = run(lab(Script(1.0, 1.0, error)), lab().defaults)
    assert found.troubles == [says]


def test_what_comes_to_nothing_again_and_again_is_given_up() -> None:
    found = run(lab(Script(*[Unmeasured("no.")] * 100)), lab().defaults, runs=50)
    assert found.ended == GAVE_UP
    assert found.rows == []
    assert found.troubles == ["No."]  # of all variants alike, so it is said once


def test_a_figure_that_is_no_number_is_no_run() -> None:
    found = run(lab(Script(1.0, 1.0, float("nan"))), lab().defaults)
    assert found.troubles == ["the fast one: what was measured is no number."]


def test_a_quantity_that_does_not_apply_may_be_left_out_but_never_the_first() -> None:
    found = run(lab(lambda *_: {"time": 1.0}), lab().defaults)
    assert found.rows[0].values == {"time": 1.0}
    with pytest.raises(KeyError):
        run(lab(lambda *_: {"length": 1.0}), lab().defaults)


def test_the_bench_is_set_up_once_and_torn_down_whatever_happens() -> None:
    happened: list[str] = []

    @contextmanager
    def bench(settings: Settings) -> Iterator[str]:
        happened.append("up")
        try:
            yield "bench"
        finally:
            happened.append("down")

    seen: list[object] = []

    def measure(variant: str, settings: Settings, given: object) -> Mapping[str, float]:
        seen.append(given)
        if len(seen) == 5:
            raise KeyboardInterrupt
        return measured(variant, settings, given)

    found = run(lab(measure, bench=bench), lab().defaults)
    assert found.ended == INTERRUPTED
    assert happened == ["up", "down"]
    assert set(seen) == {"bench"}


def test_a_bench_that_cannot_be_set_up_is_a_reason() -> None:
    @contextmanager
    def bench(settings: Settings) -> Iterator[None]:
        raise Unmeasured("the server did not start.")
        yield

    found = run(lab(bench=bench), lab().defaults)
    assert (found.ended, found.troubles) == (GAVE_UP, ["the server did not start."])


def test_an_engine_that_is_missing_is_told_to_the_caller() -> None:
    @contextmanager
    def bench(settings: Settings) -> Iterator[None]:
        raise Missing("valkey is not on this machine.")
        yield

    with pytest.raises(Missing, match="valkey"):
        run(lab(bench=bench), lab().defaults)


def test_progress_goes_from_nought_to_all() -> None:
    steps: list[Step] = []
    run(lab(), lab().defaults, tell=steps.append)
    assert [step.done for step in steps] == list(range(9))
    assert {step.of for step in steps} == {8}
    assert [step.label for step in steps[:3]] == ["warm-up", "warm-up", "the fast one"]


def test_an_exchange_of_each_is_had_behind_the_runs_and_only_when_asked_for() -> None:
    found = run(lab(trace=traced), lab().defaults, traced=True)
    assert list(found.traces) == [FAST, SLOW]
    assert run(lab(trace=traced), lab().defaults).traces == {}
    assert run(lab(), lab().defaults, traced=True).traces == {}


def test_an_exchange_that_comes_to_nothing_costs_no_run() -> None:
    def broken(*_: object) -> tuple[()]:
        raise Unmeasured("nobody answered.")

    found = run(lab(trace=broken), lab().defaults, traced=True)
    assert (found.ended, len(found.rows)) == (WHOLE, 6)
    assert found.troubles[0] == "No octets to show: nobody answered."
