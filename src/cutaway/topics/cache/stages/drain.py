"""Drain: how a cache ends when it is asked to.

    SIGTERM ──▶ stop listening ──▶ answer what was read ──▶ flush ──▶ exit 0

Clients of a cache keep their connections for days, so waiting for them to go would take for ever. What
was read of them is answered; then the connections are closed, and the program is gone within moments.

Left out: handing the data to a successor.
"""

from __future__ import annotations

from signal import SIGTERM

from ....grade.bulk import taken
from ....grade.drastic import exits, refuses_connections, signals
from ....grade.stage import ONCE, Case, Stage, Step, case
from ....grade.steps import close, closes, connect, send
from ....grade.verdict import Rule
from .. import rules
from ..codec import Resp
from ..messages import Integer
from .limits import LARGE
from .messages import OK, PONG, cmd, talk
from .publish import listens
from .replies import replies
from .transactions import QUEUED

MANY = 200
HALF = b"*2\r\n$4\r\nECHO\r\n$5\r\nal"


def stopping(name: str, rule: Rule, *steps: Step) -> Case:
    return case(name, rule, *steps, alone=True)


STAGE = Stage(
    name="cache/drain",
    title="an end without losses",
    asks="When SIGTERM comes, answer what you have read, take nothing new, and exit.",
    given="After SIGTERM no new connection is taken, whole commands that were read are answered, and the "
    "program exits with status 0 within 5 seconds, whatever its clients do. What its kernel still holds "
    "may be answered or not.",
    goals=(
        "decide: which commands are whole, and which are not",
        "act: close the listener first",
        "answer: commands that are whole, and let the answers go out",
        "recover: exit with status 0, though clients are still connected",
    ),
    hints=(
        "Who wakes the part of your program that waits for a client when the signal comes?",
        "Let the handler set a flag and wake the loop. Close the listener, serve what the connections "
        "have in their buffers once more, write what is to be written, close them all, flush the log.",
        "on SIGTERM: listener.close()\n"
        "for c in connections: c.read what is there; answer whole commands; c.flush(); c.close()\n"
        "log.flush(); exit(0)",
    ),
    codec=Resp,
    ways=ONCE,
    cases=(
        stopping(
            "without clients the program exits",
            rules.EXIT,
            *talk(("PING", PONG)),
            close(),
            signals(SIGTERM),
            exits(0),
        ),
        stopping(
            "idle clients do not keep it",
            rules.EXIT,
            connect("unused"),
            *talk(("PING", PONG)),
            *listens("dr:a", on="listens"),
            signals(SIGTERM),
            exits(0),
            closes(),
            closes(on="unused"),
            closes(on="listens"),
        ),
        stopping(
            "nor does half a command, or a transaction",
            rules.EXIT,
            *talk(("MULTI", OK), ("SET dr:b 1", QUEUED)),
            send(HALF, on="half"),
            taken("half"),
            signals(SIGTERM),
            exits(0),
        ),
        stopping(
            "nor a client that does not read",
            rules.EXIT,
            *talk((("SET", "dr:large", LARGE), OK)),
            send(*[cmd("GET dr:large")] * 80, on="deaf"),
            taken("deaf"),
            *talk(("PING", PONG)),
            signals(SIGTERM),
            exits(0),
            close("deaf"),
        ),
        stopping(
            f"{MANY} commands that have arrived are answered",
            rules.ANSWERS_FIRST,
            *talk(("SET dr:n 0", OK)),
            send(*[cmd("INCR dr:n")] * MANY),
            taken(),
            signals(SIGTERM),
            *(replies(Integer(at)) for at in range(1, MANY + 1)),
            closes(seconds=5.0),
            exits(0),
        ),
        stopping(
            "no new client is served",
            rules.NO_NEW,
            *talk(("PING", PONG)),
            signals(SIGTERM),
            refuses_connections(cmd("PING")),
            exits(0),
        ),
    ),
)
