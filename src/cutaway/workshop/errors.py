"""What can be wrong with what a person asked for: one sentence, and the next step.

    raise Trouble("There is no topic htp1.", "Did you mean http1?")

    closest("htp1", ["tcp", "http1"])        'http1'

Every command shows a Trouble on standard error and ends with its code. Whatever else is raised is a
defect of ours.

Left out: classes for the kinds of trouble. Nobody but a person reads them.
"""

from __future__ import annotations

from collections.abc import Iterable

USAGE = 2


class Trouble(Exception):
    """code: the exit status; 2 where it lies in what was asked."""

    def __init__(self, sentence: str, next_step: str = "", code: int = USAGE) -> None:
        super().__init__(sentence, next_step)
        self.sentence = sentence
        self.next_step = next_step
        self.code = code

    def __str__(self) -> str:
        return f"{self.sentence} {self.next_step}".strip()


def closest(name: str, names: Iterable[str]) -> str | None:
    """The one of `names` that was probably meant; None where none is near."""
    from difflib import get_close_matches

    known = {known.lower(): known for known in names}
    found = get_close_matches(name.lower(), known, n=1, cutoff=0.55)
    return known[found[0]] if found else None


def did_you_mean(name: str, names: Iterable[str], otherwise: str) -> str:
    """The next step for a mistyped name."""
    near = closest(name, names)
    return f"Did you mean {near}?" if near else otherwise
