"""The first stages with what programs use every day: redis-py, threads, and the http of the library.

It says HELLO 3 and CLIENT SETINFO before it asks anything, keeps connections in a pool, and stores
JSON. The stages must not mind any of that.

Left out: everything in the background.
"""

import base64
import json
import os
import re
import urllib.error
import urllib.request
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import redis

PATH = re.compile(
    r"/(aside|read-through|write-through|write-around|invalidate)/([\w.-]{1,64})", re.A
)
PATTERNS = ("aside", "read-through", "write-through", "write-around")
TTL = int(os.environ.get("TTL_MS") or 10_000)
NEGATIVE = min(TTL, int(os.environ.get("NEGATIVE_MS") or 1_000))
host, _, number = os.environ["CACHE"].rpartition(":")
cache = redis.Redis(host, int(number), protocol=3)


class Stays(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer like any other, and here a failure."""

    def redirect_request(self, *_):
        return None


opener = urllib.request.build_opener(Stays)


def origin(method, key, value=None):
    url = f"http://{os.environ['ORIGIN']}/items/{key}"
    try:
        with opener.open(urllib.request.Request(url, value, method=method)) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as answer:
        return (404 if answer.code == 404 else 502), b""
    except (OSError, HTTPException):
        return 502, b""


class Program(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_any(self):
        found = PATH.fullmatch(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, value = self.asked(*found.groups(), body) if found else (404, b"")
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Length", str(len(value)))
        self.end_headers()
        self.wfile.write(value)

    do_GET = do_PUT = do_POST = do_DELETE = handle_any

    def asked(self, pattern, key, body):
        entry = f"{pattern}:{key}"
        match pattern, self.command:
            case "invalidate", "POST":
                cache.delete(*[f"{each}:{key}" for each in PATTERNS])
                return 204, b""
            case "aside" | "read-through" | "write-through" | "write-around", "GET":
                return self.read(pattern, entry, key)
            case "aside" | "write-through" | "write-around", "PUT":
                return self.write(pattern, entry, key, body)
            case "aside", "DELETE":
                return self.write(pattern, entry, key, None)
        return 405, b""

    def read(self, pattern, entry, key):
        kept = cache.get(entry)
        if kept is not None:
            status, value = json.loads(kept)
            return status, base64.b64decode(value)
        status, value = origin("GET", key)
        if status == 200 or (status == 404 and pattern == "read-through"):
            keep(entry, status, value)
        return status, value

    def write(self, pattern, entry, key, value):
        status, _ = origin("DELETE" if value is None else "PUT", key, value)
        if status != 204:
            return 502, b""
        if pattern == "write-through":
            keep(entry, 200, value)
        else:
            cache.delete(entry)
        return 204, b""

    def log_message(self, *_):
        pass


def keep(entry, status, value):
    octets = json.dumps([status, base64.b64encode(value).decode()])
    cache.set(entry, octets, px=TTL if status == 200 else NEGATIVE)


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Program).serve_forever()
