"""What the workers are asked: requests that carry their work with them, all different by path.

    Works([0.02, 0.013]).request(1)      b"GET /work/1?us=13000 HTTP/1.1\\r\\nHost: lab\\r\\n\\r\\n"
    works(300, 0.02, "varied", seed=1)   drawn at random, 20 ms on average: the same for the same seed

The path is another one for each request, so the policy that goes by the path meets each of them for
the first time: what it does then is as good as drawing lots.

Left out: bodies, and whatever else a request may have. See the load generator's plug of http1.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from ....net.load import Answer
from ....wire.feed import Feed
from ...http1.codec import Response, read_response

VARIED, EQUAL = "varied", "equal"


class Works:
    """A plug for the load generator. seconds: of work, for each request; then from the start again"""

    name = "GET /work/N"

    def __init__(self, seconds: Sequence[float]) -> None:
        self.seconds = seconds

    def request(self, number: int) -> bytes:
        work = round(1e6 * self.seconds[number % len(self.seconds)])
        return b"GET /work/%d?us=%d HTTP/1.1\r\nHost: lab\r\n\r\n" % (number, work)

    def reader(self) -> Answers:
        return Answers()


class Answers:
    """The answers on one connection."""

    def __init__(self) -> None:
        self.octets = Feed(read_response)

    def feed(self, data: bytes) -> Answer | None:
        for answer in list(self.octets.receive(data)):
            assert isinstance(answer, Response)
            keep = b"close" not in (answer.value(b"Connection") or b"").lower()
            return Answer(str(answer.status), answer.status < 400, keep)
        return None

    def end(self) -> Answer | None:
        return None


def works(count: int, mean: float, kind: str, seed: int) -> list[float]:
    """Seconds of work for so many requests, as long as `mean` on average.

    VARIED  exponential, as if many requests were small and few large
    """
    if kind == EQUAL:
        return [mean] * count
    source = random.Random(seed)
    return [source.expovariate(1 / mean) for _ in range(count)]
