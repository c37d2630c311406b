"""A server with files, a thread for each client, and some that are each wrong in one way.

    PORT=8080 DATA_DIR=/tmp/data python -m tests.topics.http1.keeper Keeper

`Keeper` adds to `Plain` what the later stages ask for, as somebody might write it at the end of them.
It is a program of its own, since these stages lay links, look at memory and send signals.

Left out: time limits, streaming and drain.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import signal
import socket
import sys
import threading
from pathlib import Path

from tests.topics.http1.plain import Fields, Plain, Refuse, values

Answer = tuple[int, Fields, bytes]
TAGS = re.compile(rb'(?:W/)?"[^"]*"')
LOCK = threading.Lock()


class Keeper(Plain):
    """Right, but for what streams and what ends."""

    def act(self, method: bytes, target: bytes, fields: Fields, body: bytes) -> Answer:
        segments = self.segments(target)
        if segments[0] != b"files" or len(segments) != 2:
            return super().act(method, target, fields, body)
        path = self.path(segments[1])
        with LOCK:
            return self.file(method, path, fields, body)

    def path(self, name: bytes) -> Path:
        """Where it lies; refused when that is not directly in the folder."""
        self.check(name)
        path = Path(os.environ["DATA_DIR"]) / os.fsdecode(name)
        if path.is_symlink():
            raise Refuse(403)
        return path

    def check(self, name: bytes) -> None:
        if name in (b"", b".", b"..") or b"/" in name or b"\0" in name:
            raise Refuse(404)

    def file(self, method: bytes, path: Path, fields: Fields, body: bytes) -> Answer:
        there = path.is_file()
        content = path.read_bytes() if there else b""
        if method not in (b"GET", b"HEAD", b"PUT", b"DELETE"):
            return 405, [(b"Allow", b"GET, HEAD, PUT, DELETE")], b""
        if not there and method != b"PUT":
            return 404, [], b"no such file\n"
        zipped = method in (b"GET", b"HEAD") and self.zips(fields, content)
        etag = self.tagged(self.etag(path, content), zipped) if there else b""
        about = self.about(etag)
        if status := self.condition(method, fields, there, etag):
            return status, about, b""
        if method == b"PUT":
            self.store(path, body)
            return (self.replaced() if there else 201), [], b""
        if method == b"DELETE":
            path.unlink()
            return 204, [], b""
        if zipped:
            return 200, [*about, (b"Content-Encoding", b"gzip")], gzip.compress(content)
        return self.part(method, fields, content, about)

    def replaced(self) -> int:
        return 204

    def store(self, path: Path, body: bytes) -> None:
        path.write_bytes(body)

    def about(self, etag: bytes) -> Fields:
        return [(b"ETag", etag), (b"Vary", b"Accept-Encoding")]

    def etag(self, path: Path, content: bytes) -> bytes:
        return b'"%s"' % hashlib.sha256(content).hexdigest()[:16].encode()

    def tagged(self, etag: bytes, zipped: bool) -> bytes:
        return etag[:-1] + b'-gzip"' if zipped else etag

    # Conditions

    def condition(self, method: bytes, fields: Fields, there: bool, etag: bytes) -> int:
        """The status that a condition asks for, or 0."""
        reads = method in (b"GET", b"HEAD")
        wanted = b",".join(values(fields, b"if-match"))
        if wanted and not (there and (wanted == b"*" or self.matches(wanted, etag))):
            return 412
        known = b",".join(values(fields, b"if-none-match"))
        if known and there and (known == b"*" or self.knows(known, etag)):
            return 304 if reads else 412
        return 0

    def matches(self, wanted: bytes, etag: bytes) -> bool:
        return etag in TAGS.findall(wanted)

    def knows(self, known: bytes, etag: bytes) -> bool:
        return etag in [tag.removeprefix(b"W/") for tag in TAGS.findall(known)]

    # Forms and parts

    def zips(self, fields: Fields, content: bytes) -> bool:
        if values(fields, b"range"):
            return False
        return len(content) >= 1024 and self.accepts(b",".join(values(fields, b"accept-encoding")))

    def accepts(self, codings: bytes) -> bool:
        weights = {}
        for member in codings.lower().split(b","):
            name, _, weight = member.partition(b";")
            weights[name.strip()] = float(weight.partition(b"=")[2] or 1)
        return weights.get(b"gzip", weights.get(b"*", 0.0)) > 0

    def part(self, method: bytes, fields: Fields, content: bytes, about: Fields) -> Answer:
        condition = b",".join(values(fields, b"if-range"))
        asked = b",".join(values(fields, b"range"))
        found = self.read_range(asked) if method == b"GET" else None
        if found is None or (condition and not self.still(condition, about[0][1])):
            return 200, about, content
        first, last = self.positions(found, len(content))
        if first >= len(content):
            return 416, [(b"Content-Range", b"bytes */%d" % len(content))], b""
        place = (b"Content-Range", b"bytes %d-%d/%d" % (first, last, len(content)))
        return 206, [*about, place], content[first : last + 1]

    def read_range(self, asked: bytes) -> tuple[str, str] | None:
        found = re.fullmatch(rb"(?i:bytes)=([0-9]*)-([0-9]*)", asked)
        if found is None or found[0].endswith(b"=-"):
            return None
        if found[1] and found[2] and int(found[2]) < int(found[1]):
            return None
        return found[1].decode(), found[2].decode()

    def positions(self, found: tuple[str, str], size: int) -> tuple[int, int]:
        first, last = found
        if not first:
            return (max(0, size - int(last)) if int(last) else size), size - 1
        return int(first), min(int(last), size - 1) if last else size - 1

    def still(self, condition: bytes, etag: bytes) -> bool:
        return condition == etag

    def answer(self, status: int, fields: Fields, content: bytes, chunks: bool = False) -> None:
        if status != 304:
            super().answer(status, fields, content, chunks)
            return
        head = b"".join(b"%s: %s\r\n" % line for line in fields)
        self.write(b"HTTP/1.1 304 x\r\n%s\r\n" % head, content)


class TrustsPaths(Keeper):
    def check(self, name: bytes) -> None:
        if b"\0" in name or not name.strip(b"."):
            raise Refuse(404)


class LooksForDotsEncoded(Keeper):
    def segments(self, target: bytes) -> list[bytes]:
        return [self.decode(segment) for segment in super().segments(target)]


class FollowsLinks(Keeper):
    def path(self, name: bytes) -> Path:
        self.check(name)
        return Path(os.environ["DATA_DIR"]) / os.fsdecode(name)


class CutsNamesAtNul(Keeper):
    def check(self, name: bytes) -> None:
        super().check(name.partition(b"\0")[0])

    def path(self, name: bytes) -> Path:
        super().path(name.partition(b"\0")[0])
        return Path(os.environ["DATA_DIR"]) / os.fsdecode(name.partition(b"\0")[0])


class WritesOver(Keeper):
    def store(self, path: Path, body: bytes) -> None:
        with open(path, "r+b" if path.exists() else "wb") as file:
            file.write(body)


class StoresText(Keeper):
    def store(self, path: Path, body: bytes) -> None:
        path.write_text(body.decode("utf-8", "replace"), newline="")


class AlwaysCreated(Keeper):
    def replaced(self) -> int:
        return 201


class TagsBySecond(Keeper):
    def etag(self, path: Path, content: bytes) -> bytes:
        status = path.stat()
        return b'"%x-%x"' % (int(status.st_mtime), status.st_size)


class TagsWithoutQuotes(Keeper):
    def etag(self, path: Path, content: bytes) -> bytes:
        return super().etag(path, content)[1:-1]


class ComparesText(Keeper):
    def knows(self, known: bytes, etag: bytes) -> bool:
        return etag == known


class ComparesNoneStrongly(Keeper):
    def knows(self, known: bytes, etag: bytes) -> bool:
        return etag in TAGS.findall(known)


class ComparesMatchWeakly(Keeper):
    def matches(self, wanted: bytes, etag: bytes) -> bool:
        return self.knows(wanted, etag)


class Sends304ABody(Keeper):
    def answer(self, status: int, fields: Fields, content: bytes, chunks: bool = False) -> None:
        super().answer(status, fields, b"not modified" if status == 304 else content, chunks)


class ForgetsTheTagIn304(Keeper):
    def answer(self, status: int, fields: Fields, content: bytes, chunks: bool = False) -> None:
        kept = [field for field in fields if status != 304 or field[0] != b"ETag"]
        super().answer(status, kept, content, chunks)


class EndIsExclusive(Keeper):
    def positions(self, found: tuple[str, str], size: int) -> tuple[int, int]:
        first, last = super().positions(found, size)
        return first, last - 1 if found[0] and found[1] else last


class SuffixIsAnEnd(Keeper):
    def positions(self, found: tuple[str, str], size: int) -> tuple[int, int]:
        return super().positions((found[0] or "0", found[1]), size)


class NegativeSlices(Keeper):
    def positions(self, found: tuple[str, str], size: int) -> tuple[int, int]:
        first, last = super().positions(found, size)
        return (first if found[0] else size - int(found[1])), last


class IgnoresUnits(Keeper):
    def read_range(self, asked: bytes) -> tuple[str, str] | None:
        return super().read_range(re.sub(rb"^[a-z]+=", b"bytes=", asked))


class LetsIntReadRanges(Keeper):
    def read_range(self, asked: bytes) -> tuple[str, str] | None:
        unit, _, ends = asked.partition(b"=")
        first, minus, last = ends.partition(b"-")
        if unit.lower() != b"bytes" or not minus or ends == b"-":
            return None
        try:
            if int(last or first) < int(first or last):
                return None
        except ValueError:
            return None
        return first.decode(), last.decode()


class CutsRangesTo64Bits(Keeper):
    def positions(self, found: tuple[str, str], size: int) -> tuple[int, int]:
        first, last = (str(int(text) % 2**64) if text else "" for text in found)
        return super().positions((first, last), size)


class IgnoresIfRange(Keeper):
    def still(self, condition: bytes, etag: bytes) -> bool:
        return True


class ComparesIfRangeWeakly(Keeper):
    def still(self, condition: bytes, etag: bytes) -> bool:
        return condition.removeprefix(b"W/") == etag


class PartsForHead(Keeper):
    def part(self, method: bytes, fields: Fields, content: bytes, about: Fields) -> Answer:
        return super().part(b"GET", fields, content, about)


class FindsGzipAnywhere(Keeper):
    def accepts(self, codings: bytes) -> bool:
        members = [member.replace(b" ", b"") for member in codings.lower().split(b",")]
        return any(b"gzip" in x and not re.search(rb";q=0(\.0*)?$", x) for x in members)


class ForgetsWeights(Keeper):
    def accepts(self, codings: bytes) -> bool:
        return b"gzip" in [x.partition(b";")[0].strip() for x in codings.lower().split(b",")]


class OneTagForBoth(Keeper):
    def tagged(self, etag: bytes, zipped: bool) -> bytes:
        return etag


class SaysNoVary(Keeper):
    def about(self, etag: bytes) -> Fields:
        return [(b"ETag", etag)]


class CompressesParts(Keeper):
    def zips(self, fields: Fields, content: bytes) -> bool:
        return super().zips([field for field in fields if field[0] != b"range"], content)

    def file(self, method: bytes, path: Path, fields: Fields, body: bytes) -> Answer:
        status, about, content = super().file(method, path, fields, body)
        if status != 200 or not values(fields, b"range") or content[:2] != b"\x1f\x8b":
            return status, about, content
        return 206, about, gzip.compress(gzip.decompress(content)[:10])


class OneAtATime(Keeper):
    """Served without threads; see `main`."""


class ChecksFirst(Keeper):
    """Looks at the condition before the body comes, and never again."""

    early = 0

    def body(self, minor: int, fields: Fields) -> bytes:
        names = [name for name, _ in fields]
        self.early = 0
        if b"if-match" in names or b"if-none-match" in names:
            path = next(iter(Path(os.environ["DATA_DIR"]).glob("race.txt")), None)
            etag = self.etag(path, path.read_bytes()) if path else b""
            self.early = super().condition(b"PUT", fields, path is not None, etag) or -1
        return super().body(minor, fields)

    def condition(self, method: bytes, fields: Fields, there: bool, etag: bytes) -> int:
        if method == b"PUT" and self.early:
            return max(0, self.early)
        return super().condition(method, fields, there, etag)


class ReadsFilesWhole(Keeper):
    """As `Keeper` does: a file of any size lies in memory while it is sent."""


class LimitsEachRead(Keeper):
    def fill(self) -> None:
        self.sock.settimeout(5)
        super().fill()


class LimitsTheConnection(Keeper):
    def run(self) -> None:
        threading.Timer(5, self.leave).start()
        super().run()


class ExitsAtOnce(Keeper):
    """SIGTERM is the end, with status 0, whatever is under way."""


def main(kind: type[Keeper]) -> None:
    if kind is ExitsAtOnce:
        signal.signal(signal.SIGTERM, lambda number, frame: os._exit(0))
    listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])), backlog=512)
    while True:
        sock, _ = listener.accept()
        sock.settimeout(30)
        if kind is OneAtATime:
            kind(sock).run()
        else:
            threading.Thread(target=kind(sock).run, daemon=True).start()


if __name__ == "__main__":
    main(globals()[sys.argv[1]])
