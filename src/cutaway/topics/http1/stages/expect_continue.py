"""A client that asks before it sends: Expect: 100-continue.

    → POST /echo … Expect: 100-continue ⏎ ⏎
    ← HTTP/1.1 100 Continue ⏎ ⏎             or the final answer, when it is known already
    → alpha
    ← HTTP/1.1 200 OK … alpha

100 is an answer ahead of the answer. It has no body, and the real one still follows.
"""

from ....grade.matchers import one_of
from ....grade.outside import Runs
from ....grade.stage import ALL, ONCE, Stage, case
from ....grade.steps import closes, expect, send, stays_silent
from .. import rules
from .messages import HOST, MIB, NEIGHBOUR, POST, Patient, alpha, bravo, head

FIVE = b"Content-Length: 5"
EXPECT = b"Expect: 100-continue"
HUGE = b"Content-Length: 2147483648"
UPLOAD = b"".join(b"%0255d\n" % number for number in range(MIB // 256))
# It would wait for 20 s to be told to go on; we do not wait for it as long, but for any answer.
CURL = ("curl", "-sS", "--noproxy", "*", "--expect100-timeout", "20")

STAGE = Stage(
    name="http1/expect-continue",
    title="a client that asks first",
    asks="Tell a client that waits whether to send its body: 100 Continue, or at once the answer "
    "that makes the body needless.",
    given="POST /echo, with the limits of the stage on bodies.",
    goals=(
        "parse it: Expect, without regard to case, in HTTP/1.1 requests only",
        "decide: what the head alone decides is answered at once",
        "answer: 100 before the first read of the body, unless the body is there already",
        "answer: the real answer still follows",
    ),
    hints=(
        "Who waits for whom? The client sends nothing more until you have said something.",
        "Check length, path and method first; if they already say no, answer no. Else write "
        "HTTP/1.1 100 Continue and a blank line just before you begin to wait for the body, and "
        "then go on as always. curl waits a second before it gives up waiting: an upload that "
        "always takes one second longer is this.",
        "if expects and minor >= 1 and not body_already_here:\n"
        "    send(b'HTTP/1.1 100 Continue\\r\\n\\r\\n')\n"
        "body = read_body()",
    ),
    codec=Patient,
    ways=ALL,
    neighbour=NEIGHBOUR,
    one_client=True,
    side_by_side=True,  # or each that waits for 100 in vain waits behind the others
    cases=(
        case(
            "100 comes before the body",
            rules.CONTINUE,
            send(head(POST, HOST, FIVE, EXPECT)),
            expect(status=100),
            send(b"alpha", bravo),
            expect(status=200, body=b"alpha"),
            expect(body=b"bravo"),
        ),
        case(
            "100 comes before the chunks",
            rules.CONTINUE,
            send(head(POST, HOST, b"Transfer-Encoding: chunked", EXPECT)),
            expect(status=100),
            send(b"5\r\nalpha\r\n0\r\n\r\n"),
            expect(status=200, body=b"alpha"),
        ),
        case(
            "100-Continue in capitals is an expectation, too",
            rules.EXPECT_CASE,
            send(head(POST, HOST, FIVE, b"expect: 100-CONTINUE")),
            expect(status=100),
            send(b"alpha"),
            expect(status=200, body=b"alpha"),
        ),
        case(
            "a body that does not wait is answered",
            rules.FINAL_AFTER,
            send(head(POST, HOST, FIVE, EXPECT), b"alpha", bravo),
            expect(status=200, body=b"alpha"),
            expect(body=b"bravo"),
        ),
        case(
            "an expectation without a body is answered",
            rules.NO_BODY_NO_WAIT,
            send(head(b"GET /echo/alpha HTTP/1.1", HOST, EXPECT), bravo),
            expect(status=200, body=b"alpha"),
            expect(body=b"bravo"),
        ),
        case(
            "413 comes instead of 100",
            rules.FINAL_INSTEAD,
            send(head(POST, HOST, HUGE, EXPECT)),
            expect(status=413, interim=False),
        ),
        case(
            "an HTTP/1.0 client is never sent 100",
            rules.IGNORED_10,
            send(head(b"POST /echo HTTP/1.0", HOST, FIVE, EXPECT)),
            stays_silent(0.03),
            send(b"alpha"),
            expect(status=200, body=b"alpha", interim=False),
            closes(),
            ways=ONCE,
        ),
        case(
            "another expectation is 417, or ignored",
            rules.OTHER_EXPECTATION,
            send(head(b"GET /echo/alpha HTTP/1.1", HOST, b"Expect: an-answer")),
            expect(status=one_of(417, 200)),
        ),
        case(
            "after all that an ordinary request is answered",
            rules.FINAL_AFTER,
            send(head(POST, HOST, FIVE, EXPECT)),
            expect(status=100),
            send(b"alpha"),
            expect(status=200, body=b"alpha"),
            send(alpha),
            expect(status=200, body=b"alpha", interim=False),
        ),
        case(
            "curl sends 1 MiB when it is told to go on",
            rules.CURL,
            Runs(
                (*CURL, "-H", "Expect: 100-continue", "--data-binary", "@-", "{url}/echo"),
                prints=UPLOAD,
                feed=UPLOAD,
                seconds=3.0,
            ),
            ways=ONCE,
        ),
    ),
)
