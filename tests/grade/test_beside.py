"""One case that holds a program up is told alone; those that waited behind it are not."""

from __future__ import annotations

from pathlib import Path

from cutaway.grade.beside import FEW, ONE_CLIENT, PASSES_ALONE
from cutaway.grade.player import IN_VAIN, SILENT, check
from cutaway.grade.running import Subject
from cutaway.grade.stage import Case, case
from cutaway.grade.steps import expect, pause, send
from cutaway.grade.verdict import StageResult, Verdict
from tests.grade.toy import RULE, WHOLE, failure, program, stage

PING = send(b"ping\n")
ONE_AFTER_THE_OTHER = """
server = listen()
while True:
    sock = server.accept()[0]
    with sock:
        for line in lines(sock):
            if line == b"stuck\\n":
                time.sleep(600)
            try:
                sock.sendall(line)
            except OSError:
                break
"""


def answered(name: str, *more: object) -> Case:
    return case(name, RULE, PING, expect(text=b"ping", seconds=0.05), *more)  # type: ignore[arg-type]


def stuck(name: str) -> Case:
    return case(name, RULE, send(b"stuck\n"), expect(text=b"stuck", seconds=0.05))


def played(folder: Path, *cases: Case, every: bool = False, **options: object) -> StageResult:
    subject: Subject = program(folder, ONE_AFTER_THE_OTHER)
    mine = stage(*cases, ways=WHOLE, **options)
    return check("toy", [mine], subject, seed=1, keep_going=every).stages[0]


def test_of_cases_side_by_side_only_the_one_that_is_stuck_fails(tmp_path: Path) -> None:
    cases = [answered("a"), stuck("b"), answered("c"), answered("d")]
    told = played(tmp_path, *cases, side_by_side=True, one_client=True)
    assert [each.name for each in told.failed] == ["b"]
    assert failure(told.cases[1]).found.startswith("silence for ")
    assert {each.verdict for each in told.cases} == {Verdict.PASS, Verdict.FAIL}


def test_a_program_of_one_client_at_a_time_passes_where_that_is_enough(tmp_path: Path) -> None:
    cases = [answered("a", pause(1.5)), answered("b", pause(1.5))]
    told = played(tmp_path, *cases, side_by_side=True, one_client=True)
    assert told.verdict is Verdict.PASS
    assert ONE_CLIENT in {each.why for each in told.cases}
    assert "one case holds only when it is played alone" in told.why


def test_it_fails_where_many_clients_are_asked_for(tmp_path: Path) -> None:
    cases = [answered("a", pause(1.5)), answered("b", pause(1.5))]
    told = played(tmp_path, *cases, side_by_side=True)
    assert told.verdict is Verdict.FAIL
    assert PASSES_ALONE in failure(told.failed[0]).notes


def test_a_few_failures_are_enough_and_they_are_the_first(tmp_path: Path) -> None:
    cases = [answered("a"), *[stuck(f"{number}") for number in range(8)], answered("z")]
    told = played(tmp_path, *cases, side_by_side=True)
    assert [each.name for each in told.failed] == ["0", "1", "2", "3"]
    assert len(told.failed) == FEW
    assert [each.verdict for each in told.cases[-5:-1]] == [Verdict.SKIPPED] * 4
    every = played(tmp_path, *cases, side_by_side=True, every=True)
    assert len(every.failed) == 8


def test_a_program_that_is_stuck_is_begun_anew_for_the_next_case(tmp_path: Path) -> None:
    told = played(tmp_path, answered("a"), stuck("b"), answered("c"), stuck("d"), answered("e"))
    assert [each.name for each in told.failed] == ["b", "d"]


def test_after_three_cases_that_wait_in_vain_no_more_are_tried(tmp_path: Path) -> None:
    cases = [*[stuck(f"{number}") for number in range(5)], answered("z")]
    told = played(tmp_path, *cases)
    assert [each.name for each in told.failed] == ["0", "1", "2"]
    assert len(told.failed) == IN_VAIN
    assert {each.why for each in told.cases[IN_VAIN:]} == {SILENT}
    every = played(tmp_path, *cases, every=True)
    assert len(every.failed) == 5
    assert every.cases[-1].verdict is Verdict.PASS
