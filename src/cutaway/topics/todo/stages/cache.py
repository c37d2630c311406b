"""The cache: hits without the store, nothing old after a write; and a cache in trouble.

    GET ─▶ program ─▶ cache: here it is                  the store is not asked
    PUT ─▶ program ─▶ store, then the cache is told, then the answer

Left out: how the cache is used. Topic cachepatterns is about that.
"""

from ....grade.enduring import again
from ....grade.linked import over
from ....grade.matchers import kept
from ....grade.passing import back, cuts, forgets, gone, passed
from ....grade.promptly import until, within
from ....grade.stage import ONCE, Stage, Step, case
from ....grade.steps import expect, pause, send
from ....net.relay import CLEAR, Link
from ...cache.codec import Command
from ...http1.codec import Caller
from .. import rules
from .messages import (
    CACHE,
    PATIENT,
    STORE,
    asked_something,
    changed,
    created,
    get,
    nothing_asked,
    refused,
    request,
    shows,
)
from .steps import spoiled

SILENT = over("cache", Link(stalled=True))


def hit(name: str, title: str) -> tuple[Step, ...]:
    """Answered, and the store is asked nothing."""
    return (forgets("store"), *shows(name, title=title), passed("store", nothing_asked()))


def soon_hit(name: str, title: str) -> Step:
    """The same, where the program may fill the cache behind its answer."""
    return until(2.0, *hit(name, title))


HINTS = (
    "A reader has asked the store and not stored yet. A writer writes and removes the entry. What "
    "does the reader do then?",
    "Tell the cache after the store and before the answer. WATCH the entry before the store is asked "
    "and store it in MULTI … EXEC. A writer must touch the key even where nothing stands, so that the "
    "watch sees it: SET something that is no to-do.",
    "miss: WATCH todo:ID (cache); read the store; MULTI; SET todo:ID … PX TTL; EXEC\n"
    "write: store first; then SET todo:ID gone PX 1000 (cache); then answer",
)

STAGE = Stage(
    name="todo/cache",
    title="reads from the cache, and never an old one",
    asks="Answer GET /todos/ID from the cache where it has the to-do, and never what was before a "
    "write that was answered.",
    given="The cache is one of topic cache. What stands in it is your business; entries live TTL_MS.",
    goals=(
        "decide: the cache first, the store where it has nothing",
        "act: store what was read, with a lifetime; after a write tell the cache before the answer",
        "answer: the same octets and tag from either",
    ),
    hints=HINTS,
    codec=Caller,
    parts=(STORE, CACHE),
    environment=PATIENT,
    ways=ONCE,
    insight=True,
    cases=(
        case(
            "the second read does not ask the store",
            rules.HIT,
            *created("a", "milk"),
            *shows("a", title="milk"),
            soon_hit("a", title="milk"),
            *hit("a", title="milk"),
        ),
        case(
            "a hit has the same tag",
            rules.SAME_TAG,
            *created("a", "milk"),
            *shows("a", title="milk"),
            soon_hit("a", title="milk"),
            forgets("store"),
            send(get("{a}", (b"If-None-Match", b"{a tag}")), fill=True),
            expect(status=304, header={"etag": kept("a tag")}),
            passed("store", nothing_asked()),
        ),
        case(
            "after a change the new one is read",
            rules.FRESH,
            *created("a", "milk"),
            *shows("a", title="milk") * 2,
            *changed("a", "bread"),
            *shows("a", title="bread"),
            soon_hit("a", title="bread"),
        ),
        case(
            "after a deletion it is gone",
            rules.FRESH,
            *created("a", "milk"),
            *shows("a", title="milk") * 2,
            send(request("DELETE", "{a}"), fill=True),
            expect(status=204),
            *refused(404, get("{a}")),
        ),
        case(
            "what was read before a write is not stored behind it",
            rules.RACE,
            *created("a", "milk"),
            *created("b", "bread"),
            *shows("b", title="bread"),  # now the connections are there
            send(Command((b"FLUSHALL",)), on="cache"),
            expect(on="cache", text=b"OK"),
            over("store", to_client=Link(latency=0.6)),
            send(get("{a}"), on="slow", fill=True),
            pause(0.3),
            over("store", CLEAR),
            *changed("a", "bread"),
            expect(on="slow", status=200),
            *shows("a", title="bread"),
            *shows("a", title="bread"),
            alone=True,
        ),
        case(
            "an entry lives for TTL_MS at the most",
            rules.TTL,
            *created("a", "milk"),
            *shows("a", title="milk"),
            until(
                3.0, forgets("store"), *shows("a", title="milk"), passed("store", asked_something())
            ),
            environment={"TTL_MS": "300", **PATIENT},
        ),
        case(
            "a cache that has forgotten is filled again",
            rules.HIT,
            *created("a", "milk"),
            *shows("a", title="milk"),
            send(Command((b"FLUSHALL",)), on="cache"),
            expect(on="cache", text=b"OK"),
            *shows("a", title="milk"),
            soon_hit("a", title="milk"),
        ),
    ),
)

