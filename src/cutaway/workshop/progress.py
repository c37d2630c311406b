"""What was passed, checked and hinted at, remembered in one SQLite file.

    with Progress.open(home(), say=print) as progress:
        progress.record(folder, result)
        progress.standing(folder)         {"tcp/echo": Standing(passed=True, verdict="pass"), …}
        progress.take_hint(folder, "tcp/lines")        1, then 2, then 3

The tables stand in store/NNN_name.sql. `PRAGMA user_version` says which of them a file has; those
with a higher number are run, each in a transaction.

To remember is a convenience and never stops a check. Where it cannot be done, one sentence says so
and the work goes on in memory:

    the folder cannot be written     what is there is read; nothing new is kept
    the file is damaged              it is moved aside, and a new one is begun
    the file is of a later version   it is left alone
    somebody else holds it           waited for, two seconds at most

Left out: accounts, synchronising, telemetry. The file stays where it is.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType

    from ..grade.stage import Stage
    from ..grade.verdict import CheckResult

FILE = "progress.db"
BUSY = 2.0  # seconds to wait for another process that writes
KEPT_RUNS = 500  # for each project
RUNGS = 3
TABLES = ("stage", "run", "hint", "lab", "answer", "card", "report", "hunt")
STORE = Path(__file__).parent / "store"


@dataclass(frozen=True, slots=True)
class Standing:
    """One stage of one project. passed: at some time; verdict: the latest."""

    passed: bool
    verdict: str


@dataclass(frozen=True, slots=True)
class Run:
    """One check. ended: seconds since 1970."""

    seed: int
    verdict: str
    seconds: float
    ended: float


def home(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """The folder for what Cutaway keeps: $CUTAWAY_HOME, or where the platform has such things."""
    if named := environment.get("CUTAWAY_HOME"):
        return Path(named).absolute()
    user = Path(environment.get("HOME") or os.path.expanduser("~"))
    if platform == "darwin":
        return user / "Library" / "Application Support" / "cutaway"
    data = environment.get("XDG_DATA_HOME", "")
    return (Path(data) if data.startswith("/") else user / ".local" / "share") / "cutaway"


def current(stages: Sequence[Stage], standing: Mapping[str, Standing]) -> Stage | None:
    """The stage to work at: the first that fails, else the first that does not pass yet."""
    fails = [s for s in stages if s.name in standing and standing[s.name].verdict == "fail"]
    open_ = [s for s in stages if s.name not in standing or standing[s.name].verdict != "pass"]
    return next(iter([*fails, *open_]), None)


class Progress:
    """Made by `open`. Every method is one transaction."""

    def __init__(self, database: sqlite3.Connection, say: Callable[[str], None]) -> None:
        self._database = database
        self._say = say

    @classmethod
    def open(cls, folder: Path, say: Callable[[str], None]) -> Progress:
        """say: called with at most one sentence when nothing will be remembered."""
        file = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return cls(_opened(file), say)
        except Later as later:
            say(str(later))
        except sqlite3.DatabaseError as error:
            if _is_damage(error):
                return cls._anew(file, say)
            say(f"Progress is not kept: {file}: {error}.")
            return cls(_copied(file), say)
        except OSError as error:
            say(f"Progress is not kept: {folder} cannot be used: {error.strerror}.")
        return cls(_in_memory(), say)

    @classmethod
    def _anew(cls, file: Path, say: Callable[[str], None]) -> Progress:
        aside = file.with_name(f"{file.name}.damaged-{time.time_ns() // 1_000_000}")
        try:
            os.rename(file, aside)
            database = _opened(file)
        except (OSError, sqlite3.Error) as error:
            say(f"Progress is not kept: {file} is damaged and cannot be moved aside: {error}.")
            return cls(_in_memory(), say)
        say(f"The file with your progress was damaged. It is now {aside}, and a new one is begun.")
        return cls(database, say)

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.close()

    # Reading

    def rows(self, query: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """What a query finds; for those who keep other things in the same file."""
        return self._database.execute(query, values).fetchall()

    def standing(self, folder: Path) -> dict[str, Standing]:
        """Stage → how it stands, for the stages that were ever checked in this folder."""
        rows = self._database.execute(
            "SELECT name, first_passed IS NOT NULL, verdict FROM stage WHERE folder = ?",
            (str(folder),),
        )
        return {name: Standing(bool(passed), verdict) for name, passed, verdict in rows}

    def last_run(self, folder: Path) -> Run | None:
        row = self._database.execute(
            "SELECT seed, verdict, seconds, ended FROM run WHERE folder = ? ORDER BY id DESC",
            (str(folder),),
        ).fetchone()
        return Run(*row) if row else None

    def folders(self) -> list[tuple[str, str]]:
        """(folder, topic) of every project that was ever checked, the latest first."""
        rows = self._database.execute(
            "SELECT folder, topic FROM run GROUP BY folder, topic ORDER BY max(id) DESC"
        )
        return [(folder, topic) for folder, topic in rows]

    def hints(self, folder: Path) -> dict[str, int]:
        """Stage → rungs that were shown."""
        rows = self._database.execute(
            "SELECT stage, rungs FROM hint WHERE folder = ?", (str(folder),)
        )
        return dict(rows.fetchall())

    # Writing

    def record(self, folder: Path, result: CheckResult) -> None:
        """Keep what came of a check. A stage that was skipped keeps its standing."""
        now, where = time.time(), str(folder)
        stages = [s for s in result.stages if s.verdict != "skipped"]
        self.write(
            (
                "INSERT INTO run (folder, topic, seed, verdict, seconds, ended)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (where, result.topic, result.seed, str(result.verdict), result.seconds, now),
            ),
            *(
                (
                    "INSERT INTO stage (folder, name, first_passed, verdict, checked)"
                    " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                    " first_passed = coalesce(first_passed, excluded.first_passed),"
                    " verdict = excluded.verdict, checked = excluded.checked",
                    (where, s.name, now if s.verdict == "pass" else None, str(s.verdict), now),
                )
                for s in stages
            ),
            (
                "DELETE FROM run WHERE folder = ? AND id <="
                " (SELECT id FROM run WHERE folder = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
                (where, where, KEPT_RUNS),
            ),
        )

    def take_hint(self, folder: Path, stage: str) -> int:
        """Go one rung up; returns the rung, 1 to 3. The last one stays the last."""
        self.write(
            (
                "INSERT INTO hint (folder, stage, rungs) VALUES (?, ?, 1)"
                " ON CONFLICT DO UPDATE SET rungs = min(rungs + 1, ?)",
                (str(folder), stage, RUNGS),
            )
        )
        return self.hints(folder).get(stage, 1)

    def write(self, *statements: tuple[str, tuple[object, ...]]) -> None:
        """All of them or none. What cannot be written is said once, and then done in memory."""
        try:
            self._run(statements)
        except sqlite3.Error as error:
            self._say(f"Progress is not kept: {error}.")
            before, self._database = self._database, _in_memory()
            with suppress(sqlite3.Error), closing(before):
                _copy(before, self._database)
            self._run(statements)

    def _run(self, statements: tuple[tuple[str, tuple[object, ...]], ...]) -> None:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            for statement, values in statements:
                self._database.execute(statement, values)
            self._database.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._database.execute("ROLLBACK")
            raise


class Later(Exception):
    """The file was written by a later version."""


def _opened(file: Path) -> sqlite3.Connection:
    """Raises Later; sqlite3.DatabaseError where it is damaged or cannot be written."""
    database = sqlite3.connect(file, timeout=BUSY, isolation_level=None)
    try:
        database.execute("PRAGMA synchronous = NORMAL")
        _bring_up_to_date(database, file)
    except BaseException:
        database.close()
        raise
    return database


def _bring_up_to_date(database: sqlite3.Connection, file: Path) -> None:
    steps = [(int(step.name[:3]), step) for step in sorted(STORE.glob("[0-9]*.sql"))]
    if (has := _version(database)) == steps[-1][0]:
        return
    if has > steps[-1][0]:
        raise Later(
            f"Progress is not kept: {file} belongs to a later version of Cutaway. "
            "Update this one, or set CUTAWAY_HOME to another folder."
        )
    for number, step in steps:
        database.execute("BEGIN IMMEDIATE")
        try:
            if _version(database) < number:  # else another process was faster
                for statement in step.read_text(encoding="utf-8").split(";\n"):
                    database.execute(statement)
                database.execute(f"PRAGMA user_version = {number}")
            database.execute("COMMIT")
        except BaseException:
            database.execute("ROLLBACK")
            raise


def _version(database: sqlite3.Connection) -> int:
    version: int = database.execute("PRAGMA user_version").fetchone()[0]
    return version


def _in_memory() -> sqlite3.Connection:
    database = sqlite3.connect(":memory:", isolation_level=None)
    _bring_up_to_date(database, Path(":memory:"))
    return database


def _copied(file: Path) -> sqlite3.Connection:
    """What can still be read of a file that cannot be written."""
    memory = _in_memory()
    with suppress(sqlite3.Error):
        where = f"{file.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(where, uri=True, timeout=BUSY)) as database:
            if _version(database) == _version(memory):
                _copy(database, memory)
    return memory


def _copy(database: sqlite3.Connection, memory: sqlite3.Connection) -> None:
    """Row by row: `backup` waits for ever where somebody holds the file."""
    for table in TABLES:
        columns = ", ".join("?" * len(memory.execute(f"PRAGMA table_info({table})").fetchall()))
        rows = database.execute(f"SELECT * FROM {table}").fetchall()
        memory.executemany(f"INSERT INTO {table} VALUES ({columns})", rows)


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    """Not a database at all, or one with broken pages."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
