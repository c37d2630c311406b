"""Bytes for people: a hex dump with a caret, and a dump that says what every byte is.

    0020  20 35 0d 0a 0d 0a 61 6c 70 68 61 48 54 54 50 2f   ·5····alphaHTTP/
                                           ^^

    0000  47 45 54                 GET        method          what to do with the target
    0003  20                       ·          SP              RFC 9112 §3

In the second one meaning, section and bytes share a line, so the eye never has to match a legend.

Left out: colour. The caller knows whether a terminal, a file or a page is looking.
"""

from __future__ import annotations

from .annotator import Annotator, Node, Span

ROW = 16
SHOWN = 8  # octets of a leaf on its line of the annotated dump


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
    """Every leaf on a line of its own, groups as headings above what they hold."""
    lines: list[str] = []
    for node in reader.tree():
        _walk(node, reader.data, base, 0, width, lines)
    return "\n".join(lines)


def _walk(node: Node, data: bytes, base: int, depth: int, width: int, lines: list[str]) -> None:
    span = node.span
    lines.append(_line(span, data, base, depth, bool(node.children), width))
    if span.inner is not None:
        for inner in span.inner.tree():
            _walk(inner, span.inner.data, 0, depth + 1, width, lines)
    for child in node.children:
        _walk(child, data, base, depth + 1, width, lines)


def _line(span: Span, data: bytes, base: int, depth: int, heading: bool, width: int) -> str:
    name = "  " * depth + span.field.name
    if heading or span.inner is not None:
        return f"{base + span.start:04x}  {name}  ({span.field.spec})"[:width]
    octets = data[span.start : span.end]
    shown = octets[:SHOWN]
    more = "…" if len(octets) > SHOWN else ""
    digits = " ".join(f"{b:02x}" for b in shown) + more
    value = printable(shown) + more if span.past - span.first >= 8 else str(span.value)
    head = f"{base + span.start:04x}  {digits:<25} {value:<9} {name:<24} "
    means, spec = span.field.meaning(span.value), span.field.spec
    room = width - len(head) - len(spec) - 2
    if len(means) > room:  # the section is worth more than the end of a sentence
        means = means[: max(room - 1, 0)] + "…"
    return f"{head}{means}  {spec}"[:width].rstrip()
