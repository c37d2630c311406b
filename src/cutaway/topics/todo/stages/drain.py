"""An end without losses: SIGTERM, as before a new version takes over.

Left out: bodies that come slowly meanwhile. Topic http1 has them.
"""

from signal import SIGTERM

from ....grade.drastic import exits, refuses_connections, restart, signals
from ....grade.linked import over
from ....grade.stage import ONCE, Stage, case
from ....grade.steps import close, closes, connect, expect, pause, send
from ....net.relay import Link
from ...http1.codec import Caller
from .. import rules
from .messages import CACHE, PATIENT, STORE, created, get, post, shows, todo

LATE = over("store", to_client=Link(latency=0.4))

STAGE = Stage(
    name="todo/drain",
    title="an end without losses",
    asks="When SIGTERM comes, finish what has begun, begin nothing new, and exit.",
    given="No new connection is taken, requests already begun are answered, idle connections are "
    "closed, and the program exits with status 0 within 5 s of the last answer.",
    goals=(
        "decide: which connections are idle, and which are within a request",
        "act: close the listener first",
        "recover: exit with status 0 when the last answer is out",
    ),
    hints=(
        "Your program waits for the store when the signal comes. Who is waiting for your program?",
        "Let the signal only set a flag and wake the loop. Close the listener and the idle "
        "connections; the others close behind their answer.",
        "on SIGTERM: draining = true; listener.close(); for c in idle: c.close()\n"
        "after each answer: if draining: close the connection",
    ),
    codec=Caller,
    parts=(STORE, CACHE),
    environment=PATIENT,
    ways=ONCE,
    cases=(
        case(
            "without clients the program exits",
            rules.EXIT,
            *created("a", "milk"),
            close(),
            signals(SIGTERM),
            exits(0),
            alone=True,
        ),
        case(
            "a creation that has begun is answered, and kept",
            rules.IN_FLIGHT,
            LATE,
            send(post({"title": "milk"})),
            pause(0.2),
            signals(SIGTERM),
            expect(status=201, body=todo(title="milk"), keep={"a": "header location"}),
            close(),
            exits(0),
            restart(),
            *shows("a", title="milk"),
            alone=True,
        ),
        case(
            "no new client is served meanwhile",
            rules.NO_NEW,
            LATE,
            send(post({"title": "milk"})),
            pause(0.2),
            signals(SIGTERM),
            refuses_connections(get("/")),
            expect(status=201),
            close(),
            exits(0),
            alone=True,
        ),
        case(
            "idle connections are closed",
            rules.NO_NEW,
            connect("unused"),
            send(get("/health")),
            expect(status=200),
            signals(SIGTERM),
            closes(),
            closes(on="unused"),
            exits(0),
            alone=True,
        ),
    ),
)
