"""One request to one upstream, and its answer back.

    client ── GET /echo/alpha ──▶ proxy ── GET /echo/alpha ──▶ upstream a
    client ◀────── 200 alpha ──── proxy ◀────── 200 alpha ──── upstream a

Both sides are played: the client asks, and what comes to the upstream is looked at before it
answers. A proxy is two things that share nothing but a message: a server on one side, a client on
the other. Most of what goes wrong is that the one side's framing is taken for the other's.

Left out: everything a proxy has to change. See fields.py.
"""

from ....grade.asking import answers, asked, not_asked, recovers, refuses
from ....grade.matchers import one_of
from ....grade.stage import BOTH, Stage, case
from ....grade.steps import close, expect, send
from ...http1.codec import Response
from .. import rules
from .messages import HOST, A, Wire, alpha, bravo, exchange, get, head, ok, post

OCTETS = bytes(range(256)) * 8
ODD = b"/a%2Fb//c/./%7e?x=1&y=%20;z=~//?"

STAGE = Stage(
    name="proxy/forward",
    title="one request to one upstream, and its answer back",
    asks="Take a request, send it to the upstream, and answer what the upstream answers. Do so for "
    "one request after the other, on one client connection.",
    given="$UPSTREAMS has one address. Method, target, fields and body reach it as they came, and "
    "so does its answer the client. An upstream that refuses the connection is answered with 502.",
    goals=(
        "frame it: read each message to the end that its own framing says, on both sides",
        "act: connect, send the request, read the answer",
        "answer: status, fields and body as they came",
        "recover: when the upstream is not there, answer 502 and serve the next request",
    ),
    hints=(
        "Which of your two sockets tells you that the answer is over, and which that the request "
        "is?",
        "Read the head of the request and its body by Content-Length. Send them on, head first. "
        "Then read the answer as a client does: an answer to HEAD, 204 and 304 have no body, "
        "others have Content-Length, chunks, or end with the connection. Do not decode the target, "
        "not even to look at it. Keep header fields as a list of pairs, not as a dictionary.",
        "loop: head, body = read_request(client)\n"
        "      upstream = connect(UPSTREAM)            # refused: answer 502\n"
        "      send(upstream, head, body)\n"
        "      answer = read_answer(upstream, method)  # HEAD, 204, 304: no body\n"
        "      send(client, answer)",
    ),
    codec=Wire,
    far=(A,),
    ways=BOTH,
    cases=(
        case(
            "a request reaches the upstream, and its answer the client",
            rules.FORWARD,
            send(alpha),
            asked("a", method=b"GET", target=b"/echo/alpha"),
            answers("a", ok(b"alpha")),
            expect(status=200, body=b"alpha"),
        ),
        case(
            "the target is passed on octet by octet",
            rules.TARGET,
            *exchange(get(ODD), wanted={"target": ODD}),
        ),
        case(
            "Host stays as it came",
            rules.HOST_STAYS,
            *exchange(
                get(b"/", host=b"Shop.example:8443"),
                wanted={"header": {"host": b"Shop.example:8443"}},
            ),
        ),
        case(
            "fields stay, those of one name in their order",
            rules.FIELDS_STAY,
            *exchange(
                get(b"/", (b"X-Odd", b"one"), (b"x-other", b"a=\xe9; b"), (b"x-odd", b"two, 3")),
                wanted={"header": {"x-odd": b"one, two, 3", "x-other": b"a=\xe9; b"}},
            ),
        ),
        case(
            "a body is passed on octet by octet",
            rules.BODY_STAYS,
            *exchange(post(OCTETS), wanted={"method": b"POST", "body": OCTETS}),
        ),
        case(
            "an empty body is one, too",
            rules.BODY_STAYS,
            *exchange(post(b""), wanted={"method": b"POST", "body": b""}),
            *exchange(bravo, ok(b"bravo")),
        ),
        case(
            "status, fields and body of the answer come back",
            rules.ANSWER_STAYS,
            send(alpha),
            asked("a"),
            answers(
                "a",
                ok(OCTETS, (b"Set-Cookie", b"a=1"), (b"set-cookie", b"b=2"), status=404),
            ),
            expect(status=404, header={"set-cookie": b"a=1, b=2"}, body=OCTETS),
        ),
        case(
            "a method that is not known is passed on",
            rules.METHOD,
            *exchange(get(b"/tea", method=b"BREW"), wanted={"method": b"BREW"}),
        ),
        case(
            "answers to HEAD, 204 and 304 have no body",
            rules.NO_CONTENT,
            send(get(b"/", method=b"HEAD")),
            asked("a", method=b"HEAD"),
            answers("a", head(b"HTTP/1.1 200 OK", b"Content-Length: 5")),
            expect(status=200, body=b""),
            send(alpha),
            asked("a"),
            answers("a", Response(status=204, reason=b"No Content")),
            expect(status=204, body=b""),
            send(alpha),
            asked("a"),
            answers("a", head(b"HTTP/1.1 304 Not Modified", b'ETag: "a"')),
            expect(status=304, header={"etag": b'"a"'}, body=b""),
            *exchange(bravo, ok(b"bravo")),
        ),
        case(
            "two requests in one write are two requests, answered in order",
            rules.PIPELINE,
            send(alpha, bravo),
            asked("a", target=b"/echo/alpha"),
            answers("a", ok(b"alpha")),
            expect(body=b"alpha"),
            asked("a", target=b"/echo/bravo"),
            answers("a", ok(b"bravo")),
            expect(body=b"bravo"),
        ),
        case(
            "without $CONNECT_ALLOW there is no CONNECT",
            rules.NO_TUNNEL,
            send(head(b"CONNECT localhost:80 HTTP/1.1", HOST)),
            expect(status=one_of(501, *range(400, 500))),
            not_asked("a"),
        ),
        case(
            "an upstream that is not there is answered with 502",
            rules.NOT_THERE,
            refuses("a"),
            send(get(b"/", (b"Connection", b"close"))),
            expect(status=502),
            close(),
            recovers("a"),
            *exchange(bravo, ok(b"bravo")),
        ),
    ),
)
