"""A client of blocking sockets, so plain that its time is the link's.

    with Line.to(address) as line:
        line.send(b"echo/alpha", b"echo/bravo")     two requests, one write
        line.answers(2)                             [0.0203, 0.0204]: seconds since `began`, each

One connection. Whoever wants several takes several, each in a thread of its own.

Left out: everything that a client has to be careful about. The server is ours.
"""

from __future__ import annotations

import socket
import time
from types import TracebackType

from ....lab.lab import Unmeasured
from ....wire.feed import Feed
from ..codec import Response, read_response

PATIENCE = 10.0  # seconds that one read may take: a bound, reached only when something is wrong
READ = 65536
Address = tuple[str, int]


class Line:
    """One connection. Raises Unmeasured where the server leaves or answers something else."""

    def __init__(self, address: Address, began: float) -> None:
        self.began = began
        self._socket = socket.create_connection(address, timeout=PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._feed = Feed(read_response)

    @classmethod
    def to(cls, address: Address, began: float | None = None) -> Line:
        return cls(address, time.perf_counter() if began is None else began)

    def __enter__(self) -> Line:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()

    def send(self, *targets: str, close: bool = False) -> None:
        """A GET for each, in one write."""
        self._socket.sendall(b"".join(request(target, close) for target in targets))

    def answers(self, count: int) -> list[float]:
        """When each of so many answers was complete, in seconds since `began`."""
        times: list[float] = []
        while len(times) < count:
            data = self._socket.recv(READ)
            now = time.perf_counter() - self.began
            if not data:
                raise Unmeasured(f"the server closed after {len(times)} of {count} answers.")
            for answer in self._feed.receive(data):
                assert isinstance(answer, Response)
                if answer.status != 200:
                    raise Unmeasured(f"the server answered with {answer.status}.")
                times.append(now)
        return times


def request(target: str, close: bool = False) -> bytes:
    ending = "Connection: close\r\n" if close else ""
    return f"GET /{target} HTTP/1.1\r\nHost: 127.0.0.1\r\n{ending}\r\n".encode()
