"""`start`: begins a small program and, after the test, sees to it that nothing of it is left.

program = start("listen('127.0.0.1', PORT)")
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cutaway.process import Command, Program, free_ports
from tests.process.programs import holders, python

Start = Callable[..., Program]


@pytest.fixture
def port() -> int:
    return free_ports(1)[0]


@pytest.fixture
def start(tmp_path: Path, port: int) -> Iterator[Start]:
    started: list[Program] = []

    def begin(text: str, **limits: int) -> Program:
        command = Command(tmp_path, python(text))
        program = Program.start(command, {"PORT": str(port)}, **limits)
        started.append(program)
        return program

    yield begin
    for program in started:
        program.end(grace=0)
        assert holders(program.token) == []
