"""Steps on streams that last, each against a server that is right and against one that is not."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from cutaway.grade.drastic import open_idle, push
from cutaway.grade.enduring import (
    again,
    catch_up,
    cut_off,
    descriptors_return,
    ends_after,
    eventually,
    few_descriptors,
    hang_up,
    kept,
    octets,
)
from cutaway.grade.stage import Step
from cutaway.grade.steps import closes, half_close, receive, send
from cutaway.grade.verdict import Verdict
from tests.grade.toy import WHOLE, Handler, Peer, against, failure, play, program, right

BLOCK = bytes(range(256)) * 256
MIB = 1 << 20


def raw(peer: Peer) -> None:
    while data := peer.read():
        peer.send(data)


def one_octet_wrong(peer: Peer) -> None:
    seen = 0
    while data := peer.read():
        wrong = bytearray(data)
        if seen <= 100_000 < seen + len(data):
            wrong[100_000 - seen] ^= 1
        seen += len(data)
        peer.send(bytes(wrong))


def half_of_it(peer: Peer) -> None:
    peer.send(peer.read()[:10])


def one_read_one_line(peer: Peer) -> None:
    while data := peer.read():
        peer.send(data.rstrip(b"\n") + b"\n")


def leaves_late(peer: Peer) -> None:
    peer.send(b"rest")
    peer.wait_for_end()
    peer.stay_open()


def impatient(peer: Peer) -> None:
    peer.sock.settimeout(0.02)
    raw(peer)


class Third:
    """Serves nobody but every third client."""

    def __init__(self) -> None:
        self.seen = 0

    def __call__(self, peer: Peer) -> None:
        self.seen += 1
        if self.seen % 3 == 0:
            right(peer)


PASSES: list[tuple[str, Handler, tuple[Step, ...]]] = [
    ("octets", right, (octets(b"ping\n"), receive(b"ping\n"))),
    ("the end", right, (send(b"ping\nrest"), half_close(), receive(b"ping\n"), ends_after(b""))),
    ("a rest", raw, (send(b"rest"), half_close(), ends_after(b"", b"rest"))),
    ("all of it", raw, (push(BLOCK, 2 * MIB), half_close(), catch_up(BLOCK), closes())),
    ("whole lines", right, (push(b"x" * 999 + b"\n", 9_500), half_close(),
                            catch_up(b"x" * 999 + b"\n", unit=1000))),
    ("a part and the end", half_of_it, (push(BLOCK[:100], 100), catch_up(BLOCK[:100], or_end=True))),
    ("cut off", half_of_it, (send(b"ping\n"), cut_off("main", 100))),
    ("kept", right, (kept(0.01, (b"pi", b""), (b"ng\n", b"ping\n")),)),
    ("again", right, (again(5, send(b"ping\n"), receive(b"ping\n"), half_close(), closes()),)),
    ("eventually", Third(), (eventually(send(b"ping\n"), receive(b"ping\n")),)),
]  # fmt: skip

FAILS: list[tuple[Handler, tuple[Step, ...], str, str]] = [
    (one_read_one_line, (octets(b"ping\n"), receive(b"ping\n")), '"ping\\n"', '"p\\ni'),
    (leaves_late, (ends_after(b"rest"),), "the connection to close", "it is still open"),
    (half_of_it, (send(b"ping\n"), ends_after(b"", b"pong\n")), "nothing or", "ping"),
    (
        one_octet_wrong,
        (push(BLOCK, 2 * MIB), half_close(), catch_up(BLOCK)),
        "byte 100000 of what was sent",
        '"\\xa1',
    ),
    (
        half_of_it,
        (push(BLOCK[:100], 100), catch_up(BLOCK[:100])),
        "all 100 bytes",
        "10 of them, then the",
    ),
    (raw, (send(b"ping\n"), cut_off("main", 100)), "the connection to end", "5 bytes, and"),
    (raw, (send(b"x" * 100), cut_off("main", 50)), "the connection to end", "bytes, and it is"),
    (impatient, (kept(0.2, (b"a", b"a"), (b"b", b"b")),), "an open connection", "was closed"),
    (
        half_of_it,
        (eventually(send(b"ping\n"), receive(b"ping pong\n"), seconds=0.1),),
        "ping pong",
        '"ping\\n"',
    ),
]


@pytest.mark.parametrize(("handler", "steps"), [row[1:] for row in PASSES], ids=[r[0] for r in PASSES])  # fmt: skip
def test_a_right_server_passes(handler: Handler, steps: tuple[Step, ...]) -> None:
    result = against(handler, *steps, ways=WHOLE)
    assert result.verdict is Verdict.PASS, result.failure


@pytest.mark.parametrize(("handler", "steps", "expected", "found"), FAILS)
def test_a_wrong_one_is_told_what_was_expected_and_found(
    handler: Handler, steps: tuple[Step, ...], expected: str, found: str
) -> None:
    told = failure(against(handler, *steps, ways=WHOLE))
    assert expected in told.expected
    assert found in told.found


def test_a_repetition_says_which_time_it_was() -> None:
    told = failure(against(Third(), again(5, send(b"ping\n"), receive(b"ping\n")), ways=WHOLE))
    assert "time 1 of 5" in told.notes


def test_what_is_kept_is_tried_three_times_and_no_more() -> None:
    began = time.monotonic()
    told = failure(against(impatient, kept(0.1, (b"a", b"a"), (b"b", b"b")), ways=WHOLE))
    assert "tried 3 times" in told.notes
    assert time.monotonic() - began < 5


LEAKS = """
kept = []
def leak(sock):
    kept.append(os.open(os.devnull, os.O_RDONLY))
    echo(sock)
serve(leak)
"""
GIVES_UP = """
def talk(sock):
    with sock:
        echo(sock)
server = listen()
while True:
    threading.Thread(target=talk, args=(server.accept()[0],), daemon=True).start()
"""
PING = (send(b"ping\n"), receive(b"ping\n"), half_close(), closes())

linux = pytest.mark.skipif(sys.platform != "linux", reason="asks /proc and prlimit(2)")


@linux
def test_descriptors_that_are_not_given_back_are_counted(tmp_path: Path) -> None:
    step = descriptors_return(again(30, *PING))
    assert play(program(tmp_path, "serve(echo)"), step, ways=WHOLE).verdict is Verdict.PASS
    told = failure(play(program(tmp_path, LEAKS), step, ways=WHOLE))
    assert "open descriptors, as before" in told.expected
    assert told.found.endswith("are open")


@linux
def test_a_program_that_ends_for_want_of_descriptors_fails(tmp_path: Path) -> None:
    steps = (*PING, few_descriptors(5), open_idle(20), hang_up(), eventually(*PING, seconds=1.0))
    assert play(program(tmp_path, GIVES_UP), *steps, ways=WHOLE).verdict is Verdict.FAIL


@pytest.mark.parametrize("step", [step for _, _, steps in PASSES for step in steps])
def test_every_step_has_a_sketch(step: Step) -> None:
    assert step.sketch().strip()
