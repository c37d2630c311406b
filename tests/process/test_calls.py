"""What strace writes is read, also where threads interrupt each other; and strace itself, where it is."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cutaway.process import calls
from cutaway.process.calls import Call, cannot_observe, observing, read_calls

PLAIN = """\
71 1795250681.552925 write(9</d/log>, "*3\\r\\n"..., 50) = 50 <0.000023>
71 1795250681.553022 fdatasync(9</d/log>) = 0 <0.000170>
71 1795250681.553207 write(11<TCP:[127.0.0.1:80->127.0.0.1:34196]>, "+OK\\r\\n", 5) = 5 <0.001632>
"""
INTERRUPTED = """\
71 1.000001 fsync(9</d/log> <unfinished ...>
72 1.000002 write(11<TCP:[127.0.0.1:80->127.0.0.1:34196]>, "+OK\\r\\n", 5) = 5 <0.001632>
71 1.000003 <... fsync resumed>) = 0 <0.200000>
"""


def test_a_call_has_its_name_its_path_and_its_result() -> None:
    write, flush, answer = read_calls(PLAIN)
    assert (write.name, write.path, write.result) == ("write", "/d/log", 50)
    assert (flush.name, flush.path, flush.result, flush.done) == ("fdatasync", "/d/log", 0, True)
    assert (answer.path, answer.began, answer.ended) == (
        "TCP:[127.0.0.1:80->127.0.0.1:34196]", 2, 2,
    )  # fmt: skip
    assert write.at == pytest.approx(1795250681.552925)


def test_a_call_that_is_interrupted_ends_where_it_is_resumed() -> None:
    flush, answer = read_calls(INTERRUPTED)
    assert (flush.began, flush.ended, flush.path) == (0, 2, "/d/log")
    assert (answer.began, answer.ended) == (1, 1)
    assert len(flush.lines) == 2


@pytest.mark.parametrize(
    ("line", "result", "done"),
    [
        ('7 1.0 openat(AT_FDCWD</d>, "log", O_RDWR|O_DSYNC) = 5</d/log> <0.1>', 5, True),
        ("7 1.0 fsync(5</d/log>) = -1 EIO (Input/output error) <0.1>", -1, False),
        ("7 1.0 fsync(5</d/log>) = ?", None, False),
        ("7 1.0 fsync(5</d/log> <unfinished ...>", None, False),
    ],
)
def test_only_a_call_that_came_back_without_an_error_is_done(
    line: str, result: int | None, done: bool
) -> None:
    [call] = read_calls(line + "\n")
    assert (call.result, call.done) == (result, done)


def test_what_was_opened_is_told_by_its_path() -> None:
    [call] = read_calls('7 1.0 openat(AT_FDCWD</d>, "log", O_RDWR|O_DSYNC) = 5</d/log> <0.1>\n')
    assert "/d/log" in call.gave
    assert "O_DSYNC" in call.said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7 1.0 write(5</d/log>, ",  # the last line is not whole yet
        "7 1.0 +++ exited with 0 +++\n",
        "7 1.0 --- SIGCHLD {si_signo=SIGCHLD} ---\n",
        "7 1.0 <... fsync resumed>) = 0 <0.1>\n",
        "strace: Process 7 attached\n",
    ],
)
def test_what_is_no_call_is_passed_over(text: str) -> None:
    assert read_calls(text) == []


def test_two_threads_may_be_interrupted_at_once() -> None:
    text = (
        "7 1.0 fsync(5</d/a> <unfinished ...>\n8 1.0 fsync(6</d/b> <unfinished ...>\n"
        "8 1.1 <... fsync resumed>) = 0 <0.1>\n7 1.2 <... fsync resumed>) = -1 EIO (…) <0.2>\n"
    )
    seen = [(call.path, call.ended, call.done) for call in read_calls(text)]
    assert seen == [("/d/a", 3, False), ("/d/b", 2, True)]


def test_a_machine_without_strace_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    cannot_observe.cache_clear()
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(sys, "platform", "linux")
    assert "apt-get install strace" in cannot_observe()
    cannot_observe.cache_clear()


def test_a_machine_that_forbids_looking_says_what_to_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    cannot_observe.cache_clear()
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/strace")
    denied = "strace: ptrace(PTRACE_TRACEME, ...): Operation not permitted\n"
    monkeypatch.setattr(calls, "told_by", lambda *words: (1, denied))
    assert "Operation not permitted): allow ptrace" in cannot_observe()
    cannot_observe.cache_clear()


def test_a_machine_of_another_kind_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    cannot_observe.cache_clear()
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "only Linux" in cannot_observe()
    cannot_observe.cache_clear()


def test_a_program_is_observed_while_it_writes(tmp_path: Path) -> None:
    if why := cannot_observe():
        pytest.skip(why)
    code = "import os; f = os.open('log', 66); os.write(f, b'data'); os.fsync(f); os.close(f)"
    words = (*observing(tmp_path / "calls"), sys.executable, "-I", "-S", "-c", code)
    subprocess.run(words, cwd=tmp_path, check=True, timeout=30)
    seen = read_calls((tmp_path / "calls").read_text())
    mine = [call for call in seen if call.path == str(tmp_path.resolve() / "log")]
    assert [(call.name, call.done) for call in mine] == [("write", True), ("fsync", True)]


def test_a_call_can_be_made_by_hand() -> None:
    assert Call("fsync", 0, 0.0, "5</d/log>").path == "/d/log"
    assert Call("sync", 0, 0.0, "").path == ""
