"""Workflow commands, one a line, and the summary of a job."""

import re
from dataclasses import replace

from cutaway.grade.reports.github import SUMMARY, command, job_summary, render
from cutaway.grade.reports.terminal import case_report
from cutaway.grade.verdict import CaseResult, CheckResult, StageResult, Verdict
from tests.grade.reports import sample

COMMAND = re.compile(r"::(error|warning|notice) title=([^:,]*)::(.*)")


def result_of(*cases: CaseResult) -> CheckResult:
    stage = StageResult(name="a/b", title="c", verdict=Verdict.FAIL, cases=cases)
    return CheckResult(topic="a", seed=1, seconds=0.0, stages=(stage,))


def test_what_ends_a_message_or_a_property_is_escaped() -> None:
    assert command("error", "50%: a, b", "100%\nc: d, e\r\n") == (
        "::error title=50%25%3A a%2C b::100%25%0Ac: d, e\\r%0A"
    )


def test_a_failure_is_an_error_and_what_could_not_be_checked_a_warning() -> None:
    lines = render(sample.RESULT).splitlines()
    assert [line.partition("::")[2].partition("::")[0] for line in lines] == [
        "error title=http1/pipelining · close means close%3A what follows goes unanswered",
        "error title=http1/pipelining · two requests in one write are two requests",
        "warning title=http1/pipelining · curl reads the answer",
        "notice title=cutaway check http1",
    ]
    assert lines[2].endswith("::could not be checked: curl is not on this machine")
    assert lines[3].endswith("::fail: 1 stage passes, 1 fails, 1 not tried · 2.50 s · seed 7")


def test_the_message_of_an_error_is_the_report_of_the_terminal_in_one_line() -> None:
    message = render(sample.RESULT).splitlines()[0].split("::", 2)[2]
    report = case_report(sample.FAILS, sample.CLOSES_NOT).splitlines()[1:]
    assert message.replace("%0A", "\n").replace("%25", "%") == "\n".join(
        line[2:] for line in report
    )


def test_beyond_ten_failures_the_tenth_error_counts_the_rest() -> None:
    lines = render(result_of(*[sample.CLOSES_NOT] * 25)).splitlines()
    errors = [line for line in lines if line.startswith("::error")]
    assert len(errors) == 10
    assert errors[-1].startswith("::error title=16 more cases::16 more cases: see the summary")


def test_a_program_cannot_give_commands_of_its_own() -> None:
    lines = render(sample.hostile()).splitlines()
    assert [bool(COMMAND.fullmatch(line)) for line in lines] == [True] * len(lines)
    assert len(lines) == 2 + 2 + 1


def test_the_summary_has_a_row_a_stage_and_folds_each_case() -> None:
    text = job_summary(sample.RESULT)
    assert text.splitlines()[:9] == [
        "## ✗ cutaway check http1",
        "",
        "fail: 1 stage passes, 1 fails, 1 not tried · 2.50 s · seed 7",
        "",
        "| | stage | what holds | cases | time |",
        "|---|---|---|---|---|",
        "| ✓ | http1/request\\-line | the first line is read | 2 | 0.04 s |",
        "| ✗ | http1/pipelining | one connection, many requests | 2 of 4 failed | 2.40 s |",
        "| – | http1/frames | lengths are kept | needs the address of \\$FRAMES\\_PORT | 0.00 s |",
    ]
    assert text.count("<details>") == text.count("</details>") == 4
    assert f"```text\n{case_report(sample.FAILS, sample.CLOSES_NOT)}\n```" in text


def test_a_fence_is_longer_than_any_run_of_backticks_inside() -> None:
    failure = replace(sample.NOT_CLOSED, found="``` then `````")
    text = job_summary(result_of(replace(sample.CLOSES_NOT, failure=failure)))
    assert "\n``````text\n" in text
    assert text.count("``````") == 2


def test_markup_in_a_name_stays_text() -> None:
    text = job_summary(sample.hostile("a|b <i>c</i> [d](e)"))
    outside = re.sub(r"```text\n.*?\n```", "", text, flags=re.DOTALL)
    assert "<i>" not in re.sub(r"\\<", "", outside)
    assert "a\\|b \\<i\\>c\\</i\\> \\[d\\]\\(e\\)" in outside
    assert "a|b &lt;i&gt;c&lt;/i&gt; [d](e)" in outside


def test_a_summary_beyond_the_limit_counts_what_it_left_out() -> None:
    failure = replace(sample.NOT_CLOSED, by_hand="x" * 100_000)
    text = job_summary(result_of(*[replace(sample.CLOSES_NOT, failure=failure)] * 20))
    assert len(text.encode()) < SUMMARY
    assert text.endswith("\n10 more cases would not fit here.\n")
    assert text.count("<details>") == text.count("</details>") == 10
