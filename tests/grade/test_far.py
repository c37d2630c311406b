"""Far sides: what a program asks of others is looked at as closely as what it answers."""

from __future__ import annotations

import re
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from cutaway.grade.answering import NAMED, Reply
from cutaway.grade.asking import (
    answers,
    asked,
    broken_off,
    never_whole,
    not_asked,
    not_reached,
    overflows,
    recovers,
    refused_or_asked,
    refuses,
    taken_by,
)
from cutaway.grade.byhand import Act, by_hand
from cutaway.grade.crowd import at_once
from cutaway.grade.drastic import memory_within
from cutaway.grade.enduring import again
from cutaway.grade.far import Far
from cutaway.grade.flowing import drains, flows, held_back
from cutaway.grade.matchers import Matcher
from cutaway.grade.player import check
from cutaway.grade.ruled import awaited, begins_anew, by_rule, releases, tallied
from cutaway.grade.running import Subject
from cutaway.grade.stage import BOTH, Step, case
from cutaway.grade.steps import close, closes, connect, expect, reset, send
from cutaway.grade.verdict import CaseResult, Reached, Verdict
from cutaway.process.watch import running as still_running
from tests.grade.toy import RULE, Toy, Word, failure, play, program, stage

A = Far(name="a", codec=Toy, called="upstream a", variable="UPSTREAMS")
B = Far(name="b", codec=Toy, variable="UPSTREAMS")
CACHE = Far(name="cache", codec=Toy, variable="CACHE_URL", form="toy://{address}/0")

PING = send(b"ping\n")
ASKED = asked("a", text=b"ping")
PONG = (answers("a", Word(b"pong")), expect(text=b"pong"))

BEGIN = """
def reach(place=0):
    host, port = os.environ["UPSTREAMS"].split(",")[place].split(":")
    return socket.create_connection((host, int(port)))
"""
RIGHT = """
def pass_on(sock):
    far = reach()
    back = far.makefile("rb")
    for line in lines(sock):
        far.sendall(line)
        sock.sendall(back.readline())
serve(pass_on)
"""


@pytest.fixture(autouse=True)
def nothing_is_left() -> Any:
    yield
    assert still_running() == []
    assert [thread for thread in threading.enumerate() if thread.name == NAMED] == []


def through(tmp_path: Path, text: str, *steps: Step, **options: Any) -> CaseResult:
    options = {"far": (A,), **options}
    return play(program(tmp_path, BEGIN + text), *steps, **options)


def test_both_sides_of_a_right_program_are_played_whole_and_in_pieces(tmp_path: Path) -> None:
    result = through(tmp_path, RIGHT, PING, ASKED, *PONG, ways=BOTH)
    assert result.verdict is Verdict.PASS
    assert result.plays == 2


