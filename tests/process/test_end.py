"""Ending a program: nothing of it is left, however it resists."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cutaway.process import Command, Program, end_all, free_ports
from cutaway.process.tree import system
from tests.process.conftest import Start
from tests.process.programs import GENEROUS, eventually, holders, python

linux = pytest.mark.skipif(sys.platform != "linux", reason="finds escapees through /proc")

FORKS = "os.fork(); os.fork(); print('up'); time.sleep(99)"
LEAVES_ITS_GROUP = "os.fork() or os.setsid(); print('up'); time.sleep(99)"
DAEMONIZES = """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        print('up'); time.sleep(99)
    os._exit(0)
time.sleep(99)
"""
DAEMONIZES_AND_ENDS = DAEMONIZES.replace("\ntime.sleep(99)\n", "\nos.wait(); sys.exit(0)\n")
IGNORES_SIGTERM = "signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up'); time.sleep(99)"
STOPS_ITSELF = "print('up'); os.kill(os.getpid(), signal.SIGSTOP)"
CHANGES_ITS_ID_ALL_THE_TIME = """
print('up')
os.setsid() if os.fork() == 0 else time.sleep(99)
until = time.monotonic() + 60
while time.monotonic() < until:
    time.sleep(0.005)
    os.fork() and os._exit(0)
"""
CLOSES_ITS_OUTPUT = "print('up'); os.closerange(0, 9); time.sleep(99)"
RESISTS = {
    name: text
    for name, text in globals().copy().items()
    if name.isupper() and isinstance(text, str) and "up" in text
}


@linux
@pytest.mark.parametrize("how", RESISTS)
def test_nothing_is_left_of_one_that(start: Start, how: str) -> None:
    program = start(RESISTS[how])
    assert eventually(lambda: b"up" in program.output().head)
    assert holders(program.token)
    began = time.monotonic()
    program.end(grace=0.05)
    assert time.monotonic() - began < GENEROUS / 2
    assert holders(program.token) == []
    assert not program.alive


@linux
def test_an_orphan_that_emptied_its_environment_is_known_by_its_parentage(start: Start) -> None:
    sleeper = [sys.executable, "-I", "-S", "-c", "import time; time.sleep(99)"]
    program = start(
        f"pid = os.posix_spawn({sleeper[0]!r}, {sleeper!r}, {{}}, setsid=True);"
        "print(pid); time.sleep(99)"
    )
    assert eventually(lambda: program.output().head.endswith(b"\n"))
    stray = int(program.output().head)
    assert eventually(lambda: program.memory() and stray in program._tree._seen)
    program.end(grace=0)
    assert system.identity(stray) is None


@linux
def test_no_zombie_stays_behind(start: Start) -> None:
    program = start(
        "for _ in range(5):\n"
        "    if os.fork() == 0:\n"
        "        os.fork() or time.sleep(0.2)\n"
        "        os._exit(0)\n"
        "print('up'); time.sleep(0.4)"
    )
    program.wait(GENEROUS)
    program.end()
    ours = f"/proc/self/task/{os.getpid()}/children"
    children = Path(ours).read_text().split() if os.path.exists(ours) else []
    assert program.pid not in map(int, children)


def test_ending_again_and_from_many_threads_is_one_ending(start: Start) -> None:
    program = start(IGNORES_SIGTERM)
    assert eventually(lambda: program.output().head)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: program.end(grace=0.05), range(8)))
    program.end()
    program.kill()
    program.signal(signal.SIGTERM)
    assert (program.status, program.memory()) == (-signal.SIGKILL, 0)


def test_a_polite_program_ends_its_own_way(start: Start) -> None:
    program = start(
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(7)); print('up'); time.sleep(99)"
    )
    assert eventually(lambda: program.output().head)
    program.end(grace=GENEROUS)
    assert program.status == 7


def test_a_paused_program_can_still_end_politely(start: Start) -> None:
    program = start(
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(7)); print('up'); time.sleep(99)"
    )
    assert eventually(lambda: program.output().head)
    program.pause()
    program.end(grace=GENEROUS)
    assert program.status == 7


def test_after_a_kill_the_port_is_free_and_the_program_starts_again(
    start: Start, port: int
) -> None:
    for _ in range(3):
        program = start("os.fork(); listen('127.0.0.1', PORT)")
        program.wait_ready([port], GENEROUS)
        program.kill()
        assert program.status == -signal.SIGKILL
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port)).close()


def test_the_processor_time_is_known_after_the_end(start: Start) -> None:
    program = start("x = time.process_time\nwhile x() < 0.1: pass\nprint('up'); time.sleep(99)")
    assert eventually(lambda: program.output().head)
    program.end(grace=0)
    assert 0.08 <= program.cpu() < GENEROUS  # some systems count in hundredths


def test_a_with_block_that_raises_ends_its_program(tmp_path: Path) -> None:
    with (
        pytest.raises(KeyboardInterrupt),
        Program.start(Command(tmp_path, python("time.sleep(99)")), {}) as program,
    ):
        raise KeyboardInterrupt
    assert not program.alive
    assert holders(program.token) == []


def test_end_all_ends_every_program(start: Start) -> None:
    programs = [start("time.sleep(99)") for _ in range(3)]
    end_all(grace=0.05)
    assert [program.alive for program in programs] == [False] * 3


def test_programs_start_side_by_side(tmp_path: Path) -> None:
    ports = free_ports(12)

    def one(port: int) -> bytes:
        text = f"print({port}, end=''); listen('127.0.0.1', PORT)"
        with Program.start(Command(tmp_path, python(text)), {"PORT": str(port)}) as program:
            program.wait_ready([port], GENEROUS)
        return program.output().head

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(one, ports)) == [str(port).encode() for port in ports]


def test_threads_and_descriptors_are_given_back(start: Start) -> None:
    start("").end()
    before = threading.active_count(), len(os.listdir("/dev/fd"))
    for _ in range(3):
        start("time.sleep(99)").end()
    assert eventually(lambda: (threading.active_count(), len(os.listdir("/dev/fd"))) == before)


GRADER = """
import os, signal, sys, time
from pathlib import Path
from cutaway.process import Command, Program
programs = [Program.start(Command(Path("."), (sys.executable, "-I", "-S", "-u", "-c", text)), {})
            for text in sys.argv[2:]]
