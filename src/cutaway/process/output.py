"""What a program printed, kept within bounds: the first 64 KiB and the last 64 KiB.

    0 ········ 64 KiB ·················· total - 64 KiB ········ total
    └── head ───┘  └──── dropped: counted ────┘  └──── tail ──────┘

A thread reads without pause, so a program that prints gigabytes never blocks on a full pipe,
and never costs more memory than the two ends. The first lines say how it began, the last ones
why it ended; the middle is seldom missed.

Left out: telling standard output from standard error. They share one pipe, so that the order in
which lines were printed is kept.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass

KEPT = 64 * 1024


@dataclass(frozen=True, slots=True)
class Output:
    """A copy of what was printed up to now."""

    head: bytes
    tail: bytes
    dropped: int

    def text(self) -> str:
        """All that was kept, for people; a line says how much is missing."""
        if not self.dropped:
            return (self.head + self.tail).decode("utf-8", "replace")
        head = self.head.decode("utf-8", "replace")
        tail = self.tail.decode("utf-8", "replace")
        return f"{head}\n… {self.dropped} bytes left out …\n{tail}"

    def last_lines(self, count: int = 20, width: int = 200) -> str:
        """The end of the output, at most `count` lines of `width` characters."""
        text = self.tail if self.dropped else self.head + self.tail
        lines = text.decode("utf-8", "replace").rstrip().splitlines()[-count:]
        return "\n".join(line if len(line) <= width else line[:width] + " …" for line in lines)


class Capture:
    """Reads one pipe to its end in a thread of its own."""

    def __init__(self, readable: int) -> None:
        self._readable = readable
        self._lock = threading.Lock()
        self._head = bytearray()
        self._tail = bytearray()
        self._total = 0
        self._thread = threading.Thread(target=self._read, name="program output", daemon=True)
        self._thread.start()

    def output(self) -> Output:
        with self._lock:
            tail = bytes(self._tail[-KEPT:])
            return Output(bytes(self._head), tail, self._total - len(self._head) - len(tail))

    def finish(self, within: float) -> None:
        """Wait for the end of the pipe; whoever still holds it open is not waited for."""
        self._thread.join(within)

    def _read(self) -> None:
        try:
            while data := os.read(self._readable, KEPT):
                self._keep(data)
        finally:
            os.close(self._readable)

    def _keep(self, data: bytes) -> None:
        with self._lock:
            self._total += len(data)
            if missing := KEPT - len(self._head):
                self._head += data[:missing]
                data = data[missing:]
            self._tail += data
            if len(self._tail) > 4 * KEPT:  # cut seldom: each cut moves what stays
                del self._tail[:-KEPT]
