"""Memory, output, builds, words, ports and patience."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cutaway.process import (
    BuildFailed,
    Command,
    NotReady,
    Output,
    Program,
    build,
    free_ports,
    patience,
    split_command,
)
from cutaway.process.output import KEPT
from tests.process.conftest import Start
from tests.process.programs import GENEROUS, eventually, python

MIB = 2**20


def test_memory_counts_the_children(start: Start) -> None:
    program = start("os.fork(); x = b'x' * (30 << 20); print('up'); time.sleep(99)")
    assert eventually(lambda: program.output().head.count(b"up") == 2)
    assert program.memory() > 60 * MIB
    assert program.peak_memory >= program.memory()
    assert (program.descriptors() or 6) >= 6


def test_one_that_eats_memory_is_ended_and_told_so(start: Start, port: int) -> None:
    program = start(
        "x = []\nwhile True: x.append(b'x' * (8 << 20)); time.sleep(0.01)",
        memory_limit=100 * MIB,
    )
    with pytest.raises(NotReady, match="limit is 100 MiB") as caught:
        program.wait_ready([port], GENEROUS)
    assert caught.value.sentence == program.ended_because
    assert program.wait(GENEROUS) is not None
    assert program.peak_memory > 100 * MIB


@pytest.mark.skipif(sys.platform != "linux", reason="shared pages are told apart through /proc")
def test_memory_shared_by_many_processes_is_not_above_the_limit(start: Start) -> None:
    program = start(
        "x = b'x' * (40 << 20)\nos.fork(); os.fork(); os.fork()\nprint('up'); time.sleep(99)",
        memory_limit=150 * MIB,
    )
    assert eventually(lambda: program.output().head.count(b"up") == 8)
    assert eventually(lambda: program.memory() > 300 * MIB)
    program.look()
    assert program.ended_because is None


def test_one_that_prints_fifty_megabytes_neither_blocks_nor_is_kept(start: Start) -> None:
    program = start(
        "out = sys.stdout.buffer\nout.write(b'first')\n"
        "for _ in range(50): out.write(b'x' * (1 << 20))\nout.write(b'last')"
    )
    assert program.wait(GENEROUS) == 0
    program.end()
    output = program.output()
    assert output.dropped == 50 * MIB + 9 - 2 * KEPT
    assert (len(output.head), output.head[:5]) == (KEPT, b"first")
    assert (len(output.tail), output.tail[-4:]) == (KEPT, b"last")
    assert f"… {output.dropped} bytes left out …" in output.text()


def test_the_last_lines_are_few_and_short() -> None:
    output = Output(b"", b"\n".join(b"%d" % n for n in range(99)) + b"\n" + b"y" * 999, 1)
    lines = output.last_lines(3, width=10).splitlines()
    assert lines == ["97", "98", "y" * 10 + " …"]


def test_output_that_is_no_text_is_shown_all_the_same() -> None:
    assert Output(b"a\xff\n", b"", 0).text() == "a\N{REPLACEMENT CHARACTER}\n"


def test_a_build_runs_in_the_folder_before_the_program(tmp_path: Path) -> None:
    build(Command(tmp_path, ("./x",), python("open('built', 'w').close()")))
    assert (tmp_path / "built").exists()


def test_no_build_is_no_work(tmp_path: Path) -> None:
    build(Command(tmp_path / "gone", ("./x",)))


@pytest.mark.parametrize(
    ("words", "within", "sentence", "output"),
    [
        (python("print('line 3: no'); sys.exit(2)"), GENEROUS, "exit status 2", "line 3: no"),
        (python("print('working'); time.sleep(99)"), 1.0, "did not end within 1 s", ""),
        (("no-such-compiler",), GENEROUS, "not found on PATH", ""),
    ],
)
def test_a_build_that_fails_shows_the_end_of_its_output(
    tmp_path: Path, words: tuple[str, ...], within: float, sentence: str, output: str
) -> None:
    with pytest.raises(BuildFailed) as caught:
        build(Command(tmp_path, ("./x",), words), within)
    assert sentence in caught.value.sentence
    assert output in caught.value.output
    assert caught.value.next_step


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("./server", ("./server",)),
        ("  go  run . ", ("go", "run", ".")),
        ("sh -c 'a && b'", ("sh", "-c", "a && b")),
        ('a "b c" d\\ e', ("a", "b c", "d e")),
        ("a $HOME * | > b", ("a", "$HOME", "*", "|", ">", "b")),
        ("a '' ünï", ("a", "", "ünï")),
    ],
)
def test_words_are_split_as_a_shell_would(text: str, words: tuple[str, ...]) -> None:
    assert split_command(text) == words


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a 'b", "quote"),
        ("a \\", "backslash"),
        ("", "names no program"),
        (" ", "names no program"),
        ("''", "names no program"),
        ("a\0b", "NUL"),
    ],
)
def test_what_cannot_be_split_is_one_sentence(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        split_command(text)
    assert str(caught.value).endswith(".")


def test_free_ports_differ_and_can_be_bound_outside_the_ephemeral_range() -> None:
    ports = free_ports(20)
    assert len(set(ports)) == 20
    for port in ports:
        with socket.create_server(("127.0.0.1", port)):
            pass
    with socket.create_server(("127.0.0.1", 0)) as any_server:
        taken = any_server.getsockname()[1]
    assert abs(taken - ports[0]) > 0


def test_a_port_in_use_on_any_address_is_not_free() -> None:
    from cutaway.process.ports import _bind

    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(OSError, match="in use"):
        _bind(server.getsockname()[1]).close()


@pytest.mark.skipif(sys.platform != "linux", reason="ports have tokens on Linux only")
def test_two_processes_that_choose_at_the_same_time_choose_different_ports() -> None:
    code = (
        "from cutaway.process import ports\n"
        "ports._range = lambda: (23000, 23060)\n"
        "print(*ports.free_ports(20), flush=True)\n"
        "input()\n"
    )
    words = [sys.executable, "-c", code]
    two = [subprocess.Popen(words, stdin=-1, stdout=-1, text=True) for _ in range(2)]
    first, second = ({*process.stdout.readline().split()} for process in two)  # type: ignore[union-attr]
    for process in two:
        process.communicate("\n")
    assert len(first) == len(second) == 20
    assert not first & second


def test_tokens_of_ports_are_bounded() -> None:
    from cutaway.process import ports

    for _ in range(10):
        free_ports(20)
    assert len(ports._tokens) <= ports.HELD


def test_patience_is_a_factor_and_soon_known() -> None:
    patience()
    began = time.monotonic()
    factors = [patience() for _ in range(5)]
    assert all(1.0 <= factor <= 20.0 for factor in factors)
    assert time.monotonic() - began < GENEROUS / 10


def test_the_import_brings_in_nothing_slow() -> None:
    code = (
        "import sys, cutaway.process\n"
        "print({'asyncio', 'psutil', 'ctypes', 'shlex', 'random', 'logging'} & set(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == "set()\n"


def test_a_port_is_free_also_while_other_threads_start_programs(tmp_path: Path) -> None:
    def one(_: int) -> None:
        port = free_ports(1)[0]
        with socket.socket() as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind(("127.0.0.1", port))
        with Program.start(Command(tmp_path, ("true",)), {}) as program:
            program.wait(GENEROUS)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(100)))
