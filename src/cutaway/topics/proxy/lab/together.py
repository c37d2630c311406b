"""All ways at the same time, so that a machine that is busy is busy for each of them alike.

    rounds = Rounds(once, look)         once(settings) → {"two_choices": {"mean": 0.08}, …}
    rounds.of("two_choices", settings)  measures all of them
    rounds.of("hash", settings)         is there already
    rounds.of("hash", settings)         a second time: the next round

    side_by_side([job, job])            each in a thread, told by an event when it has to end

Left out: whether they disturb each other. Whoever uses it sees to it that they mostly wait.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from ....lab.knobs import Settings
from ....lab.lab import Unmeasured
from ....lab.trace import Moment

T = TypeVar("T")
Values = Mapping[str, float]


class Rounds:
    """look     one exchange of a variant, octet by octet
    nothing  the values of a variant that a shorter round does not have
    """

    def __init__(
        self,
        once: Callable[[Settings], Mapping[str, Values]],
        look: Callable[[str], Sequence[Moment]],
        nothing: Values | None = None,
    ) -> None:
        self.once, self.look, self.nothing = once, look, nothing or {}
        self.found: Mapping[str, Values] | Unmeasured | None = None
        self.told: set[str] = set()

    def of(self, variant: str, settings: Settings) -> Values:
        """One variant of this round. Raises Unmeasured, for all of them alike."""
        if self.found is None or variant in self.told:
            self.told.clear()
            try:
                self.found = self.once(settings)
            except Unmeasured as reason:
                self.found = reason
        self.told.add(variant)
        if isinstance(self.found, Unmeasured):
            raise self.found
        return self.found.get(variant, self.nothing)


def side_by_side(jobs: Sequence[Callable[[threading.Event], T]]) -> list[T]:
    """What each of them returns. Whatever interrupts the waiting ends them all."""
    stop = threading.Event()
    with ThreadPoolExecutor(len(jobs)) as threads:
        try:
            return [running.result() for running in [threads.submit(job, stop) for job in jobs]]
        finally:
            stop.set()
