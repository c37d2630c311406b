"""Requests and responses as values: frozen, compared whole, written by `bytes`.

    bytes(Request(b"GET", b"/echo/alpha", fields=((b"Host", b"a"),)))
    == b"GET /echo/alpha HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n"

Field lines are kept as they came, in their order and in their case: a message that was read is
written again octet for octet, but for white space around values and for chunk extensions.

Left out: any check. A message may be wrong on purpose, since a grader has to send such ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

Fields = tuple[tuple[bytes, bytes], ...]


def values(fields: Fields, name: bytes) -> list[bytes]:
    """The values of every field line of that name, in any case."""
    wanted = name.lower()
    return [value for key, value in fields if key.lower() == wanted]


def combined(fields: Fields, name: bytes) -> bytes | None:
    """The values of that name as one, joined as a list; None when there is none.

    spec    RFC 9110 §5.3
    """
    found = values(fields, name)
    return b", ".join(found) if found else None


class RequestHead(NamedTuple):
    """A request up to its blank line."""

    method: bytes
    target: bytes
    version: bytes
    fields: Fields


class ResponseHead(NamedTuple):
    """A response up to its blank line."""

    version: bytes
    status: int
    reason: bytes
    fields: Fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What requests and responses share.

    framing      how the end of the body is known: none, length, chunked or close. When empty,
                 a message is written chunked if its fields say so
    chunk_sizes  octets in each chunk of the body; what they leave over is written as one more
    """

    fields: Fields = ()
    body: bytes = b""
    trailers: Fields = ()
    framing: str = ""
    chunk_sizes: tuple[int, ...] = ()

    def value(self, name: bytes) -> bytes | None:
        """The value of a header field, repeated ones joined by comma and space."""
        return combined(self.fields, name)

    def values(self, name: bytes) -> list[bytes]:
        """The values of every field line of that name."""
        return values(self.fields, name)

    def start_line(self) -> bytes:
        raise NotImplementedError

    def __bytes__(self) -> bytes:
        body = b"".join(self.chunks()) if self.is_chunked() else self.body
        return self.start_line() + write_fields(self.fields) + b"\r\n" + body

    def is_chunked(self) -> bool:
        coding = self.value(b"Transfer-Encoding") or b""
        return self.framing == "chunked" or (not self.framing and b"chunked" in coding.lower())

    def chunks(self) -> Iterator[bytes]:
        """The body as chunks, each with its size, and what ends it."""
        at = 0
        for size in self.chunk_sizes:
            yield write_chunk(self.body[at : at + size])
            at += size
        if self.body[at:]:
            yield write_chunk(self.body[at:])
        yield b"0\r\n%s\r\n" % write_fields(self.trailers)


@dataclass(frozen=True, slots=True)
class Request(Message):
    """What a client asks."""

    method: bytes = b"GET"
    target: bytes = b"/"
    version: bytes = b"HTTP/1.1"

    def start_line(self) -> bytes:
        return b"%s %s %s\r\n" % (self.method, self.target, self.version)


@dataclass(frozen=True, slots=True)
class Response(Message):
    """What a server answers."""

    status: int = 200
    reason: bytes = b"OK"
    version: bytes = b"HTTP/1.1"

    def start_line(self) -> bytes:
        return b"%s %d %s\r\n" % (self.version, self.status, self.reason)


def write_fields(fields: Fields) -> bytes:
    """Field lines, without the blank line behind them."""
    return b"".join([b"%s: %s\r\n" % field for field in fields])


def write_chunk(data: bytes) -> bytes:
    """One chunk. `data` must not be empty: an empty chunk would end the body."""
    return b"%x\r\n%s\r\n" % (len(data), data)
