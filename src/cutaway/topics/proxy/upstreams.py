"""An upstream: where it is, what is under way to it, which connections to it are kept, and whether
it is in service.

    a request needs a connection ─▶ take ─▶ a kept one, the latest first
                                       └──▶ none: make one
    its answer has ended         ─▶ keep ─▶ there are 16 already: close it

A connection that is kept costs a round trip less, and brings a race: the upstream may close it in
the moment in which it is used again. What is to be done then is decided in exchange.py.

The latest comes first, so that under light load few are used, and the others can go.

Left out: a limit on connections that are in use.
"""

from __future__ import annotations

import asyncio
import select
from collections.abc import Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

from cutaway.net.settings import Address

from .link import Link

if TYPE_CHECKING:
    from .balance import Policy
    from .server import Proxy

MOST_IDLE = 16


class Upstream:
    """busy      requests under way
    failures  in a row
    up        in service: neither found sick by asking, nor ejected for its failures
    """

    __slots__ = ("address", "busy", "ejected", "failures", "idle", "key", "proxy", "sick", "weight")

    def __init__(self, proxy: Proxy, address: Address, weight: int = 1) -> None:
        self.proxy, self.address, self.weight = proxy, address, weight
        self.key = blake2b(str(address).encode(), digest_size=32).digest()
        self.busy = self.failures = 0
        self.sick = self.ejected = False
        self.idle: list[Link] = []

    @property
    def up(self) -> bool:
        return not (self.sick or self.ejected)

    # Connections.

    def take(self, sure: bool) -> Link | None:
        """A kept connection, if there is one.

        sure    what is to be sent cannot be sent twice: leave out those of which the kernel knows
                that they have ended
        """
        while self.idle:
            link = self.idle.pop()
            if not sure or not has_news(link):
                return link
            link.close()
        return None

    def keep(self, link: Link) -> None:
        """Keep a connection whose exchange has ended on both sides."""
        if len(self.idle) < MOST_IDLE and not self.proxy.draining:
            self.idle.append(link)
        else:
            link.close()

    def forget(self, link: Link) -> None:
        """A connection that was kept has ended."""
        if link in self.idle:
            self.idle.remove(link)

    async def connect(self) -> Link:
        """A new connection. Raises OSError."""
        loop = asyncio.get_running_loop()
        host, port = self.address
        _, link = await loop.create_connection(lambda: Link(self), host, port)
        return link

    # Health, as its answers show it.

    def succeeded(self) -> None:
        self.failures = 0

    def failed(self) -> None:
        """One more failure. Too many in a row take it out for a while; what is under way goes on."""
        settings = self.proxy.settings
        self.failures += 1
        if settings.eject_after and self.failures >= settings.eject_after and not self.ejected:
            self.ejected = True
            asyncio.get_running_loop().call_later(settings.eject, self.come_back)

    def come_back(self) -> None:
        self.ejected, self.failures = False, 0


class Group:
    """Upstreams that can take each other's place, with a policy that has its own memory."""

    __slots__ = ("members", "policy")

    def __init__(self, members: Sequence[Upstream], policy: Policy) -> None:
        self.members, self.policy = members, policy

    def choose(self, target: bytes, tried: Sequence[Upstream]) -> Upstream | None:
        """Who takes a request: preferably one that has not tried it yet. None when nobody is in."""
        among = [one for one in self.members if not (one.sick or one.ejected)]
        if tried:
            among = [one for one in among if one not in tried] or among
        return self.policy(among, target) if among else None


def has_news(link: Link) -> bool:
    """Whether something has come on a connection on which nothing was asked: most often its end."""
    poll = select.poll()
    poll.register(link.transport.get_extra_info("socket"), select.POLLIN)
    return bool(poll.poll(0))
