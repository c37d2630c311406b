"""Free ports for programs under test, and who listens where when they do not use them.

    0 ····· 10000 ──────── 32767 │ 32768 ········ 60999 ····· 65535
            └── chosen here ──┘  │ └ ephemeral: any outgoing connection may take one

A port that a program is told to listen on has to stay free between choosing and listening. Inside
the ephemeral range the system may give it to somebody's outgoing connection meanwhile, so the
ports come from below it. Each is proved free by binding it on every address, IPv4 and IPv6, and
released at once, because a port that is held cannot be handed to a program.

What is held is a token for it, so that no other check on this machine chooses the same port in the
half second before the program listens: a Unix socket whose name is not in the file system
("\\0cutaway port 23456", unix(7)). The kernel gives a name to one process only, and takes it back
when that process ends, however it ends.

Left out: tokens on systems other than Linux, and strangers who take a port without asking anybody;
grade/running.py starts again elsewhere when it sees one.
"""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections import deque
from contextlib import suppress

from .spawn import no_fork

LOWEST = 10_000
HELD = 128  # tokens; more ports than are between choosing and listening at any time

_recent: deque[int] = deque(maxlen=1024)
_tokens: deque[socket.socket] = deque()


def free_ports(count: int) -> list[int]:
    """Choose `count` different ports that nobody uses on any address of this machine.

    No other process is given them by this function until this one has chosen HELD others.
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
                _tokens.append(_token(port))
                held.append(_bind(port))
                ports.append(port)
    finally:
        for sock in held:
            sock.close()
    if len(ports) < count:
        raise OSError(f"no {count} free ports between {lowest} and {highest}")
    _recent.extend(ports)
    while len(_tokens) > HELD:
        _tokens.popleft().close()
    return ports


def _token(port: int) -> socket.socket:
    """What only one process can have for each port. Raises OSError when another one has it."""
    token = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    if sys.platform == "linux":
        try:
            token.bind(f"\0cutaway port {port}")
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                token.close()
                raise
            # a sandbox without such names: the port is free, as far as can be seen
    return token


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
