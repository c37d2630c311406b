"""The contract of http1 as an ASGI application, on uvicorn.

    PORT=8080 DATA_DIR=/tmp/files python asgi_app.py h11
    PORT=8080 DATA_DIR=/tmp/files python asgi_app.py httptools

Framing, persistence, 100 (Continue), HEAD and the drain are uvicorn's, the grammar is that of h11 or
of httptools (llhttp). ASGI ends at the message, so everything about files is content.py.

Left out: a framework.
"""

import asyncio
import contextlib
import gzip
import os
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from content import (
    LONGEST_BODY,
    LONGEST_ECHO,
    LONGEST_TARGET,
    WORTH_GZIP,
    Refused,
    byte_range,
    condition,
    found_at,
    place,
    segments_of,
    tag_of,
    takes_gzip,
)

Message = MutableMapping[str, Any]
LONGEST_HEAD = 100 << 10
BLOCK = 64 << 10


class Exchange:
    """One request and its answer."""

    def __init__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        self.scope, self.receive, self.send = scope, receive, send
        self.begun = False
        self.complete = True  # nothing of the body is left unread
        self.headers: dict[str, str] = {}
        for raw_name, raw_value in scope["headers"]:
            name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
            before = self.headers.get(name)
            self.headers[name] = value if before is None else f"{before}, {value}"
        if "content-length" in self.headers or "transfer-encoding" in self.headers:
            self.complete = self.headers.get("content-length") == "0"

    async def body(self, keep: Callable[[bytes], Any], longest: int) -> None:
        size = 0
        while not self.complete:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ConnectionError
            keep(message.get("body", b""))
            self.complete = not message.get("more_body", False)
            size += len(message.get("body", b""))
            if size > longest:
                raise Refused(413)

    async def start(self, status: int, fields: MutableMapping[str, str]) -> None:
        if not self.complete:
            fields["connection"] = "close"
        headers = [(n.lower().encode(), v.encode("latin-1")) for n, v in fields.items()]
        self.begun = True
        await self.send({"type": "http.response.start", "status": status, "headers": headers})

    async def reply(
        self, status: int, data: bytes = b"", fields: MutableMapping[str, str] | None = None
    ) -> None:
        fields = dict(fields or {})
        if status not in (204, 304):
            fields["content-length"] = str(len(data))
        await self.start(status, fields)
        await self.send({"type": "http.response.body", "body": data})


async def app(scope: Message, receive: Any, send: Any) -> None:
    exchange = Exchange(scope, receive, send)
    try:
        await answer(exchange)
    except Refused as refused:
        text = HTTPStatus(refused.status).phrase.encode() + b"\n"
        await exchange.reply(refused.status, text, refused.fields)
    except ConnectionError:
        return


async def answer(exchange: Exchange) -> None:
    scope, headers = exchange.scope, exchange.headers
    raw, query, method = scope["raw_path"], scope["query_string"], scope["method"]
    if len(raw) + len(query) > LONGEST_TARGET:
        raise Refused(414)
    if sum(len(name) + len(value) + 4 for name, value in scope["headers"]) > LONGEST_HEAD:
        raise Refused(431)  # httptools has no limit of its own
    if method == "OPTIONS" and raw == b"*":
        return await exchange.reply(204)
    if raw.lower().startswith((b"http://", b"https://")):
        raw = b"/" + raw.split(b"/", 3)[3] if raw.count(b"/") > 2 else b"/"
    segments = segments_of(raw.decode("latin-1"))
    methods = resource(segments)
    handle = methods.get("GET" if method == "HEAD" else method)
    if handle is None:
        allowed = [*methods, "HEAD"] if "GET" in methods else [*methods]
        raise Refused(405, {"allow": ", ".join(allowed)})
    if int(headers.get("content-length", 0)) > LONGEST_BODY:
        raise Refused(413)
    await handle(exchange, segments[-1], parse_qs(query.decode("latin-1")))
    return None


def resource(segments: list[str]) -> dict[str, Callable[..., Awaitable[None]]]:
    """The methods of a path."""
    match segments:
        case [""]:
            return {"GET": home}
        case ["echo"]:
            return {"POST": echo}
        case ["headers"]:
            return {"GET": listed}
        case ["slow"]:
            return {"GET": slow}
        case ["chunks"]:
            return {"GET": chunks}
        case ["echo", word] if word:
            return {"GET": echo_word}
        case ["files", _]:
            return {"GET": read, "PUT": write, "DELETE": remove}
    raise Refused(404)


async def home(exchange: Exchange, *_: Any) -> None:
    await exchange.reply(200, b"It answers.\n")