WRONG = {
    "another request": (
        "far.sendall(line.upper())",
        Reached.AS_ASKED,
        'text: "ping"',
        'text: "PING"',
        "byte 0 of what your program sent to upstream a (message 1)",
    ),
    "another answer": (
        "far.sendall(line); back.readline(); sock.sendall(b'peng\\n'); continue",
        Reached.AS_ASKED,
        'text: "pong"',
        'text: "peng"',
        "byte 1 of what your program sent to the client (message 1)",
    ),
    "an answer without asking": (
        "sock.sendall(b'error\\n'); continue",
        Reached.ANSWERED,
        "a request to upstream a",
        "none in",
        "byte 0 of what your program sent to the client (message 1)",
    ),
    "one request too many": (
        "far.sendall(line * 2)",
        Reached.AS_ASKED,
        "nothing after the last request",
        "5 more bytes",
        "byte 5 of what your program sent to upstream a (message 2)",
    ),
    "a request on another connection, too": (
        "far.sendall(line); other = reach(); other.sendall(b'more\\n'); time.sleep(0.1)",
        Reached.AS_ASKED,
        "nothing more to be sent to upstream a",
        '5 bytes: "more\\n"',
        "byte 0 of what your program sent to upstream a (message 1)",
    ),
    "what is no request": (
        "far.sendall(b'12\\n')",
        Reached.PARSED,
        "text: letters",
        "something that is no letter",
        "byte 0 of what your program sent to upstream a (message 1)",
    ),
    "half a request": (
        "far.sendall(b'pi'); far.shutdown(socket.SHUT_WR)",
        Reached.FRAMED,
        "the request to go on",
        "the connection was closed after 2 bytes",
        "the end (byte 2) of what your program sent to upstream a (message 1)",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_at_either_side_is_told_with_its_side(tmp_path: Path, name: str) -> None:
    line, step, expected, found, where = WRONG[name]
    text = RIGHT.replace("far.sendall(line)", line)
    said = failure(through(tmp_path, text, PING, ASKED, *PONG))
    assert (said.step, said.where) == (step, where)
    assert expected in said.expected
    assert found in said.found
    assert re.search(r"timeout \d+ nc -N -l 127\.0\.0\.1 9001", said.by_hand)
    assert "UPSTREAMS=127.0.0.1:9001" in str(said.notes)


def test_a_request_that_never_comes_is_told_soon_when_the_client_has_something_instead(
    tmp_path: Path,
) -> None:
    text = "def no(sock):\n    next(lines(sock))\n    sock.sendall(b'no\\n')\nserve(no)"
    began = time.monotonic()
    said = failure(through(tmp_path, text, PING, asked("a", seconds=30.0)))
    assert 'the client was answered "no\\n"' in said.found
    assert time.monotonic() - began < 20


def test_each_far_side_is_told_to_the_program_in_its_own_way(tmp_path: Path) -> None:
    text = (
        "def tell(sock):\n"
        "    a, b = os.environ['UPSTREAMS'].split(',')\n"
        "    host, port = os.environ['CACHE_URL'].removeprefix('toy://')[:-2].split(':')\n"
        "    far = socket.create_connection((host, int(port)))\n"
        "    far.sendall(next(lines(sock)))\n"
        "    sock.sendall(far.makefile('rb').readline())\n"
        "    assert os.environ['ALLOW'] == b\n"
        "serve(tell)"
    )
    steps = (PING, not_asked("a"), asked("cache"), answers("cache", Word(b"pong")))
    result = through(
        tmp_path,
        text,
        *steps,
        expect(text=b"pong"),
        far=(A, B, CACHE),
        environment={"ALLOW": "{b}"},
    )
    assert result.verdict is Verdict.PASS, result


KEEPS = """
kept = []
def pass_on(sock):
    for line in lines(sock):
        far = kept.pop() if kept else reach()
        far.sendall(line)
        answer = far.makefile("rb").readline()
        if answer:
            kept.append(far)
        sock.sendall(answer or b"gone\\n")
serve(pass_on)
"""


def test_a_connection_that_is_whole_stays_for_the_next_case(tmp_path: Path) -> None:
    cases = [
        case("first", RULE, PING, ASKED, *PONG),
        case("second", RULE, PING, asked("a", reused=True), *PONG),
        case("left half done", RULE, PING, asked("a", reused=True)),
        case("not that one", RULE, PING, asked("a", reused=False), *PONG),
    ]
    subject = program(tmp_path, BEGIN + KEEPS)
    result = check("toy", [stage(*cases, far=(A,), ways=(BOTH[0],))], subject, seed=1)
    assert [c.verdict for c in result.stages[0].cases] == [Verdict.PASS] * 4, result


def test_a_kept_connection_is_told_from_a_new_one(tmp_path: Path) -> None:
    new = failure(through(tmp_path, KEEPS, PING, ASKED, *PONG, PING, asked("a", reused=False)))
    assert new.found == "one on the connection that was kept"
    text = RIGHT.replace(
        "        far.sendall",
        "        far = reach(); back = far.makefile('rb')\n        far.sendall",
    )
    kept = failure(through(tmp_path, text, PING, ASKED, *PONG, PING, asked("a", reused=True)))
    assert kept.found == "one on a new connection"


def test_two_conversations_at_one_far_side_have_names_of_their_own(tmp_path: Path) -> None:
    steps = (
        PING,
        asked("a", on="one"),
        connect("other"),
        send(b"other\n", on="other"),
        asked("a", on="two", text=b"other"),
        answers("two", Word(b"second")),
        expect(on="other", text=b"second"),
        answers("one", Word(b"first")),
        expect(text=b"first"),
    )
    assert through(tmp_path, RIGHT, *steps).verdict is Verdict.PASS


def test_a_second_request_on_a_busy_connection_is_told(tmp_path: Path) -> None:
    text = (
        "far = None\n"
        "def mix(sock):\n    global far\n    for line in lines(sock):\n"
        "        far = far or reach()\n        far.sendall(line)\nserve(mix)"
    )
    steps = (PING, asked("a", on="one"), connect("other"), send(b"other\n", on="other"))
    said = failure(through(tmp_path, text, *steps, asked("a", on="two")))
    assert said.found == "it came on connection one, which another request has"
    assert said.where.endswith("(message 2, connection one)")


GATEWAY = """
def try_it(sock):
    for line in lines(sock):
        try:
            far = reach()
            far.settimeout(1.0)
            far.sendall(line)
            sock.sendall(far.makefile("rb").readline() or b"ended\\n")
        except ConnectionRefusedError:
            sock.sendall(b"refused\\n")
        except ConnectionResetError:
            sock.sendall(b"reset\\n")
        except TimeoutError:
            sock.sendall(b"silent\\n")
socket.setdefaulttimeout(None)
"""
ANEW = """
def ask(line):
    with reach() as far, far.makefile("rb") as back:
        far.sendall(line)
        return back.readline()
def pass_on(sock):
    for line in lines(sock):
        sock.sendall(ask(line).upper())
serve(pass_on)
"""
FAILS: dict[str, tuple[Step, ...]] = {
    "refused": (refuses("a"), PING),
    "ended": (PING, ASKED, close("a")),
    "reset": (PING, ASKED, reset("a")),
    "silent": (PING, ASKED),
}


@pytest.mark.parametrize("how", FAILS)
def test_a_far_side_can_fail_in_each_way_and_come_back(tmp_path: Path, how: str) -> None:
    steps = (*FAILS[how], expect(text=how.encode()), recovers("a"), PING, ASKED, *PONG)
    assert through(tmp_path, GATEWAY + "serve(try_it)", *steps).verdict is Verdict.PASS


def test_a_far_side_whose_queue_is_full_lets_nobody_in(tmp_path: Path) -> None:
    text = GATEWAY.replace("far = reach()", "socket.setdefaulttimeout(1.0); far = reach()")
    steps = (overflows("a"), PING, expect(text=b"silent"), recovers("a"), PING, ASKED, *PONG)
    assert through(tmp_path, text + "serve(try_it)", *steps).verdict is Verdict.PASS


def test_the_next_case_begins_with_all_far_sides_in_order(tmp_path: Path) -> None:
    cases = [case("gone", RULE, refuses("a")), case("back", RULE, PING, ASKED, *PONG)]
    subject = program(tmp_path, BEGIN + RIGHT)
    result = check("toy", [stage(*cases, far=(A,))], subject, seed=1)
    assert result.verdict is Verdict.PASS, result


def test_what_is_begun_and_broken_off_is_told_from_what_is_whole(tmp_path: Path) -> None:
    text = (
        "def half(sock):\n    back = lines(sock)\n    next(back)\n    far = reach()\n"
        "    far.sendall({})\n    far.close()\n    next(back)\nserve(half)"
    )
    broken = through(tmp_path, text.format("b'pi'"), PING, taken_by("a"), broken_off("a"))
    assert broken.verdict is Verdict.PASS, broken
    whole = through(tmp_path, text.format("b'ping\\n'"), PING, taken_by("a"), broken_off("a"))
    assert failure(whole).found == "one that looks whole"
    steps = (PING, taken_by("a", on="x"), closes(on="x"), never_whole("a"))
    assert failure(through(tmp_path, text.format("b'ping\\n'"), *steps)).found == "5 more bytes"


REFUSE_OR_PASS = refused_or_asked(
    "a", {"text": b"ping"}, Word(b"pong"), {"text": b"no"}, {"text": b"pong"}
)


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("far.sendall(line)", Verdict.PASS),
        ("sock.sendall(b'no\\n'); continue", Verdict.PASS),
        ("sock.close(); return", Verdict.PASS),
        ("far.sendall(line.upper())", Verdict.FAIL),
        ("sock.sendall(b'yes\\n'); continue", Verdict.FAIL),
    ],
)
def test_a_program_may_refuse_or_repair_but_nothing_else(
    tmp_path: Path, line: str, verdict: Verdict
) -> None:
    text = RIGHT.replace("far.sendall(line)", line)
    assert through(tmp_path, text, PING, REFUSE_OR_PASS).verdict is verdict


