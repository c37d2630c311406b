"""The same small answer with aiohttp. The port is the only argument."""

from __future__ import annotations

import sys

from aiohttp import web


async def hello(request: web.Request) -> web.Response:
    return web.Response(body=b"hello", content_type="text/plain")


def main() -> None:
    app = web.Application()
    app.router.add_get("/echo/hello", hello)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)


if __name__ == "__main__":
    main()
