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
from ....grade.stage import ONCE, Stage
from ....grade.steps import expect, pause, send
from ...http1.codec import Caller
from .. import rules
from .messages import (
    CACHE,
    FAILS,
    NONE,
    ORIGIN,
    PATIENT,
    Items,
    apart,
    cached,
    entry,
    get,
    hit,
    is_asked,
    lives,
    miss,
    ok,
)

PATH = "refresh-ahead/k1"
OTHER = "refresh-ahead/k2"
OLD = pause(0.35)
READ = (send(get(PATH)), expect(status=200, body=b"v1"))
#: It is answered with the entry, and the origin is asked.
REFRESHES = (*READ, is_asked(PATH))

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
    codec=Caller,
    far=(ORIGIN,),
    parts=(CACHE,),
    ways=ONCE,
    environment={"REFRESH_MS": "300", **PATIENT},
    cases=(
        apart(
            "a young entry is answered, and the origin not asked",
            rules.AHEAD_YOUNG,
            *miss(PATH, b"v1"),
            *hit(PATH, b"v1"),
            pause(0.05),
            not_asked("origin"),
            environment={"REFRESH_MS": "5000"},
        ),
        apart(
            "an older one is answered at once, and the origin asked behind it",
            rules.AHEAD_AT_ONCE,
            *miss(PATH, b"v1"),
            OLD,
            *REFRESHES,
            answers("origin", ok(b"v2")),
        ),
        apart(
            "what the origin answers replaces the entry",
            rules.AHEAD_REPLACES,
            *miss(PATH, b"v1"),
            OLD,
            *REFRESHES,
            answers("origin", ok(b"v2")),
            by_rule(origin=Items(b"v2")),
            until(2.0, send(get(PATH)), expect(status=200, body=b"v2")),
        ),
        apart(
            "and begins a new lifetime",
            rules.AHEAD_REPLACES,
            *miss(PATH, b"v1"),
            *cached(b"PEXPIRE", entry(PATH), b"3000", integer=1),
            OLD,
            *REFRESHES,
            answers("origin", ok(b"v2")),
            until(2.0, *lives(PATH, 3001, 10_000)),
        ),
        apart(
            "one refresh at a time",
            rules.AHEAD_ONCE,
            *miss(PATH, b"v1"),
            OLD,
            *REFRESHES,
            *READ * 5,
            pause(0.05),
            not_asked("origin"),
            answers("origin", ok(b"v2")),
        ),
        apart(
            "keys are refreshed beside each other",
            rules.AHEAD_ONCE,
            *miss(PATH, b"v1"),
            *miss(OTHER, b"v1"),
            OLD,
            send(get(PATH)),
            expect(status=200, body=b"v1"),
            is_asked(PATH, on="first"),
            send(get(OTHER)),
            expect(status=200, body=b"v1"),
            is_asked(OTHER, on="second"),
            answers("second", ok(b"v2")),
            answers("first", ok(b"v2")),
        ),
        apart(
            "a refresh that fails leaves the entry",
            rules.AHEAD_FAILS,
            *miss(PATH, b"v1"),
            OLD,
            *REFRESHES,
            answers("origin", FAILS),
            by_rule(origin=Items(status=503)),
            *READ * 3,
            pause(0.05),
            *READ,
        ),
        apart(
            "and the next read tries again",
            rules.AHEAD_FAILS,
            *miss(PATH, b"v1"),
            OLD,
            *REFRESHES,
            answers("origin", FAILS),
            by_rule(origin=Items(b"v2")),
            until(2.0, send(get(PATH)), expect(status=200, body=b"v2")),
        ),
        apart(
            "a 404 removes the entry",
            rules.AHEAD_GONE,
            *miss(PATH, b"v1"),
            OLD,
            *REFRESHES,
            answers("origin", NONE),
            by_rule(origin=Items(None)),
            until(2.0, send(get(PATH)), expect(status=404)),
        ),
        apart(
            "what nobody reads is not fetched, and runs out",
            rules.AHEAD_UNREAD,
            *miss(PATH, b"v1"),
            pause(0.35),
            not_asked("origin"),
            *miss(PATH, b"v2"),
            send(get("nothing")),
            spared("origin", status=404),
            environment={"TTL_MS": "300", "REFRESH_MS": "100"},
        ),
    ),
)
