"""A relay in a process of its own, so that who looks at the traffic never delays it.

    with Apart(("127.0.0.1", 9000), ("127.0.0.1", 8080)) as relay:
        relay.order("latency 50ms")
        for event in relay.take(within=0.1):
            ...

In one process, decoding and relaying would take turns, and a relay that waits for its turn shows in
what is measured. In two they run side by side. The child prints what its recording took, in batches;
when it is not read fast enough, the recording is full and what no longer fits is counted: `lost`. It
ends when its standard input does, so it never outlives who started it.

    parent ── an order a line ──▶ stdin    child: loop thread ── recording ── main thread
           ◀── batches of events ── stdout

A batch is its length in four octets and a marshalled list: both ends are the same Python.

Left out: questions. The parent orders and listens.
"""

from __future__ import annotations

import contextlib
import json
import marshal
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any, Literal

from .recording import Event
from .relay import Address, CannotListen

LIMIT = 32 << 20  # octets of memory for what has not been read yet
BATCH = 0.001  # seconds in which events are gathered
START = 20.0  # seconds for the child to listen

#: kind, what: ("listens", address) · ("cannot", sentence) · ("events", list) · ("lost", (events, octets))
#: · ("done", (when, order)) · ("answer", sentence) to an order, empty when it was carried out
Told = tuple[str, Any]


class Apart:
    """Raises CannotListen.

    words  orders that hold from the start
    udp    a relay for datagrams
    """

    def __init__(
        self,
        listen: Address,
        upstream: Address,
        *,
        words: list[str] | None = None,
        script: str = "",
        seed: int = 0,
        udp: bool = False,
    ) -> None:
        self.upstream, self.udp = upstream, udp
        said: dict[str, Any] = {"listen": listen, "upstream": upstream, "udp": udp}
        said |= {"words": words or [], "script": script}
        self._child = subprocess.Popen(
            [sys.executable, "-m", "cutaway.net.relay", json.dumps({**said, "seed": seed})],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._orders, self._out = self._child.stdin, self._child.stdout.fileno()
        self._arrived = bytearray()
        self.lost = (0, 0)  # events and octets that were not read in time
        self.answers: list[str] = []
        self.done: list[tuple[float, str]] = []  # orders that were carried out, and when
        self.address = self._started()

    def _started(self) -> Address:
        until = time.monotonic() + START
        while time.monotonic() < until:
            for kind, what in self._read(0.1):
                if kind == "listens":
                    return what[0], what[1]
                self.close()
                raise CannotListen(what)
            if self._child.poll() is not None:
                break
        self.close()
        raise CannotListen("the relay did not start")

    @property
    def port(self) -> int:
        return self.address[1]

    @property
    def alive(self) -> bool:
        return self._child.poll() is None

    def __enter__(self) -> Apart:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def order(self, line: str) -> None:
        """One line of orders.py. What is wrong with it comes with the next `take`, in `answers`."""
        with contextlib.suppress(OSError):
            self._orders.write(line.strip().encode() + b"\n")
            self._orders.flush()

    def take(self, within: float) -> Iterator[Event]:
        """What came, waiting so many seconds for the first."""
        for kind, what in self._read(within):
            if kind == "events":
                yield from map(Event._make, what)
            elif kind == "lost":
                self.lost = what
            elif kind == "done":
                self.done.append(what)
            elif what:
                self.answers.append(what)

    def fileno(self) -> int:
        """Readable when there is something to take."""
        return self._out

    def _read(self, within: float) -> Iterator[Told]:
        if not select.select([self._out], [], [], within)[0]:
            return
        self._arrived += os.read(self._out, 1 << 20)
        while len(self._arrived) >= 4:
            end = 4 + int.from_bytes(self._arrived[:4], "big")
            if len(self._arrived) < end:
                return
            told = marshal.loads(self._arrived[4:end])
            del self._arrived[:end]
            yield told

    def close(self) -> None:
        """End the child; what it still has to say is thrown away."""
        with contextlib.suppress(OSError):
            self._orders.close()
        assert self._child.stdout is not None
        self._child.stdout.close()
        try:
            self._child.wait(2.0)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()


def tell(kind: Literal["listens", "cannot", "events", "lost", "done", "answer"], what: Any) -> None:
    """The child's side of it. Raises BrokenPipeError when the parent is gone."""
    data = marshal.dumps((kind, what))
    left = memoryview(len(data).to_bytes(4, "big") + data)
    while left:
        left = left[os.write(1, left) :]
