"""Bytes for people: a hex dump with a caret, and a dump that says what every byte is.

    0020  20 35 0d 0a 0d 0a 61 6c 70 68 61 48 54 54 50 2f   ·5····alphaHTTP/
                                           ^^

    0000  47 45 54           GET             method          send what the target is now · RFC 9110 §9
    0003  20                 ·               SP              one space · RFC 9112 §3
    0004  2f 65 63 68 6f 2f… /echo/hello     request-target  what it is asked of · RFC 9112 §3.2

In the second one meaning, section and bytes share a line, so the eye never has to match a legend.

Left out: colour. The caller knows whether a terminal, a file or a page is looking.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from .annotator import Annotator, Node, Span
from .field import Field

ROW = 16
OCTETS = 6  # of a leaf, in hexadecimal, on its line of the annotated dump
CHARACTERS = 20  # of its text
GLUE = "\x00"  # keeps the words of a section together while lines are broken
NARROWEST = 20  # columns for a meaning; with fewer it is cut rather than wrapped


def printable(data: bytes) -> str:
    """One character an octet; what has no picture of its own, and space, is a dot."""
    return "".join(chr(b) if 0x20 < b < 0x7F else "·" for b in data)


def quoted(data: bytes, most: int = 60) -> str:
    """Octets as a short readable literal with escapes; what was cut is counted."""
    text = bytes(data[:most]).decode("latin-1").encode("unicode_escape").decode("ascii")
    cut = len(data) - most
    return '"' + text.replace('"', '\\"') + '"' + (f" and {cut} more" if cut > 0 else "")


def dump(data: bytes, mark: tuple[int, int] | None = None, around: int = 2, base: int = 0) -> str:
    """Hex rows of 16. With `mark` (start, end) only the rows near it, and a caret under it.

    around   rows kept before and behind the marked one
    base     what the first octet is numbered
    """
    rows = range(0, max(len(data), 1), ROW)
    if mark:
        first = mark[0] // ROW * ROW
        rows = range(max(0, first - around * ROW), first + (around + 1) * ROW, ROW)
    lines = []
    for row in rows:
        octets = data[row : row + ROW]
        marked = mark is not None and row <= mark[0] < row + ROW
        if not octets and not marked:
            continue
        digits = " ".join(f"{b:02x}" for b in octets)
        number = f"{base + row:04x}  "
        lines.append(f"{number}{digits:<47}   {printable(octets)}".rstrip())
        if mark and marked:
            start, count = mark[0] - row, max(1, min(mark[1], row + ROW) - mark[0])
            lines.append(" " * (len(number) + 3 * start) + " ".join(["^^"] * count))
    return "\n".join(lines)


def annotated(reader: Annotator, base: int = 0, width: int = 100) -> str:
    """Every leaf on a line of its own, groups as headings above what they hold.

    What a field means, and by which section, is said where it first stands.
    """
    tree = reader.tree()
    lines: list[str] = []
    Sheet(width, max([len(name) for name in _names(tree)], default=0), lines).walk(
        tree, reader.data, base, 0
    )
    return "\n".join(lines)


class Sheet:
    """An annotated dump while it is written: how wide it is, and what it has explained already."""

    def __init__(self, width: int, longest: int, lines: list[str]) -> None:
        self.width, self.longest, self.lines = width, longest, lines
        self.explained: set[tuple[Field, str]] = set()

    def walk(self, nodes: list[Node], data: bytes, base: int, depth: int) -> None:
        """`base` is what the first octet of `data` is numbered."""
        for node in nodes:
            span = node.span
            if node.children or span.inner is not None:
                self.heading(span, base, depth)
            else:
                self.leaf(span, data, base)
            if span.inner is not None:
                self.walk(span.inner.tree(), span.inner.data, 0, depth + 1)
            self.walk(node.children, data, base, depth + 1)

    def heading(self, span: Span, base: int, depth: int) -> None:
        line = f"{base + span.start:04x}  {'  ' * depth}{span.field.name}  {span.field.spec}"
        self.lines.append(line[: self.width].rstrip())

    def leaf(self, span: Span, data: bytes, base: int) -> None:
        """Offset, octets, text, name; then the meaning, on as many lines as it takes."""
        octets = data[span.start : span.end]
        digits = _cut(" ".join(f"{b:02x}" for b in octets[: OCTETS + 1]), OCTETS * 3 - 1)
        whole = span.past - span.first >= 8
        value = _cut(printable(octets[: CHARACTERS + 1]), CHARACTERS) if whole else str(span.value)
        name = span.field.name.ljust(self.longest)
        head = f"{base + span.start:04x}  {digits:<{OCTETS * 3}} {value:<{CHARACTERS + 1}} {name}  "
        said = self.meaning(span)
        room = self.width - len(head)
        rows = textwrap.wrap(said, room) if room >= NARROWEST else [said[: max(room, 0)]]
        rows = [row.replace(GLUE, " ") for row in rows]
        self.lines.append((head + (rows[0] if rows else ""))[: self.width].rstrip())
        self.lines += [" " * len(head) + row for row in rows[1:]]

    def meaning(self, span: Span) -> str:
        """The sentence and its section, once; then nothing."""
        means = span.field.meaning(span.value)
        if (span.field, means) in self.explained:
            return ""
        self.explained.add((span.field, means))
        return f"{means} {f'· {span.field.spec}'.replace(' ', GLUE)}"


def _names(nodes: list[Node]) -> Iterator[str]:
    """The names of all leaves."""
    for node in nodes:
        inner = node.span.inner.tree() if node.span.inner is not None else []
        if not node.children and not inner:
            yield node.span.field.name
        yield from _names(node.children)
        yield from _names(inner)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most] + "…"
