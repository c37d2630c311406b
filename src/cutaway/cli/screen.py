"""What a command prints, and for whom: width, colour, what a person may be shown meanwhile.

    out = look()                      of standard output: columns, colour or none
    for line in paragraph("…", out): print(line)

    with Waiting() as waiting:        a line on standard error, from the second second on
        waiting.says("tcp/lines · 3 of 7 cases")

Text from outside (a program, a file, the wire) goes through `escaped` before it is printed.

Left out: how a verdict looks. That is grade/reports/terminal.py.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from ..grade.reports.terminal import Look

AFTER = 1.0  # seconds before a person is told that something goes on
EVERY = 0.2


def look(most: int = 110) -> Look:
    """How to print on standard output. most: columns; longer lines are hard to read."""
    terminal = sys.stdout.isatty()
    columns = shutil.get_terminal_size((100, 24)).columns if terminal else 0
    return Look.of(terminal, min(columns, most), os.environ)


def indented(text: str, out: Look, indent: int = 2) -> Iterator[str]:
    """A text whose lines are kept; those that are too long, and not indented, are wrapped."""
    for line in text.strip("\n").splitlines():
        if line.startswith((" ", "\t")) or not line:
            yield (" " * indent + line).rstrip()
        else:
            yield from (" " * indent + part for part in out.wrapped(line, indent))


def labelled(label: str, text: str, out: Look, column: int = 14, indent: int = 2) -> Iterator[str]:
    """A label, and a text beside it, wrapped under itself."""
    first, *more = out.wrapped(text, column)
    room = max(1, column - indent - len(label))
    yield " " * indent + out.paint(label, "dim") + " " * room + first
    yield from (" " * column + line for line in more)


class Waiting:
    """A line that says what goes on, where a person looks and it takes longer than a second."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.seen = self.stream.isatty() and os.environ.get("TERM") != "dumb"
        self.began = time.monotonic()
        self._text = ""
        self._shown = False
        self._lock = threading.RLock()
        self._end = threading.Event()

    def __enter__(self) -> Waiting:
        if self.seen:
            threading.Thread(target=self._tick, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        with self._lock:
            self._wipe()

    def says(self, text: str) -> None:
        self._text = text

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Print something else meanwhile: the line is taken away for it."""
        with self._lock:
            self._wipe()
            yield
            sys.stdout.flush()

    def _tick(self) -> None:
        self._end.wait(AFTER)
        while not self._end.wait(EVERY):
            with self._lock:
                if self._text and not self._end.is_set():
                    self._draw()

    def _draw(self) -> None:
        width = shutil.get_terminal_size((80, 24)).columns
        text = f"  {self._text} · {time.monotonic() - self.began:.0f} s"
        self.stream.write("\r\x1b[K" + text[: width - 1])
        self.stream.flush()
        self._shown = True

    def _wipe(self) -> None:
        if self._shown:
            self.stream.write("\r\x1b[K")
            self.stream.flush()
            self._shown = False
