"""The first to-do: routing, a body, the store, an answer.

    POST /todos {"title": "milk"} ─▶ program ─▶ store
                                 ◀─ 201, Location: /todos/ID, ETag

Left out: bodies that are wrong. See validation.py.
"""

import re

from ....grade.matchers import PRESENT, between, containing, kept, matching, unlike
from ....grade.passing import passed
from ....grade.stage import ONCE, Stage, case
from ....grade.steps import expect, send
from ...http1.codec import Caller
from .. import rules
from .messages import (
    CACHE,
    PATIENT,
    STORE,
    asked_something,
    created,
    get,
    looks,
    post,
    refused,
    request,
    shows,
    todo,
)

ODD = 'Käse & <b>"brød"</b> \\ 🥛 {title}'
TIME = r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)"


def has_time(value: object) -> bool:
    return isinstance(value, dict) and bool(re.fullmatch(TIME, str(value.get("created"))))


STAGE = Stage(
    name="todo/create",
    title="the first to-do: from the path to the store",
    asks="Answer POST /todos, keep the to-do in the store, and show it at the place that you said.",
    given="STORE is a server that speaks RESP. How you keep a to-do there is your business. GET / is a "
    "page and GET /health 200. Errors are application/problem+json with title and status.",
    goals=(
        "parse it: path and method to a handler, JSON to values",
        "act: keep it in the store",
        "answer: 201 with Location, ETag and the to-do, when the store has it",
        "decide: 404 for a path that is not there, 405 with Allow for a method",
    ),
    hints=(
        "What does your program do when it is asked for a path that has another method only?",
        "Look for the path first, then for the method: two tables, not one. Make the id from random "
        "octets, write the to-do as JSON under todo:ID, and answer when the store has said OK.",
        "methods = routes.get(path)\n"
        "if methods is None: return 404\n"
        "if method not in methods: return 405, Allow=', '.join(methods)",
    ),
    codec=Caller,
    parts=(STORE, CACHE),
    environment=PATIENT,
    cases=(
        case(
            "a to-do is created and can be read at its place",
            rules.CREATED,
            *created("a", "milk"),
            *shows("a", title="milk", done=False),
        ),
        case(
            "it may be done already",
            rules.CREATED,
            send(post({"title": "slept", "done": True})),
            expect(status=201, body=todo(title="slept", done=True), keep={"a": "header location"}),
            *shows("a", title="slept", done=True),
        ),
        case(
            "it is in the store when it is answered",
            rules.IN_THE_STORE,
            *created("a", "milk"),
            passed("store", asked_something()),
            send(b"*1\r\n$6\r\nDBSIZE\r\n", on="store"),
            expect(on="store", integer=between(1, 1000, "some key in the store")),
            ways=ONCE,
        ),
        case(
            "a title goes back as it came",
            rules.TITLE_AS_IT_CAME,
            *created("a", ODD),
            *shows("a", title=ODD),
        ),
        case(
            "also one of 200 characters of four octets each",
            rules.TITLE_AS_IT_CAME,
            *created("a", "🥛" * 200),
            *shows("a", title="🥛" * 200),
        ),
        case(
            "created is a time",
            rules.CREATED_TIME,
            send(post({"title": "milk"})),
            expect(status=201, body=looks("created as in 2026-11-21T08:00:00Z", has_time)),
            ways=ONCE,
        ),
        case(
            "two to-dos of one title are two",
            rules.OWN_ID,
            *created("a", "milk"),
            send(post({"title": "milk"})),
            expect(status=201, header={"location": kept("a", unlike)}),
            ways=ONCE,
        ),
        case("a path that is not there is 404", rules.PATHS, *refused(404, get("/nothing"))),
        case(
            "and so is an id that is not there",
            rules.PATHS,
            *refused(404, get("/todos/nothing")),
            *refused(404, get("/todos/a.b")),
            *refused(404, get("/todos/" + "a" * 65)),
            ways=ONCE,
        ),
        case(
            "another method is 405 with Allow",
            rules.METHODS,
            send(request("PATCH", "/todos")),
            expect(status=405, header={"allow": containing(b"POST")}),
            send(request("POST", "/health", (b"Content-Length", b"0"))),
            expect(status=405, header={"allow": containing(b"GET")}),
        ),
        case(
            "there is a page",
            rules.PAGE,
            send(get("/")),
            expect(
                status=200,
                header={"content-type": matching(rb"(?i)text/html(\s*;.*)?", "text/html")},
                body=PRESENT,
            ),
            ways=ONCE,
        ),
        case(
            "health is 200 while the store answers",
            rules.HEALTH,
            send(get("/health")),
            expect(status=200),
            ways=ONCE,
        ),
    ),
)
