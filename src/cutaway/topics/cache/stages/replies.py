"""What a case wants to see of a reply, and where the first difference is.

    replies(Bulk(b"alpha"))               exactly this value, of this kind
    replies(error("WRONGTYPE"))           an error of that kind, whatever its sentence
    replies(row(b"a", b"1"))              an array of these, in this order
    replies(members(b"a", b"b"))          an array of these, in any order

Values compare strictly by kind: the null bulk string is not the null array, and the number 1 is not
the text "1". What RESP leaves open is left open: a number may be written with a plus sign, a map
comes in any order.

Of an array the first item that differs is told and pointed at, not the whole.

Left out: what the values are. See messages.py of the topic.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ....grade.differences import excerpt, first_difference
from ....grade.matchers import Kept, Matcher, between
from ....grade.outcomes import Failed
from ....grade.play import ANSWER, Line, Play
from ....grade.seeing import named
from ....grade.stage import Step
from ....grade.verdict import Reached
from ....wire import Annotator, quoted
from ..messages import (
    Array,
    Bulk,
    BulkError,
    Double,
    Error,
    Integer,
    Map,
    Null,
    Set,
    Simple,
    Value,
    Verbatim,
)

KINDS: dict[type, str] = {
    Simple: "a simple string",
    Error: "an error",
    Integer: "an integer",
    Bulk: "a bulk string",
    Array: "an array",
    Null: "the null of RESP3",
    Double: "a double",
    BulkError: "a bulk error",
    Verbatim: "a verbatim string",
    Map: "a map",
    Set: "a set",
}
MOST = 4  # items of an array that are told in full


@dataclass(frozen=True, slots=True)
class Row:
    """An aggregate of this kind with these items in order; a matcher may stand among them."""

    kind: type[Array] | type[Set]
    items: tuple[Wanted, ...]


Wanted = Value | Matcher | Row
#: What differs: how to get there, what was wanted, what was found.
Difference = tuple[str, Wanted, Value]


@dataclass(frozen=True, slots=True)
class Replies(Step):
    """The next value of the server is this one.

    kept_as  its plain text is kept under that name
    to       the command that it answers, in words: a reply does not say so itself
    """

    wanted: Wanted | Kept
    on: str = "main"
    seconds: float = ANSWER
    kept_as: str = ""
    to: str = ""

    def run(self, play: Play) -> None:
        line = play.line(self.on)
        try:
            found, reader = play.message(line, self.seconds, time.monotonic())
        except Failed as failed:
            if self.to and failed.expected == line.awaited:
                failed.expected = f"{line.awaited} to {self.to}"
            raise
        wanted = self.wanted
        if isinstance(wanted, Kept):
            wanted = wanted.turn(play.kept[wanted.name])
        called = f"reply to {self.to}" if self.to else "reply"
        if (differs := unlike(wanted, found, called)) is not None:
            raise failure(line, reader, found, differs)
        if self.kept_as:
            play.kept[self.kept_as] = text_of(found)
        line.read, line.fresh, line.partial = reader.pos, False, False
        line.answers += 1
        play.hold(Reached.AS_ASKED)

    def sketch(self) -> str:
        wanted = self.wanted
        what = f"{wanted.name} again" if isinstance(wanted, Kept) else told(wanted)
        return f"expect {what}{named(self.on)}"


def failure(line: Line, reader: Annotator, found: Value, differs: Difference) -> Failed:
    """What was expected and found, at the octet where they differ."""
    path, wanted, part = differs
    start, end = place(reader, part, found, line.read)
    says, shows, at = told(wanted), told(part), start
    if isinstance(wanted, Bulk) and isinstance(part, Bulk) and wanted.data and part.data:
        odd = first_difference(wanted.data, part.data)
        at = end - 2 - len(part.data) + odd
        says, shows = (f"${len(b)} {excerpt(b, odd)}" for b in (wanted.data, part.data))
    return Failed(
        Reached.AS_ASKED,
        f"{path}: {says}",
        f"{path}: {shows}",
        line=line,
        offset=at,
        length=1 if at > start else end - start,
    )


def place(reader: Annotator, part: Value, whole: Value, read: int) -> tuple[int, int]:
    """Where that part of the reply stands; two equal parts are told apart by what they are."""
    for span in reader.spans:
        if span.value is part:
            return span.start, span.end
    return read, reader.pos


def unlike(wanted: Wanted, found: Value, path: str) -> Difference | None:
    """The first difference, in the order in which the octets came. path: what `found` is called."""
    match wanted:
        case Matcher():
            return None if wanted.matches(found) else (path, wanted, found)
        case Row(kind, items) if isinstance(found, kind) and found.items is not None:
            return unlike_in_order(wanted, items, found, found.items, path)
        case Array(items) if items is not None and isinstance(found, Array) and found.items:
            return unlike_in_order(wanted, items, found, found.items, path)
        case Row():
            return path, wanted, found
    return None if wanted == found else (path, wanted, found)


def unlike_in_order(
    wanted: Wanted, items: Sequence[Wanted], found: Value, there: Sequence[Value], path: str
) -> Difference | None:
    for at, (one, other) in enumerate(zip(items, there, strict=False)):
        if (differs := unlike(one, other, f"item {at} of the {path}")) is not None:
            return differs
    return None if len(items) == len(there) else (path, wanted, found)


# In words.


def told(value: Wanted) -> str:
    """A value as its octets begin, and what kind that is."""
    match value:
        case Matcher():
            return value.says
        case Row(kind, items):
            return f"{kind_sign(kind)}{len(items)} {listed(items)} ({KINDS[kind]})"
        case Bulk(None):
            return "$-1 (the null bulk string)"
        case Array(None):
            return "*-1 (the null array)"
        case Array(tuple(items)) | Set(items):
            return f"{kind_sign(type(value))}{len(items)} {listed(items)} ({KINDS[type(value)]})"
        case Map(entries):
            return (
                f"%{len(entries)} {listed([name for name, _ in entries])} (a map with these names)"
            )
        case Bulk(bytes(data)):
            return f"${len(data)} {quoted(data, 40)} (a bulk string)"
        case Verbatim(text=text):
            return f"={len(text) + 4} {quoted(text, 40)} (a verbatim string)"
    first = bytes(value).partition(b"\r\n")[0][:70]
    called = KINDS.get(type(value), f"a {type(value).__name__.lower()}")
    return f"{first.decode('latin-1')} ({called})"


def kind_sign(kind: type) -> str:
    return "~" if kind is Set else "*"


def listed(items: Sequence[Wanted]) -> str:
    shown = [told(item).rpartition(" (")[0] or told(item) for item in items[:MOST]]
    return f"[{', '.join([*shown, '…'] if len(items) > MOST else shown)}]"


def text_of(value: Value) -> bytes:
    """What a later command can carry."""
    match value:
        case Bulk(bytes(text)) | Simple(text) | Error(text) | Verbatim(text=text):
            return text
        case Integer(number):
            return b"%d" % number
    return b""


# Wishes that are not one value.


def replies(
    wanted: Wanted | Kept,
    on: str = "main",
    seconds: float = ANSWER,
    kept_as: str = "",
    to: str = "",
) -> Replies:
    return Replies(wanted, on, seconds, kept_as, to)


def matching(says: str, matches: Callable[[Any], bool]) -> Matcher:
    return Matcher(says, matches)


def error(*codes: str) -> Matcher:
    """An error whose first word is one of these; its sentence is free."""
    words = [code.encode() for code in codes]
    signs = " or ".join(f"-{code} …" for code in codes)
    return Matcher(
        f"{signs} (an error)",
        lambda found: isinstance(found, Error | BulkError) and found.code in words,
    )


def number(low: int, high: int) -> Matcher:
    """An integer from `low` to `high`, both included."""
    inside = between(low, high)
    return Matcher(
        f"an integer from {low} to {high}",
        lambda found: isinstance(found, Integer) and inside.matches(found.value),
    )


def row(*items: Wanted) -> Row:
    """An array of these, in this order."""
    return Row(Array, items)


def members(*items: bytes, kind: type[Array] | type[Set] = Array) -> Matcher:
    """An array (or a set of RESP3) of these bulk strings, each once, in any order."""
    wanted = sorted(items)
    sign = kind_sign(kind)

    def same(found: Any) -> bool:
        if not isinstance(found, kind) or found.items is None:
            return False
        texts = [item.data for item in found.items if isinstance(item, Bulk)]
        return len(texts) == len(found.items) and sorted(t or b"" for t in texts) == wanted

    return Matcher(
        f"{sign}{len(items)} {listed([Bulk(item) for item in items])} in any order ({KINDS[kind]})",
        same,
    )


def pairs(*items: tuple[bytes, bytes]) -> Matcher:
    """An array of names, each with its value behind it; the pairs in any order."""
    wanted = sorted(items)

    def same(found: Any) -> bool:
        if not isinstance(found, Array) or found.items is None:
            return False
        texts = [item.data for item in found.items if isinstance(item, Bulk)]
        both = len(texts) == len(found.items) == 2 * len(wanted)
        return both and sorted(zip(texts[::2], texts[1::2], strict=True)) == wanted

    shown = ", ".join(f"{quoted(name)} {quoted(value)}" for name, value in items[:MOST])
    return Matcher(f"*{2 * len(items)} [{shown}], pairs in any order (an array)", same)


def mapping(*items: tuple[bytes, bytes]) -> Matcher:
    """A map of RESP3 with these pairs, in any order."""
    wanted = {Bulk(name): Bulk(value) for name, value in items}
    shown = ", ".join(f"{quoted(name)} → {quoted(value)}" for name, value in items[:MOST])
    return Matcher(
        f"%{len(items)} [{shown}] in any order (a map)",
        lambda found: (
            isinstance(found, Map) and len(found.pairs) == len(wanted) == len(dict(found.pairs))
            and dict(found.pairs) == wanted
        ),
    )  # fmt: skip


def score(value: float) -> Matcher:
    """A bulk string that reads as this number, however it is written: 3, 3.0 or 3e0."""

    def same(found: Any) -> bool:
        try:
            return isinstance(found, Bulk) and float(found.data or b"") == value
        except ValueError:
            return False

    text = b"%d" % value if value == int_or_none(value) else repr(value).encode()
    return Matcher(f"${len(text)} {quoted(text)} (a bulk string with that number)", same)


def int_or_none(value: float) -> int | None:
    return int(value) if abs(value) < 1e15 else None
