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
from .orders import CONNECTIONS, DATAGRAMS, BadOrder, order_of
from .recording import Recording
from .relay import CannotListen, Relay
from .script import run, script_of
from .udp import UdpRelay

IDLE = 60.0  # seconds until it looks up though nothing passed
KEPT = 1000  # orders that were carried out and not told yet
SWITCH = 0.0001  # seconds that the thread of the loop waits for its turn at the most


def main(said: str) -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.setswitchinterval(SWITCH)
    wanted = json.loads(said)
    recording = Recording(apart.LIMIT, keep="oldest")
    kind: type[Relay | UdpRelay] = UdpRelay if wanted["udp"] else Relay
    try:
        relay = kind(
            tuple(wanted["listen"]),
            tuple(wanted["upstream"]),
            recording=recording,
            seed=wanted["seed"],
        )
    except CannotListen as problem:
        apart.tell("cannot", str(problem))
        return 2
    with relay, contextlib.suppress(BrokenPipeError):
        orders = Orders(relay)
        for words in wanted["words"]:
            order_of(words, speech=orders.speech).give(relay)
        run(script_of(wanted["script"], orders.speech), relay, orders.carried_out)
        apart.tell("listens", relay.address)
        _serve(orders)
    return 0


def _serve(orders: Orders) -> None:
    """Until standard input ends."""
    recording = orders.relay.recording
    lost = recording.dropped
    orders.relay.loop.ask(orders.listen)
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

    def __init__(self, relay: Relay | UdpRelay) -> None:
        self.relay, self.ended, self._typed = relay, False, b""
        self.speech = CONNECTIONS if isinstance(relay, Relay) else DATAGRAMS
        self.answers: deque[str] = deque()
        self.done: deque[tuple[float, str]] = deque(maxlen=KEPT)

    def carried_out(self, text: str, problem: str = "") -> None:
        """Something was done to the link, or could not be."""
        self.done.append((time.monotonic(), text))
        if problem:
            self.answers.append(problem)
        self.relay.recording.call()

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
            order = order_of(line, speech=self.speech)
            known = self.relay.connections if isinstance(self.relay, Relay) else {}
            if order.number is not None and order.number not in known:
                return f"There is no connection {order.number}."
            order.give(self.relay)
        except (BadOrder, BadLink, CannotListen) as error:
            return str(error)
        self.carried_out(" ".join(line.split()))
        return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
