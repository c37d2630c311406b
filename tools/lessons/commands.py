r"""Conversations with the reference of cache: typed commands, the octets that answer them.

    exchange: talk                 each line a command: → typed, ← its answer as octets, ⏎ for CR LF
    exchange: talk APPENDONLY=yes  with settings
    exchange: log                  the commands are had, and what the append-only file holds is shown
    exchange: raw                  each line is one write of octets, with \r\n, and what comes back
    exchange: labelled             commands and answers, every octet with its name and section

With several clients a line begins with the name of one: `A: WATCH stock`. A line `A:` alone waits for
what comes to A though it did not ask.

Left out: commands with spaces in a word.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from cutaway.process.ports import free_ports
from cutaway.topics.cache.codec import Command, Resp
from cutaway.topics.cache.log import NAME
from cutaway.wire import Annotator, NeedMore, Reader

from .blocks import Block, Made, Wrong
from .reference import ANSWER, PINNED, SILENCE, Client, program

CODEC = Resp()
LONG = 88  # characters of a line that are shown


def commands(block: Block) -> Made:
    """The conversation, had now."""
    from .exchange import labels

    view, *options = block.argument.split()
    if view not in ("talk", "log", "raw", "labelled"):
        raise Wrong(f"{block}: the views are talk, log, raw and labelled")
    settings = dict(option.split("=", 1) for option in options)
    if view == "log":
        settings |= {"APPENDONLY": "yes", "APPENDFSYNC": "always"}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        [port] = free_ports(1)
        command = [sys.executable, "-c", PINNED, "cutaway.topics.cache.server"]
        stack.enter_context(program(command, {"PORT": port}, {**settings, "DATA_DIR": folder}))
        said = Conversation(port, stack)
        if view == "raw":
            return Made(
                "\n".join(line for text in block.input.splitlines() for line in said.raw(text))
            )
        lines = [line for text in block.input.splitlines() for line in said.turn(text)]
        if view == "talk":
            return Made("\n".join(lines))
        if view == "log":
            return Made(shown((Path(folder) / NAME).read_bytes().replace(b"\r\n*", b"\r\n\n*")))
        asked, answered = Annotator(said.sent), Annotator(said.heard)
        every(CODEC.to_server, asked)
        every(CODEC.to_client, answered)
        return Made(f"{labels(asked)}\n\n{labels(answered)}")


class Conversation:
    """sent, heard: all octets so far."""

    def __init__(self, port: int, stack: ExitStack) -> None:
        self.port, self.stack = port, stack
        self.clients: dict[str, Client] = {}
        self.sent, self.heard = b"", b""

    def client(self, name: str) -> Client:
        if name not in self.clients:
            self.clients[name] = self.stack.enter_context(Client(self.port))
        return self.clients[name]

    def turn(self, text: str) -> list[str]:
        """One command and its answer, or an answer alone."""
        name, colon, typed = text.partition(":")
        if not (colon and name.isupper() and len(name) == 1):
            name, typed = "", text
        client, typed = self.client(name), typed.strip()
        lines = [f"{name} → {typed}".strip()] if typed else []
        if typed:
            octets = bytes(Command(tuple(word.encode() for word in typed.split())))
            self.sent += octets
            client.send(octets)
        answer = one_value(client)
        self.heard += answer
        return [*lines, f"{name} ← {shown(answer)}".strip()]

    def raw(self, text: str) -> list[str]:
        """One write, and what comes back up to a silence."""
        client = self.client("")
        with contextlib.suppress(ConnectionError):
            client.send(text.encode().decode("unicode_escape").encode("latin-1"))
        answer = client.hear(SILENCE)
        lines = [f"→ {text}".replace("\\r\\n", "⏎")]
        lines += [f"← {shown(answer)}"] if answer else []
        return [*lines, "← (the connection closes)"] if client.ended else lines


def one_value(client: Client) -> bytes:
    """The octets of the next value."""
    data = b""
    client.socket.settimeout(ANSWER)
    while True:
        # One octet at a time, so that what stands behind a value waits for its own line.
        piece = client.socket.recv(1)
        data += piece
        with contextlib.suppress(NeedMore):
            CODEC.to_client(Reader(data))
            return data
        if not piece:
            return data


def shown(octets: bytes) -> str:
    """Octets as text, with ⏎ for CR LF."""
    text = octets.decode("utf-8", "backslashreplace").replace("\r\n", "⏎")
    return "\n".join(line if len(line) <= LONG else line[:LONG] + " …" for line in text.split("\n"))


def every(read: Callable[[Reader], object], r: Annotator) -> None:
    while r.pos < len(r.data):
        read(r)
