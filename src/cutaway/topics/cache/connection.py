"""One connection: octets in, commands done in order, answers out.

    octets ─▶ data_received ─▶ take ─▶ read_words ─▶ answer ─▶ a function of the table ─▶ octets
                 │                       codec                    commands.py
                 └─ Arriving, where a command is not all here

A `Protocol`: the event loop calls it when octets have come and when there is room to write again. The
answers to all commands of one arrival are written together, so a pipelined batch costs one system call.
That, and nothing cleverer, is why pipelining is fast.

What keeps one client from hurting the others: a command that is not whole costs its octets and no more;
a batch whose answers are not taken stops in the middle, and nothing is read meanwhile; who subscribed
and does not read is cut off.

Left out: a time limit for the silent. A client may be idle for as long as it likes.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from ...wire import Malformed, NeedMore, Reader, Refused
from .arriving import Arriving
from .client import Client
from .commands import COMMANDS, find
from .replies import WEB_PAGE, Failure, wrong_count
from .requests import read_words
from .states import CLOSING, NORMAL

if TYPE_CHECKING:
    from .server import Server

AT_ONCE = 1 << 18  # octets of answers that are gathered before they are written
HIGH_WATER = 1 << 20  # octets waiting for a client at which nothing more is done for it
LINGER = 1.0  # seconds in which a client that was told the end may close first
MOST_WAITING = 32 << 20  # octets waiting for a subscriber at which it is cut off


class Connection(Client, asyncio.Protocol):
    """One client. Its states are the table in states.py."""

    __slots__ = ("arriving", "choked", "finished", "transport")

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.arriving: Arriving | None = None
        self.choked = False
        self.finished = False

    # Called by the event loop.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.set_write_buffer_limits(high=HIGH_WATER)
        self.server.clients[self.id] = self

    def data_received(self, data: bytes) -> None:
        if self.arriving is not None:
            self.arriving.add(data)
            self.go_on()
        elif self.state is not CLOSING:
            self.take(data)

    def eof_received(self) -> bool:
        """The client sends no more; what it asked is still answered before the end."""
        self.finished = True
        self.server.hub.forget(self)
        held = self.server.log is not None and self.server.log.holds_end(self)
        return held or (self.choked and self.arriving is not None)

    def pause_writing(self) -> None:
        self.choked = True
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        self.choked = False
        self.transport.resume_reading()
        self.go_on()
        if self.finished and not self.choked:
            self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        self.arriving = None
        self.server.forget(self)

    # Reading.

    def go_on(self) -> None:
        """Look again at what has come, where that is worth it."""
        if not self.choked and self.arriving is not None and self.arriving.worth_a_look():
            data = self.arriving.take()
            self.arriving = None
            self.take(data)

    def take(self, data: bytes) -> None:
        """Do all the commands that are here, keep the rest, write what they answer."""
        r, end, start, gathered = Reader(data), len(data), 0, 0
        out: list[bytes] = []
        try:
            while start < end:
                words = read_words(r)
                start = r.pos
                if words:
                    answer = self.answer(words)
                    out.append(answer)
                    gathered += len(answer)
                    if gathered > AT_ONCE or self.state is CLOSING:
                        self.send(b"".join(out))
                        out.clear()
                        gathered = 0
                        if self.state is CLOSING:
                            self.close()
                            return
                        if self.choked:
                            self.arriving = Arriving(data[start:])
                            return
        except NeedMore as need:
            self.arriving = Arriving(data[start:], need.least - start, need.mark)
        except (Malformed, Refused) as error:
            out.append(bytes(Failure(f"ERR Protocol error: {said(error)}")))
            self.happens("no RESP")
        if out:
            self.send(b"".join(out))
        if self.state is CLOSING:
            self.close()

    def answer(self, words: tuple[bytes, ...]) -> bytes:
        """Do one command, or put it in line; what it answers."""
        try:
            command = COMMANDS.get(words[0]) or find(words)
            if not command.least <= len(words) <= command.most:
                raise wrong_count(command.name)
            if self.state is not NORMAL:
                return self.server.in_state(self, command, words)
            if command.writes and self.server.careful:
                return self.server.write(self, command, words)
            return command.run(self, words)
        except Failure as failure:
            if isinstance(failure, WEB_PAGE):
                self.happens("no RESP")
            self.server.failed(self)
            return bytes(failure)

    # Writing.

    def send(self, data: bytes) -> None:
        """Octets to the client; held back until the log is on disk, where that was asked for."""
        if self.server.log is not None and self.server.log.holds(self, data):
            return
        self.transport.write(data)

    def push_out(self, data: bytes) -> None:
        """A message that this client did not just ask for. One that never reads is cut off."""
        self.send(data)
        if self.transport.get_write_buffer_size() > MOST_WAITING:
            self.transport.abort()

    def close(self) -> None:
        """Behind what is still to be sent."""
        if self.server.log is None or not self.server.log.holds_end(self):
            self.finish()

    def finish(self) -> None:
        """Say that nothing more comes, and go on reading for a moment: closing with unread octets would
        make the kernel reset the connection, and the client might never see the last answer."""
        if self.finished or self.server.draining:
            self.transport.close()
            return
        self.finished = True
        self.transport.write_eof()
        asyncio.get_running_loop().call_later(LINGER, self.transport.close)


def said(error: Malformed | Refused) -> str:
    """What was wrong, in one line."""
    return error.why if isinstance(error, Malformed) else str(error)
