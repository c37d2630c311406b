"""Stale while it is fetched anew: nobody waits, and for a moment the answer is old.

    age    0 ········ TTL_MS ················ TTL_MS + STALE_MS
    GET      fresh       │  stale, at once           │  miss
                         ╰─ and the origin is asked behind the answer

The same words stand in HTTP's Cache-Control (stale-while-revalidate, stale-if-error). The client
decides nothing here: the program has said how old an answer may be.

Left out: telling the client that its answer is stale.
"""

from ....grade.asking import answers, not_asked
from ....grade.crowd import at_once
from ....grade.promptly import until
from ....grade.ruled import by_rule, releases, tallied
from ....grade.stage import ONCE, Stage
from ....grade.steps import expect, pause, send
from ...http1.codec import Caller
from .. import rules
from .messages import (
    CACHE,
    FAILS,
    ORIGIN,
    PATIENT,
    Items,
    apart,
    asks,
    get,
    hit,
    is_asked,
    miss,
    ok,
)

PATH = "stale/k1"
PAST = pause(0.35)
READ = (send(get(PATH)), expect(status=200, body=b"v1"))

STAGE = Stage(
    name="cachepatterns/stale",
    title="stale while it is fetched anew, stale while that fails",
    asks="Answer GET /stale/KEY as /aside for TTL_MS. For STALE_MS behind it answer with the entry "
    "all the same, at once, and ask the origin behind the answer.",
    given="TTL_MS is 300 here, STALE_MS 60000. While the origin fails the stale entry goes on to be "
    "answered; a 404 removes it. Behind both times it is a miss.",
    goals=(
        "decide: fresh, stale or over? the cache's own lifetime knows only the last",
        "answer: fresh and stale alike, at once",
        "act: one question to the origin for a stale key at a time",
        "recover: when it fails, try again with a later read",
    ),
    hints=(
        "If the cache forgets the entry after TTL_MS, what is there to answer with?",
        "Two times: the lifetime in the cache is TTL_MS + STALE_MS; when the entry stops being fresh "
        "is written in the entry. A stale one is answered and begins a fetch, unless one is under "
        "way.",
        "SET stale:k1 {born: now, value} PX TTL_MS+STALE_MS\n"
        "age <= TTL_MS: answer · else: answer, and fetch behind it · not there: fetch, then answer",
    ),
    codec=Caller,
    far=(ORIGIN,),
    parts=(CACHE,),
    ways=ONCE,
    environment={"TTL_MS": "300", "STALE_MS": "60000", **PATIENT},
    cases=(
        apart(
            "a fresh entry is answered, and the origin not asked",
            rules.STALE_FRESH,
            *miss(PATH, b"v1"),
            *hit(PATH, b"v1"),
            pause(0.05),
            not_asked("origin"),
            environment={"TTL_MS": "5000"},
        ),
        apart(
            "a stale one is answered at once, and the origin asked behind it",
            rules.STALE_AT_ONCE,
            *miss(PATH, b"v1"),
            PAST,
            *READ,
            is_asked(PATH),
            answers("origin", ok(b"v2")),
            by_rule(origin=Items(b"v2")),
            until(2.0, send(get(PATH)), expect(status=200, body=b"v2")),
        ),
        apart(
            "one question at a time",
            rules.STALE_ONCE,
            *miss(PATH, b"v1"),
            PAST,
            *READ,
            is_asked(PATH),
            *READ * 5,
            pause(0.05),
            not_asked("origin"),
            answers("origin", ok(b"v2")),
        ),
        apart(
            "twenty clients at once are answered at once, by one question",
            rules.STALE_ONCE,
            *miss(PATH, b"v1"),
            PAST,
            by_rule(origin=Items(b"v2", held=True)),
            at_once(20, *READ),
            tallied(asks(0, 1, "at most one request for all of them")),
            releases("origin"),
        ),
        apart(
            "while the origin fails the stale entry is answered",
            rules.STALE_ERROR,
            *miss(PATH, b"v1"),
            PAST,
            *READ,
            is_asked(PATH),
            answers("origin", FAILS),
            by_rule(origin=Items(status=503)),
            *READ,
            pause(0.05),
            *READ * 2,
        ),
        apart(
            "and when it answers again, the new value is",
            rules.STALE_ERROR,
            *miss(PATH, b"v1"),
            PAST,
            by_rule(origin=Items(status=503)),
            *READ * 2,
            by_rule(origin=Items(b"v2")),
            until(2.0, send(get(PATH)), expect(status=200, body=b"v2")),
        ),
        apart(
            "behind both times it is a miss",
            rules.STALE_END,
            *miss(PATH, b"v1"),
            pause(0.45),
            *miss(PATH, b"v2"),
            environment={"TTL_MS": "200", "STALE_MS": "200"},
        ),
        apart(
            "and a failure of the origin is a failure again",
            rules.STALE_END,
            *miss(PATH, b"v1"),
            pause(0.45),
            send(get(PATH)),
            is_asked(PATH),
            answers("origin", FAILS),
            expect(status=502),
            environment={"TTL_MS": "200", "STALE_MS": "200"},
        ),
    ),
)
