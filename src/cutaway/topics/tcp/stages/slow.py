"""Slow readers: the client sends and sends, and never reads.

    client ──64 MiB──▶ server ──▶ kernel ──▶ (nobody)

What is echoed has to be somewhere. First it is in the kernels, which take a few megabytes and then
no more; then it is in the program, and a queue without a bound is memory that a stranger may fill.
Here dies the idea that sending is free. There are two answers: stop reading from this client, so
that its own writes stop (the window closes), or disconnect it. Waiting for it is no answer: the
others would wait too.
"""

from __future__ import annotations

from ....grade.drastic import memory_within, push
from ....grade.enduring import catch_up
from ....grade.stage import ONCE, Case, Stage, case
from ....grade.steps import connect, half_close, receive, send
from .. import rules
from ..codec import Raw
from .half_close import BLOCKS, WITHOUT_END
from .messages import ALL_PORTS, CALLED, HELLO

POURED = 64 << 20
#: The 4 MiB of the contract, and as much again several times for heaps that are tidied up late.
ALLOWED = 32 << 20


def bounded(port: str) -> Case:
    return case(
        f"{CALLED[port]}: 64 MiB that nobody reads are not kept in memory",
        rules.BOUNDED,
        connect("main", port),
        memory_within(ALLOWED, push(BLOCKS[port][0], POURED, by_hand=WITHOUT_END[port])),
        alone=True,
    )


def in_order(port: str) -> Case:
    block, unit = BLOCKS[port]
    return case(
        f"{CALLED[port]}: who reads again later gets every byte in order, or was disconnected",
        rules.IN_ORDER,
        connect("main", port),
        push(block, POURED, by_hand=WITHOUT_END[port]),
        half_close(),
        catch_up(block, unit, or_end=True),
    )


SLOW_READER = Stage(
    name="tcp/slow-reader",
    title="a client that does not read costs little and stops nobody",
    insight=True,
    asks="A client sends without end and does not read. Keep what waits for it within bounds: stop "
    "reading from it, or disconnect it. Meanwhile serve the others.",
    given="What waits for a client that does not read is bounded: stop reading from it, or "
    "disconnect it. The program holds at most 4 MiB for one client, and the others are served "
    "meanwhile.",
    goals=(
        "bound it: a queue for each client, with a limit far below 4 MiB",
        "decide: at the limit, stop reading from this client, or disconnect it",
        "act: never wait for one client in a place where others wait behind",
        "recover: when the client reads again, go on where you stopped, byte for byte",
    ),
    hints=(
        "Where are the bytes that you have read from the client and that it does not take?",
        "With a thread for each client the answer comes by itself: a write that waits also stops "
        "the reading. With an event loop it does not: a write returns at once, and the library "
        "keeps the rest in memory. Ask how much it keeps, and stop reading above a limit.",
        "after each write: if waiting(c) > 256 KiB: stop reading from c. when waiting(c) is small "
        "again: read from c again",
    ),
    codec=Raw,
    ports=ALL_PORTS,
    ways=ONCE,
    side_by_side=True,
    cases=(
        *(bounded(port) for port in ALL_PORTS),
        case(
            "the others are served while one does not read",
            rules.BACK_PRESSURE,
            push(BLOCKS["PORT"][0], POURED),
            *(connect(port, port) for port in ALL_PORTS),
            *(send(HELLO[port], on=port) for port in ALL_PORTS),
            *(receive(HELLO[port], on=port) for port in ALL_PORTS),
            alone=True,  # or another pusher holds up the program, and this push is not yet felt
        ),
        *(in_order(port) for port in ALL_PORTS),
    ),
)
