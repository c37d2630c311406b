"""Connections to an upstream are kept, and used again when both sides are through with a message.

    client 1 ── GET ──▶ proxy ══ connection 1 ══▶ upstream        made for this request
    client 2 ── GET ──▶ proxy ══ connection 1 ══▶ upstream        and used by the next one

Keeping them brings a race that no program can win: the upstream closes an idle connection at the
moment at which a request leaves for it. The proxy learns of it only when it reads. Nothing came
back, so perhaps nothing was done, and what is idempotent may be sent once more; what is not must
not be.

Left out: how long a connection is kept.
"""

from ....grade.asking import answers, asked, begun, not_asked
from ....grade.crowd import at_once
from ....grade.enduring import again
from ....grade.matchers import Matcher
from ....grade.ruled import awaited, by_rule, tallied
from ....grade.stage import ONCE, Stage, case
from ....grade.steps import close, connect, expect, reset, send
from .. import rules
from .messages import HOST, A, Wire, alpha, bravo, exchange, get, head, ok, post, starting
from .origins import Origin, Tallies, in_all, requests, tallies

HALF = head(b"HTTP/1.1 200 OK", b"Content-Length: 20") + b"ten octets"
BIG = head(b"POST /echo HTTP/1.1", HOST, b"Content-Length: 20") + b"ten octets"
CLOSING = ok(b"bye", (b"Connection", b"close"))
ONCE_MORE = get(b"/again")


def few(most: int) -> Matcher:
    return tallies(
        f"at most {most} connections for all requests",
        lambda seen: seen["a"].connections <= most,
    )


def idle(seen: Tallies) -> bool:
    return seen["a"].open <= 16 and requests(seen["a"]) == 40


