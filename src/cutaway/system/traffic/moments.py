"""When requests are meant to be sent: independent moments at a rate that may change while it runs.

    moments = Moments(random seed)
    moments.set(50, now)              50 a second from now on
    moments.set(200, now, over=10)    from what it is to 200, evenly, within ten seconds
    for intended in moments.due(now): …
    moments.next                      the one after that, or None while nothing is wanted

They are those of net/load: fixed beforehand, whatever becomes of the requests.

Left out: catching up without end. Who was asleep for a second, as a laptop may be, begins anew.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...net.load.shape import Plan, Segment

LONG = 365 * 86400.0
ASLEEP = 2.0  # seconds behind, after which what was missed is left out


class Moments:
    """rate: requests a second that are wanted. left_out: moments that were slept through."""

    def __init__(self, seed: int = 0) -> None:
        self.rate, self.left_out = 0.0, 0
        self.next: float | None = None
        self._seed = seed
        self._times: Iterator[float] = iter(())
        self._began = 0.0

    def set(self, rate: float, now: float, over: float = 0.0) -> None:
        """rate: 0 is a pause. over: seconds until it holds."""
        first, self.rate, self._began = self.rate, rate, now
        ramp = (Segment(over, first, rate),) if over > 0 else ()
        self._seed += 1
        self._times = Plan((*ramp, Segment(LONG, rate, rate)), self._seed).times()
        self._take()

    def due(self, now: float) -> Iterator[float]:
        """The intended moments up to now."""
        if self.next is not None and now - self.next > ASLEEP:
            missed = int((now - self.next) * self.rate)
            self.set(self.rate, now)
            self.left_out += missed
        while self.next is not None and self.next <= now:
            yield self.next
            self._take()

    def _take(self) -> None:
        after = next(self._times, None)
        self.next = None if after is None else self._began + after
