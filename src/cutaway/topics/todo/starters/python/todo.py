"""The first to-do: kept in the store, and shown at its place.

The first stage, and no more. What the next ones ask is marked with "later".
"""

import json
import os
import re
import secrets
import socket
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

ONE = re.compile(r"/todos/([A-Za-z0-9_-]{1,64})")
PAGE = b"<!doctype html><title>To-do</title><p>Later: a page that can do all of this.</p>"


class Program(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_any(self) -> None:
        # Later: a body has a limit, a media type, and members that have to be right.
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        # parse it: the path first, then the method.
        one = ONE.fullmatch(self.path)
        if self.path == "/todos":
            methods = {"POST": lambda: self.create(json.loads(body))}  # Later: GET lists them.
        elif one:
            methods = {"GET": lambda: self.read(one[1])}  # Later: PUT and DELETE.
        elif self.path == "/health":
            methods = {"GET": lambda: self.answer(200, b"{}")}  # Later: ask the store.
        elif self.path == "/":
            methods = {"GET": lambda: self.answer(200, PAGE, {"Content-Type": "text/html"})}
        else:
            self.problem(404, "Not Found")
            return
        if self.command in methods:
            methods[self.command]()
        else:
            self.problem(405, "Method Not Allowed", {"Allow": ", ".join(methods)})

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    def create(self, said: dict) -> None:
        ident = secrets.token_urlsafe(12)
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        todo = {
            "id": ident,
            "title": said["title"],
            "done": said.get("done", False),
            "created": now,
        }
        octets = json.dumps(todo).encode()
        # act: the store has it before the answer leaves. Later: its place in the order of all.
        store.ask("SET", f"todo:{ident}", octets)
        self.answer(201, octets, {"Location": f"/todos/{ident}", "ETag": '"1"'})

    def read(self, ident: str) -> None:
        # Later: ask the cache first.
        octets = store.ask("GET", f"todo:{ident}")
        if octets is None:
            self.problem(404, "Not Found")
        else:
            self.answer(200, octets, {"ETag": '"1"'})  # Later: another tag after each change.

    def problem(self, status: int, title: str, fields: dict[str, str] | None = None) -> None:
        body = json.dumps({"title": title, "status": status}).encode()
        kind = {"Content-Type": "application/problem+json"}
        self.answer(status, body, {**kind, **(fields or {})})

    def answer(self, status: int, body: bytes, fields: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(fields or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class Store:
    """Commands to the store and what it answers, on one connection."""

    def __init__(self) -> None:
        self.file = None

    def ask(self, *words: str | bytes) -> bytes | None:
        # Later: it may be gone, or slow, and then it is back.
        if self.file is None:
            host, _, port = os.environ["STORE"].rpartition(":")
            self.file = socket.create_connection((host, int(port))).makefile("rwb")
        # frame it: how many words follow, then each with its length in octets.
        self.file.write(b"*%d\r\n" % len(words))
        for word in words:
            octets = word.encode() if isinstance(word, str) else word
            self.file.write(b"$%d\r\n%b\r\n" % (len(octets), octets))
        self.file.flush()
        return self.reply()

    def reply(self) -> bytes | None:
        """A string, or None where the store has nothing."""
        kind, text = (line := self.file.readline())[:1], line[1:-2]
        if kind == b"$" and text == b"-1":
            return None
        if kind == b"$":
            return self.file.read(int(text) + 2)[:-2]
        if kind == b"+":
            return text
        raise OSError(f"the store said {line!r}")


store = Store()

if __name__ == "__main__":
    # Later: while this client is served, every other one waits in the kernel's queue.
    HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Program).serve_forever()
