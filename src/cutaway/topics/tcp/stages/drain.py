"""Drain: the end of a program is part of it.

    SIGTERM ─▶ stop accepting ─▶ answer what has arrived ─▶ close ─▶ exit 0

A program is ended many times a day: by every new version of it. Dropping what was under way is an
error for somebody each time; waiting for clients that do not leave is a program that has to be
killed. To be sure that something has arrived before the signal, the program is stopped (SIGSTOP)
while both are sent.
"""

from __future__ import annotations

from signal import SIGCONT, SIGSTOP, SIGTERM

from ....grade.bulk import owed
from ....grade.drastic import exits, hears, push, refuses_connections, signals
from ....grade.stage import ONCE, Stage, case
from ....grade.steps import closes, connect, pause, receive, send
from .. import rules
from ..codec import Raw
from .messages import ALL_PORTS, BIG, HELLO

INSIDE = (
    *(connect(port, port) for port in ALL_PORTS),
    *(send(HELLO[port], on=port) for port in ALL_PORTS),
    *(receive(HELLO[port], on=port) for port in ALL_PORTS),
)

DRAIN = Stage(
    name="tcp/drain",
    title="SIGTERM ends the program in good order",
    asks="On SIGTERM take no new connection, answer what has already arrived, close the "
    "connections, and exit with status 0 within 5 seconds, whether or not clients stay.",
    given="After SIGTERM no new connection is taken, what has already arrived is answered, "
    "connections are closed, and the program exits with status 0 within 5 seconds.",
    goals=(
        "act: close the listeners first; then nobody new comes",
        "answer: read what has arrived, answer it, close; destroying a socket throws away what "
        "waits in it",
        "bound it: after a second or two, close the rest whatever they do",
        "recover: exit with status 0; this was no accident",
    ),
    hints=(
        "What does your program do when SIGTERM comes, and what would it have done a moment later?",
        "The default for SIGTERM is to die at once, with a status that is not 0. Handle it: close "
        "the listeners, tell each connection to finish once nothing more is there to read, and "
        "keep a deadline for those that never do.",
        "on SIGTERM: close listeners; for each c: read what is there, answer, close; after 2 s: "
        "close all that are left; exit(0)",
    ),
    codec=Raw,
    ports=ALL_PORTS,
    ways=ONCE,
    cases=(
        case(
            "clients that say nothing are let go",
            rules.LET_GO,
            *INSIDE,
            signals(SIGTERM),
            *(closes(port, seconds=5.0) for port in ALL_PORTS),
            exits(0),
            alone=True,
        ),
        case(
            "what has arrived before is answered",
            rules.ARRIVED,
            *INSIDE,
            signals(SIGSTOP),
            *(send(HELLO[port] * 3, on=port) for port in ALL_PORTS),
            signals(SIGTERM),
            signals(SIGCONT),
            *(receive(HELLO[port] * 3, on=port) for port in ALL_PORTS),
            *(closes(port, seconds=5.0) for port in ALL_PORTS),
            exits(0),
            alone=True,
        ),
        case(
            "what has arrived is answered also to a client that reads late",
            rules.ARRIVED,
            push(BIG, 16 << 20),
            owed(BIG, signals(SIGTERM), hears(), pause(0.3)),
            alone=True,
        ),
        case(
            "a client that does not read does not hold up the end",
            rules.NOBODY_HOLDS,
            push(BIG, 64 << 20),
            signals(SIGTERM),
            exits(0),
            alone=True,
        ),
        case(
            "nobody new is served",
            rules.NO_MORE,
            *INSIDE,
            push(BIG, 16 << 20),
            signals(SIGTERM),
            refuses_connections(b"hello"),
            refuses_connections(HELLO["LINES_PORT"], "LINES_PORT"),
            refuses_connections(HELLO["FRAMES_PORT"], "FRAMES_PORT"),
            alone=True,
        ),
    ),
)
