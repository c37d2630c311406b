r"""Values from bytes: what a server says, in RESP2 and RESP3.

    *2\r\n:1\r\n$-1\r\n        Array((Integer(1), Bulk(None)))
    %1\r\n+a\r\n_\r\n          Map(((Simple(b"a"), Null()),))

An aggregate is a count and then values, which may be aggregates again. They are read with a stack of
those that are open, not by recursion: how deep it gets is the choice of whoever sends, and a limit
here. A count sets nothing aside; the values take memory as they come.

Left out: streamed strings and aggregates, whose count is a question mark.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ...wire import Field, Malformed, NeedMore, Reader, Refused
from . import grammar
from .messages import (
    Array,
    Attribute,
    BigNumber,
    Boolean,
    Bulk,
    BulkError,
    Double,
    Error,
    Integer,
    Map,
    Null,
    Push,
    Set,
    Simple,
    Value,
    Verbatim,
)
from .requests import MOST_OCTETS, broken, patient, read_octets

MOST_DEPTH = 128
MOST_COUNT = (1 << 31) - 1
LEAST_VALUE = 3  # octets: _ CR LF
AGGREGATES = b"*%~>|"

WHY = {
    b"+": "a simple string is one line that ends with CR LF",
    b"-": "an error is one line that ends with CR LF",
    b":": "an integer is an optional sign, decimal digits and CR LF",
    b"_": "null is followed by CR LF",
    b"#": "a boolean is t or f and CR LF",
    b",": "this is no number",
    b"(": "a big number is an optional sign, decimal digits and CR LF",
}
OF_LENGTHS = "a length is decimal digits and CR LF"
OF_COUNTS = "a count is decimal digits and CR LF"


@dataclass(slots=True)
class Open:
    """An aggregate of which not all values are here."""

    kind: bytes
    count: int
    start: int
    items: list[Value] = field(default_factory=list)


def read_value(r: Reader, depth: int = MOST_DEPTH) -> Value:
    """raises  NeedMore; Malformed; Refused of DEPTH, LENGTH, COUNT or TEXT past the limits
    spec    RESP §RESP protocol description
    """
    start, around = r.pos, list[Open]()
    try:
        while True:
            at, kind = r.pos, r.ahead(1)
            if kind and kind in AGGREGATES:
                count = read_number(r, kind, MOST_COUNT, -1 if kind == b"*" else 0)
                if count > 0 or kind == b"|":
                    if len(around) == depth:
                        raise Refused(grammar.DEPTH, depth, at)
                    around.append(Open(kind, wanted(kind, count), at))
                    continue
                value = Array(None) if count < 0 else built(kind, [])
            else:
                value = read_scalar(r, kind)
            r.group(grammar.VALUE, at, value)
            while around:
                inner = around[-1]
                inner.items.append(value)
                if len(inner.items) < inner.count:
                    break
                around.pop()
                value = built(inner.kind, inner.items)
                r.group(grammar.VALUE, inner.start, value)
            else:
                return value
    except NeedMore as need:
        missing = sum(one.count - len(one.items) - 1 for one in around)
        raise patient(need, r, start, missing * LEAST_VALUE) from None


def wanted(kind: bytes, count: int) -> int:
    """How many values make this aggregate: a map has two for each pair, and behind an attribute
    stands the value that it is about."""
    return {b"%": 2 * count, b"|": 2 * count + 1}.get(kind, count)


def built(kind: bytes, items: list[Value]) -> Value:
    match kind:
        case b"*":
            return Array(tuple(items))
        case b"~":
            return Set(tuple(items))
        case b">":
            return Push(tuple(items))
        case b"%":
            return Map(tuple(zip(items[::2], items[1::2], strict=True)))
        case _:
            return Attribute(tuple(zip(items[:-1:2], items[1::2], strict=True)), items[-1])


def read_scalar(r: Reader, kind: bytes) -> Value:
    """Any value that holds no others."""
    read = SCALARS.get(kind)
    if read is not None:
        return read(r, kind)
    if not kind:
        raise NeedMore(grammar.TYPE, r.pos + 1)
    raise r.fail(grammar.TYPE, r.pos, 1, "no value begins with this octet")


def read_line(r: Reader, kind: bytes) -> tuple[bytes, ...]:
    """The kept parts of a line of this type."""
    found = r.match(grammar.LINES[kind])
    if found is None:
        raise broken(r, r.pos, kind, WHY[kind])
    return found


def read_text(r: Reader, kind: bytes) -> Simple | Error:
    """spec    RESP §Simple strings, §Simple errors"""
    start = r.pos
    found = r.match(grammar.LINES[kind])
    if found is None:
        raise unfinished_text(r, start, kind)
    text = b"".join(found)
    if len(text) > grammar.MOST_TEXT:
        raise Refused(grammar.ABOUT[kind], grammar.MOST_TEXT, start)
    return Simple(text) if kind == b"+" else Error(text)


def unfinished_text(r: Reader, start: int, kind: bytes) -> NeedMore | Malformed | Refused:
    """A line of text may be long, so its end is waited for by name."""
    why = broken(r, start, kind, WHY[kind])
    if isinstance(why, Malformed):
        return why
    most = start + grammar.MOST_TEXT + 3
    if len(r.data) > most:
        return Refused(why.field, grammar.MOST_TEXT, start)
    return NeedMore(why.field, most + 1, grammar.LF, len(r.data))


def read_integer(r: Reader, kind: bytes) -> Integer:
    """spec    RESP §Integers"""
    start, [digits] = r.pos, read_line(r, kind)
    number = int(digits)
    if not -(1 << 63) <= number < 1 << 63:
        raise r.fail(
            grammar.INTEGER, start + 1, len(digits), "more than a signed number of 64 bits"
        )
    return Integer(number)


def read_number(r: Reader, kind: bytes, most: int, least: int) -> int:
    """The length or count in front of a value; `least` is -1 where it may be nothing at all."""
    start, found = r.pos, r.match(grammar.LINES[kind])
    what: Field = grammar.ABOUT[kind]
    if found is None:
        raise broken(r, start, kind, OF_LENGTHS if what is grammar.LENGTH else OF_COUNTS)
    number = int(found[0])
    if number < least:
        raise r.fail(what, start + 1, len(found[0]), f"below {least}")
    if number > most:
        raise Refused(what, most, start + 1)
    return number


def read_bulk(r: Reader, kind: bytes) -> Bulk:
    """spec    RESP §Bulk strings, §Null bulk strings"""
    size = read_number(r, kind, MOST_OCTETS, -1)
    return Bulk(None if size < 0 else read_octets(r, size, grammar.DATA))


def read_bulk_error(r: Reader, kind: bytes) -> BulkError:
    """spec    RESP §Bulk errors"""
    return BulkError(read_octets(r, read_number(r, kind, MOST_OCTETS, 0), grammar.DATA))


def read_verbatim(r: Reader, kind: bytes) -> Verbatim:
    """spec    RESP §Verbatim strings"""
    start = r.pos
    size = read_number(r, kind, MOST_OCTETS, 0)
    if size < 4:
        raise r.fail(grammar.LENGTH, start + 1, 1, "the format and its colon take four octets")
    if len(r.data) - r.pos < 4:
        raise NeedMore(grammar.FORMAT, r.pos + size + 2)
    found = r.match(grammar.FORMAT_SHAPE)
    if found is None:
        raise r.fail(grammar.FORMAT, r.pos, 4, "three octets and a colon stand before the text")
    return Verbatim(found[0], read_octets(r, size - 4, grammar.DATA))


def read_null(r: Reader, kind: bytes) -> Null:
    """spec    RESP §Nulls"""
    read_line(r, kind)
    return Null()


def read_boolean(r: Reader, kind: bytes) -> Boolean:
    """spec    RESP §Booleans"""
    return Boolean(read_line(r, kind) == (b"t",))


def read_double(r: Reader, kind: bytes) -> Double:
    """spec    RESP §Doubles"""
    [text] = read_line(r, kind)
    return Double(float(text), text)


def read_big_number(r: Reader, kind: bytes) -> BigNumber:
    """spec    RESP §Big numbers"""
    return BigNumber(int(read_line(r, kind)[0]))


SCALARS: dict[bytes, Callable[[Reader, bytes], Value]] = {
    b"+": read_text,
    b"-": read_text,
    b":": read_integer,
    b"$": read_bulk,
    b"_": read_null,
    b"#": read_boolean,
    b",": read_double,
    b"(": read_big_number,
    b"!": read_bulk_error,
    b"=": read_verbatim,
}
