"""Experiments that were made, in the same file as progress.

    notebook = Notebook(progress)
    number = notebook.keep(report)          before anything is asked, so that nothing is lost
    notebook.saw(number, report.result)     with the learner's own words
    notebook.last("tcp/nagle")              the latest Result, or None
    notebook.last("tcp/nagle", True)        the latest that was not interrupted

What cannot be kept is said once by Progress, and the experiment goes on.

Left out: recall cards. They will be made from these rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lab.result import Foreign, Result, decoded, encoded
from ..lab.runner import INTERRUPTED
from .progress import Progress

if TYPE_CHECKING:
    from ..lab.report import Report

KEPT = 50  # of each lab


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
        for (octets,) in self.progress.rows(
            "SELECT result FROM lab WHERE name = ? ORDER BY id DESC", (name,)
        ):
            try:
                result = decoded(octets)
            except Foreign:
                continue
            if not complete or result.ended != INTERRUPTED:
                return result
        return None
