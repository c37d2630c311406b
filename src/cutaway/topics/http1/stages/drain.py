"""Drain: how a program ends when it is asked to.

    SIGTERM ──▶ stop listening ──▶ close what is idle ──▶ answer what has begun ──▶ exit 0

Programs are stopped all day: a new version, a machine that is moved. The one who stops them sends
SIGTERM, waits, and then kills. What a client notices of it is up to the program.
"""

from signal import SIGTERM

from ....grade.bulk import begins, lays, taken
from ....grade.drastic import exits, refuses_connections, signals
from ....grade.matchers import Matcher
from ....grade.stage import ONCE, Case, Stage, Step, case
from ....grade.steps import close, closes, connect, expect, send
from ....grade.verdict import Rule
from .. import rules
from ..codec import Http1
from .filing import STORED, put, read
from .messages import alpha, get, post

MIB = 1 << 20
LARGE = 24 * MIB
BODY = b"a body that comes in two halves"
ZEROS = Matcher(
    f"the {LARGE} bytes of the file, all zero",
    lambda found: found is not None and len(found) == LARGE == found.count(0),
)
slow = get(b"/slow?ms=300")
slower = get(b"/slow?ms=1500")
PROMPT = 1.0  # seconds for what SIGTERM ends at once: well before the answer to `slower`


def stopping(name: str, rule: Rule, *steps: Step) -> Case:
    return case(name, rule, *steps, alone=True)


def half_sent(request: bytes) -> tuple[Step, ...]:
    """Half of the body is there when SIGTERM comes, the rest follows when nobody new is served."""
    return (
        send(request[: -len(BODY) // 2]),
        taken(),
        signals(SIGTERM),
        refuses_connections(alpha, seconds=PROMPT),
        send(request[-len(BODY) // 2 :]),
    )


STAGE = Stage(
    name="http1/drain",
    title="an end without losses",
    asks="When SIGTERM comes, finish what has begun, begin nothing new, and exit.",
    given="Within a second of SIGTERM no new connection is served any more and idle connections are "
    "closed. Requests that have begun are answered, bodies under way are taken, and the program "
    "exits with status 0 within 5 s of the last answer.",
    goals=(
        "decide: which connections are idle, and which are within a request",
        "act: close the listener first",
        "answer: what has begun, and close behind it, best with Connection: close",
        "recover: exit with status 0 when the last connection is gone",
    ),
    hints=(
        "Who wakes the part of your program that waits in accept or read when the signal comes?",
        "Let the handler only set a flag and wake the loop. Close the listener. Close connections "
        "between two requests. Let the others finish their answer and close then. When none is "
        "left, exit with 0. Keep the list of connections for this.",
        "on SIGTERM: draining = true; listener.close(); for c in idle: c.close()\n"
        "after each answer: if draining: close the connection\n"
        "when no connection is left and draining: exit(0)",
    ),
    codec=Http1,
    ways=ONCE,
    cases=(
        stopping(
            "without clients the program exits",
            rules.EXIT,
            send(alpha),
            expect(body=b"alpha"),
            close(),
            signals(SIGTERM),
            exits(0),
        ),
        stopping(
            "a request in flight is answered whole",
            rules.IN_FLIGHT,
            send(slow),
            taken(),
            signals(SIGTERM),
            expect(status=200, seconds=5.0),
            closes(seconds=5.0),
            exits(0),
        ),
        stopping(
            "no new client is served meanwhile",
            rules.NO_NEW,
            send(slower),
            taken(),
            signals(SIGTERM),
            refuses_connections(alpha, seconds=PROMPT),
            expect(status=200, seconds=5.0),
            close(),
            exits(0),
        ),
        stopping(
            "an idle connection is closed, and so is one that was never used",
            rules.IDLE_CLOSED,
            connect("unused"),
            send(alpha),
            expect(body=b"alpha"),
            signals(SIGTERM),
            closes(seconds=PROMPT),
            closes(on="unused", seconds=PROMPT),
            exits(0),
        ),
        stopping(
            "an idle connection is closed while another one is answered",
            rules.IDLE_CLOSED,
            connect("idle"),
            send(slower),
            taken(),
            signals(SIGTERM),
            closes(on="idle", seconds=PROMPT),
            expect(status=200, seconds=5.0),
            close(),
            exits(0),
        ),
        stopping(
            "an answer that is half sent is finished",
            rules.IN_FLIGHT,
            lays("large.bin", LARGE),
            send(read(b"large.bin")),
            begins(),
            signals(SIGTERM),
            refuses_connections(alpha, seconds=PROMPT),
            expect(status=200, body=ZEROS, seconds=5.0),
            close(),
            exits(0),
        ),
        stopping(
            "a body that is half there is taken",
            rules.IN_FLIGHT,
            *half_sent(bytes(post(BODY))),
            expect(status=200, body=BODY),
            close(),
            exits(0),
        ),
        stopping(
            "and a file that is half there is stored",
            rules.IN_FLIGHT,
            *half_sent(bytes(put(b"half.txt", BODY))),
            expect(status=STORED),
            close(),
            exits(0),
        ),
    ),
)