def test_a_far_side_that_nobody_may_reach_sees_each_connection(tmp_path: Path) -> None:
    early = "reach()\n" + RIGHT
    assert failure(through(tmp_path, RIGHT, connect("main"), taken_by("a"), not_reached("a"))).found
    assert (
        through(tmp_path, early.replace("reach()\n", "", 1), not_reached("a")).verdict
        is Verdict.PASS
    )


class Says:
    """Answers its name, holds what is "hold", and drops each `drop`th."""

    def __init__(self, name: bytes, drop: int = 0, after: float = 0.0) -> None:
        self.name, self.drop, self.after = name, drop, after

    def reply(self, message: Word, number: int) -> Reply:
        if self.drop and number % self.drop == 0:
            return Reply(b"", then="close")
        return Reply(self.name + b"\n", after=self.after, held=message.text == b"hold")

    def sample(self) -> bytes:
        return self.name + b"\n"


def counted(**wanted: int) -> Matcher:
    says = ", ".join(f"{count} at {name}" for name, count in wanted.items())
    return Matcher(says, lambda seen: {name: seen[name].count for name in wanted} == wanted)


def at_once_most(count: int) -> Matcher:
    return Matcher(f"{count} at once", lambda seen: seen["a"].most_at_once == count)


TURNS = """
import itertools
turn = itertools.cycle((0, 1))
def pass_on(sock):
    for line in lines(sock):
        far = reach(next(turn))
        far.sendall(line)
        sock.sendall(far.makefile("rb").readline() or b"gone\\n")
serve(pass_on)
"""


