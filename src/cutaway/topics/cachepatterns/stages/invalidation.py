"""Explicit invalidation: an entry goes because what it says is no longer so.

    PUT, DELETE /aside/k1    through the program: the origin first, then the entry
    POST /invalidate/k1      somebody else has changed it: the entry of each pattern

A lifetime bounds how old an answer can be. It does not make it right: within it, everybody gets what
was true once. Whoever changes the item can say so; then the lifetime is only what helps when the word
does not arrive.

Left out: groups of keys. They take a version in the name of the entry, or a list of what belongs.
"""

from ....grade.asking import answers, not_asked
from ....grade.passing import passed
from ....grade.promptly import spared
from ....grade.ruled import by_rule
from ....grade.stage import ONCE, Stage, Step, case
from ....grade.steps import expect, send, stays_silent
from ...http1.codec import Caller
from .. import rules
from .messages import (
    CACHE,
    FAILS,
    NONE,
    ORIGIN,
    PATIENT,
    SWEEPING,
    TAKEN,
    Items,
    get,
    has,
    hit,
    is_asked,
    miss,
    never,
    put,
    refused,
    writes,
)

PATH = "aside/k1"
EACH = ("aside/k1", "read-through/k1", "write-through/k1", "write-around/k1")


def invalidates(key: str) -> tuple[Step, ...]:
    return (send(put(f"invalidate/{key}", b"", method=b"POST")), spared("origin", status=204))


def deletes(path: str) -> tuple[Step, ...]:
    return (
        send(get(path, method=b"DELETE")),
        is_asked(path, method=b"DELETE"),
        answers("origin", TAKEN),
        expect(status=204),
    )


STAGE = Stage(
    name="cachepatterns/invalidation",
    title="explicit invalidation: an entry goes when it is no longer true",
    asks="Take PUT and DELETE on /aside/KEY: write to the origin, and once it has taken it, remove "
    "the entry. Take POST /invalidate/KEY: remove the entries of KEY in every pattern.",
    given="DELETE /items/KEY of the origin is answered with 204. Keys of the cache are removed one "
    "by one: FLUSHALL, FLUSHDB, KEYS and SCAN go through what belongs to others.",
    goals=(
        "act: the origin first, then the entry",
        "decide: which names in the cache belong to this key, and only those",
        "answer: 204, also where nothing was there",
    ),
    hints=(
        "If you removed the entry first: what could happen before the origin has the new value?",
        "DEL takes several keys at once and does not mind those that are not there. Build the names "
        "from the list of your patterns; a search by beginning finds k10 for k1.",
        "origin.put(…); cache.delete('aside:' + key)\n"
        "cache.delete(*[f'{pattern}:{key}' for pattern in PATTERNS if pattern != 'write-behind'])",
    ),
    codec=Caller,
    far=(ORIGIN,),
    parts=(CACHE,),
    ways=ONCE,
    environment=PATIENT,
    cases=(
        case(
            "a write removes the entry",
            rules.WRITE_REMOVES,
            *miss(PATH, b"old"),
            *writes(PATH, b"new"),
            *miss(PATH, b"new"),
            *hit(PATH, b"new"),
        ),
        case(
            "the entry is not removed before the origin has the new value",
            rules.ORIGIN_FIRST,
            *miss(PATH, b"old"),
            send(put(PATH, b"new")),
            is_asked(PATH, method=b"PUT"),
            stays_silent(0.05),
            *has(PATH),
            answers("origin", TAKEN),
            expect(status=204),
            *miss(PATH, b"new"),
        ),
        case(
            "so does a DELETE",
            rules.WRITE_REMOVES,
            *miss(PATH, b"old"),
            *deletes(PATH),
            send(get(PATH)),
            is_asked(PATH),
            answers("origin", NONE),
            expect(status=404),
        ),
        case(
            "a write that fails invalidates nothing that is true",
            rules.INVALIDATED_WRITE,
            *miss(PATH, b"old"),
            *refused(PATH, b"new"),
            send(get(PATH, method=b"DELETE")),
            is_asked(PATH, method=b"DELETE"),
            answers("origin", FAILS),
            expect(status=502),
            by_rule(origin=Items(b"old")),
            send(get(PATH)),
            expect(status=200, body=b"old"),
        ),
        case(
            "an invalidation removes the entry of each pattern",
            rules.INVALIDATE,
            *(step for path in EACH for step in miss(path, b"old")),
            *invalidates("k1"),
            *(step for path in EACH for step in miss(path, b"new")),
        ),
        case(
            "a remembered 404 goes with it",
            rules.INVALIDATE,
            send(get("read-through/k1")),
            is_asked("read-through/k1"),
            answers("origin", NONE),
            expect(status=404),
            *invalidates("k1"),
            *miss("read-through/k1", b"made"),
        ),
        case(
            "where nothing was it is 204 as well",
            rules.INVALIDATE_QUIET,
            *invalidates("k1"),
            *invalidates("k1"),
            not_asked("origin"),
        ),
        case(
            "entries of other keys stay",
            rules.INVALIDATE_ONLY,
            *(
                step
                for key in ("k", "k1", "k10", "k1.a", "K1")
                for step in miss(f"aside/{key}", key.encode())
            ),
            *invalidates("k1"),
            passed("cache", never(*SWEEPING)),
            *(
                step
                for key in ("k", "k10", "k1.a", "K1")
                for step in hit(f"aside/{key}", key.encode())
            ),
            *miss("aside/k1", b"new"),
        ),
    ),
)
