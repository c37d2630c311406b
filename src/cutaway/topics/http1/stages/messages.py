"""Requests that many cases send, and what they look for in answers.

    get(b"/echo/alpha")            GET /echo/alpha HTTP/1.1, Host: localhost
    post(b"alpha")                 POST /echo with its Content-Length
    chunked(b"5\\r\\nalpha\\r\\n0\\r\\n\\r\\n")   POST /echo with a body that is written by hand
    head(b"POST /echo HTTP/1.1", HOST, b"Content-Length: +5")   lines, right or wrong

What must be wrong on purpose is written as lines, so that a case shows the octets that it is about.

Left out: the cases.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from ....grade.matchers import Matcher, matching, shown
from ....grade.outcomes import Failed
from ....grade.play import ANSWER, Line, Play
from ....grade.stage import Step
from ....grade.verdict import Reached
from ....wire import Annotator, Place, places, quoted
from ..codec import Http1
from ..grammar import SIZE
from ..messages import Fields, Request, Response

HOST = b"Host: localhost"
POST = b"POST /echo HTTP/1.1"
MIB = 1 << 20
STATUS_LINE = b"HTTP/"


def get(
    target: bytes,
    *fields: tuple[bytes, bytes],
    method: bytes = b"GET",
    version: bytes = b"HTTP/1.1",
    body: bytes = b"",
) -> Request:
    """A request as most clients send it; a body brings its Content-Length."""
    all_fields: Fields = ((b"Host", b"localhost"), *fields)
    if body:
        all_fields += ((b"Content-Length", b"%d" % len(body)),)
    return Request(method=method, target=target, version=version, fields=all_fields, body=body)


def post(body: bytes, *fields: tuple[bytes, bytes], target: bytes = b"/echo") -> Request:
    """A POST with a Content-Length, also of an empty body."""
    length = (b"Content-Length", b"%d" % len(body))
    return Request(
        method=b"POST",
        target=target,
        fields=((b"Host", b"localhost"), *fields, length),
        body=body,
    )


def head(*lines: bytes) -> bytes:
    """These lines and the blank one behind them."""
    return b"".join(line + b"\r\n" for line in lines) + b"\r\n"


def chunked(body: bytes, *lines: bytes) -> bytes:
    """A POST /echo whose chunks are written by hand."""
    return head(POST, HOST, *lines, b"Transfer-Encoding: chunked") + body


alpha = get(b"/echo/alpha")
bravo = get(b"/echo/bravo")
charlie = get(b"/echo/charlie")
goodbye = get(b"/echo/alpha", (b"Connection", b"close"))
smuggled = get(b"/echo/smuggled")
#: Sent in the same write ahead of a case's first request when it is played merged.
NEIGHBOUR = (get(b"/echo/neighbour"), {"status": 200, "body": b"neighbour"})


class Patient(Http1):
    """A client that knows 100 (Continue), and counts chunks: one name more for `expect`."""

    def interim(self, message: Response) -> bool:
        """Whether the real answer is still to come."""
        return 100 <= message.status < 200

    def locate(
        self, a: Annotator, message: Request | Response, name: str, key: str | None = None
    ) -> tuple[Any, Place]:
        if name != "chunks":
            return super().locate(a, message, name, key)
        return len(message.chunk_sizes), places(a, SIZE)


@dataclass(frozen=True, slots=True)
class NoContent(Step):
    """What comes next begins as an answer does, or the connection ends: the last one had no content.

    The request whose answer is to come next has been sent by now. Without this step, content that
    should not be there is read as the status line of that answer, and is told as a wrong version.
    """

    def run(self, play: Play) -> None:
        line, began = play.line(), time.monotonic()
        while self._could_begin(line) and line.unread < len(STATUS_LINE):
            if not play.more(line, began, ANSWER):
                return  # and the next step says what is missing
        if self._could_begin(line):
            return
        content = line.data()[line.read :].partition(STATUS_LINE)[0]
        raise Failed(
            Reached.AS_ASKED,
            "nothing behind the blank line but the next answer, or a close",
            f"content: {quoted(content, 40)}",
            line=line,
            offset=line.read,
            length=len(content),
        )

    def _could_begin(self, line: Line) -> bool:
        return STATUS_LINE.startswith(line.data()[line.read : line.read + len(STATUS_LINE)])

    def sketch(self) -> str:
        return "nothing but the next answer follows its blank line"


def no_content() -> NoContent:
    return NoContent()


def members(value: bytes) -> list[bytes]:
    """The members of a list field, in lower case."""
    return [part.strip(b" \t").lower() for part in value.split(b",")]


def lists(*wanted: bytes) -> Matcher:
    """A list field with at least these members, in any order and case."""
    names = [name.lower() for name in wanted]
    says = " and ".join(name.decode() for name in wanted)
    return Matcher(
        f"a list with {says} in it",
        lambda found: found is not None and all(name in members(found) for name in names),
    )


def absent_or(value: bytes) -> Matcher:
    """No such field, or one with this value."""
    return Matcher(
        f"nothing of that name, or {value.decode()}", lambda found: found in (None, value)
    )


DAYS = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
MONTHS = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
DATED = matching(
    DAYS + rb", \d\d " + MONTHS + rb" \d{4} \d\d:\d\d:[0-6]\d GMT",
    "a date such as Sat, 21 Nov 2026 02:00:00 GMT",
)
TYPED = matching(rb"[!#$%&'*+.^_`|~\w-]+/[!#$%&'*+.^_`|~\w-]+(?:[ \t]*;.*)?", "a media type")


def absent_or_like(wanted: Matcher) -> Matcher:
    """No such field, or one that matches."""
    return Matcher(
        f"nothing of that name, or {wanted.says}",
        lambda found: found is None or wanted.matches(found),
    )


def lines_of(body: bytes) -> list[bytes]:
    """The lines of a listing, whether LF or CR LF ends them, without white space at their end."""
    return [line.rstrip(b" \t\r") for line in body.split(b"\n")]


def with_lines(*wanted: bytes) -> Matcher:
    """A listing with these lines among others, in any order."""
    says = " and ".join(shown(line) for line in wanted)
    return Matcher(
        f"the line {says}",
        lambda found: {line.rstrip(b" \t") for line in wanted} <= set(lines_of(found)),
    )


def in_order(first: bytes, second: bytes) -> Matcher:
    """A listing with these two lines, the first one ahead of the second."""

    def matches(found: bytes) -> bool:
        lines = lines_of(found)
        return first in lines and second in lines[lines.index(first) :]

    return Matcher(f"the line {shown(first)} and then {shown(second)}", matches)


def either(*choices: Matcher) -> Matcher:
    """What one of these matches."""
    says = ", or ".join(choice.says for choice in choices)
    return Matcher(says, lambda found: any(choice.matches(found) for choice in choices))


def never(part: bytes, says: str) -> Matcher:
    """Octets in which `part` does not stand, in any case."""
    return Matcher(says, lambda found: part.lower() not in found.lower())


def without_line(line: bytes) -> Matcher:
    """A listing in which no line begins like this, wherever lines end."""
    return Matcher(
        f'no line "{line.decode()}"',
        lambda found: (
            not any(
                one.lower().startswith(line) for one in found.replace(b"\r", b"\n").split(b"\n")
            )
        ),
    )
