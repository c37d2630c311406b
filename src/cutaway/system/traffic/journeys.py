"""What people do, read from a file: rows of steps, each of which is one request.

    journeys = read()
    journeys["tick one off"].steps           (look, change, look)
    change.asked({"id": "k1", "tag": '"7"'})
                        Asking("PUT", "/todos/k1", {"If-Match": '"7"'}, …)
    change.asked({"id": "k1"})               None: who does not know the tag leaves the step out

The file says what the words mean: todo.toml.

Left out: time to think. People take their turns when the rate says that somebody acts.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import quote

FILE = Path(__file__).with_name("todo.toml")
WORD = re.compile(r"\{([a-z]+)\}")
LINE = re.compile(r"(GET|POST|PUT|DELETE) (\S+)")
A_TODO = "a to-do"

Does = Literal["", "create", "again", "read", "change", "delete", "list"]


class BadJourneys(ValueError):
    """One sentence about a file that nobody can follow."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A request, but for its body."""

    method: str
    target: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """asks: method and target. fields: more of the head. expects: statuses that are right."""

    name: str
    asks: str
    expects: tuple[int, ...]
    does: Does = ""
    fields: Mapping[str, str] = field(default_factory=dict)

    def asked(self, known: Mapping[str, str]) -> Asking | None:
        """With what a person knows filled in; None where something is missing.

        `next` is a target that came from the service and goes back as it came.
        """
        wanted = {
            word for text in (self.asks, *self.fields.values()) for word in WORD.findall(text)
        }
        if not wanted <= known.keys():
            return None
        method, _, target = self.asks.partition(" ")
        escaped = {k: v if k == "next" else quote(v, safe="") for k, v in known.items()}
        fields = {name: filled(text, known) for name, text in self.fields.items()}
        return Asking(method, filled(target, escaped), fields)


@dataclass(frozen=True, slots=True)
class Journey:
    """weight: of all. own: it begins with a to-do that there is. above: first, once there are more."""

    name: str
    weight: float
    steps: tuple[Step, ...]
    own: bool = False
    above: int | None = None


def filled(text: str, known: Mapping[str, str]) -> str:
    return WORD.sub(lambda found: known[found[1]], text)


def read(path: Path = FILE) -> dict[str, Journey]:
    """By name, in the order of the file. Raises BadJourneys; OSError."""
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise BadJourneys(f"{path.name} is no TOML: {problem}.") from None
    steps = {name: _step(name, one) for name, one in said.get("step", {}).items()}
    journeys = [_journey(one, steps) for one in said.get("journey", [])]
    if all(journey.own for journey in journeys):
        raise BadJourneys("Nobody begins with nothing: a journey without `with` is needed.")
    return {journey.name: journey for journey in journeys}


def _step(name: str, said: Mapping[str, Any]) -> Step:
    if not LINE.fullmatch(str(said.get("asks"))):
        raise BadJourneys(f"The step {name} asks nothing such as GET /todos.")
    if said.get("does", "") not in get_args(Does):
        raise BadJourneys(f"The step {name} does {said['does']!r}, which is not known.")
    expects = tuple(said.get("expects", ()))
    if not expects:
        raise BadJourneys(f"The step {name} expects no status.")
    return Step(name, said["asks"], expects, said.get("does", ""), dict(said.get("fields", {})))


def _journey(said: Mapping[str, Any], steps: Mapping[str, Step]) -> Journey:
    name, row = str(said.get("name", "?")), said.get("steps") or []
    if not row or set(row) - steps.keys():
        raise BadJourneys(f"The journey {name} has no steps, or one that is not described.")
    return Journey(
        name,
        float(said.get("weight", 1)),
        tuple(steps[step] for step in row),
        said.get("with", "") == A_TODO,
        said.get("above"),
    )
