"""Refresh-ahead: an entry that is read is fetched anew before it runs out.

    age    0 ········ REFRESH_MS ········ TTL_MS
    GET      entry       │  entry, at once    │  miss
                         ╰─ and the origin is asked behind the answer

A key that is read all the time never makes anybody wait. One that nobody reads costs nothing. In
between the answer may be as old as the refresh takes.

Left out: which keys to refresh that nobody has read lately.
"""

from ....grade.asking import answers, not_asked
from ....grade.promptly import spared, until
from ....grade.ruled import by_rule
from ....grade.stage import ONCE, Stage, Step, case
from ....grade.steps import expect, pause, send, stays_silent
from ...http1.codec import Http1
from .. import rules
from .messages import (
    CACHE,
    FAILS,
    NONE,
    ORIGIN,
    Items,
    cached,
    entry,
    get,
    hit,
    is_asked,
    lives,
    miss,
    ok,
)

OLD = pause(0.35)


def at(number: int, more: str = "") -> str:
    """A path for each case: what one leaves behind in the background does not meet the next."""
    return f"refresh-ahead/k{number}{more}"


def read(number: int) -> tuple[Step, ...]:
    return (send(get(at(number))), expect(status=200, body=b"v1"))


def refreshes(number: int) -> tuple[Step, ...]:
    """It is answered with the entry, and the origin is asked."""
    return (*read(number), is_asked(at(number)))


STAGE = Stage(
    name="cachepatterns/refresh-ahead",
    title="refresh-ahead: fetched anew before it runs out",
    asks="Answer GET /refresh-ahead/KEY as /aside. When the entry is older than REFRESH_MS, answer "
    "with it all the same, and ask the origin behind the answer.",
    given="REFRESH_MS is 300 here, TTL_MS as usual. For one key one refresh at a time. A value "
    "begins a new lifetime, a 404 removes the entry, a failure leaves it.",
    goals=(
        "decide: how old is the entry? it has to say so itself",
        "answer: at once, with what is there",
        "act: ask the origin when the answer has left, for a key once at a time",
        "recover: when that fails, the entry is as good as before",
    ),
    hints=(
        "Who waits for the refresh in your program? Nobody should.",
        "Store the time of birth in the entry, or take TTL_MS less what PTTL says. Keep a set of the "
        "keys that are being refreshed, and take a key out however the refresh ends.",
        "if age > REFRESH_MS and key not in refreshing: refreshing.add(key); run(refresh, key)\n"
        "return 200, entry.value\n"
        "refresh: try origin.get …; 200: store · 404: delete · else: nothing; refreshing.remove(key)",
    ),
    codec=Http1,
    far=(ORIGIN,),
    parts=(CACHE,),
    ways=ONCE,
    environment={"REFRESH_MS": "300"},
    cases=(
        case(
            "a young entry is answered, and the origin not asked",
            rules.AHEAD_YOUNG,
            *miss(at(1), b"v1"),
            *hit(at(1), b"v1"),
            stays_silent(0.05),
            not_asked("origin"),
            environment={"REFRESH_MS": "5000"},
        ),
        case(
            "an older one is answered at once, and the origin asked behind it",
            rules.AHEAD_AT_ONCE,
            *miss(at(2), b"v1"),
            OLD,
            *refreshes(2),
            answers("origin", ok(b"v2")),
        ),
        case(
            "what the origin answers replaces the entry",
            rules.AHEAD_REPLACES,
            *miss(at(3), b"v1"),
            OLD,
            *refreshes(3),
            answers("origin", ok(b"v2")),
            by_rule(origin=Items(b"v2")),
            until(2.0, send(get(at(3))), expect(status=200, body=b"v2")),
        ),
        case(
            "and begins a new lifetime",
            rules.AHEAD_REPLACES,
            *miss(at(4), b"v1"),
            *cached(b"PEXPIRE", entry(at(4)), b"3000", integer=1),
            OLD,
            *refreshes(4),
            answers("origin", ok(b"v2")),
            until(2.0, *lives(at(4), 3001, 10_000)),
        ),
        case(
            "one refresh at a time",
            rules.AHEAD_ONCE,
            *miss(at(5), b"v1"),
            OLD,
            *refreshes(5),
            *read(5) * 5,
            stays_silent(0.05),
            not_asked("origin"),
            answers("origin", ok(b"v2")),
        ),
        case(
            "keys are refreshed beside each other",
            rules.AHEAD_ONCE,
            *miss(at(6), b"v1"),
            *miss(at(6, "other"), b"v1"),
            OLD,
            send(get(at(6))),
            expect(status=200, body=b"v1"),
            is_asked(at(6), on="first"),
            send(get(at(6, "other"))),
            expect(status=200, body=b"v1"),
            is_asked(at(6, "other"), on="second"),
            answers("second", ok(b"v2")),
            answers("first", ok(b"v2")),
        ),
        case(
            "a refresh that fails leaves the entry",
            rules.AHEAD_FAILS,
            *miss(at(7), b"v1"),
            OLD,
            *refreshes(7),
            answers("origin", FAILS),
            by_rule(origin=Items(status=503)),
            *read(7) * 3,
            pause(0.05),
            *read(7),
        ),
        case(
            "and the next read tries again",
            rules.AHEAD_FAILS,
            *miss(at(8), b"v1"),
            OLD,
            *refreshes(8),
            answers("origin", FAILS),
            by_rule(origin=Items(b"v2")),
            until(2.0, send(get(at(8))), expect(status=200, body=b"v2")),
        ),
        case(
            "a 404 removes the entry",
            rules.AHEAD_GONE,
            *miss(at(9), b"v1"),
            OLD,
            *refreshes(9),
            answers("origin", NONE),
            by_rule(origin=Items(None)),
            until(2.0, send(get(at(9))), expect(status=404)),
        ),
        case(
            "what nobody reads is not fetched, and runs out",
            rules.AHEAD_UNREAD,
            *miss(at(10), b"v1"),
            pause(0.35),
            not_asked("origin"),
            *miss(at(10), b"v2"),
            send(get("nothing")),
            spared("origin", status=404),
            environment={"TTL_MS": "300", "REFRESH_MS": "100"},
        ),
    ),
)
