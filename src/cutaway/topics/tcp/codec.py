r"""Bytes into messages, three ways, because TCP has none of its own.

TCP is "a reliable, in-order, byte-stream service" (RFC 9293 §2.2): it keeps octets in order and
forgets where one `send` ended. What a message is has to be agreed on top of it:

    raw      68 65 6c 6c 6f                   whatever arrived so far
    lines    68 65 6c 6c 6f 0a                up to LF: simple to type, cannot carry LF
    frames   00 00 00 05 68 65 6c 6c 6f       a length first: carries anything, cannot be typed

    >>> read_line(Reader(b"hello\nwor"))
    Line(text=b'hello')
    >>> read_frame(Reader(bytes.fromhex("00000005 68656c6c6f")))
    Frame(payload=b'hello')

Each way has its own failure. A delimiter that never comes would be waited for until the memory is
full, so a line has a limit. A length is believed before anything behind it has been seen, so it is
compared with the limit before a single octet is set aside for it. Raw bytes cannot fail, and
cannot be divided either: two messages that arrive together are one.

Left out: framing by fixed size, and self-describing data (JSON knows where it ends, at the price
of reading all of it).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from cutaway.wire import (
    Annotator,
    Field,
    Layout,
    NeedMore,
    Place,
    Reader,
    Refused,
    Shape,
    places,
)

LINE_LIMIT = 4096  # octets before the LF
FRAME_LIMIT = 1 << 20  # octets of payload

ARRIVED = Field(
    "payload",
    "what has arrived so far; a stream does not say how many writes it was",
    "RFC 9293 §2.2",
)

TEXT = Field(
    "line",
    "up to 4096 octets, any but LF; a CR is one of them and goes back too",
    "contract: lines",
)
LF = Field("LF", "the end of the line; it goes back with it", "contract: lines")
WHOLE_LINE = Shape(rb"([^\n]{0,%d})(\n)" % LINE_LIMIT, TEXT, LF)
END_OF_LINE = re.compile(rb"\n")

HEADER = Layout(
    "contract: frames",
    (
        "length",
        32,
        "octets of payload that follow, most significant first; the four of the length are not"
        " counted; 0 is a heartbeat, more than 1048576 ends the connection",
    ),
)
LENGTH = HEADER.rows[0][0]
PAYLOAD = Field("payload", "as many octets as the length says, of any value", "contract: frames")
FRAME = Field("frame", "a length and its payload", "contract: frames")


@dataclass(frozen=True, slots=True)
class Bytes:
    """What arrived on a raw connection, in one piece or many."""

    payload: bytes

    def __bytes__(self) -> bytes:
        return self.payload


@dataclass(frozen=True, slots=True)
class Line:
    """`text` is without the LF that ended it."""

    text: bytes

    def __bytes__(self) -> bytes:
        return write_line(self)


@dataclass(frozen=True, slots=True)
class Frame:
    """An empty payload is a heartbeat."""

    payload: bytes

    def __bytes__(self) -> bytes:
        return write_frame(self)


def read_bytes(r: Reader) -> Bytes:
    """All that is there. Raises NeedMore where nothing is."""
    if r.pos == len(r.data):
        raise NeedMore(ARRIVED, r.pos + 1)
    return Bytes(r.rest(ARRIVED))


def read_line(r: Reader) -> Line:
    """Raises NeedMore, and Refused for more than 4096 octets without LF."""
    found = r.match(WHOLE_LINE)
    if found is not None:
        return Line(found[0])
    if len(r.data) - r.pos > LINE_LIMIT:
        raise Refused(TEXT, LINE_LIMIT, r.pos)
    raise NeedMore(TEXT, r.pos + LINE_LIMIT + 1, END_OF_LINE, len(r.data))


def write_line(line: Line) -> bytes:
    return line.text + b"\n"


def read_frame(r: Reader) -> Frame:
    """Raises NeedMore, and Refused for a length above 1048576, before its payload is waited for."""
    start = r.pos
    (length,) = r.fixed(HEADER)
    if length > FRAME_LIMIT:
        raise Refused(LENGTH, FRAME_LIMIT, start)
    frame = Frame(r.take(length, PAYLOAD))
    r.group(FRAME, start, frame)
    return frame


def write_frame(frame: Frame) -> bytes:
    return HEADER.join(len(frame.payload)) + frame.payload


# In each codec one function reads both directions, and the end completes nothing of its own: a line
# has its LF and a frame its length, or neither is one.


class Raw:
    """`$PORT`: a message is what has arrived so far."""

    name = "raw"
    to_server = to_client = at_end = staticmethod(read_bytes)

    def locate(self, a: Annotator, message: Bytes, name: str, key: str | None) -> tuple[Any, Place]:
        if name == "payload":
            return message.payload, places(a, ARRIVED)
        raise KeyError(name)


class Lines:
    """`$LINES_PORT`: a message ends with LF."""

    name = "lines"
    to_server = to_client = at_end = staticmethod(read_line)

    def resume(self, data: bytes, since: int, to_server: bool) -> int:
        """Behind the next LF a line begins, or -1."""
        return data.find(b"\n", since) + 1 or -1

    def locate(self, a: Annotator, message: Line, name: str, key: str | None) -> tuple[Any, Place]:
        if name == "line":
            return message.text, places(a, TEXT) or [(at, at) for at, _ in places(a, LF)]
        raise KeyError(name)


class Frames:
    """`$FRAMES_PORT`: a message says first how long it is."""

    name = "frames"
    to_server = to_client = at_end = staticmethod(read_frame)

    def locate(self, a: Annotator, message: Frame, name: str, key: str | None) -> tuple[Any, Place]:
        if name == "length":
            return len(message.payload), places(a, LENGTH)
        if name == "payload":
            return message.payload, places(a, PAYLOAD) or [(at, at) for _, at in places(a, LENGTH)]
        raise KeyError(name)
