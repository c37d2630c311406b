"""Changing and deleting, and the guard against the lost update.

    A reads v1 ── A writes, If-Match v1 ──▶ 200, v2
    B reads v1 ── B writes, If-Match v1 ──▶ 412      B reads again, and sees what A did

Left out: two programs. See together.py.
"""

from typing import Any

from ....grade.matchers import Matcher, kept, unlike
from ....grade.stage import ONCE, Stage, Step, case
from ....grade.steps import connect, expect, send
from ...http1.codec import Caller
from .. import rules
from .messages import (
    CACHE,
    PATIENT,
    PROBLEM_TYPE,
    STORE,
    at_once,
    changed,
    created,
    get,
    looks,
    parsed,
    problem,
    put,
    refused,
    request,
    shows,
    todo,
    with_body,
)
from .steps import one_of_them


def delete(place: str, *fields: tuple[bytes, bytes]) -> tuple[Step, ...]:
    return (send(request("DELETE", place, *fields), fill=True), expect(status=204))


def same_to_do(before: bytes) -> Matcher:
    """The same to-do as before, whatever else is said of it."""
    old = parsed(before) if isinstance(before, bytes) else {}

    def check(value: Any) -> bool:
        same = ("id", "created")
        return isinstance(value, dict) and [*map(value.get, same)] == [*map(old.get, same)]

    return looks("the id and created of before", check)


CHANGE = Stage(
    name="todo/change",
    title="a change, and nobody's change is lost",
    asks="Answer PUT /todos/ID: only where If-Match names the state that is there.",
    given="412 where the tag is not the current one, 428 without If-Match; * is any state. Each change "
    "gives a tag that the to-do never had before. The answer to PUT has the to-do, and need not have "
    "its tag: GET says it.",
    goals=(
        "decide: is the state that is meant the state that is there?",
        "act: look and change in one step: nobody may come between",
        "answer: 200 with the to-do as it is now",
    ),
    hints=(
        "Between your look at the tag and your write, what can another request do?",
        "WATCH the key before you read it, and write in MULTI … EXEC on the same connection. EXEC "
        "answers nothing when somebody was faster: begin again, and the tag will tell. A connection "
        "that watches must not be shared.",
        "conn.watch(key); old = conn.get(key)\nif tag(old) not in if_match: return 412\n"
        "if conn.transaction(SET(key, new)) is None: again",
    ),
    codec=Caller,
    parts=(STORE, CACHE),
    environment=PATIENT,
    insight=True,
    cases=(
        case(
            "a change with the current tag is done",
            rules.CHANGE,
            *created("a", "milk"),
            send(put("{a}", "bread", True, "{a tag}"), fill=True),
            expect(status=200, body=todo(title="bread", done=True)),
            send(get("{a}"), fill=True),
            expect(
                status=200,
                header={"etag": kept("a tag", unlike)},
                body=todo(title="bread", done=True),
            ),
        ),
        case(
            "and has a tag that can be used for the next one",
            rules.CHANGE,
            *created("a", "milk"),
            send(put("{a}", "bread", False, "{a tag}"), fill=True),
            expect(status=200),
            send(get("{a}"), fill=True),
            expect(status=200, keep={"b tag": "header etag"}),
            send(put("{a}", "beer", False, "{b tag}"), fill=True),
            expect(status=200, body=todo(title="beer")),
            ways=ONCE,
        ),
        case(
            "a change with an old tag is not done",
            rules.LOST_UPDATE,
            *created("a", "milk"),
            *changed("a", "bread"),
            *refused(412, put("{a}", "beer", False, "{a tag}")),
            *shows("a", title="bread"),
        ),
        case(
            "after a change the old tag is no longer the tag",
            rules.NEVER_AGAIN,
            *created("a", "milk"),
            *changed("a", "bread"),
            *changed("a", "milk"),
            send(get("{a}", (b"If-None-Match", b"{a tag}")), fill=True),
            expect(status=200, body=todo(title="milk")),
            ways=ONCE,
        ),
        case(
            "also where the state looks as it did then",
            rules.NEVER_AGAIN,
            *created("a", "milk"),
            *changed("a", "bread"),
            *changed("a", "milk"),
            *refused(412, put("{a}", "beer", False, "{a tag}")),
            ways=ONCE,
        ),
        case(
            "a weak tag is not the same",
            rules.LOST_UPDATE,
            *created("a", "milk"),
            *refused(412, put("{a}", "bread", False, "W/{a tag}")),
            *shows("a", title="milk"),
            ways=ONCE,
        ),
        case(
            "one of several tags is enough",
            rules.CHANGE,
            *created("a", "milk"),
            send(put("{a}", "bread", False, '"x", {a tag}'), fill=True),
            expect(status=200, body=todo(title="bread")),
            ways=ONCE,
        ),
        case(
            "without If-Match nothing is changed",
            rules.UNGUARDED,
            *created("a", "milk"),
            *refused(428, with_body("PUT", "{a}", {"title": "bread", "done": True})),
            *shows("a", title="milk", done=False),
        ),
        case(
            "id and created stay as they are",
            rules.CREATED_TIME,
            *created("a", "milk"),
            send(get("{a}"), fill=True),
            expect(status=200, keep={"before": "body"}),
            *changed("a", "bread"),
            send(get("{a}"), fill=True),
            expect(status=200, body=kept("before", same_to_do)),
            ways=ONCE,
        ),
        case(
            "a body that is wrong changes nothing",
            rules.NOTHING_DONE,
            *created("a", "milk"),
            send(with_body("PUT", "{a}", {"title": "x"}, (b"If-Match", b"*")), fill=True),
            expect(status=422, header={"content-type": PROBLEM_TYPE}, body=problem(422, "done")),
            *shows("a", title="milk", done=False),
            ways=ONCE,
        ),
        case(
            "what is not there cannot be changed",
            rules.PATHS,
            *refused(404, put("/todos/nothing", "bread", False)),
            ways=ONCE,
        ),
        case(
            "of eight changes with one tag one is done",
            rules.ONE_WINS,
            *created("a", "milk"),
            *(connect(f"c{number}") for number in range(8)),
            *at_once(
                *(
                    send(put("{a}", f"t{number}", False, "{a tag}"), on=f"c{number}", fill=True)
                    for number in range(8)
                ),
            ),
            one_of_them([f"c{number}" for number in range(8)], 200, 412),
            ways=ONCE,
        ),
    ),
)

