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

A piece that turns out not to be what it looked like is unread (`back`) and read another way.

Left out: seeking to any place, peeking across messages, and any copy of the whole input.
"""

from __future__ import annotations

import itertools
import re
from typing import Any

from .errors import NEVER, Malformed, Misuse, NeedMore, Refused
from .field import Field
from .layout import Layout

CRLF = re.compile(rb"\r\n")

#: Octets of the longest match of any mark in use: an empty line behind a line.
LONGEST_MARK = 4


class Shape:
    """A piece of text whose parts have names: the groups tile the match, one field each.

    whole   what all of it together is, where that has a name
    keep    numbers of the groups whose octets are returned; the others, such as the space between
            two words, are only labelled. Empty: all of them.
    """

    def __init__(
        self,
        regex: bytes,
        *fields: Field,
        keep: tuple[int, ...] = (),
        whole: Field | None = None,
    ) -> None:
        if re.compile(regex).groups != len(fields):
            raise Misuse(f"{regex!r} has not one group for each of its {len(fields)} fields")
        self.fields, self.whole = fields, whole
        self.keep = keep or tuple(range(1, len(fields) + 1))
        lean = capture_only(regex, self.keep)
        self.match = re.compile(lean, re.DOTALL).match
        self.labelled = re.compile(regex, re.DOTALL).match
        # What is not the shape matches the second branch, and leaves every group empty.
        self.each = re.compile(rb"%s|[\x00-\xff]+" % lean, re.DOTALL).findall


def capture_only(regex: bytes, keep: tuple[int, ...]) -> bytes:
    """The same regular expression, of which only the numbered groups capture."""
    numbers = itertools.count(1)

    def group(found: re.Match[bytes]) -> bytes:
        if found[0] != b"(" or next(numbers) in keep:
            return found[0]
        return b"(?:"

    escaped, char_class, opening = rb"\\.", rb"\[\^?\]?(?:\\.|[^\]\\])*\]", rb"\((?!\?)"
    return re.sub(b"|".join([escaped, char_class, opening]), group, regex, flags=re.DOTALL)


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
        """The kept groups of `shape` here, as bytes (None for one that took no part), or None."""
        found = shape.match(self.data, self.pos)
        if found is None:
            return None
        self.pos = found.end()
        return found.groups()

    def every(
        self, shape: Shape, end: int, whole: Field, closing: Field | None = None
    ) -> list[Any] | None:
        """The kept groups of `shape`, again and again up to `end`; None when it does not fit.

        A tuple for each time, or the octets alone where one group is kept. The first kept group
        must not match nothing. One call for all lines of a head, since each call has its price.

        whole    what all of it together is
        closing  the line end that stands at `end`; read too when it has a name
        """
        found = shape.each(self.data, self.pos, end)
        if found and not (found[-1] if len(shape.keep) == 1 else found[-1][0]):
            return None
        self.pos = end if closing is None else end + 2
        return found

    def back(self, start: int) -> None:
        """Unread what was read since `start`."""
        self.pos = start

    def where(self, mark: bytes) -> int:
        """Where `mark` stands next, or -1. Reads nothing."""
        return self.data.find(mark, self.pos)

    def ahead(self, n: int) -> bytes:
        """The next `n` octets, or fewer where the data ends. Reads nothing."""
        return self.data[self.pos : self.pos + n]

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
