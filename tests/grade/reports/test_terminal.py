"""The report for a person, to the character."""

import re

import pytest

from cutaway.grade.reports.terminal import (
    Look,
    case_report,
    render,
    stage_line,
    stage_report,
    summary,
)
from cutaway.grade.verdict import CaseResult, StageResult, Verdict
from tests.grade.reports import sample

ANSI = re.compile(r"\x1b\[\d+m")

CLOSES_NOT = r"""
✗ http1/pipelining · close means close: what follows goes unanswered
  byte 43 of what your server sent (response 1)
    expected  the connection to close here
    found     43 more bytes
    0020  20 35 0d 0a 0d 0a 61 6c 70 68 61 48 54 54 50 2f   ·5····alphaHTTP/
                                           ^^
  steps     connected · sent · answered · framed · parsed · closed ✗
  because   RFC 9112 §9.6: after answering a request that said close, the server closes and does not
            process what follows
  by hand   (printf 'GET /echo/alpha HTTP/1.1\r\n\r\n'; sleep 1) | nc -w 2 127.0.0.1 8080 | xxd
  more      cutaway hint · cutaway explain http1/pipelining
""".strip()

CLOSES_NOT_IN_60_COLUMNS = r"""
✗ http1/pipelining · close means close: what follows goes
  unanswered
  byte 43 of what your server sent (response 1)
    expected  the connection to close here
    found     43 more bytes
    0020  20 35 0d 0a 0d 0a 61 6c 70 68 61 48 54 54 50 2f
                                           ^^
  steps     connected · sent · answered · framed · parsed ·
            closed ✗
  because   RFC 9112 §9.6: after answering a request that
            said close, the server closes and does not
            process what follows
  by hand   (printf 'GET /echo/alpha HTTP/1.1\r\n\r\n'; sleep 1) | nc -w 2 127.0.0.1 8080 | xxd
  more      cutaway hint · cutaway explain http1/pipelining
""".strip()

IN_PIECES = r"""
✗ http1/pipelining · two requests in one write are two requests
    expected  an answer
    found     silence for 2.01 s
  steps     connected · sent · answered ✗
  note      the same octets in one write of their own pass: this fails only in pieces
  note      delivered in pieces, cut after byte 17 and 30
  note      the limit of 2 s was over
  note      the program printed:
              listening
                  bye
  because   RFC 9112 §9.3.2: answers are sent in the order of their requests
  by hand   (printf 'GET /echo/alpha HTTP/1.1\r\n\r\n'; sleep 1) | nc -w 2 127.0.0.1 8080 | xxd
  more      cutaway hint · cutaway explain http1/pipelining
""".strip()

WHOLE = rf"""
✓ http1/request-line · the first line is read · 2 cases, 1 not tried · 0.04 s
  – a kill loses nothing: not tried: needs a program that the check starts itself
✗ http1/pipelining · one connection, many requests · 2 of 4 cases fail · 2.40 s
{CLOSES_NOT}
✗ http1/pipelining · two requests in one write are two requests (found silence for 2.01 s)
  ? curl reads the answer: could not be checked: curl is not on this machine
– http1/frames · lengths are kept · not tried: needs the address of $FRAMES_PORT

✗ http1 · 1 stage passes, 1 fails, 1 not tried · 2.50 s
  repeat    cutaway check http1/pipelining --seed 7
""".lstrip()


def test_a_failure_is_laid_out_as_facts_then_rule_then_what_to_do() -> None:
    assert case_report(sample.FAILS, sample.CLOSES_NOT) == CLOSES_NOT


def test_on_a_narrow_terminal_sentences_wrap_under_themselves_and_the_command_stays_whole() -> None:
    assert case_report(sample.FAILS, sample.CLOSES_NOT, Look(60)) == CLOSES_NOT_IN_60_COLUMNS


def test_narrower_than_sixty_columns_is_taken_as_sixty() -> None:
    assert case_report(sample.FAILS, sample.CLOSES_NOT, Look(20)) == CLOSES_NOT_IN_60_COLUMNS


def test_a_failure_in_pieces_says_how_it_was_delivered_and_what_the_program_printed() -> None:
    assert case_report(sample.FAILS, sample.STOPS_IN_PIECES) == IN_PIECES


def test_the_whole_report_shows_the_first_failure_of_a_stage_and_names_the_others() -> None:
    assert render(sample.RESULT) == WHOLE


