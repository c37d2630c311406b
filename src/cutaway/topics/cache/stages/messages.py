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
from dataclasses import dataclass

from ....grade.byhand import printed
from ....grade.matchers import Matcher
from ....grade.play import ANSWER
from ....grade.seeing import named
from ....grade.stage import Step
from ....grade.steps import Send
from ....wire import quoted
from ..messages import Array, Bulk, Command, Integer, Null, Simple, Value
from .replies import Row, Wanted, error, matching, number, replies

Word = str | bytes | int
Words = str | tuple[Word, ...]
Short = Wanted | int | str | bytes | None | Sequence["Short"]
Exchange = tuple[Words, Short]

SHOWN = 8  # words of a command in a report
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


def called(words: Words) -> str:
    """A command as a report names it."""
    shown = [typed(word(each)) for each in split(words)[:SHOWN]]
    return " ".join(shown) + (" …" if len(split(words)) > SHOWN else "")


def typed(text: bytes) -> str:
    plain = text.isascii() and text.decode("ascii").isprintable() and b" " not in text
    if text and plain and len(text) < 30:
        return text.decode("ascii")
    return quoted(text) if len(text) <= 16 else f"{quoted(text[:8])}… ({len(text)} octets)"


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
        ahead = (f"DEL {fresh}",) if removed else ()
        steps.append(ask(words, on, *ahead))
        if removed:
            steps.append(replies(ANY_NUMBER, on, seconds, to=f"DEL {fresh}"))
        steps.append(replies(reply(answer), on, seconds, to=called(words)))
    return tuple(steps)


def together(*exchanges: Exchange, fresh: str = "", on: str = "main") -> tuple[Step, ...]:
    """All commands in one write, and then their answers in the same order."""
    first: list[Exchange] = [(f"DEL {fresh}", ANY_NUMBER)] if fresh else []
    everything = [*first, *exchanges]
    return (
        Ask(b"".join(bytes(cmd(words)) for words, _ in everything), on, says=said(everything)),
        *(replies(reply(answer), on, to=called(words)) for words, answer in everything),
    )


def counted(
    words: Words, each: str, numbers: Sequence[int], prints: str = "", on: str = "main"
) -> Ask:
    r"""One write of what is too long to be typed, yet printed by a short command.

    words    how it begins: a command whose count is that of what `each` makes of it, or nothing
    each     "$6\r\nitem-%d\r\n"; with several %d each number stands in all of them
    prints   a command that prints the numbers; without one they are in a row
    """
    times = each.count("%d")
    parts = "".join(each % ((number,) * times) for number in numbers).encode()
    ahead = cmd_of(words, each.count("$") * len(numbers)) if words else b""
    count = prints or f"seq {numbers[0]} {numbers[-1]}"
    if times > 1:
        count += " | sed 's/.*/" + " ".join(["&"] * times) + "/'"
    form = each.replace("\r\n", "\\r\\n") + "%.0s" * (not times)
    shell = f"printf '{form}' $({count})"
    plain = [part for part in each.split("\r\n") if part[:1] not in ("", "*", "$")]
    first, last = (" ".join(plain).replace("%d", str(numbers[at])) for at in (0, -1))
    told = f"{called(words)} {first} … {last}" if words else f"{first}, … {last}, in one write"
    by_hand = f"{printed(ahead)}; {shell}" if ahead else shell
    return Ask(ahead + parts, on, shell=by_hand, says=told)


def cmd_of(words: Words, more: int) -> bytes:
    """The beginning of a command that has so many words more."""
    whole = bytes(cmd(words))
    count = len(split(words))
    return whole.replace(b"*%d" % count, b"*%d" % (count + more), 1)


@dataclass(frozen=True, slots=True)
class Ask(Send):
    """Commands, which `cutaway explain` tells in words."""

    says: str = ""

    def sketch(self) -> str:
        return f"ask {self.says}{named(self.on)}"


def said(everything: Sequence[Exchange]) -> str:
    """Commands of one write."""
    names = [called(words) for words, _ in everything[:SHOWN]]
    more = f", and {len(everything) - SHOWN} more" if len(everything) > SHOWN else ""
    return f"{', '.join(names)}{more}" + ", in one write" * (len(everything) > 1)


def ask(words: Words, on: str = "main", *ahead: str) -> Ask:
    """A command whose answer is looked at next; `ahead` goes in the same write."""
    everything = [*ahead, words]
    data = b"".join(bytes(cmd(each)) for each in everything)
    return Ask(data, on, says=said([(each, None) for each in everything]))


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
    "called",
    "cmd",
    "counted",
    "inline",
    "number",
    "reply",
    "talk",
    "together",
    "word",
]
