"""A client that asks much and keeps nothing: what a server counts as its memory, and what fits.

    client = Client(play)
    client.ask(b"*3\r\n$3\r\nSET…", b"*3\r\n…")      both in one write, and both answers
    client.used()                                   used_memory of INFO memory
    client.emptied()                                the same behind FLUSHALL, once it has settled

The lines of a play keep what came and name every octet of it. For thousands of commands whose answers
are as simple as these that is too much.

Left out: what is expected. See memory.py and playing.py.
"""

from __future__ import annotations

import socket
import time

from ....grade.outcomes import Failed
from ....grade.play import ANSWER, WHOLE, Play
from ....wire import NeedMore, Reader, WireError
from ..codec import Resp
from ..messages import Bulk, Integer, Simple, Value
from .messages import cmd
from .replies import told

VALUE = b"v" * 1024
SETTLES = 0.005  # seconds between two looks at memory that is given back


class Client:
    """A connection of its own, many commands in one write, and nothing of it kept."""

    def __init__(self, play: Play) -> None:
        self.play, self.codec, self.data, self.at = play, Resp(), b"", 0
        self.sock = play.dial(play.stage.port)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.settimeout(WHOLE * ANSWER)

    def ask(self, *commands: bytes, count: int = 0) -> list[Value]:
        """Their answers. Raises Failed.

        count  how many there are, where one of `commands` holds several
        """
        try:
            self.sock.sendall(b"".join(commands))
            return [self._value() for _ in range(count or len(commands))]
        except TimeoutError:
            found = f"silence for {WHOLE * ANSWER:g} s"
        except OSError as problem:
            found = f"the connection ended ({problem.strerror})"
        except WireError as problem:
            found = str(problem)
        raise Failed("answered", "an answer to each command", self.play.told(found, ended=True))

    def one(self, command: bytes, wanted: Value | None = None) -> Value:
        [answer] = self.ask(command)
        if wanted is not None and answer != wanted:
            asked = command.split(b"\r\n")[2::2]
            what = b" ".join(asked).decode(errors="replace")[:70]
            raise Failed("as asked", f"{told(wanted)} to {what}", told(answer))
        return answer

    def number(self, command: bytes) -> int:
        answer = self.one(command)
        if not isinstance(answer, Integer):
            raise Failed("as asked", "an integer", told(answer))
        return answer.value

    def used(self) -> int:
        """used_memory, of INFO memory."""
        return field_of(self.one(bytes(cmd("INFO memory"))), b"used_memory")

    def emptied(self) -> int:
        """used_memory behind FLUSHALL; a server may give back the memory behind its answer.

        raises  NotTried for a server that somebody else has started: its keys are not ours
        """
        self.play.running.own()
        # Valkey gives memory back in the background, unless it is told not to.
        if self.one(bytes(cmd("FLUSHALL SYNC"))) != Simple(b"OK"):
            self.one(bytes(cmd("FLUSHALL")), Simple(b"OK"))
        began, used = time.monotonic(), self.used()
        while time.monotonic() - began < ANSWER:
            time.sleep(SETTLES)
            before, used = used, self.used()
            if used > before - len(VALUE):
                break
        return used

    def _value(self) -> Value:
        while True:
            reader = Reader(self.data, self.at)
            try:
                value: Value = self.codec.to_client(reader)
            except NeedMore:
                if not (more := self.sock.recv(1 << 18)):
                    raise ConnectionResetError(0, "by the server") from None
                self.data, self.at = self.data[self.at :] + more, 0
            else:
                self.at = reader.pos
                return value


def field_of(answer: Value, name: bytes) -> int:
    """A number of INFO. Raises Failed."""
    text = answer.data if isinstance(answer, Bulk) else b""
    for row in (text or b"").splitlines():
        key, _, value = row.partition(b":")
        if key == name and value.strip().isdigit():
            return int(value)
    raise Failed("as asked", f"a line {name.decode()}:NUMBER", told(answer))
