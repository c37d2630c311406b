"""Ctrl-C, SIGTERM and a closed terminal leave nothing behind, whatever the program does."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cutaway.process.linux import holders

HANGS = """
import os, signal, socket, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
open("ready-%d" % os.getpid(), "w").close()
while True:
    connection, _ = listener.accept()
    connection.recv(100)
    time.sleep(600)
"""


@pytest.fixture
def hanging(tmp_path):
    folder = tmp_path / "hang"
    folder.mkdir()
    (folder / "cutaway.toml").write_text('topic = "http1"\nrun = "python3 hang.py"\n')
    (folder / "hang.py").write_text(HANGS)
    return folder


def ready(folder: Path) -> None:
    deadline = time.monotonic() + 20
    while not list(folder.glob("ready-*")):
        assert time.monotonic() < deadline, "the program never started"
        time.sleep(0.02)


def below(token: str) -> list[int]:
    """Who still holds the token. The guardian, which outlives the check, is given time to end."""
    deadline = time.monotonic() + 5
    while (left := holders(token.encode())) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
)
@pytest.mark.parametrize("arguments", [("check",), ("check", "--all")])
def test_an_interrupted_check_leaves_nothing_behind(
    started, hanging, tmp_path, number, status, arguments
):
    token = os.urandom(8).hex()
    (tmp_path / "tmp").mkdir()
    env = {"TMPDIR": str(tmp_path / "tmp"), "CUTAWAY_RUN": token}
    program = started(*arguments, cwd=hanging, env=env)
    ready(hanging)
    time.sleep(0.2)
    program.send_signal(number)
    out, err = program.communicate(timeout=20)
    assert program.returncode == status, (out, err)
    assert b"Traceback" not in err
    assert below(token) == []
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize("pause", [0.0, 0.01, 0.05])
def test_three_ctrl_c_in_a_row_leave_nothing_behind_either(started, hanging, tmp_path, pause):
    token = os.urandom(8).hex()
    (tmp_path / "tmp").mkdir()
    env = {"TMPDIR": str(tmp_path / "tmp"), "CUTAWAY_RUN": token}
    program = started("check", "--all", cwd=hanging, env=env)
    ready(hanging)
    for _ in range(3):
        program.send_signal(signal.SIGINT)
        time.sleep(pause)
    _, err = program.communicate(timeout=20)
    assert (program.returncode, err) == (130, b"")
    assert below(token) == []
    assert list((tmp_path / "tmp").iterdir()) == []


def test_what_is_known_is_shown_when_a_check_is_broken_off(started, hanging):
    """The first failure is shown while the others are still waited for, and the rest at the end."""
    program = started("check", "paths", cwd=hanging, env={"PYTHONUNBUFFERED": "1"})
    assert program.stdout is not None
    assert program.stdout.readline() == "✗ http1/paths · a word is answered with itself\n".encode()
    program.send_signal(signal.SIGINT)
    out, err = program.communicate(timeout=20)
    assert (program.returncode, err) == (130, b"")
    assert "known when it was broken off" in out.decode()
    assert out.decode().count("a word is answered with itself") == 0


def test_a_check_that_is_killed_leaves_nothing_behind(started, hanging, tmp_path):
    token = os.urandom(8).hex()
    (tmp_path / "tmp").mkdir()
    env = {"TMPDIR": str(tmp_path / "tmp"), "CUTAWAY_RUN": token}
    program = started("check", "--all", cwd=hanging, env=env)
    ready(hanging)
    program.kill()
    program.communicate(timeout=20)
    assert below(token) == []  # the guardian too, which removes the folders before it ends
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize("more", [(), ("--bytes",)], ids=["plain", "bytes"])
def test_ctrl_c_is_how_a_server_of_ours_ends(started, tmp_path, more):
    token = os.urandom(8).hex()
    (tmp_path / "tmp").mkdir()
    env = {"TMPDIR": str(tmp_path / "tmp"), "CUTAWAY_RUN": token}
    program = started("serve", "http1", "--port", "0", *more, env=env)
    assert program.stdout is not None
    assert program.stdout.readline() == b"http1\n"
    assert b"$PORT" in program.stdout.readline()
    program.send_signal(signal.SIGINT)
    _, err = program.communicate(timeout=20)
    assert (program.returncode, err) == (0, b"")
    assert below(token) == []
    assert list((tmp_path / "tmp").iterdir()) == []


PATIENT = """
import sys, time
from pathlib import Path
from cutaway.cli.interrupt import ending_in_order
from cutaway.process import Command, Program
deaf = (sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(600)")
with ending_in_order(), Program.start(Command(Path.cwd(), deaf), {}) as program:
    try:
        while not program.output().head:
            time.sleep(0.01)
        print("up", flush=True)
        time.sleep(600)
    finally:
        print("ending", flush=True)
        program.end(grace=600)
        print("ended", flush=True)
"""


def test_the_second_ctrl_c_kills_what_the_first_one_asked_to_end():
    words = [sys.executable, "-c", PATIENT]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == b"up\n"
        program.send_signal(signal.SIGINT)
        assert program.stdout.readline() == b"ending\n"
        program.send_signal(signal.SIGINT)
        assert program.stdout.readline() == b"ended\n"
        assert program.wait(20) == -signal.SIGINT
