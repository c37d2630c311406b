"""A check as it is kept: what came of each case, and what passed where one failed.

    kept = reported(job, result, began=time.time(), asked="next")
    reports = Reports(progress)
    reports.keep(kept)
    reports.latest(20)                        one line each, the latest first
    reports.open(kept.check.id)               all of it, with octets
    last_known(reports.earlier(kept.check))   stage/case → how it stood when it was last played

A case is addressed by slugs, made of the words of its name, so that a link to it holds from one
check to the next:

    /check/3f9a1c20/keep-alive/close-means-close-what-follows-goes-unanswered

Bounded: EACH checks of a project, ALL in all, and of one check OCTETS of what passed; what was left
out says so (`opened` is False).

Left out: names for the octets. They are made when somebody looks.
"""

from __future__ import annotations

import re
import secrets
import zlib
from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Struct

from ..grade.evidence import Evidence
from ..grade.reports import scorecard
from ..grade.reports.text import escaped, stages_of
from ..grade.verdict import CaseResult, CheckResult, Failure, StageResult, Verdict
from .checking import Job
from .progress import Progress

EACH = 60
ALL = 400
OCTETS = 4 << 20
LOOKED_AT = 30  # checks before one, in which a case may have been played last


class CheckedRule(Struct):
    section: str
    level: str
    text: str


class CheckFailure(Struct):
    """As `Failure` of grade/verdict.py says it. opened: what passed is kept and can be opened."""

    step: str
    expected: str
    found: str
    because: str
    by_hand: str
    where: str
    offset: int | None
    dump: str
    first: str
    notes: list[str]
    opened: bool


class CheckedCase(Struct):
    """reached: the steps of the exchange that held."""

    name: str
    slug: str
    verdict: Verdict
    rule: CheckedRule
    played: str = "whole"
    seconds: float = 0.0
    reached: list[str] = []
    why: str = ""
    failure: CheckFailure | None = None


class CheckedStage(Struct):
    name: str
    slug: str
    title: str
    verdict: Verdict
    seconds: float
    why: str
    cases: list[CheckedCase]


class CheckAxis(Struct):
    """A line of the scorecard."""

    name: str
    verdict: Verdict
    says: str


class Check(Struct):
    """asked: next, all, or the slug of a stage. began: seconds since 1970."""

    id: str
    topic: str
    folder: str
    target: str
    asked: str
    seed: int
    began: float
    seconds: float
    verdict: Verdict
    stages: list[CheckedStage]
    card: list[CheckAxis] = []

    @property
    def outline(self) -> dict[str, str]:
        return {
            f"{stage.slug}/{case.slug}": str(case.verdict)
            for stage in self.stages
            for case in stage.cases
        }


class Kept(Struct):
    """evidence: stage/case → what passed."""

    check: Check
    evidence: dict[str, Evidence] = {}


class Line(Struct):
    """A check in one line."""

    id: str
    folder: str
    target: str
    topic: str
    asked: str
    began: float
    seconds: float
    verdict: str
    outline: dict[str, str]


def new_id() -> str:
    return secrets.token_hex(4)


def slugs(names: Iterable[str]) -> list[str]:
    """One for each of these, all different: the first words alone would often be the same."""
    found: list[str] = []
    for name in names:
        slug = wanted = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "case"
        number = 2
        while slug in found:
            slug, number = f"{wanted}-{number}", number + 1
        found.append(slug)
    return found


def reported(job: Job, result: CheckResult, *, began: float, asked: str, id: str = "") -> Kept:
    """Both in one: what is said, and what passed, as far as there is room."""
    kept, room = Kept(check_of(job, result, began, asked, id or new_id())), OCTETS
    for stage, told in zip(result.stages, kept.check.stages, strict=True):
        for case, said in zip(stage.cases, told.cases, strict=True):
            evidence = case.failure.evidence if case.failure is not None else None
            if evidence is None or said.failure is None:
                continue
            room -= sum(len(p.sent.data) + len(p.arrived.data) for p in evidence.lines)
            if room > 0:
                kept.evidence[f"{told.slug}/{said.slug}"] = evidence
            said.failure.opened = room > 0
    return kept


def check_of(job: Job, result: CheckResult, began: float, asked: str, id: str) -> Check:
    return Check(
        id=id,
        topic=job.topic,
        folder=str(job.folder) if job.folder is not None else "",
        target=target_of(job),
        asked=asked,
        seed=result.seed,
        began=began,
        seconds=result.seconds,
        verdict=result.verdict,
        stages=[stage_of(stage) for stage in stages_of(result)],
        card=[CheckAxis(one.name, one.verdict, scorecard.said(one)) for one in result.card],
    )