def test_colour_changes_nothing_but_colour() -> None:
    painted = render(sample.RESULT, Look(colour=True))
    assert painted != WHOLE
    assert ANSI.sub("", painted) == WHOLE


def test_where_all_passes_a_stage_is_one_line_and_nothing_is_to_be_repeated() -> None:
    assert render(sample.ALL_PASS) == (
        "✓ http1/request-line · the first line is read · 1 case · 0.04 s\n"
        "\n"
        "✓ http1 · 1 stage passes · 0.10 s\n"
    )


def test_what_could_not_be_checked_says_why_and_how_to_try_again() -> None:
    assert render(sample.NOTHING_CHECKED) == (
        "? http1/clients · clients are served · 1 case, 1 could not be checked · 0.00 s\n"
        "  ? curl reads the answer: could not be checked: curl is not on this machine\n"
        "\n"
        "? http1 · 1 stage could not be checked · 0.10 s\n"
        "  repeat    cutaway check http1/clients --seed 7\n"
    )


@pytest.mark.parametrize(
    ("case", "report"),
    [
        (sample.PASSES.cases[0], "✓ http1/request-line · a target is read"),
        (
            sample.PASSES.cases[1],
            "– http1/request-line · a kill loses nothing\n"
            "  not tried: needs a program that the check starts itself\n"
            "  asked by  RFC 9112 §9.3.2: answers are sent in the order of their requests",
        ),
    ],
)
def test_a_case_without_a_failure_is_told_in_a_few_lines(case: CaseResult, report: str) -> None:
    assert case_report(sample.PASSES, case) == report


def test_cases_not_tried_for_the_same_reason_are_told_together() -> None:
    skipped = sample.PASSES.cases[1]
    stage = StageResult(name="a/b", title="c", verdict=Verdict.SKIPPED, cases=(skipped, skipped))
    assert stage_report(stage).splitlines() == [
        "– a/b · c · 2 cases, 2 not tried · 0.00 s",
        "  – 2 cases: not tried: needs a program that the check starts itself",
    ]


def test_of_a_long_output_the_last_lines_are_shown_and_the_others_counted() -> None:
    printed = "\n".join(f"line {number}" for number in range(28))
    lines = case_report(sample.FAILS, sample.hostile(printed).stages[0].cases[0]).splitlines()
    at = lines.index("              … 8 lines before")
    shown = [f"              line {number}" for number in range(8, 28)]
    assert lines[at + 1 : at + 21] == shown


def test_a_long_line_of_output_is_cut() -> None:
    case = sample.hostile("x" * 5000).stages[0].cases[0]
    lines = case_report(sample.FAILS, case).splitlines()
    assert f"{'':14}{'x' * 85}…" in lines


@pytest.mark.parametrize("width", [60, 72, 100])
def test_only_the_command_is_wider_than_the_terminal(width: int) -> None:
    report = render(sample.RESULT, Look(width))
    assert [line for line in report.splitlines() if len(line) > width] == [
        line for line in report.splitlines() if "by hand" in line and len(line) > width
    ]


@pytest.mark.parametrize(
    ("terminal", "columns", "environment", "look"),
    [
        (True, 80, {}, Look(80, True)),
        (True, 0, {}, Look(100, True)),
        (True, 250, {}, Look(100, True)),
        (False, 80, {}, Look(80, False)),
        (True, 80, {"NO_COLOR": "1"}, Look(80, False)),
        (True, 80, {"NO_COLOR": ""}, Look(80, True)),
        (True, 80, {"TERM": "dumb"}, Look(80, False)),
    ],
)
def test_colour_needs_a_terminal_that_nobody_asked_to_be_plain(
    terminal: bool, columns: int, environment: dict[str, str], look: Look
) -> None:
    assert Look.of(terminal, columns, environment) == look


def test_a_stage_has_a_line_of_its_own_for_a_running_list() -> None:
    assert stage_line(sample.ALL_PASS.stages[0]) == (
        "✓ http1/request-line · the first line is read · 1 case · 0.04 s"
    )


def test_the_summary_repeats_the_stage_that_failed_before_one_that_could_not_be_checked() -> None:
    both = sample.NOTHING_CHECKED.stages + sample.RESULT.stages
    result = type(sample.RESULT)(topic="http1", seed=9, seconds=1.0, stages=both)
    assert summary(result).splitlines()[-1] == (
        "  repeat    cutaway check http1/pipelining --seed 9"
    )
