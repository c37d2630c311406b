"""Requests as octets, and answers found in octets: as much of HTTP/1.1 as this traffic needs.

    written("GET", "/todos", {"Host": "todo.example"})     b"GET /todos HTTP/1.1\\r\\nHost: …"

    answers = Answers()
    answers.feed(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\n[")     None
    answers.feed(b"]")                                                   Answer(200, …, b"[]")

One request is under way on a connection, so that octets behind the end of an answer belong to nobody,
and the connection is not used again. What is no answer raises NoAnswer with a sentence.

Left out: all that has names and sections. The wire that this goes over is read by the codec of HTTP.

spec   RFC 9112 §4, §6, §7.1
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

HEAD = 64 << 10  # octets of a head
BODY = 4 << 20
STATUS = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9]{2})(?: [^\r\n]*)?")
FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\0]*?)[ \t]*")
LENGTH = re.compile(rb"[0-9]{1,15}")
CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?")


class NoAnswer(Exception):
    """What came is no answer. One sentence."""


@dataclass(frozen=True, slots=True)
class Answer:
    """fields: by their names in lower case, the last one of each. keep: the connection goes on."""

    status: int
    fields: Mapping[str, str]
    body: bytes
    keep: bool

    def field(self, name: str) -> str:
        return self.fields.get(name, "")


def written(
    method: str, target: str, fields: Mapping[str, str], body: bytes = b"", kind: str = ""
) -> bytes:
    """kind: the media type of the body, where there is one."""
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {text}" for name, text in fields.items())]
    if body:
        lines += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


class Answers:
    """Those of one connection, one after the other."""

    def __init__(self) -> None:
        self.began = False  # octets of the answer that is waited for are there
        self._data = bytearray()
        self._head: tuple[int, dict[str, str], bool] | None = None  # status, fields, keep
        self._body = bytearray()

    def feed(self, data: bytes) -> Answer | None:
        """The answer, once these octets complete it. Raises NoAnswer."""
        self.began = True
        self._data += data
        while self._head is None:
            if not self._read_head():
                return None
            if self._head is not None and self._head[0] < 200:
                self._head = None  # an interim answer
        done = self._read_body(*self._head)
        return self._ended() if done else None

    def end(self) -> Answer | None:
        """The server closed: the answer, where that completes it."""
        if self._head is None or not _until_close(*self._head[:2]):
            return None
        self._body += self._data
        self._data.clear()
        return self._ended()

    def _ended(self) -> Answer:
        assert self._head is not None
        status, fields, keep = self._head
        answer = Answer(status, fields, bytes(self._body), keep and not self._data)
        self._head, self.began = None, False
        self._body.clear()
        return answer

    def _read_head(self) -> bool:
        """Whether it is whole."""
        end = self._data.find(b"\r\n\r\n")
        if end < 0:
            if len(self._data) > HEAD or self._data[:7] != b"HTTP/1."[: len(self._data)]:
                raise NoAnswer("what came does not begin as an answer does")
            return False
        lines = bytes(self._data[:end]).split(b"\r\n")
        del self._data[: end + 4]
        line = STATUS.fullmatch(lines[0])
        if line is None:
            raise NoAnswer(f"the status line is {lines[0][:60]!r}")
        fields = dict(map(_field, lines[1:]))
        said = fields.get("connection", "").lower()
        keep = "close" not in said and (line[1] == b"1" or "keep-alive" in said)
        status = int(line[2])
        self._head = status, fields, keep and not _until_close(status, fields)
        return True

    def _read_body(self, status: int, fields: Mapping[str, str], keep: bool) -> bool:
        """Whether it is whole."""
        if status in (204, 304):
            return True
        if _until_close(status, fields):
            if len(self._data) > BODY:
                raise NoAnswer("its body is too long")
            return False
        if "transfer-encoding" in fields:
            return self._read_chunks()
        text = fields["content-length"].encode()
        if not LENGTH.fullmatch(text) or int(text) > BODY:
            raise NoAnswer(f"its length is {text[:30]!r}")
        missing = int(text) - len(self._body)
        self._body += self._data[:missing]
        del self._data[:missing]
        return len(self._body) == int(text)

    def _read_chunks(self) -> bool:
        """Each chunk is taken once it is whole."""
        while (end := self._data.find(b"\r\n")) >= 0:
            line = CHUNK.fullmatch(self._data[:end])
            if line is None:
                raise NoAnswer(f"the size of a chunk is {bytes(self._data[:30])!r}")
            size = int(line[1], 16)
            if size == 0:
                return self._read_trailers(end + 2)
            if len(self._body) + size > BODY:
                raise NoAnswer("its body is too long")
            if len(self._data) < end + size + 4:
                return False
            self._body += self._data[end + 2 : end + 2 + size]
            if self._data[end + 2 + size : end + size + 4] != b"\r\n":
                raise NoAnswer("a chunk has no end")
            del self._data[: end + size + 4]
        return False

    def _read_trailers(self, start: int) -> bool:
        if self._data.startswith(b"\r\n", start):
            end = start + 2
        elif (found := self._data.find(b"\r\n\r\n", start)) >= 0:
            end = found + 4
        else:
            return False
        del self._data[:end]
        return True


def _until_close(status: int, fields: Mapping[str, str]) -> bool:
    """Its body goes on to the end of the connection.

    spec    RFC 9112 §6.3
    """
    if status in (204, 304) or status < 200:
        return False
    if "transfer-encoding" in fields:
        return not fields["transfer-encoding"].lower().endswith("chunked")
    return "content-length" not in fields


def _field(line: bytes) -> tuple[str, str]:
    found = FIELD.fullmatch(line)
    if found is None:
        raise NoAnswer(f"a line of its head is {line[:60]!r}")
    return found[1].decode("ascii").lower(), found[2].decode("latin-1")
