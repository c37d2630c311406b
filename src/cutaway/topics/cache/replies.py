r"""What commands answer, written as octets, and the errors that they answer instead.

    bulk(b"hello")               $5\r\nhello\r\n
    array([integer(1), NIL])     *2\r\n:1\r\n$-1\r\n
    raise WRONG_TYPE             -WRONGTYPE Operation against a key …\r\n

A command returns octets, not values: making a value only to write it would cost a server a fifth of
its time. What looks different in RESP2 and RESP3 (nothing, maps, sets, doubles) is asked of the client
that is answered; see client.py.

Left out: reading. That is values.py, for who receives this.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .messages import Error, Simple, write_aggregate, write_bulk, write_integer

bulk, integer = write_bulk, write_integer

OK = bytes(Simple(b"OK"))
PONG = bytes(Simple(b"PONG"))
QUEUED = bytes(Simple(b"QUEUED"))
ZERO, ONE = integer(0), integer(1)
EMPTY = b"*0\r\n"


class Failure(Exception):
    """A command that cannot be done. text: its first word is the code."""

    def __init__(self, text: str | bytes) -> None:
        octets = text if isinstance(text, bytes) else text.encode()
        self.text = octets.replace(b"\r", b" ").replace(b"\n", b" ")
        super().__init__(self.text)

    def __bytes__(self) -> bytes:
        return bytes(Error(self.text))


class Fixed(Failure):
    """One that always says the same. A class, not a value: an exception that is raised again keeps the
    frames of each time."""

    says = ""

    def __init__(self) -> None:
        super().__init__(self.says)


def fixed(text: str) -> type[Fixed]:
    return type("Fixed", (Fixed,), {"says": text})


def array(items: Sequence[bytes]) -> bytes:
    """Replies that are written already, as an array."""
    return write_aggregate(b"*", items)


def bulks(items: Iterable[bytes]) -> bytes:
    """Octets as an array of bulk strings."""
    return array([write_bulk(item) for item in items])


WRONG_TYPE = fixed("WRONGTYPE Operation against a key holding the wrong kind of value")
SYNTAX = fixed("ERR syntax error")
NOT_INTEGER = fixed("ERR value is not an integer or out of range")
NOT_FLOAT = fixed("ERR value is not a valid float")
OVERFLOW = fixed("ERR increment or decrement would overflow")
NO_KEY = fixed("ERR no such key")
TOO_LONG = fixed("ERR string exceeds maximum allowed size (proto-max-bulk-len)")
OUT_OF_MEMORY = fixed("OOM command not allowed when used memory > 'maxmemory'.")
WEB_PAGE = fixed("ERR this is no web server, and a web page may not talk to it")


def unknown(words: Sequence[bytes]) -> Failure:
    """A page in a browser can have a request sent to any port: its first words are no command, and what
    follows must not be taken for some."""
    if words[0].upper() in (b"POST", b"HOST:"):
        return WEB_PAGE()
    start = b" ".join(b"'%b'" % word[:128] for word in words[1:9])[:128]
    return Failure(
        b"ERR unknown command '%b', with args beginning with: %b" % (words[0][:128], start)
    )


def no_part(name: bytes, part: bytes) -> Failure:
    return Failure(b"ERR unknown subcommand '%b'. Try %b HELP." % (part[:128], name))


def wrong_count(name: bytes) -> Failure:
    return Failure(b"ERR wrong number of arguments for '%b' command" % name.lower())


def number(word: bytes) -> int:
    """A signed decimal number of 64 bits, as strict as a length on the wire: 007 and +5 are none."""
    digits = word[1:] if word[:1] == b"-" else word
    if not digits.isdigit() or (digits[0] == 48 and len(word) > 1) or len(digits) > 19:
        raise NOT_INTEGER
    found = int(word)
    if not -(1 << 63) <= found < 1 << 63:
        raise NOT_INTEGER
    return found


def real(word: bytes) -> float:
    """A number with a fraction, or inf; of -0 the sign is dropped.

    Python's own reading takes underscores and spaces too.
    """
    if not word or b"_" in word or word != word.strip():
        raise NOT_FLOAT
    try:
        found = float(word)
    except ValueError:
        raise NOT_FLOAT from None
    if found != found:
        raise NOT_FLOAT
    return found + 0.0


def written(score: float) -> bytes:
    """A number with a fraction as text: the shortest that reads as the same, whole ones without."""
    if not score.is_integer() or abs(score) > 1e17:
        return repr(score).encode()
    return b"%d" % int(score)
