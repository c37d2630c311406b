"""Upstreams that answer by themselves, and what is asked of their tallies.

    by_rule(a=Origin("a"), b=Origin("b", after=0.3), c=Origin("c", drops=True))

An Origin answers 200 with its own name. What asks for /held waits until it is released. What asks
for /health gets the status that `health` says.

    evenly(10, "a", "b", "c")      ten requests each
    among(45, a=(20, 33))          b and c whatever, a between these bounds

Left out: bodies of requests, which are read and dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from ....grade.answering import Reply, Tally
from ....grade.matchers import Matcher
from .messages import ok

HELD = b"/held"
HEALTH = b"/health"

Tallies = Mapping[str, Tally]


@dataclass(frozen=True, slots=True)
class Origin:
    """name    the body of its answers
    status  of them
    after   seconds until they come
    size    octets of the body, instead of the name
    drops   the connection ends without a word
    cuts    so many octets of the answer are sent, and then the connection ends
    silent  nothing comes
    every   only each such request is answered in the way that is said here; others with 200
    health  status of the answer to a health check; 0: no answer
    flaky   and only to every second one, which `turns` counts
    """

    name: str
    status: int = 200
    after: float = 0.0
    size: int = 0
    drops: bool = False
    cuts: int = 0
    silent: bool = False
    every: int = 1
    health: int = 200
    flaky: bool = False
    turns: count[int] = field(default_factory=count, compare=False, repr=False)

    def reply(self, message: Any, number: int) -> Reply:
        path = message.target.partition(b"?")[0]
        if path == HEALTH:
            bad = not self.flaky or next(self.turns) % 2
            if bad and not self.health:
                return Reply(b"", held=True)
            return Reply(bytes(ok(b"", status=self.health if bad else 200)))
        if path == HELD:
            return Reply(self.answer(message, 200), held=True)
        if number % self.every:
            return Reply(self.answer(message, 200))
        if self.silent:
            return Reply(b"", held=True)
        if self.drops:
            return Reply(b"", then="close")
        if self.cuts:
            return Reply(self.answer(message, self.status)[: self.cuts], then="close")
        return Reply(self.answer(message, self.status), after=self.after)

    def answer(self, message: Any, status: int) -> bytes:
        whole = ok(b"x" * self.size if self.size else self.name.encode(), status=status)
        octets = bytes(whole)
        return octets[: octets.index(b"\r\n\r\n") + 4] if message.method == b"HEAD" else octets

    def sample(self) -> bytes:
        return bytes(ok(self.name.encode(), (b"Connection", b"close"), status=self.status))

    def __str__(self) -> str:
        if self.silent:
            return "silence"
        if self.drops:
            return "the connection ends without a word"
        return f"{self.status}" + (f" after {self.after:g} s" if self.after else "")


def requests(tally: Tally, path: bytes = b"") -> int:
    """How many requests came that were no health checks; those for one path, if it is said."""
    targets = [asking.message.target.partition(b"?")[0] for asking in tally.asked]
    return sum(target != HEALTH and path in (b"", target) for target in targets)


def checks(tally: Tally) -> int:
    """How many health checks came."""
    return sum(asking.message.target == HEALTH for asking in tally.asked)


def tallies(says: str, check: Callable[[Tallies], bool]) -> Matcher:
    return Matcher(says, check)


def shares(**bounds: tuple[int, int]) -> Matcher:
    """Each upstream got between so many and so many requests."""
    says = ", ".join(
        f"{low} to {high} for {name}" if low != high else f"{low} for {name}"
        for name, (low, high) in bounds.items()
    )
    return Matcher(
        f"requests: {says}",
        lambda seen: all(
            low <= requests(seen[name]) <= high for name, (low, high) in bounds.items()
        ),
    )


def in_all(low: int, high: int, says: str) -> Matcher:
    """So many requests came to all of them together."""
    return Matcher(says, lambda seen: low <= sum(map(requests, seen.values())) <= high)


def checked(least: int, *names: str) -> Matcher:
    """Each of these was asked for its health at least so often."""
    return Matcher(
        f"{least} health checks at {' and '.join(names)}",
        lambda seen: all(checks(seen[name]) >= least for name in names),
    )
