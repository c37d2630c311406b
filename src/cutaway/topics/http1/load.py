"""HTTP/1.1 for the load generator: one request, and where its answers end.

    plug = plug_for(Asked("http://127.0.0.1:8080/echo/a"))
    plug.request(0)         b"GET /echo/a HTTP/1.1\\r\\nHost: 127.0.0.1:8080\\r\\n\\r\\n"
    reader = plug.reader()
    reader.feed(b"HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\nal")      None
    reader.feed(b"pha")                                                   Answer("200", True, True)

A head is read by the grammar of this topic, as strictly as anywhere. But a loaded server says the
same head thousands of times, until its Date changes; so what a head amounts to is remembered, and
most answers cost a look into a dict.

Left out: redirects, cookies, compression. The octets of a body are counted and thrown away.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from ...net.load import Answer, Asked
from ...wire import NEVER, NeedMore, Reader
from .body import Incoming
from .framing import Framing, response_framing, words
from .heads import Limits, read_response_head
from .messages import ResponseHead, combined, write_fields

#: Schemes of addresses that this plug is for, with their ports.
SCHEMES = {"http": 80}

START = b"HTTP/"
REMEMBERED = 64  # heads
LIMITS = Limits(head=1 << 18, chunk_line=1 << 12)
WITH_BODY = ("POST", "PUT", "PATCH")
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
PLAIN = "/?%:@!$&'()*+,;=~-._[]"  # what a target may hold as it is


def plug_for(asked: Asked) -> Http1Plug:
    """Raises ValueError, with a sentence, for what cannot be sent."""
    method = asked.method or ("POST" if asked.body else "GET")
    if not TOKEN.fullmatch(method):
        raise ValueError(f"{method!r} is no method.")
    for name, value in asked.headers:
        if not TOKEN.fullmatch(name) or not VALUE.fullmatch(value):
            raise ValueError(f"{name + ': ' + value!r} is no header field.")
    given = {name.lower() for name, _ in asked.headers}
    fields = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in asked.headers]
    parts = urlsplit(asked.url)
    if "host" not in given:
        fields.insert(0, (b"Host", parts.netloc.rpartition("@")[2].encode("idna")))
    if (asked.body or method in WITH_BODY) and not given & {"content-length", "transfer-encoding"}:
        fields.append((b"Content-Length", b"%d" % len(asked.body)))
    target = quote(parts.path or "/", PLAIN) + (f"?{quote(parts.query, PLAIN)}" * bool(parts.query))
    line = f"{method} {target} HTTP/1.1\r\n".encode()
    octets = line + write_fields(tuple(fields)) + b"\r\n" + asked.body
    closes = b"close" in words(combined(tuple(fields), b"Connection") or b"")
    return Http1Plug(f"{method} {asked.url}", octets, method.encode(), closes)


class Http1Plug:
    """The same request each time. closes: it says that it is the last on its connection"""

    def __init__(self, name: str, octets: bytes, method: bytes, closes: bool) -> None:
        self.name, self.octets, self.method, self.closes = name, octets, method, closes
        self.memory: dict[bytes, Known] = {}

    def request(self, number: int) -> bytes:
        return self.octets

    def reader(self) -> Answers:
        return Answers(self)

    def read_head(self, r: Reader) -> Known:
        """What the head at `r` amounts to; remembered. Raises NeedMore, Malformed, Refused."""
        start = r.pos
        head = read_response_head(r, LIMITS)
        framing = response_framing(head, self.method, r, start)
        keep = not self.closes and persists(head) and framing.kind != "close"
        known = Known(framing, head.status, Answer(str(head.status), head.status < 400, keep))
        if len(self.memory) >= REMEMBERED:
            self.memory.clear()
        if framing.kind in ("none", "length") and head.status >= 200:
            self.memory[r.data[start : r.pos]] = known
        return known


class Known(NamedTuple):
    """What a head amounts to."""

    framing: Framing
    status: int
    answer: Answer


class Everything:
    """A body without a limit, of which nothing is kept."""

    limit = NEVER

    def write(self, data: bytes) -> None: ...

    def close(self) -> None: ...


class Answers:
    """The answers on one connection, one after the other."""

    __slots__ = ("body", "kept", "known", "memory", "plug")

    def __init__(self, plug: Http1Plug) -> None:
        self.plug, self.memory = plug, plug.memory
        self.kept = b""  # octets that were not read yet
        self.known: Known | None = None  # of the answer whose body is coming
        self.body: Incoming | None = None

    def feed(self, data: bytes) -> Answer | None:
        if self.known is None and not self.kept:
            end = data.find(b"\r\n\r\n") + 4
            known = self.memory.get(data[:end])
            if known is not None and len(data) == end + known.framing.length:
                return known.answer
        r = Reader(self.kept + data)
        try:
            return self._read(r)
        except NeedMore:
            self.kept = r.data[r.pos :]
            self._judge_start()
            return None

    def _judge_start(self) -> None:
        """Raises Malformed where what came so far begins no answer, whatever follows."""
        if self.known is None and not self.kept.startswith(START[: len(self.kept)]):
            self.plug.read_head(Reader(self.kept.partition(b"\r\n")[0] + b"\r\n\r\n"))

    def end(self) -> Answer | None:
        """The connection was closed, which ends a body of framing `close`."""
        known = self.known
        ended = known is not None and known.framing.kind == "close"
        return known.answer if known and ended else None

    def _read(self, r: Reader) -> Answer | None:
        """Whatever is there; the answer once it is whole. Raises NeedMore where it is not."""
        if self.known is None:
            known = self.plug.read_head(r)
            while known.status < 200 and known.status != 101:  # an interim answer is no answer
                known = self.plug.read_head(r)
            self.known = known
            self.body = Incoming(known.framing, Everything(), LIMITS)
        known, body = self.known, self.body
        if known.framing.kind == "close" or (body and not body.is_empty() and not body.read(r)):
            self.kept = b"" if known.framing.kind == "close" else r.data[r.pos :]
            return None
        self.known = self.body = None
        self.kept = b""
        if r.pos < len(r.data):  # octets that nobody asked for
            return known.answer._replace(keep=False)
        return known.answer


def persists(head: ResponseHead) -> bool:
    """Whether the server keeps the connection.

    spec    RFC 9112 §9.3
    """
    said = words(combined(head.fields, b"Connection") or b"")
    if b"close" in said:
        return False
    return head.version >= b"HTTP/1.1" or b"keep-alive" in said
