"""Which requests may be tried again, and how many of them.

Two questions, and both have to be answered with yes.

*May this one?* A request that was sent may have been acted on, though no answer came. To send it
again is right only where twice does what once does: GET, HEAD, OPTIONS, PUT, DELETE, and only while
its body is still at hand. One that was never sent, because the connection was refused, may always.

*May one more?* A slow upstream gets slower when each of its requests comes three times. With a
budget the load of a proxy can grow by a fifth, and not by all that the retries allow:

    100 requests in 10 s, 20 percent  ─▶  20 of them may be tries again; 3 always

Left out: a pause before the next try. It goes to another upstream, where there is one.
"""

from __future__ import annotations

from time import monotonic
from typing import NamedTuple

#: Twice does what once does. Spec: RFC 9110 §9.2.2.
IDEMPOTENT = frozenset({b"GET", b"HEAD", b"OPTIONS", b"PUT", b"DELETE"})
MOST_KEPT = 1 << 16  # octets of a request that are kept to be sent again
WINDOW = 10  # seconds that the budget looks back
ALWAYS = 3


class Failure(NamedTuple):
    """Why there is no answer, and what the client is told.

    unsent  nothing of the request can have been read by anyone
    again   nobody knows whether the request was acted on: it may be repeated where that is safe
    """

    status: int
    sentence: str
    unsent: bool = False
    again: bool = False


REFUSED = Failure(502, "The upstream takes no connection.", unsent=True)
NOT_REACHED = Failure(504, "The upstream was not reached in time.", unsent=True)
ENDED = Failure(502, "The upstream ended the connection before its answer.", again=True)
SILENT = Failure(504, "The upstream was silent for too long.", again=True)
GARBAGE = Failure(502, "What the upstream answered is no HTTP.")
TOO_LONG = Failure(504, "There was no answer in the time that a request may take.")
NOBODY = Failure(503, "No upstream is in service.")


class Budget:
    """Requests and tries again of the last seconds, counted a second at a time."""

    def __init__(self, percent: int) -> None:
        self.percent = percent
        self.requests = [0] * WINDOW
        self.repeats = [0] * WINDOW
        self.second = 0

    def turn(self) -> int:
        """The place of this second. Those of seconds that passed are emptied."""
        now = int(monotonic())
        for second in range(max(self.second + 1, now - WINDOW + 1), now + 1):
            self.requests[second % WINDOW] = self.repeats[second % WINDOW] = 0
        self.second = now
        return now % WINDOW

    def request(self) -> None:
        """One more request has come."""
        self.requests[self.turn()] += 1

    def allows_one(self) -> bool:
        """Whether one may be tried again; if so, it is counted."""
        place = self.turn()
        most = max(ALWAYS, sum(self.requests) * self.percent // 100)
        if sum(self.repeats) >= most:
            return False
        self.repeats[place] += 1
        return True
