"""One request on its way to an upstream, and its answer on the way back.

    choose an upstream ─▶ take or make a connection ─▶ push the request as it comes
           ▲                                                │
           └── failed: may it, and may one more, be tried? ◀┤
                                                            ▼
                     answer: its head decides how the body goes on ─▶ answered

It is the one place that knows both sides. What one side does not take stops the reading of the
other, so that a body of any length needs the memory of a few buffers.

The moment in which the head of the answer is passed on is the border: before it every failure can
still become a 502 or a 504, or another try; behind it there is only one way to say that the rest is
missing: to close the client's connection in a way that cannot be taken for the end.

Left out: what the client's connection does between exchanges. See client.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...wire import NeedMore, Reader
from ..http1.codec import Framing, ResponseHead
from . import rewrite
from .body import Body
from .retries import (
    ENDED,
    GARBAGE,
    IDEMPOTENT,
    MOST_KEPT,
    NOBODY,
    NOT_REACHED,
    REFUSED,
    TOO_LONG,
    Failure,
)
from .states import BEGUN, CONNECTING, EXCHANGE, WAITING
from .upstreams import Group, Upstream

if TYPE_CHECKING:
    from .client import Client
    from .link import Link

NEXT = EXCHANGE.table
BAD_STATUSES = frozenset({502, 503, 504})


class Exchange:
    """body      of the request, until it has gone; None when there is none
    pending   octets that go ahead of what comes next: the head, or all that is sent again
    kept      what was sent, to be sent again; None when that is too much to keep
    expects   the client waits for 100 (Continue) before it sends the body
    """

    __slots__ = (
        *("body", "client", "connecting", "expects", "group", "kept", "kept_octets", "link"),
        *("method", "old", "pending", "refreshed", "state", "target", "tried", "upgrading"),
        *("upstream",),
    )

    def __init__(
        self, client: Client, group: Group, method: bytes, target: bytes, old: bool
    ) -> None:
        self.client, self.group = client, group
        self.method, self.target, self.old = method, target, old
        self.state = CONNECTING
        self.body: Body | None = None
        self.pending: list[bytes] = []
        self.kept: list[bytes] | None = []
        self.kept_octets = 0
        self.expects = self.upgrading = self.refreshed = False
        self.link: Link | None = None
        self.upstream: Upstream | None = None
        self.tried: list[Upstream] = []
        self.connecting: asyncio.Task[None] | None = None

    # The way there.

    def begin(self) -> None:
        """Choose an upstream and get a connection to it, a kept one if possible."""
        self.upstream = upstream = self.group.choose(self.target, self.tried)
        if upstream is None:
            self.give_up(NOBODY)
            return
        upstream.busy += 1
        link = None if self.method == b"CONNECT" else upstream.take(not self.is_repeatable())
        if link is None:
            self.connect(upstream)
        else:
            self.connected(link)

    def connect(self, upstream: Upstream) -> None:
        self.connecting = asyncio.get_running_loop().create_task(self.reach(upstream))

    async def reach(self, upstream: Upstream) -> None:
        """Make a connection, in time."""
        failure, link = REFUSED, None
        try:
            async with asyncio.timeout(self.client.proxy.settings.connect):
                link = await upstream.connect()
        except TimeoutError:
            failure = NOT_REACHED
        except OSError:
            pass
        self.connecting = None
        if link is None:
            self.failed(failure)
        else:
            self.connected(link)
            self.client.connected(self)

    def connected(self, link: Link) -> None:
        self.state = NEXT[self.state, "connected"]
        self.link = link
        link.carry(self)

    def takes(self) -> bool:
        """Whether octets of the client belong to this request and can go on now."""
        return self.body is not None and self.link is not None and not self.link.choked

    def push(self, r: Reader) -> None:
        """Send on what has come of the request.

        raises  NeedMore, behind which more has to come; Malformed, Refused: nothing was sent
        """
        link = self.link
        if link is None:
            return
        out, self.pending = self.pending, []
        ended = self.body is None
        try:
            if self.body is not None:
                ended = self.body.read(r, out)
        except NeedMore:
            self.send(link, out)
            raise
        self.send(link, out)
        if ended:
            self.body = None
            self.state = NEXT[self.state, "request ended"]
        if self.state is WAITING or self.expects:
            self.client.proxy.reads.start(link)

    def send(self, link: Link, out: list[bytes]) -> None:
        """Write, and keep a copy while it is small enough to be sent again."""
        if not out:
            return
        octets = b"".join(out)
        self.kept_octets += len(octets)
        if self.kept_octets > MOST_KEPT:
            self.kept = None
        elif self.kept is not None:
            self.kept.append(octets)
        link.transport.write(octets)

    # The way back.

    def interim(
        self, head: ResponseHead, fields: Mapping[bytes, bytes], lines: bytes, out: list[bytes]
    ) -> None:
        """A 1xx answer, ahead of the real one. HTTP/1.0 knows none.

        spec    RFC 9110 §15.2
        """
        if head.status == 100 and self.link is not None:
            self.expects = False  # from now on the client owes something, not the upstream
            self.client.proxy.reads.stop(self.link)
        if not self.old:
            out.append(rewrite.answer_head(head, lines, fields, None, b""))

    def answer(
        self,
        head: ResponseHead,
        fields: Mapping[bytes, bytes],
        lines: bytes,
        framing: Framing,
        out: list[bytes],
    ) -> Body:
        """The head of the answer has come: pass it on, and say how its body goes on."""
        client, early = self.client, self.body is not None
        self.state = NEXT[self.state, "answer began"]
        client.proxy.totals.stop(self)
        self.judge(head.status)
        to_chunks = framing.kind in ("chunked", "close") and not self.old
        line = rewrite.framing_line(framing, fields, to_chunks, head.status)
        connection = client.connection_line(
            early, self.old and framing.kind in ("chunked", "close")
        )
        out.append(rewrite.answer_head(head, lines, fields, line, connection))
        return Body(framing, to_chunks)

    def judge(self, status: int) -> None:
        """What the status says about the health of the upstream."""
        if self.upstream is None:
            return
        if status in BAD_STATUSES:
            self.upstream.failed()
        else:
            self.upstream.succeeded()

    def answered(self) -> None:
        """The answer has ended, and all of it was written to the client."""
        whole = self.body is None
        self.state = NEXT[self.state, "answer ended"]
        link = self.link
        self.leave()
        if link is not None:
            link.finish(whole)
        self.client.answered()

    def switch(self, head: ResponseHead, fields: Mapping[bytes, bytes], early: bytes) -> None:
        """The upstream speaks another protocol from here on, if it was asked to.

        spec    RFC 9110 §7.8, §15.2.2
        """
        if not self.upgrading or self.state is not WAITING or b"upgrade" not in fields:
            self.failed(GARBAGE)
            return
        self.judge(head.status)
        self.tunnel(rewrite.switching_head(head, fields) + early)

    def tunnel(self, octets: bytes) -> None:
        """From here on octets pass as they are. `octets` go ahead to the client."""
        assert self.link is not None
        assert self.upstream is not None
        self.client.proxy.totals.stop(self)
        self.client.proxy.reads.stop(self.link)
        self.state = NEXT[self.state, "switched"]
        self.client.tunnel(self.link, self.upstream, octets)

    # When it fails.

    def is_repeatable(self) -> bool:
        """Whether this request may be sent twice."""
        return self.method in IDEMPOTENT and self.kept is not None

    def failed(self, failure: Failure) -> None:
        """There will be no answer on this connection: try again, say so, or break off."""
        upstream, link = self.upstream, self.link
        lost = failure is ENDED and link is not None and link.used and not link.begun
        untouched = link is None or not link.begun
        self.leave()
        if link is not None:
            link.drop()
        blameless = lost or (failure is TOO_LONG and self.body is not None)
        if upstream is not None and not blameless:
            upstream.failed()
        if self.state in BEGUN:
            self.state = NEXT[self.state, "given up"]
            self.client.break_off()
        elif untouched and self.may_go_again(failure, lost):
            self.go_again(upstream, lost)
        else:
            self.give_up(failure)

    def may_go_again(self, failure: Failure, lost: bool) -> bool:
        """`lost`: the connection had been kept, and was closed before it was used again.

        spec    RFC 9112 §9.3.1, §9.5; RFC 9110 §9.2.2
        """
        if not (failure.unsent or (failure.again and self.is_repeatable())) or self.kept is None:
            return False
        if lost and not self.refreshed:
            return True
        proxy = self.client.proxy
        return len(self.tried) < proxy.settings.retries and proxy.budget.allows_one()

    def go_again(self, upstream: Upstream | None, lost: bool) -> None:
        """The same request once more: on a new connection, or at another upstream."""
        self.state = NEXT[self.state, "try again"]
        self.pending = [*(self.kept or ()), *self.pending]
        self.kept, self.kept_octets = [], 0
        if lost and upstream is not None and upstream.up:
            self.refreshed = True
            self.upstream = upstream
            upstream.busy += 1
            self.connect(upstream)
        else:
            if upstream is not None:
                self.tried.append(upstream)
            self.begin()
            if self.link is not None:  # a kept one: nothing else will say that it is there
                self.client.connected(self)

    def too_long(self) -> None:
        """The time that a request may take is over."""
        self.failed(TOO_LONG)

    def give_up(self, failure: Failure) -> None:
        self.state = NEXT[self.state, "given up"]
        self.client.proxy.totals.stop(self)
        self.client.fail(failure.status, failure.sentence, self.body is not None)

    def abandon(self) -> None:
        """The client has gone, or what it sent is refused: nobody waits for an answer."""
        link = self.link
        self.client.proxy.totals.stop(self)
        self.leave()
        if link is not None:
            link.drop()

    def leave(self) -> None:
        """No longer under way at its upstream."""
        if self.connecting is not None:
            self.connecting.cancel()
            self.connecting = None
        if self.upstream is not None:
            self.upstream.busy -= 1
        self.upstream = self.link = None
