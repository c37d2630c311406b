"""Pace: reads from the cache, against the reference on the same machine at the same time.

A number of requests a second says more about the machine than about the program. So the reference
runs beside it, both are asked in turn, and what counts is the ratio.

Left out: many clients at once. `cutaway load` measures that.
"""

from dataclasses import replace

from ....grade.stage import ONCE, Stage, case
from ...http1.codec import Caller
from .. import rules
from .messages import CACHE, PATIENT, STORE, created, shows
from .rounds import keeps_pace

#: What the reference is given, of which the program is not told.
THEIRS = tuple(
    replace(part, name=f"reference's {part.name}", variable="") for part in (STORE, CACHE)
)

STAGE = Stage(
    name="todo/pace",
    title="fast enough for its work",
    asks="Answer a read from the cache at an eighth of the reference's pace or more.",
    given="One client reads one to-do again and again over one connection. The reference, in Python, "
    "is asked in turn with your program.",
    goals=("answer: without a new connection, a new process, or anything parsed twice",),
    hints=(
        "What does your program do anew for each request that it could have kept?",
        "Keep the connections to the cache. Keep the client's. Send head and body in one write: two "
        "small writes may wait 40 ms for each other (Nagle, delayed ACK).",
        "sock.setsockopt(TCP_NODELAY, 1); sock.sendall(head + body)",
    ),
    codec=Caller,
    parts=(STORE, CACHE, *THEIRS),
    environment=PATIENT,
    ways=ONCE,
    by_itself=True,
    cases=(
        case(
            "reads from the cache keep pace with the reference",
            rules.PACE,
            *created("a", "milk"),
            *shows("a", title="milk"),
            keeps_pace(0.125),
            alone=True,
        ),
    ),
)
