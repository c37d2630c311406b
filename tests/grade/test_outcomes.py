"""What is no verdict on the server: skipped, inconclusive, a defect of ours, a check broken off."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from cutaway.grade import crowd
from cutaway.grade.drastic import at_once, memory_within, open_idle, runs, signals
from cutaway.grade.outcomes import CannotTell, NotTried
from cutaway.grade.play import Play
from cutaway.grade.player import check
from cutaway.grade.running import Subject
from cutaway.grade.stage import Step, case
from cutaway.grade.steps import expect, pause, send
from cutaway.grade.verdict import StageResult, Verdict
from cutaway.process.tree import system
from cutaway.process.watch import running as still_running
from tests.grade.toy import (
    RULE,
    WHOLE,
    Peer,
    against,
    failure,
    play,
    program,
    right,
    serving,
    stage,
)

PING, PONG = send(b"ping\n"), expect(text=b"ping")
TARGET = "needs a program that the check starts itself, not a --target"


class Raises(Step):
    def __init__(self, problem: Exception) -> None:
        self.problem = problem

    def run(self, play: Play) -> None:
        raise self.problem


# Skipped and inconclusive


NOT_TRIED: list[tuple[tuple[Step, ...], dict[str, Any], Verdict, str]] = [
    ((signals(signal.SIGTERM),), {}, Verdict.SKIPPED, TARGET),
    (
        (PING,),
        {"environment": {"MOST": "3"}},
        Verdict.SKIPPED,
        "needs a program that is started with MOST=3 for this case, not a --target",
    ),
    ((memory_within(1),), {}, Verdict.SKIPPED, TARGET),
    (
        (PING,),
        {"files": {"a": b"1"}},
        Verdict.SKIPPED,
        "needs to lay files in $DATA_DIR: name it with --data-dir",
    ),
    ((runs("no-such-program"),), {}, Verdict.SKIPPED, "no-such-program is not installed here"),
    (
        (runs("sh", offers=b"no such option"),),
        {},
        Verdict.SKIPPED,
        "the sh of this machine is another one",
    ),
    ((Raises(NotTried("not here")),), {}, Verdict.SKIPPED, "not here"),
    ((Raises(CannotTell("too dark")),), {}, Verdict.INCONCLUSIVE, "too dark"),
]


@pytest.mark.parametrize(("steps", "options", "verdict", "why"), NOT_TRIED)
def test_what_cannot_be_tried_says_why_and_is_no_failure(
    steps: tuple[Step, ...], options: dict[str, Any], verdict: Verdict, why: str
) -> None:
    result = against(right, *steps, **options)
    assert (result.verdict, result.why, result.failure) == (verdict, why, None)


def test_a_stage_whose_port_has_no_address_is_skipped_as_a_whole() -> None:
    with serving(right) as address:
        subject = Subject(target={"PORT": address})
        told = stage(case("c", RULE, PING), ports=("PORT", "LINES_PORT"))
        [result] = check("toy", [told], subject, seed=1).stages
    assert (result.verdict, result.cases) == (Verdict.SKIPPED, ())
    assert result.why == (
        "needs the address of $LINES_PORT: --target HOST:PORT,LINES_PORT=HOST:PORT"
    )


def test_a_limit_of_this_machine_is_inconclusive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd.resource, "getrlimit", lambda _: (64, 128))
    result = against(right, open_idle(100))
    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.why == "needs 356 open files; this machine allows 128 (ulimit -Hn)"


def test_connections_that_are_taken_too_slowly_are_not_waited_for_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(crowd, "OPENING", 0.0)
    monkeypatch.setattr(crowd, "EACH", 0.0)
    result = against(right, open_idle(100))
    assert result.failure is not None
    assert result.failure.expected == "100 connections to be open at once"
    assert result.failure.found.startswith("1 in 0.")
    assert crowd.QUEUE in result.failure.notes


def test_no_room_for_a_connection_here_is_not_held_against_the_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    with serving(right) as address:
        monkeypatch.setattr("cutaway.grade.play.socket.create_connection", full)
        result = play(Subject(target={"PORT": address}), PING)
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "no room for another connection (Too many open files)" in result.why


# Clients of others


def test_a_client_of_somebody_else_is_run_and_its_output_compared() -> None:
    script = "import os,socket,sys; s=socket.create_connection(('{host}',{port}));"
    script += "s.sendall(sys.stdin.buffer.read()); os.write(1, s.recv(99))"
    client = [sys.executable, "-I", "-S", "-c", script]
    assert against(right, runs(*client, prints=b"ping\n", feed=b"ping\n")).verdict is Verdict.PASS
    said = failure(against(right, runs(*client, prints=b"ping\n", feed=b"pong\n")))
    assert (said.step, said.found) == (sys.executable, '"pong\\n"')
    assert said.by_hand.startswith("(printf 'pong\\n') | ")
    assert "{port}" not in said.by_hand


@pytest.mark.parametrize(
    ("script", "expected", "found"),
    [
        ("echo no >&2; exit 3", "sh to end with status 0", "status 3: no"),
        ("sleep 60", "sh to finish", "it still waits"),
        ("sleep 60 & sleep 60", "sh to finish", "it still waits"),
        ("yes", "an answer of reasonable length", "more than 16777216 bytes printed by sh"),
        ("", 'sh to print "a"', "nothing"),
    ],
)
def test_a_client_of_somebody_else_is_bounded(
    monkeypatch: pytest.MonkeyPatch, script: str, expected: str, found: str
) -> None:
    from cutaway.grade.outside import Runs

    monkeypatch.setattr("cutaway.grade.outside.patience", lambda: 1.0)
    seconds = 0.3 if "sleep" in script else 20.0
    step = Runs(("sh", "-c", script), prints=b"a", seconds=seconds)
    said = failure(against(right, step, ways=WHOLE))
    assert (said.expected, said.found.partition(" after ")[0]) == (expected, found)


# A defect of ours


@pytest.mark.parametrize("side_by_side", [False, True])
@pytest.mark.parametrize("keep_going", [False, True])
def test_a_defect_in_a_step_is_raised_once_and_says_where(
    side_by_side: bool, keep_going: bool
) -> None:
    cases = [case(f"case {n}", RULE, PING, PONG) for n in range(3)]
    cases.insert(1, case("a bad one", RULE, PING, Raises(ZeroDivisionError("by zero"))))
    stages = [
        stage(*cases, name="toy/bad", side_by_side=side_by_side),
        stage(*cases[:1], name="toy/good"),
    ]
    with serving(right) as address, pytest.raises(ZeroDivisionError, match="by zero") as caught:
        check("toy", stages, Subject(target={"PORT": address}), seed=9, keep_going=keep_going)
    assert caught.value.__notes__ == ["in the case 'a bad one' of toy/bad, played whole, seed 9"]


def test_a_defect_in_one_of_many_clients_is_not_hidden_by_failures() -> None:
    class Odd(Step):
        turn = threading.Semaphore(3)

        def run(self, play: Play) -> None:
            if not self.turn.acquire(blocking=False):
                raise ZeroDivisionError
            expect(text=b"other").run(play)

    with pytest.raises(ZeroDivisionError):
        against(right, at_once(6, PING, Odd()), ways=WHOLE)


def test_a_name_that_messages_do_not_have_is_a_defect() -> None:
    with pytest.raises(KeyError, match="color"):
        against(right, PING, expect(color=b"red"))


def test_a_failure_among_clients_at_once_says_which_and_how_many_were_right() -> None:
    numbers = iter(range(100))

    def third_is_wrong(peer: Peer) -> None:
        number = next(numbers)
        while line := peer.line():
            peer.send(b"what\n" if number == 2 else line)

    said = failure(against(third_is_wrong, at_once(5, PING, PONG), ways=WHOLE))
    assert "4 of 5 were served rightly" in said.notes
    assert any(note.endswith(" of 5 at once") for note in said.notes)
    assert said.by_hand.startswith("for i in $(seq 5); do (printf 'ping\\n'")


# Broken off


def test_a_stage_that_fails_halts_the_stages_behind_it(tmp_path: Path) -> None:
    told: list[str] = []
    stages = [
        stage(case("fails", RULE, PING, expect(text=b"pong")), name="toy/first"),
        stage(case("waits", RULE, PING, PONG, pause(20)), name="toy/second"),
        stage(case("waits", RULE, PING, PONG, expect(seconds=20)), name="toy/third"),
    ]
    began = time.monotonic()
    result = check(
        "toy",
        stages,
        program(tmp_path, "serve(echo)"),
        seed=1,
        on_case=lambda stage, _: told.append(stage.name),
    )
    assert time.monotonic() - began < 10
    assert [s.name for s in result.stages] == ["toy/first"]
    assert told == ["toy/first"]  # what was killed with the check has not failed
    assert still_running() == []


def test_with_keep_going_every_stage_is_told() -> None:
    shown: list[StageResult] = []
    stages = [
        stage(case("c", RULE, PING, expect(text=text)), name=f"toy/{number}")
        for number, text in enumerate((b"pong", b"ping", b"pong"))
    ]
    with serving(right) as address:
        subject = Subject(target={"PORT": address})
        result = check("toy", stages, subject, seed=1, keep_going=True, on_stage=shown.append)
    assert [s.verdict for s in result.stages] == [Verdict.FAIL, Verdict.PASS, Verdict.FAIL]
    assert tuple(shown) == result.stages


def test_the_stage_in_focus_is_played_first_and_ends_the_check_when_it_fails() -> None:
    stages = [
        stage(case("c", RULE, PING, PONG), name="toy/one"),
        stage(case("c", RULE, PING, expect(text=b"pong")), name="toy/two"),
    ]
    with serving(right) as address:
        subject = Subject(target={"PORT": address})
        failing = check("toy", stages, subject, seed=1, focus="toy/two")
        passing = check("toy", stages, subject, seed=1, focus="toy/one")
    assert [s.name for s in failing.stages] == ["toy/two"]
    assert [s.name for s in passing.stages] == ["toy/one", "toy/two"]


GRADER = """
import sys
from pathlib import Path
from cutaway.grade.drastic import at_once, runs
from cutaway.grade.player import check
from cutaway.grade.stage import case
from cutaway.grade.steps import expect, pause, send
from tests.grade.toy import RULE, program, stage
steps = {
    "silence": (send(b"ping\\n"), expect(), expect(seconds=60)),
    "pause": (pause(60),),
    "client": (runs("sleep", "60"),),
    "crowd": (at_once(5, send(b"ping\\n"), expect(), expect(seconds=60)),),
}[sys.argv[2]]
stages = [stage(case("c", RULE, *steps), name=f"toy/{n}") for n in range(3)]
text = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\\nprint('up')\\nopen(str(os.getpid()), 'w')\\n"
subject = program(Path(sys.argv[1]), text + ("serve(echo)" if sys.argv[3] == "up" else "time.sleep(99)"))
try:
    check("toy", stages, subject, seed=1, keep_going=True)
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.parametrize(
    ("steps", "state"),
    [("silence", "up"), ("pause", "up"), ("client", "up"), ("crowd", "up"), ("pause", "starting")],
)
def test_ctrl_c_ends_the_check_at_once_and_leaves_nothing(
    tmp_path: Path, steps: str, state: str
) -> None:
    root = Path(__file__).parents[2]
    grader = subprocess.Popen(
        [sys.executable, "-c", GRADER, str(tmp_path), steps, state],
        cwd=root,
        env={**os.environ, "PYTHONPATH": f"{root / 'src'}:{root}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )

    def programs() -> list[int]:
        return [int(file.name) for file in tmp_path.iterdir() if file.name.isdigit()]

    try:
        deadline = time.monotonic() + 30
        while not programs() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.3)
        grader.send_signal(signal.SIGINT)
        began = time.monotonic()
        out, err = grader.communicate(timeout=30)
        took = time.monotonic() - began
    finally:
        grader.kill()
        grader.wait()
    assert (out, err) == ("interrupted\n", "")
    assert took < 5
    assert [pid for pid in programs() if system.identity(pid)] == []
