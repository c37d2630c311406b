"""`--watch` answers an edit, lives through whatever is wrong meanwhile, and leaves output alone."""

import os
import queue
import signal
import threading
import time

import pytest

from cutaway.workshop import watching
from cutaway.workshop.watching import Files


def touch(file, text="x"):
    file.write_text(text)
    os.utime(file, ns=(time.time_ns(), time.time_ns()))


def test_a_source_that_changes_during_the_build_asks_for_another_check(tmp_path):
    files = Files(tmp_path)
    files.sources = {"main.go"}
    files.begin()
    touch(tmp_path / "main.go")
    assert files.wait() == "main.go"


def test_what_a_compiler_makes_is_output(tmp_path):
    files = Files(tmp_path)
    files.begin()
    (tmp_path / "server").write_bytes(b"\x7fELF\0\0\0")
    assert files._during(["server"]) is None
    assert files.output == {"server"}


def test_a_log_asks_for_one_more_check_and_then_is_output(tmp_path):
    files = Files(tmp_path)
    touch(tmp_path / "server.log")
    assert files._during(["server.log"]) == "server.log"
    assert files._during(["server.log"]) is None


def test_a_text_that_was_taken_for_output_is_a_source_once_somebody_edits_it(tmp_path):
    file, said = tmp_path / "server.js", []
    files = Files(tmp_path, say=said.append)
    for text in ("a", "b"):
        files.begin()
        touch(file, text)
        files._during(["server.js"])
    assert files.output == {"server.js"}
    assert "taken for output" in said[0]
    files.begin()
    threading.Timer(0.3, touch, (file, "c")).start()
    assert files.wait() == "server.js"
    assert (files.output, files.sources) == (set(), {"server.js"})


def test_what_the_command_names_is_a_source_from_the_start(tmp_path):
    touch(tmp_path / "server.js")
    (tmp_path / "server").write_bytes(b"\x7fELF\0\0\0")
    files = Files(tmp_path, ("node", "./server.js", "./server"))
    assert files.sources == {"server.js"}
    for text in ("a", "b", "c"):
        files.begin()
        touch(tmp_path / "server.js", text)
        assert files.wait() == "server.js"
    files.begin()
    touch(tmp_path / "server.js", "c")  # a compiler wrote the same again
    assert files._during(["server.js"]) is None


def test_folders_of_others_are_not_looked_into(tmp_path):
    for name in ("node_modules/x", ".git", "target/debug", "src"):
        (tmp_path / name).mkdir(parents=True)
        touch(tmp_path / name / "file")
    assert list(Files(tmp_path).look()) == [os.path.join("src", "file")]


def test_the_number_of_files_is_bounded_and_said(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(watching, "FILES", 3)
    for name in "abcdef":
        (tmp_path / name).mkdir()
        touch(tmp_path / name / "file")
    files = Files(tmp_path)
    assert len(files.look()) <= 4
    files.look()
    assert capsys.readouterr().out.count("more than 3 files") == 1


class Lines:
    """What a program prints, a line at a time, with patience."""

    def __init__(self, stream):
        self.lines = queue.Queue()
        threading.Thread(target=self._read, args=(stream,), daemon=True).start()

    def _read(self, stream):
        for line in stream:
            self.lines.put(line.decode())

    def until(self, text):
        seen = []
        while True:
            seen.append(self.lines.get(timeout=30))
            if text in seen[-1]:
                return "".join(seen)


def test_an_edit_is_answered_and_a_mistake_in_between_is_survived(project, started):
    program = started("check", "first-response", "--watch", env={"PYTHONUNBUFFERED": "1"})
    lines = Lines(program.stdout)
    assert "✓ http1/first-response" in lines.until("watching")
    source = project / "http_server.py"
    right, config = source.read_text(), (project / "cutaway.toml").read_text()

    source.write_text("def broken(:\n")
    said = lines.until("watching")
    assert "http_server.py changed" in said
    assert "SyntaxError" in said

    (project / "cutaway.toml").write_text("topic =")
    assert "cutaway.toml changed" in lines.until("watching")

    (project / "cutaway.toml").write_text(config)
    lines.until("watching")
    source.write_text(right)
    assert "✓ http1/first-response" in lines.until("watching")

    program.send_signal(signal.SIGINT)
    _, err = program.communicate(timeout=20)
    assert program.returncode == 0
    assert err.count(b"cutaway.toml cannot be read, line 1") == 1
    assert b"Traceback" not in err


@pytest.mark.parametrize("name", ["main.go~", ".main.go.swp", "x.pyc"])
def test_what_an_editor_leaves_is_not_looked_at(tmp_path, name):
    touch(tmp_path / name)
    assert Files(tmp_path).look() == {}


SLEEPS = """
import os, socket, time
listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
open("begun", "a").write("x")
time.sleep(600)
"""


def test_a_save_breaks_off_the_check_that_is_under_way(project, started):
    source = project / "http_server.py"
    right = source.read_text()
    source.write_text(SLEEPS)
    program = started("check", "first-response", "--watch", env={"PYTHONUNBUFFERED": "1"})
    lines = Lines(program.stdout)
    deadline = time.monotonic() + 30
    while not (project / "begun").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(0.3)
    source.write_text(right)
    said = lines.until("watching")
    assert "http_server.py changed" in said
    assert "✓ http1/first-response" in said
    assert "✗" not in said
    program.send_signal(signal.SIGINT)
    assert program.wait(timeout=20) == 0


@pytest.mark.parametrize(
    ("name", "times"), [("main.go", 3), ("notes.txt", 1), ("new.txt", 0), ("server", 0)]
)
def test_what_breaks_a_check_off_is_what_somebody_may_have_edited(tmp_path, name, times):
    files, file = Files(tmp_path), tmp_path / name
    if name != "new.txt":
        file.write_bytes(b"\0" if name == "server" else b"a")
    for number in range(times):
        files.begin()
        file.write_bytes(b"edit %d" % number)
        assert files._saved([name]) == name
    files.begin()
    file.write_bytes(b"\0" if name == "server" else b"once more")
    assert files._saved([name]) == (name if name == "main.go" else None)


def test_only_a_few_checks_in_a_row_are_broken_off(tmp_path):
    files = Files(tmp_path)
    for number in range(watching.IN_A_ROW + 1):
        files.begin()
        touch(tmp_path / "a.py", f"{number}")
        files.before["a.py"] = (0, 0)
        with files.watched() as brake:
            deadline = time.monotonic() + (0.5 if number == watching.IN_A_ROW else 20)
            while not brake.pulled and time.monotonic() < deadline:
                time.sleep(0.01)
        assert brake.pulled == (number < watching.IN_A_ROW)
        if brake.pulled:
            assert files.wait() == "a.py"
