"""Every step against servers that are wrong one way: what is said, and at which octet."""

from __future__ import annotations

import re
import socket
import threading
import time
from typing import Any

import pytest

from cutaway.grade.matchers import kept, one_of, unlike
from cutaway.grade.outside import runs
from cutaway.grade.player import Subject
from cutaway.grade.stage import Step
from cutaway.grade.steps import (
    Send,
    at_every_split,
    close,
    closes,
    connect,
    drip,
    expect,
    half_close,
    pause,
    receive,
    reset,
    send,
    stays_silent,
)
from cutaway.grade.verdict import Reached, Verdict, Way
from cutaway.process import free_ports
from tests.grade.toy import WHOLE, Peer, against, failure, play, right

PING, PONG = b"ping\n", b"pong\n"
C, S, A, F, P, OK = (
    Reached.CONNECTED,
    Reached.SENT,
    Reached.ANSWERED,
    Reached.FRAMED,
    Reached.PARSED,
    Reached.AS_ASKED,
)


# Servers, each wrong one way.


def another_octet(peer: Peer) -> None:
    while line := peer.line():
        peer.send(line.replace(b"n", b"m"))


def cut(peer: Peer) -> None:
    peer.send(peer.line()[:2])


def cut_and_silent(peer: Peer) -> None:
    peer.send(peer.line()[:2])
    peer.wait_for_end()


def closes_at_once(peer: Peer) -> None:
    peer.line()


def resets(peer: Peer) -> None:
    peer.line()
    peer.reset()


def never_answers(peer: Peer) -> None:
    peer.wait_for_end()


def twice(peer: Peer) -> None:
    while line := peer.line():
        peer.send(line + line)


def no_letter(peer: Peer) -> None:
    while line := peer.line():
        peer.send(line.replace(b"i", b"1"))


def no_end_of_line(peer: Peer) -> None:
    while line := peer.line():
        peer.send(line[:-1])


def speaks_first(peer: Peer) -> None:
    peer.send(b"hello\n")
    right(peer)


def never_closes(peer: Peer) -> None:
    right(peer)
    peer.stay_open()


def one_word_more(peer: Peer) -> None:
    right(peer)
    peer.send(b"bye\n")


def closes_after_one(peer: Peer) -> None:
    peer.send(peer.line())


WRONG: list[tuple[Any, tuple[Step, ...], str, int | None, str, str]] = [
    # server, steps, step that failed, offset, expected, found
    (another_octet, (send(PING), expect(text=b"ping")), OK, 2, 'text: "ping"', 'text: "pimg"'),
    (another_octet, (send(PING), receive(PING)), OK, 2, '"ping\\n"', '"pimg\\n"'),
    (cut, (send(PING), expect(text=b"ping")), F, 2, "the answer to go on", "closed after 2 bytes"),
    (cut, (send(PING), receive(PING)), F, 2, '"ping\\n" (5 bytes)', "2 of 5 bytes, then the conn"),
    (
        cut_and_silent,
        (send(PING), expect(text=b"ping", seconds=0.1)),
        F,
        2,
        "an answer",
        "2 bytes that are not a whole one, then silence for ",
    ),
    (
        cut_and_silent,
        (send(PING), receive(PING, seconds=0.1)),
        F,
        2,
        '"ping\\n" (5 bytes)',
        "2 of 5 bytes, then silence for ",
    ),
    (closes_at_once, (send(PING), expect()), A, 0, "an answer", "the connection was closed with"),
    (closes_at_once, (send(PING), receive(PING)), A, 0, '"ping\\n"', "nothing, then the connect"),
    (resets, (send(PING), expect()), A, 0, "an answer", "the connection was reset without one"),
    (resets, (send(PING), receive(PING)), A, 0, '"ping\\n"', "nothing, then the connection was"),
    (never_answers, (send(PING), expect(seconds=0.1)), A, 0, "an answer", "silence for "),
    (never_answers, (send(PING), receive(PING, seconds=0.1)), A, 0, '"ping\\n"', "nothing, then s"),
    (twice, (send(PING), expect(text=b"ping")), OK, 5, "nothing after the last answer", "5 more b"),
    (twice, (send(PING), receive(PING)), OK, 5, "nothing after the last answer", "5 more bytes"),
    (
        twice,
        (send(PING), expect(text=b"ping"), send(PONG), expect(text=b"pong")),
        OK,
        6,
        'text: "pong"',
        'text: "ping"',
    ),
    (
        no_letter,
        (send(PING), expect()),
        P,
        0,
        "text: letters",
        '"p1ng": something that is no letter',
    ),
    (
        no_end_of_line,
        (send(PING), expect(seconds=0.1)),
        F,
        4,
        "an answer",
        "4 bytes that are not a whole one",
    ),
    (speaks_first, (send(PING), expect(text=b"ping")), OK, 0, 'text: "ping"', 'text: "hello"'),
    (speaks_first, (stays_silent(0.3),), OK, 0, "an open connection on which nothing", "6 bytes"),
    (closes_after_one, (send(PING), expect(), stays_silent()), OK, 5, "an open", "was closed"),
    (
        closes_after_one,
        (send(PING), expect(), send(PONG), expect()),
        A,
        5,
        "an answer",
        "the connection was ",
    ),
    (
        never_closes,
        (send(PING), expect(), half_close(), closes(seconds=0.1)),
        Reached.CLOSED,
        5,
        "the connection to close here",
        "it is still open after 0.",
    ),
    (
        one_word_more,
        (send(PING), expect(), half_close(), closes()),
        Reached.CLOSED,
        5,
        "the connection to close here",
        "4 more bytes",
    ),
    (right, (send(PING), expect(text=one_of(b"a", b"b"))), OK, 0, 'text: "a" or "b"', '"ping"'),
]


