"""One exchange through the proxy, octet by octet, at both of its sides.

    traced(proxy, workers, group, seconds=0.02)

      0 s   client writes     GET /work/0?us=20000 HTTP/1.1
     1 ms   server 3 reads    the same, with Via, Forwarded and X-Forwarded-For
    21 ms   server 3 writes   HTTP/1.1 200 OK
    22 ms   client reads      HTTP/1.1 200 OK

Left out: what the proxy does between. It is the part that may be the learner's.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ....lab.lab import Unmeasured
from ....lab.trace import Log, Moment
from ....wire import Annotator, NeedMore, Reader, WireError
from ....wire.hexview import annotated
from ...http1.codec import read_response
from .asking import Works

if TYPE_CHECKING:
    from .workers import Worker, Workers

WIDTH = 96  # columns for octets by name
PATIENCE = 10.0  # seconds, a bound


def traced(
    proxy: tuple[str, int],
    workers: Workers,
    group: Sequence[Worker],
    seconds: float,
    named: bool = True,
) -> Sequence[Moment]:
    """One request of so much work, on a new connection. What is left of it is forgotten.

    named   also what each octet is called, where a message comes for the first time
    """
    log = Log()

    def look(at: Log | None) -> None:
        for worker in group:
            worker.log = at

    workers.forget()
    workers.do(lambda: look(log))
    try:
        with socket.create_connection(proxy, timeout=PATIENCE) as client:
            log.begin()
            request = Works([seconds]).request(0)
            log.note("client writes", request, first_line(request))
            client.sendall(request)
            answer = client.recv(1 << 16)
            if not answer:
                raise Unmeasured("the proxy closed without an answer.")
            log.note("client reads", answer, first_line(answer), by_name(answer, read_response))
    finally:
        workers.do(lambda: look(None))
        workers.forget()
    return once_named(log.moments, named)


def once_named(moments: Sequence[Moment], named: bool) -> Sequence[Moment]:
    """Octets by name, of each line the first time that it is seen."""
    seen = {""} if named else {moment.means for moment in moments}
    return [_known(moment, seen) for moment in moments]


def _known(moment: Moment, seen: set[str]) -> Moment:
    known = moment.means in seen
    if moment.fields:
        seen.add(moment.means)
    return replace(moment, fields="") if known else moment


def first_line(data: bytes) -> str:
    return data.partition(b"\r\n")[0].decode("latin-1")


def by_name(data: bytes, read: Callable[[Reader], object]) -> str:
    """The message with each of its octets explained; nothing where it is not whole."""
    reader = Annotator(data)
    try:
        read(reader)
    except (NeedMore, WireError):
        return ""
    return annotated(reader, width=WIDTH)
