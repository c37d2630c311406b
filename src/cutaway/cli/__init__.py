"""The command line: `cutaway COMMAND …`.

    main(["check", "--json"])        returns the exit status

A name is looked up in COMMANDS, its options are read (options.py), and only then the module that
does the work is imported. So `cutaway --help` costs a few milliseconds, and no command pays for
another one.

    0    passed, or done
    1    failed
    2    what was asked cannot be: one sentence on standard error says why
    3    it could not be found out
    130  interrupted

A defect of ours is one sentence too, and the details go to a file. CUTAWAY_DEBUG=1 shows them.

Left out: everything that a command does.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # the typing module takes 3 ms to import
if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED = 130
NOBODY_READS = 141  # as a program that SIGPIPE ends

#: Command → the module that does it, and what it is for; in the order of `cutaway --help`.
COMMANDS = {
    "up": ("up", "run the whole machine and open the page that shows it"),
    "start": ("start", "begin a project in the language of your choice"),
    "check": ("check", "play the stages against your program and explain what fails"),
    "hint": ("hint", "a hint for the stage you are at; again for a plainer one"),
    "explain": ("explain", "what a stage asks, case by case"),
    "lesson": ("lesson", "why a topic exists, how it works, what breaks"),
    "topics": ("topics", "what can be built"),
    "status": ("status", "what passes in this project, and what comes next"),
    "serve": ("serve", "run the reference part of a topic, right or with a fault"),
    "tap": ("tap", "see and disturb any connection, as messages or as bytes"),
    "lab": ("lab", "an experiment: predict, run, see, explain"),
    "load": ("load", "requests at their own times, and what became of each"),
    "doctor": ("doctor", "what this machine has, and what is missing for what"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status."""
    try:
        status = _run(list(sys.argv[1:] if arguments is None else arguments))
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _let_nobody_read()
        return NOBODY_READS
    except OSError as error:
        if not _is_full(error):
            raise
        from .trouble import say

        _let_nobody_read()
        say(f"What is to be printed cannot be written: {error.strerror}.")
        return 2


def _run(arguments: list[str]) -> int:
    from .options import read

    chosen = read(arguments)
    if isinstance(chosen, int):
        return chosen
    command, options = chosen
    try:
        from importlib import import_module

        module = import_module(f".{COMMANDS[command][0]}", __package__)
        status: int = module.run(options)
        return status
    except (KeyboardInterrupt, BrokenPipeError, SystemExit):
        raise
    except Exception as error:
        if _is_full(error):
            raise
        from .trouble import told

        return told(error)


def _is_full(error: Exception) -> bool:
    """Whether standard output is a file on a disk that is full; no other file says no name."""
    import errno

    return isinstance(error, OSError) and error.errno == errno.ENOSPC and error.filename is None


def _let_nobody_read() -> None:
    """Standard output is gone: what Python would still flush to it goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
