"""Many to-dos: in their order, a page at a time, and those that are looked for.

    GET /todos?limit=2         a, b, next: /todos?limit=2&after=2
                               ··· a is deleted, e is created ···
    GET /todos?limit=2&after=2 c, d, next: …        nothing is missing, nothing comes twice

A page that is counted from the start (skip 2) moves when something before it goes.

Left out: other orders.
"""

from ....grade.stage import ONCE, Stage, Step, case
from ....grade.steps import expect, send
from ...http1.codec import Caller
from .. import rules
from .messages import (
    CACHE,
    PATIENT,
    STORE,
    changed,
    created,
    get,
    place,
    post,
    refused,
    request,
    titles,
)
from .steps import pages

NAMES = "abcdefg"


def several(*names: str) -> tuple[Step, ...]:
    return tuple(step for name in names for step in created(name, name))


def lists(target: str, *wanted: str, more: bool | None = None) -> tuple[Step, ...]:
    return (send(get(target)), expect(status=200, body=titles(*wanted, more=more)))


def deleted(name: str) -> tuple[Step, ...]:
    return (send(request("DELETE", place(name)), fill=True), expect(status=204))


STAGE = Stage(
    name="todo/list",
    title="all of them, in order, a page at a time",
    asks="List the to-dos in the order of their creation, at most limit of them, and say where the "
    "next page is.",
    given="limit is 1 to 100 in decimal digits, 20 where nothing is said. next is a target such as "
    "/todos?…, or null where no to-do follows; what stands in it is your business. What is created "
    "or deleted between two pages neither hides nor doubles another, and what is created comes at "
    "the end.",
    goals=(
        "bound it: no answer has more than 100",
        "decide: what a page begins behind",
        "answer: todos and next",
    ),
    hints=(
        "A client has read two pages. Somebody deletes a to-do of the first one. What does your third "
        "page begin with?",
        "Let next name the last to-do that was shown, not how many were. A number that is given out at "
        "creation and never again will do: the page is what has a greater one.",
        "found = store.zrange('todos', f'({after}', '+inf', byscore=True, limit=limit + 1)\n"
        "next = f'/todos?after={number of the last shown}' if len(found) > limit else None",
    ),
    codec=Caller,
    parts=(STORE, CACHE),
    environment=PATIENT,
    ways=ONCE,
    cases=(
        case("there are none at first", rules.ORDER, *lists("/todos", more=False)),
        case(
            "they come in the order of their creation",
            rules.ORDER,
            *several("c", "a", "b"),
            *lists("/todos", "c", "a", "b", more=False),
        ),
        case(
            "a change does not move one",
            rules.ORDER,
            *several("c", "a", "b"),
            *changed("c", "z"),
            *lists("/todos", "z", "a", "b"),
        ),
        case(
            "what was refused is in no list",
            rules.NOTHING_DONE,
            *refused(422, post({"title": 7})),
            *refused(400, post(b"{")),
            send(get("/todos")),
            expect(status=200, body=titles()),
            ways=ONCE,
        ),
        case(
            "nor is what was deleted",
            rules.DELETE,
            *created("a", "milk"),
            *created("b", "bread"),
            *deleted("a"),
            send(get("/todos")),
            expect(status=200, body=titles("bread")),
            ways=ONCE,
        ),
        case(
            "a page has at most limit of them",
            rules.LIMIT,
            *several(*"abc"),
            *lists("/todos?limit=2", "a", "b", more=True),
            *lists("/todos?limit=3", "a", "b", "c", more=False),
        ),
        case(
            "20 where nothing is said",
            rules.LIMIT,
            *(step for number in range(21) for step in created("x", f"t{number}")),
            *lists("/todos", *(f"t{number}" for number in range(20)), more=True),
        ),
        case(
            "the pages together have all of them",
            rules.NEXT,
            *several(*NAMES),
            pages("/todos?limit=2", *NAMES),
            pages("/todos?limit=3", *NAMES),
        ),
        case(
            "what is deleted between two pages hides no other",
            rules.NEXT_STEADY,
            *several(*NAMES),
            pages("/todos?limit=2", *NAMES, between=deleted("a")),
        ),
        case(
            "also where it was the last that was shown",
            rules.NEXT_STEADY,
            *several(*NAMES),
            pages("/todos?limit=2", *NAMES, between=deleted("b")),
        ),
        case(
            "what is created meanwhile comes at the end",
            rules.NEXT_STEADY,
            *several("a", "b", "c"),
            pages("/todos?limit=2", "a", "b", "c", "z", between=created("z", "z")),
        ),
        case(
            "a query that makes no sense is 400",
            rules.QUERY,
            *refused(400, get("/todos?limit=0")),
            *refused(400, get("/todos?limit=101")),
            *refused(400, get("/todos?limit=2x")),
            *refused(400, get("/todos?limit=%2B5")),
        ),
    ),
)

