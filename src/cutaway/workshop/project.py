"""A project: a folder with a cutaway.toml, which says what is built there and how it is run.

    topic = "http1"
    build = "go build -o server ."       may be left out; runs outside of every time limit
    run = "./server"

The file is looked for in the current folder and then upwards, as git looks for .git. `run` and
`build` are split as a shell would split them, and no shell is started.

Left out: making a project. See starting.py.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..process import Command, split_command
from .catalog import topic as topic_named
from .errors import Trouble, closest

FILE = "cutaway.toml"
KEYS = ("topic", "build", "run")


@dataclass(frozen=True, slots=True)
class Project:
    """folder: absolute, without symbolic links."""

    folder: Path
    topic: str
    command: Command


def find(start: Path) -> Project:
    """The project that `start` lies in. Raises Trouble with one sentence for what is wrong."""
    file = file_above(start)
    if file is None:
        raise Trouble(
            f"There is no {FILE} in {start} or above it.",
            "Begin a project with `cutaway start TOPIC`, or change to a project's folder.",
        )
    return read(file)


def file_above(start: Path) -> Path | None:
    """The nearest cutaway.toml, upwards from `start`."""
    here = start.resolve()
    return next((f / FILE for f in (here, *here.parents) if (f / FILE).exists()), None)


def read(file: Path) -> Project:
    """Raises Trouble."""
    said = _parse(file)
    for key in said:
        if key not in KEYS:
            near = closest(key, KEYS)
            step = f"Did you mean {near}?" if near else "It knows topic, build and run."
            raise Trouble(f"{file} has an unknown key {key!r}.", step)
    slug, run = _text(file, said, "topic"), _text(file, said, "run")
    if slug is None:
        raise Trouble(f"{file} does not say the topic.", 'Add a line such as topic = "http1".')
    if run is None:
        raise Trouble(
            f"{file} does not say how the program is run.",
            'Add a line such as run = "./server" or run = "python3 server.py".',
        )
    build = _text(file, said, "build")
    try:
        topic_named(slug)
    except Trouble as trouble:
        raise Trouble(f"{file}: {trouble.sentence}", trouble.next_step) from None
    words = _split(file, "run", run)
    command = Command(file.parent, words, None if build is None else _split(file, "build", build))
    return Project(file.parent, slug, command)


def _parse(file: Path) -> dict[str, Any]:
    text = ""
    try:
        text = file.read_bytes().decode()
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what, line = _where(str(error), last=max(1, len(text.splitlines())))
        raise Trouble(
            f"{file} cannot be read{line}: {what}.",
            'Its lines look like run = "./server", the value in quotes.',
        ) from None
    except UnicodeDecodeError:
        raise Trouble(f"{file} is not text in UTF-8.", "Save it as UTF-8.") from None
    except IsADirectoryError:
        raise Trouble(f"{file} is a folder, not a file.", "Remove or rename it.") from None
    except OSError as error:
        raise Trouble(f"{file} cannot be read: {error.strerror}.", "Check who may.") from None


def _where(error: str, last: int) -> tuple[str, str]:
    """ "Invalid value (at line 3, column 7)" → ("invalid value", ", line 3")."""
    found = re.fullmatch(r"(.*?) \(at (?:line (\d+), column \d+|end of document)\)", error)
    if found is None:
        return error, ""
    return found[1][:1].lower() + found[1][1:], f", line {found[2] or last}"


def _text(file: Path, said: dict[str, Any], key: str) -> str | None:
    value = said.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise Trouble(
            f"{file}: {key} is {_kind(value)}, and must be text.",
            f'Write {key} = "…" in quotes.',
        )
    if not value.strip():
        step = "Leave it out where nothing is to be built." if key == "build" else "Fill it in."
        raise Trouble(f"{file}: {key} is empty.", step)
    return value


def _kind(value: object) -> str:
    kinds = {bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return kinds.get(type(value), "a table" if isinstance(value, dict) else "a date")


def _split(file: Path, key: str, text: str) -> tuple[str, ...]:
    try:
        return split_command(text)
    except ValueError as error:
        raise Trouble(f"{file}: {key}: {error}", "Correct the line.") from None