STAGE = Stage(
    name="proxy/pool",
    title="connections are kept, and used again when they may be",
    asks="Keep the connections to the upstream, and send the next request on one that is free. "
    "Notice those that are no longer good.",
    given="Connections are used again when both sides allow it; at most 16 idle ones are kept to "
    "an upstream; none carries two requests at a time. When a used one turns out to be closed "
    "before an octet of the answer came, GET, HEAD, OPTIONS, PUT and DELETE are sent once more on "
    "a new one.",
    goals=(
        "bound it: at most 16 idle connections",
        "decide: a connection is free when request and answer both came to their end, and nobody "
        "said close",
        "act: take the one that was used last, else make one",
        "recover: a kept connection that ends without an answer is replaced once, for what is "
        "idempotent",
    ),
    hints=(
        "What has to be true of both messages before a connection may carry the next?",
        "Put a connection back only when the body of the request was sent whole and the body of the "
        "answer was read to its end, with a framing other than the close, and without Connection: "
        "close. Watch idle connections: one that becomes readable is over. When sending on a kept "
        "one brings the end and no octet, take a new one, once, unless the method is POST or "
        "another that is not idempotent. Those are better sent on new connections only.",
        "upstream = pool.pop() if pool and method in IDEMPOTENT else connect()\n"
        "if kept and nothing came and method in IDEMPOTENT: upstream = connect(); send again\n"
        "if request_done and answer_done and not close and len(pool) < 16: pool.append(upstream)",
    ),
    codec=Wire,
    far=(A,),
    ways=ONCE,
    cases=(
        case(
            "the second request goes on the same connection",
            rules.REUSE,
            *exchange(alpha),
            send(bravo),
            asked("a", reused=True),
            answers("a", ok(b"bravo")),
            expect(body=b"bravo"),
        ),
        case(
            "another client's request goes on it, too",
            rules.REUSE,
            *exchange(get(b"/", (b"Connection", b"close"))),
            close(),
            connect("other"),
            send(bravo, on="other"),
            asked("a", reused=True),
            answers("a", ok(b"bravo")),
            expect(on="other", body=b"bravo"),
        ),
        case(
            "two requests at a time take two connections",
            rules.ONE_AT_A_TIME,
            send(alpha),
            asked("a", on="one", target=b"/echo/alpha"),
            connect("other"),
            send(bravo, on="other"),
            asked("a", on="two", target=b"/echo/bravo"),
            answers("two", ok(b"bravo")),
            expect(on="other", body=b"bravo"),
            answers("one", ok(b"alpha")),
            expect(body=b"alpha"),
        ),
        case(
            "behind an answer that said close there is no request",
            rules.SAID_CLOSE,
            send(alpha),
            asked("a", on="one"),
            answers("one", CLOSING),
            expect(body=b"bye"),
            send(bravo),
            asked("a", on="two"),
            answers("two", CLOSING),
            expect(body=b"bye"),
            close("one"),
            close("two"),
        ),
        case(
            "an answer of HTTP/1.0 ends its connection",
            rules.SAID_CLOSE,
            send(alpha),
            asked("a", on="one"),
            answers("one", ok(b"old", version=b"HTTP/1.0")),
            expect(body=b"old"),
            send(bravo),
            asked("a", on="two"),
            answers("two", CLOSING),
            expect(body=b"bye"),
            close("one"),
            close("two"),
        ),
        case(
            "a kept connection that ends when it is used is replaced",
            rules.STALE,
            *exchange(alpha),
            send(ONCE_MORE),
            asked("a", reused=True, target=b"/again"),
            close("a"),
            asked("a", reused=False, target=b"/again"),
            answers("a", ok(b"again")),
            expect(status=200, body=b"again"),
        ),
        case(
            "also when it is reset",
            rules.STALE,
            *exchange(alpha),
            send(ONCE_MORE),
            asked("a", reused=True, target=b"/again"),
            reset("a"),
            asked("a", reused=False, target=b"/again"),
            answers("a", ok(b"again")),
            expect(status=200, body=b"again"),
        ),
        case(
            "but only once",
            rules.STALE,
            *exchange(alpha),
            send(ONCE_MORE),
            asked("a", reused=True, target=b"/again"),
            close("a"),
            asked("a", reused=False, target=b"/again"),
            close("a"),
            expect(status=502),
            not_asked("a"),
            close(),
        ),
        case(
            "POST is not sent again",
            rules.STALE_POST,
            *exchange(alpha),
            send(post(b"order")),
            asked("a", body=b"order"),
            close("a"),
            expect(status=502, or_close=True),
            not_asked("a"),
            close(),
        ),
        case(
            "an answer that nobody read to its end is not the beginning of another",
            rules.UNFINISHED,
            send(alpha),
            asked("a", on="one"),
            answers("one", HALF),
            begun(status=200, body=starting(b"ten")),
            close(),
            connect("other"),
            send(bravo, on="other"),
            asked("a", on="two", target=b"/echo/bravo"),
            answers("two", ok(b"bravo")),
            expect(on="other", body=b"bravo"),
        ),
        case(
            "a request that was not sent to its end is followed by no other",
            rules.UNFINISHED,
            send(BIG),
            asked("a", on="one", begun=True, body=b"ten octets"),
            answers("one", ok(b"enough", status=413)),
            expect(status=413),
            close(),
            connect("other"),
            send(bravo, on="other"),
            asked("a", on="two", target=b"/echo/bravo"),
            answers("two", ok(b"bravo")),
            expect(on="other", body=b"bravo"),
        ),
        case(
            "a hundred requests need few connections",
            rules.REUSE,
            by_rule(a=Origin("a")),
            again(100, send(alpha), expect(body=b"a"), close()),
            tallied(in_all(100, 100, "100 requests")),
            tallied(few(8)),
        ),
        case(
            "of forty connections 16 are kept",
            rules.MOST_IDLE,
            by_rule(a=Origin("a", after=0.2)),
            at_once(40, send(alpha), expect(body=b"a")),
            awaited(tallies("40 requests, and then at most 16 open connections", idle)),
        ),
    ),
)
