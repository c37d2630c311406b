"""No server makes the grader hang, or eat memory: each of these ends, with a sentence.

Memory is looked at by `resource.getrusage`, whose peak only ever grows; so what is asserted is that
it did not grow by more than the octets that are kept for one connection, and some working room.

Left out: servers that are merely wrong. See test_steps.py.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from cutaway.grade import drastic, line, play
from cutaway.grade.drastic import push, send_until_answered
from cutaway.grade.matchers import ANY
from cutaway.grade.stage import Step
from cutaway.grade.steps import expect, receive, send
from cutaway.grade.verdict import Reached, Verdict
from cutaway.net import recorded
from cutaway.wire import Reader
from tests.grade.toy import LF, LIMIT, TEXT, WHOLE, Peer, Toy, Word, against, failure

MIB = 1 << 20
PING = send(b"ping\n")
MUCH = send(b"p" * (10 * MIB))


@contextmanager
def within(seconds: float, mebibytes: int) -> Iterator[None]:
    """Time stretched for a busy machine, as the limits are."""
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    yield
    took = time.monotonic() - began
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert took < seconds or took < seconds * play.patience() * 2
    assert grown < mebibytes


@pytest.fixture(autouse=True)
def short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small bounds: that they hold is the question, not where they are."""
    monkeypatch.setattr(play, "patience", lambda: 1.0)
    monkeypatch.setattr(play, "ANSWER", 0.4)
    monkeypatch.setattr(drastic, "ANSWER", 0.4)
    monkeypatch.setattr(drastic, "PUSHING", 1.0)
    monkeypatch.setattr(drastic, "LONG", 1.5)
    monkeypatch.setattr(drastic, "STEADY", 2.0)
    monkeypatch.setattr(drastic, "patience", lambda: 1.0)
    monkeypatch.setattr(recorded, "MOST", 8 * MIB)


def without_end(data: bytes, pause: float = 0.0) -> Callable[[Peer], None]:
    def server(peer: Peer) -> None:
        peer.read()
        while peer.send(data):
            time.sleep(pause)

    return server


class Blocks(Toy):
    """A message ends with an empty line, as a head does; its lines are parts of it."""

    def to_server(self, r: Reader) -> Word:
        lines = 0
        while r.until(LF, TEXT, LIMIT):
            lines += 1
        return Word(b"x" * lines)

    to_client = at_end = to_server


ENDLESS: list[tuple[Any, Any, str, str]] = [
    # server, codec, step that failed, found
    (without_end(b"x" * MIB), Toy, Reached.FRAMED, "more than the 1048576 that are taken here"),
    (without_end(b"a: b\n" * 10_000), Blocks, Reached.FRAMED, "more than "),
    (without_end(b"wait\n" * 10_000), Toy, Reached.FRAMED, "more than "),
    (without_end(b"wait\n", 0.01), Toy, Reached.ANSWERED, "no more than that in "),
    (without_end(b"x", 0.02), Toy, Reached.FRAMED, "that are not a whole one, then no more than"),
    (without_end(b"a: b\n", 0.01), Blocks, Reached.FRAMED, "not a whole one, then no more than"),
]


@pytest.mark.parametrize(("server", "codec", "step", "found"), ENDLESS)
def test_an_answer_without_end_is_not_waited_for_without_end(
    server: Any, codec: Any, step: str, found: str
) -> None:
    with within(5, 250):
        said = failure(against(server, PING, expect(seconds=0.2), codec=codec, ways=WHOLE))
    assert found in said.found or (step is Reached.ANSWERED and "whole one" in said.found)
    assert said.step in (step, Reached.FRAMED)


def test_octets_without_end_where_a_few_are_asked_for_are_too_many() -> None:
    with within(5, 80):
        said = failure(against(without_end(b"x" * MIB), PING, receive(b"x" * 100), ways=WHOLE))
    assert said.found.endswith("more bytes") or "on one connection" in said.found


def test_an_answer_of_a_thousand_tiny_writes_is_read_in_linear_time() -> None:
    """Whoever reads again from the start at every write takes minutes for this."""

    def slowly(peer: Peer) -> None:
        peer.read()
        for _ in range(1000):
            peer.send(b"a: b\n" * 60)
        peer.send(b"\n")
        peer.wait_for_end()

    with within(4, 200):
        result = against(slowly, PING, expect(text=b"x" * 60_000), codec=Blocks, ways=WHOLE)
    assert result.verdict is Verdict.PASS, result.failure


