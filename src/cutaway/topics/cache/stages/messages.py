r"""How a case talks: commands in words, and what answers each.

    *talk(("SET k v", OK), ("GET k", "v"), ("GET other", None))
    *together(("PING", PONG), ("ECHO a", "a"))          all in one write
    *talk(("INCR n", 1), fresh="n")                     the key n is removed first

A command is a text that is split at its spaces, or a tuple of words where one of them has spaces or
octets that are no text. What answers it is a value, or short for one:

    1  :1        "a" b"a"  $1 a        None  $-1        ["a", 1, None]  *3 $1 a :1 $-1

Left out: the cases.
"""

from __future__ import annotations

from collections.abc import Sequence

from ....grade.matchers import Matcher
from ....grade.play import ANSWER
from ....grade.stage import Step
from ....grade.steps import Send, send
from ..messages import Array, Bulk, Command, Integer, Null, Simple, Value
from .replies import Row, Wanted, error, matching, number, replies

Word = str | bytes | int
Words = str | tuple[Word, ...]
Short = Wanted | int | str | bytes | None | Sequence["Short"]
Exchange = tuple[Words, Short]

OK = Simple(b"OK")
PONG = Simple(b"PONG")
NULL = Null()
NO_ARRAY = Array(None)
ERR = error("ERR")
WRONGTYPE = error("WRONGTYPE")
ANY_NUMBER = matching("an integer", lambda found: isinstance(found, Integer))
#: Sent in the same write ahead of a case's first command when it is played merged.
NEIGHBOUR = (Command((b"ECHO", b"neighbour")), {"kind": "bulk", "text": b"neighbour"})


def word(value: Word) -> bytes:
    if isinstance(value, bytes):
        return value
    return str(value).encode()


def cmd(words: Words) -> Command:
    """A command as an array of bulk strings."""
    return Command(tuple(word(each) for each in split(words)))


def inline(text: str) -> bytes:
    """A command as a line, as it is typed into telnet."""
    return text.encode() + b"\r\n"


def split(words: Words) -> Sequence[Word]:
    return words.split(" ") if isinstance(words, str) else words


def reply(short: Short) -> Wanted:
    """The value that is meant."""
    match short:
        case int():
            return Integer(short)
        case str() | bytes():
            return Bulk(word(short))
        case None:
            return Bulk(None)
        case Sequence():
            return Row(Array, tuple(reply(item) for item in short))
        case _:
            return short


def talk(
    *exchanges: Exchange, fresh: str = "", on: str = "main", seconds: float = ANSWER
) -> tuple[Step, ...]:
    """One command after the other, each answered before the next is sent.

    fresh  keys that are removed first, in one write with the first command
    """
    steps: list[Step] = []
    for at, (words, answer) in enumerate(exchanges):
        removed = fresh and at == 0
        ahead = (cmd(f"DEL {fresh}"),) if removed else ()
        steps.append(send(*ahead, cmd(words), on=on))
        if removed:
            steps.append(replies(ANY_NUMBER, on, seconds))
        steps.append(replies(reply(answer), on, seconds))
    return tuple(steps)


def together(*exchanges: Exchange, fresh: str = "", on: str = "main") -> tuple[Step, ...]:
    """All commands in one write, and then their answers in the same order."""
    first: list[Exchange] = [(f"DEL {fresh}", ANY_NUMBER)] if fresh else []
    everything = [*first, *exchanges]
    return (
        send(*(cmd(words) for words, _ in everything), on=on),
        *(replies(reply(answer), on) for _, answer in everything),
    )


def ask(words: Words, on: str = "main") -> Send:
    """A command whose answer a step of its own looks at."""
    return send(cmd(words), on=on)


__all__ = [
    "ANY_NUMBER",
    "ERR",
    "NEIGHBOUR",
    "NO_ARRAY",
    "NULL",
    "OK",
    "PONG",
    "WRONGTYPE",
    "Matcher",
    "Value",
    "ask",
    "cmd",
    "inline",
    "number",
    "reply",
    "talk",
    "together",
    "word",
]
