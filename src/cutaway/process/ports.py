"""Free ports for programs under test, and who listens where when they do not use them.

    0 ····· 10000 ──────── 32767 │ 32768 ········ 60999 ····· 65535
            └── chosen here ──┘  │ └ ephemeral: any outgoing connection may take one

A port that a program is told to listen on has to stay free between choosing and listening. Inside
the ephemeral range the system may give it to somebody's outgoing connection meanwhile, so the
ports come from below it. Each is proved free by binding it on every address, IPv4 and IPv6,
released at once, and not given out again by this process for a while.

Left out: holding a port until the program has it, which no program could be handed.
"""

from __future__ import annotations

import os
import socket
from collections import deque
from contextlib import suppress

from .spawn import no_fork

LOWEST = 10_000
_recent: deque[int] = deque(maxlen=1024)


def free_ports(count: int) -> list[int]:
    """Choose `count` different ports that nobody uses on any address of this machine.

    raises   OSError when there are none
    """
    with no_fork:  # a child being started would hold what is bound here a moment longer
        return _choose(count, *_range())


def _choose(count: int, lowest: int, highest: int) -> list[int]:
    held: list[socket.socket] = []
    ports: list[int] = []
    try:
        for _ in range(count * 20 + 200):
            if len(ports) == count:
                break
            port = lowest + int.from_bytes(os.urandom(4), "big") % (highest - lowest)
            if port in ports or port in _recent:
                continue
            with suppress(OSError):
                held.append(_bind(port))
                ports.append(port)
    finally:
        for sock in held:
            sock.close()
    if len(ports) < count:
        raise OSError(f"no {count} free ports between {lowest} and {highest}")
    _recent.extend(ports)
    return ports


def _range() -> tuple[int, int]:
    """Where to choose from: below the ephemeral ports, or above where there is no room below."""
    low, high = _ephemeral()
    if low - LOWEST >= 2000:
        return LOWEST, low
    if 65536 - (high + 1) >= 2000:
        return high + 1, 65536
    return LOWEST, 65536


def _ephemeral() -> tuple[int, int]:
    try:
        with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
            low, high = file.read().split()
        return int(low), int(high)
    except (OSError, ValueError):
        return 49152, 65535  # the dynamic ports of IANA, which macOS keeps to


def _bind(port: int) -> socket.socket:
    """Bind on all addresses of both families, where the machine has both."""
    try:
        sock = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    except OSError:
        return _bound(socket.socket(socket.AF_INET, socket.SOCK_STREAM), "0.0.0.0", port)
    try:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        return _bound(sock, "::", port)
    except OSError as error:
        import errno

        if error.errno == errno.EADDRINUSE:
            raise
        return _bound(socket.socket(socket.AF_INET, socket.SOCK_STREAM), "0.0.0.0", port)


def _bound(sock: socket.socket, address: str, port: int) -> socket.socket:
    try:
        sock.bind((address, port))
        return sock
    except OSError:
        sock.close()
        raise


def accepts(port: int, within: float) -> bool:
    """Whether 127.0.0.1:port takes a connection; the connection is closed at once.

    within   seconds; only a listener whose queue is full makes it wait that long
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.settimeout(within)
        try:
            sock.connect(("127.0.0.1", port))
            # A port of the ephemeral range can be connected to itself.
            return bool(sock.getsockname() != sock.getpeername())
        except OSError:
            return False
