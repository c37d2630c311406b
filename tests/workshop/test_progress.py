"""What was done is remembered, and nothing that goes wrong with remembering stops a check."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from cutaway.workshop.progress import FILE, Progress, Standing, home

HERE = Path("/somewhere/tcp")


@pytest.fixture
def said():
    return []


def test_what_passed_is_known_in_the_next_session(tmp_path, result, said):
    with Progress.open(tmp_path, said.append) as progress:
        progress.record(HERE, result("tcp/echo pass", "tcp/lines fail", seed=7))
    with Progress.open(tmp_path, said.append) as progress:
        assert progress.standing(HERE) == {
            "tcp/echo": Standing(True, "pass"),
            "tcp/lines": Standing(False, "fail"),
        }
        assert progress.standing(Path("/elsewhere")) == {}
        last = progress.last_run(HERE)
        assert last is not None
        assert (last.seed, last.verdict, last.seconds) == (7, "fail", 0.5)
        assert progress.folders() == [(str(HERE), "tcp")]
    assert said == []


def test_a_stage_that_fails_after_it_passed_stays_known_as_passed(tmp_path, result, said):
    with Progress.open(tmp_path, said.append) as progress:
        progress.record(HERE, result("tcp/echo pass"))
        progress.record(HERE, result("tcp/echo fail"))
        assert progress.standing(HERE) == {"tcp/echo": Standing(True, "fail")}


def test_a_stage_that_was_skipped_keeps_its_standing(tmp_path, result, said):
    with Progress.open(tmp_path, said.append) as progress:
        progress.record(HERE, result("tcp/echo pass"))
        progress.record(HERE, result("tcp/echo skipped", "tcp/lines skipped"))
        assert progress.standing(HERE) == {"tcp/echo": Standing(True, "pass")}


def test_hints_go_one_rung_up_each_time_and_stay_on_the_last(tmp_path, said):
    with Progress.open(tmp_path, said.append) as progress:
        rungs = [progress.take_hint(HERE, "tcp/echo") for _ in range(4)]
        assert rungs == [1, 2, 3, 3]
        assert progress.hints(HERE) == {"tcp/echo": 3}


def test_only_the_latest_runs_are_kept(tmp_path, result, said, monkeypatch):
    monkeypatch.setattr("cutaway.workshop.progress.KEPT_RUNS", 5)
    with Progress.open(tmp_path, said.append) as progress:
        for seed in range(9):
            progress.record(HERE, result("tcp/echo pass", seed=seed))
        rows = progress._database.execute("SELECT seed FROM run ORDER BY id").fetchall()
        assert [seed for (seed,) in rows] == [4, 5, 6, 7, 8]


def test_a_damaged_file_is_moved_aside_and_said_to_be(tmp_path, result, said):
    (tmp_path / FILE).write_bytes(b"no database at all, " * 100)
    with Progress.open(tmp_path, said.append) as progress:
        progress.record(HERE, result("tcp/echo pass"))
    [sentence] = said
    assert "was damaged" in sentence
    [aside] = tmp_path.glob(f"{FILE}.damaged-*")
    assert str(aside) in sentence
    with Progress.open(tmp_path, said.append) as progress:
        assert "tcp/echo" in progress.standing(HERE)


def test_a_folder_that_cannot_be_made_is_said_once(tmp_path, result, said):
    (tmp_path / "file").write_text("")
    with Progress.open(tmp_path / "file" / "inside", said.append) as progress:
        progress.record(HERE, result("tcp/echo pass"))
        assert "tcp/echo" in progress.standing(HERE)
    [sentence] = said
    assert "Progress is not kept" in sentence


def test_what_cannot_be_written_is_still_read(tmp_path, result, said, monkeypatch):
    with Progress.open(tmp_path, said.append) as progress:
        progress.record(HERE, result("tcp/echo pass"))
    with Progress.open(tmp_path, said.append) as progress:
        progress._database.execute("PRAGMA query_only = 1")  # as on a disk that is read-only
        progress.record(HERE, result("tcp/lines pass"))
        progress.record(HERE, result("tcp/frames pass"))
        assert set(progress.standing(HERE)) == {"tcp/echo", "tcp/lines", "tcp/frames"}
    assert len(said) == 1
    with Progress.open(tmp_path, said.append) as progress:
        assert set(progress.standing(HERE)) == {"tcp/echo"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_the_right_to_write_is_read(tmp_path, result, said):
    with Progress.open(tmp_path, said.append) as progress:
        progress.record(HERE, result("tcp/echo pass"))
    (tmp_path / FILE).chmod(0o400)
    tmp_path.chmod(0o500)
    with Progress.open(tmp_path, said.append) as progress:
        progress.record(HERE, result("tcp/lines pass"))
        assert set(progress.standing(HERE)) == {"tcp/echo", "tcp/lines"}
    assert len(said) == 1


def test_a_file_of_a_later_version_is_left_alone(tmp_path, result, said):
    with Progress.open(tmp_path, said.append):
        pass
    with sqlite3.connect(tmp_path / FILE) as database:
        database.execute("PRAGMA user_version = 999")
    database.close()
    before = (tmp_path / FILE).read_bytes()
    with Progress.open(tmp_path, said.append) as progress:
        progress.record(HERE, result("tcp/echo pass"))
    assert "later version" in said[0]
    assert (tmp_path / FILE).read_bytes() == before


def test_a_file_held_by_another_process_is_waited_for_and_then_done_without(
    tmp_path, result, said, monkeypatch
):
    monkeypatch.setattr("cutaway.workshop.progress.BUSY", 0.05)
    with Progress.open(tmp_path, said.append) as progress:
        other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        progress.record(HERE, result("tcp/echo pass"))
        other.close()
    [sentence] = said
    assert "locked" in sentence


MANY = """
import sys
from pathlib import Path
from cutaway.workshop.progress import Progress
with Progress.open(Path(sys.argv[1]), print) as progress:
    for number in range(20):
        progress.take_hint(Path(sys.argv[2]), f"tcp/{number}")
"""


def test_several_processes_begin_the_file_at_once(tmp_path, said):
    folder = tmp_path / "new"
    running = [
        subprocess.Popen(
            [sys.executable, "-c", MANY, folder, f"/project/{n}"], stdout=subprocess.PIPE
        )
        for n in range(4)
    ]
    assert [program.communicate(timeout=60)[0] for program in running] == [b""] * 4
    with Progress.open(folder, said.append) as progress:
        assert [len(progress.hints(Path(f"/project/{n}"))) for n in range(4)] == [20] * 4


@pytest.mark.parametrize(
    ("environment", "platform", "expected"),
    [
        ({"CUTAWAY_HOME": "/c"}, "linux", "/c"),
        ({"HOME": "/h"}, "linux", "/h/.local/share/cutaway"),
        ({"HOME": "/h", "XDG_DATA_HOME": "/x"}, "linux", "/x/cutaway"),
        ({"HOME": "/h", "XDG_DATA_HOME": "relative"}, "linux", "/h/.local/share/cutaway"),
        ({"HOME": "/h"}, "darwin", "/h/Library/Application Support/cutaway"),
    ],
)
def test_the_folder_is_where_the_platform_has_such_things(environment, platform, expected):
    assert home(environment, platform) == Path(expected)
