"""A project to begin in: a starter copied, and a README that says what to do with it.

    start(topic("http1"), Path("http1"), "go")

    http1/
      cutaway.toml      topic, build, run
      main.go           the first stage, solved and annotated
      README.md         made here: first commands, how to run it by hand, the contract

Nothing is ever overwritten: a folder that holds anything is refused. The project is put together
beside its place and moved there when it is whole, so that an interruption leaves no half of it.

Left out: templates. What a starter holds is copied as it is.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

from .catalog import Topic
from .errors import Trouble, closest
from .project import FILE

SAME = {
    "py": "python",
    "python3": "python",
    "js": "node",
    "javascript": "node",
    "nodejs": "node",
    "node.js": "node",
    "golang": "go",
    "other": "bare",
    "any": "bare",
}
FIRST_PORT = 8080
BESIDE_PORT = 8180


def start(topic: Topic, folder: Path, language: str) -> Path:
    """Make the project; returns its folder. Raises Trouble."""
    starter = topic.folder / "starters" / language_named(topic, language)
    if folder.exists() and not folder.is_dir():
        raise Trouble(f"{folder} is a file.", "Name a folder that does not exist yet.")
    try:
        if folder.is_dir() and any(folder.iterdir()):
            raise Trouble(
                f"The folder {folder} is not empty, and nothing is overwritten.",
                "Name another one: cutaway start TOPIC DIR.",
            )
        _make(topic, starter, folder)
    except OSError as error:
        raise Trouble(
            f"The project cannot be made in {folder}: {_reason(error)}.",
            "Name a folder that you may write to.",
        ) from None
    return folder


def _reason(error: OSError) -> str:
    """Copying a folder collects its errors in a list, each as text."""
    if isinstance(error, shutil.Error):
        return str(error.args[0][0][2]).partition("] ")[2].partition(":")[0]
    return error.strerror or str(error)


def language_named(topic: Topic, language: str) -> str:
    """A starter's name, from what people call its language. Raises Trouble."""
    name = SAME.get(language.lower(), language.lower())
    known = topic.starters
    if name in known:
        return name
    if not known:
        raise Trouble(f"The topic {topic.slug} has no starters.", "Write cutaway.toml yourself.")
    near = closest(name, known)
    step = f"Did you mean {near}? " if near else ""
    raise Trouble(
        f"There is no starter of {topic.slug} in {language!r}.",
        f"{step}There are: {', '.join(known)}; bare is for any other language.",
    )


def _make(topic: Topic, starter: Path, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".cutaway-start-", dir=folder.parent))
    try:
        whole = beside / "project"
        shutil.copytree(starter, whole, ignore=shutil.ignore_patterns("__pycache__"))
        readme = whole / "README.md"
        advice = readme.read_text(encoding="utf-8") if readme.exists() else ""
        readme.write_text(read_me(topic, whole / FILE, advice), encoding="utf-8")
        _move(whole, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _move(whole: Path, folder: Path) -> None:
    """Into place. An empty folder is kept as it is: somebody's shell may stand in it."""
    if not folder.exists():
        os.rename(whole, folder)
        return
    for entry in list(whole.iterdir()):
        os.rename(entry, folder / entry.name)


def read_me(topic: Topic, config: Path, advice: str) -> str:
    """The README of a project.

    advice   what the starter has to say itself, as Markdown below a heading
    """
    return "\n".join(_lines(topic, config, advice)) + "\n"


def _lines(topic: Topic, config: Path, advice: str) -> Iterator[str]:
    said = tomllib.loads(config.read_text(encoding="utf-8"))
    yield f"# {topic.title}"
    yield ""
    yield "The first stage passes. The check says what comes next, and why, one stage at a time."
    yield ""
    yield "```"
    yield from _commands(topic)
    yield "```"
    if advice:
        yield ""
        yield advice.strip()
    yield ""
    yield "## Run it by hand"
    yield ""
    yield "```"
    if "build" in said:
        yield said["build"]
    yield from run_by_hand(topic, said["run"])
    yield "```"
    if topic.by_hand:
        yield ""
        yield "and in another terminal:"
        yield ""
        yield "```"
        yield from addressed(topic, ports_by_hand(topic))
        yield "```"
    yield ""
    yield "## What it must do in the end"
    yield ""
    yield from _environment(topic)
    yield ""
    yield topic.contract


def _commands(topic: Topic) -> Iterator[str]:
    rows = (
        ("check", "play the stages up to the first that does not pass"),
        ("check --watch", "the same again whenever a file changes"),
        ("explain", "what the current stage asks, case by case"),
        ("hint", "a hint for it; again for a plainer one"),
        ("status", "what passes, and what comes next"),
        (f"lesson {topic.slug}", "why it is so, and how it works"),
    )
    width = max(len(words) for words, _ in rows) + 4
    for words, does in rows:
        yield f"cutaway {words:<{width}}{does}"


def run_by_hand(topic: Topic, run: str) -> Iterator[str]:
    """The command lines that start the program outside of a check."""
    settings = [f"{name}={port}" for name, port in ports_by_hand(topic).items()]
    if "DATA_DIR" in topic.environment:
        yield "mkdir -p data"
        settings.append("DATA_DIR=data")
    port = BESIDE_PORT
    for variable, programs in topic.beside.items():
        addresses = []
        for program in programs:
            command = f"cutaway serve {program} --port {port}"
            if "." in program:
                command = f"PORT={port} python3 -m cutaway.topics.{program}"
            yield f"{command} &     # somebody to ask"
            addresses.append(f"127.0.0.1:{port}")
            port += 1
        settings.append(f"{variable}={','.join(addresses)}")
    yield " ".join([*settings, run])


def ports_by_hand(topic: Topic, first: int = FIRST_PORT) -> dict[str, int]:
    """A port for each listener, counted up from `first`."""
    return {name: first + number for number, name in enumerate(topic.ports)}


def addressed(topic: Topic, ports: dict[str, int]) -> Iterator[str]:
    """The commands to try, with the ports filled in."""
    for line in topic.by_hand:
        for name in sorted(ports, key=len, reverse=True):
            line = line.replace(f"${name}", str(ports[name]))
        yield line


def _environment(topic: Topic) -> Iterator[str]:
    yield "It is started with these in its environment:"
    yield ""
    yield "| variable | what it is |"
    yield "|---|---|"
    for name, means in topic.environment.items():
        yield f"| `{name}` | {means} |"
