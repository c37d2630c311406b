r"""Octets that mean nothing: whatever a client sends, the program lives on.

    noise(40, 2000, starts=(b"", b"*3\r\n$3\r\nSET\r\n"), letters=b"*$0123456789\r\n")

Each client says a beginning that is right and goes on with what is drawn at random, half of the time
from all octets and half of the time from those that the protocol is made of. Then it has nothing more
to say, takes what is answered, and goes. Nothing is asked of the answers. That the program ended is
told with the octets after which it did.

Left out: what only harms with time or in great numbers.
"""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from dataclasses import dataclass

from ..process import patience
from ..wire import quoted
from .byhand import Act
from .outcomes import Failed
from .play import Play
from .stage import Step

TAKES = 0.5  # seconds for a client to be answered and let go
SLOW = 3  # clients that are kept waiting, after which it is not waited any more
DIES = 0.2  # seconds for a program to end that takes no connection any more


@dataclass(frozen=True, slots=True)
class Noise(Step):
    """`count` clients, one after the other, with up to `size` octets each."""

    count: int
    size: int
    starts: tuple[bytes, ...]
    letters: bytes

    def run(self, play: Play) -> None:
        slow, acts = 0, len(play.acts)
        for number in range(self.count):
            play.running.go_on()
            data = self._drawn(play, number)
            del play.acts[acts:]
            play.acts += [Act("main", "connect", port=play.stage.port), Act("main", "send", data)]
            with play.dial(play.stage.port) as sock:
                slow += not said(sock, data, TAKES if slow < SLOW else 0.01)
            self._look(play, data, number)
        play.hold("alive")

    def _look(self, play: Play, data: bytes, number: int) -> None:
        """Whether the program lives. Raises Failed: of one that is ending, clients hear it first."""
        news = play.running.news()
        if not news:
            try:
                play.dial(play.stage.port).close()
                return
            except Failed as failed:
                news = play.running.news(within=DIES * min(patience(), 4.0)) or failed.found
        self._fail(data, number, news)

    def _drawn(self, play: Play, number: int) -> bytes:
        lots = play.steady
        size = lots.randint(1, self.size)
        start = self.starts[number % len(self.starts)]
        if number % 2:
            return start + lots.randbytes(size)
        return start + bytes(lots.choices(self.letters, k=size))

    def _fail(self, data: bytes, number: int, news: str) -> None:
        raise Failed(
            "alive",
            "a program that lives on, whatever is sent to it",
            f"{news}, after client {number + 1} had sent {quoted(data, 60)}",
        )

    def sketch(self) -> str:
        return f"{self.count} clients send up to {self.size} octets drawn at random"


def said(sock: socket.socket, data: bytes, seconds: float) -> bool:
    """Say it, and take what comes up to the end; False when that did not come in time."""
    until = time.monotonic() + seconds
    sock.settimeout(seconds)
    with suppress(OSError):
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        while time.monotonic() < until:
            if not sock.recv(1 << 16):
                return True
    return time.monotonic() < until


def noise(count: int, size: int, starts: tuple[bytes, ...], letters: bytes) -> Noise:
    return Noise(count, size, starts, letters)
