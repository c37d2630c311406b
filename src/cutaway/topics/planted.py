"""A fault is data: a reference part, with a few lines of its source put another way.

    SHORT_BODY = Fault(
        name="body-cut-at-first-read",
        sentence="It takes what the first read brought for the whole body.",
        stage="http1/content-length",
        changes=(
            Change("server.py", "while len(body) < length:", "if len(body) < length:"),
        ),
    )

    python -m cutaway.topics.planted http1 body-cut-at-first-read      as the server, but wrong

The source on disk stays as it is: a finder in front of the others compiles the changed text for
exactly the modules that change. A traceback shows the changed lines, under a name that says so.

A change names a file of the topic's folder ("server.py"), or else of the package
("net/serve.py", "topics/tcp/codec.py"). Its `old` must occur exactly once there, so that a fault
never silently stops being one when the source is edited.

Left out: faults of links (delay, loss, cuts). Those are the relay's, and need no change of source.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import linecache
import os
import runpy
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType

PACKAGE = Path(__file__).parents[1]
USAGE = 2


@dataclass(frozen=True, slots=True)
class Change:
    """`old` occurs exactly once in `file` and becomes `new`."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Fault:
    """sentence   what the part does wrong: "It answers only the first of two requests."
    stage      the one that catches it, as "topic/slug"
    case_hint  the name of the case that fails first
    """

    name: str
    sentence: str
    stage: str
    changes: tuple[Change, ...]
    case_hint: str = ""

    @property
    def topic(self) -> str:
        return self.stage.partition("/")[0]


class NotPlanted(Exception):
    """A fault that is not there, or no longer fits the source. One sentence."""


def faults(topic: str) -> tuple[Fault, ...]:
    """All faults of a topic."""
    found: tuple[Fault, ...] = importlib.import_module(f"cutaway.topics.{topic}.faults").FAULTS
    return found


def named(topic: str, name: str) -> Fault:
    """Raises NotPlanted."""
    for fault in faults(topic):
        if fault.name == name:
            return fault
    raise NotPlanted(f"There is no fault {name!r} in {topic}.")


def changed(fault: Fault) -> dict[Path, tuple[str, str]]:
    """File → its text before and after, for every file that the fault changes.

    raises   NotPlanted where a change does not fit exactly once
    """
    texts: dict[Path, tuple[str, str]] = {}
    for change in fault.changes:
        path = _file(fault, change)
        before, after = texts.get(path) or (path.read_text(encoding="utf-8"),) * 2
        if (count := after.count(change.old)) != 1:
            raise NotPlanted(
                f"The fault {fault.name!r} does not fit: what it changes occurs {count} times"
                f" in {change.file}, and must once."
            )
        texts[path] = before, after.replace(change.old, change.new)
    return texts


def _file(fault: Fault, change: Change) -> Path:
    for folder in (PACKAGE / "topics" / fault.topic, PACKAGE):
        if (folder / change.file).is_file():
            return folder / change.file
    raise NotPlanted(f"The fault {fault.name!r} changes {change.file}, which does not exist.")


def diff(fault: Fault) -> str:
    """The fault as a unified diff, for people."""
    lines: list[str] = []
    for path, (before, after) in changed(fault).items():
        name = path.relative_to(PACKAGE.parent).as_posix()
        lines += difflib.unified_diff(
            before.splitlines(keepends=True), after.splitlines(keepends=True), name, name
        )
    return "".join(lines)


def command(topic: str, name: str) -> tuple[str, ...]:
    """The words that start the faulty part."""
    return sys.executable, "-m", "cutaway.topics.planted", topic, name


def run(topic: str, name: str) -> None:
    """Run the topic's server with the fault in it, as if it were the main program.

    Meant for a process that does nothing else. raises   NotPlanted
    """
    plant(named(topic, name))
    sys.excepthook = _show
    sys.argv = [f"cutaway.topics.{topic}.server"]
    runpy.run_module(f"cutaway.topics.{topic}.server", run_name="__main__", alter_sys=True)


def plant(fault: Fault) -> None:
    """From now on, import the changed text for the modules that change.

    Everything of ours is imported anew: only for a process of its own.
    """
    sources = {
        _module(path): Changed(_module(path), str(path), after, fault.name)
        for path, (_, after) in changed(fault).items()
    }
    sys.meta_path.insert(0, Finder(sources))
    # What is loaded already may be what changes, or hold on to it.
    for name in [n for n in sys.modules if n.startswith("cutaway.")]:
        if name not in (__name__, "cutaway.topics"):
            del sys.modules[name]


def _module(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


class Changed(importlib.machinery.SourceFileLoader):
    """Loads a module from text that is not in its file. No bytecode is kept."""

    def __init__(self, name: str, path: str, text: str, fault: str) -> None:
        super().__init__(name, path)
        self.text = text
        self.shown = f"{path} with the fault {fault}"
        lines = text.splitlines(keepends=True)
        # Without a time of change: linecache never compares it with a file.
        linecache.cache[self.shown] = (len(text), None, lines, self.shown)

    def get_code(self, fullname: str) -> CodeType:
        code: CodeType = self.source_to_code(self.text.encode(), self.shown)
        return code

    def get_source(self, fullname: str) -> str:
        return self.text


class Finder(importlib.abc.MetaPathFinder):
    """Finds the changed modules and leaves all others to those behind it."""

    def __init__(self, sources: dict[str, Changed]) -> None:
        self.sources = sources

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        loader = self.sources.get(fullname)
        if loader is None:
            return None
        return importlib.util.spec_from_file_location(fullname, loader.path, loader=loader)


def _show(kind: type[BaseException], error: BaseException, trace: object) -> None:
    """As Python shows it, but reading lines where `Changed` has put them."""
    traceback.print_exception(error)


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 2:
        print("python -m cutaway.topics.planted TOPIC FAULT", file=sys.stderr)
        return USAGE
    topic, name = arguments
    folder = PACKAGE / "topics" / os.path.basename(topic)
    if not any((folder / name).is_file() for name in ("faults.py", "faults/__init__.py")):
        print(f"There are no faults of {topic!r}.", file=sys.stderr)
        return USAGE
    try:
        run(topic, name)
    except NotPlanted as problem:
        print(problem, file=sys.stderr)
        return USAGE
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
