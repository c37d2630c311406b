"""The reference part, behind a link with a delay.

    with linked(0.02) as relay:
        relay.address       a round trip to the server takes 20 ms, and so does a handshake

On loopback a round trip takes some microseconds, and nothing about connections can be seen. A relay
accepts at once, whatever it does later; so it counts a connection as made one round trip later, and
passes nothing on before that.

Left out: bandwidth and loss.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ....lab.part import HOST, part, reference
from ....net.relay import Link, Relay


@contextmanager
def linked(rtt: float) -> Iterator[Relay]:
    """rtt: seconds of a round trip. Raises Unmeasured where the server does not start."""
    with (
        part(reference("http1"), data="DATA_DIR") as server,
        Relay((HOST, 0), server.address(), Link(latency=rtt / 2)) as relay,
    ):
        yield relay
