"""The contract of http1 on aiohttp's server.

    PORT=8080 DATA_DIR=/tmp/files python aiohttp_app.py

Files are sent by FileResponse, which has ETag, conditions and ranges; compression is negotiated by
enable_compression; the drain is the runner's. Only what guards a change is code of our own.

Left out: aiohttp's own router for what it would answer otherwise than the contract asks: it
redirects and normalises paths, so the raw path is taken apart here.
"""

import asyncio
import contextlib
import os
import signal
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from aiohttp import HttpVersion11, web
from content import (
    LONGEST_BODY,
    LONGEST_ECHO,
    LONGEST_TARGET,
    WORTH_GZIP,
    Refused,
    condition,
    found_at,
    place,
    segments_of,
)

Handler = Callable[[web.BaseRequest, str], Awaitable[web.StreamResponse]]


async def answer(request: web.BaseRequest) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refused as refused:
        response = web.Response(status=refused.status, headers=refused.fields)
        if not request.content.is_eof() and request.body_exists:
            response.force_close()
        return response


async def handler(request: web.BaseRequest) -> web.StreamResponse:
    target = request.raw_path
    if len(target) > LONGEST_TARGET:
        raise Refused(414)
    if request.method == "OPTIONS" and target == "*":
        return web.Response(status=204)
    path = target.partition("?")[0]
    if path.lower().startswith(("http://", "https://")):
        path = "/" + path.split("/", 3)[3] if path.count("/") > 2 else "/"
    segments = segments_of(path)
    methods = resource(segments)
    handle = methods.get("GET" if request.method == "HEAD" else request.method)
    if handle is None:
        allowed = [*methods, "HEAD"] if "GET" in methods else [*methods]
        raise Refused(405, {"Allow": ", ".join(allowed)})
    if (request.content_length or 0) > LONGEST_BODY:
        raise Refused(413)
    expects = request.headers.get("Expect", "").lower() == "100-continue"
    if expects and request.version >= HttpVersion11:
        # What a route of aiohttp's does; a server without routes does not.
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    return await handle(request, segments[-1])


def resource(segments: list[str]) -> dict[str, Handler]:
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


async def home(request: web.BaseRequest, _: str) -> web.StreamResponse:
    return web.Response(text="It answers.\n")


async def echo_word(request: web.BaseRequest, word: str) -> web.StreamResponse:
    return web.Response(body=word.encode("utf-8", "surrogateescape"), content_type="text/plain")


async def echo(request: web.BaseRequest, _: str) -> web.StreamResponse:
    data = bytearray()
    await body(request, data.extend, LONGEST_ECHO)
    kind = request.headers.get("Content-Type")
    return web.Response(body=bytes(data), headers={} if kind is None else {"Content-Type": kind})


async def body(request: web.BaseRequest, keep: Callable[[bytes], Any], longest: int) -> None:
    size = 0
    async for part in request.content.iter_any():
        keep(part)
        size += len(part)
        if size > longest:
            raise Refused(413)


async def listed(request: web.BaseRequest, _: str) -> web.StreamResponse:
    lines = [name.lower() + b": " + value + b"\n" for name, value in request.raw_headers]
    return web.Response(body=b"".join(lines), content_type="text/plain")


def number(request: web.BaseRequest, name: str) -> int:
    text = request.query.get(name, "")
    if not (text.isascii() and text.isdigit()) or int(text) > 10000:
        raise Refused(400)
    return int(text)


async def slow(request: web.BaseRequest, _: str) -> web.StreamResponse:
    await asyncio.sleep(number(request, "ms") / 1000)
    return web.Response(text="waited\n")


async def chunks(request: web.BaseRequest, _: str) -> web.StreamResponse:
    count = number(request, "n")
    response = web.StreamResponse(headers={"Content-Type": "text/plain"})
    await response.prepare(request)
    for at in range(count):
        await response.write(b"chunk %d\n" % at)
    return response


# Files.


async def read(request: web.BaseRequest, name: str) -> web.StreamResponse:
    path = place(name)
    found = found_at(path)
    response = web.FileResponse(path, headers={"Vary": "Accept-Encoding"})
    if found and found.st_size >= WORTH_GZIP and "Range" not in request.headers:
        response.enable_compression()
    return response


async def write(request: web.BaseRequest, name: str) -> web.StreamResponse:
    path = place(name)
    with tempfile.NamedTemporaryFile(dir=path.parent.parent, delete=False) as upload:
        try:
            await body(request, upload.write, LONGEST_BODY)
            upload.flush()
            known = guarded(request.headers, path)
            os.replace(upload.name, path)  # nobody else has a turn since the check
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(upload.name)
    return web.Response(status=204 if known else 201)


async def remove(request: web.BaseRequest, name: str) -> web.StreamResponse:
    path = place(name)
    if found_at(path) is None:
        raise Refused(404)
    guarded(request.headers, path)
    path.unlink()
    return web.Response(status=204)


def guarded(headers: Mapping[str, str], path: Path) -> bool:
    """Whether the file is there, if the conditions of a change hold. Its tag is FileResponse's."""
    old = found_at(path)
    tags = [] if old is None else [f'"{old.st_mtime_ns:x}-{old.st_size:x}"']
    conditions = {name.lower(): value for name, value in headers.items()}
    if refused := condition(conditions, tags, None):
        raise Refused(refused)
    return bool(tags)


async def serve() -> None:
    """A low-level server, as it has limits and no router; run_app would only add the signals."""
    server = web.Server(answer, max_line_size=100 << 10, max_field_size=100 << 10)
    runner = web.ServerRunner(server, shutdown_timeout=15)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(os.environ["PORT"])).start()
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    await told.wait()
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(serve())
