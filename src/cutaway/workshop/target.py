"""`--target HOST:PORT[,NAME=HOST:PORT…]`: a server that runs already.

    addresses("127.0.0.1:7000,LINES_PORT=127.0.0.1:7001", "tcp")
        {"PORT": ("127.0.0.1", 7000), "LINES_PORT": ("127.0.0.1", 7001)}

    8080            the same as 127.0.0.1:8080
    [::1]:8080      IPv6

Each is connected to once, so that a server that is not there is one sentence and not a report.

Left out: starting or stopping it.
"""

from __future__ import annotations

import socket

from . import catalog
from .errors import Trouble, did_you_mean

FORM = "Write HOST:PORT, as in 127.0.0.1:8080."
WITHIN = 3.0  # seconds for a connection


def addresses(text: str, topic: str) -> dict[str, tuple[str, int]]:
    """Raises Trouble."""
    known, found = catalog.topic(topic).ports, {}
    for part in text.split(","):
        name, equals, address = part.strip().rpartition("=")
        name = name if equals else "PORT"
        if name not in known:
            near = did_you_mean(name, known, f"It has: {', '.join(known)}.")
            raise Trouble(f"{topic} has no listener {name!r}.", near)
        if name in found:
            raise Trouble(f"--target names {name} twice.", f"Further ones: {name}=HOST:PORT.")
        found[name] = _reached(_address(address))
    return found


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if text.startswith("[") and not text.endswith("]"):
        host = host.removeprefix("[").removesuffix("]")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise Trouble(f"--target {text!r} does not end in a port.", FORM)
    return host or "127.0.0.1", int(port)


def _reached(address: tuple[str, int]) -> tuple[str, int]:
    """The address as numbers, once something there has taken a connection."""
    host, port = address
    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        with socket.create_connection(address, timeout=WITHIN) as sock:
            where = sock.getpeername()
            return where[0], where[1]
    except socket.gaierror:
        raise Trouble(f"There is no host {host!r}.", FORM) from None
    except OSError as error:
        why = "in time" if isinstance(error, TimeoutError) else f"({error.strerror})"
        raise Trouble(f"Nothing takes a connection on {shown} {why}.", "Start it first.") from None
