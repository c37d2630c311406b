"""Steps about parts that are given: what the program said to them, and what becomes of the way.

    passed("cache", some)          what has passed the relay in this case is as the Matcher says
    soon("cache", some)            the same, as soon as it holds
    forgets("cache")               count from here
    gone("cache"), back("cache")   the part is not to be reached, and is again
    cuts("cache")                  the connections to it end; new ones are taken
    over("cache", Link(…))         the link to it is slow, or stalls: linked.py

A Matcher is over the questions (given.Passed), each with its answer; a report shows them as the
part's codec says them.

Left out: what a part has in it. `send(…, on="cache")` and `expect(…, on="cache")` ask it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from ..wire import quoted
from .byhand import Act
from .given import Part, Passed
from .matchers import Matcher
from .outcomes import Failed
from .play import ANSWER, Play
from .stage import Step
from .verdict import Reached

SHOWN = 8  # questions in a report: the last ones


@dataclass(frozen=True, slots=True)
class HasPassed(Step):
    """seconds: until it has to hold; 0: now"""

    part: str
    wanted: Matcher
    seconds: float = 0.0

    def run(self, play: Play) -> None:
        part, began = play.part(self.part), time.monotonic()
        while True:
            play.running.go_on()
            passed = part.take()
            if part.strange:
                title = part.given.title
                raise Failed(Reached.PARSED, f"only questions to {title}", part.strange[0])
            if self.wanted.matches(passed):
                play.hold(Reached.AS_ASKED)
                return
            if not self.seconds or not play.still_patient(began, self.seconds):
                found = play.told(told(part, passed))
                raise Failed(Reached.AS_ASKED, self.wanted.says, found)
            time.sleep(0.005)

    def sketch(self) -> str:
        return f"{'soon ' * bool(self.seconds)}what passed to {self.part}: {self.wanted.says}"


@dataclass(frozen=True, slots=True)
class Forgets(Step):
    """What passed until now is not counted."""

    part: str

    def run(self, play: Play) -> None:
        play.part(self.part).forget()

    def sketch(self) -> str:
        return f"count what passes to {self.part} from here"


@dataclass(frozen=True, slots=True)
class TheWay(Step):
    """The way to a part ends, opens again, or loses its connections."""

    part: str
    how: str

    def run(self, play: Play) -> None:
        part = play.part(self.part)
        {"gone": part.refuse, "back": part.accept, "cuts": part.cut}[self.how]()
        play.acts.append(Act("", self.how, port=self.part))
        play.notes_once(self.sketch())

    def sketch(self) -> str:
        says = {
            "gone": "cannot be reached: connections are refused, those that there are were reset",
            "back": "can be reached again",
            "cuts": "had its connections cut; it takes new ones",
        }
        return f"{self.part} {says[self.how]}"


def told(part: Part, passed: Sequence[Passed]) -> str:
    """In words: what was asked, and what the part answered."""
    if not passed:
        return "nothing passed"
    lines = [one(part, each) for each in passed[-SHOWN:]]
    before = f"{len(passed) - SHOWN} more, then " if len(passed) > SHOWN else ""
    return before + "; ".join(lines)


def one(part: Part, passed: Passed) -> str:
    says = getattr(part.given.codec(), "says", None) or (lambda message: quoted(bytes(message), 60))
    if not passed.answered:
        return f"{says(passed.asked)} (no answer yet)"
    return f"{says(passed.asked)} → {says(passed.answer)}"


def passed(part: str, wanted: Matcher) -> HasPassed:
    return HasPassed(part, wanted)


def soon(part: str, wanted: Matcher, seconds: float = ANSWER) -> HasPassed:
    return HasPassed(part, wanted, seconds)


def forgets(part: str) -> Forgets:
    return Forgets(part)


def gone(part: str) -> TheWay:
    return TheWay(part, "gone")


def back(part: str) -> TheWay:
    return TheWay(part, "back")


def cuts(part: str) -> TheWay:
    return TheWay(part, "cuts")
