"""How long a connection lasts: version and Connection decide.

    HTTP/1.1                          stays open
    HTTP/1.1  Connection: close       closes after the answer
    HTTP/1.0                          closes after the answer
    HTTP/1.0  Connection: keep-alive  may stay open, when the server says so, too

Around it stands what keeps a long connection healthy: empty lines between requests, and clients
that leave in the middle.
"""

from ....grade.stage import ALL, BOTH, Stage, case
from ....grade.steps import close, closes, expect, reset, send
from .. import rules
from ..codec import Http1
from ..messages import Request
from .messages import NEIGHBOUR, alpha, bravo, charlie, get, goodbye, lists


def said(*values: bytes) -> Request:
    """GET /echo/alpha with these Connection lines."""
    return get(b"/echo/alpha", *((b"Connection", value) for value in values))


old = Request(target=b"/echo/alpha", version=b"HTTP/1.0")
old_keeping = Request(
    target=b"/echo/alpha", version=b"HTTP/1.0", fields=((b"Connection", b"Keep-Alive"),)
)
half = bytes(charlie)[:25]

STAGE = Stage(
    name="http1/keep-alive",
    title="how long a connection lasts",
    asks="Decide after each answer whether the connection goes on, from the version and the "
    "Connection fields of the request, and say so in the answer.",
    given="GET /echo/{word}.",
    goals=(
        "parse it: the version of the request line; Connection as a list of options",
        "decide: close if close is said; else stay open for HTTP/1.1; else close",
        "answer: say Connection: close in the last answer",
        "recover: a connection that breaks off ends that connection and nothing else",
    ),
    hints=(
        "Compare options, not text: what does your program make of Connection: x, CLOSE?",
        "Split the values of all Connection lines at commas, trim, lower-case, and look for the "
        "whole word. Once close is said, close after the answer and throw away what was read "
        "behind the request. Send FIN first and read on for a moment: closing a socket with unread "
        "bytes sends a reset, which can destroy the answer on its way.",
        "options = {o.strip().lower() for v in connection for o in v.split(b',')}\n"
        "stays = b'close' not in options and (minor >= 1 or b'keep-alive' in options)",
    ),
    codec=Http1,
    ways=ALL,
    neighbour=NEIGHBOUR,
    cases=(
        case(
            "the connection outlives its first answer",
            rules.PERSIST,
            send(alpha),
            expect(body=b"alpha"),
            send(bravo),
            expect(body=b"bravo"),
        ),
        case(
            "close means close: what follows goes unanswered",
            rules.CLOSE,
            send(goodbye, bravo),
            expect(body=b"alpha"),
            closes(),
            ways=BOTH,
        ),
        case(
            "the last answer says close",
            rules.SAYS_CLOSE,
            send(goodbye),
            expect(body=b"alpha", header={"connection": lists(b"close")}),
            closes(),
        ),
        case(
            "Close in capitals is close",
            rules.CLOSE_CASE,
            send(said(b"CLOSE"), bravo),
            expect(body=b"alpha"),
            closes(),
            ways=BOTH,
        ),
        case(
            "close may be one of several options",
            rules.CLOSE_LISTED,
            send(said(b"x-hop ,\tclose, x-other"), bravo),
            expect(body=b"alpha"),
            closes(),
            ways=BOTH,
        ),
        case(
            "close may stand on the second Connection line",
            rules.CLOSE_LISTED,
            send(said(b"x-hop", b"close"), bravo),
            expect(body=b"alpha"),
            closes(),
            ways=BOTH,
        ),
        case(
            "an option with close inside it is another option",
            rules.WHOLE_OPTION,
            send(said(b"x-close-later"), bravo),
            expect(body=b"alpha"),
            expect(body=b"bravo"),
        ),
        case(
            "HTTP/1.0 closes after its answer",
            rules.CLOSE_10,
            send(old),
            expect(status=200, body=b"alpha"),
            closes(),
        ),
        case(
            "HTTP/1.0 needs no Host",
            rules.HOST_10,
            send(old),
            expect(status=200, body=b"alpha"),
        ),
        case(
            "HTTP/1.0 with keep-alive stays open, or closes",
            rules.KEEP_10,
            send(old_keeping),
            expect(status=200, body=b"alpha"),
            send(bravo),
            expect(body=b"bravo", or_close=True),
        ),
        case(
            "HTTP/1.2 is served like HTTP/1.1",
            rules.HIGHER_MINOR,
            send(get(b"/echo/alpha", version=b"HTTP/1.2"), bravo),
            expect(status=200, body=b"alpha"),
            expect(body=b"bravo"),
        ),
        case(
            "an empty line ahead of a request is ignored",
            rules.EMPTY_LINE,
            send(b"\r\n", alpha, b"\r\n", bravo),
            expect(status=200, body=b"alpha"),
            expect(status=200, body=b"bravo"),
        ),
        case(
            "a client that leaves in the middle harms nobody",
            rules.GOES_ON,
            send(half),
            close(),
            send(alpha),
            expect(body=b"alpha"),
        ),
        case(
            "a client that resets the connection harms nobody",
            rules.GOES_ON,
            send(alpha, half),
            reset(),
            send(alpha),
            expect(body=b"alpha"),
            close(),
            send(bravo),
            expect(body=b"bravo"),
        ),
    ),
)
