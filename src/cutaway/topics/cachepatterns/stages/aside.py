r"""Cache-aside: the program asks the cache, and where that has nothing, the origin.

    client ── GET /aside/k1 ──▶ program ── GET aside:k1 ──▶ cache: nothing
                                   ├───── GET /items/k1 ──▶ origin: 200 hello
                                   ╰── SET aside:k1 … PX ─▶ cache
    client ── GET /aside/k1 ──▶ program ── GET aside:k1 ──▶ cache: hello

The pattern that most programs have. It takes three lines, and everything that the later stages are
about is wrong with them.

Left out: writes. See writes.py and invalidation.py.
"""

from ....grade.asking import answers
from ....grade.drastic import restart
from ....grade.matchers import one_of
from ....grade.passing import passed
from ....grade.promptly import spared
from ....grade.stage import BOTH, ONCE, Stage, case
from ....grade.steps import close, expect, pause, send
from ...http1.codec import Caller, Response
from .. import rules
from .messages import (
    CACHE,
    FAILS,
    NONE,
    ORIGIN,
    PATIENT,
    cached,
    entry,
    get,
    hit,
    is_asked,
    lives,
    miss,
    put,
    touches,
    untouched,
)

OCTETS = bytes(range(256)) + b"\r\n$-1\r\n+OK\r\n" + b"\x00" * 16
MOVED = Response(
    status=302,
    reason=b"Found",
    fields=((b"Location", b"/items/k2"), (b"Content-Length", b"0")),
)
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello"
LARGE = b"sixty four " * 5957  # 65527 octets

