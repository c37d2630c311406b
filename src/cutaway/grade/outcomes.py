"""How a step can end other than well, and how a check can end before its time.

    Failed      the step did not hold; the player makes a Failure of it
    CannotTell  the check could not be carried out: inconclusive
    NotTried    the check does not apply here: skipped
    Halted      nobody waits for the result any more; no result is made

Left out: every other exception. It is a defect of ours, and is raised out of the check.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..wire import dump

if TYPE_CHECKING:
    from .play import Line


class Failed(Exception):
    """A step did not hold. The player makes a Failure of it."""

    def __init__(
        self,
        step: str,
        expected: str,
        found: str,
        *,
        line: Line | None = None,
        offset: int | None = None,
        length: int = 1,
        because: str = "",
        notes: tuple[str, ...] = (),
        seen_on: str = "",
    ) -> None:
        """seen_on  the line to look at by hand, where no octet of any is at fault"""
        super().__init__(step, expected, found)
        self.step, self.expected, self.found = step, expected, found
        self.line, self.offset, self.length = line, offset, length
        self.because, self.notes, self.seen_on = because, notes, seen_on

    def where(self) -> str:
        """A phrase that points at the octet, counted from 0 as in the dump."""
        if self.line is None or self.offset is None:
            return ""
        number = self.line.answers + 1
        usual = "main" if self.line.far is None else self.line.far.name
        which = "" if self.line.name == usual else f", connection {self.line.name}"
        end = "the end" if self.offset >= len(self.line.recorded.arrived) else "byte"
        at = f"{end} {self.offset}" if end == "byte" else f"{end} (byte {self.offset})"
        return f"{at} of what {self.line.sender} (message {number}{which})"

    def dump(self) -> str:
        if self.line is None or self.offset is None or not self.line.recorded.arrived:
            return ""
        at = min(self.offset, len(self.line.recorded.arrived))
        return dump(self.line.data(), (at, at + min(self.length, 16)))


class CannotTell(Exception):
    """The check could not be carried out; the argument is the sentence that says why."""


class NotTried(Exception):
    """The check does not apply here; the argument says why."""


class Halted(Exception):
    """The whole check was broken off: another stage failed, or somebody pressed Ctrl-C."""
