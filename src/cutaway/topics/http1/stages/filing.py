"""Requests on /files/, and what they look for in answers.

    read(b"a.txt")                         GET /files/a.txt
    put(b"a.txt", b"one")                  PUT with its Content-Length
    read(b"a.txt", none_match(b"{tag}"))   {tag} is filled in with what an answer had

Left out: the cases.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ....grade.firsthand import laid
from ....grade.matchers import Matcher, between, matching, one_of
from ....grade.play import Failed, Play
from ....grade.running import SECRET
from ....grade.stage import Step
from ....wire import Annotator, Place
from ..codec import Http1
from ..messages import Fields, Request, Response

HOST: Fields = ((b"Host", b"localhost"),)
Field = tuple[bytes, bytes]

STORED = one_of(200, 201, 204)
REPLACED = one_of(200, 204)
REFUSED = between(400, 499, "a 4xx status")

STRONG_TAG = matching(rb'"[!#-~\x80-\xff]*"', 'a strong entity tag, such as "abc"')
TAG = matching(rb'(?:W/)?"[!#-~\x80-\xff]*"', 'an entity tag, such as "abc"')


def read(name: bytes, *fields: Field, method: bytes = b"GET") -> Request:
    return Request(method=method, target=b"/files/" + name, fields=HOST + fields)


def put(name: bytes, body: bytes, *fields: Field) -> Request:
    length = (b"Content-Length", b"%d" % len(body))
    fields = (*HOST, *fields, length)
    return Request(method=b"PUT", target=b"/files/" + name, fields=fields, body=body)


def remove(name: bytes, *fields: Field) -> Request:
    return read(name, *fields, method=b"DELETE")


def look(name: bytes, *fields: Field) -> Request:
    return read(name, *fields, method=b"HEAD")


def match(tags: bytes) -> Field:
    return (b"If-Match", tags)


def none_match(tags: bytes) -> Field:
    return (b"If-None-Match", tags)


def part(ranges: bytes) -> Field:
    return (b"Range", ranges)


def accepting(codings: bytes) -> Field:
    return (b"Accept-Encoding", codings)


def content_range(first: int, last: int, size: int) -> Matcher:
    """The size may be left unknown, and the unit in any case."""
    says = f"bytes {first}-{last}/{size}"
    return matching(rb"(?i:bytes) %d-%d/(?:%d|\*)" % (first, last, size), says)


def unsatisfied(size: int) -> Matcher:
    return matching(rb"(?i:bytes) \*/%d" % size, f"bytes */{size}")


def gunzipped(data: bytes) -> bytes | None:
    """What it decodes to, up to 64 MiB; None when it is no gzip, or something stands behind it."""
    undo = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        plain = undo.decompress(data, 64 << 20)
    except zlib.error:
        return None
    return plain if undo.eof and not undo.unused_data else None


def gzip_of(plain: bytes) -> Matcher:
    """Octets that decode to `plain`."""
    return Matcher(
        f"gzip that decodes to the {len(plain)} bytes of the file",
        lambda found: gunzipped(found) == plain,
    )


def plain_or_gzip_of(plain: bytes) -> Matcher:
    return Matcher(
        f"the {len(plain)} bytes of the file, or gzip that decodes to them",
        lambda found: found == plain or gunzipped(found) == plain,
    )


IN_GZIP = matching(rb"(?i:x-)?(?i:gzip)", "gzip")
NOT_GZIP = Matcher("anything but gzip", lambda found: found is None or not IN_GZIP.matches(found))
VARIES = Matcher(
    "a list with Accept-Encoding in it, or *",
    lambda found: (
        found is not None
        and bool({b"accept-encoding", b"*"} & {x.strip(b" \t").lower() for x in found.split(b",")})
    ),
)


class Counted(Http1):
    """One name more for `expect`: `length of a 204`, nothing for any other status."""

    def locate(
        self, a: Annotator, message: Request | Response, name: str, key: str | None = None
    ) -> tuple[Any, Place]:
        if name != "length of a 204":
            return super().locate(a, message, name, key)
        found, place = super().locate(a, message, "header", "content-length")
        is_204 = isinstance(message, Response) and message.status == 204
        return (found if is_204 else None), place


WITHOUT_LENGTH: Mapping[str, Any] = {"length of a 204": None}


@dataclass(frozen=True, slots=True)
class LaysOutside(Step):
    """outside.txt lies beside $DATA_DIR: there is something to be shown or spoiled."""

    def run(self, play: Play) -> None:
        if play.running.program is not None:
            (play.running.folder / "outside.txt").write_bytes(SECRET)
            play.acts.append(laid("../outside.txt", SECRET))

    def sketch(self) -> str:
        return "a file outside.txt lies beside $DATA_DIR"


@dataclass(frozen=True, slots=True)
class OutsideIsWhole(Step):
    """What lies beside $DATA_DIR is what lay there, and nothing of that name was added."""

    added: str

    def run(self, play: Play) -> None:
        if play.running.program is None:
            return
        folder = play.running.folder
        if (folder / self.added).exists():
            self._fail(f"../{self.added} is there now")
        outside = folder / "outside.txt"
        if not outside.exists():
            self._fail("../outside.txt is gone")
        if outside.read_bytes() != SECRET:
            self._fail("../outside.txt has other content now")

    def _fail(self, found: str) -> None:
        raise Failed("stays inside", "nothing outside of $DATA_DIR to be written", found)

    def sketch(self) -> str:
        return "nothing outside of $DATA_DIR was written"


def outside_is_whole(added: str = "escaped.txt") -> OutsideIsWhole:
    return OutsideIsWhole(added)


def lays_outside() -> LaysOutside:
    return LaysOutside()
