"""A program that an experiment needs beside it: a reference part, or an engine that others wrote.

    with part(reference("http1"), ports=("PORT",), data="DATA_DIR") as running:
        running.address("PORT")          ("127.0.0.1", 23456)

It runs as any program under test does: on free ports, its output kept, its whole tree ended behind
it, also when the experiment is interrupted. Why it does not start is one sentence.

Left out: links. Put a relay in front of it: net/relay.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..process import Command, Program, ProgramError, free_ports, patience
from .lab import Missing, Unmeasured

START = 10.0  # seconds to begin listening, on a nominal machine
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Running:
    """ports: variable → port."""

    program: Program
    ports: Mapping[str, int]

    def address(self, name: str = "PORT") -> tuple[str, int]:
        return HOST, self.ports[name]


def reference(topic: str) -> tuple[str, ...]:
    """The words that start a topic's reference part."""
    return sys.executable, "-m", f"cutaway.topics.{topic}.server"


def engine(name: str, get: str) -> str:
    """The path of a program that others wrote. get: how to come by it. Raises Missing."""
    if path := shutil.which(name, path=os.pathsep.join((*os.get_exec_path(), _beside()))):
        return path
    raise Missing(f"{name} is not on this machine. Get it: {get}.")


def _beside() -> str:
    """Where programs that came as wheels are."""
    return str(Path(sys.executable).parent)


@contextmanager
def part(
    words: Sequence[str],
    ports: Sequence[str] = ("PORT",),
    data: str = "",
    environment: Mapping[str, str] | None = None,
) -> Iterator[Running]:
    """The program, once it listens on every port. Raises Unmeasured.

    data         the variable that names an empty folder, removed at the end
    environment  more variables
    """
    chosen = dict(zip(ports, free_ports(len(ports)), strict=True))
    env = {name: str(port) for name, port in chosen.items()} | dict(environment or {})
    with tempfile.TemporaryDirectory(prefix="cutaway-lab-") as folder:
        if data:
            env[data] = folder
        try:
            with Program.start(Command(Path(folder), tuple(words)), env) as program:
                program.wait_ready(list(chosen.values()), within=START * patience())
                yield Running(program, chosen)
        except ProgramError as problem:
            raise Unmeasured(f"{Path(words[0]).name} did not start: {problem}") from None