DELETE = Stage(
    name="todo/delete",
    title="gone is gone",
    asks="Answer DELETE /todos/ID with 204; with If-Match only in the state that is meant.",
    given="If-Match may be left out here. What is gone is 404, and in no list.",
    goals=(
        "act: the to-do and its place in the order go in one step",
        "answer: 204, without a body",
    ),
    hints=(
        "Your to-do is gone. Where else does its id stand?",
        "Delete the to-do and its id in the order in one transaction; and take care of the cache as "
        "with a change.",
        "MULTI; DEL todo:ID; ZREM todos ID; EXEC",
    ),
    codec=Caller,
    parts=(STORE, CACHE),
    environment=PATIENT,
    cases=(
        case(
            "what was deleted is 404",
            rules.DELETE,
            *created("a", "milk"),
            *delete("{a}"),
            *refused(404, get("{a}")),
        ),
        case(
            "also when it was read before",
            rules.DELETE,
            *created("a", "milk"),
            *shows("a", title="milk") * 2,
            *delete("{a}"),
            *refused(404, get("{a}")),
            ways=ONCE,
        ),
        case(
            "a second time it is not there",
            rules.DELETE,
            *created("a", "milk"),
            *delete("{a}"),
            *refused(404, request("DELETE", "{a}")),
            *refused(404, put("{a}", "x", False)),
            ways=ONCE,
        ),
        case(
            "an old tag deletes nothing",
            rules.LOST_UPDATE,
            *created("a", "milk"),
            *changed("a", "bread"),
            *refused(412, request("DELETE", "{a}", (b"If-Match", b"{a tag}"))),
            *shows("a", title="bread"),
        ),
        case(
            "the current tag does",
            rules.DELETE,
            *created("a", "milk"),
            *delete("{a}", (b"If-Match", b"{a tag}")),
            *refused(404, get("{a}")),
            ways=ONCE,
        ),
    ),
)
