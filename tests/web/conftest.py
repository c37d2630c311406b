"""An application served for real, and a client as plain as they come."""

import http.client
import socket
import threading
import time

import pytest
import uvicorn

from cutaway.web.guard import Guard

TOKEN = "right"


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
