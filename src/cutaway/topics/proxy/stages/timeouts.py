"""An upstream that does not do its part: 502 when it fails, 504 when it is silent.

    refused, ended early, no HTTP                    502
    no connection within CONNECT_MS                  504
    owes something, and silent for READ_MS           504
    no whole head within TOTAL_MS                    504
    any of these when the answer has begun           the connection is closed

Here a misconception ends: that a timeout is one number. Each of these waits for something else. A
limit on silence lets an upstream that sends an octet now and then hold a client for ever; a limit
on the whole, if it counted for bodies too, would cut off every large download.

Left out: exactness. An answer that comes a little late is late for many reasons.
"""

from ....grade.asking import answers, asked, begun, broken_off, overflows, recovers, refuses
from ....grade.delivery import drip
from ....grade.enduring import cut_off
from ....grade.far import Far
from ....grade.linked import over
from ....grade.stage import ONCE, Stage, Step, case
from ....grade.steps import close, expect, pause, reset, send, stays_silent
from ....net.relay import Link
from .. import rules
from .messages import HOST, A, Wire, alpha, bravo, exchange, head, ok, post, starting

HALF = b"HTTP/1.1 200 OK\r\nContent-Le"
PART = head(b"HTTP/1.1 200 OK", b"Content-Length: 20") + b"ten octets"
POST = head(b"POST /echo HTTP/1.1", HOST, b"Content-Length: 10")
SLOW = head(b"HTTP/1.1 200 OK", b"Content-Length: 8")
#: An upstream 30 ms away, in the cases whose settings name it.
DISTANT = Far(name="distant", codec=Wire, called="the distant upstream", link=Link(latency=0.03))
BEHIND_A_LINK = {"UPSTREAMS": "{distant}"}
SOON = 0.15  # of the 0.5 s that an upstream may be silent


def asks() -> tuple[Step, ...]:
    """A request that nobody may send twice, so that a kept connection makes no difference."""
    return (send(post(b"order")), asked("a", body=b"order"))


def goes_on_after_502() -> tuple[Step, ...]:
    return (expect(status=502), *goes_on())


def goes_on() -> tuple[Step, ...]:
    return (close(), *exchange(bravo, ok(b"bravo")))


