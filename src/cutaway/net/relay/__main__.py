"""The child of apart.py: `python -m cutaway.net.relay '{"listen": …}'`.

It tells where it listens, then what passes. Orders come on standard input; when that ends, so does
the relay. Ctrl-C at the terminal is the parent's business.

Left out: being used by hand. That is `cutaway tap`.
"""

from __future__ import annotations

import contextlib
import json
import signal
import sys
import time
from collections import deque

from . import pipe
from .link import BadLink
from .orders import CONNECTIONS, DATAGRAMS, BadOrder, order_of
from .pipe import IDLE, KEPT, SWITCH, Lines
from .recording import Recording
from .relay import CannotListen, Relay
from .script import run, script_of
from .udp import UdpRelay


def main(said: str) -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.setswitchinterval(SWITCH)
    wanted = json.loads(said)
    recording = Recording(pipe.LIMIT, keep="oldest")
    kind: type[Relay | UdpRelay] = UdpRelay if wanted["udp"] else Relay
    try:
        relay = kind(
            tuple(wanted["listen"]),
            tuple(wanted["upstream"]),
            recording=recording,
            seed=wanted["seed"],
        )
    except CannotListen as problem:
        pipe.tell("cannot", str(problem))
        return 2
    with relay, contextlib.suppress(BrokenPipeError):
        orders = Orders(relay)
        for words in wanted["words"]:
            order_of(words, speech=orders.speech).give(relay)
        run(script_of(wanted["script"], orders.speech), relay, orders.carried_out)
        pipe.tell("listens", relay.address)
        _serve(orders)
    return 0


def _serve(orders: Orders) -> None:
    """Until standard input ends."""
    recording, lines = orders.relay.recording, orders.lines
    lost = recording.dropped
    lines.listen(orders.relay.loop)
    while not lines.ended:
        recording.wait(IDLE, unless=orders.to_tell)
        time.sleep(pipe.BATCH)
        if events := list(map(tuple, recording.take())):
            pipe.tell("events", events)
        while orders.done:
            pipe.tell("done", orders.done.popleft())
        while orders.answers:
            pipe.tell("answer", orders.answers.popleft())
        if recording.dropped != lost:
            lost = recording.dropped
            pipe.tell("lost", tuple(lost))


class Orders:
    """What is ordered of the relay, and what came of it."""

    def __init__(self, relay: Relay | UdpRelay) -> None:
        self.relay = relay
        self.speech = CONNECTIONS if isinstance(relay, Relay) else DATAGRAMS
        self.lines = Lines(self._line, relay.recording.call)
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
        return self.lines.ended or bool(self.answers) or bool(self.done)

    def _line(self, line: str) -> None:
        self.answers.append(self._problem(line))

    def _problem(self, line: str) -> str:
        """Carries it out; what is wrong with it."""
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
