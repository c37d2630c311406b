"""Half-close: the client has said everything, and has not heard everything.

    client   "question" FIN ──▶
             ◀── answer, as long as it takes ── server
             ◀── FIN

The two directions of a connection are closed one by one. A read of 0 bytes says that nothing more
will come; it does not say that nobody is there. What waits to be sent is sent first.
"""

from __future__ import annotations

from ....grade.drastic import push
from ....grade.enduring import catch_up, ends_after
from ....grade.stage import BOTH, ONCE, Case, Stage, case
from ....grade.steps import closes, connect, half_close, receive, send
from .. import rules
from ..codec import Frame, Line, Raw
from .messages import ALL_PORTS, BIG, CALLED, HELLO, SOUP

MUCH = 3 << 20  # more than the kernels hold on a small machine, less than the contract's bound

TEXT = SOUP[:2047].replace(b"\n", b"-")

#: Listener → messages that make a MiB, and the length of one.
BLOCKS = {
    "PORT": (BIG[: 1 << 20], 1),
    "LINES_PORT": (bytes(Line(TEXT)) * 512, 2048),
    "FRAMES_PORT": (bytes(Frame(SOUP[:16380])) * 64, 16384),
}

#: The like of it, from a shell.
WITHOUT_END = {
    "PORT": "cat /dev/zero",
    "LINES_PORT": "yes $(printf %04000d)",
    "FRAMES_PORT": r"while printf '\000\000\020\000%04096d'; do :; done",
}


def small(port: str) -> Case:
    return case(
        f"{CALLED[port]}: what was said right before the end is answered",
        rules.LATE_ANSWERS,
        connect("main", port),
        send(HELLO[port]),
        half_close(),
        receive(HELLO[port]),
        closes(),
    )


def large(port: str) -> Case:
    block, unit = BLOCKS[port]
    return case(
        f"{CALLED[port]}: 3 MiB that nobody has read yet still come, then the end",
        rules.LATE_ANSWERS,
        connect("main", port),
        push(block, MUCH, by_hand=WITHOUT_END[port]),
        half_close(),
        catch_up(block, unit),
        closes(),
        ways=ONCE,
    )


HALF_CLOSE = Stage(
    name="tcp/half-close",
    title="who has finished sending still receives everything",
    asks="When a client finishes (FIN), send it everything that is still owed, and only then close. "
    "On all three listeners.",
    given="When the client has finished sending, the program sends what is left and closes.",
    goals=(
        "act: a read of 0 bytes ends reading, not writing",
        "answer: send what waits, then close",
        "recover: close in the end; a connection nobody closes stays in CLOSE-WAIT for good",
    ),
    hints=(
        "What waits to be sent at the moment when read returns 0?",
        "If your program queues what it could not send yet, the queue outlives the client's FIN: "
        "stop reading, go on writing until the queue is empty, then close. Some frameworks close "
        "by themselves when the client finishes, unless told otherwise (allowHalfOpen).",
        "on end of input: reading = false; if queue is empty: close. on writable: write from "
        "queue; if queue is empty and not reading: close",
    ),
    codec=Raw,
    ports=ALL_PORTS,
    ways=BOTH,
    side_by_side=True,
    cases=(
        *(small(port) for port in ALL_PORTS),
        *(large(port) for port in ALL_PORTS),
        case(
            "a client that says nothing and finishes is let go, on each listener",
            rules.FIN,
            *(connect(port, port) for port in ALL_PORTS),
            *(half_close(port) for port in ALL_PORTS),
            *(closes(port) for port in ALL_PORTS),
            ways=ONCE,
        ),
        case(
            "half a line does not hold up the end",
            rules.NO_LINE,
            connect("main", "LINES_PORT"),
            send(b"whole\nha"),
            half_close(),
            receive(b"whole\n"),
            ends_after(b"", b"ha"),
        ),
        case(
            "half a frame does not hold up the end",
            rules.NO_FRAME,
            connect("main", "FRAMES_PORT"),
            send(HELLO["FRAMES_PORT"] + b"\x00\x00\x00\x05he"),
            half_close(),
            receive(HELLO["FRAMES_PORT"]),
            closes(),
        ),
    ),
)
