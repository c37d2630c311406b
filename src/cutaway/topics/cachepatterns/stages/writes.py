"""Writes that the client waits for: through the cache, or past it.

    write-through   PUT ─▶ origin ─▶ cache ─▶ 204      the next read is fast, whoever needs it or not
    write-around    PUT ─▶ origin ─────────▶ 204       the next read is slow, if there is one

The order is what is judged: the origin first. The other way round a reader gets what the origin may
yet refuse.

Left out: writes that nobody waits for. See behind.py.
"""

from ....grade.asking import answers
from ....grade.passing import passed
from ....grade.ruled import by_rule
from ....grade.stage import ONCE, Stage, case
from ....grade.steps import close, expect, send, stays_silent
from ...http1.codec import Caller
from .. import rules
from .aside import OCTETS
from .messages import (
    CACHE,
    ORIGIN,
    PATIENT,
    TAKEN,
    Items,
    get,
    has_not,
    hit,
    is_asked,
    lives,
    miss,
    put,
    refused,
    without,
    writes,
)

PATH = "write-through/k1"
PAST = "write-around/k1"
STILL_OLD = (by_rule(origin=Items(b"old")), send(get(PATH)), expect(status=200, body=b"old"))

THROUGH = Stage(
    name="cachepatterns/write-through",
    title="write-through: the origin, then the cache, then the answer",
    asks="Take PUT /write-through/KEY: write to the origin, and when that has taken it, put the "
    "value into the cache; then answer 204. GET as in /aside.",
    given="The origin takes PUT /items/KEY with 204. Every other status, or none, is a failure: 502. "
    "Where no answer came, whether the entry goes is free: the origin may have taken the value.",
    goals=(
        "act: the origin first, the cache behind it",
        "decide: what the origin has not taken is nowhere",
        "answer: 204 when both have it",
    ),
    hints=(
        "At which moment could a reader see a value that the origin then refuses?",
        "Send the value to the origin and wait for its status. Only then SET the entry, with its "
        "lifetime, and only then answer.",
        "if origin.put('/items/' + key, value).status // 100 != 2: return 502\n"
        "cache.set('write-through:' + key, value, px=TTL_MS)\nreturn 204",
    ),
    codec=Caller,
    far=(ORIGIN,),
    parts=(CACHE,),
    ways=ONCE,
    environment=PATIENT,
    cases=(
        case(
            "what is written is in the cache when it is acknowledged",
            rules.THROUGH,
            *writes(PATH, b"new"),
            *hit(PATH, b"new"),
        ),
        case(
            "it takes the place of what was there",
            rules.THROUGH,
            *miss(PATH, b"old"),
            *writes(PATH, b"new"),
            *hit(PATH, b"new"),
        ),
        case(
            "the cache does not have it before the origin",
            rules.ORIGIN_FIRST,
            send(put(PATH, b"new")),
            is_asked(PATH, method=b"PUT", body=b"new"),
            *has_not(PATH),
            stays_silent(0.05),
            *has_not(PATH),
            answers("origin", TAKEN),
            expect(status=204),
        ),
        case(
            "what the origin does not take is not in the cache",
            rules.NOT_TAKEN,
            *miss(PATH, b"old"),
            *refused(PATH, b"new"),
            *STILL_OLD,
        ),
        case(
            "an origin that ends without an answer has not taken it",
            rules.NOT_TAKEN,
            send(put(PATH, b"new")),
            is_asked(PATH, method=b"PUT", body=b"new"),
            close("origin"),
            expect(status=502),
            *STILL_OLD,
        ),
        case(
            "the entry has a lifetime",
            rules.LIFETIME,
            *writes(PATH, b"new"),
            *lives(PATH, 1, 10_000),
        ),
        case(
            "an empty value is written, too",
            rules.OCTETS,
            *writes(PATH, b""),
            *hit(PATH, b""),
        ),
        case(
            "a value is octets of any kind",
            rules.OCTETS,
            *writes(PATH, OCTETS),
            *hit(PATH, OCTETS),
        ),
    ),
)

AROUND = Stage(
    name="cachepatterns/write-around",
    title="write-around: the origin, past the cache",
    asks="Take PUT /write-around/KEY: write to the origin, remove the entry, answer 204. Nothing of "
    "the value goes into the cache before somebody reads it.",
    given="As before. GET as in /aside.",
    goals=(
        "act: the origin first, then the entry is removed",
        "decide: who reads next asks the origin",
        "answer: 204",
    ),
    hints=(
        "What does a reader get who had the entry a moment ago?",
        "The value goes past the cache, and the entry that is there has grown old by it: DEL.",
        "origin.put('/items/' + key, value)\ncache.delete('write-around:' + key)\nreturn 204",
    ),
    codec=Caller,
    far=(ORIGIN,),
    parts=(CACHE,),
    ways=ONCE,
    environment=PATIENT,
    cases=(
        case(
            "what is written does not go into the cache",
            rules.AROUND,
            *writes(PAST, b"written-around"),
            passed("cache", without(b"written-around")),
            *miss(PAST, b"written-around"),
        ),
        case(
            "who reads it then has it from the cache the next time",
            rules.HIT,
            *writes(PAST, b"new"),
            *miss(PAST, b"new"),
            *hit(PAST, b"new"),
        ),
        case(
            "an entry that was there is removed",
            rules.AROUND_REMOVES,
            *miss(PAST, b"old"),
            *writes(PAST, b"new"),
            *miss(PAST, b"new"),
        ),
        case(
            "what the origin does not take changes nothing",
            rules.NOT_TAKEN,
            *miss(PAST, b"old"),
            *refused(PAST, b"new"),
            by_rule(origin=Items(b"old")),
            send(get(PAST)),
            expect(status=200, body=b"old"),
        ),
        case(
            "entries of other patterns stay",
            rules.APART,
            *miss("aside/k1", b"old"),
            *miss("write-through/k1", b"old"),
            *writes(PAST, b"new"),
            *hit("aside/k1", b"old"),
            *hit("write-through/k1", b"old"),
        ),
        case(
            "it is not acknowledged before the origin has it",
            rules.ACKNOWLEDGED,
            send(put(PAST, b"new")),
            is_asked(PAST, method=b"PUT", body=b"new"),
            stays_silent(0.05),
            answers("origin", TAKEN),
            expect(status=204),
        ),
    ),
)
