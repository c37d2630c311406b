"""Write-behind: acknowledged when the cache has it, written to the origin later.

    PUT v1 → 202    PUT v2 → 202    PUT v3 → 202         the client does not wait for the origin
                    origin: v1 ·········· origin: v3     and v2 was never written at all

The fastest writes there are, and the only ones that can be lost after they were acknowledged. What
is judged is where the debt is kept: in the cache, so that a crash of the program does not lose it.

Left out: a crash of the cache. What it takes with it is lost, as the contract says.
"""

from signal import SIGTERM

from ....grade.asking import answers
from ....grade.drastic import exits, kill, restart, signals
from ....grade.passing import passed
from ....grade.promptly import spared, until
from ....grade.ruled import awaited, by_rule, tallied
from ....grade.stage import ONCE, Stage, Step
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
    asks,
    cached,
    entry,
    get,
    hit,
    is_asked,
    lives,
    miss,
    ok,
    put,
    touches,
)

PATH = "write-behind/k1"
OTHER = "write-behind/k2"


def owes(path: str, value: bytes) -> tuple[Step, ...]:
    """The client writes and is told so, whatever the origin does."""
    return (send(put(path, value)), expect(status=202))


def sent(path: str, value: bytes, on: str = "origin", seconds: float = 4.0) -> Step:
    """The origin is written to."""
    return is_asked(path, on, method=b"PUT", body=value, seconds=seconds)


