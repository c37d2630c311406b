r"""Conversations with the reference proxy, seen from both of its sides.

    exchange: between                 → client to proxy, ⇒ proxy to upstream, ⇐ back, ← to the client
    exchange: between READ_MS=300     with settings
    exchange: between -date           without that field of what the client did not send
    exchange: labelled                no conversation: octets of the input, named by the codec
    exchange: labelled hex            the same; the input is hexadecimal

The input is what the client sends; behind a line `=` what the upstream answers, and behind a line
`~` the next turn. As answers there are also `(close)` and `(silence)`; a turn without `=` is one of
which the upstream hears nothing.

Left out: more than one upstream, and tunnels.
"""

from __future__ import annotations

import contextlib
import select
import socket
import sys

from cutaway.process.ports import free_ports
from cutaway.topics.proxy.codec import Proxied
from cutaway.wire import Annotator

from .blocks import Block, Made, Wrong
from .reference import ANSWER, PINNED, Client, program

SILENCE = 0.3  # seconds after which nothing more is on its way to the upstream


def between(block: Block) -> Made:
    """The conversation, had now; or the labels."""
    from .exchange import labels

    view, *options = block.argument.split()
    if view == "labelled":
        octets = bytes.fromhex(block.input) if "hex" in options else as_octets(block.input)
        read, codec = Annotator(octets), Proxied()
        while read.pos < len(octets):
            codec.to_server(read)
        return Made(labels(read))
    if view == "between":
        settings = dict(option.split("=", 1) for option in options if "=" in option)
        hidden = [option[1:].encode() for option in options if option.startswith("-")]
        return Made(talk(block, settings, hidden))
    raise Wrong(f"{block}: the views are between and labelled")


def talk(block: Block, settings: dict[str, str], hidden: list[bytes]) -> str:
    """All turns, an empty line between one and the next."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(ANSWER)
        [port] = free_ports(1)
        upstream = f"127.0.0.1:{listener.getsockname()[1]}"
        command = [sys.executable, "-c", PINNED, "cutaway.topics.proxy.server"]
        given = {"UPSTREAMS": upstream, **settings}
        with program(command, {"PORT": port}, given), Client(port) as client:
            far = Far(listener)
            turns = [turn(client, far, piece, hidden) for piece in block.input.split("~\n")]
            far.close()
    return "\n\n".join(turns) + ("\n← (the connection closes)" if client.ended else "")


def turn(client: Client, far: Far, text: str, hidden: list[bytes]) -> str:
    """What is said on both sides, in the order in which it is said."""
    from .exchange import spoken

    asks, answered, answer = text.partition("=\n")
    sent = as_octets(asks)
    lines = spoken("→", sent, [])
    client.send(sent)
    if answered:
        lines += spoken("⇒", far.hear(), hidden)
        lines += far.say(answer.strip("\n") if answer.startswith("(") else answer, hidden)
    return "\n".join([*lines, *spoken("←", client.hear(), hidden)])


def as_octets(text: str) -> bytes:
    """Lines end with CR LF; the last one only where it is blank."""
    if not text.endswith("\n\n") and not text.startswith("PROXY"):
        text = text.removesuffix("\n")
    return text.encode().replace(b"\n", b"\r\n")


class Far:
    """The upstream: a listener, and the latest connection to it."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener = listener
        self.sock: socket.socket | None = None

    def hear(self) -> bytes:
        """What comes up to a silence, on the connection there is or on a new one."""
        heard = bytearray()
        waits = ANSWER
        while True:
            sockets = [self.listener, *([self.sock] if self.sock is not None else [])]
            ready = select.select(sockets, [], [], waits)[0]
            if not ready:
                return bytes(heard)
            if self.listener in ready:
                self.close()
                self.sock, _ = self.listener.accept()
            elif self.sock is not None:
                data = self.sock.recv(65536)
                heard += data
                if not data:
                    self.close()
            waits = SILENCE if heard else ANSWER

    def say(self, answer: str, hidden: list[bytes]) -> list[str]:
        """Answer, or do what stands in brackets."""
        from .exchange import spoken

        if answer == "(silence)":
            return ["⇐ (silence)"]
        if answer == "(close)":
            self.close()
            return ["⇐ (the connection closes)"]
        assert self.sock is not None
        octets = as_octets(answer)
        self.sock.sendall(octets)
        return spoken("⇐", octets, hidden)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            if self.sock is not None:
                self.sock.close()
        self.sock = None
