"""What the lessons show in figures is seen on this machine too: the shape, never the digits."""

import pytest

from tools.lessons.measures import MEASURES


@pytest.mark.alone
@pytest.mark.slow
@pytest.mark.parametrize("name", MEASURES)
def test_a_measurement_has_its_shape_on_this_machine(name: str) -> None:
    missing = [sentence for sentence, held in MEASURES[name]().claims.items() if not held]
    assert not missing
