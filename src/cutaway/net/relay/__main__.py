"""The child of apart.py: `python -m cutaway.net.relay '{"listen": …}'`.

It tells where it listens, then what passes. Orders come on standard input; when that ends, so does
the relay. Ctrl-C at the terminal is the parent's business.

Left out: being used by hand. That is `cutaway tap`.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
from collections import deque

from . import apart
from .link import BadLink
from .loop import READABLE
from .orders import BadOrder, order_of
from .recording import Recording
from .relay import CannotListen, Relay
from .script import run, script_of

IDLE = 60.0  # seconds until it looks up though nothing passed
SWITCH = 0.0001  # seconds that the thread of the loop waits for its turn at the most


def main(said: str) -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.setswitchinterval(SWITCH)
    wanted = json.loads(said)
    recording = Recording(apart.LIMIT, keep="oldest")
    try:
        relay = Relay(
            tuple(wanted["listen"]),
            tuple(wanted["upstream"]),
            recording=recording,
            seed=wanted["seed"],
        )
    except CannotListen as problem:
        apart.tell("cannot", str(problem))
        return 2
    with relay, contextlib.suppress(BrokenPipeError):
        for words in wanted["words"]:
            order_of(words).give(relay)
        run(script_of(wanted["script"]), relay)
        apart.tell("listens", relay.address)
        _serve(relay, recording)
    return 0


def _serve(relay: Relay, recording: Recording) -> None:
    """Until standard input ends."""
    orders, lost = Orders(relay), recording.dropped
    relay.loop.ask(orders.listen)
    while not orders.ended:
        recording.wait(IDLE, unless=orders.to_tell)
        time.sleep(apart.BATCH)
        if events := list(map(tuple, recording.take())):
            apart.tell("events", events)
        while orders.done:
            apart.tell("done", orders.done.popleft())
        while orders.answers:
            apart.tell("answer", orders.answers.popleft())
        if recording.dropped != lost:
            lost = recording.dropped
            apart.tell("lost", tuple(lost))


class Orders:
    """Standard input, read in the thread of the loop: an order holds before the next octet."""

    def __init__(self, relay: Relay) -> None:
        self.relay, self.ended, self._typed = relay, False, b""
        self.answers: deque[str] = deque()
        self.done: deque[tuple[float, str]] = deque()

    def to_tell(self) -> bool:
        """Whether the parent waits for a word about one of them, or has no more."""
        return self.ended or bool(self.answers) or bool(self.done)

    def listen(self) -> None:
        self.relay.loop.watch(0, READABLE, self._came)

    def _came(self, events: int) -> None:
        data = os.read(0, 1 << 16)
        if not data:
            self.ended = True
            self.relay.loop.forget(0)
            self.relay.recording.call()
            return
        *lines, self._typed = (self._typed + data).split(b"\n")
        for line in lines:
            self.answers.append(self._carried_out(line.decode("utf-8", "replace")))
        self.relay.recording.call()

    def _carried_out(self, line: str) -> str:
        try:
            order = order_of(line)
            if order.number is not None and order.number not in self.relay.connections:
                return f"There is no connection {order.number}."
            order.give(self.relay)
        except (BadOrder, BadLink, CannotListen) as error:
            return str(error)
        self.done.append((time.monotonic(), " ".join(line.split())))
        return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
