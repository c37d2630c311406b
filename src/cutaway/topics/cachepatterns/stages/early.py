"""Early, by chance: each read may fetch anew, the likelier the nearer the end (XFetch).

    left      2 × EARLY_MS     EARLY_MS     half of it      0
    chance        0.14           0.37          0.61         1

No read knows of another one, and yet they do not all go at the same moment: mostly one goes a little
ahead of the rest. It needs no lock and no table, so it also works where many programs share a cache.
It does not promise that only one goes: while a fetch is under way, others may decide the same.

Left out: the time that a fetch takes, by which the paper measures; EARLY_MS stands for it.
"""

from ....grade.asking import answers
from ....grade.matchers import one_of
from ....grade.promptly import until
from ....grade.ruled import awaited, begins_anew, by_rule, tallied
from ....grade.stage import ONCE, Stage, Step, case
from ....grade.steps import expect, pause, send
from ...http1.codec import Caller
from .. import rules
from .messages import CACHE, ORIGIN, PATIENT, Items, asks, get, is_asked, lives, miss, ok

PATH = "early/k1"
KEYS = 100


def read_all(name: str) -> tuple[Step, ...]:
    """A hundred keys, each read once."""
    return tuple(
        step
        for n in range(KEYS)
        for step in (send(get(f"early/{name}{n}")), expect(status=200, body=b"v1"))
    )


def of_a_hundred(name: str, low: int, high: int, *meanwhile: Step) -> tuple[Step, ...]:
    """A hundred entries are read once each; so many are fetched anew."""
    says = f"{low} to {high} requests for {KEYS} reads"
    return (
        by_rule(origin=Items(b"v1")),
        *read_all(name),
        *meanwhile,
        begins_anew(),
        *read_all(name),
        awaited(asks(low, 1 << 30, says)),
        pause(0.05),
        tallied(asks(low, high, says)),
    )


STAGE = Stage(
    name="cachepatterns/early-refresh",
    title="early refresh: by chance, ahead of the end",
    asks="Answer GET /early/KEY as /aside. Each read of an entry draws whether to fetch it anew, with "
    "the chance exp(-left / EARLY_MS), where left is what it still has to live.",
    given="Whether the reader that draws so waits for the new value or not is free. While there is "
    "an entry, a failure of the origin is nothing to the client. A 404 removes it.",
    goals=(
        "decide: how long has the entry to live? draw once for each read",
        "act: fetch, and store with a new lifetime",
        "recover: what cannot be fetched leaves the entry as it is",
    ),
    hints=(
        "Of a hundred reads with as much left as EARLY_MS, how many should fetch?",
        "left is TTL_MS less the age of the entry, or what PTTL says. A random number from 0 to 1 "
        "that is smaller than exp(-left / EARLY_MS) says: fetch. Draw for each read anew, from a "
        "generator that is not seeded with the same number in each process.",
        "left = max(0, TTL_MS - age)\nif random() < exp(-left / EARLY_MS): fetch(key)",
    ),
    codec=Caller,
    far=(ORIGIN,),
    parts=(CACHE,),
    ways=ONCE,
    environment=PATIENT,
    cases=(
        case(
            "far from its end hardly any read fetches",
            rules.EARLY_CHANCE,
            *of_a_hundred("far", 0, 5),
            environment={"TTL_MS": "600000", "EARLY_MS": "60000"},
        ),
        case(
            "with as much left as EARLY_MS, about 37 of a hundred do",
            rules.EARLY_CHANCE,
            *of_a_hundred("half", 15, 62),
            environment={"TTL_MS": "600000", "EARLY_MS": "600000"},
        ),
        case(
            "nearer to its end more do",
            rules.EARLY_CHANCE,
            *of_a_hundred("near", 3, KEYS, pause(1.5)),
            environment={"TTL_MS": "2000", "EARLY_MS": "300"},
        ),
        case(
            "what was fetched takes the place of the entry",
            rules.EARLY_REPLACES,
            *miss(PATH, b"v1"),
            send(get(PATH)),
            is_asked(PATH),
            answers("origin", ok(b"v2")),
            expect(status=200, body=one_of(b"v1", b"v2")),
            by_rule(origin=Items(b"v2")),
            until(2.0, send(get(PATH)), expect(status=200, body=b"v2")),
            *lives(PATH, 1, 10_000),
            environment={"EARLY_MS": "900000000"},
        ),
        case(
            "while there is an entry, a failure of the origin does not matter",
            rules.EARLY_NEVER_FAILS,
            *miss(PATH, b"v1"),
            by_rule(origin=Items(status=503)),
            *(send(get(PATH)), expect(status=200, body=b"v1")) * 4,
            environment={"EARLY_MS": "900000000"},
        ),
    ),
)
