"""Many relays in one child: the links of a whole system, each with its name.

    with Many({"front": ("127.0.0.1", 8443), "cache": ("127.0.0.1", 6379)}) as relays:
        relays.ports["front"]                     where each of them listens
        relays.order("cache", "latency 20ms")     a line of orders.py
        for name, event in relays.take(within=0.1):
            ...

One thread and one recording serve them all: what passes is told in the order in which it came,
across all links. They listen from the start; what they lead to may come later, and change: the order
`lead 127.0.0.1:9001`.

Left out: datagrams, scripts. A recording for each link: what is not read in time is lost for all.
"""

from __future__ import annotations

import contextlib
import json
import signal
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from . import pipe
from .link import BadLink
from .loop import Loop
from .orders import BadOrder, order_of
from .pipe import IDLE, KEPT, SWITCH, Lines, Pipe
from .recording import Event, Noted, Recording, told
from .relay import Address, CannotListen, Relay

if TYPE_CHECKING:
    from .connection import Connection


class Many:
    """upstreams: name of a link → where it leads. ports: where it listens, or any. Raises CannotListen.

    answers  (name, sentence) for each order that could not be carried out
    done     (when, name, order) for each that was
    came     (name, number of the connection, the client's port) for each that was opened, as far as
             they were taken: the latest
    """

    def __init__(
        self, upstreams: Mapping[str, Address], ports: Mapping[str, int] | None = None
    ) -> None:
        listen = {name: ("127.0.0.1", (ports or {}).get(name, 0)) for name in upstreams}
        self.names = list(upstreams)
        self.lost = (0, 0)  # events and octets that were not read in time
        self.answers: list[tuple[str, str]] = []
        self.done: list[tuple[float, str, str]] = []
        self.came: deque[tuple[str, int, int]] = deque(maxlen=KEPT)
        said = {"links": [[name, listen[name], upstreams[name]] for name in self.names]}
        self.heard = False  # somebody takes what they say
        self._lock = threading.Lock()
        self._open: Counter[str] = Counter()  # orders to each that it has not answered yet
        self._pipe = Pipe("cutaway.net.relay.many", said)
        self.ports: dict[str, int] = dict(self._pipe.listens)

    def __enter__(self) -> Many:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def alive(self) -> bool:
        return self._pipe.alive

    @property
    def pid(self) -> int:
        return self._pipe.pid

    def fileno(self) -> int:
        """Readable when there is something to take."""
        return self._pipe.fileno()

    def order(self, name: str, line: str) -> None:
        """What is wrong with it comes with a later `take`, in `answers`."""
        with self._lock:
            self._open[name] += 1
        self._pipe.order(f"{name} {line}")

    def carried_out(self, name: str) -> bool:
        """Whether that link has done, or refused, all that was ordered; known once it was taken."""
        return self._open[name] <= 0

    def take(self, within: float) -> Iterator[tuple[str, Event]]:
        """What came, waiting so many seconds for the first."""
        self.heard = True
        for kind, what in self._pipe.read(within):
            if kind == "events":
                for index, *event in what:
                    yield self.names[index], Event._make(event)
            elif kind == "lost":
                self.lost = what
            elif kind == "done":
                self.done.append(what)
                self._close(what[1])
            elif kind == "came":
                self.came += [(self.names[index], number, port) for index, number, port in what]
            elif what[1]:
                self._close(what[0])
                self.answers.append(what)

    def _close(self, name: str) -> None:
        with self._lock:
            self._open[name] -= 1

    def close(self) -> None:
        """End the child; what it still has to say is thrown away."""
        self._pipe.close()


class Child:
    """The other side of it: the relays, and the orders that come for them."""

    def __init__(self, links: list[tuple[str, Address, Address]]) -> None:
        self.recording, self.loop = Recording(pipe.LIMIT, keep="oldest"), Loop.shared()
        self.relays: dict[str, Relay] = {}
        self.answers: deque[tuple[str, str]] = deque()
        self.done: deque[tuple[float, str, str]] = deque(maxlen=KEPT)
        self.came: list[tuple[int, int, int]] = []  # link, connection, port of the client
        for name, listen, upstream in links:
            here, there = (listen[0], listen[1]), (upstream[0], upstream[1])  # JSON made lists
            self.relays[name] = Relay(here, there, recording=self.recording, tells_passed=True)
        self._index = {id(relay): index for index, relay in enumerate(self.relays.values())}
        self.lines = Lines(self.carry_out, self.recording.call)

    def carry_out(self, line: str) -> None:
        """In the thread of the loop: it holds before the next octet."""
        name, _, words = line.partition(" ")
        relay, problem = self.relays.get(name), ""
        try:
            if relay is None:
                problem = f"There is no link {name}."
            else:
                order_of(words).give(relay)
        except (BadOrder, BadLink, CannotListen) as error:
            problem = str(error)
        if problem:
            self.answers.append((name, problem))
        else:
            self.done.append((time.monotonic(), name, words))

    def to_tell(self) -> bool:
        return self.lines.ended or bool(self.answers) or bool(self.done)

    def serve(self) -> None:
        """Until standard input ends."""
        lost, recording = self.recording.dropped, self.recording
        self.lines.listen(self.loop)
        while not self.lines.ended:
            recording.wait(IDLE, unless=self.to_tell)
            time.sleep(pipe.BATCH)
            self.came.clear()
            if events := self._taken():
                if self.came:
                    pipe.tell("came", self.came)
                pipe.tell("events", events)
            while self.done:
                pipe.tell("done", self.done.popleft())
            while self.answers:
                pipe.tell("answer", self.answers.popleft())
            if recording.dropped != lost:
                lost = recording.dropped
                pipe.tell("lost", tuple(lost))

    def _taken(self) -> list[tuple[Any, ...]]:
        return [(self._link_of(noted), *told(noted)) for noted in self.recording.take_noted()]

    def _link_of(self, noted: Noted) -> int:
        connection = cast("Connection", noted[1].connection)
        index = self._index[id(connection.relay)]
        if noted[3] == "opened":
            with contextlib.suppress(OSError):  # it is over already
                port = connection.client.sock.getpeername()[1]
                self.came.append((index, connection.number, port))
        return index

    def close(self) -> None:
        for relay in self.relays.values():
            relay.close()
        self.loop.give_back()


def main(said: str) -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.setswitchinterval(SWITCH)
    try:
        child = Child(json.loads(said)["links"])
    except CannotListen as problem:
        pipe.tell("cannot", str(problem))
        return 2
    with contextlib.closing(child), contextlib.suppress(BrokenPipeError):
        ports = {name: relay.port for name, relay in child.relays.items()}
        pipe.tell("listens", ports)
        child.serve()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
