r"""Conversations through the reference proxy, as a lesson shows them: both of its sides at once.

    exchange: through RETRIES=1 -date

    GET /a HTTP/1.1                what the client sends
    Host: shop.example

    ~
    HTTP/1.1 200 OK                what the upstream answers on its first connection
    Content-Length: 2

    hi

    →        client to proxy             ← proxy to client
          →  proxy to upstream        ←    upstream to proxy

After each further `~` stands the answer on the next connection; `(ends)` closes it without one and
`(silence)` says nothing. Words with a `=` are settings of the proxy, words with a minus are fields of
answers that are not shown.

Left out: several requests on one connection.
"""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
from collections.abc import Sequence

from cutaway.process.ports import free_ports

from .blocks import Block, Wrong
from .exchange import pieces, spoken
from .reference import PINNED, Client, program

QUIET = 0.1  # seconds after which the upstream takes what came for a request
WAIT = 5.0
INSET = "      "


class Upstream:
    """Hears each connection to a pause and says the next answer. `talks`: heard and said, in order."""

    def __init__(self, answers: Sequence[bytes]) -> None:
        self.answers = answers
        self.talks: list[tuple[bytes, bytes]] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Upstream:
        self.thread.start()
        return self

    def __exit__(self, *details: object) -> None:
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(WAIT)

    def _run(self) -> None:
        held = []
        with contextlib.suppress(OSError):
            for answer in self.answers:
                sock, _ = self.listener.accept()
                heard = hear(sock)
                self.talks.append((heard, answer))
                if answer == b"(ends)":
                    sock.close()
                    continue
                if answer != b"(silence)":
                    sock.sendall(answer)
                held.append(sock)
            self.listener.accept()
        for sock in held:
            sock.close()


def hear(sock: socket.socket) -> bytes:
    """What comes up to a pause."""
    heard = bytearray()
    sock.settimeout(WAIT)
    with contextlib.suppress(TimeoutError):
        while data := sock.recv(65536):
            heard += data
            sock.settimeout(QUIET)
    return bytes(heard)


def through(block: Block, options: Sequence[str]) -> str:
    """The conversation, had now."""
    if block.topic != "proxy":
        raise Wrong(f"{block}: only the topic proxy has two sides")
    asked, *answers = pieces(block.input)
    hidden = [word[1:].encode() for word in options if word.startswith("-")]
    settings = dict(word.split("=", 1) for word in options if "=" in word)
    [port] = free_ports(1)
    command = [sys.executable, "-c", PINNED, "cutaway.topics.proxy.server"]
    with Upstream(
        [one.removesuffix(b"\r\n") if one.startswith(b"(") else one for one in answers]
    ) as up:
        settings["UPSTREAMS"] = f"127.0.0.1:{up.port}"
        with program(command, {"PORT": port}, settings), Client(port) as client:
            client.send(asked)
            heard = client.hear()
            ended = client.ended
    lines = spoken("→", asked, [])
    for request, answer in up.talks:
        lines += [INSET + line for line in spoken("→", request, [])]
        if answer.startswith(b"("):
            lines.append(INSET + "← " + answer.decode())
        else:
            lines += [INSET + line for line in spoken("←", answer, hidden)]
    lines += spoken("←", heard, hidden)
    return "\n".join([*lines, "← (the connection closes)"] if ended else lines)
