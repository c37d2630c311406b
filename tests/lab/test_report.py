"""What is said of the rows is computed from them: no claim that they do not show."""

from dataclasses import replace

import pytest

from cutaway.lab.result import Foreign, as_csv, decoded, encoded
from cutaway.lab.shapes import Outcome
from tests.lab.sample import BYTES, TIME, lab, report, result, rows, traced

ALIKE = rows(fast=[1e-5] * 3, slow=[1e-5] * 3)
NOISY = rows(fast=[1e-5, 1e-5, 1e-2], slow=[0.04, 0.04, 0.04])


def test_the_reason_is_told_where_the_rows_show_the_shape() -> None:
    (told,) = report().explanation()
    assert told.outcome is Outcome.EXPECTED
    assert told.head == (
        "the stall · the slow one: 41 ms against the fast one: 10 µs, 4\u202f000 times"
    )
    assert told.text == "A timer has to fire."


def test_rows_that_show_something_else_contradict_the_lesson() -> None:
    found = report(rows=ALIKE)
    assert found.outcome is Outcome.OTHERWISE
    (told,) = found.explanation()
    assert told.text == (
        "This contradicts the lesson, which expects that the slow one takes at least twenty times as"
        " long. There may be no timer here."
    )
    assert "A timer has to fire" not in str(told)


def test_rows_that_do_not_decide_are_no_conclusion_and_no_reason() -> None:
    found = report(rows=NOISY)
    assert found.outcome is Outcome.NONE
    (told,) = found.explanation()
    assert told.text.startswith("No conclusion whether")
    assert "A timer has to fire" not in str(told)


def test_without_rows_everything_is_open() -> None:
    found = report(rows=(), ended="gave up", troubles=("the server did not start.",))
    assert found.outcome is Outcome.NONE
    assert found.answer.right is None
    assert found.doubts() == [
        "It was given up after 0 of 3 runs of each variant.",
        "the server did not start.",
    ]


def test_where_nothing_is_expected_that_is_said() -> None:
    plan = replace(lab().plan(lab().defaults), checks=())
    found = report(lab(plan=lambda settings: plan))
    assert found.outcome is Outcome.EXPECTED
    assert [str(t) for t in found.explanation()] == [
        "With these settings the lesson expects nothing."
    ]


def test_remarks_are_not_made_of_too_few_runs() -> None:
    remarking = lab(remarks=lambda table: ["A remark."])
    assert [str(t) for t in report(remarking).explanation()][1:] == ["A remark."]
    few = report(remarking, rows=rows(fast=[1e-5], slow=[0.04]))
    assert "A remark." not in [str(t) for t in few.explanation()]


@pytest.mark.parametrize(
    ("ended", "says"),
    [
        ("interrupted", "It was interrupted after 3 of 5 runs of each variant; what was measured"),
        ("time is up", "Its 35 s were up after 3 of 5 runs"),
    ],
)
def test_why_there_are_fewer_runs_is_told(ended: str, says: str) -> None:
    assert report(ended=ended, wanted=5).doubts()[0].startswith(says)


def test_the_verdict_names_the_prediction_and_how_sure_it_was() -> None:
    assert report().verdict() == (
        "You said: some microseconds, 70 % sure. The rows say: tens of milliseconds (the slow one:"
        " 41 ms). What this overlooks: somebody waits for a timer."
    )


def test_changed_knobs_are_known() -> None:
    assert report().changed == {}
    assert report(settings={"size": 20, "timer": "on"}).changed == {"size": "20"}


def test_a_result_is_the_same_after_it_was_kept() -> None:
    whole = result(saw="a stall", traces={"fast": traced("fast", lab().defaults, None)})
    assert decoded(encoded(whole)) == whole


@pytest.mark.parametrize("octets", [b"", b"{}", b"[1]", b'{"lab": 3}', b"\xff"])
def test_what_is_no_result_of_this_version_is_told(octets: bytes) -> None:
    with pytest.raises(Foreign):
        decoded(octets)


def test_csv_has_a_line_for_each_run_and_a_hole_for_what_does_not_apply() -> None:
    one, *_ = rows(fast=[0.5])
    without = type(one)("slow", 0, {"time": 2.0})
    assert as_csv([one, without], [TIME, BYTES]) == (
        "variant,run,time (s),length (octets)\nfast,1,0.5,10.0\nslow,1,2.0,\n"
    )
