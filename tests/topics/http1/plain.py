"""A server that takes one client at a time, and twenty-odd that are each wrong in one way.

`Plain` is written as somebody at the end of the stages might have it: blocking sockets, no thread,
nothing from the codec. Each wrong one overrides what it gets wrong.

Left out: files, and many clients.
"""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate

LINE = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([!-~]+) HTTP/(\d)\.(\d)")
FIELD = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*?)[ \t]*")
HOST = re.compile(rb"[A-Za-z0-9.\-_~%!$&'()*+,;=]*(:[0-9]*)?|\[[0-9A-Fa-f:.]+\](:[0-9]*)?")
MIB = 1 << 20

Fields = list[tuple[bytes, bytes]]


class Refuse(Exception):
    """An answer that ends the connection."""


class Gone(Exception):
    """The client sends nothing more."""


class Plain:
    """Right, and slow."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock, self.buffer = sock, b""

    def fill(self) -> None:
        data = self.sock.recv(65536)
        if not data:
            raise Gone
        self.buffer += data

    def run(self) -> None:
        try:
            while self.exchange():
                pass
        except (Gone, OSError):
            pass
        finally:
            self.leave()

    def exchange(self) -> bool:
        """One request and its answer. Whether the connection goes on."""
        self.method = b"GET"
        try:
            method, target, minor, fields = self.head()
            self.method = method
            body = self.body(minor, fields)
            status, extra, content = self.act(method, target, fields, body)
        except Refuse as refusal:
            status = refusal.args[0]
            self.answer(status, [(b"Connection", b"close")], b"")
            return self.goes_on_after(status)
        stays = self.persists(minor, fields)
        if not stays:
            extra = [*extra, (b"Connection", b"close")]
        chunks = minor > 0 and target.startswith(b"/chunks")
        self.answer(status, extra, content, chunks)
        return stays

    def leave(self) -> None:
        """FIN first, so that no reset destroys the last answer."""
        try:
            self.sock.shutdown(socket.SHUT_WR)
            self.sock.settimeout(1)
            while self.sock.recv(65536):
                pass
        except OSError:
            pass
        self.sock.close()

    def goes_on_after(self, status: int) -> bool:
        return False

    # Reading

    def line(self, limit: int, status: int) -> bytes:
        while b"\n" not in self.buffer:
            if len(self.buffer) > limit:
                raise Refuse(status)
            self.fill()
        line, self.buffer = self.buffer.split(b"\n", 1)
        if len(line) > limit:
            raise Refuse(status)
        if not line.endswith(b"\r") or b"\r" in line[:-1]:
            raise Refuse(400)
        return line[:-1]

    def request_line(self) -> bytes:
        line = b""
        while not line:
            line = self.line(16384, 414)
        return line

    def head(self) -> tuple[bytes, bytes, int, Fields]:
        found = LINE.fullmatch(self.request_line())
        if found is None:
            raise Refuse(400)
        method, target, major, minor = found.groups()
        if major != b"1":
            raise Refuse(505)
        fields: Fields = []
        total = 0
        while line := self.line(65536, 431):
            total += len(line)
            if total > 65536:
                raise Refuse(431)
            fields.append(self.field(line))
        self.check_host(int(minor), fields)
        return method, target, int(minor), fields

    def field(self, line: bytes) -> tuple[bytes, bytes]:
        found = FIELD.fullmatch(line)
        if found is None:
            raise Refuse(400)
        return found[1].lower(), found[2]

    def check_host(self, minor: int, fields: Fields) -> None:
        hosts = values(fields, b"host")
        if len(hosts) > 1 or (not hosts and minor) or any(not HOST.fullmatch(h) for h in hosts):
            raise Refuse(400)

    def body(self, minor: int, fields: Fields) -> bytes:
        codings = values(fields, b"transfer-encoding")
        lengths = values(fields, b"content-length")
        if codings and (lengths or not minor):
            raise Refuse(400)
        if codings:
            if [c.lower() for c in codings] != [b"chunked"]:
                raise Refuse(400)
            self.invite(minor, fields)
            return self.chunked()
        if not lengths:
            return b""
        if len(lengths) > 1:
            raise Refuse(400)
        length = self.length(lengths[0])
        if length > 32 * MIB:
            raise Refuse(413)
        if length and not self.buffer:
            self.invite(minor, fields)
        return self.exactly(length)

    def length(self, value: bytes) -> int:
        if not re.fullmatch(rb"[0-9]+", value):
            raise Refuse(400)
        return int(value)

    def invite(self, minor: int, fields: Fields) -> None:
        if minor and any(v.lower() == b"100-continue" for v in values(fields, b"expect")):
            self.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    def exactly(self, count: int) -> bytes:
        while len(self.buffer) < count:
            self.fill()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def chunked(self) -> bytes:
        body = b""
        while size := self.size(self.line(4096, 400)):
            if len(body) + size > 32 * MIB:
                raise Refuse(413)
            body += self.exactly(size)
            if self.exactly(2) != b"\r\n":
                raise Refuse(400)
        self.trailers()
        return body

    def size(self, line: bytes) -> int:
        found = re.fullmatch(rb"([0-9A-Fa-f]+)[ \t]*(;.*)?", line)
        if found is None:
            raise Refuse(400)
        return int(found[1], 16)

    def trailers(self) -> None:
        while line := self.line(8192, 431):
            self.field(line)

    # Deciding and answering

    def persists(self, minor: int, fields: Fields) -> bool:
        said = b",".join(values(fields, b"connection")).lower()
        return minor > 0 and b"close" not in [option.strip(b" \t") for option in said.split(b",")]

    def decode(self, text: bytes) -> bytes:
        if re.search(rb"%(?![0-9A-Fa-f]{2})", text):
            raise Refuse(400)
        return re.sub(rb"%(..)", lambda found: bytes([int(found[1], 16)]), text)

    def segments(self, target: bytes) -> list[bytes]:
        path = re.sub(rb"(?i)^http://[^/?]+", b"", target).partition(b"?")[0] or b"/"
        return [self.decode(segment) for segment in path.split(b"/")[1:]]

    def act(
        self, method: bytes, target: bytes, fields: Fields, body: bytes
    ) -> tuple[int, Fields, bytes]:
        if target == b"*" and method == b"OPTIONS":
            return 204, [], b""
        segments = self.segments(target)
        allowed = [b"POST"] if segments == [b"echo"] else [b"GET", b"HEAD"]
        kind = [(b"Content-Type", v) for v in values(fields, b"content-type")]
        query = int((re.search(rb"\?(?:n|ms)=(\d+)", target) or [b"", b"0"])[1])
        match segments:
            case [b""]:
                content = b"hello\n"
            case [b"echo"]:
                content = body
            case [b"echo", word] if word:
                content = word
            case [b"headers"]:
                content = b"".join(b"%s: %s\n" % field for field in fields)
            case [b"slow"]:
                time.sleep(query / 1000)
                content = b"slow"
            case [b"chunks"]:
                content = b"".join(b"chunk %d\n" % number for number in range(query))
            case _:
                return 404, [], b"nothing here\n"
        if method not in allowed:
            return 405, [(b"Allow", b", ".join(allowed))], b""
        return 200, kind, content

    def answer(self, status: int, fields: Fields, content: bytes, chunks: bool = False) -> None:
        framing = (b"Content-Length", self.counted(content))
        if chunks:
            framing = (b"Transfer-Encoding", b"chunked")
            pieces = self.pieces(content)
            content = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
            content += b"0\r\n\r\n"
        lines = [*fields, *self.dated(), *([] if status in (204, 304) else [framing])]
        head = b"".join(b"%s: %s\r\n" % line for line in lines)
        self.write(b"HTTP/1.1 %d x\r\n%s\r\n" % (status, head), content)

    def dated(self) -> Fields:
        return [(b"Date", formatdate(usegmt=True).encode())]

    def pieces(self, content: bytes) -> list[bytes]:
        return content.splitlines(True)

    def counted(self, content: bytes) -> bytes:
        return b"%d" % len(content)

    def write(self, head: bytes, content: bytes) -> None:
        self.sock.sendall(head + (b"" if self.method == b"HEAD" else content))


def values(fields: Fields, name: bytes) -> list[bytes]:
    return [value for key, value in fields if key == name]


@contextmanager
def served(kind: type[Plain]) -> Iterator[tuple[str, int]]:
    """The address of such a server, one client after the other."""
    listener = socket.create_server(("127.0.0.1", 0))

    def loop() -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            sock.settimeout(60)
            kind(sock).run()

    threading.Thread(target=loop, daemon=True).start()
    try:
        yield listener.getsockname()
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
