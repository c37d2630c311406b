r"""Commands and values of RESP: frozen, compared whole, written by `bytes`.

    bytes(Command((b"GET", b"a")))      == b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n"
    bytes(Array((Integer(1), Bulk()))) == b"*2\r\n:1\r\n$-1\r\n"

A client sends commands, a server values. RESP2 has the first five kinds of value and says "nothing"
in two ways, as a bulk string or as an array of length -1; RESP3 adds the others.

Left out: any check. A message may be wrong on purpose, since a grader has to send such ones. Streamed
strings and aggregates (`$?`) are left out too: no server in use sends them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

PLAIN = re.compile(rb"[^\x00-\x20\x7f-\xff\"'\\]+")

#: Octets that an inline word writes with a letter behind a backslash.
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"a": b"\a"}
LETTERS = {octet[0]: b"\\" + letter for letter, octet in ESCAPES.items()}


@dataclass(frozen=True, slots=True)
class Command:
    """What a client sends. No words: nothing is asked, and nothing is answered."""

    words: tuple[bytes, ...]
    inline: bool = False

    @property
    def name(self) -> bytes:
        """The first word in upper case."""
        return self.words[0].upper() if self.words else b""

    def __bytes__(self) -> bytes:
        return write_inline(self.words) if self.inline else write_words(self.words)


def write_words(words: tuple[bytes, ...]) -> bytes:
    """A command as an array of bulk strings."""
    parts = [b"*%d\r\n" % len(words)]
    parts += [write_bulk(word) for word in words]
    return b"".join(parts)


def write_inline(words: tuple[bytes, ...]) -> bytes:
    """A command as a line, for which words are quoted where they have to be."""
    return b" ".join(map(quoted, words)) + b"\r\n"


def quoted(word: bytes) -> bytes:
    """A word of an inline command."""
    if PLAIN.fullmatch(word) and not word.startswith(b"*"):
        return word
    inside = word.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return b'"' + b"".join(map(escaped, inside)) + b'"'


def escaped(octet: int) -> bytes:
    return LETTERS.get(octet) or (b"%c" if 0x20 <= octet < 0x7F else b"\\x%02x") % octet


@dataclass(frozen=True, slots=True)
class Simple:
    """A short text without line ends, such as OK."""

    text: bytes

    def __bytes__(self) -> bytes:
        return b"+%b\r\n" % self.text


@dataclass(frozen=True, slots=True)
class Error:
    """What went wrong. By convention the first word is a code in upper case."""

    text: bytes

    @property
    def code(self) -> bytes:
        return self.text.partition(b" ")[0]

    def __bytes__(self) -> bytes:
        return b"-%b\r\n" % self.text


@dataclass(frozen=True, slots=True)
class Integer:
    """-2**63 to 2**63 - 1."""

    value: int

    def __bytes__(self) -> bytes:
        return write_integer(self.value)


@dataclass(frozen=True, slots=True)
class Bulk:
    """Octets of any kind; None is the null bulk string of RESP2."""

    data: bytes | None = None

    def __bytes__(self) -> bytes:
        return b"$-1\r\n" if self.data is None else write_bulk(self.data)


@dataclass(frozen=True, slots=True)
class Array:
    """Values in order; None is the null array of RESP2."""

    items: tuple[Value, ...] | None = None

    def __bytes__(self) -> bytes:
        return b"*-1\r\n" if self.items is None else aggregate(b"*", self.items)


@dataclass(frozen=True, slots=True)
class Null:
    """Nothing, in RESP3."""

    def __bytes__(self) -> bytes:
        return b"_\r\n"


@dataclass(frozen=True, slots=True)
class Boolean:
    value: bool

    def __bytes__(self) -> bytes:
        return b"#t\r\n" if self.value else b"#f\r\n"


@dataclass(frozen=True, slots=True)
class Double:
    """text: as it was read, since 1.5 may also be written 1.50 or 15e-1."""

    value: float
    text: bytes = field(default=b"", compare=False, repr=False)

    def __bytes__(self) -> bytes:
        return b",%b\r\n" % (self.text or b"%r" % self.value)


@dataclass(frozen=True, slots=True)
class BigNumber:
    value: int

    def __bytes__(self) -> bytes:
        return b"(%d\r\n" % self.value


@dataclass(frozen=True, slots=True)
class BulkError:
    """An error of which the text may hold any octets."""

    text: bytes

    @property
    def code(self) -> bytes:
        return self.text.partition(b" ")[0]

    def __bytes__(self) -> bytes:
        return b"!%d\r\n%b\r\n" % (len(self.text), self.text)


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Text for people. format: three octets, such as txt or mkd."""

    format: bytes
    text: bytes

    def __bytes__(self) -> bytes:
        return b"=%d\r\n%b:%b\r\n" % (len(self.text) + 4, self.format, self.text)


@dataclass(frozen=True, slots=True)
class Map:
    pairs: tuple[tuple[Value, Value], ...]

    def __bytes__(self) -> bytes:
        return b"%%%d\r\n" % len(self.pairs) + write_pairs(self.pairs)


@dataclass(frozen=True, slots=True)
class Set:
    """Values without an order; kept and compared in the order in which they came."""

    items: tuple[Value, ...]

    def __bytes__(self) -> bytes:
        return aggregate(b"~", self.items)


@dataclass(frozen=True, slots=True)
class Push:
    """What nobody asked for, between two replies. The first item says what it is."""

    items: tuple[Value, ...]

    def __bytes__(self) -> bytes:
        return aggregate(b">", self.items)


@dataclass(frozen=True, slots=True)
class Attribute:
    """Something said about the value that follows it, which is `of`."""

    pairs: tuple[tuple[Value, Value], ...]
    of: Value

    def __bytes__(self) -> bytes:
        return b"|%d\r\n" % len(self.pairs) + write_pairs(self.pairs) + bytes(self.of)


Value = (
    Simple | Error | Integer | Bulk | Array
    | Null | Boolean | Double | BigNumber | BulkError | Verbatim | Map | Set | Push | Attribute
)  # fmt: skip


def aggregate(kind: bytes, items: tuple[Value, ...]) -> bytes:
    return write_aggregate(kind, [bytes(item) for item in items])


def write_aggregate(kind: bytes, items: Sequence[bytes]) -> bytes:
    """Values that are written already, as one."""
    return b"%b%d\r\n%b" % (kind, len(items), b"".join(items))


def write_bulk(data: bytes) -> bytes:
    return b"$%d\r\n%b\r\n" % (len(data), data)


def write_integer(number: int) -> bytes:
    return b":%d\r\n" % number


def write_pairs(pairs: tuple[tuple[Value, Value], ...]) -> bytes:
    return b"".join(bytes(key) + bytes(value) for key, value in pairs)


def plain(value: Value) -> object:
    """The value in Python's own kinds: bytes, int, float, bool, None, tuples; a map is a tuple of
    pairs. An error stays an error, so that it is never taken for text."""
    match value:
        case Simple(text) | Verbatim(text=text):
            return text
        case Integer(number) | BigNumber(number):
            return number
        case Boolean(truth):
            return truth
        case Double(number):
            return number
        case Bulk(data):
            return data
        case Null() | Array(None):
            return None
        case Array(items) | Set(items) | Push(items):
            return tuple([plain(item) for item in items or ()])
        case Map(pairs):
            return tuple([(plain(key), plain(item)) for key, item in pairs])
        case Attribute(of=of):
            return plain(of)
    return value
