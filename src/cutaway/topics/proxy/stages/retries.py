"""Trying again: only what is safe, and not too often.

    refused            never sent: any method may be tried at another upstream
    ended, or silent   perhaps done: only what may be done twice
    an octet came      done: never

Here two misconceptions end. A retry is not free: when all upstreams fail, three tries make three
times the load of what just broke under its load. So there is a budget. And a retry is not harmless:
what a POST did before its connection ended, nobody knows.

Left out: waiting between tries.
"""

from ....grade.asking import refuses
from ....grade.enduring import again
from ....grade.matchers import Matcher, one_of
from ....grade.ruled import by_rule, tallied
from ....grade.stage import ONCE, Stage, case
from ....grade.steps import close, expect, send
from .. import rules
from .messages import A, B, Wire, alpha, get, post
from .origins import Origin, Tallies, in_all, requests, tallies

FINE = Origin("b")
DROPS = Origin("a", drops=True)
SMALL, LARGE = bytes(range(256)) * 200, b"x" * 100_000


def as_often(count: int, says: str) -> Matcher:
    return in_all(count, count, says)


def whole(seen: Tallies) -> bool:
    bodies = [a.message.body for tally in seen.values() for a in tally.asked]
    return all(body == SMALL for body in bodies)


def tried(seen: Tallies) -> bool:
    """Half of them came to a first, which dropped them."""
    return requests(seen["b"]) == 6 and 1 <= requests(seen["a"]) <= 6


TRIED = tallies("all 6 at b in the end, some of them at a before", tried)

STAGE = Stage(
    name="proxy/retries",
    title="tried again: what is safe, and within a budget",
    asks="When an upstream fails before it has answered, try the request at another one, if it may "
    "be done twice, or was never sent. Keep to the budget.",
    given="With $RETRIES, GET, HEAD, OPTIONS, PUT and DELETE may be tried again when the connection "
    "was refused or ended, or $READ_MS passed, before an octet of the answer came, and their body "
    "is kept: up to 64 KiB. What was refused was never sent, and may be tried again whatever its "
    "method. Over $RETRY_PERCENT of the requests of the last 10 s, with 3 that are always allowed, "
    "the error is answered.",
    goals=(
        "bound it: tries for a request, tries for all requests, octets that are kept",
        "decide: was it sent? may it be done twice? did an octet come? is there budget?",
        "act: another upstream, with the same octets",
        "answer: else the error of the last try",
    ),
    hints=(
        "Which of your failures prove that the upstream has not seen the request?",
        "Ask four questions in one place, with the failure, the method, what was kept, and what "
        "came. Count tries in a window of 10 s for the proxy as a whole, and compare with the "
        "requests of the same window. Mark the upstreams that were tried, and choose among the "
        "others first.",
        "safe = failure == REFUSED or method in {'GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'}\n"
        "if tries < RETRIES and safe and nothing_came and body_kept and budget.spend():\n"
        "    try_again(other(upstreams))\n"
        "budget.spend: retries_10s < max(3, requests_10s * PERCENT / 100)",
    ),
    codec=Wire,
    far=(A, B),
    ways=ONCE,
    insight=True,
    # A budget that no case but the one about it gets to the end of.
    environment={"RETRIES": "2", "READ_MS": "300", "RETRY_PERCENT": "1000"},
    cases=(
        case(
            "a GET whose connection ends is tried at another upstream",
            rules.RETRY,
            by_rule(a=DROPS, b=FINE),
            again(6, send(alpha), expect(status=200, body=b"b")),
            tallied(TRIED),
        ),
        case(
            "so are HEAD, OPTIONS, PUT and DELETE",
            rules.RETRY,
            by_rule(a=DROPS, b=FINE),
            *(
                again(2, send(get(b"/", method=method)), expect(status=200))
                for method in (b"HEAD", b"OPTIONS", b"PUT", b"DELETE")
            ),
        ),
        case(
            "and one at which the upstream is silent",
            rules.RETRY,
            by_rule(a=Origin("a", silent=True), b=FINE),
            again(2, send(alpha), expect(status=200, body=b"b")),
        ),
        case(
            "a POST that was sent is not sent again",
            rules.POST_ONCE,
            by_rule(a=DROPS, b=FINE),
            again(6, send(post(b"order")), expect(status=one_of(200, 502, 504)), close()),
            tallied(as_often(6, "6 requests for 6 orders")),
        ),
        case(
            "nor one that the upstream is silent to",
            rules.POST_ONCE,
            by_rule(a=Origin("a", silent=True), b=FINE),
            again(2, send(post(b"order")), expect(status=one_of(200, 504)), close()),
            tallied(as_often(2, "2 requests for 2 orders")),
        ),
        case(
            "a method that is not known is not sent again",
            rules.POST_ONCE,
            by_rule(a=DROPS, b=FINE),
            again(
                6, send(get(b"/", method=b"BREW")), expect(status=one_of(200, 502, 504)), close()
            ),
            tallied(as_often(6, "6 requests for 6")),
        ),
        case(
            "what was refused is tried again, POST too",
            rules.RETRY_REFUSED,
            by_rule(b=FINE),
            refuses("a"),
            again(6, send(post(b"order")), expect(status=200, body=b"b")),
            tallied(as_often(6, "6 requests for 6 orders")),
        ),
        case(
            "when an octet of the answer came nothing is tried again",
            rules.NO_RETRY_BEGUN,
            by_rule(a=Origin("a", cuts=12), b=FINE),
            again(6, send(alpha), expect(status=one_of(200, 502, 504)), close()),
            tallied(as_often(6, "6 requests for 6")),
        ),
        case(
            "an answer of 503 is an answer",
            rules.NOT_ASKED_FOR,
            by_rule(a=Origin("a", status=503), b=FINE),
            again(6, send(alpha), expect(status=one_of(200, 503))),
            tallied(as_often(6, "6 requests for 6")),
        ),
        case(
            "a body of 50 KiB is sent again, whole",
            rules.RETRY_BODY,
            by_rule(a=DROPS, b=FINE),
            again(4, send(get(b"/", method=b"PUT", body=SMALL)), expect(status=200, body=b"b")),
            tallied(tallies("the same body with each try", whole)),
        ),
        case(
            "one of 100 KB is not sent again",
            rules.RETRY_BODY,
            by_rule(a=DROPS, b=FINE),
            again(
                6,
                send(get(b"/", method=b"PUT", body=LARGE)),
                expect(status=one_of(200, 502, 504)),
                close(),
            ),
            tallied(as_often(6, "6 requests for 6")),
        ),
        case(
            "when all fail, so many tries and no more",
            rules.RETRY,
            by_rule(a=DROPS, b=Origin("b", drops=True)),
            send(alpha),
            expect(status=502),
            tallied(in_all(2, 3, "at most 3 tries")),
            close(),
            alone=True,  # a connection that was kept would be replaced once more
        ),
        case(
            "in a storm the budget holds",
            rules.BUDGET,
            by_rule(a=DROPS, b=Origin("b", drops=True)),
            again(150, send(alpha), expect(status=502), close()),
            tallied(in_all(153, 185, "150 requests, and at most 30 + 3 tries again")),
            environment={"RETRY_PERCENT": "20"},
        ),
        case(
            "without $RETRIES nothing is tried again",
            rules.BUDGET,
            by_rule(a=DROPS, b=Origin("b", drops=True)),
            again(6, send(alpha), expect(status=502), close()),
            tallied(as_often(6, "6 requests for 6")),
            environment={"RETRIES": "0"},
        ),
    ),
)