STAGE = Stage(
    name="cachepatterns/write-behind",
    title="write-behind: the cache now, the origin later",
    asks="Take PUT /write-behind/KEY: put the value into the cache and note there that it is owed, "
    "answer 202, and write to the origin after BEHIND_MS. For one key one write at a time, of the "
    "last value; one that fails is tried again. Nothing that was acknowledged is lost with the "
    "program.",
    given="BEHIND_MS is 100 here. The cache outlives the program: SIGKILL takes only what you keep "
    "in memory. SIGTERM asks for what is owed to be sent before the exit, and a write that fails to "
    "be tried again for two seconds at least; what becomes of an origin that goes on failing then is "
    "free. From here on there are several clients at the same time.",
    goals=(
        "act: value and debt go into the cache together, or not at all",
        "answer: 202 when both are there",
        "decide: while a write of a key is under way, the next one waits, and takes the last value",
        "recover: after a start, look for what is owed; when a write fails, try again",
    ),
    hints=(
        "Your program is killed between the 202 and the write. Where does its successor read what "
        "is owed?",
        "MULTI, SET of the entry without a lifetime, SADD of the key to a set, EXEC: then the debt "
        "cannot be there without the value. When the origin has taken it and no newer value came, "
        "SREM, and give the entry its lifetime. A reader that was on its way must not overwrite "
        "what was written: SET with NX.",
        "put:  MULTI; SET write-behind:k1 v; SADD write-behind::owed k1; EXEC; 202\n"
        "send: v = entry; origin.put(v); if entry is still v: SREM …; PEXPIRE … TTL_MS\n"
        "start: for key in SMEMBERS write-behind::owed: send(key)",
    ),
    codec=Caller,
    far=(ORIGIN,),
    parts=(CACHE,),
    ways=ONCE,
    environment={"BEHIND_MS": "100", **PATIENT},
    cases=(
        apart(
            "a write is acknowledged before the origin has it",
            rules.BEHIND,
            *owes(PATH, b"new"),
            passed("cache", touches(PATH)),
            sent(PATH, b"new"),
            answers("origin", TAKEN),
        ),
        apart(
            "it is read at once, and the origin not asked",
            rules.BEHIND_READ,
            *owes(PATH, b"new"),
            sent(PATH, b"new"),
            *hit(PATH, b"new"),
            answers("origin", TAKEN),
        ),
        apart(
            "what nobody wrote is read as in /aside",
            rules.MISS,
            *miss(PATH, b"hello"),
            *hit(PATH, b"hello"),
        ),
        apart(
            "what comes while a write is under way becomes one more write",
            rules.BEHIND_ONE,
            *owes(PATH, b"v1"),
            sent(PATH, b"v1"),
            *(step for n in range(2, 8) for step in owes(PATH, b"v%d" % n)),
            pause(0.15),
            answers("origin", TAKEN),
            sent(PATH, b"v7"),
            answers("origin", TAKEN),
            *hit(PATH, b"v7"),
            pause(0.15),
        ),
        apart(
            "a hundred writes in a row are few to the origin",
            rules.BEHIND_ONE,
            by_rule(origin=Items(after=0.5)),
            *(step for n in range(100) for step in owes(PATH, b"v%d" % n)),
            awaited(asks(1, 50, "1 to 50 writes for 100"), 4.0),
        ),
        apart(
            "keys do not wait for each other",
            rules.BEHIND_SENT,
            *owes(PATH, b"one"),
            sent(PATH, b"one", on="first"),
            *owes(OTHER, b"two"),
            sent(OTHER, b"two", on="second"),
            answers("second", TAKEN),
            answers("first", TAKEN),
        ),
        apart(
            "a write that fails is tried again",
            rules.BEHIND_RETRY,
            *owes(PATH, b"new"),
            sent(PATH, b"new"),
            answers("origin", FAILS),
            sent(PATH, b"new"),
            close("origin"),
            sent(PATH, b"new"),
            answers("origin", TAKEN),
            *hit(PATH, b"new"),
        ),
        apart(
            "and a newer value takes its place",
            rules.BEHIND_RETRY,
            *owes(PATH, b"v1"),
            sent(PATH, b"v1"),
            *owes(PATH, b"v2"),
            answers("origin", FAILS),
            sent(PATH, b"v2"),
            answers("origin", TAKEN),
        ),
        apart(
            "an invalidation leaves what is owed",
            rules.BEHIND_KEPT,
            *owes(PATH, b"new"),
            sent(PATH, b"new"),
            send(put("invalidate/k1", b"", method=b"POST")),
            expect(status=204),
            *hit(PATH, b"new"),
            answers("origin", TAKEN),
        ),
        apart(
            "a read that was under way does not replace what was written",
            rules.BEHIND_NEWER,
            send(get(PATH)),
            is_asked(PATH, on="read"),
            send(put(PATH, b"new"), on="writer"),
            expect(status=202, on="writer"),
            answers("read", ok(b"old")),
            expect(status=200),
            sent(PATH, b"new"),
            *hit(PATH, b"new"),
            answers("origin", TAKEN),
            *hit(PATH, b"new"),
        ),
        apart(
            "an entry does not run out while it is owed",
            rules.BEHIND_NO_END,
            *owes(PATH, b"new"),
            sent(PATH, b"new"),
            pause(0.25),
            *hit(PATH, b"new"),
            answers("origin", TAKEN),
            environment={"TTL_MS": "150"},
        ),
        apart(
            "what is owed is sent after SIGTERM, and then the program ends",
            rules.BEHIND_DRAIN,
            *owes(PATH, b"new"),
            close(),
            signals(SIGTERM),
            sent(PATH, b"new"),
            answers("origin", TAKEN),
            exits(0),
            environment={"BEHIND_MS": "1000"},
        ),
        apart(
            "it waits for the origin's answer, and tries again",
            rules.BEHIND_DRAIN,
            *owes(PATH, b"new"),
            close(),
            signals(SIGTERM),
            sent(PATH, b"new"),
            answers("origin", FAILS),
            sent(PATH, b"new"),
            answers("origin", TAKEN),
            exits(0),
            environment={"BEHIND_MS": "1000"},
        ),
        apart(
            "an entry that is paid for has a lifetime like any other",
            rules.BEHIND_PAID,
            *owes(PATH, b"new"),
            sent(PATH, b"new"),
            answers("origin", TAKEN),
            until(2.0, *lives(PATH, 1, 10_000)),
        ),
        apart(
            "what is owed is sent after SIGKILL and a new start",
            rules.BEHIND_KILLED,
            *owes(PATH, b"new"),
            *owes(OTHER, b"two"),
            kill(),
            close(),
            by_rule(origin=Items()),
            restart(),
            awaited(asks(2, 4, "the two writes that are owed"), 4.0),
            send(get(PATH)),
            expect(status=200, body=b"new"),
            tallied(asks(2, 4, "only the two writes that are owed")),
            environment={"BEHIND_MS": "1000"},
        ),
        apart(
            "also when the write was under way",
            rules.BEHIND_KILLED,
            *owes(PATH, b"v1"),
            sent(PATH, b"v1"),
            *owes(PATH, b"v2"),
            kill(),
            close(),
            close("origin"),
            restart(),
            sent(PATH, b"v2"),
            answers("origin", TAKEN),
            *hit(PATH, b"v2"),
        ),
        apart(
            "what was sent is not owed any more",
            rules.BEHIND_KILLED,
            *owes(PATH, b"new"),
            sent(PATH, b"new"),
            answers("origin", TAKEN),
            pause(0.15),
            kill(),
            close(),
            *cached(b"DEL", entry(PATH), integer=1),
            restart(),
            *miss(PATH, b"changed"),
            send(get("nothing")),
            spared("origin", status=404),
            pause(0.2),
        ),
    ),
)
