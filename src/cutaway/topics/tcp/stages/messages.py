"""What many stages send: bytes of every kind, and the three ways to say hello.

    SOUP      65,521 bytes of all values, the same every time
    BIG       10 MiB made of it: a prime length never repeats in step with a buffer's size

Left out: what is sent once. That stands in its case.
"""

from __future__ import annotations

import random

from ....grade.outside import Runs
from ..codec import Frame, Line

ALL_PORTS = ("PORT", "LINES_PORT", "FRAMES_PORT")

SOUP = random.Random(9293).randbytes(65_521)
BIG = (SOUP * 161)[: 10 << 20]

LINE = bytes(Line(b"the quick brown fox"))
FRAME = bytes(Frame(b"the quick brown fox"))
HEARTBEAT = bytes(Frame(b""))

#: One message for each listener; each comes back as it is.
HELLO = {"PORT": b"hello", "LINES_PORT": LINE, "FRAMES_PORT": FRAME}

#: Listener → what to call it in the name of a case.
CALLED = {"PORT": "raw", "LINES_PORT": "lines", "FRAMES_PORT": "frames"}

#: What the netcat that has -N says of it: others have another -N, or none.
CLOSES_AT_END = b"Shutdown the network socket"


def netcat(feed: bytes, prints: bytes) -> Runs:
    """nc sends this, finishes, and waits for the server to finish too."""
    words = ("nc", "-N", "{host}", "{port}")
    return Runs(words, prints, feed=feed, seconds=4.0, offers=CLOSES_AT_END)
