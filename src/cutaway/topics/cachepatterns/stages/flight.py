"""Single flight: however many ask for a key that is not there, the origin is asked once.

    50 clients ── GET k1 ──▶ program ── GET /items/k1 ──▶ origin      once
    50 clients ◀── v1 ────── program ◀── v1 ──────────── origin

Here a misconception ends: that a cache protects the origin. It does while entries are there. At the
moment in which one runs out, everybody who wants it finds nothing, and asks; the more the cache had
been of use, the more they are.

Left out: one flight for several programs. That takes a lock in the cache.
"""

from ....grade.asking import answers, not_asked
from ....grade.crowd import at_once
from ....grade.promptly import until
from ....grade.ruled import by_rule, tallied
from ....grade.stage import ONCE, Stage, case
from ....grade.steps import connect, expect, pause, reset, send
from ...http1.codec import Caller
from .. import rules
from .messages import (
    CACHE,
    ORIGIN,
    PATIENT,
    Items,
    asks,
    cached,
    entry,
    get,
    has_not,
    hit,
    is_asked,
    lives,
    miss,
    ok,
)

PATH = "single-flight/k1"
OTHER = "single-flight/k2"
ONCE_ONLY = tallied(asks(1, 1, "one request for all of them"))

STAGE = Stage(
    name="cachepatterns/single-flight",
    title="single flight: many ask, the origin is asked once",
    asks="Answer GET /single-flight/KEY as /aside, so that the origin is never asked twice at the "
    "same time for one key: whoever comes meanwhile waits for the same answer.",
    given="Fifty clients come at once. Other keys do not wait. A failure and a 404 are for all who "
    "waited, and for nobody else.",
    goals=(
        "decide: is somebody asking for this key? then wait for that answer",
        "act: ask, store, then answer all; forget the flight however it ended",
        "answer: the same to all who waited",
        "recover: neither a failure nor a client that leaves may leave the others waiting",
    ),
    hints=(
        "Two requests find nothing in the cache, the one a moment after the other. What tells the "
        "second that the first is under way?",
        "A table from key to a future or promise. The first one puts it there before it does "
        "anything that waits, the look into the cache included; the others wait for it. It is taken "
        "out when it has ended, well or not. It must not belong to the client that began it.",
        "flight = flights.get(key)\n"
        "if flight is None: flight = flights[key] = spawn(look_or_load, key); on_end: del flights[key]\n"
        "return wait(flight)      # shielded: a client that leaves does not cancel it",
    ),
    codec=Caller,
    far=(ORIGIN,),
    parts=(CACHE,),
    ways=ONCE,
    insight=True,
    environment=PATIENT,
    cases=(
        case(
            "fifty clients at once are one question to the origin",
            rules.ONE_FLIGHT,
            by_rule(origin=Items(b"v1", after=0.25)),
            at_once(50, send(get(PATH)), expect(status=200, body=b"v1")),
            ONCE_ONLY,
        ),
        case(
            "also when the entry has just run out",
            rules.ONE_FLIGHT,
            *miss(PATH, b"v1"),
            *cached(b"PEXPIRE", entry(PATH), b"1", integer=1),
            until(2.0, *has_not(PATH)),
            by_rule(origin=Items(b"v2", after=0.25)),
            at_once(50, send(get(PATH)), expect(status=200, body=b"v2")),
            ONCE_ONLY,
        ),
        case(
            "the answer is in the cache behind it",
            rules.HIT,
            by_rule(origin=Items(b"v1", after=0.1)),
            at_once(10, send(get(PATH)), expect(status=200, body=b"v1")),
            ONCE_ONLY,
            send(get(PATH)),
            expect(status=200, body=b"v1"),
            ONCE_ONLY,
            *lives(PATH, 1, 10_000),
        ),
        case(
            "another key does not wait",
            rules.OTHER_KEYS,
            send(get(PATH)),
            is_asked(PATH, on="first"),
            send(get(OTHER), on="other"),
            is_asked(OTHER, on="second"),
            answers("second", ok(b"two")),
            expect(status=200, body=b"two", on="other"),
            answers("first", ok(b"one")),
            expect(status=200, body=b"one"),
        ),
        case(
            "a failure is shared, and not kept",
            rules.SHARED_FAILURE,
            by_rule(origin=Items(status=503, after=0.5)),
            at_once(10, send(get(PATH)), expect(status=502)),
            tallied(asks(1, 5, "one request, or few where a client came late")),
            by_rule(origin=Items(b"well")),
            send(get(PATH)),
            expect(status=200, body=b"well"),
        ),
        case(
            "so is a 404",
            rules.SHARED_FAILURE,
            by_rule(origin=Items(None, after=0.5)),
            at_once(10, send(get(PATH)), expect(status=404)),
            tallied(asks(1, 5, "one request, or few where a client came late")),
            by_rule(origin=Items(b"made")),
            send(get(PATH)),
            expect(status=200, body=b"made"),
        ),
        case(
            "the client that asked first may leave",
            rules.LEAVER,
            send(get(PATH)),
            is_asked(PATH),
            connect("second"),
            send(get(PATH), on="second"),
            pause(0.1),
            reset(),
            pause(0.05),
            not_asked("origin"),
            answers("origin", ok(b"v1")),
            expect(status=200, body=b"v1", on="second"),
            *hit(PATH, b"v1"),
        ),
        case(
            "one after the other they find the entry",
            rules.HIT,
            *miss(PATH, b"v1"),
            *hit(PATH, b"v1"),
            *cached(b"DEL", entry(PATH), integer=1),
            *miss(PATH, b"v2"),
        ),
    ),
)
