"""Experiments are remembered with what was predicted, and nothing unreadable gets in the way."""

from pathlib import Path

import pytest

from cutaway.workshop import notebook as module
from cutaway.workshop.notebook import Notebook
from cutaway.workshop.progress import Progress
from tests.lab.sample import report, result


@pytest.fixture
def said() -> list[str]:
    return []


def test_a_result_is_there_in_the_next_session(tmp_path: Path, said: list[str]) -> None:
    with Progress.open(tmp_path, said.append) as progress:
        Notebook(progress).keep(report())
    with Progress.open(tmp_path, said.append) as progress:
        assert Notebook(progress).last("toy/stall") == result()
        assert Notebook(progress).last("toy/other") is None
    assert said == []


def test_what_was_seen_is_added_to_what_is_kept(tmp_path: Path, said: list[str]) -> None:
    with Progress.open(tmp_path, said.append) as progress:
        book = Notebook(progress)
        number = book.keep(report())
        book.saw(number, result(saw="a stall"))
        assert book.last("toy/stall") == result(saw="a stall")


def test_the_columns_say_what_a_recall_card_asks(tmp_path: Path, said: list[str]) -> None:
    with Progress.open(tmp_path, said.append) as progress:
        Notebook(progress).keep(report())
        Notebook(progress).keep(report(rows=(), confidence=90))
        rows = progress.rows("SELECT name, confidence, agreed, outcome FROM lab ORDER BY id")
    assert rows == [
        ("toy/stall", 70, 0, "as expected"),
        ("toy/stall", 90, None, "no conclusion"),
    ]


def test_a_result_of_another_version_is_passed_over(tmp_path: Path, said: list[str]) -> None:
    with Progress.open(tmp_path, said.append) as progress:
        book = Notebook(progress)
        book.keep(report(confidence=50))
        number = book.keep(report())
        progress.write(("UPDATE lab SET result = ? WHERE id = ?", (b'{"new": 1}', number)))
        assert book.last("toy/stall") == result(confidence=50)


def test_only_the_latest_are_kept(
    tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEPT", 2)
    with Progress.open(tmp_path, said.append) as progress:
        for began in range(5):
            Notebook(progress).keep(report(began=float(began)))
        Notebook(progress).keep(report(lab="toy/other"))
        names = progress.rows("SELECT name FROM lab ORDER BY id")
        latest = Notebook(progress).last("toy/stall")
    assert names == [("toy/stall",), ("toy/stall",), ("toy/other",)]
    assert latest is not None
    assert latest.began == 4.0


def test_a_folder_that_cannot_be_written_is_said_once_and_the_result_is_there(
    tmp_path: Path, said: list[str]
) -> None:
    (tmp_path / "file").write_text("")
    with Progress.open(tmp_path / "file", said.append) as progress:
        book = Notebook(progress)
        book.keep(report())
        assert book.last("toy/stall") == result()
    assert len(said) == 1
