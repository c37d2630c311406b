r"""Commands from bytes: an array of bulk strings, or a line that a person typed.

    *2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n        (b"ECHO", b"hi")
    ECHO "hi"\r\n                           the same, typed into nc

Nearly all commands are a few short words. Such a one is read by one match of a regular expression,
and the same groups are its labels; only where that does not fit is the command taken word by word,
which finds what is wrong with it, or what is missing. A server that does not want to begin again with
a command of a million words takes `read_count` and `read_word` itself.

A count of 0 or less is a command without words: nobody is asked anything. So is an empty line.

Left out: arrays within a command. It may hold bulk strings only, so it has no depth.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ...wire import Field, Malformed, NeedMore, Reader, Refused
from . import grammar
from .messages import ESCAPES, Command

MOST_WORDS = (1 << 31) - 1
MOST_OCTETS = 512 << 20  # of one word
MOST_INLINE = 64 << 10  # octets of an inline command
RUN = 8  # words that are read at once in a long command
LEAST_WORD = 6  # octets: $0 CR LF CR LF

#: Digits → what they count, for the lengths of short words.
size = {b"%d" % number: number for number in range(1000)}.get

#: A part of a quoted word, or a plain one.
PART = re.compile(rb"\"((?:[^\"\\]|\\.)*+)\"|'((?:[^'\\]|\\.)*+)'|([^\"']++)", re.DOTALL)
ESCAPE = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|(.))", re.DOTALL)


def read_command(r: Reader) -> Command:
    """raises  NeedMore; Malformed; Refused of WORDS, WORD_LENGTH or LINE past the limits
    spec    RESP §Sending commands to a Valkey server
    """
    start = r.pos
    inline = r.ahead(1) not in (b"*", b"")
    command = Command(read_words(r), inline)
    r.group(grammar.COMMAND, start, command)
    return command


def read_words(r: Reader) -> tuple[bytes, ...]:
    """The same for one who wants the words only."""
    start = r.pos
    found = r.match(grammar.SHORT)
    if found is not None:
        # What most commands are, SET key value and GET key, costs no loop.
        count, a, name, b, key, c, value, d, _, _, _ = found
        if count == b"3":
            if (
                d is None
                and size(c) == len(value or b"")
                and size(a) == len(name)
                and size(b) == len(key)
            ):
                return name, key, value
        elif count == b"2":
            if c is None and size(b) == len(key or b"") and size(a) == len(name):
                return name, key
        elif (words := short_words(found)) is not None:
            return words
        r.back(start)
    return read_long(r)


def short_words(found: tuple[Any, ...]) -> tuple[bytes, ...] | None:
    """The words of a short command, or None where its count or a length says otherwise."""
    words = tuple([word for word in found[2::2] if word is not None])
    sizes = [size(digits) for digits in found[1::2] if digits is not None]
    right = int(found[0]) == len(words) and sizes == [len(word) for word in words]
    return words if right else None


def read_long(r: Reader) -> tuple[bytes, ...]:
    """A command word by word, or an inline one."""
    kind, start = r.ahead(1), r.pos
    if not kind:
        raise NeedMore(grammar.TYPE, r.pos + 1)
    if kind != b"*":
        return read_inline(r)
    count, words = read_count(r), list[bytes]()
    try:
        while len(words) < count:
            words.append(read_word(r, first=not words))
            while count - len(words) >= RUN and (some := read_run(r)):
                words += some
    except NeedMore as need:
        raise patient(need, r, start, (count - len(words) - 1) * LEAST_WORD) from None
    return tuple(words)


def read_run(r: Reader) -> Sequence[bytes]:
    """Eight words at once, where they are here and short; else none."""
    start, found = r.pos, r.match(grammar.RUN)
    if found is not None:
        words = found[1::2]
        if [*map(size, found[::2])] == [*map(len, words)]:
            return words
        r.back(start)
    return ()


def patient(need: NeedMore, r: Reader, start: int, behind: int) -> NeedMore:
    """Wait for what is certainly still to come, though no longer than for a quarter more.

    A message is read from its start at each look, so ten thousand values that come one by one must
    not be ten thousand looks.

    behind  octets that come at least behind what `need` is about
    """
    if behind <= 0:
        return need
    have = len(r.data)
    least = need.least if need.mark is None else have + 1
    quarter = have + (have - start) // 4 + 1024
    return NeedMore(need.field, max(least, min(least + behind, quarter)))


def read_count(r: Reader) -> int:
    """How many words follow; 0 where the count is negative.

    spec    RESP §Arrays
    """
    start = r.pos
    found = r.match(grammar.WORDS_SHAPE)
    if found is None:
        raise broken(r, start, b"*", "a count is decimal digits and CR LF")
    count = int(found[0])
    if count > MOST_WORDS:
        raise Refused(grammar.WORDS, MOST_WORDS, start + 1)
    return max(count, 0)


def read_word(r: Reader, first: bool = False) -> bytes:
    """One bulk string of a command. Nothing is set aside for its length before it is here.

    spec    RESP §Bulk strings
    """
    start = r.pos
    found = r.match(grammar.LENGTH_SHAPE)
    if found is None:
        if r.ahead(1) not in (b"$", b""):
            raise r.fail(grammar.WORD_TYPE, start, 1, "a word of a command begins with $")
        raise broken(r, start, b"$", "a length is decimal digits and CR LF")
    size = int(found[0])
    if size < 0:
        raise r.fail(
            grammar.WORD_LENGTH, start + 1, 2, "a word of a command has no negative length"
        )
    if size > MOST_OCTETS:
        raise Refused(grammar.WORD_LENGTH, MOST_OCTETS, start + 1)
    return read_octets(r, size, grammar.NAME if first else grammar.ARGUMENT)


def read_octets(r: Reader, size: int, field: Field) -> bytes:
    """As many octets, and the line end behind them."""
    least = r.pos + size + 2
    if len(r.data) < least:
        if len(r.data) == least - 1 and not r.data.endswith(b"\r"):
            raise unended(r, least - 2)
        raise NeedMore(field, least)
    data = r.take(size, field)
    if r.match(grammar.DATA_END_SHAPE) is None:
        raise unended(r, r.pos)
    return data


def unended(r: Reader, at: int) -> Malformed:
    return r.fail(grammar.DATA_END, at, 2, "CR LF has to follow as many octets as the length said")


def broken(r: Reader, start: int, kind: bytes, why: str) -> NeedMore | Malformed:
    """Why there is no line of this type at `start`: not all here, or never right."""
    so_far, field = grammar.SO_FAR[kind](r.data, start + 1), grammar.ABOUT[kind]
    end = so_far.end() if so_far is not None else start + 1
    if end >= len(r.data):
        if not r.data.endswith(b"\n", start):
            return NeedMore(field, len(r.data) + 1)
        end = start + 1
    return r.fail(field, end, 1, why)


def read_inline(r: Reader) -> tuple[bytes, ...]:
    """A command as a line.

    spec    RESP §Inline commands
    """
    start, at = r.pos, r.where(b"\n")
    if at < 0 or at - start > MOST_INLINE:
        r.until(grammar.LF, grammar.LINE, MOST_INLINE, wide=1)  # raises: it is not there
    if r.match(grammar.BLANK_SHAPE):
        return ()
    end = at - 1 if r.data[at - 1 : at] == b"\r" else at
    words = r.every(grammar.INLINE_SHAPE, end, grammar.LINE)
    if words is None:
        raise r.fail(grammar.INLINE_WORD, start, end - start, "a quote is open at the end")
    r.match(grammar.LINE_END_SHAPE)
    return tuple([unquoted(word) for word in words])


def unquoted(word: bytes) -> bytes:
    """What an inline word stands for."""
    if b'"' not in word and b"'" not in word:
        return word
    return b"".join(map(unquoted_part, PART.finditer(word)))


def unquoted_part(found: re.Match[bytes]) -> bytes:
    double, single, bare = found.groups()
    if double is not None:
        return ESCAPE.sub(unescaped, double)
    return bare if single is None else single.replace(b"\\'", b"'")


def unescaped(found: re.Match[bytes]) -> bytes:
    digits, letter = found.groups()
    return bytes([int(digits, 16)]) if digits else ESCAPES.get(letter, letter)
