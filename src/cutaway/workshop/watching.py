"""Which file of a project changed, and whether somebody or something changed it.

    files = Files(folder, ("python3", "server.py"), say=print)
    while True:
        files.begin()
        with files.watched() as brake:       a save pulls it
            …                                build and play
        print(files.wait(), "changed")

Times of change are looked at, ten times a second, for at most FILES files; folders that hold what
others wrote (IGNORED) are not looked into. A build and a program write files too, and must not set
off the next check:

    changed while nothing ran     somebody edited it: from then on it is a source, and so is what
                                  `run` and `build` name
    changed during build or play  a source that holds something else now breaks off the check and
                                  starts the next one; so does any text that lay there before, once.
                                  Anything else starts one more check when this one has ended, and
                                  when it changes by itself again, it is output and left alone,
                                  until somebody edits it

Left out: saying so. Notifications by the kernel. Asking costs a millisecond and works on every system.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..grade.starts import Brake

EVERY = 0.1
SETTLE = 0.03  # an editor writes a file in several steps
FILES = 5000
IN_A_ROW = 3  # checks that are broken off; the next one is played to its end, whoever writes
CODE = (
    ".c", ".cc", ".cpp", ".cs", ".ex", ".go", ".h", ".hs", ".java", ".js", ".kt", ".ml", ".mjs",
    ".php", ".py", ".rb", ".rs", ".swift", ".ts", ".zig",
)  # fmt: skip
IGNORED = {
    ".git", ".hg", ".idea", ".mypy_cache", ".pytest_cache", ".venv", ".vscode", "__pycache__",
    "bin", "build", "data", "dist", "node_modules", "obj", "out", "target", "vendor", "venv", "zig-cache",
}  # fmt: skip

Seen = dict[str, tuple[int, int]]


class Files:
    """What changed, and whether somebody or something changed it.

    say    told what a person has to know about it
    waits  called when nothing has changed yet, and the waiting begins
    over   set by another thread when nobody waits any more
    """

    def __init__(
        self,
        folder: Path,
        named: Sequence[str] = (),
        say: Callable[[str], None] = print,
        waits: Callable[[], None] = lambda: None,
    ) -> None:
        self.folder, self.say, self.waits = folder, say, waits
        self.over = threading.Event()
        self.saved: str | None = None  # what broke off the check
        self.in_a_row = 0
        names = [os.path.normpath(name) for name in named]
        self.sources = {n for n in names if (folder / n).is_file() and _is_text(folder / n)}
        self.held: dict[str, bytes] = {}
        self.suspects: set[str] = set()
        self.output: set[str] = set()
        self.many = False
        self.before: Seen = {}

    def begin(self) -> None:
        """Build and play start now."""
        self.before = self.look()
        self.held = {name: _holds(self.folder / name) for name in self.sources}

    @contextmanager
    def watched(self) -> Iterator[Brake]:
        """A brake for what runs meanwhile, pulled when a source is saved."""
        brake, done = Brake(), threading.Event()
        thread = threading.Thread(target=self._look_out, args=(brake, done), daemon=True)
        thread.start()
        try:
            yield brake
        finally:
            done.set()
            thread.join()

    def _look_out(self, brake: Brake, done: threading.Event) -> None:
        while self.in_a_row < IN_A_ROW and not done.wait(EVERY):
            if (name := self._saved(_differ(self.before, self.look()))) is not None:
                done.wait(SETTLE)
                self.saved = name
                brake.pull()
                return

    def _saved(self, changed: list[str]) -> str | None:
        """The first of these that was edited, as far as that can be told while a program runs."""
        for name in sorted(changed):
            if name in self.sources:
                if _holds(self.folder / name) != self.held.get(name):
                    return name
            elif name in self.before and self._may_be_edited(name):
                if not name.endswith(CODE):
                    self.suspects.add(name)
                return name
        return None

    def _may_be_edited(self, name: str) -> bool:
        """A text that lay there before, and that no program is known to write."""
        if name.endswith(CODE):
            return name not in self.output and _is_text(self.folder / name)
        return name not in self.suspects | self.output and _is_text(self.folder / name)

    def wait(self) -> str:
        """The name of a file that asks for another check; "" when it is `over`."""
        if (saved := self.saved) is not None:
            self.saved, self.in_a_row = None, self.in_a_row + 1
            return saved
        self.in_a_row = 0
        after = self.look()
        if found := self._during(_differ(self.before, after)):
            return found
        self.waits()
        while not self.over.wait(EVERY):
            now = self.look()
            changed = [n for n in _differ(after, now) if n not in self.output or self._edited(n)]
            if changed:
                time.sleep(SETTLE)
                self.sources.update(changed)
                self.output.difference_update(changed)
                return sorted(changed)[0]
            after = now
        return ""

    def _edited(self, name: str) -> bool:
        """Nothing of ours runs: whoever changes a text now is a person."""
        return (self.folder / name).is_file() and _is_text(self.folder / name)

    def _during(self, changed: list[str]) -> str | None:
        again = None
        for name in changed:
            if name in self.sources:
                if _holds(self.folder / name) != self.held.get(name):
                    again = name
            elif name in self.suspects:
                if name not in self.output:
                    self.say(
                        f"{name} changes while checks run: taken for output, until you edit it."
                    )
                self.output.add(name)
            elif name not in self.output:
                self.suspects.add(name)
                if _is_text(self.folder / name):
                    again = again or name
                else:
                    self.output.add(name)
        return again

    def look(self) -> Seen:
        """Name → time of change and size, of at most FILES files."""
        found: Seen = {}
        folders = [""]
        while folders and len(found) < FILES:
            self._scan(folders.pop(), found, folders)
        if folders and not self.many:
            self.many = True
            self.say(f"The project has more than {FILES} files: changes in some are not seen.")
        return found

    def _scan(self, inside: str, found: Seen, folders: list[str]) -> None:
        try:
            entries = list(os.scandir(self.folder / inside))
        except OSError:
            return
        for entry in entries:
            name = os.path.join(inside, entry.name)
            try:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in IGNORED:
                        folders.append(name)
                elif not entry.name.endswith(("~", ".swp", ".swx", ".pyc")):
                    status = entry.stat()
                    found[name] = (status.st_mtime_ns, status.st_size)
            except OSError:
                continue


def _differ(before: Seen, after: Seen) -> list[str]:
    names = before.keys() | after.keys()
    return [name for name in names if before.get(name) != after.get(name)]


def _holds(file: Path) -> bytes:
    """What tells one content from another."""
    try:
        with open(file, "rb") as opened:
            return hashlib.file_digest(opened, "blake2b").digest()
    except OSError:
        return b""


def _is_text(file: Path) -> bool:
    """What a compiler makes is hardly ever text, and what a person edits always is."""
    try:
        with open(file, "rb") as opened:
            return b"\0" not in opened.read(1024)
    except OSError:
        return True  # gone: somebody may have removed a source
