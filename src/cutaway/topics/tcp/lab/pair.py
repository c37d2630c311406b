"""A connection over loopback, both ends of it in this program.

    with pair() as (client, server): …

Left out: asyncio. An experiment about the kernel's timers has nothing between it and the kernel.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

HOST = "127.0.0.1"
PATIENCE = 5.0  # seconds that one call may wait: a bound, reached only when something is wrong


@contextmanager
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """The client's socket and the server's. Raises OSError."""
    with socket.create_server((HOST, 0)) as listener:
        client = socket.create_connection(listener.getsockname(), timeout=PATIENCE)
        with client:
            server, _ = listener.accept()
            with server:
                server.settimeout(PATIENCE)
                yield client, server
