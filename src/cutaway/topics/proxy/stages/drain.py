"""Drain: how a proxy ends when it is asked to.

    SIGTERM ──▶ stop listening ──▶ close what is idle, on both sides ──▶ finish what has begun ──▶
    exit 0

A proxy is stopped whenever its configuration or its version changes, in the middle of the day. A
request that is lost then is lost for everybody behind it.

Left out: handing the listener to the next process.
"""

from signal import SIGTERM

from ....grade.asking import answers, asked, begun
from ....grade.drastic import exits, refuses_connections, signals
from ....grade.stage import ONCE, Case, Stage, Step, case
from ....grade.steps import close, closes, connect, expect, send
from ....grade.verdict import Rule
from .. import rules
from .messages import A, Wire, alpha, exchange, head, ok
from .streaming import ANSWER, BODY, FIRST, POST, SECOND

#: What a new client asks: the proxy refuses it by itself, so that no upstream hears of it.
NO_HOST = head(b"GET / HTTP/1.1")


def stopping(name: str, rule: Rule, *steps: Step) -> Case:
    return case(name, rule, *steps, alone=True)


STAGE = Stage(
    name="proxy/drain",
    title="an end without losses",
    asks="When SIGTERM comes, finish what has begun, begin nothing new, and exit.",
    given="Within two seconds of SIGTERM no new connection is taken any more, and idle connections "
    "are closed. Requests already begun are answered, and the program exits with status 0 within 5 s "
    "of the last answer.",
    goals=(
        "decide: which connections are idle, on either side, and which carry something",
        "act: close the listener first, then what is idle",
        "answer: what has begun, best with Connection: close",
        "recover: exit with status 0 when the last exchange is over",
    ),
    hints=(
        "Which of your connections would keep the program alive although nobody waits for it?",
        "Let the handler set a flag and wake the loop. Close the listener, the pool, the health "
        "checks, and the clients between two requests. Others close behind their answer. When none "
        "is left, exit with 0.",
        "on SIGTERM: draining = true; listener.close(); pool.close()\n"
        "for c in clients: if c.idle: c.close()\n"
        "after each answer: if draining: close the connection\n"
        "when no client is left: exit(0)",
    ),
    codec=Wire,
    far=(A,),
    ways=ONCE,
    cases=(
        stopping(
            "without clients the program exits",
            rules.EXIT,
            *exchange(alpha),
            close(),
            signals(SIGTERM),
            exits(0),
        ),
        stopping(
            "idle connections are closed on both sides",
            rules.IDLE_CLOSED,
            connect("unused"),
            *exchange(alpha),
            signals(SIGTERM),
            closes(),
            closes(on="unused"),
            closes(on="a"),
            exits(0),
        ),
        stopping(
            "a request under way is answered",
            rules.IN_FLIGHT,
            send(alpha),
            asked("a"),
            signals(SIGTERM),
            refuses_connections(NO_HOST),
            answers("a", ok(b"alpha")),
            expect(status=200, body=b"alpha"),
            closes(),
            exits(0),
        ),
        stopping(
            "no new client is served meanwhile",
            rules.NO_NEW,
            send(alpha),
            asked("a"),
            signals(SIGTERM),
            refuses_connections(NO_HOST),
            answers("a", ok(b"alpha")),
            expect(status=200),
            close(),
            exits(0),
        ),
        stopping(
            "an answer that is half there is finished",
            rules.IN_FLIGHT,
            send(alpha),
            asked("a"),
            answers("a", ANSWER + FIRST),
            begun(status=200, body=FIRST),
            signals(SIGTERM),
            refuses_connections(NO_HOST),
            answers("a", SECOND),
            expect(status=200, body=BODY),
            closes(),
            exits(0),
        ),
        stopping(
            "a body that is half there is taken",
            rules.IN_FLIGHT,
            send(POST + FIRST),
            asked("a", begun=True, body=FIRST),
            signals(SIGTERM),
            refuses_connections(NO_HOST),
            send(SECOND),
            expect(on="a", body=BODY),
            answers("a", ok(b"thanks")),
            expect(status=200, body=b"thanks"),
            closes(),
            exits(0),
        ),
    ),
)
