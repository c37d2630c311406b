"""The machine as one learner has it: what stands in its slots, by the names that are typed.

    machine = made(blueprint, {"proxy": filling_of("./mine", "proxy")}, home)
    machine.start(); machine.supervisor.up(); machine.traffic.set(rate=20)

    reference             the topic's reference part
    reference:NAME        the same with a fault in it
    valkey                a real one, as the topic's `real` says how to start it; `real`: the first
    ./mine                a folder with a cutaway.toml for that topic; built first where it says so

Left out: what a slot is for. That is the blueprint's.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..process import Command, ProgramError, StartFailed, build
from ..system import certificates
from ..system.blueprint import TRAFFIC, Blueprint, Slot
from ..system.filling import REFERENCE, CannotFill, Filling
from ..system.machine import Machine
from ..system.supervisor import Carry, Supervisor
from ..system.traffic import Tls, Traffic, Where
from ..topics import planted
from ..wire import Codec
from . import catalog, project
from .errors import Trouble, did_you_mean

KEYS = "keys.log"  # in the home of the machine: the secrets that the traffic's TLS agreed on


def made(
    blueprint: Blueprint,
    fillings: Mapping[str, Filling],
    home: Path,
    settings: Mapping[str, str] | None = None,
) -> Machine:
    """Not started yet. Raises CannotRun, OSError where nothing can be written to `home`."""
    more = dict(settings or {})
    (home / KEYS).unlink(missing_ok=True)  # of a machine that was killed
    if any(wire.link.sealed for wire in blueprint.wires):
        more.setdefault("CERTIFICATES", str(certificates.lay(home)))
    supervisor = Supervisor(
        blueprint,
        command_of,
        listeners,
        home,
        fillings=fillings,
        settings=more,
        carry=carry_for(blueprint),
    )
    traffic = Traffic(_entrance(supervisor, home))
    return Machine(supervisor, codecs(blueprint), home / KEYS, traffic)


def _entrance(supervisor: Supervisor, home: Path) -> Where:
    """Where traffic goes, and whom it trusts there."""
    [front] = supervisor.blueprint.out_of(TRAFFIC)
    host, _, port = supervisor.address(front.name).rpartition(":")
    tls = Tls(str(home / certificates.CA), str(home / KEYS)) if front.link.sealed else None
    return Where(host, int(port), tls)


def filling_of(text: str, slot: Slot) -> Filling:
    """What somebody typed for a slot. Raises Trouble."""
    if slot.name == TRAFFIC:
        raise Trouble("Traffic is ours.", "Choose another slot.")
    name, colon, fault = text.partition(":")
    if name == "reference":
        if colon:
            _fault(slot.topic, fault)
        return Filling(fault=fault)
    known = catalog.real(slot.topic)
    if text == "real" and known:
        text = next((name for name, one in known.items() if not one.missing()), min(known))
    if text in known:
        if missing := known[text].missing():
            raise Trouble(missing)
        return Filling("real", name=text)
    if "/" in text or text.startswith(".") or Path(text).is_dir():
        return Filling("yours", folder=str(_project(Path(text).expanduser(), slot).folder))
    names = ["reference", *known]
    step = did_you_mean(text, names, f"There are: {', '.join(names)}, or a folder such as ./mine.")
    raise Trouble(f"Nothing called {text!r} can stand in {slot.name}.", step)


def command_of(slot: Slot, filling: Filling) -> Command:
    """Raises CannotFill."""
    try:
        if filling.kind == "yours":
            return _yours(slot, filling)
        if filling.kind == "real":
            return Command(Path.cwd(), catalog.real(slot.topic)[filling.name].words())
        words: tuple[str, ...] = (sys.executable, "-m", f"cutaway.topics.{slot.topic}.server")
        if filling.fault:
            _fault(slot.topic, filling.fault)
            words = planted.command(slot.topic, filling.fault)
        return Command(Path.cwd(), words)
    except KeyError:
        raise CannotFill(f"There is no {filling.name} for {slot.topic}.") from None
    except StartFailed as missing:
        raise CannotFill(missing.sentence) from None
    except Trouble as trouble:
        raise CannotFill(str(trouble)) from None


def _yours(slot: Slot, filling: Filling) -> Command:
    found = _project(Path(filling.folder), slot)
    try:
        build(found.command)
    except ProgramError as problem:
        raise CannotFill(f"The project in {found.folder} was not built. {problem}") from None
    return found.command


def _project(folder: Path, slot: Slot) -> project.Project:
    """Raises Trouble."""
    file = folder / project.FILE
    if not file.is_file():
        raise Trouble(
            f"There is no {project.FILE} in {folder}.",
            f"Begin a project there: cutaway start {slot.topic} {folder}",
        )
    found = project.read(file.resolve())
    if found.topic != slot.topic:
        raise Trouble(
            f"The project in {folder} is for {found.topic}; {slot.name} wants {slot.topic}.",
            f"Begin one with: cutaway start {slot.topic}",
        )
    return found


def _fault(topic: str, name: str) -> None:
    """Raises Trouble where it is none."""
    known = [fault.name for fault in catalog.faults(topic)]
    if name not in known:
        step = did_you_mean(name, known, f"`cutaway serve {topic} --faults` lists them.")
        raise Trouble(f"There is no fault {name!r} in {topic}.", step)


def listeners(slot: Slot) -> tuple[str, ...]:
    return catalog.topic(slot.topic).ports


def codecs(blueprint: Blueprint) -> dict[str, Callable[[], Codec]]:
    """Wire → what reads it."""
    makers = {link.topic: catalog.codec(link.topic) for link in blueprint.links}
    return {wire.name: makers[wire.link.topic] for wire in blueprint.wires}


def carry_for(blueprint: Blueprint) -> Carry | None:
    """How what a part keeps gets into another, where its topic says."""
    movers = {slot.topic: catalog.carry(slot.topic) for slot in blueprint.slots if slot.keeps}

    def carry(slot: Slot, there: tuple[str, int], here: tuple[str, int]) -> None:
        mover: Any = movers[slot.topic]
        mover(there, here)

    return carry if movers and all(movers.values()) else None


__all__ = ["KEYS", "REFERENCE", "codecs", "command_of", "filling_of", "listeners", "made"]
