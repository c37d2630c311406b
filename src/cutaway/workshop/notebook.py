"""Experiments that were made, in the same file as progress.

    notebook = Notebook(progress)
    number = notebook.keep(report)          before anything is asked, so that nothing is lost
    notebook.saw(number, report.result)     with the learner's own words
    notebook.last("tcp/nagle")              the latest Result, or None
    notebook.last("tcp/nagle", True)        the latest that was not interrupted
    notebook.runs("tcp/nagle")              all that are kept, by number, the latest first
    notebook.run("tcp/nagle", 12)           that one, or None

What cannot be kept is said once by Progress, and the experiment goes on.

Left out: what came of them in words. That is made of the rows anew: lab/report.py.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..lab.lab import Lab
from ..lab.report import Report
from ..lab.result import Foreign, Result, decoded, encoded
from ..lab.runner import INTERRUPTED
from ..lab.units import Unreadable
from .progress import Progress

KEPT = 50  # of each lab


def computed(lab: Lab, result: Result) -> Report | None:
    """None for a result of a lab that has changed so much that its rows mean nothing now."""
    try:
        return Report(lab, result)
    except (KeyError, StopIteration, Unreadable):
        return None


class Notebook:
    def __init__(self, progress: Progress) -> None:
        self.progress = progress

    def keep(self, report: Report) -> int:
        """Write it down; returns its number."""
        result, agreed = report.result, report.answer.right
        self.progress.write(
            (
                "INSERT INTO lab (name, began, confidence, agreed, outcome, result)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (
                    result.lab,
                    result.began,
                    result.confidence,
                    agreed,
                    str(report.outcome),
                    encoded(result),
                ),
            ),
            (
                "DELETE FROM lab WHERE name = ? AND id <="
                " (SELECT id FROM lab WHERE name = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
                (result.lab, result.lab, KEPT),
            ),
        )
        return int(
            self.progress.rows("SELECT max(id) FROM lab WHERE name = ?", (result.lab,))[0][0]
        )

    def saw(self, number: int, result: Result) -> None:
        """The same result, with what was seen in it."""
        self.progress.write(("UPDATE lab SET result = ? WHERE id = ?", (encoded(result), number)))

    def last(self, name: str, complete: bool = False) -> Result | None:
        """The latest that this version can read; complete: of those that were not interrupted."""
        readable = (result for _, result in self.runs(name))
        return next((r for r in readable if not complete or r.ended != INTERRUPTED), None)

    def runs(self, name: str) -> Iterator[tuple[int, Result]]:
        """Number and result, the latest first, of those that this version can read."""
        query = "SELECT id, result FROM lab WHERE name = ? ORDER BY id DESC"
        for number, octets in self.progress.rows(query, (name,)):
            try:
                yield int(number), decoded(octets)
            except Foreign:
                continue

    def run(self, name: str, number: int) -> Result | None:
        query = "SELECT result FROM lab WHERE name = ? AND id = ?"
        for (octets,) in self.progress.rows(query, (name, number)):
            try:
                return decoded(octets)
            except Foreign:
                return None
        return None
