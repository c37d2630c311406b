"""A relay in a process of its own, so that who looks at the traffic never delays it.

    with Apart(("127.0.0.1", 9000), ("127.0.0.1", 8080)) as relay:
        relay.order("latency 50ms")
        for event in relay.take(within=0.1):
            ...

In one process, decoding and relaying would take turns, and a relay that waits for its turn shows in
what is measured. In two they run side by side. The child tells what its recording took, in batches;
when it is not read fast enough, the recording is full and what no longer fits is counted: `lost`.

Left out: several relays in one child: many.py. How the two talk: pipe.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .pipe import LIMIT, Pipe
from .recording import Event
from .relay import Address

__all__ = ["LIMIT", "Apart"]


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
        said |= {"words": words or [], "script": script, "seed": seed}
        self.lost = (0, 0)  # events and octets that were not read in time
        self.answers: list[str] = []
        self.done: list[tuple[float, str]] = []  # orders that were carried out, and when
        self._pipe = Pipe("cutaway.net.relay", said)
        self.address: Address = tuple(self._pipe.listens)

    @property
    def port(self) -> int:
        return self.address[1]

    @property
    def alive(self) -> bool:
        return self._pipe.alive

    def __enter__(self) -> Apart:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def order(self, line: str) -> None:
        """One line of orders.py. What is wrong with it comes with the next `take`, in `answers`."""
        self._pipe.order(line)

    def take(self, within: float) -> Iterator[Event]:
        """What came, waiting so many seconds for the first."""
        for kind, what in self._pipe.read(within):
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
        return self._pipe.fileno()

    def close(self) -> None:
        """End the child; what it still has to say is thrown away."""
        self._pipe.close()