SEARCH = Stage(
    name="todo/search",
    title="those that are looked for",
    asks="List only those whose title contains q, or that are done or not, with the same pages.",
    given="q is percent-encoded UTF-8, in which + is a space too, and is compared without regard to the "
    "case of letters. done is true or false; another value is 400.",
    goals=(
        "parse it: a plus sign and %20 are spaces, the rest is UTF-8",
        "decide: which of them fit",
        "answer: a page, and next goes on with the same search",
    ),
    hints=(
        "Is ß the same as SS to your program, and Ä the same as ä?",
        "Split the query at & and =, and decode each part behind that. Fold the case of both sides by "
        "the rules of Unicode. Filter before you count to limit.",
        "wanted = q.casefold()\nfits = [t for t in todos if wanted in t.title.casefold()]",
    ),
    codec=Caller,
    parts=(STORE, CACHE),
    environment=PATIENT,
    ways=ONCE,
    cases=(
        case(
            "a part of the title is enough",
            rules.SEARCH,
            *several("buy milk", "sleep", "milky way"),
            *lists("/todos?q=milk", "buy milk", "milky way", more=False),
            *lists("/todos?q=nothing", more=False),
        ),
        case(
            "the case of letters does not matter",
            rules.SEARCH,
            *several("Buy MILK", "sleep"),
            *lists("/todos?q=bUy", "Buy MILK"),
        ),
        case(
            "in no alphabet",
            rules.SEARCH,
            *several("Käse", "KÄSE", "Молоко"),
            *lists("/todos?q=k%C3%84s", "Käse", "KÄSE"),
            *lists("/todos?q=%D0%9C%D0%9E%D0%9B", "Молоко"),
        ),
        case(
            "signs mean nothing but themselves",
            rules.SEARCH,
            *several("100%", "a.c", "abc", "a b&c"),
            *lists("/todos?q=a.c", "a.c"),
            *lists("/todos?q=%25", "100%"),
            *lists("/todos?q=*"),
            *lists("/todos?q=a+b%26c", "a b&c"),
        ),
        case(
            "done and not done",
            rules.FILTER,
            *several("a", "b", "c"),
            *changed("b", "b", True),
            *lists("/todos?done=true", "b"),
            *lists("/todos?done=false", "a", "c"),
        ),
        case(
            "and nothing between the two",
            rules.QUERY,
            *refused(400, get("/todos?done=maybe")),
            *refused(400, get("/todos?done=1")),
        ),
        case(
            "the pages of a search",
            rules.SEARCH_PAGES,
            *several("x1", "y", "x2", "z", "x3", "x4", "x5"),
            pages("/todos?q=X&limit=2", "x1", "x2", "x3", "x4", "x5"),
        ),
        case(
            "of both at once",
            rules.SEARCH_PAGES,
            *several("x 1", "x 2", "y", "x 3"),
            *changed("x 2", "x 2", True),
            pages("/todos?q=x+&done=false&limit=1", "x 1", "x 3"),
        ),
    ),
)