TROUBLE = Stage(
    name="todo/cache-trouble",
    title="a cache that is gone, slow or wrong",
    asks="Answer rightly and in time whatever the cache does.",
    given="CACHE_MS is what it is waited for. What it says may be anything, also what you stored with "
    "an octet changed, or what you stored under another key. It is used again within 3 s of its "
    "return.",
    goals=(
        "bound it: one limit of time for all that a request asks the cache",
        "parse it: an entry that is no to-do, or not this one, is none",
        "recover: close a connection whose answer did not come; tell the cache later what it missed",
        "answer: from the store",
    ),
    hints=(
        "Your entry is another to-do's, whole and well-formed. How would you know?",
        "Keep the id in the entry, and a checksum. Give each request one budget of time for the cache. "
        "What the cache could not be told is told when it is back.",
        "entry = read(octets)\nif entry is None or entry.id != id: miss",
    ),
    codec=Caller,
    parts=(STORE, CACHE),
    environment={"CACHE_MS": "200", "STORE_MS": "10000"},
    ways=ONCE,
    cases=(
        case(
            "a cache that refuses is no error",
            rules.CACHE_GONE,
            gone("cache"),
            *created("a", "milk"),
            *shows("a", title="milk") * 2,
            *changed("a", "bread"),
            *shows("a", title="bread") * 2,
            send(request("DELETE", "{a}"), fill=True),
            expect(status=204),
            *refused(404, get("{a}")),
        ),
        case(
            "nor are connections that are cut",
            rules.CACHE_GONE,
            *created("a", "milk"),
            *(cuts("cache"), *shows("a", title="milk")) * 3,
            *(cuts("cache"), *changed("a", "bread"), *shows("a", title="bread")) * 2,
        ),
        case(
            "a silent cache is not waited for for long",
            rules.CACHE_SLOW,
            *created("a", "milk"),
            *shows("a", title="milk"),
            SILENT,
            within(3.0, *shows("a", title="milk") * 3, *changed("a", "bread")),
            alone=True,
        ),
        case(
            "entries of every kind that are no to-do are not believed",
            rules.CACHE_LIES,
            *created("a", "milk"),
            *(
                step
                for how in ("text", "empty", "half", "changed", "list")
                for step in (*shows("a", title="milk"), spoiled(how), *shows("a", title="milk"))
            ),
            environment=PATIENT,
        ),
        case(
            "nor is another to-do",
            rules.CACHE_LIES,
            *created("a", "milk"),
            *created("b", "bread"),
            *shows("a", title="milk"),
            *shows("b", title="bread"),
            spoiled("swapped"),
            *shows("a", title="milk"),
            *shows("b", title="bread"),
            environment=PATIENT,
        ),
        case(
            "when it is back it is used, and nothing old is in it",
            rules.CACHE_BACK,
            *created("a", "milk"),
            *shows("a", title="milk") * 2,
            gone("cache"),
            *changed("a", "bread"),
            back("cache"),
            pause(1.2),
            again(3, *shows("a", title="bread")),
            until(3.0, *hit("a", title="bread")),
            environment={"CACHE_MS": "1000", "STORE_MS": "10000", "TTL_MS": "1000"},
        ),
    ),
)