while not all(b"up" in program.output().head for program in programs): time.sleep(0.01)
print(*[program.token for program in programs], flush=True)
exec(sys.argv[1])
time.sleep(99)
"""


@linux
@pytest.mark.parametrize(
    ("how", "status"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", {-signal.SIGKILL}),
        ("os._exit(5)", {5}),
        ("os.abort()", {-signal.SIGABRT}),
        ("sys.exit(6)", {6}),
        ("raise RuntimeError", {1}),
        ("os.kill(os.getpid(), signal.SIGINT)", {-signal.SIGINT, 130}),
        ("os.kill(os.getpid(), signal.SIGTERM)", {143}),
    ],
)
def test_a_grader_that_ends_leaves_nothing(how: str, status: set[int]) -> None:
    prelude = "import os, signal, sys, time\n"
    grader = subprocess.Popen(
        [sys.executable, "-c", GRADER, how, prelude + IGNORES_SIGTERM, prelude + DAEMONIZES],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with grader:
        assert grader.stdout is not None
        tokens = grader.stdout.readline().split()
        assert len(tokens) == 2
        assert grader.wait(GENEROUS) in status
    assert eventually(lambda: not any(map(holders, tokens)), within=GENEROUS)


@linux
def test_a_lost_guardian_is_replaced() -> None:
    how = (
        "from cutaway.process import guard; os.kill(guard._pid, signal.SIGKILL);"
        "os.waitid(os.P_PID, guard._pid, os.WEXITED | os.WNOWAIT);"
        "Program.start(programs[0].command, {});"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    test_a_grader_that_ends_leaves_nothing(how, {-signal.SIGKILL})


@linux
def test_a_grader_inside_a_program_is_ended_with_its_own_programs(start: Start) -> None:
    inner = (
        f"sys.path[:] = {sys.path!r}\n"
        "from pathlib import Path\n"
        "from cutaway.process import Command, Program\n"
        "words = (sys.executable, '-I', '-S', '-c', 'import time; time.sleep(99)')\n"
        "print(Program.start(Command(Path('.'), words), {}).token)\n"
        "time.sleep(99)"
    )
    program = start(inner)
    assert eventually(lambda: program.output().head.endswith(b"\n")), program.output()
    token = program.output().head.decode().strip()
    assert eventually(lambda: holders(token))
    program.end(grace=0)
    assert holders(token) == []


@linux
def test_a_forked_child_of_the_grader_leaves_the_programs_alone() -> None:
    how = (
        "pid = os.fork()\n"
        "if pid == 0: sys.exit(0)\n"
        "os.waitpid(pid, 0)\n"
        "alive = all(program.alive for program in programs)\n"
        "os._exit(40 + alive)"
    )
    test_a_grader_that_ends_leaves_nothing(how, {41})


@linux
def test_children_are_found_also_where_the_kernel_does_not_list_them(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = start("os.fork(); print('up'); time.sleep(99)")
    assert eventually(lambda: program.output().head.count(b"up") == 2)
    listed = system.children(program.pid)
    monkeypatch.setattr(system, "_HAS_CHILDREN", False)
    assert system.children(program.pid) == listed != []
