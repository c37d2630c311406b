"""Expectations that are not one value: each matches, and says in words what it wanted.

    expect(status=one_of(405, 501), header={"allow": names("GET", "HEAD")})

Anything that is no Matcher is compared with ==. The words appear in the report behind "expected".

`kept("tag")` stands for what an earlier answer of the same play had; see `expect(keep=…)`.

Left out: matchers of one protocol. A topic makes its own from `Matcher`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..wire import quoted


@dataclass(frozen=True, slots=True)
class Matcher:
    """says: what is wanted, as a phrase that follows "expected".

    tells  what was found, in words of the same kind; "" where its octets say it better
    """

    says: str
    matches: Callable[[Any], bool]
    tells: Callable[[Any], str] = lambda found: ""


@dataclass(frozen=True, slots=True)
class Kept:
    """What was kept under `name`, once it is known; `turn` makes an expectation of it."""

    name: str
    turn: Callable[[Any], Any]


def kept(name: str, turn: Callable[[Any], Any] | None = None) -> Kept:
    """The value kept under that name; `kept("tag", unlike)` is anything else."""
    return Kept(name, turn or (lambda value: value))


def one_of(*values: Any) -> Matcher:
    """Any of these values."""
    return Matcher(" or ".join(shown(value) for value in values), lambda found: found in values)


def between(low: int, high: int, says: str = "") -> Matcher:
    """An integer from `low` to `high`, both included."""
    return Matcher(
        says or f"a number from {low} to {high}",
        lambda found: found is not None and low <= found <= high,
    )


def matching(pattern: bytes, says: str) -> Matcher:
    """Octets that the regular expression matches as a whole."""
    full = re.compile(pattern, re.DOTALL)
    return Matcher(says, lambda found: found is not None and full.fullmatch(found) is not None)


def containing(part: bytes) -> Matcher:
    """Octets with `part` in them."""
    return Matcher(
        f"something with {quoted(part)} in it", lambda found: found is not None and part in found
    )


def unlike(value: Any) -> Matcher:
    """Anything but this value."""
    return Matcher(f"anything but {shown(value)}", lambda found: found != value)


ABSENT = Matcher("nothing of that name", lambda found: found is None)
PRESENT = Matcher("something of that name", lambda found: found is not None)
ANY = Matcher("anything", lambda found: True)


def holds(wanted: Any, found: Any) -> bool:
    """Whether `found` is what was wanted."""
    return wanted.matches(found) if isinstance(wanted, Matcher) else bool(wanted == found)


def shown(value: Any) -> str:
    """A value as a person reads it."""
    match value:
        case Matcher():
            return value.says
        case Kept():
            return shown(value.turn(f"the {value.name} that came before"))
        case None:
            return "nothing"
        case bytes() | bytearray():
            return quoted(bytes(value)) if value else "nothing (0 bytes)"
        case _:
            return str(value)
