"""The cache is not there: refused, cut off, or gone since before the start.

    client ── GET ──▶ program ──✗ cache
                         ╰──────▶ origin          slower, and right

A cache is there to be fast. A program that cannot do without it has made of a help a second thing
that can fail. Only one thing must not be forgotten while it is away: what should have been removed
from it is still in there when it comes back.

Left out: an origin that cannot bear the load without its cache. Topic overload is about that.
"""

from ....grade.answering import Tally
from ....grade.asking import answers, refused_or_asked
from ....grade.drastic import restart
from ....grade.enduring import again
from ....grade.matchers import Matcher, one_of
from ....grade.passing import back, cuts, gone
from ....grade.promptly import until
from ....grade.ruled import awaited, by_rule, tallied
from ....grade.stage import ONCE, Stage, Step, case
from ....grade.steps import close, expect, pause, send
from ...http1.codec import Caller
from .. import rules
from .messages import (
    CACHE,
    FAILS,
    ORIGIN,
    PATIENT,
    TAKEN,
    Items,
    apart,
    get,
    has,
    hit,
    is_asked,
    item,
    lives,
    miss,
    put,
    writes,
)

PATH = "aside/k1"
BEHIND = "write-behind/k1"
READERS = (
    "aside/k1",
    "read-through/k1",
    "refresh-ahead/k1",
    "single-flight/k1",
    "early/k1",
    "stale/k1",
)


def bodies(tallies: dict[str, Tally]) -> list[bytes]:
    """What the origin was written, in order."""
    each = (asking.message for asking in tallies["origin"].asked)
    return [message.body for message in each if message.method == b"PUT"]


#: Of two writes, and the second may have been refused.
BEGUN = Matcher("a write of v1 or v2", lambda tallies: bool(bodies(tallies)))
IN_ORDER = Matcher(
    "writes of v1 and v2, none of v1 behind one of v2",
    lambda tallies: bodies(tallies) == sorted(bodies(tallies)),
)


def counts(path: str, value: bytes) -> tuple[Step, ...]:
    """Within BREAK_MS and a second entries count again."""
    return (
        by_rule(origin=Items(value)),
        until(2.0, send(get(path)), expect(status=200, body=value), *has(path)),
    )