def test_far_sides_answer_by_themselves_and_count(tmp_path: Path) -> None:
    steps = (
        by_rule(a=Says(b"x"), b=Says(b"y")),
        again(5, PING, expect(text=b"x"), PING, expect(text=b"y")),
        tallied(counted(a=5, b=5)),
        by_rule(b=Says(b"z")),
        begins_anew(),
        again(3, PING, expect(text=b"x"), PING, expect(text=b"z")),
        tallied(counted(a=3, b=3)),
    )
    assert through(tmp_path, TURNS, *steps, far=(A, B)).verdict is Verdict.PASS


def test_a_tally_that_is_not_as_wanted_says_what_each_got(tmp_path: Path) -> None:
    steps = (by_rule(a=Says(b"x"), b=Says(b"y")), again(2, PING, expect()), tallied(counted(a=2)))
    said = failure(through(tmp_path, TURNS, *steps, far=(A, B)))
    assert said.expected == "2 at a"
    assert said.found.startswith("a: 1 request on 1 connection, 1 at once; b: 1 request on 1")
    assert (
        "for i in $(seq 20); do (printf 'x\\n') | timeout 9 nc -N -l 127.0.0.1 9001" in said.by_hand
    )


def test_what_a_far_side_holds_is_under_way_until_it_is_released(tmp_path: Path) -> None:
    steps = (
        by_rule(a=Says(b"x")),
        connect("one"),
        connect("two"),
        send(b"hold\n", on="one"),
        send(b"hold\n", on="two"),
        awaited(at_once_most(2)),
        releases("a"),
        expect(on="one", text=b"x"),
        expect(on="two", text=b"x"),
    )
    assert through(tmp_path, RIGHT, *steps).verdict is Verdict.PASS


