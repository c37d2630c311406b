"""Whole, in pieces, merged: what each finds, and that a seed repeats it."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cutaway.grade.drastic import at_once
from cutaway.grade.player import check
from cutaway.grade.running import Subject
from cutaway.grade.stage import ALL, BOTH, Step, case
from cutaway.grade.steps import at_every_split, expect, send
from cutaway.grade.verdict import CheckResult, StageResult, Verdict, Way
from tests.grade.toy import (
    RULE,
    WHOLE,
    Peer,
    Word,
    against,
    failure,
    play,
    program,
    right,
    serving,
    stage,
)

LONG = b"abcdefghijklmnopqrstuvwxyz\n"
NEIGHBOUR = (Word(b"neighbour"), {"text": b"neighbour"})


def needs_one_read(peer: Peer) -> None:
    while data := peer.read():
        peer.send(data if data.endswith(b"\n") else b"what\n")


def needs_one_read_first(peer: Peer) -> None:
    """As above, but silent after the first wrong answer, so that always the same octets arrive."""
    data = peer.read()
    peer.send(data if data.endswith(b"\n") else b"what\n")
    peer.wait_for_end()


def one_answer_a_read(peer: Peer) -> None:
    """Pieces are put together; of two lines in one read, only the first is answered."""
    while line := peer.line():
        peer.kept = b""
        peer.send(line)


def drops_what_comes_first(peer: Peer) -> None:
    while data := peer.read():
        peer.kept += data
        *lines, peer.kept = peer.kept.split(b"\n")
        if lines:
            peer.send(lines[-1] + b"\n")


@pytest.mark.parametrize(
    ("server", "ways", "fails"),
    [
        (needs_one_read, WHOLE, None),
        (needs_one_read, BOTH, Way.PIECES),
        (one_answer_a_read, BOTH, None),
        (one_answer_a_read, ALL, Way.MERGED),
        (drops_what_comes_first, BOTH, None),
        (drops_what_comes_first, ALL, Way.MERGED),
        (right, ALL, None),
    ],
)
def test_each_way_finds_what_the_others_cannot(
    server: Any, ways: tuple[Way, ...], fails: Way | None
) -> None:
    result = against(
        server, send(LONG), expect(text=LONG[:-1], seconds=0.2), ways=ways, neighbour=NEIGHBOUR
    )
    assert result.verdict is (Verdict.FAIL if fails else Verdict.PASS), result.failure
    assert result.played is (fails or ways[-1])


def test_a_failure_in_pieces_tells_the_cuts_and_that_it_passes_whole() -> None:
    said = failure(against(needs_one_read, send(LONG), expect(text=LONG[:-1])))
    first, second = said.notes[:2]
    assert first == "the same octets in one write of their own pass: this fails only in pieces"
    assert re.fullmatch(r"delivered in pieces, cut after byte (\d+, )*\d+ and \d+", second)
    assert said.by_hand.count("'; sleep 0.1; printf '") == len(re.findall(r"\d+", second))


def test_what_fails_in_pieces_for_what_went_before_fails_whole_too() -> None:
    connections: list[Peer] = []

    def first_only(peer: Peer) -> None:
        connections.append(peer)
        (right if len(connections) == 1 else Peer.wait_for_end)(peer)

    result = against(first_only, send(LONG), expect(text=LONG[:-1], seconds=0.1))
    assert result.played is Way.WHOLE
    assert failure(result).notes[0] == (
        "the same octets passed before, and now they fail: what went before matters"
    )
    assert "sleep 0.1" not in failure(result).by_hand


def test_of_a_program_that_ended_in_pieces_it_is_not_said_that_only_pieces_end_it(
    tmp_path: Path,
) -> None:
    text = "def one(sock):\n    echo(sock)\n    os._exit(3)\nserve(one)"
    said = failure(play(program(tmp_path, text), send(LONG), expect(text=LONG[:-1])))
    assert "only in pieces" not in str(said.notes)
    assert "ended with exit status 3" in said.found


def test_a_failure_behind_a_neighbour_tells_the_neighbour() -> None:
    steps = (send(LONG), expect(text=LONG[:-1], seconds=0.1))
    said = failure(against(one_answer_a_read, *steps, ways=ALL, neighbour=NEIGHBOUR))
    first, second = said.notes[:2]
    assert first.endswith("this fails only behind another message")
    assert second == 'delivered in one write behind "neighbour\\n"'
    assert said.by_hand.startswith("(printf 'neighbour\\nabcdefgh")


def test_without_a_neighbour_nothing_is_played_merged() -> None:
    assert against(right, send(LONG), expect(), ways=ALL).plays == 2


def test_pieces_arrive_as_pieces() -> None:
    reads: list[list[bytes]] = []

    def counts(peer: Peer) -> None:
        mine: list[bytes] = []
        reads.append(mine)
        while data := peer.read():
            mine.append(data)
            peer.kept += data
            if b"\n" in peer.kept:
                peer.send(peer.line())

    result = against(counts, send(LONG), expect(text=LONG[:-1]), seed=4)
    assert result.verdict is Verdict.PASS
    whole, pieces = reads
    assert whole == [LONG]
    assert b"".join(pieces) == LONG
    assert len(pieces) >= 3


def test_every_split_arrives_in_two_pieces() -> None:
    reads: list[tuple[bytes, ...]] = []

    def counts(peer: Peer) -> None:
        mine = (peer.read(), peer.read())
        reads.append(mine)
        peer.send(b"".join(mine))

    result = against(counts, at_every_split(b"ping\n", expect(text=b"ping")), ways=WHOLE)
    assert result.verdict is Verdict.PASS, result.failure
    assert reads == [(b"ping\n"[:at], b"ping\n"[at:]) for at in range(1, 5)]


def timeless(result: CheckResult) -> CheckResult:
    def still(stage: StageResult) -> StageResult:
        cases = tuple(replace(c, seconds=0.0, waited=0.0) for c in stage.cases)
        return replace(stage, seconds=0.0, cases=cases)

    return replace(result, seconds=0.0, stages=tuple(still(s) for s in result.stages))


def run(address: tuple[str, int], seed: int, *steps: Step) -> CheckResult:
    cases = [
        case(f"case {number}", RULE, *(steps or (send(LONG), expect(text=LONG[:-1]))))
        for number in range(6)
    ]
    stages = [
        stage(*cases, name="toy/a"),
        stage(*cases, name="toy/b", side_by_side=True, ways=ALL, neighbour=NEIGHBOUR),
    ]
    return check("toy", stages, Subject(target={"PORT": address}), seed=seed, keep_going=True)


def notes(result: CheckResult) -> list[tuple[str, ...]]:
    return [c.failure.notes for s in result.stages for c in s.cases if c.failure]


def test_the_same_seed_gives_the_same_result_and_another_seed_other_cuts() -> None:
    with serving(needs_one_read_first) as address:
        once, again, other = run(address, 5), run(address, 5), run(address, 6)
    assert timeless(once) == timeless(again)
    assert len(notes(once)) == 12
    assert len(set(notes(once))) > 1  # each case has cuts of its own
    assert notes(once) != notes(other)


def test_clients_at_once_are_cut_alike_for_the_same_seed() -> None:
    def cuts(seed: int) -> list[tuple[bytes, ...]]:
        seen: list[tuple[bytes, ...]] = []
        lock = threading.Lock()

        def counts(peer: Peer) -> None:
            mine = []
            while not b"".join(mine).endswith(b"\n"):
                mine.append(peer.read())
            with lock:
                seen.append(tuple(mine))
            peer.send(b"".join(mine))

        steps = at_once(5, send(LONG), expect(text=LONG[:-1]))
        assert against(counts, steps, ways=(Way.PIECES,), seed=seed).verdict is Verdict.PASS
        return sorted(seen)

    assert cuts(8) != cuts(9)
    # A piece that is read late arrives with the next one: one such run in three is allowed for.
    assert any(cuts(8) == cuts(8) for _ in range(3))


def test_stages_and_cases_are_told_in_order_whatever_ends_first() -> None:
    with serving(right) as address:
        result = run(address, 1)
    assert [s.name for s in result.stages] == ["toy/a", "toy/b"]
    for told in result.stages:
        assert [c.name for c in told.cases] == [f"case {number}" for number in range(6)]
