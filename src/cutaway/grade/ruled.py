"""Steps for far sides that answer by themselves, and for what they counted.

    by_rule(a=Origin(), b=Origin(after=0.1))     from now on
    again(30, *ask)                              the client asks, and both answer
    tallied(evenly("a", "b"))                    what each of them got
    releases("a")                                what it holds back is answered now
    begins_anew("a", "b")                        count from here
    awaited(some)                                the same as tallied, as soon as it holds

A tally is compared with a Matcher over {name: Tally}; `found` in a report is the requests of each.

Left out: the rules, which know a protocol. They belong to the topic.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from .answering import Answering, Rule, Tally
from .byhand import Act
from .matchers import Matcher
from .outcomes import CannotTell, Failed
from .play import ANSWER, Play
from .stage import Step
from .verdict import Reached


@dataclass(frozen=True, slots=True)
class ByRule(Step):
    """These far sides answer by themselves from now on, each by its rule."""

    rules: Mapping[str, Rule]

    def run(self, play: Play) -> None:
        for name, rule in self.rules.items():
            side = play.side(name)
            for line in [line for line in play.lines.values() if line.far is side.far]:
                play.lines.pop(line.name)
                side.give_back(line)
            side.answer(rule)
            play.acts.append(Act("", "rule", rule.sample(), port=name))

    def sketch(self) -> str:
        return "; ".join(f"{name} answers by itself: {rule}" for name, rule in self.rules.items())


@dataclass(frozen=True, slots=True)
class Tallied(Step):
    """What the far sides were asked until now is as the Matcher says.

    seconds  until it has to hold; 0: now
    """

    wanted: Matcher
    seconds: float = 0.0

    def run(self, play: Play) -> None:
        began = time.monotonic()
        while True:
            play.running.go_on()
            tallies = {name: side.tally() for name, side in answering(play).items()}
            self._well_formed(play, tallies)
            if self.wanted.matches(tallies):
                play.hold(Reached.AS_ASKED)
                return
            if not self.seconds or not play.still_patient(began, self.seconds):
                raise Failed(Reached.AS_ASKED, self.wanted.says, play.told(counts(tallies)))
            time.sleep(0.005)

    def _well_formed(self, play: Play, tallies: Mapping[str, Tally]) -> None:
        for name, tally in tallies.items():
            if tally.malformed:
                title = play.side(name).far.title
                raise Failed(Reached.PARSED, f"only requests to {title}", tally.malformed[0])

    def sketch(self) -> str:
        return f"{'soon ' * bool(self.seconds)}there came {self.wanted.says}"


@dataclass(frozen=True, slots=True)
class Releases(Step):
    """What these far sides hold back is answered."""

    far: tuple[str, ...]

    def run(self, play: Play) -> None:
        sides = answering(play)
        for name in self.far or sides:
            sides[name].release()

    def sketch(self) -> str:
        return f"{', '.join(self.far) or 'all'}: what was held back is answered"


@dataclass(frozen=True, slots=True)
class BeginsAnew(Step):
    """All far sides count from here."""

    def run(self, play: Play) -> None:
        for side in answering(play).values():
            side.forget()

    def sketch(self) -> str:
        return "count from here"


def answering(play: Play) -> dict[str, Answering]:
    """The far sides that answer by themselves. Raises CannotTell when there are none."""
    sides = {name: side.rule for name, side in play.running.sides.items() if side.rule is not None}
    if not sides:
        raise CannotTell("no far side answers by itself in this case")
    return sides


def counts(tallies: Mapping[str, Tally]) -> str:
    """In words: the requests that each of them got."""
    return "; ".join(
        f"{name}: {tally.count} request{'s' * (tally.count != 1)} on {tally.connections} "
        f"connection{'s' * (tally.connections != 1)}, {tally.most_at_once} at once"
        for name, tally in tallies.items()
    )


def by_rule(**rules: Rule) -> ByRule:
    return ByRule(rules)


def tallied(wanted: Matcher) -> Tallied:
    return Tallied(wanted)


def awaited(wanted: Matcher, seconds: float = ANSWER) -> Tallied:
    return Tallied(wanted, seconds)


def releases(*far: str) -> Releases:
    return Releases(far)


def begins_anew() -> BeginsAnew:
    return BeginsAnew()
