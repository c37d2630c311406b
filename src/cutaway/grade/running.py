"""The program under test while a stage talks to it: ours to start, or somebody's that runs already.

    with starts.begin(stage) as running:
        running.addresses["PORT"]        ("127.0.0.1", 23456)
        running.data_dir                 what the program was given as $DATA_DIR

A subject that runs already (`--target`) can be talked to and nothing else: what needs signals,
restarts or a look at its memory raises NotTried.

Left out: the conversation. See play.py.
"""

from __future__ import annotations

import contextlib
import os
import resource
import shlex
import shutil
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..process import (
    Command,
    Elsewhere,
    NotReady,
    Program,
    free_ports,
    make_folder,
    patience,
    remove_folder,
)
from ..process.diagnosis import describe
from ..process.ports import accepts
from .far import FarSide, open_all, placed, settings_of
from .given import Part, start_all
from .outcomes import Halted, NotTried

if TYPE_CHECKING:
    from .stage import Case, Stage

OPEN_FILES = 1 << 16  # that a program may have, where the system lets us say so
START = 10.0  # seconds to begin listening, on a nominal machine
FURTHER = 1.0  # and, once one port does, for each port more
FIRST_PORT = 8080  # by hand
FIRST_FAR = 9001  # and for what the program connects to
SHOWN = 2000  # characters of what a program printed
LAST = 200  # of its last line
SECRET = b"this file lies outside of $DATA_DIR\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Who is graded: a command that is started, or a server that runs already.

    variables  what a program is given in its environment: it gets a port for each that names one,
               whether or not the stage asks it to listen there yet
    target     environment name of a port → its address
    data_dir   with target: its $DATA_DIR, where files may be laid
    """

    command: Command | None = None
    variables: tuple[str, ...] = ()
    target: Mapping[str, tuple[str, int]] | None = None
    data_dir: Path | None = None

    def ports(self, stage: Stage) -> tuple[str, ...]:
        """Variables that name a port, in the order of the contract."""
        mine = (name for name in self.variables if name == "PORT" or name.endswith("_PORT"))
        return tuple(dict.fromkeys([*mine, *stage.ports, stage.port]))

    def addresses_by_hand(self, stage: Stage) -> dict[str, tuple[str, int]]:
        """Where to try it by hand: on the target, or on 8080 and what follows."""
        if self.target is not None:
            return {**self.target}
        mine = {name: ("127.0.0.1", FIRST_PORT + at) for at, name in enumerate(self.ports(stage))}
        return {**mine, **far_by_hand(stage)}

    def start_by_hand(self, stage: Stage, environment: Mapping[str, str]) -> str:
        """The command line that starts the program there."""
        by_hand, far = self.addresses_by_hand(stage), far_by_hand(stage)
        settings = {name: str(port) for name, (_, port) in by_hand.items() if name not in far}
        if "DATA_DIR" in self.variables:
            settings["DATA_DIR"] = "."
        settings.update(settings_of((*stage.far, *stage.parts), far))
        for name, value in {**stage.environment, **environment}.items():
            settings[name] = placed(value, far)
        words = [f"{name}={shlex.quote(value)}" for name, value in settings.items()]
        return " ".join([*words, shlex.join(self.command.run) if self.command else "…"])


@dataclass(slots=True)
class Running:
    """Made by `prepare`, begun by `launch`; `end` leaves nothing behind.

    through  words ahead of the command: the program that starts it and looks on
    """

    subject: Subject
    addresses: dict[str, tuple[str, int]]
    folder: Path
    data_dir: Path | None
    environment: dict[str, str] = field(default_factory=dict)
    ready: tuple[str, ...] = ()
    program: Program | None = None
    halted: threading.Event = field(default_factory=threading.Event)
    computes: bool = False
    sides: dict[str, FarSide] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    through: tuple[str, ...] = ()

    @classmethod
    def prepare(
        cls, subject: Subject, stage: Stage, environment: Mapping[str, str] | None = None
    ) -> Running:
        """Ports and folders; nothing is started."""
        folder = make_folder(guarded=subject.command is not None)
        if subject.command is None:
            addresses = dict(subject.target or {})
            return cls(subject, addresses, folder, subject.data_dir)
        names = subject.ports(stage)
        ports = dict(zip(names, free_ports(len(names)), strict=True))
        data_dir = folder / "data"
        data_dir.mkdir()
        sides = open_all(stage.far)
        parts = start_all(stage.parts, folder)
        far = {name: side.reached for name, side in sides.items()}
        far.update({name: part.reached for name, part in parts.items()})
        settings = {**stage.environment, **(environment or {})}
        return cls(
            subject,
            {name: ("127.0.0.1", port) for name, port in ports.items()},
            folder,
            data_dir,
            {
                **{name: str(port) for name, port in ports.items()},
                "DATA_DIR": str(data_dir),
                **settings_of((*stage.far, *stage.parts), far),
                **{name: placed(value, far) for name, value in settings.items()},
                **(stage.lays(folder) if stage.lays is not None else {}),
            },
            tuple(dict.fromkeys([*stage.ports, stage.port])),
            sides=sides,
            parts=parts,
        )

    def launch(self) -> None:
        """Start the program, again on the same ports with the same data after a kill.

        raises   ProgramError (StartFailed, NotReady) with its sentence; Halted
        """
        if self.subject.command is None:
            return
        self.go_on()
        allow_open_files()
        if self._taken():
            self._move()
        # Between choosing a port and listening on it, somebody else may have taken it.
        try:
            self._start(self.subject.command)
            if not self._lost():
                return
        except NotReady:
            if not self._lost():
                raise
        self._move()
        self._start(self.subject.command)

    def _start(self, command: Command) -> None:
        through = replace(command, run=(*self.through, *command.run))
        self.program = Program.start(through, self.environment)
        self.go_on()  # whoever halted us a moment ago saw no program to end
        first, *others = [self.addresses[name][1] for name in self.ready]
        self._await(first, START)
        for port in others:
            self._await(port, FURTHER)

    def _lost(self) -> bool:
        """Whether the program has ended, and a stranger listens where it was to listen."""
        return self.program is not None and not self.program.alive and self._taken()

    def _taken(self) -> bool:
        """Whether a stranger listens where our program is to listen."""
        return any(accepts(self.addresses[name][1], within=0.25) for name in self.addresses)

    def _move(self) -> None:
        """Other ports, for the next start."""
        for name, port in zip(self.addresses, free_ports(len(self.addresses)), strict=True):
            self.addresses[name] = ("127.0.0.1", port)
            self.environment[name] = str(port)

    def _await(self, port: int, seconds: float) -> None:
        assert self.program is not None
        try:
            self.program.wait_ready([port], within=seconds)
        except Elsewhere:
            raise
        except NotReady:
            # A program that is slow to start on a busy machine is not a broken one.
            more = seconds * (min(patience(), 4.0) - 1.0)
            if not self.program.alive or more < 0.1 * seconds:
                raise
            self.program.wait_ready([port], within=more)

    def go_on(self) -> None:
        """Raises Halted when nobody waits for the result any more."""
        if self.halted.is_set():
            raise Halted

    def own(self) -> Program:
        """The program, for what can only be done to one that we started."""
        if self.program is None:
            raise NotTried("needs a program that the check starts itself, not a --target")
        return self.program

    def lay(self, case: Case) -> None:
        """Empty $DATA_DIR and lay the files and links of a case. Raises NotTried.

        A case that has its own start of the program found it empty, and the program may have begun
        to write there.
        """
        if self.data_dir is None:
            if case.files or case.links:
                raise NotTried("needs to lay files in $DATA_DIR: name it with --data-dir")
            return
        if self.subject.command is not None and not case.alone:
            for entry in os.scandir(self.data_dir):
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry.path, ignore_errors=True)
                else:
                    os.unlink(entry.path)
        for name, data in case.files.items():
            (self.data_dir / name).write_bytes(data)
        if case.links:
            (self.folder / "outside.txt").write_bytes(SECRET)
        for name, target in case.links.items():
            place = self.data_dir / name
            place.unlink(missing_ok=True)
            place.symlink_to(target.format(outside=self.folder / "outside.txt"))

    def news(self, within: float = 0.0) -> str:
        """What became of the program, when it no longer runs, or ends in so many seconds."""
        if self.program is None:
            return ""
        status = self.program.wait(within) if within else self.program.status
        if status is None:
            return ""
        return self.program.ended_because or f"the program ended with {describe(status)}"

    def at_work(self, seconds: float = 0.25) -> bool:
        """Whether the program uses the processor although nobody asks it anything."""
        if self.program is None or not self.program.alive:
            return False
        before = self.program.cpu()
        self.halted.wait(seconds)
        share = 3 * min(patience(), 4.0)  # others want the processor, too
        self.computes = self.program.cpu() - before > seconds / share
        return self.computes

    def printed(self) -> str:
        """The end of what the program printed; all of it, when it has ended."""
        if self.program is None:
            return ""
        if not self.program.alive:
            self.program.kill()  # whoever it left behind; and its output is read to the end
        text = self.program.output().text().strip()
        if len(text) <= SHOWN:
            return text
        return f"… ({len(text) - SHOWN} characters before this are left out)\n{text[-SHOWN:]}"

    def last_words(self) -> str:
        """The last line that the program printed: most languages name an error there."""
        lines = self.printed().splitlines()
        return lines[-1].strip()[:LAST] if lines else ""

    def end(self) -> None:
        if self.program is not None:
            self.program.end()
        for side in self.sides.values():
            side.close()
        for part in self.parts.values():
            part.close()
        remove_folder(self.folder)


def far_by_hand(stage: Stage) -> dict[str, tuple[str, int]]:
    """Where far sides and parts are when somebody plays or starts them in another shell."""
    names = [*(far.name for far in stage.far), *(given.name for given in stage.parts)]
    return {name: ("127.0.0.1", FIRST_FAR + at) for at, name in enumerate(names)}


def parts_by_hand(stage: Stage) -> list[str]:
    """The command lines that start the parts there."""
    there = far_by_hand(stage)
    lines = []
    for given in stage.parts:
        port = there[given.name][1]
        settings = {"PORT": str(port), "DATA_DIR": ".", **given.settings}
        words = [f"{name}={shlex.quote(value)}" for name, value in settings.items()]
        lines.append(" ".join([*words, shlex.join(given.words(port, Path()))]))
    return lines


def allow_open_files() -> None:
    """Raise our soft limit, which a program inherits: 1024 is too few for what stages ask."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
