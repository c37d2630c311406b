"""Read bytes by name. The same parser runs bare (Reader) or labels every byte (Annotator).

A codec never indexes its input. It asks for the next thing and says what that thing is called:

    LENGTH = Field("length", "octets that follow", "…")
    BODY = Field("body", "as many octets as length says", "…")

    def read_frame(r):
        (size,) = r.fixed(HEADER)           # Layout: compiled once, at import
        return r.take(size, BODY)

    read_frame(Reader(data))                the value, at nearly the price of slicing
    read_frame(Annotator(data)).spans       the value, and a label on every bit

Text protocols would pay dearly for one call a token, so a line is one call: a `Shape` is a regular
expression whose groups tile the match and carry a field each. `match` costs the bare reader one
regular-expression match; the annotator turns the same groups into labels.

Left out: seeking backwards, peeking across messages, and any copy of the whole input.
"""

from __future__ import annotations

import re
from typing import Any

from .errors import NEVER, Malformed, Misuse, NeedMore, Refused
from .field import Field
from .layout import Layout

CRLF = re.compile(rb"\r\n")

#: Octets of the longest match of any mark in use: an empty line behind a line.
LONGEST_MARK = 4


class Shape:
    """A piece of text whose parts have names: the groups tile the match, one field each."""

    def __init__(self, regex: bytes, *fields: Field) -> None:
        self.match = re.compile(regex, re.DOTALL).match
        self.fields = fields
        if re.compile(regex).groups != len(fields):
            raise Misuse(f"{regex!r} has not one group for each of its {len(fields)} fields")


class Reader:
    """Reads `data` from `pos` on. Every method leaves `pos` behind what it read, or raises."""

    __slots__ = ("data", "pos")

    def __init__(self, data: bytes = b"", pos: int = 0) -> None:
        self.data, self.pos = data, pos

    def take(self, n: int, field: Field) -> bytes:
        """Exactly `n` octets."""
        if n < 0:
            raise Misuse(f"{field.name}: {n} octets cannot be taken")
        end = self.pos + n
        if end > len(self.data):
            raise NeedMore(field, end)
        out = self.data[self.pos : end]
        self.pos = end
        return out

    def until(
        self,
        mark: re.Pattern[bytes],
        field: Field,
        limit: int = NEVER,
        kept: int = 0,
        wide: int = LONGEST_MARK,
    ) -> bytes:
        """Octets up to the first match of `mark`, which is consumed and not returned.

        limit   octets before the mark; more are Refused
        kept    octets of the mark that belong to the value
        wide    octets of the longest match of `mark`: so many may have to be seen behind the limit
                before it is certain that no match begins there
        """
        start, past = self.pos, self.pos + limit + wide
        found = mark.search(self.data, start, min(len(self.data), past))
        if found is None or found.start() - start > limit:
            if found is not None or len(self.data) >= past:
                raise Refused(field, limit, start)
            raise NeedMore(field, past, mark, max(start, len(self.data) - wide + 1))
        self.pos = found.end()
        return self.data[start : found.start() + kept]

    def line(self, field: Field, limit: int = NEVER) -> bytes:
        """Octets up to CRLF, which is consumed and not returned."""
        return self.until(CRLF, field, limit, wide=2)

    def match(self, shape: Shape) -> tuple[Any, ...] | None:
        """The groups of `shape` here, as bytes (None for a group that took no part), or None."""
        found = shape.match(self.data, self.pos)
        if found is None:
            return None
        self.pos = found.end()
        return found.groups()

    def fixed(self, layout: Layout) -> tuple[int, ...]:
        """The fields of a fixed layout, as unsigned integers."""
        end = self.pos + layout.size
        if end > len(self.data):
            raise NeedMore(layout.rows[0][0], end)
        out = layout.split(self.data, self.pos)
        self.pos = end
        return out

    def rest(self, field: Field) -> bytes:
        """Whatever is left, possibly nothing."""
        return self.take(len(self.data) - self.pos, field)

    def group(self, field: Field, start: int, value: object = None) -> None:
        """Say that what was read since `start` is together a `field`. Free when nobody listens."""

    def fail(self, field: Field, start: int, length: int, why: str, spec: str = "") -> Malformed:
        """The error to raise for `length` octets at `start`."""
        return Malformed(field, start, self.data[start : start + length], why, spec)
