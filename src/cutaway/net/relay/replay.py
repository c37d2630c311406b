"""Play a recording again: what its clients sent, to a server, at the times at which they sent it.

    replay(read("talk.pcapng"), ("127.0.0.1", 8080))

Each connection of the recording becomes a connection, opened, fed and half-closed when it was then.
What the server answers is read and not compared; a tap in between shows it.

    then  1 ▸ GET /a    2 ▸ GET /b    1 ◂ 200        1 ▸ closed
    now   1 ▸ GET /a    2 ▸ GET /b    (whatever comes) 1 ▸ closed

Left out: waiting for answers. A server that is slower now gets the next request all the same, as a
pipelining client would send it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from ..recorded import Recorded
from .recording import TO_SERVER, Event
from .relay import Address

WITHIN = 5.0  # seconds for a connection, a stalled write, and the last answers
LOOK = 0.02


def replay(
    events: Iterable[Event], upstream: Address, meanwhile: Callable[[], None] = lambda: None
) -> None:
    """Raises OSError when a connection cannot be made. meanwhile: called again and again."""
    open_now: dict[int, Recorded] = {}
    began, first = time.monotonic(), None
    try:
        for event in events:
            if event.way != TO_SERVER:
                continue
            first = event.at if first is None else first
            _until(began + event.at - first, open_now, meanwhile)
            if event.number not in open_now and event.happened != "refused":
                open_now[event.number] = Recorded.connect(upstream, WITHIN)
            _play(event, open_now)
        _last_answers(open_now, meanwhile)
    finally:
        for connection in open_now.values():
            connection.close()


def _play(event: Event, open_now: dict[int, Recorded]) -> None:
    if event.happened is None:
        open_now[event.number].send(event.data, WITHIN, remember=False)
    elif event.happened == "closed":
        open_now[event.number].half_close()
    elif event.happened in ("reset", "cut"):
        open_now.pop(event.number).reset()


def _until(when: float, open_now: dict[int, Recorded], meanwhile: Callable[[], None]) -> None:
    """Read what comes, until it is `when`."""
    while True:
        meanwhile()
        _read(open_now)
        left = when - time.monotonic()
        if left <= 0:
            return
        time.sleep(min(left, LOOK))


def _read(open_now: dict[int, Recorded]) -> None:
    for connection in open_now.values():
        while connection.receive(until=0.0):
            connection.arrived.clear()


def _last_answers(open_now: dict[int, Recorded], meanwhile: Callable[[], None]) -> None:
    """Until every connection is quiet."""
    until, before = time.monotonic() + WITHIN, -1.0
    while time.monotonic() < until and any(c.ended is None for c in open_now.values()):
        _until(time.monotonic() + 10 * LOOK, open_now, meanwhile)
        heard = max(c.heard for c in open_now.values())
        if heard == before:
            return
        before = heard
