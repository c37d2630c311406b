"""Serve on loopback until told to stop.

    def main() -> int:
        return serve({port_from("PORT"): Echo}, on_stop=drain)

One callable for each port, which makes an `asyncio.Protocol` for each connection. Protocols, not
streams: a stream costs a task and two buffers a connection, a protocol only what it keeps itself.

    listen ── ready ── SIGTERM or SIGINT ── stop accepting ── on_stop, at most `patience` ── exit 0
                                                                 │
                                                    a second signal: exit at once

What is in flight when the signal comes is the business of `on_stop`: only the protocol knows
which connections are idle and which owe an answer.

Left out: any address but 127.0.0.1 (a reference part is for looking at), and processes beside the
one that calls.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import resource
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

HOST = "127.0.0.1"
BACKLOG = 1024  # connections that the kernel completes before they are accepted

Factory = Callable[[], asyncio.Protocol]
Hook = Callable[[], Awaitable[None] | None]

#: Exit codes.
STOPPED, CANNOT_LISTEN, USAGE = 0, 1, 2


class CannotListen(Exception):
    """One sentence for the person who started the program."""


def serve(
    listeners: Mapping[int, Factory],
    on_stop: Hook | None = None,
    ready: Callable[[list[int]], None] | None = None,
    patience: float = 30.0,
    tls: Mapping[int, ssl.SSLContext] | None = None,
) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit code. Main thread only.

    listeners   port → what makes a protocol; port 0 is any free one
    on_stop     called once nothing new is accepted; returns when nothing is in flight
    ready       called with the ports once all of them listen
    patience    seconds that on_stop may take before its work is dropped
    tls         port → how it is encrypted, for those of the listeners that are
    """
    try:
        asyncio.run(_serve(listeners, on_stop, ready, patience, tls or {}))
    except CannotListen as problem:
        print(problem, file=sys.stderr)
        return CANNOT_LISTEN
    return STOPPED


def port_from(name: str, environ: Mapping[str, str] = os.environ) -> int:
    """The port that an environment variable names. Exits with a sentence when it names none."""
    text = environ.get(name, "")
    if len(text) <= 5 and text.isascii() and text.isdigit() and int(text) <= 65535:
        return int(text)
    print(f"{name} is {text!r}: set it to a port, as in {name}=8080", file=sys.stderr)
    raise SystemExit(USAGE)


async def listen(
    listeners: Mapping[int, Factory], tls: Mapping[int, ssl.SSLContext] | None = None
) -> list[asyncio.Server]:
    """All of the listeners, or none of them. Raises CannotListen."""
    allow_many_connections()
    servers: list[asyncio.Server] = []
    for port, factory in listeners.items():
        try:
            servers.append(await _bind(port, factory, (tls or {}).get(port)))
        except OSError as problem:
            for server in servers:
                server.close()
            raise CannotListen(_sentence(port, problem)) from None
    return servers


def ports_of(servers: list[asyncio.Server]) -> list[int]:
    """The port of each, as the kernel gave it."""
    return [server.sockets[0].getsockname()[1] for server in servers]


def allow_many_connections() -> None:
    """Raise the soft limit on open files to the hard one: each connection is a file."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def _bind(port: int, factory: Factory, context: ssl.SSLContext | None) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    return await loop.create_server(factory, HOST, port, backlog=BACKLOG, ssl=context)


async def _serve(
    listeners: Mapping[int, Factory],
    on_stop: Hook | None,
    ready: Callable[[list[int]], None] | None,
    patience: float,
    tls: Mapping[int, ssl.SSLContext],
) -> None:
    loop, signals = asyncio.get_running_loop(), [asyncio.Event(), asyncio.Event()]
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _count, signals)
    loop.set_exception_handler(Complaints())
    servers = await listen(listeners, tls)
    if ready is not None:
        ready(ports_of(servers))
    await signals[0].wait()
    for server in servers:
        server.close()
    await _drain(on_stop, signals[1], patience)


class Complaints:
    """What goes wrong in the loop, one line a second at the most: asyncio would print a traceback
    for each of the thousand accepts that fail when there are no more open files."""

    def __init__(self) -> None:
        self.quiet_until = 0.0

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        if os.environ.get("CUTAWAY_DEBUG"):
            loop.default_exception_handler(context)
        elif loop.time() >= self.quiet_until:
            self.quiet_until = loop.time() + 1.0
            problem = context.get("exception")
            cause = f" ({type(problem).__name__}: {problem})" if problem else ""
            print(f"{context['message']}{cause}", file=sys.stderr, flush=True)


def _count(signals: list[asyncio.Event]) -> None:
    first, second = signals
    (second if first.is_set() else first).set()


async def _drain(on_stop: Hook | None, hurry: asyncio.Event, patience: float) -> None:
    work = on_stop() if on_stop is not None else None
    if work is None:
        return
    drained = asyncio.ensure_future(work)
    hurried = asyncio.ensure_future(hurry.wait())
    await asyncio.wait({drained, hurried}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
    if drained.done():
        drained.result()


def _sentence(port: int, problem: OSError) -> str:
    if problem.errno == errno.EADDRINUSE:
        return f"port {port} is in use: end the program that listens there, or choose another port"
    if problem.errno == errno.EACCES:
        return f"port {port} needs privileges: choose one above 1023"
    return f"cannot listen on port {port}: {os.strerror(problem.errno or 0)}"