@pytest.mark.parametrize(
    ("server", "steps", "step", "offset", "expected", "found"),
    WRONG,
    ids=[f"{row[0].__name__}-{number}" for number, row in enumerate(WRONG)],
)
def test_a_wrong_server_fails_at_the_step_and_the_octet_where_it_is_wrong(
    server: Any, steps: tuple[Step, ...], step: str, offset: int | None, expected: str, found: str
) -> None:
    said = failure(against(server, *steps, ways=WHOLE))
    assert (said.step, said.offset) == (step, offset)
    assert expected in said.expected
    assert found in said.found
    assert said.because == (f"toy §1: {'something that is no letter' if step is P else RULE_TEXT}")
    nc = "nc -N -w 2" if half_close() in steps else "nc -w 2"
    assert re.search(rf"\| {nc} 127.0.0.1 \d+ \| xxd$", said.by_hand) or said.by_hand[0] != "("


RULE_TEXT = "an answer is the line that asked"

RIGHT: list[tuple[Any, tuple[Step, ...]]] = [
    (right, (send(PING, PONG), expect(text=b"ping"), expect(text=b"pong"))),
    (right, (send(PING), receive(b"pi"), receive(b"ng\n"), half_close(), closes())),
    (right, (send(PING), expect(text=unlike(b"pong")), stays_silent(0.02))),
    (right, (send(PING), expect(keep={"word": "text"}), send(PING), expect(text=kept("word")))),
    (right, (connect("b"), send(PING), send(PONG, on="b"), expect(text=b"ping"))),
    (right, (send(PING), expect(), reset(), send(PONG), expect(text=b"pong"))),
    (right, (send(PING), expect(), close(), send(PONG), expect(text=b"pong"))),
    (right, (send(b"pi"), pause(0.02), send(b"ng\n"), receive(PING))),
    (right, (drip(PING, 0.001), receive(PING))),
    (right, (at_every_split(PING, expect(text=b"ping")),)),
    (closes_at_once, (send(PING), expect(or_close=True))),
    (resets, (send(PING), expect(or_close=True))),
    (resets, (send(PING), closes())),
    (closes_after_one, (send(PING), expect(text=b"ping", or_close=True), closes())),
]


@pytest.mark.parametrize(
    ("server", "steps"), RIGHT, ids=[f"{r[0].__name__}-{n}" for n, r in enumerate(RIGHT)]
)
def test_what_a_step_allows_passes_whole_and_in_pieces(
    server: Any, steps: tuple[Step, ...]
) -> None:
    result = against(server, *steps)
    assert result.verdict is Verdict.PASS, result.failure
    assert result.plays == 2
    assert result.failure is None


def test_interim_answers_are_passed_over_unless_they_are_asked_for() -> None:
    def waits(peer: Peer) -> None:
        while line := peer.line():
            peer.send(b"wait\nwait\n" + line)

    assert against(waits, send(PING), expect(text=b"ping")).verdict is Verdict.PASS
    said = failure(against(waits, send(PING), expect(text=b"ping", interim=False), ways=WHOLE))
    assert said.found == 'text: "wait"'


def test_a_drip_stops_when_the_server_answers() -> None:
    def answers_early(peer: Peer) -> None:
        peer.read()
        peer.send(b"enough\n")
        peer.wait_for_end()

    began = time.monotonic()
    result = against(answers_early, drip(b"x" * 1000, 0.01), expect(text=b"enough"), ways=WHOLE)
    assert result.verdict is Verdict.PASS
    assert time.monotonic() - began < 5


