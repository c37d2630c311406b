"""The page, served from a thread: one line to begin, one to end.

    with Serving(Desk(machine, Hub(), folder, home), sock) as page:
        page.address        http://127.0.0.1:8080/?token=…

The socket listens already: a port that is in use is to be known before anything was started.

Left out: more than one process; TLS to the browser, since nobody else is on this path.
"""

from __future__ import annotations

import asyncio
import socket
import threading

import uvicorn

from .answers import Desk
from .app import application
from .guard import Guard, new_token

HOST = "127.0.0.1"
PATIENCE = 3.0  # seconds for what is being answered


class Serving:
    """Takes over the listener."""

    def __init__(self, desk: Desk, sock: socket.socket, token: str = "") -> None:
        self.token, self._sock = token or new_token(), sock
        self.port: int = sock.getsockname()[1]
        hosts = [f"{name}:{self.port}" for name in (HOST, "localhost")]
        guard = Guard(application(desk), hosts, self.token)
        config = uvicorn.Config(
            guard, log_level="critical", lifespan="on", server_header=False, ws="none"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, name="page", daemon=True)

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}/?token={self.token}"

    def __enter__(self) -> Serving:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Open pages are told nothing more; what a thread of theirs still does is waited for briefly."""
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(PATIENCE)
        self._sock.close()

    def _serve(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._sock]))
