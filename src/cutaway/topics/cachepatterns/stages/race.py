"""The race: a reader stores what it was told before a write, behind the removal of that write.

    reader   GET: nothing ── asks the origin ─────────── is told v1 ─────── SET v1
    writer                        PUT v2 ── 204 ── DEL                        ▲
                                                                 stale, for a whole lifetime

Here a misconception ends: that deleting after writing is safe. The check produces the race on every
run: it holds the origin's answer to the reader back while the write passes. In production it needs
a slow answer and a write at the wrong moment; with enough of both it happens every day.

Left out: two writers. Which of them is last is the origin's to say.
"""

from ....grade.asking import answers, refused_or_asked
from ....grade.crowd import at_once
from ....grade.matchers import one_of
from ....grade.ruled import by_rule
from ....grade.stage import ONCE, Stage, Step, case
from ....grade.steps import expect, send
from ...http1.codec import Caller, Response
from .. import rules
from .messages import (
    CACHE,
    FAILS,
    NONE,
    ORIGIN,
    PATIENT,
    TAKEN,
    Items,
    cached,
    entry,
    get,
    hit,
    is_asked,
    item,
    miss,
    ok,
    put,
)

PATH = "aside/k1"
#: A reader finds nothing, and the origin's answer to it is held back.
READER = (send(get(PATH)), is_asked(PATH, on="old"))
#: It comes at last. The reader may have it, or what is newer.
OLD_COMES = (answers("old", ok(b"v1")), expect(status=200, body=one_of(b"v1", b"v2")))
WRITES = (
    send(put(PATH, b"v2"), on="writer"),
    is_asked(PATH, on="write", method=b"PUT", body=b"v2"),
    answers("write", TAKEN),
    expect(status=204, on="writer"),
)
ANOTHER_PROGRAM = cached(b"DEL", entry(PATH))


def reads(answer: Response, **has: object) -> tuple[Step, ...]:
    """What is read now, from the cache or from the origin."""
    wanted = {"method": b"GET", "target": item(PATH)}
    return (send(get(PATH)), refused_or_asked("origin", wanted, answer, has, has))


NEW = reads(ok(b"v2"), status=200, body=b"v2")

STAGE = Stage(
    name="cachepatterns/race",
    title="the race of delete and fill, closed",
    asks="Nothing new to answer: /aside must not store what it asked the origin for before a write, "
    "or before somebody removed the entry.",
    given="The origin's answer to a reader is held back while a write passes. Another program that "
    "changes the item says DEL aside:KEY to the cache; it knows nothing of your program. "
    "While a read asks the origin, something that is no entry may stand under aside:KEY, with a "
    "lifetime.",
    goals=(
        "decide: was anything removed since I asked the origin? then my answer is not to be stored",
        "act: look and store in one step, so that nothing comes between",
        "answer: the reader that waited may have the older value",
        "recover: whatever keeps old answers out must not stay behind",
    ),
    hints=(
        "What does DEL remove, when the reader has not stored anything yet?",
        "Let the reader leave something under the key before it asks the origin: a lease, with a "
        "token of its own and a lifetime. DEL then removes the lease. Store only while your own token "
        "stands there: WATCH, GET, MULTI, SET, EXEC on one connection. When the origin has nothing, "
        "take the lease away in the same manner.",
        "SET aside:k1 lease-TOKEN PX 3000      # before the origin is asked\n"
        "WATCH aside:k1; GET aside:k1          # lease-TOKEN? else UNWATCH, do not store\n"
        "MULTI; SET aside:k1 value PX TTL_MS; EXEC",
    ),
    codec=Caller,
    far=(ORIGIN,),
    parts=(CACHE,),
    ways=ONCE,
    insight=True,
    environment=PATIENT,
    cases=(
        case(
            "what was asked for before a write is not stored behind it",
            rules.RACE,
            *READER,
            *WRITES,
            *OLD_COMES,
            *NEW,
        ),
        case(
            "nor behind a DELETE",
            rules.RACE,
            *READER,
            send(get(PATH, method=b"DELETE"), on="writer"),
            is_asked(PATH, on="write", method=b"DELETE"),
            answers("write", TAKEN),
            expect(status=204, on="writer"),
            answers("old", ok(b"v1")),
            expect(status=one_of(200, 404)),
            *reads(NONE, status=404),
        ),
        case(
            "nor behind an invalidation",
            rules.RACE,
            *READER,
            send(put("invalidate/k1", b"", method=b"POST"), on="writer"),
            expect(status=204, on="writer"),
            *OLD_COMES,
            *NEW,
        ),
        case(
            "nor when another program has removed the entry",
            rules.RACE_OTHERS,
            *READER,
            *ANOTHER_PROGRAM,
            *OLD_COMES,
            *NEW,
        ),
        case(
            "an older answer does not take the place of a newer one",
            rules.RACE_NEWER,
            *READER,
            *WRITES,
            send(get(PATH), on="next"),
            is_asked(PATH, on="new"),
            answers("new", ok(b"v2")),
            expect(status=200, body=b"v2", on="next"),
            *OLD_COMES,
            *NEW,
        ),
        case(
            "also when another program has removed the entry",
            rules.RACE_NEWER,
            *READER,
            *ANOTHER_PROGRAM,
            send(get(PATH), on="next"),
            is_asked(PATH, on="new"),
            answers("new", ok(b"v2")),
            expect(status=200, body=b"v2", on="next"),
            *OLD_COMES,
            *NEW,
        ),
        case(
            "and also while the newer one is under way",
            rules.RACE_NEWER,
            *READER,
            *ANOTHER_PROGRAM,
            send(get(PATH), on="next"),
            is_asked(PATH, on="new"),
            *OLD_COMES,
            answers("new", ok(b"v2")),
            expect(status=200, body=b"v2", on="next"),
            *NEW,
        ),
        case(
            "behind a race entries are stored as before",
            rules.RACE_GOES_ON,
            *READER,
            *WRITES,
            *OLD_COMES,
            *NEW,
            *hit(PATH, b"v2"),
        ),
        case(
            "behind a failure or a 404 too",
            rules.RACE_GOES_ON,
            send(get(PATH)),
            is_asked(PATH),
            answers("origin", FAILS),
            expect(status=502),
            send(get(PATH)),
            is_asked(PATH),
            answers("origin", NONE),
            expect(status=404),
            *miss(PATH, b"v2"),
            *hit(PATH, b"v2"),
        ),
        case(
            "what keeps old answers out is never an answer",
            rules.MISS,
            by_rule(origin=Items(b"v1", after=0.25)),
            at_once(10, send(get(PATH)), expect(status=200, body=b"v1")),
            send(get(PATH)),
            expect(status=200, body=b"v1"),
        ),
        case(
            "an old entry that another program removes stays removed",
            rules.RACE_OTHERS,
            *miss(PATH, b"v1"),
            *hit(PATH, b"v1"),
            *cached(b"DEL", entry(PATH), integer=1),
            *miss(PATH, b"v2"),
            *hit(PATH, b"v2"),
        ),
    ),
)
