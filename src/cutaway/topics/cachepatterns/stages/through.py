"""Read-through, and what is remembered about nothing.

    GET k1 → origin: 404        remembered for NEGATIVE_MS
    GET k1 → 404                the origin is not asked

A key that does not exist never gets an entry of the usual kind, so whoever asks for it goes through
to the origin every time (penetration). Remembering the 404 helps; remembering it for as long as a
value would hide the item when it is made.

Left out: filters that know which keys there are (Bloom).
"""

from ....grade.asking import answers
from ....grade.promptly import spared
from ....grade.stage import ONCE, Stage, case
from ....grade.steps import expect, pause, send
from ...http1.codec import Caller
from .. import rules
from .messages import CACHE, FAILS, NONE, ORIGIN, PATIENT, get, hit, is_asked, lives, miss

PATH = "read-through/k1"
NOTHING = (send(get(PATH)), is_asked(PATH), answers("origin", NONE), expect(status=404))
REMEMBERED = (send(get(PATH)), spared("origin", status=404))

STAGE = Stage(
    name="cachepatterns/read-through",
    title="read-through, and a 404 that is remembered",
    asks="Answer GET /read-through/KEY as /aside/KEY, and remember for NEGATIVE_MS also that the "
    "origin has nothing.",
    given="NEGATIVE_MS is 5000 here. A 404 is never remembered for longer than TTL_MS.",
    goals=(
        "decide: an entry says what it is: a value, or that there is none",
        "act: store each with its own lifetime",
        "answer: 404 from the cache as from the origin",
    ),
    hints=(
        "Which octets in your entry say that there is no value? Could a value have the same ones?",
        "Give each entry a first part that says which kind it is, and the value behind it. An empty "
        "string cannot mean nothing, since it is a value. A 404 gets min(NEGATIVE_MS, TTL_MS).",
        "entry = json({'status': status, 'value': base64(value)})\n"
        "lifetime = TTL_MS if status == 200 else min(NEGATIVE_MS, TTL_MS)",
    ),
    codec=Caller,
    far=(ORIGIN,),
    parts=(CACHE,),
    ways=ONCE,
    environment={"NEGATIVE_MS": "5000", **PATIENT},
    cases=(
        case(
            "a value is remembered, as in /aside",
            rules.HIT,
            *miss(PATH, b"hello"),
            *hit(PATH, b"hello"),
            *lives(PATH, 5001, 10_000),
        ),
        case("a 404 is remembered", rules.NEGATIVE, *NOTHING, *REMEMBERED, *REMEMBERED),
        case(
            "a 404 has a lifetime of its own, and a shorter one",
            rules.NEGATIVE_TTL,
            *NOTHING,
            *lives(PATH, 1, 5000),
        ),
        case(
            "when that is over the origin is asked again",
            rules.NEGATIVE_TTL,
            *NOTHING,
            pause(0.35),
            *miss(PATH, b"made"),
            *hit(PATH, b"made"),
            environment={"NEGATIVE_MS": "300"},
        ),
        case(
            "a 404 is not remembered for longer than a value",
            rules.NEGATIVE_TTL,
            *NOTHING,
            *lives(PATH, 1, 3000),
            environment={"TTL_MS": "3000", "NEGATIVE_MS": "60000"},
        ),
        case(
            "an empty value is not nothing",
            rules.NEGATIVE_ONLY,
            *miss(PATH, b""),
            *hit(PATH, b""),
            *lives(PATH, 5001, 10_000),
        ),
        case(
            "a failure is not remembered as nothing",
            rules.NEGATIVE_ONLY,
            send(get(PATH)),
            is_asked(PATH),
            answers("origin", FAILS),
            expect(status=502),
            *miss(PATH, b"well"),
        ),
        case(
            "what looks like the note of a 404 can be a value",
            rules.NEGATIVE_ONLY,
            *(
                step
                for value in (b"404", b"null", b"nil", b"-", b"\x00", b"NOT_FOUND")
                for step in (
                    *miss(f"read-through/v-{value.hex()}", value),
                    *hit(f"read-through/v-{value.hex()}", value),
                )
            ),
        ),
    ),
)
