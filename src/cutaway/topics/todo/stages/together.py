"""Two programs on one store, as behind a proxy.

    client ──▶ program ─┬─▶ store
    client ──▶ program ─┘

Left out: more than two. What two do rightly, ten do.
"""

from ....grade.matchers import kept
from ....grade.stage import ONCE, Stage, Step, case
from ....grade.steps import connect, expect, send
from ...http1.codec import Caller
from .. import rules
from .messages import (
    CACHE,
    PATIENT,
    STORE,
    at_once,
    changed,
    created,
    get,
    put,
    refused,
    request,
    shows,
)
from .steps import OTHER, beside, one_of_them, pages

NAMES = [f"{where}{number}" for number in range(4) for where in ("here", "other")]


def on_both(*steps: Step) -> Step:
    """The other program answers on connection `other`."""
    return beside(connect("other", port=OTHER), *steps)


STAGE = Stage(
    name="todo/together",
    title="two programs are as one",
    asks="Let several programs run on one store: nothing that matters is known to one alone.",
    given="Both have the same STORE and CACHE. A client may reach the one, then the other.",
    goals=(
        "decide: nothing by what this program remembers",
        "act: every write in a step that the store guards",
        "answer: the same from everywhere",
    ),
    hints=(
        "A lock in your program holds off whom?",
        "Only the store sees all writers. WATCH what was read, and write in MULTI … EXEC; take the "
        "number of a new to-do in that same step, so that numbers come in the order of creation.",
        "WATCH todos:last; n = GET todos:last\nMULTI; SET todos:last n+1; ZADD todos n+1 ID; …; EXEC",
    ),
    codec=Caller,
    parts=(STORE, CACHE),
    environment=PATIENT,
    ways=ONCE,
    cases=(
        case(
            "what the one creates the other has",
            rules.TWO,
            *created("a", "milk"),
            on_both(
                *shows("a", on="other", title="milk"),
                send(get("{a}"), on="other", fill=True),
                expect(on="other", status=200, header={"etag": kept("a tag")}),
                *created("b", "bread", on="other"),
                *shows("b", title="bread"),
            ),
        ),
        case(
            "what the one has read the other may change",
            rules.FRESH,
            *created("a", "milk"),
            on_both(
                *shows("a", title="milk") * 2,
                *shows("a", on="other", title="milk"),
                *changed("a", "bread", on="other"),
                *shows("a", title="bread") * 2,
                *changed("a", "beer"),
                *shows("a", on="other", title="beer") * 2,
                send(request("DELETE", "{a}"), on="other", fill=True),
                expect(on="other", status=204),
                *refused(404, get("{a}")),
            ),
        ),
        case(
            "of eight changes with one tag one is done",
            rules.TWO_WRITERS,
            *created("a", "milk"),
            beside(
                connect("other", port=OTHER),
                *created("b", "bread", on="other"),  # now the connections are there
                *(connect(name, port=OTHER if name[0] == "o" else "") for name in NAMES),
                *at_once(
                    *(
                        send(put("{a}", name, False, "{a tag}"), on=name, fill=True)
                        for name in NAMES
                    )
                ),
                one_of_them(NAMES, 200, 412),
            ),
        ),
        case(
            "what both create has one order",
            rules.TWO_CREATE,
            on_both(
                *created("a", "a"),
                *created("b", "b", on="other"),
                *created("c", "c"),
                *created("d", "d", on="other"),
                *created("e", "e"),
                pages("/todos?limit=2", "a", "b", "c", "d", "e"),
            ),
        ),
    ),
)
