"""GitHub Actions: workflow commands that become annotations, and a summary of the job in Markdown.

    ::error title=http1/pipelining · close means close%3A …::byte 43 of …%0A  expected  …

A command is one line on standard output. In its message `%` and line ends are written as %25, %0A
and %0D; in a property `:` and `,` too, since they end it. So no octet of a program's output can
begin a command of its own.

GitHub shows ten errors and ten warnings a step and drops the others without a word; the tenth of
ours says how many more there are. A summary may have 1 MiB; what would not fit is counted.

Left out: the source line of a failure. A program is graded from outside, and its source is not seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..verdict import CaseResult, CheckResult, StageResult, Verdict
from .terminal import body, case_report
from .text import (
    SIGNS,
    cases_of,
    counted,
    escaped,
    lasting,
    reason,
    stages_of,
    tally,
    title_of,
    with_verdict,
)

SHOWN = 10  # annotations of one kind, a step
SUMMARY = 1 << 20  # octets, a step
SPARE = 1000  # of them for the sentence that says what was left out
SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|<>&~$-])")


def render(result: CheckResult) -> str:
    """An error for each case that failed, a warning for each that could not be checked."""
    tried = [(stage, case) for stage in stages_of(result) for case in cases_of(stage)]
    errors = [_error(s, c) for s, c in tried if c.verdict is Verdict.FAIL]
    warnings = [_warning(s, c) for s, c in tried if c.verdict is Verdict.INCONCLUSIVE]
    notice = command("notice", f"cutaway check {result.topic}", _conclusion(result))
    return "\n".join([*_at_most(errors, "error"), *_at_most(warnings, "warning"), notice]) + "\n"


def _error(stage: StageResult, case: CaseResult) -> str:
    return command("error", title_of(stage, case), body(stage, case))


def _warning(stage: StageResult, case: CaseResult) -> str:
    return command("warning", title_of(stage, case), f"could not be checked: {reason(case.why)}")


def _at_most(commands: Sequence[str], kind: str) -> Sequence[str]:
    if len(commands) <= SHOWN:
        return commands
    more = counted(len(commands) - SHOWN + 1, "more case")
    said = f"{more}: see the summary of the job, or run cutaway check --all"
    return [*commands[: SHOWN - 1], command(kind, more, said)]


def command(kind: str, title: str, message: str) -> str:
    """::kind title=…::message"""
    return f"::{kind} title={_property(escaped(title))}::{_data(escaped(message, keep=chr(10)))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _conclusion(result: CheckResult) -> str:
    return f"{result.verdict}: {tally(result)} · {lasting(result.seconds)} · seed {result.seed}"


def job_summary(result: CheckResult) -> str:
    """Markdown for $GITHUB_STEP_SUMMARY: a table of stages, then each case that did not pass."""
    text = "\n".join(
        [
            f"## {SIGNS[result.verdict]} cutaway check {_plain(result.topic)}",
            "",
            _plain(_conclusion(result)),
            "",
            "| | stage | what holds | cases | time |",
            "|---|---|---|---|---|",
            *map(_row, stages_of(result)),
            "",
        ]
    )
    blocks = list(_blocks(result))
    size = len(text.encode())
    for shown, block in enumerate(blocks):
        size += len(block.encode()) + 1
        if size > SUMMARY - SPARE:
            return text + f"\n{counted(len(blocks) - shown, 'more case')} would not fit here.\n"
        text += "\n" + block
    return text


def _row(stage: StageResult) -> str:
    failed, count = len(stage.failed), len(stage.cases)
    cases = f"{failed} of {count} failed" if failed else str(count)
    if not stage.cases:
        cases = _plain(reason(stage.why))
    sign, title = SIGNS[stage.verdict], _plain(stage.title)
    return f"| {sign} | {_plain(stage.name)} | {title} | {cases} | {lasting(stage.seconds)} |"


def _blocks(result: CheckResult) -> Iterator[str]:
    """The cases that did not pass, each folded behind its first line."""
    for verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.SKIPPED):
        for stage in result.stages:
            for case in with_verdict(stage.cases, verdict):
                # A fence ends at a run of backticks as long as its own.
                report = case_report(stage, case)
                fence = "`" * max(3, 0, *(len(run) + 1 for run in re.findall("`+", report)))
                title = f"{SIGNS[verdict]} {_html(title_of(stage, case))}"
                yield (
                    f"<details><summary>{title}</summary>\n\n"
                    f"{fence}text\n{report}\n{fence}\n\n</details>\n"
                )


def _plain(text: str) -> str:
    """Text that Markdown takes for text."""
    return SPECIAL.sub(r"\\\1", escaped(text))


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
