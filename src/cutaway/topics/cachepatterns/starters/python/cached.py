"""Cache-aside: look in the cache, else ask the origin and keep what it says.

The first stage, and no more. What the next ones ask is marked with "later".
"""

import os
import re
import socket
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, HTTPServer

TTL_MS = os.environ.get("TTL_MS") or "10000"
# Later: there are more patterns, and writes.
PATH = re.compile(r"/(aside)/([A-Za-z0-9._-]{1,64})")


class Program(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        # parse it: the pattern and the key. Everything else is 404, and nobody is asked.
        path = PATH.fullmatch(self.path)
        if path is None:
            self.answer(404)
            return
        entry, key = ":".join(path.groups()), path[2]

        # decide: is there an entry? An empty value is one, too: only None is none.
        # Later: the cache may be gone, or slow, or have something else there.
        value = cache.ask("GET", entry)
        if value is not None:
            self.answer(200, value)
            return

        # Later: while the origin is asked for a key, whoever wants the same one waits for it.
        try:
            status, value = ask_origin(key)
        except (OSError, HTTPException):
            status, value = 502, b""
        if status == 200:
            # act: value and lifetime in one command, before the answer leaves.
            # Later: what was asked before somebody wrote must not be stored behind it.
            cache.ask("SET", entry, value, "PX", TTL_MS)
            self.answer(200, value)
        else:
            # Later: that there is nothing can be remembered, too.
            self.answer(404 if status == 404 else 502)

    def answer(self, status: int, value: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(value)))
        self.end_headers()
        self.wfile.write(value)


def ask_origin(key: str) -> tuple[int, bytes]:
    """What the origin says: its status and the value."""
    host, _, port = os.environ["ORIGIN"].rpartition(":")
    connection = HTTPConnection(host, int(port))
    try:
        connection.request("GET", f"/items/{key}")
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


class Cache:
    """Commands to the cache and what it answers, on one connection."""

    def __init__(self) -> None:
        self.file = None

    def ask(self, *words: str | bytes) -> bytes | None:
        if self.file is None:
            host, _, port = os.environ["CACHE"].rpartition(":")
            self.file = socket.create_connection((host, int(port))).makefile("rwb")
        # frame it: how many words follow, then each with its length in octets.
        self.file.write(b"*%d\r\n" % len(words))
        for word in words:
            octets = word.encode() if isinstance(word, str) else word
            self.file.write(b"$%d\r\n%b\r\n" % (len(octets), octets))
        self.file.flush()
        return self.reply()

    def reply(self) -> bytes | None:
        """A string, or None where the cache has nothing."""
        kind, text = (line := self.file.readline())[:1], line[1:-2]
        if kind == b"$" and text == b"-1":
            return None
        if kind == b"$":
            return self.file.read(int(text) + 2)[:-2]
        if kind == b"+":
            return text
        raise OSError(f"the cache said {line!r}")


cache = Cache()

if __name__ == "__main__":
    # Later: while this client is served, every other one waits in the kernel's queue.
    HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Program).serve_forever()
