"""A connection is a stream of bytes: neither reads nor writes have anything to do with requests.

    one write      GET /echo/alpha …⏎⏎ GET /echo/bravo …⏎⏎     two requests
    two writes     GET /ec            ho/alpha …⏎⏎              one request

The program that works by luck, one read for one request, ends here.
"""

from ....grade.matchers import unlike
from ....grade.stage import ONCE, Stage, case
from ....grade.steps import at_every_split, drip, expect, pause, send
from .. import rules
from ..codec import Http1
from .messages import alpha, bravo, charlie, get, no_content

CUT = len(bytes(bravo)) - 3
NUMBERS = range(100)

STAGE = Stage(
    name="http1/stream",
    title="a stream, not messages",
    asks="Keep the connection open and answer every request on it, in order, wherever the stream "
    "was cut on its way.",
    given="GET /echo/{word}, HEAD, and GET /slow?ms=N, which is answered with 200 after N "
    "milliseconds.",
    goals=(
        "bound it: read until the blank line is there, however many reads that takes",
        "frame it: what stands behind the blank line belongs to the next request; keep it",
        "answer: one answer after the other, in the order of the requests",
    ),
    hints=(
        "What does your program do when one read brings half a request? One and a half?",
        "Give each connection a buffer. Reading appends to it. A request is taken from its front "
        "when it is complete, and only that much; look again before the next read, since another "
        "one may be there already. The blank line itself may arrive in two parts.",
        "buffer = b''\n"
        "loop:\n"
        "    while (end = buffer.find(b'\\r\\n\\r\\n')) < 0: buffer += read()\n"
        "    request, buffer = buffer[:end], buffer[end + 4:]\n"
        "    answer(request)",
    ),
    codec=Http1,
    insight=True,
    cases=(
        case(
            "a request is one request wherever it is cut in two",
            rules.STREAM,
            at_every_split(alpha, expect(status=200, body=b"alpha")),
            ways=ONCE,
        ),
        case(
            "a request that comes byte by byte is one request",
            rules.STREAM,
            drip(bytes(get(b"/echo/drip")), 0.0005),
            expect(status=200, body=b"drip"),
            ways=ONCE,
        ),
        case(
            "a second request on the same connection is answered",
            rules.PERSIST,
            send(alpha),
            expect(body=b"alpha"),
            send(bravo),
            expect(body=b"bravo"),
        ),
        case(
            "two requests in one write are two requests",
            rules.PIPELINE,
            send(alpha, bravo),
            expect(body=b"alpha"),
            expect(body=b"bravo"),
        ),
        case(
            "one request and most of the next are two in the end",
            rules.REST_IS_NEXT,
            send(alpha, bytes(bravo)[:CUT]),
            expect(body=b"alpha"),
            send(bytes(bravo)[CUT:], charlie),
            expect(body=b"bravo"),
            expect(body=b"charlie"),
        ),
        case(
            "a blank line that arrives in two parts is a blank line",
            rules.STREAM,
            send(bytes(alpha)[:-1]),
            pause(0.01),
            send(b"\n", bravo),
            expect(body=b"alpha"),
            expect(body=b"bravo"),
            ways=ONCE,
        ),
        case(
            "a hundred requests in one write have a hundred answers, in order",
            rules.PIPELINE,
            send(*(get(b"/echo/%d" % number) for number in NUMBERS)),
            *(expect(body=b"%d" % number) for number in NUMBERS),
        ),
        case(
            "the answer to HEAD is followed by the next answer",
            rules.HEAD_NO_BODY,
            send(get(b"/echo/alpha", method=b"HEAD"), bravo),
            expect(status=200),
            no_content(),
            expect(body=b"bravo"),
        ),
        case(
            "a slow answer is not overtaken",
            rules.ORDER,
            send(get(b"/slow?ms=30"), bravo),
            expect(status=200, body=unlike(b"bravo")),
            expect(body=b"bravo"),
            ways=ONCE,
        ),
    ),
)
