"""Who asks: what a server remembers of one client, and what it says in that client's version of RESP.

A connection is a client (connection.py), and so is the log when it is read again (log.py): the commands
do not know the difference.

                     RESP2                RESP3
    nothing          $-1 or *-1           _
    a map            an array, flat       %
    a set            an array             ~
    a double         a bulk string        ,
    a message        an array             >

Left out: users and passwords. Nobody else reaches the loopback.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from .messages import Null, write_aggregate
from .replies import Failure, array, bulk, written
from .states import CONNECTION, NORMAL

if TYPE_CHECKING:
    from .keyspace import Keyspace
    from .server import Server

NEXT = CONNECTION.table
NULL = bytes(Null())


class Client:
    """state: of states.py. queue: commands put in line by MULTI. watched: keys of WATCH.
    disturbed: one of them has changed. channels, patterns: subscriptions, in their order.
    held: while EXEC runs, messages of its own PUBLISH, for behind the answer."""

    __slots__ = (
        "channels",
        "disturbed",
        "held",
        "id",
        "library",
        "name",
        "patterns",
        "queue",
        "resp3",
        "server",
        "space",
        "state",
        "watched",
    )

    def __init__(self, server: Server) -> None:
        self.server = server
        self.space: Keyspace = server.space
        self.id = server.next_id()
        self.state = NORMAL
        self.resp3 = False
        self.disturbed = False
        self.held: bytearray | None = None
        self.name = b""
        self.library: dict[bytes, bytes] | None = None
        self.queue: list[tuple[bytes, ...]] | None = None
        self.watched: set[bytes] | None = None
        self.channels: dict[bytes, None] | None = None
        self.patterns: dict[bytes, None] | None = None

    def send(self, data: bytes) -> None:
        """Octets to the client, behind what was sent before."""

    def push_out(self, data: bytes) -> None:
        """The same, of a message that the client did not just ask for."""

    def happens(self, event: str) -> None:
        """Move to the next state."""
        self.state = NEXT[self.state, event]

    # What is written differently in the two versions.

    def nil(self) -> bytes:
        return NULL if self.resp3 else b"$-1\r\n"

    def nil_array(self) -> bytes:
        return NULL if self.resp3 else b"*-1\r\n"

    def bulk(self, data: bytes | None) -> bytes:
        return self.nil() if data is None else bulk(data)

    def map(self, pairs: Iterable[tuple[bytes, bytes]]) -> bytes:
        """Keys and values that are written already."""
        if not self.resp3:
            return array([part for pair in pairs for part in pair])
        both = [key + value for key, value in pairs]
        return write_aggregate(b"%", both)

    def set(self, items: Sequence[bytes]) -> bytes:
        """Octets that are no values yet."""
        return write_aggregate(b"~" if self.resp3 else b"*", [bulk(item) for item in items])

    def double(self, score: float) -> bytes:
        return b",%b\r\n" % written(score) if self.resp3 else bulk(written(score))

    def text(self, text: bytes) -> bytes:
        """Text for people."""
        return b"=%d\r\ntxt:%b\r\n" % (len(text) + 4, text) if self.resp3 else bulk(text)

    def push(self, items: Sequence[bytes]) -> bytes:
        """Values that are written already, as something that nobody asked for."""
        return write_aggregate(b">" if self.resp3 else b"*", items)


def attempt(client: Client, words: tuple[bytes, ...]) -> bytes:
    """What a command answers, or the error that it ends with."""
    from .commands import find

    try:
        return find(words).run(client, words)
    except Failure as failure:
        return bytes(failure)
