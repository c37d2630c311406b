"""A fault changes the source that is imported, and nothing on disk."""

import os
import socket
import subprocess
import sys

import pytest

from cutaway.process import Command, Program, free_ports
from cutaway.topics import planted
from cutaway.topics.planted import Change, Fault, NotPlanted

RUN = """
import sys
from cutaway.topics import planted
from cutaway.topics.planted import Change, Fault
fault = Fault("made-up", "says it is another protocol", "tcp/echo", {changes!r})
planted.named = lambda topic, name: fault
planted.run("tcp", "made-up")
"""
UPPER = (Change("codec.py", 'return line.text + b"\\n"', 'return line.text.upper() + b"\\n"'),)
CRASH = (Change("server.py", "def main(", "raise RuntimeError('planted')\ndef main("),)


def fault(*changes):
    return Fault("f", "s", "tcp/echo", changes)


def test_the_server_runs_with_the_change_and_the_file_stays(tmp_path):
    before = (planted.PACKAGE / "topics" / "tcp" / "codec.py").read_text()
    [port] = free_ports(1)
    command = Command(tmp_path, (sys.executable, "-c", RUN.format(changes=UPPER)))
    with Program.start(command, {"LINES_PORT": str(port)}) as program:
        program.wait_ready([port], within=20)
        with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
            sock.sendall(b"hello\n")
            assert sock.recv(100) == b"HELLO\n"
    assert (planted.PACKAGE / "topics" / "tcp" / "codec.py").read_text() == before


def test_a_traceback_shows_the_changed_lines():
    done = subprocess.run(
        [sys.executable, "-c", RUN.format(changes=CRASH)],
        capture_output=True,
        text=True,
        env={**os.environ, "PORT": "0"},
        timeout=60,
    )
    assert "server.py with the fault made-up" in done.stderr
    assert "raise RuntimeError('planted')" in done.stderr


def test_a_fault_of_what_lies_below_the_topic_is_planted_too():
    changes = fault(Change("net/serve.py", 'HOST = "127.0.0.1"', 'HOST = "0.0.0.0"'))
    assert '+HOST = "0.0.0.0"' in planted.diff(changes)


def test_a_diff_shows_the_change_under_the_name_of_the_file():
    shown = planted.diff(fault(*UPPER))
    assert "--- cutaway/topics/tcp/codec.py" in shown
    assert '+    return line.text.upper() + b"\\n"' in shown


def test_two_changes_of_one_file_are_made_one_after_the_other():
    text = planted.diff(fault(*UPPER, Change("codec.py", "line.text.upper()", "line.text.lower()")))
    assert "lower" in text
    assert "upper" not in text


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (Change("codec.py", "this is nowhere", ""), "occurs 0 times"),
        (Change("codec.py", "import", ""), "occurs .* times"),
        (Change("nowhere.py", "x", ""), "does not exist"),
    ],
)
def test_a_change_that_does_not_fit_exactly_once_is_an_error(change, says):
    with pytest.raises(NotPlanted, match=says):
        planted.changed(fault(change))


@pytest.mark.parametrize("arguments", [[], ["tcp"], ["nowhere", "x"], ["../cli", "x"]])
def test_what_is_not_there_is_one_sentence(arguments):
    done = subprocess.run(
        [sys.executable, "-m", "cutaway.topics.planted", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
