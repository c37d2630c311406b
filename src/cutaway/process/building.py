"""Run the build command of a project: once, before the program, outside every time limit.

    build(Command(folder, run=("./server",), build=("go", "build", "-o", "server", ".")))

A build is a program like any other: in a group of its own, its output kept in bounds, and nothing
of it left afterwards, also when it takes too long. When it fails, the end of what it printed is
what the person needs to see, so that it goes into the failure.

Left out: caching. Build tools know better than we do what is up to date.
"""

from __future__ import annotations

from . import diagnosis
from .command import Command
from .errors import BuildFailed, StartFailed
from .program import Program


def build(command: Command, within: float = 600.0) -> None:
    """Run the build command of a project, where it has one.

    within   seconds
    raises   BuildFailed
    """
    if command.build is None:
        return
    words = Command(command.folder, command.build)
    try:
        program = Program.start(words, {}, memory_limit=2**63)
    except StartFailed as failure:
        raise BuildFailed(
            f"The build cannot be run. {failure.sentence}", failure.next_step
        ) from None
    with program:
        status = program.wait(within)
    output = program.output().last_lines(40)
    typed = diagnosis.shown(command.build)
    if status is None:
        raise BuildFailed(
            f"The build did not end within {within:.0f} s.", f"Run it by hand: {typed}", output
        )
    if status != 0:
        raise BuildFailed(
            f"The build failed with {diagnosis.describe(status)}.",
            f"Mend what it says, or run it by hand: {typed}",
            output or "(it printed nothing)",
        )