STAGE = Stage(
    name="cachepatterns/cache-down",
    title="without the cache: slower, and right",
    asks="Go on without the cache: whatever cannot be looked up is asked of the origin, and no client "
    "sees an error. When the cache is back, use it.",
    given="BREAK_MS is 100 here. The cache keeps what it has while nobody reaches it. A removal that "
    "it did not take is made up before an entry of that key is used again. A debt is not sent behind a "
    "newer write that was answered with 204, and what is paid meanwhile is struck out later. A read of "
    "what is owed may be answered from your memory or by the origin.",
    goals=(
        "decide: what the cache cannot say is a miss, what it cannot keep is not kept",
        "act: a write that the origin has taken is done",
        "recover: connect again; make up for what should have been removed",
        "answer: as always",
    ),
    hints=(
        "Where does your program wait for the cache, and what becomes of the request when that "
        "fails?",
        "Catch the failure where the cache is asked, in one place, and turn it into: nothing found, "
        "nothing stored. A kept connection may have died long ago. Keep the names of entries whose "
        "removal failed, and remove them before the next look.",
        "def look(key):\n    try: make_up(key); return cache.get(key)\n    except CacheError: return None\n"
        "def remove(key):\n    try: cache.delete(key)\n    except CacheError: owed.add(key)",
    ),
    codec=Caller,
    far=(ORIGIN,),
    parts=(CACHE,),
    ways=ONCE,
    environment={"BREAK_MS": "100", **PATIENT},
    cases=(
        case(
            "a cache that refuses is no error to the client",
            rules.DOWN,
            gone("cache"),
            *miss(PATH, b"v1") * 2,
        ),
        case(
            "whatever the pattern",
            rules.DOWN,
            gone("cache"),
            *(step for path in READERS for step in miss(path, b"v1")),
        ),
        case(
            "connections that are cut are no error either",
            rules.DOWN,
            *miss(PATH, b"v1"),
            by_rule(origin=Items(b"v1")),
            *(cuts("cache"), send(get(PATH)), expect(status=200, body=b"v1")) * 3,
        ),
        case(
            "a write that the origin takes is acknowledged",
            rules.DOWN_WRITE,
            gone("cache"),
            *(
                step
                for path in ("write-through/k1", "write-around/k1", "aside/k1")
                for step in writes(path, b"new")
            ),
        ),
        case(
            "when the cache is back it is used",
            rules.DOWN_BACK,
            gone("cache"),
            *miss(PATH, b"v1") * 4,
            back("cache"),
            *counts(PATH, b"v1"),
            *hit(PATH, b"v1")[:1],
            expect(status=200, body=b"v1"),
        ),
        case(
            "what was written meanwhile is not old when it is back",
            rules.DOWN_OWED,
            *miss(PATH, b"v1"),
            gone("cache"),
            *writes(PATH, b"v2"),
            *has(PATH),
            by_rule(origin=Items(b"v2")),
            back("cache"),
            again(8, send(get(PATH)), expect(status=200, body=b"v2"), pause(0.05)),
        ),
        case(
            "nor what was written through, or invalidated",
            rules.DOWN_OWED,
            *miss("write-through/k1", b"v1"),
            *miss("read-through/k2", b"v1"),
            gone("cache"),
            *writes("write-through/k1", b"v2"),
            send(put("invalidate/k2", b"", method=b"POST")),
            expect(status=204),
            by_rule(origin=Items(b"v2")),
            back("cache"),
            again(
                8,
                send(get("write-through/k1")),
                expect(status=200, body=b"v2"),
                send(get("read-through/k2")),
                expect(status=200, body=b"v2"),
                pause(0.05),
            ),
        ),
        case(
            "a debt that cannot be noted is paid at once, or refused",
            rules.DOWN_BEHIND,
            gone("cache"),
            send(put("write-behind/k1", b"new")),
            refused_or_asked(
                "origin",
                {"method": b"PUT", "target": item(PATH), "body": b"new"},
                TAKEN,
                {"status": 503},
                {"status": 204},
            ),
            send(put("write-behind/k2", b"new")),
            refused_or_asked(
                "origin",
                {"method": b"PUT", "target": item("k2"), "body": b"new"},
                FAILS,
                {"status": 503},
                {"status": 503},
            ),
        ),
        apart(
            "a debt is not sent behind a newer write",
            rules.DOWN_DEBT,
            by_rule(origin=Items()),
            send(put(BEHIND, b"v1")),
            expect(status=202),
            gone("cache"),
            send(put(BEHIND, b"v2")),
            expect(status=one_of(204, 503)),
            awaited(BEGUN, 3.0),
            pause(0.5),
            tallied(IN_ORDER),
            environment={"BEHIND_MS": "300"},
        ),
        apart(
            "what is paid while the cache is away is owed no more when it is back",
            rules.BEHIND_PAID,
            send(put(BEHIND, b"v1")),
            expect(status=202),
            is_asked(BEHIND, method=b"PUT", body=b"v1", seconds=4.0),
            gone("cache"),
            answers("origin", TAKEN),
            pause(0.3),
            back("cache"),
            by_rule(origin=Items()),
            until(3.0, *lives(BEHIND, 1, 10_000)),
        ),
        case(
            "the program starts without the cache",
            rules.DOWN_START,
            gone("cache"),
            restart(),
            send(get(PATH)),
            is_asked(PATH),
            answers("origin", Items(b"v1").answer(get(PATH))),
            expect(status=200, body=b"v1"),
            close(),
            back("cache"),
            *counts(PATH, b"v1"),
            alone=True,
        ),
    ),
)
