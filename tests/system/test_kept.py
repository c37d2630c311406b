"""Which folder holds what a part keeps, over starts, swaps, and what is cut short between."""

from pathlib import Path

import pytest

from cutaway.system.filling import Filling
from cutaway.system.kept import Kept

VALKEY = Filling("real", name="valkey")


def test_at_first_nothing_is_held(tmp_path: Path) -> None:
    assert Kept(tmp_path / "store").holds() is None


def test_what_took_over_holds_and_the_old_folder_goes(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "store")
    first = kept.fresh()
    kept.now(Filling(), first)
    second = kept.fresh()
    (second / "file").write_text("x")
    assert Kept(tmp_path / "store").holds() == (Filling(), first), "not yet"
    kept.now(VALKEY, second)
    kept.tidy()
    assert Kept(tmp_path / "store").holds() == (VALKEY, second)
    assert not first.exists()
    assert (second / "file").read_text() == "x"


def test_no_folder_is_given_twice(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "store")
    assert len({kept.fresh() for _ in range(3)}) == 3


UNREADABLE = [
    "",
    "[]",
    '{"folder": "1"}',
    '{"folder": "../x", "filling": {}}',
    '{"filling": {"a": 1}}',
]


@pytest.mark.parametrize("text", UNREADABLE)
def test_a_note_that_cannot_be_read_holds_nothing(text: str, tmp_path: Path) -> None:
    kept = Kept(tmp_path / "store")
    kept.fresh()
    (kept.folder / "holds.json").write_text(text)
    assert kept.holds() is None
