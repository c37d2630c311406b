"""Octets of a client that make no whole command yet.

    arriving = Arriving(b"*2\\r\\n$4\\r\\nEC", least=19)
    arriving.add(b"HO\\r\\n$5\\r\\nhello\\r\\n")
    arriving.worth_a_look()              True

They are kept as they came, so an unfinished command takes the memory of its octets. Making its words as
they come would take six times as much, when they are short, and beginning again with each arrival would
take time that grows with the square. So a command is passed over once, word by word, without
keeping any, to know when it is whole; then it is read.

Left out: a limit. The codec refuses what is too long.
"""

from __future__ import annotations

import re

from ...wire import NEVER, NeedMore, Reader, WireError
from .requests import RUN, read_count, read_run, read_word


class Arriving:
    """least: octets that have to be here before another look is worth its time."""

    __slots__ = ("kept", "least", "left", "mark", "passed")

    def __init__(self, data: bytes, least: int = 0, mark: re.Pattern[bytes] | None = None) -> None:
        self.kept = bytearray(data)
        self.least, self.mark = least, mark
        self.passed = 0
        self.left = -1  # words that are not passed yet; -1 is not known

    def add(self, data: bytes) -> None:
        self.kept += data

    def take(self) -> bytes:
        data = bytes(self.kept)
        self.kept = bytearray()
        return data

    def worth_a_look(self) -> bool:
        """Whether a command is whole, or may be, or is wrong."""
        if self.kept[:1] == b"*" and self.left < 0:
            # What the codec waits for is a guess at what is certainly to come, if it is a command.
            return self._pass()
        if len(self.kept) < self.least:
            return self.mark is not None and b"\n" in self.kept
        return self.kept[:1] != b"*" or self._pass()

    def _pass(self) -> bool:
        """Pass over the words that are here; whether that was all."""
        r = Reader(self.kept, self.passed)  # type: ignore[arg-type]
        try:
            if self.left < 0:
                self.left = read_count(r)
            while self.left > 0:
                while self.left >= RUN and read_run(r):
                    self.left -= RUN
                self.passed = r.pos
                if self.left:
                    read_word(r)
                    self.left -= 1
        except NeedMore as need:
            self.least = need.least if need.least < NEVER // 2 else len(self.kept) + 1
            return False
        except WireError:
            return True
        return True
