r"""What every report says alike: safe text, counts, times, the sign of a verdict, the steps.

    escaped("\x1b[2Jhello\x07")     \x1b[2Jhello\x07, as twelve harmless characters and "hello"

What a program under test printed is somebody else's text. Put on a terminal as it is, it could
clear the screen, change the title, or reverse the reading order of a line. So every character that
has no picture of its own is written as an escape, in every report that a person reads.

Left out: characters two columns wide. A line with many of them comes out too long.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..verdict import CaseResult, CheckResult, Failure, Rule, StageResult, Verdict

SIGNS = {Verdict.PASS: "✓", Verdict.FAIL: "✗", Verdict.INCONCLUSIVE: "?", Verdict.SKIPPED: "–"}
WITHOUT = {
    Verdict.INCONCLUSIVE: "could not be checked",
    Verdict.SKIPPED: "not tried",
}
PRINTED = "the program printed:"  # a note that begins so goes on with the program's output


def escaped(text: str, keep: str = "") -> str:
    """`text` with every unprintable character, lone surrogates too, written as an escape."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep else _escape(c) for c in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def failure_of(case: CaseResult) -> Failure:
    """The failure of a case that failed. Raises ValueError where there is none to explain it."""
    if case.failure is None:
        raise ValueError(f"the case '{case.name}' failed without saying why")
    return case.failure


def reason(why: str) -> str:
    return escaped(why.strip()) or "no reason was given"


def counted(count: int, thing: str) -> str:
    """1 case, 5 cases"""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def lasting(seconds: float) -> str:
    return f"{seconds:.2f} s"


def title_of(stage: StageResult, case: CaseResult) -> str:
    """The first line of a case's report, without its sign."""
    return escaped(f"{stage.name} · {case.name}")


def steps_of(case: CaseResult, failure: Failure) -> str:
    """connected · sent · answered · framed ✗

    A conversation of several exchanges passes the same steps again: those before the one that did
    not hold are what counts.
    """
    before = list(case.reached)
    if failure.step in before:
        del before[before.index(failure.step) :]
    return escaped(" · ".join([*before, f"{failure.step} {SIGNS[Verdict.FAIL]}"]))


def lines_of(note: str) -> tuple[str, list[str]]:
    """The sentence of a note, and the lines behind it: those that the program printed, mostly."""
    if note.startswith(PRINTED):
        note = f"{PRINTED}\n{note[len(PRINTED) :].strip()}"
    sentence, *lines = note.split("\n")
    return sentence, [line.rstrip("\r").expandtabs(4) for line in lines]


def printed_in(failure: Failure) -> str:
    """What the program printed, as far as the notes of the failure have it."""
    told = [note for note in failure.notes if note.startswith(PRINTED)]
    return "\n".join(line for note in told for line in lines_of(note)[1])


def stages_of(result: CheckResult) -> tuple[StageResult, ...]:
    """The stages. Raises ValueError where one failed without a case that says why."""
    for stage in result.stages:
        if stage.verdict is Verdict.FAIL and not stage.failed:
            raise ValueError(f"the stage '{stage.name}' failed without saying why")
    return result.stages


def cases_of(stage: StageResult) -> tuple[CaseResult, ...]:
    """The cases of a stage; for one that was not tried a case in its name, to carry the reason."""
    if stage.cases:
        return stage.cases
    rule = Rule("", "contract", stage.title)
    return (CaseResult(name=stage.title, rule=rule, verdict=stage.verdict, why=stage.why),)


def tally(result: CheckResult) -> str:
    """3 stages pass, 1 fails, 2 not tried"""
    says = {
        Verdict.PASS: ("passes", "pass"),
        Verdict.FAIL: ("fails", "fail"),
        Verdict.INCONCLUSIVE: ("could not be checked",) * 2,
        Verdict.SKIPPED: ("not tried",) * 2,
    }
    parts: list[str] = []
    for verdict, (one, many) in says.items():
        count = sum(stage.verdict is verdict for stage in result.stages)
        if count:
            number = str(count) if parts else counted(count, "stage")
            parts.append(f"{number} {one if count == 1 else many}")
    return ", ".join(parts) or "no stage was asked for"


def with_verdict(cases: Iterable[CaseResult], verdict: Verdict) -> list[CaseResult]:
    return [case for case in cases if case.verdict is verdict]
