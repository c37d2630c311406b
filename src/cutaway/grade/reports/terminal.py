"""The report for a person at a terminal.

    ✗ http1/pipelining · close means close: what follows goes unanswered
      byte 43 of what your server sent (response 1)
        expected  the connection to close here
        found     43 more bytes
        0020  20 35 0d 0a 0d 0a 61 6c 70 68 61 48 54 54 50 2f   ·5····alphaHTTP/
                                               ^^
      steps     connected · sent · answered · framed · parsed · closed ✗
      because   RFC 9112 §9.6: after answering a request that said close, the server closes
      by hand   (printf 'GET /echo/alpha HTTP/1.1\\r\\n…'; sleep 1) | nc -w 2 127.0.0.1 8080 | xxd
      more      cutaway hint · cutaway explain http1/pipelining

First the facts, then the rule, then what to do. Sentences are wrapped under themselves; the command
is not, since it is there to be copied. Colour is plain ANSI and goes through `Look.paint` alone.

Left out: progress while a stage runs, and whether anybody is looking. The command line knows both.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

from ..verdict import CaseResult, CheckResult, Failure, StageResult, Verdict
from .text import (
    SIGNS,
    WITHOUT,
    counted,
    escaped,
    failure_of,
    lasting,
    lines_of,
    reason,
    stages_of,
    steps_of,
    tally,
    title_of,
    with_verdict,
)

WIDTH, NARROWEST = 100, 60
OUTPUT_LINES = 20  # of what the program printed
HEX_END = 49  # of a row in a dump: two spaces and 16 octets behind its number

CODES = {"red": 31, "green": 32, "yellow": 33, "bold": 1, "dim": 2}
COLOURS = {
    Verdict.PASS: "green",
    Verdict.FAIL: "red",
    Verdict.INCONCLUSIVE: "yellow",
    Verdict.SKIPPED: "dim",
}


@dataclass(frozen=True, slots=True)
class Look:
    """width: columns; below 60 it is taken as 60."""

    width: int = WIDTH
    colour: bool = False

    @classmethod
    def of(cls, terminal: bool, columns: int, environment: Mapping[str, str]) -> Look:
        """What fits an output: NO_COLOR and TERM=dumb are heard; longer lines read badly.

        columns   of the terminal, 0 where unknown
        """
        silent = environment.get("NO_COLOR") or environment.get("TERM") == "dumb"
        return cls(min(columns or WIDTH, WIDTH), terminal and not silent)

    def room(self, indent: int) -> int:
        """Columns from `indent` on."""
        return max(self.width, NARROWEST) - indent

    def paint(self, text: str, how: str) -> str:
        """The one place where a control sequence is made."""
        return f"\x1b[{CODES[how]}m{text}\x1b[0m" if self.colour and how and text else text

    def wrapped(self, text: str, indent: int) -> list[str]:
        """The lines of `text`, which begins at column `indent` and goes on there."""
        return textwrap.wrap(text, self.room(indent), break_on_hyphens=False) or [""]


PLAIN = Look()


def render(result: CheckResult, look: Look = PLAIN) -> str:
    """The whole report: every stage, then the summary."""
    reports = [stage_report(stage, look) for stage in stages_of(result)]
    return "\n".join([*reports, "", summary(result, look)]).lstrip("\n") + "\n"


def stage_report(stage: StageResult, look: Look = PLAIN, told: str = "") -> str:
    """A line for a stage, then what of its cases needs words.

    told  the name of a case whose failure has been reported already
    """
    failed, lines = stage.failed, [stage_line(stage, look)]
    if stage.verdict is Verdict.PASS and stage.why:
        lines += _labelled("note", escaped(stage.why), look)
    if told not in [case.name for case in failed]:
        lines += [case_report(stage, case, look) for case in failed[:1]]
        failed = failed[1:]
    lines += [case_line(stage, case, look) for case in failed if case.name != told]
    for verdict in (Verdict.INCONCLUSIVE, Verdict.SKIPPED):
        lines += _without(stage, verdict, look)
    return "\n".join(lines)


def stage_line(stage: StageResult, look: Look = PLAIN) -> str:
    """✓ http1/pipelining · one connection, many requests · 5 cases · 0.04 s"""
    parts = [escaped(stage.name), escaped(stage.title)]
    if stage.verdict in WITHOUT and (stage.why or not stage.cases):
        parts.append(f"{WITHOUT[stage.verdict]}: {reason(stage.why)}")
    else:
        parts += [_cases(stage), lasting(stage.seconds)]
    return _headline(stage.verdict, " · ".join(parts), look, "")


def unfinished(stage: StageResult, look: Look = PLAIN) -> str:
    """A line for a stage that was broken off; `stage` has the cases that are known."""
    failed = len(stage.failed)
    fail = f"{failed} of them {'fails' if failed == 1 else 'fail'}" if failed else "none fails"
    known = f"{counted(len(stage.cases), 'case')} known when it was broken off, {fail}"
    verdict = Verdict.FAIL if failed else Verdict.SKIPPED
    return _headline(verdict, f"{escaped(stage.name)} · {escaped(stage.title)} · {known}", look, "")


def _cases(stage: StageResult) -> str:
    total, failed = len(stage.cases), len(stage.failed)
    if failed:
        return f"{failed} of {counted(total, 'case')} {'fails' if failed == 1 else 'fail'}"
    untold = [
        f"{count} {WITHOUT[verdict]}"
        for verdict in WITHOUT
        if (count := len(with_verdict(stage.cases, verdict)))
    ]
    return ", ".join([counted(total, "case"), *untold])


def _headline(verdict: Verdict, text: str, look: Look, how: str = "bold") -> str:
    first, *more = look.wrapped(text, 2)
    lines = [f"{look.paint(SIGNS[verdict], COLOURS[verdict])} {look.paint(first, how)}"]
    return "\n".join([*lines, *(f"  {look.paint(line, how)}" for line in more)])


def case_report(stage: StageResult, case: CaseResult, look: Look = PLAIN) -> str:
    """All that is known of one case. Raises ValueError for a failure that explains nothing."""
    lines = [_headline(case.verdict, title_of(stage, case), look)]
    if case.verdict is Verdict.FAIL:
        lines += failure_lines(stage, case, failure_of(case), look)
    elif case.verdict in WITHOUT:
        lines += _labelled(WITHOUT[case.verdict] + ":", reason(case.why), look)
        lines += _labelled("asked by", escaped(str(case.rule)), look)
    return "\n".join(lines)


def failure_lines(
    stage: StageResult, case: CaseResult, failure: Failure, look: Look = PLAIN
) -> list[str]:
    """The report of a failure below its first line, each line indented by two at least."""
    lines = [f"  {line}" for line in look.wrapped(escaped(failure.where), 2) if line]
    lines += _labelled("expected", escaped(failure.expected), look, 4, "green")
    lines += _labelled("found", escaped(failure.found), look, 4, "red")
    lines += _dump(failure.dump, look)
    lines += _labelled("steps", steps_of(case, failure), look)
    for note in failure.notes:
        lines += _note(note, look)
    lines += _labelled("because", escaped(failure.because), look)
    if failure.first:
        lines += _command(failure.first, look, "first")
    lines += _command(failure.by_hand, look)
    more = f"cutaway hint · cutaway explain {escaped(stage.name)}"
    return lines + _labelled("more", more, look)


def body(stage: StageResult, case: CaseResult) -> str:
    """The same for other formats: plain, and not indented."""
    return "\n".join(line[2:] for line in failure_lines(stage, case, failure_of(case)))


def _labelled(label: str, text: str, look: Look, indent: int = 2, how: str = "") -> list[str]:
    """A label in a column of its own, and the text beside it, wrapped under itself."""
    column = max(indent + 10, indent + len(label) + 1)
    first, *more = look.wrapped(text, column)
    head = " " * indent + look.paint(label, "dim") + " " * (column - indent - len(label))
    return [head + look.paint(first, how), *(" " * column + look.paint(m, how) for m in more)]


def _dump(dump: str, look: Look) -> list[str]:
    """Rows of a dump; where they do not fit, the column of text goes."""
    lines = []
    for row in dump.splitlines():
        caret = not row.strip(" ^")
        if len(row) > look.room(4):
            row = row[: row.index("  ") + HEX_END].rstrip() if "  " in row else row
        lines.append("    " + look.paint(escaped(row), "red" if caret else ""))
    return lines


def _note(note: str, look: Look) -> list[str]:
    """A sentence; further lines, which are what the program printed, stand indented below it."""
    sentence, output = lines_of(note)
    lines = _labelled("note", escaped(sentence), look)
    if len(output) > OUTPUT_LINES:
        lines.append(f"{'':14}… {counted(len(output) - OUTPUT_LINES, 'line')} before")
    return lines + [
        f"{'':14}{_cut(escaped(line), look.room(14))}" for line in output[-OUTPUT_LINES:]
    ]


def _command(command: str, look: Look, label: str = "by hand") -> list[str]:
    """Never wrapped, never coloured: it is there to be copied."""
    first, *more = escaped(command.strip(), keep="\n").split("\n")
    head = look.paint(label, "dim") + " " * (10 - len(label))
    return [f"  {head}{first}", *(f"{'':12}{line}" for line in more)]


def case_line(stage: StageResult, case: CaseResult, look: Look = PLAIN) -> str:
    """One line for a further case that failed."""
    text = f"{title_of(stage, case)} (found {escaped(failure_of(case).found)})"
    cut = _cut(text, look.room(2))
    return f"{look.paint(SIGNS[case.verdict], COLOURS[case.verdict])} {cut}"


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1] + "…"


def _without(stage: StageResult, verdict: Verdict, look: Look) -> list[str]:
    """Cases without an answer, those with the same reason together."""
    reasons: dict[str, list[str]] = {}
    for case in with_verdict(stage.cases, verdict):
        reasons.setdefault(reason(case.why), []).append(escaped(case.name))
    lines = []
    for why, names in reasons.items():
        which = names[0] if len(names) == 1 else counted(len(names), "case")
        first, *more = look.wrapped(f"{which}: {WITHOUT[verdict]}: {why}", 4)
        lines.append(f"  {look.paint(SIGNS[verdict], COLOURS[verdict])} {first}")
        lines += [f"    {line}" for line in more]
    return lines


def summary(result: CheckResult, look: Look = PLAIN, options: str = "") -> str:
    """What it came to, and where something is amiss how to see it again, with these options."""
    verdict = result.verdict
    text = f"{escaped(result.topic)} · {tally(result)} · {lasting(result.seconds)}"
    lines = [_headline(verdict, text, look)]
    amiss = [s for s in result.stages if s.verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE)]
    if amiss:
        worst = next((s for s in amiss if s.verdict is Verdict.FAIL), amiss[0])
        again = f"cutaway check {escaped(worst.name)} --seed {result.seed} {options}".rstrip()
        lines.append(f"  {look.paint('repeat', 'dim')}    {again}")
    return "\n".join(lines)
