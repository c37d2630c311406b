r"""RESP, versions 2 and 3: commands one way, values the other, each octet by name.

    codec = Resp()
    codec.to_server(Reader(b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n"))     Command((b"GET", b"a"))
    codec.to_client(Annotator(b"$5\r\nhello\r\n"))                 Bulk(b"hello")

In reading order: grammar (the words), messages (the values), requests (commands from bytes), values
(replies from bytes), and here the whole.

A value says itself what it is, so an answer can be read without knowing the question: the codec
remembers nothing. In exchange nothing on the wire says which answer belongs to which question but
their order, and in RESP2 a published message looks like any other array.

Left out: which commands there are, and what they may answer.
"""

from __future__ import annotations

import re
from typing import Any

from ...wire import Annotator, Field, Place, Reader, Span, quoted
from . import grammar
from .messages import (
    Array,
    Attribute,
    BigNumber,
    Boolean,
    Bulk,
    BulkError,
    Command,
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
    plain,
)
from .requests import read_command, read_count, read_word, read_words
from .values import read_value

#: What topics that build on this one may use.
__all__ = [
    "Array",
    "Attribute",
    "BigNumber",
    "Boolean",
    "Bulk",
    "BulkError",
    "Command",
    "Double",
    "Error",
    "Integer",
    "Map",
    "Null",
    "Push",
    "Resp",
    "Set",
    "Simple",
    "Value",
    "Verbatim",
    "plain",
    "read_command",
    "read_count",
    "read_value",
    "read_word",
    "read_words",
]

KINDS: dict[type, str] = {
    Simple: "simple",
    Error: "error",
    Integer: "integer",
    Bulk: "bulk",
    Array: "array",
    Null: "null",
    Boolean: "boolean",
    Double: "double",
    BigNumber: "big number",
    BulkError: "bulk error",
    Verbatim: "verbatim",
    Map: "map",
    Set: "set",
    Push: "push",
    Attribute: "attribute",
}

#: What reads as the beginning of a message, at the start of a line.
COMMAND_START = re.compile(rb"(?:\A|(?<=\r\n))\*[1-9][0-9]{0,9}\r\n\$[0-9]")
VALUE_START = re.compile(
    rb"(?:\A|(?<=\r\n))(?:\+[ -~]*\r\n|-[A-Z][ -~]*\r\n|:[+-]?[0-9]+\r\n|[$*!=%~>|](?:-1|[0-9]+)\r\n"
    rb"|_\r\n|#[tf]\r\n|,[0-9+-][^\r\n]*\r\n|\([0-9+-]+\r\n)"
)

SHOWN = 60  # octets of a word or a string in one line of meaning
SHOWN_WORDS = 8


class Resp:
    """Both directions of one connection.

    Names for `locate`. Of a command: name, words, argument (key: 1 is the one behind the name). Of a
    value: reply (all of it, as these classes compare), kind (simple, error, integer, bulk, array,
    null, …), code (of an error), text (the octets of a string or an error), integer, items (of an
    aggregate, in Python's own kinds), item (key: its number from 0; of a map: its key). What this
    kind of value does not have is None.
    """

    name = "RESP"

    def to_server(self, r: Reader) -> Command:
        return read_command(r)

    def to_client(self, r: Reader) -> Value:
        return read_value(r)

    def at_end(self, r: Reader) -> Value:
        """The end of a connection completes nothing."""
        return read_value(r)

    def says(self, message: Command | Value) -> str:
        """One line of meaning: SET a hello, or "hello"."""
        if isinstance(message, Command):
            return said_command(message)
        return said(message)

    def resume(self, data: bytes, since: int, to_server: bool) -> int:
        """Where a message may begin in octets that nobody could read, or -1."""
        found = (COMMAND_START if to_server else VALUE_START).search(data, since)
        return found.start() if found else -1

    def locate(
        self, a: Annotator, message: Command | Value, name: str, key: str | None = None
    ) -> tuple[Any, Place]:
        whole = span_of(a, message)
        if isinstance(message, Command):
            return locate_in_command(a, whole, message, name, key)
        return locate_in_value(a, whole, message, name, key)


def said_command(command: Command) -> str:
    words = [shown_word(word) for word in command.words[:SHOWN_WORDS]]
    more = len(command.words) - SHOWN_WORDS
    return " ".join(words) + (f" and {more} more" if more > 0 else "") or "no words"


