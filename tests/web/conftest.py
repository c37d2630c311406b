"""An application served for real, and a client as plain as they come."""

import http.client
import json
import socket
import threading
import time
from typing import get_type_hints

import msgspec
import pytest
import uvicorn

from cutaway.web.events import Hub
from cutaway.web.guard import Guard
from cutaway.web.shapes.events import Told

TOKEN = "right"
KINDS = get_type_hints(Told)


def is_described(text, shape):
    """Nothing is missing, nothing of another type, and nothing is there that is not said."""
    read = msgspec.json.decode(text, type=shape, strict=True)
    return json.loads(msgspec.json.encode(read)) == json.loads(text)


def as_described(kind, what):
    """What is told is of a kind that the page knows, and of its shape. Returns it."""
    assert is_described(msgspec.json.encode(what), KINDS[kind])
    return what


class Described(Hub):
    """Lets nothing pass that the page would not know."""

    def tell(self, kind, what):
        super().tell(kind, as_described(kind, what))


class Browser:
    """Sends what it is told, keeps cookies, follows nothing."""

    def __init__(self, port):
        self.port, self.cookies = port, {}

    def ask(self, path, method="GET", headers=(), body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        said = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), **dict(headers)}
        connection.request(method, path, body=body, headers={k: v for k, v in said.items() if v})
        answer = connection.getresponse()
        answer.text = answer.read().decode()
        for cookie in answer.headers.get_all("set-cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        connection.close()
        return answer


@pytest.fixture
def served():
    """Serves an application behind the guard; gives a browser that has opened nothing yet."""
    running = []

    def serve(app):
        sock = socket.create_server(("127.0.0.1", 0))
        port = sock.getsockname()[1]
        guard = Guard(app, [f"127.0.0.1:{port}", f"localhost:{port}"], TOKEN)
        server = uvicorn.Server(uvicorn.Config(guard, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
        thread.start()
        running.append((server, thread))
        while not server.started:
            time.sleep(0.005)
        return Browser(port)

    yield serve
    for server, thread in running:
        server.should_exit = True
        thread.join(10)
