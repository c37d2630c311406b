"""Checks are kept whole, in bounds, and held against those before them."""

from pathlib import Path

import pytest

from cutaway.grade.evidence import Evidence, Passing, Stretch
from cutaway.grade.running import Subject
from cutaway.grade.verdict import Verdict
from cutaway.process import Command
from cutaway.workshop import reports
from cutaway.workshop.checking import Job
from cutaway.workshop.progress import Progress
from cutaway.workshop.reports import Reports, last_known, reported, slugs


@pytest.fixture
def progress(tmp_path):
    with Progress.open(tmp_path, print) as opened:
        yield opened


def job(folder="/work/a"):
    command = Command(Path(folder), ("./server",))
    return Job(
        topic="tcp",
        stages=(),
        subject=Subject(command=command),
        seed=1,
        keep_going=False,
        single=False,
        folder=Path(folder),
    )


def checked(result, *stages, began=1.0, folder="/work/a"):
    return reported(job(folder), result(*stages), began=began, asked="next")


def test_what_is_kept_is_read_again_as_it_was(progress, result):
    kept = checked(result, "tcp/echo pass", "tcp/lines fail")
    Reports(progress).keep(kept)
    assert Reports(progress).open(kept.check.id) == kept
    assert Reports(progress).has(kept.check.id)
    assert kept.check.outline == {"echo/a-case": "pass", "lines/a-case": "fail"}


def test_what_another_version_wrote_is_not_there(progress, result):
    kept = checked(result, "tcp/echo pass")
    Reports(progress).keep(kept)
    progress.write(("UPDATE report SET detail = x'00'", ()))
    assert Reports(progress).open(kept.check.id) is None
    assert len(Reports(progress).latest(9)) == 1


def test_the_latest_of_each_program_are_kept(progress, result, monkeypatch):
    monkeypatch.setattr(reports, "EACH", 3)
    for began in range(6):
        Reports(progress).keep(checked(result, "tcp/echo pass", began=float(began)))
    Reports(progress).keep(checked(result, "tcp/echo pass", folder="/work/b"))
    assert [line.began for line in Reports(progress).latest(9)] == [5.0, 4.0, 3.0, 1.0]


def test_in_all_there_is_a_bound_too(progress, result, monkeypatch):
    monkeypatch.setattr(reports, "ALL", 2)
    for began in range(4):
        Reports(progress).keep(
            checked(result, "tcp/echo pass", began=float(began), folder=f"/work/{began}")
        )
    assert [line.began for line in Reports(progress).latest(9)] == [3.0, 2.0]


def test_a_case_is_held_against_the_last_check_that_played_it(progress, result):
    for began, said in enumerate(["pass", "fail", "skipped"]):
        Reports(progress).keep(checked(result, f"tcp/echo {said}", began=float(began)))
    now = checked(result, "tcp/echo pass", began=9.0).check
    assert last_known(Reports(progress).earlier(now)) == {"echo/a-case": "fail"}


def test_octets_beyond_the_bound_are_left_out_and_it_says_so(result, monkeypatch):
    monkeypatch.setattr(reports, "OCTETS", 15)
    made = result("tcp/echo fail", "tcp/lines fail")
    some = Stretch(data=b"0123456789", size=10)
    line = Passing(name="main", who="", asks=False, sent=Stretch(data=b""), arrived=some)
    for stage in made.stages:
        object.__setattr__(stage.cases[0].failure, "evidence", Evidence(lines=(line,)))
    kept = reported(job(), made, began=1.0, asked="all")
    # Both cases share one failure here, so the octets are counted twice.
    assert list(kept.evidence) == ["echo/a-case"]
    assert [s.cases[0].failure.opened for s in kept.check.stages] == [True, False]


def test_half_a_character_does_not_get_into_a_report(result):
    made = result("tcp/echo fail")
    object.__setattr__(made.stages[0].cases[0].failure, "found", "\ud800 here")
    failure = reported(job(), made, began=1.0, asked="all").check.stages[0].cases[0].failure
    assert failure.found == "? here"


def test_slugs_are_words_and_all_different():
    assert slugs(["Close: means, close!", "close means close", "<>"]) == [
        "close-means-close",
        "close-means-close-2",
        "case",
    ]


def test_every_verdict_can_be_kept(result):
    for verdict in Verdict:
        assert checked(result, f"tcp/echo {verdict}").check.stages[0].verdict == verdict