def shown_word(word: bytes) -> str:
    """A word as a person would type it."""
    if len(word) <= SHOWN and re.fullmatch(rb"[!#-&(-~]+", word):
        return word.decode("ascii")
    return quoted(word, SHOWN)


def said(value: Value, depth: int = 0) -> str:
    """A value in a few words; what lies deep inside is only counted."""
    match value:
        case Simple(text) | Error(text) | BulkError(text):
            return text[:200].decode("latin-1")
        case Bulk(None) | Array(None) | Null():
            return "nothing"
        case Bulk(data) | Verbatim(text=data):
            return quoted(data or b"", SHOWN)
        case Integer(number) | BigNumber(number) | Double(number):
            return str(number)
        case Boolean(truth):
            return str(truth).lower()
        case Attribute(of=of):
            return f"attribute of {said(of, depth + 1)}"
    if isinstance(value, Map):
        parts, size = [part for pair in value.pairs for part in pair], len(value.pairs)
    else:
        parts = list(value.items or ())
        size = len(parts)
    if depth > 1 or not parts:
        return f"{KINDS[type(value)]} of {size}"
    inside = ", ".join(said(part, depth + 1) for part in parts[:SHOWN_WORDS])
    more = ", …" if len(parts) > SHOWN_WORDS else ""
    return f"{KINDS[type(value)]} of {size}: {inside}{more}"


def span_of(a: Annotator, message: object) -> Span | None:
    """What all of a message, or of a value within one, covers."""
    return next((span for span in a.spans if span.value is message and not span.leaf), None)


def within(a: Annotator, whole: Span | None, *fields: Field) -> Place:
    """Where the leaves of these fields stand in a message."""
    found = [(span.start, span.end) for span in a.leaves() if span.field in fields]
    if whole is None:
        return found
    return [(start, end) for start, end in found if whole.start <= start and end <= whole.end]


def all_of(whole: Span | None) -> Place:
    return [(whole.start, whole.end)] if whole is not None else []


def locate_in_command(
    a: Annotator, whole: Span | None, command: Command, name: str, key: str | None
) -> tuple[Any, Place]:
    words = within(a, whole, grammar.NAME, grammar.ARGUMENT, grammar.INLINE_WORD)
    behind = [(place.end, place.end) for place in (whole,) if place is not None]
    match name:
        case "name":
            return command.name, words[:1] or behind
        case "words":
            return command.words, words or behind
        case "argument":
            at = int(key or 1)
            if at < len(command.words):
                return command.words[at], words[at : at + 1] or behind
            return None, behind
    raise KeyError(name)


#: Name → the fields that hold it, where a value of this kind has it.
WHERE = {
    "kind": (grammar.TYPE,),
    "code": (grammar.CODE, grammar.DATA),
    "text": (grammar.TEXT, grammar.CODE, grammar.SENTENCE, grammar.DATA),
    "integer": (grammar.INTEGER, grammar.BIG_NUMBER),
}


def locate_in_value(
    a: Annotator, whole: Span | None, value: Value, name: str, key: str | None
) -> tuple[Any, Place]:
    if name == "reply":
        return value, all_of(whole)
    if name == "item":
        found = item_of(value, key or "0")
        place = all_of(span_of(a, found)) if found is not None else []
        behind = [(end, end) for _, end in all_of(whole)]
        return (None if found is None else plain(found)), place or behind
    if name == "items":
        return (plain(value) if isinstance(value, HOLDING) else None), all_of(whole)
    if name not in WHERE:
        raise KeyError(name)
    place = within(a, whole, *WHERE[name])
    return part_of(value, name), (place[:1] if name == "kind" else place) or all_of(whole)


HOLDING = Array | Map | Set | Push


def part_of(value: Value, name: str) -> Any:
    """What a value has under a name of WHERE, or None."""
    match name, value:
        case "kind", _:
            return KINDS[type(value)]
        case "code", Error() | BulkError():
            return value.code
        case "text", Simple() | Error() | BulkError() | Verbatim():
            return value.text
        case "text", Bulk(data):
            return data
        case "integer", Integer(number) | BigNumber(number):
            return number
    return None


def item_of(value: Value, key: str) -> Value | None:
    """One of the values that this one holds."""
    if isinstance(value, Map):
        return next((held for name, held in value.pairs if plain(name) == key.encode()), None)
    if isinstance(value, Array | Set | Push):
        items = value.items or ()
        return items[int(key)] if key.isdecimal() and int(key) < len(items) else None
    return None


CODEC = Resp  # of a connection to $PORT
