"""Once only: a request that is sent again because its answer was lost.

    POST, Idempotency-Key: k1  ─▶ 201 ✗ lost on the way
    POST, Idempotency-Key: k1  ─▶ 201, the same answer: one to-do

Left out: that a key is forgotten after 24 hours.
"""

from ....grade.matchers import kept
from ....grade.stage import ONCE, Stage, case
from ....grade.steps import connect, expect, send
from ...http1.codec import Caller, Request
from .. import rules
from .messages import (
    CACHE,
    PATIENT,
    STORE,
    at_once,
    changed,
    get,
    post,
    refused,
    request,
    same_json,
    titles,
)
from .steps import OTHER, beside


def keyed(title: str, key: bytes = b"k1") -> Request:
    return post({"title": title}, (b"Idempotency-Key", key))


FIRST = (send(keyed("milk")), expect(status=201, keep={"a": "header location", "said": "body"}))
SAID = kept("said", same_json)
AGAIN = expect(status=201, header={"location": kept("a")}, body=SAID)
ONE = (send(get("/todos")), expect(status=200, body=titles("milk")))

STAGE = Stage(
    name="todo/once",
    title="sent twice, done once",
    asks="Remember under Idempotency-Key what the first request made, and answer the second the same.",
    given="1 to 255 visible characters, else 400. The same key with another body is 422. A request that "
    "was refused is not remembered.",
    goals=(
        "decide: is the key known, and is it for this body?",
        "act: the to-do and what is known under the key are written in one step",
        "answer: the first answer",
    ),
    hints=(
        "Both requests come at once, to two programs. Which of them finds the key?",
        "Keep a digest of the body and the answer under the key. WATCH the key, and write it in the "
        "transaction that creates the to-do: who loses finds it on the next try.",
        "WATCH once:KEY; found = GET once:KEY\nif found: return found.answer if same body else 422\n"
        "MULTI; SET todo:ID …; SET once:KEY … EX 86400; EXEC or again",
    ),
    codec=Caller,
    parts=(STORE, CACHE),
    environment=PATIENT,
    ways=ONCE,
    cases=(
        case(
            "the second gets the first answer", rules.ONCE, *FIRST, send(keyed("milk")), AGAIN, *ONE
        ),
        case(
            "also when the to-do was changed meanwhile",
            rules.ONCE,
            *FIRST,
            *changed("a", "bread"),
            send(keyed("milk")),
            AGAIN,
        ),
        case(
            "or deleted",
            rules.ONCE,
            *FIRST,
            send(request("DELETE", "{a}"), fill=True),
            expect(status=204),
            send(keyed("milk")),
            AGAIN,
            send(get("/todos")),
            expect(status=200, body=titles()),
        ),
        case(
            "another key is another to-do",
            rules.ONCE,
            *FIRST,
            send(keyed("milk", b"k2")),
            expect(status=201),
            send(get("/todos")),
            expect(status=200, body=titles("milk", "milk")),
        ),
        case(
            "with another body it is 422",
            rules.ONCE_OTHER,
            *FIRST,
            *refused(422, keyed("bread")),
            *ONE,
        ),
        case(
            "a request that was refused is not remembered",
            rules.ONCE,
            *refused(422, keyed("")),
            *FIRST,
            *ONE,
        ),
        case(
            "a key has 1 to 255 visible characters",
            rules.ONCE_KEY,
            *refused(400, keyed("milk", b"")),
            *refused(400, keyed("milk", b"a b")),
            *refused(400, keyed("milk", b"x" * 256)),
            send(keyed("milk", b"x" * 255)),
            expect(status=201),
        ),
        case(
            "both at the same time create one",
            rules.ONCE_AT_ONCE,
            *(connect(f"c{number}") for number in range(8)),
            *at_once(*(send(keyed("milk"), on=f"c{number}") for number in range(8))),
            expect(on="c0", status=201, keep={"said": "body"}),
            *(expect(on=f"c{number}", status=201, body=SAID) for number in range(1, 8)),
            *ONE,
        ),
        case(
            "also from another program",
            rules.ONCE,
            *FIRST,
            beside(
                connect("other", port=OTHER),
                send(keyed("milk"), on="other"),
                expect(on="other", status=201, header={"location": kept("a")}, body=SAID),
            ),
            *ONE,
        ),
    ),
)