def test_a_hundred_thousand_header_lines_are_read_or_refused() -> None:
    def many(peer: Peer) -> None:
        peer.read()
        peer.send(b"name: value\n" * 100_000 + b"\n")
        peer.wait_for_end()

    with within(10, 300):
        result = against(many, PING, expect(text=ANY), codec=Blocks, ways=WHOLE)
    assert result.verdict is Verdict.PASS, result.failure


def test_a_message_of_nothing_but_tiny_parts_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "LABELS", 1000)

    def many(peer: Peer) -> None:
        peer.read()
        peer.send(b"a\n" * 2000 + b"\n")
        peer.wait_for_end()

    said = failure(against(many, PING, expect(), codec=Blocks, ways=WHOLE))
    assert said.expected == "an answer of reasonable length"
    assert said.found == "more than 1000 parts in one message"


def never_reads(peer: Peer) -> None:
    peer.stay_open()


def reads_little(peer: Peer) -> None:
    while peer.read(1000):
        time.sleep(0.02)


def answers_and_reads_no_more(peer: Peer) -> None:
    peer.read(1000)
    peer.send(b"enough\n")
    peer.stay_open()


def test_a_server_that_never_reads_is_not_sent_to_for_ever() -> None:
    with within(8, 60):
        said = failure(against(never_reads, MUCH, expect(), ways=WHOLE))
    assert (said.step, said.expected) == (Reached.SENT, "all 10485760 bytes to be taken")
    assert " were taken, then none for 0." in said.found


def test_a_server_that_reads_little_is_not_sent_to_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(play, "PACE", 100 * MIB)
    with within(8, 60):
        said = failure(against(reads_little, MUCH, expect(), ways=WHOLE))
    assert said.step == Reached.SENT
    assert " were taken" in said.found


def test_a_server_that_answered_need_not_read_the_rest() -> None:
    with within(8, 60):
        result = against(answers_and_reads_no_more, MUCH, expect(text=b"enough"), ways=WHOLE)
    assert result.verdict is Verdict.PASS, result.failure


def reads_steadily(peer: Peer) -> None:
    while peer.read(65536):
        time.sleep(0.01)


def reads_ever_less(peer: Peer) -> None:
    taken = 0
    while some := peer.read(65536):
        taken += len(some)
        time.sleep(taken / 200e6)


BULK: list[tuple[Any, Step, Verdict]] = [
    (never_reads, push(b"x" * 65536, 256 * MIB), Verdict.PASS),
    (reads_little, push(b"x" * 65536, 256 * MIB), Verdict.PASS),
    (without_end(b"x" * MIB), push(b"x" * 65536, 256 * MIB), Verdict.PASS),
    (answers_and_reads_no_more, send_until_answered(b"x" * 65536, 64 * MIB), Verdict.PASS),
    (Peer.wait_for_end, send_until_answered(b"x" * 65536, 4 * MIB), Verdict.FAIL),
    (never_reads, send_until_answered(b"x" * 65536, 64 * MIB), Verdict.FAIL),
    (reads_steadily, send_until_answered(b"x" * 65536, 64 * MIB), Verdict.INCONCLUSIVE),
    (reads_ever_less, send_until_answered(b"x" * 65536, 64 * MIB), Verdict.INCONCLUSIVE),
]


@pytest.mark.parametrize(("server", "step", "verdict"), BULK)
def test_what_is_sent_in_bulk_ends_whoever_reads_it(
    server: Any, step: Step, verdict: Verdict
) -> None:
    with within(8, 80):
        result = against(server, step, ways=WHOLE)
    assert result.verdict is verdict, result
    if verdict is Verdict.FAIL:
        assert failure(result).found.endswith(" s, and no answer came")
    if verdict is Verdict.INCONCLUSIVE:
        assert "too slowly to wait for the rest" in result.why


@pytest.mark.parametrize(
    ("marks", "given_up"),
    [
        ([(0.0, 0), (1.4, 50)], False),  # too early to tell
        ([(0.0, 0), (0.8, 50), (1.6, 100)], False),  # as much in each half of the time
        ([(0.0, 0), (0.8, 71), (1.6, 100)], True),  # as the root of the time
        ([(0.0, 0), (0.8, 90), (1.6, 90)], True),
        ([(0.0, 0), (1.1, 50), (2.1, 100)], True),  # steady, and too long all the same
    ],
)
def test_who_takes_ever_less_is_given_up_earlier(
    marks: list[tuple[float, int]], given_up: bool
) -> None:
    assert drastic.takes_too_long(marks) is given_up