async def echo_word(exchange: Exchange, word: str, _: Any) -> None:
    data = word.encode("utf-8", "surrogateescape")
    await exchange.reply(200, data, {"content-type": "text/plain"})


async def echo(exchange: Exchange, *_: Any) -> None:
    data = bytearray()
    await exchange.body(data.extend, LONGEST_ECHO)
    kind = exchange.headers.get("content-type")
    await exchange.reply(200, bytes(data), {} if kind is None else {"content-type": kind})


async def listed(exchange: Exchange, *_: Any) -> None:
    lines = [name + b": " + value + b"\n" for name, value in exchange.scope["headers"]]
    await exchange.reply(200, b"".join(lines), {"content-type": "text/plain"})


def number(query: dict[str, list[str]], name: str) -> int:
    text = query.get(name, [""])[0]
    if not (text.isascii() and text.isdigit()) or int(text) > 10000:
        raise Refused(400)
    return int(text)


async def slow(exchange: Exchange, _: str, query: dict[str, list[str]]) -> None:
    await asyncio.sleep(number(query, "ms") / 1000)
    await exchange.reply(200, b"waited\n")


async def chunks(exchange: Exchange, _: str, query: dict[str, list[str]]) -> None:
    count = number(query, "n")
    await exchange.start(200, {"content-type": "text/plain"})
    for at in range(count):
        body = b"chunk %d\n" % at
        await exchange.send({"type": "http.response.body", "body": body, "more_body": True})
    await exchange.send({"type": "http.response.body"})


async def read(exchange: Exchange, name: str, _: Any) -> None:
    headers, path = exchange.headers, place(name)
    found = found_at(path)
    if found is None:
        raise Refused(404)
    size = found.st_size
    packed = size >= WORTH_GZIP and "range" not in headers
    packed = packed and takes_gzip(headers.get("accept-encoding", ""))
    tag = tag_of(found, "-gzip" if packed else "")
    fields = {"etag": tag, "vary": "accept-encoding"}
    status = condition(headers, [tag_of(found), tag_of(found, "-gzip")], tag)
    if status == 304:
        return await exchange.reply(304, b"", fields)
    if status:
        raise Refused(status, fields)
    fields["content-type"] = "application/octet-stream"
    if packed:
        data = gzip.compress(path.read_bytes())
        return await exchange.reply(200, data, {**fields, "content-encoding": "gzip"})
    part = None
    if exchange.scope["method"] == "GET" and headers.get("if-range", tag) == tag:
        part = byte_range(headers.get("range", ""), size)
    if part is not None:
        fields["content-range"] = f"bytes {part[0]}-{part[1]}/{size}"
    first, last = part or (0, size - 1)
    fields.update({"accept-ranges": "bytes", "content-length": str(last - first + 1)})
    await exchange.start(200 if part is None else 206, fields)
    with path.open("rb") as file:
        file.seek(first)
        left = last - first + 1
        while left > 0 and (block := file.read(min(left, BLOCK))):
            left -= len(block)
            await exchange.send({"type": "http.response.body", "body": block, "more_body": True})
    return await exchange.send({"type": "http.response.body"})


async def write(exchange: Exchange, name: str, _: Any) -> None:
    path = place(name)
    with tempfile.NamedTemporaryFile(dir=path.parent.parent, delete=False) as upload:
        try:
            await exchange.body(upload.write, LONGEST_BODY)
            upload.flush()
            known = guarded(exchange, path)
            os.replace(upload.name, path)  # nobody else has a turn since the check
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(upload.name)
    await exchange.reply(204 if known else 201)


async def remove(exchange: Exchange, name: str, _: Any) -> None:
    path = place(name)
    if found_at(path) is None:
        raise Refused(404)
    guarded(exchange, path)
    path.unlink()
    await exchange.reply(204)


def guarded(exchange: Exchange, path: Path) -> bool:
    """Whether there is a file, if the conditions of a change hold."""
    old = found_at(path)
    tags = [] if old is None else [tag_of(old), tag_of(old, "-gzip")]
    if status := condition(exchange.headers, tags, None):
        raise Refused(status)
    return old is not None


if __name__ == "__main__":
    # uvicorn drains, and then raises the signal once more for whoever handled it before.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.run(
            app,
            host="127.0.0.1",
            port=int(os.environ["PORT"]),
            http=sys.argv[1],
            ws="none",
            lifespan="off",
            log_level="error",
            access_log=False,
            timeout_keep_alive=60,
            h11_max_incomplete_event_size=LONGEST_HEAD,
        )
