"""Starting a program and seeing it ready, and what is said when it is not."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from pathlib import Path

import pytest

from cutaway.process import Command, Elsewhere, NotReady, Program, StartFailed
from tests.process.conftest import Start
from tests.process.programs import GENEROUS, eventually, python


def why_not_ready(program: Program, ports: list[int], within: float = GENEROUS) -> NotReady:
    with pytest.raises(NotReady) as caught:
        program.wait_ready(ports, within)
    return caught.value


def test_a_listener_is_ready_and_alive(start: Start, port: int) -> None:
    program = start("print('hello'); listen('127.0.0.1', PORT)")
    program.wait_ready([port], GENEROUS)
    assert (program.alive, program.status, program.ports) == (True, None, (port,))
    assert eventually(lambda: program.output().text() == "hello\n")


def test_every_port_has_to_listen(start: Start, port: int) -> None:
    program = start("listen('127.0.0.1', PORT)")
    failure = why_not_ready(program, [port, 1], within=0.5)
    assert "127.0.0.1:1 " in failure.sentence


def test_a_listener_on_all_addresses_is_ready(start: Start, port: int) -> None:
    start("listen('0.0.0.0', PORT)").wait_ready([port], GENEROUS)


def test_it_has_nothing_on_standard_input(start: Start) -> None:
    program = start("print(repr(sys.stdin.read()))")
    assert program.wait(GENEROUS) == 0
    assert eventually(lambda: program.output().text() == "''\n")


def test_it_runs_in_its_own_session_group_and_folder(start: Start, tmp_path: Path) -> None:
    program = start("print(os.getpid() == os.getsid(0) == os.getpgid(0), os.getcwd())")
    program.wait(GENEROUS)
    assert eventually(lambda: program.output().text() == f"True {tmp_path}\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("print('no such table'); sys.exit(3)", "exit status 3"),
        ("print('no such table'); sys.exit(0)", "exit status 0"),
        ("print('no such table'); os.abort()", "signal SIGABRT"),
    ],
)
def test_a_crash_at_once_says_how_and_shows_the_last_lines(
    start: Start, port: int, text: str, said: str
) -> None:
    began = time.monotonic()
    failure = why_not_ready(start(text), [port])
    assert time.monotonic() - began < GENEROUS / 2
    assert said in failure.sentence
    assert "no such table" in failure.output
    assert "by hand" in failure.next_step


def test_one_that_never_listens_says_after_how_long(start: Start, port: int) -> None:
    failure = why_not_ready(start("print('thinking'); time.sleep(99)"), [port], within=0.5)
    assert "after 0.5 s" in failure.sentence
    assert "listens on no port" in failure.sentence
    assert "PORT" in failure.next_step
    assert failure.output == "thinking"


@pytest.mark.parametrize(
    ("host", "found", "step"),
    [("127.0.0.1", "127.0.0.1:{}", "variable PORT"), ("0.0.0.0", "0.0.0.0:{}", "variable PORT")],
)
def test_the_wrong_port_is_named(start: Start, port: int, host: str, found: str, step: str) -> None:
    program = start(f"print('up'); listen({host!r}, PORT + 1)")
    assert eventually(lambda: program.output().head)
    failure = why_not_ready(program, [port], within=0.5)
    assert f"127.0.0.1:{port} ($PORT)" in failure.sentence
    assert f"it listens on {found.format(port + 1)}" in failure.sentence
    assert step in failure.next_step


@pytest.mark.parametrize(("host", "shown"), [("127.0.0.2", "127.0.0.2:{}"), ("::1", "[::1]:{}")])
def test_the_wrong_address_is_named(start: Start, port: int, host: str, shown: str) -> None:
    if host == "::1" and not _has_ipv6():
        pytest.skip("this machine has no IPv6 on its loopback")
    if host == "127.0.0.2" and sys.platform != "linux":
        pytest.skip("only Linux has more than one loopback address")
    program = start(f"print('up'); listen({host!r}, PORT)")
    assert eventually(lambda: program.output().head)
    failure = why_not_ready(program, [port], within=0.5)
    assert shown.format(port) in failure.sentence
    assert failure.next_step == "Listen on the address 127.0.0.1."


def _has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


def test_one_that_goes_to_the_background_is_told_to_stay(start: Start, port: int) -> None:
    program = start("os.fork() and os._exit(0); os.setsid(); time.sleep(99)")
    failure = why_not_ready(program, [port])
    assert "background" in failure.sentence
    assert "foreground" in failure.next_step


def make(folder: Path, name: str, text: str, mode: int) -> None:
    (folder / name).write_text(text)
    (folder / name).chmod(mode)


@pytest.mark.parametrize(
    ("word", "sentence", "step"),
    [
        ("no-such-command", "not found on PATH", "Install it"),
        ("plain", "not on PATH", "./plain"),
        ("./missing", "no file ./missing", "Build it first"),
        ("./plain", "not executable", "chmod +x ./plain"),
        ("./bare", "no #! line", "#!/usr/bin/env python3"),
        ("./interpreter", "'#!/no/such/interpreter'", "install the interpreter"),
        ("./folder", "is a folder", "Correct"),
    ],
)
def test_what_cannot_be_started_says_why(
    tmp_path: Path, word: str, sentence: str, step: str
) -> None:
    make(tmp_path, "plain", "text", 0o644)
    make(tmp_path, "bare", "\0\1\2", 0o755)
    make(tmp_path, "interpreter", "#!/no/such/interpreter\n", 0o755)
    (tmp_path / "folder").mkdir()
    with pytest.raises(StartFailed) as caught:
        Program.start(Command(tmp_path, (word,)), {})
    assert sentence in caught.value.sentence
    assert step in caught.value.next_step


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StartFailed, match=r"folder .*gone does not exist"):
        Program.start(Command(tmp_path / "gone", python("")), {})


def test_a_failed_start_leaves_no_descriptor_open(tmp_path: Path) -> None:
    def fail() -> None:
        with pytest.raises(StartFailed):
            Program.start(Command(tmp_path, ("./missing",)), {})

    fail()
    before = len(os.listdir("/dev/fd"))
    fail()
    assert len(os.listdir("/dev/fd")) == before


def test_a_paused_program_stands_still_until_resumed(start: Start) -> None:
    program = start("while True: print('tick'); time.sleep(0.01)")
    assert eventually(lambda: program.output().head)
    program.pause()
    assert eventually(lambda: _state(program.pid) == "stopped")
    program.resume()
    printed = len(program.output().head)
    assert eventually(lambda: len(program.output().head) > printed)


def test_whoever_left_the_group_stands_still_with_it(start: Start) -> None:
    program = start(
        "import subprocess; print(subprocess.Popen(['sleep', '99'], start_new_session=True).pid); time.sleep(99)"
    )
    assert eventually(lambda: program.output().head.endswith(b"\n"))
    outside = int(program.output().head)
    program.pause()
    assert eventually(lambda: _state(outside) == "stopped")
    program.resume()
    assert eventually(lambda: _state(outside) != "stopped")


def _state(pid: int) -> str:
    import psutil

    return str(psutil.Process(pid).status())


def test_a_signal_reaches_it_and_ends_it_its_own_way(start: Start) -> None:
    program = start(
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(7)); print('up'); time.sleep(99)"
    )
    assert eventually(lambda: program.output().head)
    program.signal(signal.SIGTERM)
    assert program.wait(GENEROUS) == 7


def test_waiting_for_one_that_hangs_comes_back_in_time(start: Start) -> None:
    program = start("time.sleep(99)")
    assert program.wait(within=0.05) is None
    assert program.alive


def test_one_that_settles_elsewhere_is_not_waited_for_to_the_end(start: Start, port: int) -> None:
    failure = why_not_ready(start("listen('127.0.0.1', PORT + 1)"), [port], within=GENEROUS)
    assert isinstance(failure, Elsewhere)
    assert f"it listens on 127.0.0.1:{port + 1}" in failure.sentence


def test_one_that_listens_elsewhere_first_is_waited_for(start: Start, port: int) -> None:
    other = "other = socket.create_server(('127.0.0.1', PORT + 1)); time.sleep(0.5)"
    program = start(f"{other}; listen('127.0.0.1', PORT)")
    program.wait_ready([port], GENEROUS)
