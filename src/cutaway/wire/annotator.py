"""A Reader that listens: every octet it passes gets a name.

    >>> a = Annotator(b"GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n")
    >>> read_request(a)
    >>> [(s.start, s.end, s.field.name) for s in a.leaves()][:3]
    [(0, 3, 'method'), (3, 4, 'SP'), (4, 5, 'request-target')]

Two kinds of span: leaves tile the input, groups contain leaves and other groups. Spans are kept in
bits, because headers have fields of one bit; `start` and `end` are the octets that they touch.

What had to be transformed to be read (gzip, masking, Huffman) gets an Annotator of its own, hung
under the span that it came from: `nest`.

Left out: keeping spans in a tree while reading. The list is cheaper to write, and `tree` makes the
tree when somebody looks.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from .errors import NEVER
from .field import Field
from .layout import Layout
from .reader import LONGEST_MARK, Reader, Shape


class Span(NamedTuple):
    """`first` to `past` in bits of the data; `inner` where the octets were transformed."""

    first: int
    past: int
    field: Field
    value: object
    leaf: bool
    inner: Annotator | None = None

    # A tuple, since a message of twenty fields has a hundred spans: a frozen dataclass takes six
    # times as long to make.

    @property
    def start(self) -> int:
        """The first octet touched."""
        return self.first // 8

    @property
    def end(self) -> int:
        """The octet behind the last one touched."""
        return -(-self.past // 8)


new_span = tuple.__new__


@dataclass(slots=True)
class Node:
    """A span and the spans inside it, in wire order."""

    span: Span
    children: list[Node] = dataclasses.field(default_factory=list)


class Annotator(Reader):
    """Keeps `spans`, groups after what they contain."""

    __slots__ = ("spans",)

    def __init__(self, data: bytes = b"", pos: int = 0) -> None:
        super().__init__(data, pos)
        self.spans: list[Span] = []

    def leaf(self, field: Field, start: int, end: int, value: object) -> None:
        """Label octets. Nothing is labelled by an empty span."""
        if end > start:
            self.spans.append(new_span(Span, (start * 8, end * 8, field, value, True, None)))

    def take(self, n: int, field: Field) -> bytes:
        start, out = self.pos, super().take(n, field)
        self.leaf(field, start, self.pos, out)
        return out

    def until(
        self,
        mark: re.Pattern[bytes],
        field: Field,
        limit: int = NEVER,
        kept: int = 0,
        wide: int = LONGEST_MARK,
    ) -> bytes:
        start, out = self.pos, super().until(mark, field, limit, kept, wide)
        self.leaf(field, start, self.pos, out)
        return out

    def match(self, shape: Shape, end: int = NEVER) -> tuple[Any, ...] | None:
        start, found = self.pos, shape.labelled(self.data, self.pos, end)
        if found is None:
            return None
        parts, keep = found.groups(), self.spans.append
        for field, (first, past), part in zip(shape.fields, found.regs[1:], parts, strict=True):
            if past > first:  # as `leaf`, in line, since most labels are made here
                keep(new_span(Span, (first * 8, past * 8, field, part, True, None)))
        self.pos = found.end()
        kept = tuple([parts[number - 1] for number in shape.keep])
        if shape.whole is not None:
            self.group(shape.whole, start, kept)
        return kept

    def every(
        self, shape: Shape, end: int, whole: Field, closing: Field | None = None
    ) -> list[Any] | None:
        start, out = self.pos, list[Any]()
        while self.pos < end:
            groups = self.match(shape, end)
            if groups is None:
                return None
            out.append(groups if len(groups) > 1 else groups[0])
        self.group(whole, start, out)
        if closing is not None:
            self.take(2, closing)
        return out

    def fixed(self, layout: Layout) -> tuple[int, ...]:
        bit = self.pos * 8
        out = super().fixed(layout)
        for (field, bits), value in zip(layout.rows, out, strict=True):
            self.spans.append(Span(bit, bit + bits, field, value, True))
            bit += bits
        return out

    def group(self, field: Field, start: int, value: object = None) -> None:
        if self.pos > start:
            bits = start * 8, self.pos * 8
            self.spans.append(new_span(Span, (*bits, field, value, False, None)))

    def back(self, start: int) -> None:
        super().back(start)
        while self.spans and self.spans[-1].first >= start * 8:
            self.spans.pop()

    def nest(self, field: Field, start: int, inner: Annotator) -> None:
        """Say that what was read since `start` became, transformed, the data of `inner`."""
        self.spans.append(Span(start * 8, self.pos * 8, field, inner.data, False, inner))

    def split(self) -> Annotator:
        """What has been labelled so far, on its own; here it is forgotten."""
        other = Annotator(self.data, self.pos)
        other.spans, self.spans = self.spans, []
        return other

    def leaves(self) -> list[Span]:
        """The spans that tile the input, in wire order."""
        return sorted((s for s in self.spans if s.leaf), key=lambda s: (s.first, s.past))

    def find(self, field: Field) -> Iterator[Span]:
        """The spans of one field, in the order in which they were read."""
        return (span for span in self.spans if span.field is field)

    def tree(self) -> list[Node]:
        """Spans by containment. Of two spans over the same bits a leaf is inside, and of two groups
        the one read earlier."""
        order = sorted(
            enumerate(self.spans), key=lambda p: (p[1].first, -p[1].past, p[1].leaf, -p[0])
        )
        roots: list[Node] = []
        open_nodes: list[Node] = []
        for _, span in order:
            while open_nodes and not _holds(open_nodes[-1].span, span):
                open_nodes.pop()
            node = Node(span)
            (open_nodes[-1].children if open_nodes else roots).append(node)
            if not span.leaf:
                open_nodes.append(node)
        return roots


def _holds(outer: Span, inner: Span) -> bool:
    """Of two spans of which `outer` does not begin later. An empty span at its end is not in it."""
    return inner.first < outer.past and inner.past <= outer.past
