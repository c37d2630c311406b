"""What a protocol furnishes so that it can be loaded: requests to send, and where an answer ends.

    class Ping:                                   the smallest plug there is
        name = "ping"
        def request(self, number): return b"PING\\r\\n"
        def reader(self): return Line()

    class Line:
        def feed(self, data):                     whatever came, whole or in pieces
            return Answer("PONG") if data.endswith(b"\\n") else None
        def end(self):                            the server closed
            return None

Every connection has a reader of its own, so an answer that comes in a thousand pieces is looked at
once. A reader keeps no body: it counts the octets. It raises WireError for what is no answer.

One request at a time is under way on a connection; what a reader finds behind the end of an answer
belongs to nobody, and it says so with `keep=False`.

Left out: pipelining and multiplexing. With one request a connection, what one answer took is plain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol


class Answer(NamedTuple):
    """status: as people say it, such as "200"; ok: not an error; keep: the connection goes on."""

    status: str
    ok: bool = True
    keep: bool = True


class Reader(Protocol):
    """Finds the ends of the answers on one connection."""

    def feed(self, data: bytes) -> Answer | None:
        """The answer, once these octets complete it. Raises WireError."""

    def end(self) -> Answer | None:
        """The answer, where the end of the connection completes it."""


class Plug(Protocol):
    """name: what is sent, in a few words, such as `GET http://127.0.0.1:8080/`."""

    @property
    def name(self) -> str: ...

    def request(self, number: int) -> bytes:
        """The octets of the request with that number, from 0."""

    def reader(self) -> Reader:
        """For one connection."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person wants to be sent. A topic makes its plug from it; "" and () were not given.

    url  as typed, its scheme included
    """

    url: str
    method: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
