"""What came of a check: one tree of plain data, from which every report is made.

    CheckResult            topic, seed
      StageResult          one step of a build
        CaseResult         one conversation, one rule
          Failure          what was expected, what was found, where, because of what

A failure without expected, found, because and by_hand cannot be made: an answer that only says no
teaches nothing.

Verdicts: pass; fail; inconclusive, when the check could not be carried out, and `why` says what was
in the way; skipped, when it was not tried, and `why` says the reason.

Left out: how any of it looks. See reports/.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .evidence import Evidence
    from .scorecard import Axis, Measured


class Verdict(StrEnum):
    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    SKIPPED = "skipped"


class Way(StrEnum):
    """How the octets of a case were delivered."""

    WHOLE = "whole"
    PIECES = "pieces"
    MERGED = "merged"


class Reached(StrEnum):
    """The steps of one exchange, in order; a failure names the first one that did not hold."""

    CONNECTED = "connected"
    SENT = "sent"
    ANSWERED = "answered"
    FRAMED = "framed"
    PARSED = "parsed"
    AS_ASKED = "as asked"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Rule:
    """One requirement. level: MUST, MUST NOT, SHOULD, MAY, or contract (asked by us)."""

    section: str
    level: str
    text: str

    def __str__(self) -> str:
        return f"{self.section}: {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a case failed.

    step      the first step that did not hold (Reached), or the name of what was done instead
    where     a phrase: "byte 43 of what your server sent (response 1)"
    offset    octets into what came on that connection; None where no octet is at fault
    dump      hex rows around it, with a caret; empty without octets
    first     commands that prepare what `by_hand` needs: files, the program on its port
    notes     sentences: how it was delivered, which time limit fired, what the program printed
    evidence  what passed on the connections; None where there was none. No report in text has it
    """

    step: str
    expected: str
    found: str
    because: str
    by_hand: str
    where: str = ""
    offset: int | None = None
    dump: str = ""
    first: str = ""
    notes: tuple[str, ...] = ()
    evidence: Evidence | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("step", "expected", "found", "because", "by_hand"):
            if not getattr(self, name).strip():
                raise ValueError(f"a failure without {name} explains nothing")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """seconds: in all; waited: the part of it that was deliberate waiting for silence.

    measured  a figure that it brought along, beside its verdict
    """

    name: str
    rule: Rule
    verdict: Verdict
    played: Way = Way.WHOLE
    seconds: float = 0.0
    waited: float = 0.0
    plays: int = 0
    reached: tuple[str, ...] = ()
    failure: Failure | None = None
    why: str = ""
    measured: Measured | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StageResult:
    """`why` is set where the stage as a whole was not tried or could not be."""

    name: str
    title: str
    verdict: Verdict
    seconds: float = 0.0
    cases: tuple[CaseResult, ...] = ()
    why: str = ""

    @property
    def failed(self) -> tuple[CaseResult, ...]:
        return tuple(case for case in self.cases if case.verdict is Verdict.FAIL)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """seed: what `--seed` takes to repeat the run exactly. card: the scorecard of a project."""

    topic: str
    seed: int
    seconds: float
    stages: tuple[StageResult, ...]
    card: tuple[Axis, ...] = ()

    @property
    def verdict(self) -> Verdict:
        return worst(stage.verdict for stage in self.stages)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """fail before inconclusive before pass; skipped only where nothing else is."""
    found = set(verdicts)
    for verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS):
        if verdict in found:
            return verdict
    return Verdict.SKIPPED