def target_of(job: Job) -> str:
    where = job.subject.target or {}
    return ", ".join(
        f"{host}:{port}" if name == "PORT" else f"{name} {host}:{port}"
        for name, (host, port) in where.items()
    )


def stage_of(stage: StageResult) -> CheckedStage:
    names = slugs(case.name for case in stage.cases)
    return CheckedStage(
        name=stage.name,
        slug=stage.name.partition("/")[2],
        title=stage.title,
        verdict=stage.verdict,
        seconds=round(stage.seconds, 4),
        why=stage.why,
        cases=[case_of(case, slug) for case, slug in zip(stage.cases, names, strict=True)],
    )


def case_of(case: CaseResult, slug: str) -> CheckedCase:
    rule = case.rule
    return CheckedCase(
        name=escaped(case.name),
        slug=slug,
        verdict=case.verdict,
        rule=CheckedRule(rule.section, rule.level, rule.text),
        played=str(case.played),
        seconds=round(case.seconds, 4),
        reached=[str(step) for step in case.reached],
        why=sound(case.why),
        failure=failure_of(case.failure) if case.failure is not None else None,
    )


def failure_of(failure: Failure) -> CheckFailure:
    return CheckFailure(
        step=str(failure.step),
        expected=sound(failure.expected),
        found=sound(failure.found),
        because=sound(failure.because),
        by_hand=sound(failure.by_hand),
        where=failure.where,
        offset=failure.offset,
        dump=failure.dump,
        first=sound(failure.first),
        notes=[sound(note) for note in failure.notes],
        opened=failure.evidence is not None,
    )


def sound(text: str) -> str:
    """Without half a character, which no JSON can hold."""
    return text.encode("utf-8", "replace").decode()


class Reports:
    def __init__(self, progress: Progress) -> None:
        self.progress = progress

    def keep(self, kept: Kept) -> None:
        one = kept.check
        of = (one.folder, one.target, one.topic)
        self.progress.write(
            (
                "INSERT OR REPLACE INTO report VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(one.id, *of, one.asked, one.began, one.seconds, str(one.verdict)),
                    msgspec.json.encode(one.outline).decode(),
                    zlib.compress(msgspec.json.encode(kept)),
                ),
            ),
            (
                "DELETE FROM report WHERE folder = ? AND target = ? AND topic = ? AND began <="
                " (SELECT began FROM report WHERE folder = ? AND target = ? AND topic = ?"
                " ORDER BY began DESC LIMIT 1 OFFSET ?)",
                (*of, *of, EACH),
            ),
            (
                "DELETE FROM report WHERE began <="
                " (SELECT began FROM report ORDER BY began DESC LIMIT 1 OFFSET ?)",
                (ALL,),
            ),
        )

    def open(self, id: str) -> Kept | None:
        """None where it is not kept any more, or a version wrote it that this one cannot read."""
        for (detail,) in self.progress.rows("SELECT detail FROM report WHERE id = ?", (id,)):
            try:
                return msgspec.json.decode(zlib.decompress(detail), type=Kept)
            except (zlib.error, msgspec.MsgspecError):
                continue
        return None

    def has(self, id: str) -> bool:
        return bool(self.progress.rows("SELECT 1 FROM report WHERE id = ?", (id,)))

    def latest(self, count: int) -> list[Line]:
        return self._lines("1 = 1 ORDER BY began DESC LIMIT ?", (count,))

    def earlier(self, check: Check) -> list[Line]:
        """Of the same program, the latest first."""
        where = "folder = ? AND target = ? AND topic = ? AND began < ? ORDER BY began DESC LIMIT ?"
        return self._lines(where, (check.folder, check.target, check.topic, check.began, LOOKED_AT))

    def _lines(self, where: str, values: tuple[object, ...]) -> list[Line]:
        columns = "id, folder, target, topic, asked, began, seconds, verdict, outline"
        rows = self.progress.rows(f"SELECT {columns} FROM report WHERE {where}", values)
        return [Line(*[*row[:-1], msgspec.json.decode(row[-1])]) for row in rows]


def line(check: Check) -> Line:
    one = check
    return Line(
        *(one.id, one.folder, one.target, one.topic, one.asked),
        *(one.began, one.seconds, str(one.verdict), one.outline),
    )


def last_known(lines: Sequence[Line]) -> dict[str, str]:
    """stage/case → its verdict when it was last played. lines: the latest first."""
    known: dict[str, str] = {}
    for line in reversed(lines):
        known.update({k: v for k, v in line.outline.items() if v != Verdict.SKIPPED})
    return known
