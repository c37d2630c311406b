"""The reference part: a reverse proxy and balancer on one thread.

    PORT=8080 UPSTREAMS=127.0.0.1:8081,127.0.0.1:8082 python -m cutaway.topics.proxy.server

In reading order: client (the side of the clients), exchange (one request and its answer), link (the
side of the upstreams); rewrite and body (what is changed on the way), accept and routes (what is
not passed on); upstreams, balance, retries and health (who gets it); tls, announced and tunnel (the
other ways in); and here what all of them share: the settings, the clocks, and the way to stop.

Left out: more than one thread, a log, a cache, and reading the settings anew while running.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import ssl
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from cutaway.net.settings import Address, BadSetting

from ...net.serve import USAGE, port_from, serve
from . import health, routes
from .accept import Refusal
from .announced import Announced
from .balance import POLICIES
from .client import Client
from .deadlines import Deadlines
from .exchange import Exchange
from .link import Link
from .retries import Budget
from .routes import Routed
from .settings import Settings, read_settings
from .tls import listener_context
from .tunnel import Tunnel
from .upstreams import Group, Upstream

HEAD_SECONDS = 10.0
LINGER_SECONDS = 2.0
DRAIN_SECONDS = 60.0
SETTLE_SECONDS = 0.02  # what the kernel already holds for us at SIGTERM is still read


class Proxy:
    """What the connections share.

    allowed  what may be reached as a forward proxy; None: nothing, it is none
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        weights = settings.weights or (1,) * len(settings.upstreams)
        pairs = zip(settings.upstreams, weights, strict=True)
        self.upstreams = [Upstream(self, address, weight) for address, weight in pairs]
        self.everybody = self.group(self.upstreams)
        self.routes = routes.in_order(
            Routed(route, self.group([self.upstreams[place] for place in route.to]))
            for route in settings.routes
        )
        self.allowed: dict[str, Group] | None = None
        if settings.connect_allow is not None:
            self.allowed = {name_of(one): self.alone(one) for one in settings.connect_allow}
        self.budget = Budget(settings.retry_percent)
        self.heads = Deadlines(HEAD_SECONDS, Client.too_slow)
        self.lingers = Deadlines(LINGER_SECONDS, Client.time_is_up)
        self.reads = Deadlines(settings.read, Link.silent)
        self.totals = Deadlines(settings.total, Exchange.too_long)
        self.clients: set[Client] = set()
        self.tunnels: dict[Tunnel, Upstream] = {}
        self.watches: list[asyncio.Task[None]] = []
        self.draining = False
        self.empty = asyncio.Event()

    def group(self, members: Sequence[Upstream]) -> Group:
        return Group(members, POLICIES[self.settings.policy]())

    def alone(self, address: Address) -> Group:
        """An upstream that is reached by its name in a request."""
        return self.group([Upstream(self, address)])

    # Where a request goes.

    def route(self, host: bytes, path: bytes) -> Routed | None:
        """None where there are no routes. Raises Refusal."""
        return routes.find(self.routes, host, path) if self.routes else None

    def allowed_group(self, method: bytes, target: bytes, authority: bytes) -> Group:
        """The group of what a client names. Raises Refusal.

        spec    RFC 9110 §9.3.6; RFC 9112 §3.2.2, §3.2.3
        """
        name = authority.decode("latin-1").lower()
        if method != b"CONNECT":
            if not target.lower().startswith(b"http:"):
                raise Refusal(400, "Only http is fetched for others; CONNECT makes tunnels.")
            name += "" if name.rpartition(":")[2].isdigit() else ":80"
        group = (self.allowed or {}).get(name)
        if group is None:
            raise Refusal(403, "This address is not in the list of what may be reached.")
        return group

    def began(self, exchange: Exchange) -> None:
        """One more request is under way."""
        self.totals.start(exchange)
        if self.settings.retries:
            self.budget.request()

    def join(self, client: Client, link: Link, upstream: Upstream) -> Tunnel:
        """Two connections that are one from here on."""
        tunnel = Tunnel(client.transport, link.transport, self.parted)
        self.clients.discard(client)
        self.tunnels[tunnel] = upstream
        return tunnel

    def parted(self, tunnel: Tunnel) -> None:
        self.tunnels.pop(tunnel).busy -= 1
        self.check_empty()

    def forget(self, client: Client) -> None:
        self.clients.discard(client)
        self.heads.stop(client)
        self.lingers.stop(client)
        self.check_empty()

    # Beginning and ending.

    def start(self) -> None:
        """Begin to ask upstreams whether they are well, where that is wanted."""
        path, every = self.settings.health_path, self.settings.health
        if path:
            loop = asyncio.get_running_loop()
            asked = [health.watch(upstream, path, every) for upstream in self.upstreams]
            self.watches = [loop.create_task(one) for one in asked]

    def check_empty(self) -> None:
        if not self.clients and not self.tunnels:
            self.empty.set()

    async def drain(self) -> None:
        """Returns once everything that was begun is answered and every connection is closed."""
        self.draining = True
        await asyncio.sleep(SETTLE_SECONDS)
        for watch in self.watches:
            watch.cancel()
        self.empty.clear()
        for tunnel in list(self.tunnels):
            tunnel.close()
        for client in list(self.clients):
            client.stop()
        self.check_empty()
        await self.empty.wait()


def name_of(address: Address) -> str:
    return str(address).lower()


Listeners = tuple[dict[int, Callable[[], Client]], dict[int, ssl.SSLContext]]


def listeners(proxy: Proxy, environ: Mapping[str, str]) -> Listeners:
    """Port → what makes a connection, and port → TLS context. Raises BadSetting."""
    made: dict[int, Callable[[], Client]] = {port_from("PORT"): partial(Client, proxy)}
    contexts: dict[int, ssl.SSLContext] = {}
    if environ.get("TLS_PORT"):
        if proxy.settings.certificates is None:
            raise BadSetting("TLS_PORT is set and CERTIFICATES is not: name a folder with them")
        port = port_from("TLS_PORT")
        made[port] = partial(Client, proxy, b"https")
        contexts[port] = listener_context(proxy.settings.certificates)
    if environ.get("PROXY_PORT"):
        made[port_from("PROXY_PORT")] = partial(Announced, proxy)
    return made, contexts


def main() -> int:
    """Serve until told to stop; returns the exit code."""
    try:
        proxy = Proxy(read_settings(os.environ))
        made, contexts = listeners(proxy, os.environ)
    except BadSetting as problem:
        print(problem, file=sys.stderr)
        return USAGE

    def ready(ports: list[int]) -> None:
        proxy.start()
        announce(ports)

    with contextlib.suppress(KeyboardInterrupt):
        return serve(made, proxy.drain, ready, DRAIN_SECONDS, contexts)
    return 0


def announce(ports: list[int]) -> None:
    """Say where the proxy is. What was made by now stays, so it is not looked at for garbage."""
    gc.collect()
    gc.freeze()
    print(f"http://127.0.0.1:{ports[0]}/", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