def test_many_clients_at_once_through_a_far_side_that_takes_its_time(tmp_path: Path) -> None:
    steps = (
        by_rule(a=Says(b"x", after=0.1)),
        at_once(20, PING, expect(text=b"x")),
        tallied(at_once_most(20)),
    )
    assert through(tmp_path, RIGHT, *steps).verdict is Verdict.PASS


def test_what_a_rule_cannot_read_is_told(tmp_path: Path) -> None:
    text = RIGHT.replace("far.sendall(line)", "far.sendall(b'12\\n')")
    steps = (by_rule(a=Says(b"x")), PING, awaited(counted(a=1)))
    said = failure(through(tmp_path, text, *steps))
    assert said.expected == "only requests to upstream a"


def test_behind_a_rule_steps_answer_again_on_the_connections_that_were_kept(tmp_path: Path) -> None:
    cases = [
        case("by rule", RULE, by_rule(a=Says(b"x")), PING, expect(text=b"x")),
        case("by steps", RULE, PING, asked("a", reused=True), *PONG),
        case("by rule again", RULE, by_rule(a=Says(b"y")), PING, expect(text=b"y")),
    ]
    subject = program(tmp_path, BEGIN + KEEPS)
    result = check("toy", [stage(*cases, far=(A,))], subject, seed=1)
    assert result.verdict is Verdict.PASS, result


PIPE = """
def pump(source, sink):
    while data := source.recv(65536):
        sink.sendall(data)
def pipe(sock):
    first = sock.recv(1)
    if not first:
        return
    far = reach()
    far.sendall(first)
    threading.Thread(target=pump, args=(far, sock), daemon=True).start()
    pump(sock, far)
serve(pipe)
"""
BLOCK = b"x" * (1 << 20)


@pytest.mark.parametrize(("on", "to"), [("main", "a"), ("a", "main")])
def test_much_flows_through_without_being_kept(tmp_path: Path, on: str, to: str) -> None:
    steps = (send(b"x"), taken_by("a"), flows(BLOCK, 32, on=on, to=to))
    assert (
        through(tmp_path, PIPE, memory_within(16 << 20, *steps), alone=True).verdict is Verdict.PASS
    )


def test_a_program_that_takes_all_in_is_told_from_one_that_holds_back(tmp_path: Path) -> None:
    steps = (send(b"x"), taken_by("a"), held_back(BLOCK, 64 << 20, 32 << 20))
    assert through(tmp_path, PIPE, *steps, drains("a", 1 << 20)).verdict is Verdict.PASS
    text = PIPE.replace("        sink.sendall(data)\n", "        pass\n")
    assert "were taken" in failure(through(tmp_path, text, *steps)).found


def test_a_program_that_runs_already_is_not_asked_for_what_is_behind_it() -> None:
    subject = Subject(target={"PORT": ("127.0.0.1", 9)})
    [only] = check("toy", [stage(case("x", RULE, PING), far=(A,))], subject, seed=1).stages
    assert only.verdict is Verdict.SKIPPED
    assert "it plays what the program connects to" in only.why


def conversation() -> list[Act]:
    return [
        Act("main", "connect"),
        Act("main", "send", b"ping\n"),
        Act("a", "accept", port="a"),
        Act("a", "send", b"pong\n"),
        Act("main", "send", b"more\n"),
        Act("a", "accept", port="a"),
        Act("a", "send", b"last\n"),
    ]


ADDRESSES = {"PORT": ("127.0.0.1", 8080), "a": ("127.0.0.1", 9001)}


def test_by_hand_each_turn_waits_for_the_other_side() -> None:
    assert by_hand(conversation(), "main", ADDRESSES) == (
        "((sleep 2; printf 'pong\\n'; sleep 0.5) | timeout 5 nc -N -l 127.0.0.1 9001 > /dev/null; "
        "(sleep 1; printf 'last\\n'; sleep 7) | timeout 12 nc -N -l 127.0.0.1 9001 > /dev/null) & "
        "sleep 1; (printf 'ping\\n'; sleep 2; printf 'more\\n'; sleep 3) | nc -w 5 127.0.0.1 8080 | xxd"
    )


