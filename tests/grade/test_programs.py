"""Programs that are started by the check: the ones that end, never begin, hang, leak or fork."""

from __future__ import annotations

import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cutaway.grade import running
from cutaway.grade.drastic import (
    at_once,
    exits,
    kill,
    memory_within,
    open_idle,
    push,
    refuses_connections,
    restart,
    signals,
)
from cutaway.grade.player import check
from cutaway.grade.running import Subject
from cutaway.grade.stage import Step, case
from cutaway.grade.steps import closes, expect, pause, send
from cutaway.grade.verdict import Reached, Verdict
from cutaway.net import recorded
from cutaway.process import Command
from cutaway.process.watch import running as still_running
from tests.grade.toy import RULE, WHOLE, failure, play, program, stage

PING = send(b"ping\n")
PONG = expect(text=b"ping")
MIB = 1 << 20


@pytest.fixture(autouse=True)
def nothing_is_left() -> Any:
    yield
    assert still_running() == []


def test_a_right_program_passes_shared_and_alone(tmp_path: Path) -> None:
    right = program(tmp_path, "serve(echo)")
    assert play(right, PING, PONG).verdict is Verdict.PASS
    assert play(right, PING, PONG, alone=True).verdict is Verdict.PASS


def test_a_passing_run_never_asks_how_fast_the_machine_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would cost more than all the rest; only a limit that fires asks."""

    def asked() -> float:
        raise AssertionError

    for place in ("play", "running", "crowd", "drastic"):
        monkeypatch.setattr(f"cutaway.grade.{place}.patience", asked)
    monkeypatch.setattr(recorded, "READ_SOON", 30.0)  # here too, for a piece that nobody reads
    steps = (PING, PONG, at_once(3, PING, PONG, within=60))
    assert play(program(tmp_path, "serve(echo)"), *steps).verdict is Verdict.PASS


CRASHES = """
count = 0
def talk(sock):
    global count
    for line in lines(sock):
        count += 1
        if count == 3:
            print("the third one was too much")
            os._exit(7)
        sock.sendall(line)
serve(talk)
"""


def test_a_crash_is_told_with_its_status_and_its_last_words(tmp_path: Path) -> None:
    said = failure(play(program(tmp_path, CRASHES), PING, PONG, PING, PONG, PING, PONG))
    assert said.step == Reached.ANSWERED
    assert said.found.endswith("; the program ended with exit status 7")
    assert "the program printed: the third one was too much" in said.notes


LOST = """
def talk(sock):
    for line in lines(sock):
        try:
            [][1]
        except IndexError:
            print("a connection was lost")
            traceback.print_exc()
            sys.stderr.flush()
            return
serve(talk)
"""


def test_what_a_program_said_last_when_it_closed_instead_of_answering(tmp_path: Path) -> None:
    said = failure(play(program(tmp_path, f"import traceback\n{LOST}"), PING, PONG))
    assert "closed" in said.found
    assert "the last that the program printed: IndexError: list index out of range" in said.notes


def test_a_program_that_answers_is_not_asked_what_it_printed(tmp_path: Path) -> None:
    wrong = "print('listening')\ndef talk(sock):\n    sock.sendall(b'pong!\\n'); sock.recv(9)\nserve(talk)"
    said = failure(play(program(tmp_path, wrong), PING, PONG))
    assert not [note for note in said.notes if "printed" in note]


def test_an_uncaught_exception_is_told_with_its_traceback(tmp_path: Path) -> None:
    text = "s = listen().accept()[0]\ns.recv(9)\nraise RuntimeError('no idea')"
    # The first connection is the question whether it listens.
    text = "l = listen(); l.accept()\n" + text.replace("listen()", "l")
    said = failure(play(program(tmp_path, text), PING, PONG))
    assert said.found == (
        "the connection was closed without one; the program ended with exit status 1"
    )
    assert any("RuntimeError: no idea" in note for note in said.notes)


def test_after_a_crash_the_rest_of_the_stage_is_skipped_and_says_so(tmp_path: Path) -> None:
    cases = [case(f"case {number}", RULE, PING, PONG) for number in range(5)]
    result = check("toy", [stage(*cases, ways=WHOLE)], program(tmp_path, CRASHES), seed=1)
    verdicts = [c.verdict for c in result.stages[0].cases]
    assert verdicts == [Verdict.PASS] * 2 + [Verdict.FAIL] + [Verdict.SKIPPED] * 2
    assert result.stages[0].cases[3].why.startswith("before this case the program ended with ")
    assert result.stages[0].verdict is Verdict.FAIL


ENDLESS = """
server = listen()
while True:
    sock = server.accept()[0]
    for line in lines(sock):
        while line == b"loop\\n":
            pass
        sock.sendall(line)
