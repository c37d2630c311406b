"""One request, one answer.

    → GET / HTTP/1.1 ⏎ Host: localhost ⏎ ⏎
    ← HTTP/1.1 200 OK ⏎ Content-Length: 6 ⏎ ⏎ hello⏎

Whether the connection stays open afterwards is left to the program until it is asked for.
"""

from ....grade.stage import ONCE, Stage, case
from ....grade.steps import close, expect, send
from .. import rules
from ..codec import Http1
from .messages import get

root = get(b"/")
browser = get(
    b"/",
    (b"User-Agent", b"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
    (b"Accept", b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    (b"Accept-Language", b"en-US,en;q=0.5"),
    (b"DNT", b"1"),
    (b"Upgrade-Insecure-Requests", b"1"),
    (b"Sec-Fetch-Dest", b"document"),
    (b"X-Made-Up", b'a: b; c="d"'),
)

STAGE = Stage(
    name="http1/first-response",
    title="a first answer",
    asks="Listen on $PORT, take connections one after the other, read one request, and answer it "
    "so that a client knows where the answer ends.",
    given="GET / is answered with 200. What the body says is free.",
    goals=(
        "bound it: a request without a body ends at its first blank line, CR LF CR LF",
        "answer: a status line, field lines, a blank line, the body",
        "answer: count the octets of the body, not its characters, for Content-Length",
        "recover: when a connection is over, take the next one",
    ),
    hints=(
        "Look at where your answer ends: could a client that knows only your bytes tell?",
        "A client reads the body by Content-Length. Without it, it waits until you close. A length "
        "that is too large makes it wait for octets that never come; one that is too small leaves "
        "octets over, and they are taken for the next answer.",
        "HTTP/1.1 200 OK\\r\\n\n"
        "Content-Type: text/plain\\r\\n\n"
        "Content-Length: 6\\r\\n\n"
        "\\r\\n\n"
        "hello\\n",
    ),
    codec=Http1,
    cases=(
        case(
            "GET / is answered with 200",
            rules.ROOT,
            send(root),
            expect(status=200),
            ways=ONCE,
        ),
        case(
            "the next client is answered, too",
            rules.NEXT_CLIENT,
            send(root),
            expect(status=200),
            close(),
            send(root),
            expect(status=200),
            ways=ONCE,
        ),
        case(
            "the answer ends where its framing says",
            rules.ANSWER_ENDS,
            send(root),
            expect(status=200),
            send(root),
            expect(status=200, or_close=True),
        ),
        case(
            "the status line says HTTP/1.1",
            rules.SPEAKS_11,
            send(root),
            expect(version=b"HTTP/1.1"),
        ),
        case(
            "fields that nobody knows change nothing",
            rules.UNKNOWN_FIELDS,
            send(browser),
            expect(status=200),
        ),
    ),
)
