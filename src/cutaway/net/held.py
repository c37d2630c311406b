"""A port that refuses connections for a while, and is still there when it is wanted again.

    held = shut(listener)        who connects is refused
    listener = opened(held, 16)  on the same port

A port that is merely closed belongs to nobody: the kernel may give it to the next program that connects
to somewhere. So it stays bound, to a socket that does not listen.

Left out: listeners that several programs share.
"""

from __future__ import annotations

import socket


def shut(listener: socket.socket) -> socket.socket | None:
    """Close it and hold its address. None where somebody was quicker."""
    held, address = socket.socket(listener.family, socket.SOCK_STREAM), listener.getsockname()
    listener.close()
    _shared(held, True)  # with connections of the listener that are not quite over
    try:
        held.bind(address)
    except OSError:
        held.close()
        return None
    _shared(held, False)  # with nobody who asks for any port
    return held


def opened(held: socket.socket, backlog: int) -> socket.socket:
    """It listens, and does not block. Raises OSError."""
    _shared(held, True)
    held.listen(backlog)
    held.setblocking(False)
    return held


def _shared(sock: socket.socket, shared: bool) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, shared)
