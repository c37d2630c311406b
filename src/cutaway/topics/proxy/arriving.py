"""Octets that have come and cannot be read yet, and what the next look at them has to wait for.

A parser that stops with NeedMore says what it waits for: a number of octets, or a mark and where
the search for it stopped. Looking again at each octet that comes would make a head of 64 KiB that
is dripped cost sixty thousand looks; so `more` gives the octets out only when a look is worth it.

Left out: a limit. Whoever reads a head or a chunk line refuses what is too long.
"""

from __future__ import annotations

import re

from ...wire import NeedMore


class Unread:
    """What `data` holds from `at` on; `need` is what the reader said about it."""

    __slots__ = ("kept", "least", "mark", "since")

    def __init__(self, data: bytes, at: int, need: NeedMore | None) -> None:
        self.kept = bytearray(data[at:])
        self.least = need.least - at if need else 0
        self.mark: re.Pattern[bytes] | None = need.mark if need else None
        self.since = max(0, need.since - at) if need else 0

    def more(self, data: bytes) -> bytes | None:
        """All of it with `data` behind, once it is worth a look. Searches no octet twice."""
        self.kept += data
        if len(self.kept) >= self.least:
            return bytes(self.kept)
        if self.mark is not None and self.mark.search(self.kept, self.since):
            return bytes(self.kept)
        self.since = max(0, len(self.kept) - 3)
        return None
