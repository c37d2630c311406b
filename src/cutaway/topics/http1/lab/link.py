"""The reference part, behind a link with a delay.

    with linked(0.02) as relay:
        relay.address       a round trip to the server takes 20 ms, and so does a handshake

On loopback a round trip takes some microseconds, and nothing about connections can be seen. A relay
accepts at once, whatever it does later; so it counts a connection as made one round trip later, and
passes nothing on before that.

    traced(relay, work)     what passed while `work` was done, its octets by name

Left out: bandwidth and loss.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from ....lab.part import HOST, part, reference
from ....lab.trace import Log, Moment
from ....net.relay import TO_SERVER, Event, Link, Relay
from ....wire import Annotator, NeedMore, WireError
from ....wire.hexview import annotated
from ..codec import read_request, read_response

WIDTH = 96  # columns for octets by name


@contextmanager
def linked(rtt: float) -> Iterator[Relay]:
    """rtt: seconds of a round trip. Raises Unmeasured where the server does not start."""
    with (
        part(reference("http1"), data="DATA_DIR") as server,
        Relay((HOST, 0), server.address(), Link(latency=rtt / 2)) as relay,
    ):
        yield relay


def traced(relay: Relay, work: Callable[[], object]) -> Sequence[Moment]:
    """Every read of the relay meanwhile; the first of each way with its octets by name."""
    before, log = relay.counts().taken, Log()
    work()
    events = [event for event in relay.recording.events() if event.number > before]
    named: set[str] = set()
    for event in events:
        what = {"opened": "is made", "closed": "ends"}.get(event.happened or "", event.happened)
        way = "to the server" if event.way == TO_SERVER else "to the client"
        if event.data:
            who = f"{event.number - before} ▸ {way}"
            fields = "" if event.way in named else by_name(event)
            named.add(event.way)
            log.put(event.at - events[0].at, who, event.data, lines_of(event.data), fields)
        elif what:
            log.put(event.at - events[0].at, f"{event.number - before} {what}")
    return log.moments


def lines_of(data: bytes) -> str:
    """The first line of each message that begins here."""
    heads = (
        part.split(b"\r\n")[0] for part in data.replace(b"HTTP/1.1 ", b"\0HTTP/1.1 ").split(b"\0")
    )
    starts = [head.decode("latin-1") for head in heads if head]
    return starts[0] + (f", and {len(starts) - 1} more" if len(starts) > 1 else "")


def by_name(event: Event) -> str:
    """The first message of what came, each octet of it."""
    reader = Annotator(event.data)
    try:
        (read_request if event.way == TO_SERVER else read_response)(reader)
    except (NeedMore, WireError):
        return ""
    return annotated(reader, width=WIDTH)
