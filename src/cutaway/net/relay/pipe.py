"""A child that relays, seen from its parent; and how the two talk.

    parent ── an order a line ──▶ stdin    child: loop thread ── recording ── main thread
           ◀── batches of events ── stdout

A batch is its length in four octets and a marshalled pair: both ends are the same Python. The child
ends when its standard input does, so it never outlives who started it.

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
from collections.abc import Callable, Iterator
from typing import Any

from .loop import READABLE, Loop
from .relay import CannotListen

LIMIT = 32 << 20  # octets of memory for what has not been read yet
BATCH = 0.001  # seconds in which events are gathered
START = 20.0  # seconds for the child to listen
IDLE = 60.0  # seconds until the child looks up though nothing passed
KEPT = 1000  # orders that were carried out and not told yet
SWITCH = 0.0001  # seconds that the thread of the loop waits for its turn at the most

#: kind, what: ("listens", addresses) · ("cannot", sentence) · ("events", list)
#: · ("lost", (events, octets)) · ("done", (when, order))
#: · ("answer", sentence) to an order, empty when it was carried out
Told = tuple[str, Any]


class Pipe:
    """Raises CannotListen. `listens`: what the child said when it was ready."""

    def __init__(self, module: str, said: dict[str, Any]) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", module, json.dumps(said)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # a Ctrl-C in our terminal is for us, also while it begins
        )
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._orders, self._out = self._child.stdin, self._child.stdout.fileno()
        self._arrived = bytearray()
        self.listens = self._started()

    def _started(self) -> Any:
        until = time.monotonic() + START
        while time.monotonic() < until:
            for kind, what in self.read(0.1):
                if kind == "listens":
                    return what
                self.close()
                raise CannotListen(what)
            if self._child.poll() is not None:
                break
        self.close()
        raise CannotListen("the relay did not start")

    @property
    def alive(self) -> bool:
        return self._child.poll() is None

    @property
    def pid(self) -> int:
        return self._child.pid

    def fileno(self) -> int:
        """Readable when there is something to read."""
        return self._out

    def order(self, line: str) -> None:
        with contextlib.suppress(OSError, ValueError):  # it has ended, or is closed
            self._orders.write(line.strip().encode() + b"\n")
            self._orders.flush()

    def read(self, within: float) -> Iterator[Told]:
        """What it told, waiting so many seconds for the first."""
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


class Lines:
    """The child's standard input, read in the thread of the loop: an order holds before the next
    octet that passes.

    carry_out  what to do with a line
    call       wakes who has to look at what came of it, or that the input has `ended`
    """

    def __init__(self, carry_out: Callable[[str], None], call: Callable[[], None]) -> None:
        self.carry_out, self.call = carry_out, call
        self.ended, self._begun = False, b""

    def listen(self, loop: Loop) -> None:
        self._loop = loop
        loop.ask(lambda: loop.watch(0, READABLE, self._came))

    def _came(self, events: int) -> None:
        data = os.read(0, 1 << 16)
        if not data:
            self.ended = True
            self._loop.forget(0)
            self.call()
            return
        *lines, self._begun = (self._begun + data).split(b"\n")
        for line in lines:
            self.carry_out(line.decode("utf-8", "replace"))
        self.call()


def tell(kind: str, what: Any) -> None:
    """The child's side of it. Raises BrokenPipeError when the parent is gone."""
    data = marshal.dumps((kind, what))
    left = memoryview(len(data).to_bytes(4, "big") + data)
    while left:
        left = left[os.write(1, left) :]
