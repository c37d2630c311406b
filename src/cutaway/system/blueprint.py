"""What stands where and what talks to what, read from a file.

    blueprint = read(DEFAULT)
    blueprint.parts                   traffic, proxy, app-1, app-2, cache, store
    [wire.name for wire in blueprint.wires]
                                      traffic-to-proxy, proxy-to-app-1, proxy-to-app-2, …

A slot is a place that a part can be taken out of. A link says which slots talk; a wire is one pair of
their parts, and every wire is a relay with a port of its own that stays while parts come and go.

      traffic ══▶ proxy ══▶ app-1 ══▶ cache
                      ╰═══▶ app-2 ══▶ store        ══ a wire, of a link from slot to slot

Left out: more than one machine, wires that carry datagrams, slots that are made while it runs.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

DEFAULT = Path(__file__).with_name("default.toml")
TRAFFIC = "traffic"
MOST = 8  # parts of one slot


class BadBlueprint(ValueError):
    """One sentence about a file that makes no machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """topic        whose contract its parts keep; "" for the traffic, which is ours
    does         what it is for, in half a sentence
    count        how many parts stand in it
    keeps        what they write must survive them: each has a folder that stays
    environment  settings of its own, beside ports and addresses
    patient      what of them is otherwise while the machine is held, so that nobody gives up meanwhile
    """

    name: str
    title: str
    does: str
    topic: str = ""
    count: int = 1
    keeps: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    patient: Mapping[str, str] = field(default_factory=dict)

    @property
    def parts(self) -> tuple[str, ...]:
        if self.count == 1:
            return (self.name,)
        return tuple(f"{self.name}-{number}" for number in range(1, self.count + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Between two slots.

    topic     whose codec reads what passes
    variable  how a part of `source` is told the addresses; "": it knows by itself
    port      the listener of `target` that is meant
    sealed    it is TLS, when the machine runs with it
    """

    source: str
    target: str
    topic: str
    variable: str = ""
    port: str = "PORT"
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class Wire:
    """Between two parts."""

    source: str
    target: str
    link: Link

    @property
    def name(self) -> str:
        return f"{self.source}-to-{self.target}"


@dataclass(frozen=True)
class Blueprint:
    slots: tuple[Slot, ...]
    links: tuple[Link, ...]

    @cached_property
    def parts(self) -> dict[str, Slot]:
        """Part → the slot that it stands in."""
        return {part: slot for slot in self.slots for part in slot.parts}

    @cached_property
    def wires(self) -> tuple[Wire, ...]:
        return tuple(
            Wire(source, target, link)
            for link in self.links
            for source in self.slot(link.source).parts
            for target in self.slot(link.target).parts
        )

    def slot(self, name: str) -> Slot:
        """Raises KeyError."""
        return next(iter([slot for slot in self.slots if slot.name == name]), None) or _no(name)

    def into(self, part: str) -> tuple[Wire, ...]:
        """The wires on which it is asked."""
        return tuple(wire for wire in self.wires if wire.target == part)

    def out_of(self, part: str) -> tuple[Wire, ...]:
        """The wires on which it asks."""
        return tuple(wire for wire in self.wires if wire.source == part)

    def floors(self) -> list[list[str]]:
        """Parts in an order to start them in: whoever is asked stands on a floor below who asks."""
        floors: list[list[str]] = []
        left = [part for part in self.parts if part != TRAFFIC]
        while left:
            ready = [p for p in left if not any(w.target in left for w in self.out_of(p))]
            floors.append(ready)
            left = [part for part in left if part not in ready]
        return floors

    def listeners(self, slot: str) -> tuple[str, ...]:
        """Variables of the ports on which a part of the slot is asked."""
        return tuple(dict.fromkeys(link.port for link in self.links if link.target == slot))

    def unsealed(self) -> Blueprint:
        """The same without TLS."""
        links = tuple(
            Link(source=link.source, target=link.target, topic=link.topic, variable=link.variable)
            if link.sealed
            else link
            for link in self.links
        )
        return Blueprint(self.slots, links)


def _no(name: str) -> Slot:
    raise KeyError(name)


def read(path: Path = DEFAULT) -> Blueprint:
    """Raises BadBlueprint; OSError."""
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise BadBlueprint(f"{path.name} is no TOML: {problem}.") from None
    return made_of(said)


def made_of(said: Mapping[str, Any]) -> Blueprint:
    """Raises BadBlueprint."""
    slots = tuple(_made(Slot, one, "slot") for one in _tables(said, "slot"))
    links = tuple(
        _made(Link, {NAMES.get(k, k): v for k, v in one.items()}, "link")
        for one in _tables(said, "link")
    )
    blueprint = Blueprint(slots, links)
    _check(blueprint)
    return blueprint


#: How a key of the file is called here: `from` is a word of Python's own.
NAMES = {"from": "source", "to": "target"}


def _tables(said: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = said.get(name, [])
    if not isinstance(found, list) or not found or not all(isinstance(one, dict) for one in found):
        raise BadBlueprint(f"A machine has [[{name}]] tables.")
    return found


def _made(kind: type[Any], said: dict[str, Any], what: str) -> Any:
    known = kind.__dataclass_fields__
    if strange := sorted(set(said) - set(known)):
        raise BadBlueprint(f"A {what} has no {strange[0]!r}.")
    try:
        return kind(**said)
    except TypeError:
        name = said.get("name") or said.get("source") or "?"
        raise BadBlueprint(f"The {what} {name} lacks a key.") from None


def _check(blueprint: Blueprint) -> None:
    names = [slot.name for slot in blueprint.slots]
    for slot in blueprint.slots:
        if names.count(slot.name) > 1:
            raise BadBlueprint(f"There are two slots {slot.name}.")
        if not 1 <= slot.count <= MOST:
            raise BadBlueprint(f"{slot.name} has 1 to {MOST} parts, not {slot.count}.")
    for link in blueprint.links:
        for end in (link.source, link.target):
            if end not in names:
                raise BadBlueprint(f"A link names {end}, which is no slot.")
    if _goes_round(blueprint):
        raise BadBlueprint("The links go round in a circle.")


def _goes_round(blueprint: Blueprint) -> bool:
    left = set(blueprint.links)
    while left:
        ends = {link for link in left if link.target not in {other.source for other in left}}
        if not ends:
            return True
        left -= ends
    return False
