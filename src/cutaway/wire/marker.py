"""An Annotator that puts off making labels until somebody looks at them.

    >>> m = Marker(b"GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n")
    >>> read_request(m)                        notes which shapes matched where
    >>> [s.field.name for s in m.leaves()][:3]      makes the labels, all of them
    ['method', 'SP', 'request-target']

A tap reads every message that passes, and a person looks at one of them. What a label costs is
finding where each part begins and ends, and the object that says so. Noting which shape matched
from where to where costs neither: the same shape, matched there again, finds the same parts. So
reading costs little more than a bare Reader does.

Left out: putting off anything but labels. A codec that asks for the labels while it reads gets them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .annotator import Annotator, Span, new_span
from .errors import NEVER
from .field import Field
from .reader import Reader, Shape

#: A span; or a shape and from where to where it matched, once or more often.
Note = Span | tuple[Shape, int, int]


class Marker(Annotator):
    """The same labels in the same order."""

    __slots__ = ("_made", "_notes")

    def __init__(self, data: bytes = b"", pos: int = 0) -> None:
        self._notes: list[Note] = []
        super().__init__(data, pos)

    @property
    def spans(self) -> list[Span]:
        """The labels, made now if nobody has looked yet."""
        notes, self._notes = self._notes, []
        for note in notes:
            if isinstance(note, Span):
                self._made.append(note)
            else:
                self._made += labels_of(self.data, *note)
        return self._made

    @spans.setter
    def spans(self, spans: list[Span]) -> None:
        self._made = spans

    def split(self) -> Marker:
        other = Marker(self.data, self.pos)
        other._made, other._notes = self._made, self._notes
        self._made, self._notes = [], []
        return other

    def leaf(self, field: Field, start: int, end: int, value: object) -> None:
        if end > start:
            self._notes.append(new_span(Span, (start * 8, end * 8, field, value, True, None)))

    def match(self, shape: Shape, end: int = NEVER) -> tuple[Any, ...] | None:
        if end != NEVER:
            return super().match(shape, end)
        start, groups = self.pos, Reader.match(self, shape)
        if groups is not None:
            self._notes.append((shape, start, self.pos))
            if shape.whole is not None:
                self.group(shape.whole, start, groups)
        return groups

    def every(
        self, shape: Shape, end: int, whole: Field, closing: Field | None = None
    ) -> list[Any] | None:
        start, out = self.pos, Reader.every(self, shape, end, whole)
        if out is None:  # labelled as far as it goes
            return super().every(shape, end, whole, closing)
        self._notes.append((shape, start, end))
        self.group(whole, start, out)
        if closing is not None:
            self.take(2, closing)
        return out

    def group(self, field: Field, start: int, value: object = None) -> None:
        if self.pos > start:
            bits = start * 8, self.pos * 8
            self._notes.append(new_span(Span, (*bits, field, value, False, None)))


def labels_of(data: bytes, shape: Shape, start: int, end: int) -> Iterator[Span]:
    """A label for each group of the shape, again and again up to `end`."""
    while start < end:
        found = shape.labelled(data, start, end) or shape.labelled(data, start)
        assert found is not None, "it matched before"
        for field, (first, past), part in zip(
            shape.fields, found.regs[1:], found.groups(), strict=True
        ):
            if past > first:
                yield new_span(Span, (first * 8, past * 8, field, part, True, None))
        start = found.end()
