"""Parts that are given: what a program says to them is seen at the relay between."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from cutaway.grade.drastic import restart
from cutaway.grade.given import Given, Passed
from cutaway.grade.linked import over
from cutaway.grade.matchers import Matcher
from cutaway.grade.passing import back, cuts, forgets, gone, passed, soon
from cutaway.grade.player import check
from cutaway.grade.running import Subject
from cutaway.grade.stage import BOTH, Step, case
from cutaway.grade.steps import close, expect, send
from cutaway.grade.verdict import CaseResult, Verdict
from cutaway.net.relay import Link
from cutaway.process.watch import running as still_running
from tests.grade.toy import PROGRAM, RULE, Toy, Word, failure, play, program, stage

STORE = """
kept = {"word": b"empty\\n"}
def talk(sock):
    for line in lines(sock):
        if line == b"clear\\n":
            kept["word"] = b"empty\\n"
        elif line != b"word\\n":
            kept["word"] = line
        sock.sendall(kept["word"])
serve(talk)
"""
RIGHT = """
def ask(line):
    host, port = os.environ["STORE"].split(":")
    with socket.create_connection((host, int(port)), timeout=0.3) as far:
        far.sendall(line)
        return far.makefile("rb").readline()
def pass_on(sock):
    for line in lines(sock):
        try:
            answer = ask(line)
        except OSError:
            answer = b""
        sock.sendall(answer or b"none\\n")
serve(pass_on)
"""

PUT = (send(b"pear\n"), expect(text=b"pear"))
GET = send(b"word\n")


@pytest.fixture(autouse=True)
def nothing_is_left() -> Any:
    yield
    assert still_running() == []


def store(folder: Path, text: str = STORE) -> Given:
    file = folder / "store.py"
    file.write_text(PROGRAM + text)
    run = (sys.executable, "-I", "-S", "-u", str(file))
    return Given(name="store", run=run, codec=Toy, variable="STORE", clears=Word(b"clear"))


def beside(folder: Path, *steps: Step, text: str = RIGHT, **options: Any) -> CaseResult:
    return play(program(folder, text), *steps, parts=(store(folder),), **options)


def words(*said: bytes) -> Matcher:
    def same(found: list[Passed]) -> bool:
        return tuple(each.asked.text for each in found) == said

    return Matcher(" ".join(word.decode() for word in said) or "nothing", same)


def test_what_passes_to_a_part_is_seen_and_read(tmp_path: Path) -> None:
    result = beside(tmp_path, *PUT, passed("store", words(b"pear")), ways=BOTH)
    assert result.verdict is Verdict.PASS
    assert result.plays == 2


def test_a_failure_tells_what_passed_and_how_to_start_the_part(tmp_path: Path) -> None:
    told = failure(beside(tmp_path, *PUT, passed("store", words())))
    assert told.found == '"pear\\n" → "pear\\n"'
    assert any("PORT=9001 DATA_DIR=. " in note for note in told.notes)
    assert any("STORE=127.0.0.1:9001 " in note for note in told.notes)


def test_every_failure_tells_what_the_program_and_the_part_said(tmp_path: Path) -> None:
    told = failure(beside(tmp_path, *PUT, GET, expect(text=b"plum")))
    said = 'between your program and store: "pear\\n" → "pear\\n"; "word\\n" → "pear\\n"'
    assert said in told.notes


def test_counting_begins_anew(tmp_path: Path) -> None:
    steps = (*PUT, forgets("store"), GET, expect(text=b"pear"), soon("store", words(b"word")))
    assert beside(tmp_path, *steps).verdict is Verdict.PASS


def test_a_case_looks_into_a_part_without_passing_the_relay(tmp_path: Path) -> None:
    plants = (send(b"plum\n", on="store"), expect(on="store", text=b"plum"))
    steps = (*plants, GET, expect(text=b"plum"), passed("store", words(b"word")))
    assert beside(tmp_path, *steps).verdict is Verdict.PASS


def test_each_case_finds_a_part_cleared_and_on_a_clear_link(tmp_path: Path) -> None:
    first = case("first", RULE, *PUT, over("store", Link(stalled=True)))
    second = case("second", RULE, passed("store", words()), GET, expect(text=b"empty"))
    result = check(
        "toy", [stage(first, second, parts=(store(tmp_path),))], program(tmp_path, RIGHT), seed=1
    )
    assert [each.verdict for each in result.stages[0].cases] == [Verdict.PASS] * 2


def test_a_part_that_is_gone_comes_back_with_what_it_held(tmp_path: Path) -> None:
    lost = (gone("store"), GET, expect(text=b"none"))
    steps = (*PUT, *lost, back("store"), cuts("store"), GET, expect(text=b"pear"))
    assert beside(tmp_path, *steps).verdict is Verdict.PASS


def test_connections_that_are_cut_are_no_file_that_is_cut_by_hand(tmp_path: Path) -> None:
    told = failure(beside(tmp_path, *PUT, cuts("store"), GET, expect(text=b"fig")))
    assert "truncate" not in told.by_hand


def test_a_part_outlives_a_restart_of_the_program(tmp_path: Path) -> None:
    steps = (*PUT, close(), restart(), GET, expect(text=b"pear"))
    assert beside(tmp_path, *steps, alone=True).verdict is Verdict.PASS


def test_a_part_that_does_not_start_is_nobodys_failure(tmp_path: Path) -> None:
    given = store(tmp_path, "sys.exit(3)\n")
    result = play(program(tmp_path, RIGHT), *PUT, parts=(given,))
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "store did not start" in result.why


def test_words_that_are_none_in_the_parts_protocol_fail(tmp_path: Path) -> None:
    wrong = RIGHT.replace("far.sendall(line)", 'far.sendall(b"7\\n" + line)')
    steps = (send(b"pear\n"), soon("store", words(b"pear")))
    told = failure(beside(tmp_path, *steps, text=wrong))
    assert told.expected == "only questions to store"


def test_a_program_that_runs_already_is_not_judged_so(tmp_path: Path) -> None:
    subject = Subject(target={"PORT": ("127.0.0.1", 9)})
    asks = case("the only case", RULE, *PUT)
    result = check("toy", [stage(asks, parts=(store(tmp_path),))], subject, seed=1)
    assert result.stages[0].verdict is Verdict.SKIPPED
