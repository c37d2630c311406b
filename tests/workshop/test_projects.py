"""Projects near by are found, however much lies around them."""

from pathlib import Path

import pytest

from cutaway.workshop import projects as module
from cutaway.workshop.progress import Progress
from cutaway.workshop.projects import projects

TEXT = 'topic = "tcp"\nrun = "./server"\n'


@pytest.fixture
def progress(tmp_path):
    with Progress.open(tmp_path / "home", print) as opened:
        yield opened


def lay(folder: Path, text: str = TEXT) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cutaway.toml").write_text(text)
    return folder.resolve()


def found(start, progress):
    return [one.folder for one in projects(start, progress)]


def test_those_below_are_found_three_folders_deep(tmp_path, progress):
    near, far = lay(tmp_path / "w/b"), lay(tmp_path / "w/a/b/c")
    lay(tmp_path / "w/a/b/c/d")
    assert found(tmp_path / "w", progress) == [near, far]


def test_the_one_around_comes_first(tmp_path, progress):
    around = lay(tmp_path / "w")
    (tmp_path / "w" / "src").mkdir()
    below = lay(tmp_path / "w" / "src" / "x")
    assert found(tmp_path / "w" / "src", progress) == [around, below]


def test_one_that_was_checked_is_found_wherever_it_lies(tmp_path, progress, result):
    away = lay(tmp_path / "elsewhere")
    progress.record(away, result("tcp/echo pass"))
    progress.record(tmp_path / "gone", result("tcp/echo pass"))
    (tmp_path / "w").mkdir()
    assert found(tmp_path / "w", progress) == [away]


def test_what_others_wrote_and_what_is_wrong_is_left_alone(tmp_path, progress):
    for name in ("node_modules/x", ".hidden", "venv"):
        lay(tmp_path / "w" / name)
    lay(tmp_path / "w" / "broken", "topic =")
    (tmp_path / "w" / "circle").symlink_to(tmp_path / "w")
    assert found(tmp_path / "w", progress) == []


def test_the_number_of_folders_and_of_projects_is_bounded(tmp_path, progress, monkeypatch):
    for number in range(6):
        lay(tmp_path / "w" / f"p{number}")
    monkeypatch.setattr(module, "MOST", 4)
    assert len(found(tmp_path / "w", progress)) == 4
    monkeypatch.setattr(module, "LOOKED_INTO", 3)
    assert len(found(tmp_path / "w", progress)) == 2