STAGE = Stage(
    name="cachepatterns/aside",
    title="cache-aside: ask the cache, then the origin",
    asks="Answer GET /aside/KEY. Look in the cache first; where it has nothing, ask the origin and "
    "store what it says, for as long as TTL_MS allows.",
    given="The entry of KEY is the cache's key aside:KEY, a string, with a lifetime. The origin has "
    "GET /items/KEY: 200 with the value, or 404. Anything else of it is a failure: 502. So is a "
    "redirect, which is not followed, and an answer that ends before all of it has come.",
    goals=(
        "parse it: pattern and key from the path, everything else is 404",
        "decide: is there an entry? then the origin is not asked",
        "act: ask the origin, store a value with its lifetime, before the answer leaves",
        "answer: 200 with the value, 404, or 502",
    ),
    hints=(
        "How does your program tell that the cache has nothing from that it has nothing in it?",
        "GET answers nil for a key that is not there, and an empty string for one whose value is "
        "empty: compare with nil, not with false. SET takes a lifetime with PX, in milliseconds: "
        "in one command, so that no crash leaves an entry that never ends. Store only 200.",
        "found = cache.get('aside:' + key)\n"
        "if found is not None: return 200, found\n"
        "status, value = origin.get('/items/' + key)\n"
        "if status == 200: cache.set('aside:' + key, value, px=TTL_MS)",
    ),
    codec=Caller,
    far=(ORIGIN,),
    parts=(CACHE,),
    ways=BOTH,
    environment=PATIENT,
    cases=(
        case(
            "what the cache does not have is asked of the origin",
            rules.MISS,
            *miss("aside/k1", b"hello"),
            passed("cache", touches("aside/k1")),
        ),
        case(
            "what the cache has is not asked of the origin",
            rules.HIT,
            *miss("aside/k1", b"hello"),
            *hit("aside/k1", b"hello"),
            *hit("aside/k1", b"hello"),
        ),
        case(
            "an entry has a lifetime",
            rules.LIFETIME,
            *miss("aside/k1", b"hello"),
            *lives("aside/k1", 1, 10_000),
            ways=ONCE,
        ),
        case(
            "keys have entries of their own",
            rules.OWN_ENTRY,
            *miss("aside/k1", b"one"),
            *miss("aside/k2", b"two"),
            *hit("aside/k1", b"one"),
            *hit("aside/k2", b"two"),
            ways=ONCE,
        ),
        case(
            "an empty value is a value",
            rules.OCTETS,
            *miss("aside/k1", b""),
            *hit("aside/k1", b""),
        ),
        case(
            "a value is octets of any kind",
            rules.OCTETS,
            *miss("aside/k1", OCTETS),
            *hit("aside/k1", OCTETS),
        ),
        case(
            "a value may be 64 KiB long",
            rules.OCTETS,
            *miss("aside/k1", LARGE),
            *hit("aside/k1", LARGE),
            ways=ONCE,
        ),
        case(
            "a key is 1 to 64 letters, digits, dots, hyphens and underscores",
            rules.OWN_ENTRY,
            *miss(f"aside/{'aZ.09_-x' * 8}", b"long"),
            *hit(f"aside/{'aZ.09_-x' * 8}", b"long"),
            ways=ONCE,
        ),
        case(
            "the origin's 404 is answered and not stored",
            rules.NOT_FOUND,
            send(get("aside/k1")),
            is_asked("aside/k1"),
            answers("origin", NONE),
            expect(status=404),
            *miss("aside/k1", b"new"),
            *hit("aside/k1", b"new"),
            ways=ONCE,
        ),
        case(
            "a failure of the origin is 502 and not stored",
            rules.FAILURE,
            send(get("aside/k1")),
            is_asked("aside/k1"),
            answers("origin", FAILS),
            expect(status=502),
            *miss("aside/k1", b"well"),
            *hit("aside/k1", b"well"),
            ways=ONCE,
        ),
        case(
            "a redirect of the origin is a failure, and is not followed",
            rules.FAILURE,
            send(get("aside/k1")),
            is_asked("aside/k1"),
            answers("origin", MOVED),
            spared("origin", status=502),
            alone=True,
            ways=ONCE,
        ),
        case(
            "half of a value is none",
            rules.FAILURE,
            send(get("aside/k1")),
            is_asked("aside/k1"),
            answers("origin", HALF),
            close("origin"),
            expect(status=502),
            *miss("aside/k1", b"well"),
            alone=True,
            ways=ONCE,
        ),
        case(
            "an origin that ends without an answer is 502",
            rules.FAILURE,
            send(get("aside/k1")),
            is_asked("aside/k1"),
            close("origin"),
            expect(status=502),
            *miss("aside/k1", b"well"),
            alone=True,
            ways=ONCE,
        ),
        case(
            "an entry that is gone from the cache is asked for again",
            rules.IN_THE_CACHE,
            *miss("aside/k1", b"hello"),
            *cached(b"DEL", entry("aside/k1"), integer=1),
            *miss("aside/k1", b"again"),
            ways=ONCE,
        ),
        case(
            "an entry outlives the program",
            rules.IN_THE_CACHE,
            *miss("aside/k1", b"hello"),
            close(),
            restart(),
            *hit("aside/k1", b"hello"),
            alone=True,
            ways=ONCE,
        ),
        case(
            "an entry whose lifetime is over is a miss",
            rules.EXPIRED,
            *miss("aside/k1", b"old"),
            pause(0.45),
            *miss("aside/k1", b"new"),
            environment={"TTL_MS": "400"},
            ways=ONCE,
        ),
        case(
            "other paths are 404, and nobody is asked",
            rules.PATHS,
            *(
                step
                for path in ("nothing/k1", "aside/", "aside", "aside/a/b", "aside/a%20b", "")
                for step in (send(get(path)), spared("origin", status=404))
            ),
            passed("cache", untouched("nothing/k1", "aside/", "aside/a/b")),
            ways=ONCE,
        ),
        case(
            "a method that a path has not is 405 or 501",
            rules.METHODS,
            send(put("aside/k1", b"x", method=b"POST")),
            spared("origin", status=one_of(405, 501)),
            passed("cache", untouched("aside/k1")),
            ways=ONCE,
        ),
    ),
)
