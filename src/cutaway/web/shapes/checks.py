"""A check of one's own project: what can be checked, how one goes on, and what passed where it
failed.

What came of each case is a `Check`, as it is kept (workshop/reports.py).

Left out: names for octets. They are pieces of the machine's shapes, so that one view shows both.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from ...workshop.reports import Check, CheckedCase
from .learn import Hint
from .machine import Opened

CheckState = Literal["starting", "building", "playing", "over", "halted", "refused"]


class CheckStage(Struct):
    """A stage that can be checked, and how it stands. verdict: of the latest check, "" for none."""

    name: str
    slug: str
    title: str
    cases: int
    verdict: str
    passed: bool


class CheckProject(Struct):
    """at: slug of the stage to work at, "" when all pass. here: Cutaway was started in it."""

    folder: str
    name: str
    topic: str
    title: str
    run: str
    build: str
    here: bool
    at: str
    stages: list[CheckStage]


class CheckTopic(Struct):
    """What a server that already runs may speak. ports: names of its listeners."""

    slug: str
    title: str
    ports: list[str]
    stages: list[CheckStage]


class CheckLine(Struct):
    """A check in one line. broke, mended: cases that were otherwise when they were last played."""

    id: str
    folder: str
    target: str
    topic: str
    asked: str
    began: float
    seconds: float
    verdict: str
    cases: int
    failed: int
    broke: int
    mended: int


class CheckGoing(Struct):
    """What runs now. waits: for a file to be saved."""

    id: str
    topic: str
    folder: str
    target: str
    state: CheckState
    watches: bool
    waits: bool
    pid: int


class CheckDesk(Struct):
    """note: what a person has to know of what is kept."""

    folder: str
    projects: list[CheckProject]
    topics: list[CheckTopic]
    going: CheckGoing | None
    history: list[CheckLine]
    note: str


class CheckOrder(Struct):
    """Either a folder, or a target and its topic. asked: next, all, or the slug of a stage."""

    folder: str = ""
    target: str = ""
    data_dir: str = ""
    topic: str = ""
    asked: str = "next"
    watch: bool = False


class CheckPlan(Struct):
    """A stage that is to be played. slugs: of its cases, in order."""

    name: str
    slug: str
    title: str
    cases: list[str]
    slugs: list[str]


class CheckStarted(Struct):
    id: str


class CheckOpened(Struct):
    """A check, over or not.

    before    stage/case → its verdict when it was last played before this
    previous  id of the check before it, "" for none
    because   the file whose saving began it
    building  the command that builds, while it does
    problem   why there is no result
    hints     stage → those that were taken
    """

    check: Check
    state: CheckState
    plan: list[CheckPlan]
    before: dict[str, str]
    previous: str
    because: str
    building: str
    problem: str
    next_step: str
    notes: list[str]
    watches: bool
    waits: bool
    hints: dict[str, list[Hint]]


class CheckNewsCase(Struct):
    stage: str
    case: CheckedCase


class CheckNews(Struct):
    """What is new of a check, and all that was noted of it."""

    id: str
    state: CheckState
    watches: bool
    waits: bool
    building: str
    cases: list[CheckNewsCase]
    notes: list[str]


class CheckTurn(Struct):
    """One message of a conversation. at: seconds. writes: in how many pieces it passed."""

    way: Literal["sent", "came"]
    at: float | None
    start: int
    end: int
    says: str
    broken: str
    writes: int


class CheckSide(Struct):
    """One direction. ahead: octets before those that are shown."""

    opened: Opened
    ahead: int
    size: int


class CheckConnection(Struct):
    """who: whose octets came, as a phrase. asks: what came are requests. ended: how."""

    name: str
    who: str
    asks: bool
    ended: str
    turns: list[CheckTurn]
    came: CheckSide
    sent: CheckSide


class CheckBytes(Struct):
    """What passed where a case failed. at: which of them to look at. mark: octets of what came."""

    connections: list[CheckConnection]
    at: int
    mark: tuple[int, int] | None


class CheckHintWanted(Struct):
    folder: str
    stage: str