"""


def test_a_program_in_a_loop_is_told_and_not_asked_again(tmp_path: Path) -> None:
    cases = [case(f"case {number}", RULE, PING, PONG) for number in range(3)]
    loop = case("loop", RULE, send(b"loop\n"), expect(text=b"loop", seconds=0.3))
    result = check(
        "toy", [stage(cases[0], loop, *cases[1:], ways=WHOLE)], program(tmp_path, ENDLESS), seed=1
    )
    told = result.stages[0].cases
    assert [c.verdict for c in told[:2]] == [Verdict.PASS, Verdict.FAIL]
    assert any("it computes" in note for note in failure(told[1]).notes)
    assert {c.why for c in told[2:]} == {"the program still computed, and answered nobody"}


ONE_LINE_TOO_MUCH = """
def talk(sock):
    for line in lines(sock):
        if line == b"bad\\n":
            time.sleep(0.05)
            os._exit(7)
        sock.sendall(line)
serve(talk)
"""


def test_of_cases_side_by_side_the_one_that_ends_the_program_is_told(tmp_path: Path) -> None:
    waits = [case(f"waits {n}", RULE, PING, PONG, pause(0.2), PING, PONG) for n in range(6)]
    bad = case("bad", RULE, send(b"bad\n"), expect(text=b"bad"))
    cases = [*waits[:3], bad, *waits[3:]]
    subject = program(tmp_path, ONE_LINE_TOO_MUCH)
    result = check("toy", [stage(*cases, ways=WHOLE, side_by_side=True)], subject, seed=1)
    told = result.stages[0].cases
    assert [c.name for c in told if c.verdict is Verdict.FAIL] == ["bad"]
    assert failure(told[3]).found.endswith("; the program ended with exit status 7")


def test_a_program_that_ends_only_under_many_cases_fails_them(tmp_path: Path) -> None:
    text = "def talk(sock):\n    if threading.active_count() > 4: os._exit(7)\n    echo(sock)\n"
    cases = [case(f"{number}", RULE, PING, PONG, pause(0.3), PING, PONG) for number in range(8)]
    subject = program(tmp_path, text + "serve(talk)")
    result = check("toy", [stage(*cases, ways=WHOLE, side_by_side=True)], subject, seed=1)
    assert result.verdict is Verdict.FAIL
    assert Verdict.SKIPPED not in {c.verdict for c in result.stages[0].cases}


def test_a_program_that_ends_between_two_cases_is_not_said_to_end_in_one(tmp_path: Path) -> None:
    text = CRASHES.replace("sock.sendall(line)", "sock.sendall(line)").replace("== 3", "== 99")
    text = text.replace("sock.sendall(line)", "sock.sendall(line); lines(sock); os._exit(3)")
    cases = [case("one", RULE, PING, PONG, pause(0.3)), case("two", RULE, PING, PONG)]
    result = check("toy", [stage(*cases, ways=WHOLE)], program(tmp_path, text), seed=1)
    one, two = result.stages[0].cases
    assert one.verdict is Verdict.PASS
    assert failure(two).found == "before this case the program ended with exit status 3"


START: list[tuple[str, str, str]] = [
    ("print('bad day'); sys.exit(4)", "before it listened, with exit status 4", "bad day"),
    ("time.sleep(60)", "listens on no port", ""),
    (
        "socket.create_server(('127.0.0.1', 0)); print('up'); time.sleep(60)",
        "does not accept connections",
        "up",
    ),
]


@pytest.mark.parametrize(("text", "found", "printed"), START)
def test_a_program_that_never_gets_ready_fails_once_with_its_own_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, found: str, printed: str
) -> None:
    monkeypatch.setattr(running, "START", 0.3)
    monkeypatch.setattr(running, "patience", lambda: 1.0)
    cases = [
        case("first", RULE, PING, PONG),
        case("second", RULE, PING, PONG),
        case("third", RULE, PING, PONG, alone=True),
    ]
    subject = program(tmp_path, text)
    [told] = check("toy", [stage(*cases)], subject, seed=1).stages
    assert [c.verdict for c in told.cases] == [Verdict.FAIL, Verdict.SKIPPED, Verdict.SKIPPED]
    assert told.cases[1].why == "the program did not start"
    said = failure(told.cases[0])
    assert said.expected == "a program that takes connections on $PORT"
    assert found in said.found
    assert any(printed in note for note in said.notes)


def test_a_command_that_does_not_exist_is_told_in_a_sentence(tmp_path: Path) -> None:
    said = failure(play(Subject(command=Command(tmp_path, ("./nothing",))), PING))
    assert said.found == f"There is no file ./nothing in {tmp_path}."
    assert said.by_hand == "PORT=8080 ./nothing"


ALL_AT_ONCE = """
other = socket.create_server(("127.0.0.1", int(os.environ["OTHER_PORT"])))
serve(echo)
"""


def test_a_program_gets_every_port_of_its_topic_in_every_stage(tmp_path: Path) -> None:
    """A stage waits for those that it asks for; a program may open all of them at once."""
    right = replace(
        program(tmp_path, ALL_AT_ONCE), variables=("PORT", "OTHER_PORT", "DATA_DIR", "TIME")
    )
    assert play(right, PING, PONG).verdict is Verdict.PASS
    lonely = replace(right, command=Command(tmp_path, ("./nothing", "at all")))
    said = failure(play(lonely, PING))
    assert said.by_hand == "PORT=8080 OTHER_PORT=8081 DATA_DIR=. ./nothing 'at all'"


def test_a_command_by_hand_names_the_listener_of_its_stage(tmp_path: Path) -> None:
    wrong = replace(
        program(
            tmp_path,
            ALL_AT_ONCE.replace('int(os.environ["OTHER_PORT"])', "0").replace(
                "serve(echo)", 'os.environ["PORT"] = os.environ["OTHER_PORT"]; serve(echo)'
            ),
        ),
        variables=("PORT", "OTHER_PORT"),
    )
    options = {"port": "OTHER_PORT", "ports": ("OTHER_PORT",), "ways": WHOLE}
    said = failure(play(wrong, PING, expect(text=b"pong"), **options))
    assert said.by_hand.endswith("| nc -w 2 127.0.0.1 8081 | xxd")


def test_a_program_that_ignores_sigterm_does_not_delay_the_verdict(tmp_path: Path) -> None:
    text = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nserve(echo)"
    when: list[float] = []
    began = time.monotonic()
    result = check(
        "toy",
        [stage(case("c", RULE, PING, PONG))],
        program(tmp_path, text),
        seed=1,
        on_stage=lambda _: when.append(time.monotonic() - began),
    )
    whole = time.monotonic() - began
    assert result.verdict is Verdict.PASS
    assert whole - when[0] > 0.4  # the grace between SIGTERM and SIGKILL
    assert result.seconds < whole - 0.4


TERM = signals(signal.SIGTERM)
DRAIN = "signal.signal(signal.SIGTERM, lambda *_: os._exit({}))\nserve(echo)"

DRASTIC: list[tuple[str, tuple[Step, ...], str, str]] = [
    # program, steps, expected, found; empty: it passes
    (DRAIN.format(0), (PING, PONG, TERM, exits(0)), "", ""),
    (
        DRAIN.format(5),
        (PING, PONG, TERM, exits(0)),
        "the program to end with exit status 0",
        "it ended with exit status 5",
    ),
    (
        "serve(echo)",
        (PING, PONG, TERM, exits(0)),
        "the program to end with exit status 0",
        "it ended with signal SIGTERM",
    ),
    (
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nserve(echo)",
        (PING, PONG, TERM, exits(0, seconds=0.1)),
        "the program to end with exit status 0",
        "it still runs after ",
    ),
    (DRAIN.format(0), (TERM, refuses_connections(b"ping\n")), "", ""),
    ("serve(echo)", (PING, PONG, kill(), closes()), "", ""),
    ("serve(echo)", (PING, PONG, kill(), refuses_connections(b"ping\n")), "", ""),
    ("serve(echo)", (kill(), PING), "a connection to be taken at", "the program ended with signal"),
    ("serve(echo)", (restart(), PING, PONG), "", ""),
    ("serve(echo)", (open_idle(200), PING, PONG), "", ""),
    ("serve(echo)", (memory_within(200 * MIB, open_idle(20)), PING, PONG), "", ""),
    (
        "def talk(s):\n  for line in lines(s):\n    kept.append(b'x' * (64 << 20)); s.sendall(line)\n"
        "kept = []\nserve(talk)",
        (memory_within(16 * MIB, PING, PONG),),
        "at most 16.0 MiB more memory than the ",
        " MiB more",
    ),
    (
        "def talk(s):\n  if s.recv(1): os._exit(9)\nserve(talk)",
        (memory_within(16 * MIB, PING, pause(0.3)),),
        "at most 16.0 MiB more memory than the ",
        "the program ended with exit status 9",
    ),
    (
        "def talk(s):\n  for line in lines(s): pass\nserve(talk)",
        (memory_within(100 * MIB, push(b"ping\n" * 1000, 20 * MIB)),),
        "",
        "",
    ),
]


@pytest.mark.parametrize(("text", "steps", "expected", "found"), DRASTIC)
def test_steps_on_the_program_hold_or_say_what_they_found(
    tmp_path: Path, text: str, steps: tuple[Step, ...], expected: str, found: str
) -> None:
    result = play(program(tmp_path, text), *steps, alone=True, ways=WHOLE)
    if not expected:
        assert result.verdict is Verdict.PASS, result.failure
        return
    said = failure(result)
    assert said.expected.startswith(expected)
    assert found in said.found


def test_a_program_that_keeps_serving_is_not_said_to_refuse(tmp_path: Path) -> None:
    from cutaway.grade.drastic import RefusesConnections

    step = RefusesConnections(b"ping\n", seconds=0.1)
    said = failure(play(program(tmp_path, "serve(echo)"), step, alone=True, ways=WHOLE))
    assert said.expected == "no new client to be served any more"
    assert said.found.startswith("one was, ")


def test_megabytes_of_output_neither_stop_the_program_nor_are_kept(tmp_path: Path) -> None:
    text = (
        "def talk(s):\n  for l in lines(s):\n    print('x' * (4 << 20)); s.sendall(l)\nserve(talk)"
    )
    assert play(program(tmp_path, text), *[PING, PONG] * 5).verdict is Verdict.PASS


def test_what_a_program_forks_ends_with_it(tmp_path: Path) -> None:
    text = (
        "if os.fork() == 0:\n"
        "  os.setsid(); open('child', 'w').write(str(os.getpid())); time.sleep(60)\n"
        "serve(echo)"
    )
    assert play(program(tmp_path, text), PING, PONG, pause(0.1)).verdict is Verdict.PASS
    child = int((tmp_path / "child").read_text())
    assert not Path(f"/proc/{child}").exists() or sys.platform != "linux"


def test_a_program_over_its_memory_is_ended_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cutaway.process import Program

    start = Program.start
    monkeypatch.setattr(
        Program, "start", lambda command, env: start(command, env, memory_limit=64 << 20)
    )
    text = (
        "def talk(s):\n  s.recv(9); x = bytearray(b'x' * (128 << 20)); time.sleep(9)\nserve(talk)"
    )
    said = failure(play(program(tmp_path, text), PING, PONG, ways=WHOLE))
    assert "The program was ended because it used" in said.found
    assert said.because.startswith("Cutaway's own limit")


def test_of_much_that_a_program_printed_it_is_told_how_much_is_left_out(tmp_path: Path) -> None:
    text = "def talk(s):\n  s.recv(9); print('x' * 5000 + 'end'); os._exit(1)\nserve(talk)"
    said = failure(play(program(tmp_path, text), PING, PONG, ways=WHOLE))
    printed = "\n".join(said.notes)
    assert "the program printed: … (3003 characters before this are left out)\nxxx" in printed
    assert printed.endswith("xend")


def test_files_and_links_are_laid_before_a_case_and_gone_before_the_next(tmp_path: Path) -> None:
    text = (
        "def talk(s):\n"
        "  for line in lines(s):\n"
        "    names = ''.join(sorted(os.listdir(os.environ['DATA_DIR'])))\n"
        "    s.sendall((names or 'none').encode() + b'\\n')\n"
        "serve(talk)"
    )
    cases = [
        case("laid", RULE, PING, expect(text=b"ab"), files={"a": b"1"}, links={"b": "{outside}"}),
        case("gone", RULE, PING, expect(text=b"none")),
    ]
    result = check("toy", [stage(*cases)], program(tmp_path, text), seed=1)
    assert result.verdict is Verdict.PASS, result.stages[0].failed