def test_by_hand_the_side_at_fault_is_shown() -> None:
    assert by_hand(conversation()[:4], "a", ADDRESSES) == (
        "(sleep 1; (printf 'ping\\n'; sleep 3) | nc -w 3 127.0.0.1 8080 > /dev/null) & "
        "(sleep 2; printf 'pong\\n'; sleep 1) | timeout 5 nc -N -l 127.0.0.1 9001 | xxd"
    )


def test_by_hand_a_request_that_never_came_is_looked_for_where_it_was_to_come(
    tmp_path: Path,
) -> None:
    text = "def no(sock):\n    next(lines(sock))\n    time.sleep(9)\nserve(no)"
    said = failure(through(tmp_path, text, PING, asked("a", seconds=0.5)))
    assert said.by_hand.endswith("| timeout 5 nc -N -l 127.0.0.1 9001 | xxd")
    assert "nc -w 2 127.0.0.1 8080 > /dev/null" in said.by_hand


def test_by_hand_memory_is_printed_before_and_after_what_it_grew_with() -> None:
    acts = [
        *conversation()[:3],
        Act("", "memory"),
        Act("main", "send", bytes(1 << 20), times=192),
        Act("a", "send", b"thanks\n"),
        Act("", "memory"),
    ]
    far, said = by_hand(acts, "main", ADDRESSES).split(" & ")
    assert (
        far
        == "(sleep 3; printf 'thanks\\n'; sleep 6) | timeout 10 nc -N -l 127.0.0.1 9001 > /dev/null"
    )
    memory = "ps -o rss= -p $("
    assert said.startswith(f"sleep 1; (printf 'ping\\n'; {memory}")
    assert f">&2; head -c 201326592 /dev/zero; {memory}" in said


def test_by_hand_who_does_not_read_leaves_it_in_the_pipe() -> None:
    acts = [
        *conversation()[:3],
        Act("main", "send", bytes(1 << 20), times=64),
        Act("main", "untaken"),
    ]
    said = by_hand(acts, "main", ADDRESSES)
    assert "127.0.0.1 9001 | sleep " in said
    assert "head -c 67108864 /dev/zero && echo 'all of it was taken' >&2; " in said


def test_by_hand_a_client_closes_when_it_has_its_answer() -> None:
    acts = [*conversation()[:4], Act("main", "close")]
    assert by_hand(acts, "main", ADDRESSES).endswith(
        "sleep 1; (printf 'ping\\n'; sleep 2) | nc -N 127.0.0.1 8080 | xxd"
    )


def test_by_hand_what_names_a_far_side_names_the_one_by_hand(tmp_path: Path) -> None:
    steps = (send(b"{a}\n", fill=True), expect(text=b"x"))
    said = failure(through(tmp_path, GATEWAY + "serve(try_it)", refuses("a"), *steps))
    assert "printf '127.0.0.1:9001\\n'" in said.by_hand


def test_what_is_given_by_hand_works_when_it_is_pasted(tmp_path: Path, require_tool: Any) -> None:
    """With the ports of this test in the place of 8080 and 9001."""
    require_tool("nc", "apt install netcat-openbsd")
    require_tool("xxd", "apt install xxd")
    from cutaway.process import Program, free_ports

    subject = program(tmp_path, BEGIN + ANEW)
    said = failure(play(subject, PING, ASKED, *PONG, far=(A,)))
    client, far = free_ports(2)
    assert subject.command is not None
    settings = {"PORT": str(client), "UPSTREAMS": f"127.0.0.1:{far}"}
    running = Program.start(subject.command, settings)
    try:
        running.wait_ready([client], within=10.0)
        command = said.by_hand.replace("8080", str(client)).replace("9001", str(far))
        done = subprocess.run(["sh", "-c", command], capture_output=True, timeout=30, check=True)
    finally:
        running.end()
    assert b"PONG" in done.stdout