def test_a_failing_split_says_where_the_message_was_cut() -> None:
    def one_read_a_line(peer: Peer) -> None:
        while data := peer.read():
            if data in (b"pin", b"g\n"):
                peer.send(b"what\n")
                return
            peer.kept += data
            if b"\n" in peer.kept:
                peer.send(peer.line())

    said = failure(against(one_read_a_line, at_every_split(PING, expect(text=b"ping")), ways=WHOLE))
    assert "delivered in two pieces, cut after byte 3" in said.notes
    sent, nc, xxd = said.by_hand.split(" | ")
    assert sent == "(printf 'pin'; sleep 0.1; printf 'g\\n'; sleep 1)"
    assert (nc.rpartition(" ")[0], xxd) == ("nc -w 2 127.0.0.1", "xxd")


def test_an_answer_too_many_is_found_at_every_split() -> None:
    said = failure(against(twice, at_every_split(PING, expect(text=b"ping")), ways=WHOLE))
    assert said.found == "5 more bytes"
    assert "delivered in two pieces, cut after byte 1" in said.notes


def test_a_failure_points_into_the_octets_and_shows_them() -> None:
    said = failure(against(another_octet, send(b"ring\n", PING), expect(text=b"ring"), ways=WHOLE))
    assert said.where == "byte 2 of what your server sent (message 1)"
    assert said.dump.splitlines()[0].startswith("0000  72 69 6d 67")
    assert said.dump.splitlines()[1].index("^^") == said.dump.splitlines()[0].index("6d")


def test_a_failure_on_another_connection_says_which() -> None:
    said = failure(
        against(
            another_octet,
            connect("b"),
            send(PING, on="b"),
            expect(on="b", text=b"ping"),
            ways=WHOLE,
        )
    )
    assert said.where == "byte 2 of what your server sent (message 1, connection b)"


@pytest.mark.parametrize("step", [send(PING), runs("sleep", "60")], ids=["asked", "by a program"])
def test_where_a_server_has_ended_since_nothing_can_be_told_of_it(step: Step) -> None:
    [port] = free_ports(1)
    result = play(Subject(target={"PORT": ("127.0.0.1", port)}), step)
    assert (result.verdict, result.failure) == (Verdict.INCONCLUSIVE, None)
    assert result.why == (
        f"nothing takes a connection on 127.0.0.1:{port} any more: the server has ended"
    )


def test_a_server_that_listens_no_more_has_refused_a_connection() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    address = listener.getsockname()[:2]

    def once() -> None:
        with listener.accept()[0] as sock:
            listener.close()
            sock.sendall(sock.recv(9))

    thread = threading.Thread(target=once, daemon=True)
    thread.start()
    steps = (send(PING), expect(text=b"ping"), send(PING, on="b"))
    said = failure(play(Subject(target={"PORT": address}), *steps, ways=WHOLE))
    assert (said.step, said.found) == (C, "it is refused")
    assert said.expected == f"a connection to be taken at 127.0.0.1:{address[1]} ($PORT)"
    thread.join(5)


def test_the_steps_of_the_exchange_that_held_are_told() -> None:
    result = against(another_octet, send(PING), expect(text=b"ping"), ways=WHOLE)
    assert result.reached == (C, S, A, F, P)
    assert against(right, send(PING), expect()).reached == (C, S, A, F, P, OK)


LIMIT = r"the limit of 0\.1 s(, stretched to [0-9.]+ s, since this machine is busy,)? was over"


def test_a_limit_that_fires_is_told() -> None:
    said = failure(against(never_answers, send(PING), expect(seconds=0.1), ways=WHOLE))
    assert any(re.fullmatch(LIMIT, note) for note in said.notes)


def test_a_limit_that_was_stretched_is_told_with_how_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cutaway.grade.play.patience", lambda: 3.0)
    said = failure(against(never_answers, send(PING), expect(seconds=0.1), ways=WHOLE))
    note = "the limit of 0.1 s, stretched to 0.3 s, since this machine is busy, was over"
    assert note in said.notes


def test_a_case_is_played_in_its_ways_up_to_the_first_that_fails() -> None:
    def in_one_read(peer: Peer) -> None:
        while data := peer.read():
            peer.send(data if data.endswith(b"\n") else b"what\n")

    result = against(in_one_read, send(PING), expect(text=b"ping"))
    assert (result.played, result.plays) == (Way.PIECES, 2)
    assert result.failure is not None
    assert result.failure.notes[0] == (
        "the same octets in one write of their own pass: this fails only in pieces"
    )
    assert result.failure.notes[1].startswith("delivered in pieces, cut after byte ")


def test_a_sketch_shows_what_a_message_is_and_what_it_carries() -> None:
    short = b"POST /a\r\n\r\nbody"
    assert Send(short).sketch() == r'send "POST /a\r\n\r\nbody"'
    long = b"POST /a\r\n" + b"x" * 500 + b"\r\n\r\nthe body"
    told = Send(long).sketch()
    assert told.startswith(r'send "POST /a\r\nxxx')
    assert told.endswith(r'xxx\r\n\r\nthe body" with 401 bytes between')
