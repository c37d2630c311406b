"""RESP for the load generator: a command as an address, and where its answers end.

    redis://127.0.0.1:6379                       PING
    redis://127.0.0.1:6379/GET/alpha             GET alpha
    redis://127.0.0.1:6379/GET/user%2F7          GET user/7
    redis://127.0.0.1:6379/GET/key{1000}         GET key0, GET key1 … GET key999, and from the start
    redis://127.0.0.1:6379/SET/alpha  --body @F  SET alpha, with the octets of the file

    reader = plug_for(Asked("redis://127.0.0.1:6379/GET/alpha")).reader()
    reader.feed(b"$5\\r\\nal")                     None
    reader.feed(b"pha\\r\\n")                      Answer("string")

What an answer is stands in its status: OK, string, integer, array, an error's code; and nothing, for
what is not there. So a load of reads says how many of them hit.

The octets of a string are counted and thrown away, and a list of a million is read as it comes. Short
answers that were seen before cost a look into a dict.

Left out: pipelining, passwords, other databases than the first, and commands with more than one answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote_to_bytes, urlsplit

from ...net.load import Answer, Asked
from ...wire import NeedMore, Reader
from . import grammar
from .messages import Command, Error, Simple
from .requests import MOST_OCTETS, unended
from .values import AGGREGATES, MOST_COUNT, read_number, read_scalar, wanted

#: Schemes of addresses that this plug is for, with their ports.
SCHEMES = {"redis": 6379}

NUMBERED = re.compile(r"\{([1-9][0-9]{0,8})\}")
REMEMBERED, SHORT = 64, 512  # answers, and octets of one
MANY = (b"SUBSCRIBE", b"PSUBSCRIBE", b"SSUBSCRIBE", b"MONITOR", b"SYNC", b"PSYNC")
STRINGS = b"$!="
KINDS = {
    b":": "integer",
    b"$": "string",
    b"*": "array",
    b"_": "nothing",
    b"#": "boolean",
    b",": "double",
    b"(": "big number",
    b"!": "error",
    b"=": "string",
    b"%": "map",
    b"~": "set",
    b">": "push",
    b"|": "attribute",
}


def plug_for(asked: Asked) -> RespPlug:
    """Raises ValueError, with a sentence, for what cannot be sent."""
    parts = urlsplit(asked.url)
    if asked.method or asked.headers:
        raise ValueError(
            "RESP has no methods and no headers: the command is in the address, as in"
            " redis://127.0.0.1:6379/GET/key."
        )
    if parts.query or parts.fragment:
        raise ValueError("In a word of a command ? is written %3F, and # is written %23.")
    if "@" in parts.netloc:
        raise ValueError("A password is not sent: load a server that asks for none.")
    path = parts.path.lstrip("/")
    words = [word_of(word) for word in path.split("/")] if path else [(b"PING",)]
    if asked.body:
        words.append((asked.body,))
    command = joined(words[0], 0).upper()
    if command in MANY:
        raise ValueError(f"{command.decode()} is answered more than once.")
    return RespPlug(f"{path.replace('/', ' ') or 'PING'} {parts.scheme}://{parts.netloc}", words)


Word = tuple[bytes | int, ...]  # octets, and limits of numbers between them


def word_of(text: str) -> Word:
    """A brace that is written %7B is a brace."""
    pieces = NUMBERED.split(text)
    return tuple(int(p) if place % 2 else unquote_to_bytes(p) for place, p in enumerate(pieces))


def joined(word: Word, number: int) -> bytes:
    return b"".join(b"%d" % (number % p) if isinstance(p, int) else p for p in word)


class RespPlug:
    """The same command each time, but for the numbers in it."""

    def __init__(self, name: str, words: Sequence[Word]) -> None:
        self.name, self.words = name, words
        self.numbered = any(isinstance(piece, int) for word in words for piece in word)
        self.octets = self.command(0)
        self.memory: dict[bytes, Answer] = {}

    def command(self, number: int) -> bytes:
        return bytes(Command(tuple(joined(word, number) for word in self.words)))

    def request(self, number: int) -> bytes:
        return self.command(number) if self.numbered else self.octets

    def reader(self) -> Answers:
        return Answers(self.memory)


class Answers:
    """The answers on one connection, one after the other.

    kept    octets that were not read yet: a line that is not whole
    left    values that still have to come for this answer
    skip    octets of a string that still have to come, and whether its line end is due
    """

    __slots__ = ("ending", "kept", "left", "memory", "skip", "status")

    def __init__(self, memory: dict[bytes, Answer]) -> None:
        self.memory = memory
        self.kept, self.status = b"", ""
        self.left, self.skip, self.ending = 1, 0, False

    def feed(self, data: bytes) -> Answer | None:
        fresh = not self.status and not self.kept
        if fresh and (known := self.memory.get(data)) is not None:
            return known
        r = Reader(self.kept + data)
        try:
            while self.left:
                self._step(r)
        except NeedMore:
            self.kept = r.data[r.pos :]
            return None
        answer = self._done(len(r.data) - r.pos)
        if fresh and answer.keep and len(data) <= SHORT:
            if len(self.memory) >= REMEMBERED:
                self.memory.clear()
            self.memory[data] = answer
        return answer

    def end(self) -> Answer | None:
        """A close never ends an answer."""
        return None

    def _done(self, more: int) -> Answer:
        """Octets behind the answer belong to nobody."""
        error = self.status.removeprefix("-")
        answer = Answer(error or self.status, error == self.status, keep=not more)
        self.kept, self.status, self.left = b"", "", 1
        return answer

    def _step(self, r: Reader) -> None:
        """One value, or the beginning of one that holds others. Raises NeedMore, WireError."""
        if self.skip or self.ending:
            self._string(r)
            return
        kind = r.ahead(1)
        if kind and kind in STRINGS:
            size = read_number(r, kind, MOST_OCTETS, -1 if kind == b"$" else 0)
            self._name("nothing" if size < 0 else KINDS[kind], error=kind == b"!")
            self.skip, self.ending = max(0, size), size >= 0
            self.left -= size < 0
        elif kind and kind in AGGREGATES:
            count = read_number(r, kind, MOST_COUNT, -1 if kind == b"*" else 0)
            self._name("nothing" if count < 0 else KINDS[kind])
            self.left += wanted(kind, max(0, count)) - 1
        else:
            value = read_scalar(r, kind)
            self._name(first_word(value) or KINDS.get(kind, ""), isinstance(value, Error))
            self.left -= 1

    def _name(self, status: str, error: bool = False) -> None:
        """Of the outermost value."""
        if not self.status:
            self.status = ("-" if error else "") + status

    def _string(self, r: Reader) -> None:
        here = min(self.skip, len(r.data) - r.pos)
        r.pos += here
        self.skip -= here
        if self.skip or len(r.data) - r.pos < 2:
            raise NeedMore(grammar.DATA, len(r.data) + 1)
        if r.match(grammar.DATA_END_SHAPE) is None:
            raise unended(r, r.pos)
        self.ending = False
        self.left -= 1


def first_word(value: object) -> str:
    """Of a line of text: OK, or the code of an error."""
    if isinstance(value, Simple | Error):
        return value.text.partition(b" ")[0].decode("latin-1") or "empty"
    return ""
