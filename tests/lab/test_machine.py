"""The machine is told with every result, and what about it makes the figures doubtful."""

from dataclasses import replace

import pytest

from cutaway.lab.machine import here
from tests.lab.sample import MACHINE


def test_this_machine_is_known() -> None:
    found = here()
    assert found.processors >= 1
    assert found.memory > 1 << 28
    assert 0 < found.timer < 0.1
    assert 0.001 <= found.sleep < 10
    assert found.python.startswith("3.")
    assert found.system in found.line()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({}, None),
        ({"busy": 5.0}, "busy"),
        ({"sleep": 0.016}, "16 ms"),
        ({"system": "Darwin"}, "verified on Linux"),
    ],
)
def test_what_makes_figures_doubtful_is_told(change: dict[str, object], says: str | None) -> None:
    warnings = replace(MACHINE, **change).warnings("Linux")  # type: ignore[arg-type]
    assert len(warnings) == (says is not None)
    assert all(says is not None and says in warning for warning in warnings)
