"""Answers, and the octets that they become.

    Answer(200, b"alpha", b"Content-Type: text/plain\\r\\n")

    HTTP/1.1 200 OK\\r\\n                             ┐ made once a second for each status
    Date: Sat, 21 Nov 2026 02:00:00 GMT\\r\\n          ┘
    Content-Type: text/plain\\r\\n                     the answer's own fields
    Content-Length: 5\\r\\n                            or Transfer-Encoding: chunked
    \\r\\n
    alpha

What the connection adds (`Connection: close`) and leaves out (the body, after HEAD) is decided
here too, so that what an application says is the same for GET and HEAD.

Left out: the Server field. It tells an attacker more than a client.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from .grammar import STATUSES

TEXT = b"Content-Type: text/plain; charset=utf-8\r\n"
#: A body never follows these, nor a 1xx. Spec: RFC 9110 §15.3.5, §15.4.5.
NO_CONTENT = frozenset({204, 304})

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass(slots=True)
class Answer:
    """What an application says.

    body    octets, or pieces that come by and by
    fields  field lines, each with its CR LF
    length  octets of pieces in all; None: not known, so they go out chunked
    wait    seconds before it is sent
    done    called once when nothing more of it is sent, for what has to be closed
    """

    status: int
    body: bytes | Iterator[bytes] = b""
    fields: bytes = b""
    length: int | None = None
    wait: float = 0.0
    done: Callable[[], None] | None = None


def text(status: int, sentence: str, fields: bytes = b"") -> Answer:
    """A line for a person to read."""
    return Answer(status, sentence.encode() + b"\n", TEXT + fields)


class Dated:
    """Status line and Date field for each status, made anew when the second changes.

    A server sends Date with all but the 1xx and 5xx answers, where it may leave it out.

    spec    RFC 9110 §6.6.1
    """

    def __init__(self) -> None:
        self.until = 0
        self.lines: dict[int, bytes] = {}

    def line(self, status: int) -> bytes:
        now = time.time()
        if now >= self.until:
            self.until, self.lines = int(now) + 1, {}
        return self.lines.get(status) or self.make(status)

    def make(self, status: int) -> bytes:
        line = status_line(status) + b"Date: %s\r\n" % http_date(self.until - 1)
        self.lines[status] = line
        return line


dated = Dated()


def status_line(status: int) -> bytes:
    return b"HTTP/1.1 %d %s\r\n" % (status, STATUSES[status].encode())


def http_date(seconds: float) -> bytes:
    """IMF-fixdate, in English whatever the locale is.

    spec    RFC 9110 §5.6.7
    """
    t = time.gmtime(seconds)
    day, month = WEEKDAYS[t.tm_wday], MONTHS[t.tm_mon - 1]
    clock = f"{t.tm_hour:02}:{t.tm_min:02}:{t.tm_sec:02}"
    return f"{day}, {t.tm_mday:02} {month} {t.tm_year:04} {clock} GMT".encode()


def persistence(old: bool, last: bool) -> bytes:
    """What the client has to be told: 1.1 goes on unless told, 1.0 ends unless told.

    spec    RFC 9112 §9.3
    """
    if last:
        return b"Connection: close\r\n"
    return b"Connection: keep-alive\r\n" if old else b""


def length_line(answer: Answer, old: bool) -> bytes:
    """How the client finds the end. To HTTP/1.0 what has no length ends with the connection.

    spec    RFC 9112 §6.1, §6.2; RFC 9110 §8.6
    """
    if answer.status in NO_CONTENT:
        return b""
    if isinstance(answer.body, bytes):
        return b"Content-Length: %d\r\n" % len(answer.body)
    if answer.length is not None:
        return b"Content-Length: %d\r\n" % answer.length
    return b"" if old else b"Transfer-Encoding: chunked\r\n"


def write_head(answer: Answer, old: bool, last: bool) -> bytes:
    """The head of an answer, with its blank line.

    old     the client speaks HTTP/1.0
    last    the connection ends behind this answer
    """
    line, length = dated.line(answer.status), length_line(answer, old)
    if old or last:
        length += persistence(old, last)
    return b"%s%s%s\r\n" % (line, answer.fields, length)


def chunked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Pieces as chunks, and what ends them. An empty piece would end them early.

    spec    RFC 9112 §7.1
    """
    for piece in pieces:
        if piece:
            yield b"%x\r\n%s\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"
