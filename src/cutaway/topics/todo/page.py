"""The page: one HTML file, its script and its style, read once at the start.

    GET /            page/index.html
    GET /page.js     page/page.js
    GET /page.css    page/page.css

The script is a client like any other: it uses the same requests, tags and keys as a program would.
A title is shown as text and never as markup, and the page's policy (middleware.py) would not run a
script that got into it.

Left out: working without a script.
"""

from __future__ import annotations

import zlib
from pathlib import Path

from .handlers import is_known_tag
from .messages import Answer, Asked, Handler
from .routes import Routes

FOLDER = Path(__file__).parent / "page"
FILES = {
    "/": ("index.html", b"text/html; charset=utf-8"),
    "/page.js": ("page.js", b"text/javascript; charset=utf-8"),
    "/page.css": ("page.css", b"text/css; charset=utf-8"),
}


def add_page(routes: Routes) -> None:
    for path, (name, kind) in FILES.items():
        routes.on("GET", path, file_handler((FOLDER / name).read_bytes(), kind))


def file_handler(octets: bytes, kind: bytes) -> Handler:
    tag = b'"%08x"' % zlib.crc32(octets)
    fields = {b"ETag": tag, b"Cache-Control": b"no-cache"}

    async def handler(asked: Asked) -> Answer:
        if is_known_tag(asked.value(b"If-None-Match"), tag):
            return Answer(304, fields=dict(fields))
        return Answer(200, octets, {b"Content-Type": kind, **fields})

    return handler
