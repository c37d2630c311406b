"""What can go wrong with a program, each in one sentence with the next step.

    try:
        program.wait_ready([8080], within=10)
    except NotReady as failure:
        print(failure.sentence)       # The program ended after 0.02 s with exit status 1.
        print(failure.output)         # the last lines it printed
        print(failure.next_step)      # Run it by hand and read what it prints: ./server

`str(failure)` is the three together, for a terminal.

Left out: error codes. A caller tells the kinds apart by class; a person reads the sentence.
"""

from __future__ import annotations


class ProgramError(Exception):
    """One sentence for a person, the next step, and the end of what the program printed."""

    def __init__(self, sentence: str, next_step: str = "", output: str = "") -> None:
        super().__init__(sentence, next_step, output)
        self.sentence = sentence
        self.next_step = next_step
        self.output = output

    def __str__(self) -> str:
        shown = "\n".join("  | " + line for line in self.output.splitlines())
        return "\n".join(part for part in (self.sentence, shown, self.next_step) if part)


class BuildFailed(ProgramError):
    """The build command could not be run, failed, or took too long."""


class StartFailed(ProgramError):
    """The operating system refused to start the command."""


class NotReady(ProgramError):
    """The program started but does not accept connections where it was told to."""


class Elsewhere(NotReady):
    """It listens, and has for a while, on nothing but what it was not told."""
