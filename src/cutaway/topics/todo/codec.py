r"""A to-do as the reference keeps it, in the store and in the cache alike.

    todo 3 96 5d0c41aa\r\n
    {"id": "k3Jx…", "title": "buy milk", "done": false, "created": "2026-11-21T08:00:00Z"}\r\n
         │ │  ╰ CRC-32 of the JSON
         │ ╰ octets of the JSON
         ╰ version: 1, and one more with every change

The JSON is what goes out to clients, octet for octet. So a read that the cache answers parses nothing
and writes nothing: it copies. The line before it says what a cache may have got wrong: half of an
entry, another program's, another to-do's. The version and the checksum together are the strong tag
(ETag): two states of a to-do never share one.

    read_kept(Reader(bytes(kept))) == kept
    believed(octets, "k3Jx")            the to-do, or None

What passes on the wire is HTTP and RESP, which have codecs of their own.

Left out: a version of the format. The word in front would be another one.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ...wire import Field, Malformed, Reader, Shape, WireError

OURS = "contract"
LINE = Field("line", "version, octets and checksum of the JSON that follows", OURS)
WORD = Field("word", "what this is", OURS)
SPACE = Field("space", "one space", OURS)
VERSION = Field("version", "1, and one more with every change", OURS)
SIZE = Field("size", "octets of the JSON", OURS)
CHECKSUM = Field("checksum", "CRC-32 of the JSON, in hexadecimal digits", OURS)
END = Field("line end", "CR LF", OURS)
JSON = Field("json", "the to-do as clients get it", "RFC 8259 §4")
KEPT = Field("to-do", "one to-do as it is kept", OURS)

LONGEST_LINE = 48
SHAPE = Shape(
    rb"(todo)( )([1-9][0-9]{0,14})( )([1-9][0-9]{0,5})( )([0-9a-f]{8})(\r\n)",
    *(WORD, SPACE, VERSION, SPACE, SIZE, SPACE, CHECKSUM, END),
    keep=(3, 5, 7),
)


@dataclass(frozen=True)
class Kept:
    """version: from 1 on. body: the JSON."""

    version: int
    body: bytes

    def __bytes__(self) -> bytes:
        sizes = self.version, len(self.body), zlib.crc32(self.body), self.body
        return b"todo %d %d %08x\r\n%b\r\n" % sizes

    @property
    def tag(self) -> bytes:
        """The entity tag, quotes included.

        spec    RFC 9110 §8.8.3
        """
        return b'"%d-%08x"' % (self.version, zlib.crc32(self.body))

    @cached_property
    def fields(self) -> dict[str, Any]:
        """The members of the JSON."""
        return dict(json.loads(self.body))


def make(version: int, ident: str, title: str, done: bool, created: str) -> Kept:
    """A to-do from its parts."""
    members = {"id": ident, "title": title, "done": done, "created": created}
    return Kept(version, json.dumps(members, ensure_ascii=False).encode())


def read_kept(r: Reader) -> Kept:
    """One of them. Raises NeedMore, Malformed, Refused."""
    start = r.pos
    r.line(LINE, LONGEST_LINE)
    end = r.pos
    r.back(start)
    line = r.match(SHAPE)
    if line is None:
        raise r.fail(LINE, start, end - start, "no to-do is kept like this")
    version, size, checksum = line
    body = r.take(int(size), JSON)
    at = r.pos
    if r.take(2, END) != b"\r\n":
        raise r.fail(END, at, 2, "the JSON is longer than its size")
    if zlib.crc32(body) != int(checksum, 16):
        raise Malformed(CHECKSUM, end - 10, checksum, "it fits other octets")
    kept = Kept(int(version), body)
    r.group(KEPT, start, kept)
    return kept


def believed(octets: object, ident: str) -> Kept | None:
    """The to-do of this id, where the octets are nothing else and nothing less."""
    if not isinstance(octets, bytes):
        return None
    r = Reader(octets)
    try:
        kept = read_kept(r)
    except WireError:
        return None
    whose = kept.body.startswith(b'{"id": "%s", ' % ident.encode())
    return kept if whose and r.pos == len(octets) else None