STAGE = Stage(
    name="proxy/timeouts",
    title="502 for what fails, 504 for what is silent",
    asks="Answer for an upstream that cannot: with the right status, in time, and never with half "
    "of something.",
    given="502 when an upstream refuses the connection, ends it before a whole head, or answers "
    "what is not HTTP; 504 when $CONNECT_MS, $READ_MS or $TOTAL_MS is over. When the answer has "
    "begun, the connection to the client is closed so that what came cannot be taken for a whole "
    "one. Here CONNECT_MS and READ_MS are 500, TOTAL_MS is 1000.",
    goals=(
        "bound it: a limit for the connection, for silence, and for the head of the answer",
        "decide: has anything of an answer been passed on? then there is no other status any more",
        "answer: 502 or 504, and the connection may go on",
        "recover: the upstream's connection is closed, not kept",
    ),
    hints=(
        "For each of your reads and connects: what wakes it when nothing ever comes?",
        "Put a limit on connecting. Begin a limit on silence when the request was sent, begin it "
        "anew with each octet, and stop it while it is the client who has to send or to read. Set "
        "one more at the head of the request that ends with the head of the answer. When a limit is "
        "over, close the upstream's connection; if nothing of the answer was passed on, answer 504, "
        "else close the client's connection without the last chunk.",
        "connect(timeout=CONNECT_MS)          # TimeoutError: 504; refused: 502\n"
        "deadline = now + TOTAL_MS            # to the end of the answer's head\n"
        "recv(timeout=min(READ_MS, deadline - now))   # nothing: 504; end: 502\n"
        "body: recv(timeout=READ_MS)          # nothing or end: reset the client's connection",
    ),
    codec=Wire,
    far=(A, DISTANT),
    ways=ONCE,
    insight=True,
    environment={"CONNECT_MS": "500", "READ_MS": "500", "TOTAL_MS": "1000"},
    cases=(
        case(
            "a refused connection is 502",
            rules.BAD_GATEWAY,
            refuses("a"),
            send(alpha),
            expect(status=502),
            recovers("a"),
            *goes_on(),
        ),
        case(
            "a connection that ends without an answer is 502",
            rules.BAD_GATEWAY,
            *asks(),
            close("a"),
            *goes_on_after_502(),
        ),
        case(
            "one that is reset is 502",
            rules.BAD_GATEWAY,
            *asks(),
            reset("a"),
            *goes_on_after_502(),
        ),
        case(
            "one that ends within the head is 502",
            rules.BAD_GATEWAY,
            *asks(),
            answers("a", HALF),
            close("a"),
            *goes_on_after_502(),
        ),
        case(
            "what is no HTTP is 502",
            rules.NO_HTTP,
            *asks(),
            answers("a", b"220 mail.example ESMTP\r\n\r\n"),
            close("a"),
            *goes_on_after_502(),
        ),
        case(
            "silence is 504, and not before its time",
            rules.GATEWAY_TIMEOUT,
            *asks(),
            stays_silent(SOON),
            expect(status=504),
            cut_off("a", 1),
            *goes_on(),
        ),
        case(
            "silence within the head is 504",
            rules.GATEWAY_TIMEOUT,
            *asks(),
            answers("a", HALF),
            stays_silent(SOON),
            expect(status=504),
            *goes_on(),
        ),
        case(
            "a head that comes steadily but not in time is 504",
            rules.TOTAL_TIMEOUT,
            *asks(),
            drip(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0.1, on="a"),
            expect(status=504),
            *goes_on(),
            alone=True,
        ),
        case(
            "a queue that is full is 504",
            rules.CONNECT_TIMEOUT,
            overflows("a"),
            send(alpha),
            stays_silent(SOON),
            expect(status=504),
            recovers("a"),
            *goes_on(),
        ),
        case(
            "an answer that ends within its body does not look whole",
            rules.AFTER_BEGIN,
            *asks(),
            answers("a", PART),
            begun(status=200, body=starting(b"ten")),
            close("a"),
            broken_off(),
            *goes_on(),
        ),
        case(
            "one that is silent within its body does not either",
            rules.AFTER_BEGIN,
            *asks(),
            answers("a", PART),
            begun(status=200, body=starting(b"ten")),
            broken_off(),
            *goes_on(),
        ),
        case(
            "a body may last longer than any of the limits",
            rules.LIMITS_APPLY,
            *asks(),
            answers("a", SLOW),
            begun(status=200),
            drip(b"steadily", 0.15, on="a"),
            expect(status=200, body=b"steadily"),
            *goes_on(),
            alone=True,
        ),
        case(
            "a client that sends slowly is no silence of the upstream",
            rules.LIMITS_APPLY,
            send(POST + b"five,"),
            asked("a", begun=True, body=b"five,"),
            pause(0.75),
            send(b"more."),
            expect(on="a", body=b"five,more."),
            answers("a", ok(b"thanks")),
            expect(status=200, body=b"thanks"),
            *goes_on(),
            alone=True,
        ),
        case(
            "a distance is no silence",
            rules.LIMITS_APPLY,
            send(alpha),
            asked("distant", target=b"/echo/alpha"),
            answers("distant", ok(b"alpha")),
            expect(status=200, body=b"alpha"),
            environment=BEHIND_A_LINK,
        ),
        case(
            "an answer that stays on the link is silence",
            rules.GATEWAY_TIMEOUT,
            over("distant", to_client=Link(stalled=True)),
            send(post(b"order")),
            asked("distant", body=b"order"),
            answers("distant", ok(b"thanks")),
            stays_silent(SOON),
            expect(status=504),
            environment=BEHIND_A_LINK,
        ),
        case(
            "a link that is cut within the body leaves nothing that looks whole",
            rules.AFTER_BEGIN,
            over("distant", to_client=Link(cut_after=len(PART) - 4)),
            send(post(b"order")),
            asked("distant", body=b"order"),
            answers("distant", PART),
            begun(status=200),
            broken_off(),
            environment=BEHIND_A_LINK,
        ),
    ),
)
