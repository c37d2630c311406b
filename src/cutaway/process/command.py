"""A command as `cutaway.toml` says it: where it runs, how it is run, how it is built first.

    Command(Path("work/http1"), run=("./server", "--quiet"), build=("go", "build", "."))

A command line is split as a shell would split it, and no shell is started: quotes and
backslashes work, while `$NAME`, `*`, `|`, `>` and `&&` are ordinary characters.

    split_command("./server --name 'two words'")  →  ("./server", "--name", "two words")

A program named without a slash is looked up on PATH; `./server` is looked up in the folder.

Left out: reading cutaway.toml, which is the workshop's; a shell (write `sh -c '…'` to have one).
"""

from __future__ import annotations

from dataclasses import dataclass

TYPE_CHECKING = False  # pathlib takes 4 ms to import
if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Command:
    """A program of any language: its folder, the words that run it, the words that build it."""

    folder: Path
    run: tuple[str, ...]
    build: tuple[str, ...] | None = None


def split_command(text: str) -> tuple[str, ...]:
    """Split a command line into words as a POSIX shell would.

    raises   ValueError with one sentence: an unclosed quote, a trailing backslash, no words
    """
    import shlex

    if "\0" in text:
        raise ValueError("The command contains a NUL byte, which no program can be given.")
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        raise ValueError(f"The command {text!r} cannot be split: {_reason(error)}.") from None
    if not words or not words[0]:
        raise ValueError(f"The command {text!r} names no program.")
    return words


def _reason(error: ValueError) -> str:
    reasons = {
        "No closing quotation": "a quote is opened and never closed",
        "No escaped character": "it ends in a backslash",
    }
    return reasons.get(str(error), str(error))
