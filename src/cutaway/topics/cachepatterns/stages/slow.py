"""The cache is slow: a limit of time, and a while in which nobody asks it.

    client ── GET ──▶ program ── GET aside:k1 ──▶ cache ··· CACHE_MS ··· no answer
                         ╰─────────────────────▶ origin
                                                 cache: here is aside:k1   for whom, now?

Silence is worse than a refusal, since each request waits anew for it. And what comes late is a trap:
answers on a connection are told apart by nothing but their order. Who gives up waiting and asks the
next thing on the same connection gets the answer to the thing before.

Left out: a cache that is fast on the average. Topic overload is about the tail.
"""

from ....grade.enduring import again
from ....grade.linked import over
from ....grade.passing import back, cuts, passed
from ....grade.promptly import until, within
from ....grade.ruled import begins_anew, by_rule, tallied
from ....grade.stage import ONCE, Stage, Step, case
from ....grade.steps import expect, pause, send
from ....net.relay import CLEAR, Link
from ...http1.codec import Caller
from .. import rules
from .messages import CACHE, ORIGIN, PATIENT, Items, asks, few, get, has, hit, miss, put

PATH = "aside/k1"
SILENT = over("cache", Link(stalled=True))
#: A client of the cache that connects again by itself has the time to.
CONNECTS = pause(0.15)
LONG_BREAK = {"BREAK_MS": "60000"}
READERS = ("aside", "read-through", "refresh-ahead", "single-flight", "stale")


def read(path: str, value: bytes) -> tuple[Step, ...]:
    return (send(get(path)), expect(status=200, body=value))


STAGE = Stage(
    name="cachepatterns/cache-slow",
    title="a slow cache: a limit of time, and no late answers",
    asks="Give the cache CACHE_MS for what it is asked, then go to the origin. After three failures "
    "in a row leave it alone for BREAK_MS.",
    given="CACHE_MS is 150 here, BREAK_MS 500. The limit holds for connecting as for waiting; whether "
    "for each question or for all that one request asks is free. A connection on which an answer is "
    "still owed is not used again.",
    goals=(
        "bound it: one limit for the connection and the answer together",
        "decide: three failures in a row, and nobody asks for a while",
        "recover: close the connection whose answer did not come",
        "answer: from the origin",
    ),
    hints=(
        "Your limit is over, and the connection goes back to the others. What is the next thing "
        "that arrives on it?",
        "Whatever breaks off a question closes its connection: a time limit, a cancelled request. "
        "Count failures in a row; at three remember until when nobody asks. Then one asks again, and "
        "a good answer sets the count back. Some libraries put questions into a queue while they are "
        "not connected: switch that off.",
        "if now < closed_until: raise CacheError\n"
        "try: with timeout(CACHE_MS): answer = connection.ask(…); failures = 0\n"
        "except: connection.close(); failures += 1; if failures >= 3: closed_until = now + BREAK_MS",
    ),
    codec=Caller,
    far=(ORIGIN,),
    parts=(CACHE,),
    ways=ONCE,
    environment={"CACHE_MS": "150", "BREAK_MS": "500"},
    cases=(
        case(
            "a cache that answers in time is used",
            rules.SLOW_IS_USED,
            over("cache", Link(latency=0.01)),
            *miss(PATH, b"v1"),
            *hit(PATH, b"v1"),
            environment=PATIENT,
        ),
        case(
            "a silent cache is waited for, and then the origin is asked",
            rules.SLOW,
            by_rule(origin=Items(b"v1")),
            SILENT,
            within(2.0, *read(PATH, b"v1")),
        ),
        case(
            "whatever the pattern",
            rules.SLOW,
            by_rule(origin=Items(b"v1")),
            SILENT,
            within(6.0, *(step for name in READERS for step in read(f"{name}/k1", b"v1"))),
        ),
        case(
            "twelve requests do not wait twelve times",
            rules.SLOW_BREAKER,
            by_rule(origin=Items(b"v1")),
            SILENT,
            *read(PATH, b"v1") * 12,
            passed(
                "cache", few(PATH, 9, "3 questions about aside:k1, or few more, for 12 requests")
            ),
            environment=LONG_BREAK,
        ),
        case(
            "nor do writes",
            rules.SLOW_BREAKER,
            by_rule(origin=Items(b"v1")),
            SILENT,
            *(send(put("write-through/k1", b"v1")), expect(status=204)) * 12,
            passed("cache", few("write-through/k1", 9, "3 commands, or few more, for 12 writes")),
            environment=LONG_BREAK,
        ),
        case(
            "a failure now and then leaves the cache in use",
            rules.SLOW_IN_A_ROW,
            by_rule(origin=Items(b"v1")),
            *read(PATH, b"v1") * 2,
            again(4, cuts("cache"), CONNECTS, *read(PATH, b"v1") * 2),
            begins_anew(),
            *read(PATH, b"v1"),
            tallied(asks(0, 0, "no request: what the cache has is answered from it")),
            environment={**LONG_BREAK, **PATIENT},
        ),
        case(
            "an answer that comes late is not the answer to another question",
            rules.SLOW_LATE,
            *miss("read-through/k1", b"k1"),
            *miss("read-through/k2", b"k2"),
            by_rule(origin=Items(b"{key}")),
            over("cache", to_client=Link(latency=0.2)),
            again(2, *read("read-through/k1", b"k1"), *read("read-through/k2", b"k2")),
            pause(0.6),
            again(2, *read("read-through/k1", b"k1"), *read("read-through/k2", b"k2")),
            over("cache", CLEAR),
            pause(0.6),
            again(2, *read("read-through/k1", b"k1"), *read("read-through/k2", b"k2")),
            alone=True,
        ),
        case(
            "when the cache answers again it is asked again",
            rules.DOWN_BACK,
            by_rule(origin=Items(b"v1")),
            SILENT,
            again(4, *read(PATH, b"v1")),
            back("cache"),
            until(3.0, *read(PATH, b"v1"), *has(PATH)),
        ),
    ),
)
