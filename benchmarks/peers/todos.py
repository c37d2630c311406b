"""A read of one to-do through Starlette and redis-py: what the reference does for a hit.

    CACHE=127.0.0.1:6379 uvicorn todos:app

It believes what the cache says: no checksum, no watch, no limit of time, and no store behind it.
"""

from __future__ import annotations

import os
import zlib

from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

host, _, port = os.environ["CACHE"].rpartition(":")
cache = Redis(host=host, port=int(port))


async def read(request: Request) -> Response:
    found = await cache.get(f"plain:{request.path_params['ident']}")
    if found is None:
        return Response(status_code=404)
    tag = f'"{zlib.crc32(found):08x}"'
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"etag": tag})
    return Response(found, media_type="application/json", headers={"etag": tag})


app = Starlette(routes=[Route("/todos/{ident}", read)])
