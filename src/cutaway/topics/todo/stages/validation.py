"""What may not come in: size, kind, syntax, members, in this order, and everything that is wrong.

    {"title": 7, "done": "yes"}   ─▶ 422, errors: title and done

Left out: telling it in the client's language.
"""

from ....grade.matchers import one_of
from ....grade.stage import ONCE, Stage, Step, case
from ....grade.steps import expect, send
from ...http1.codec import Caller, Request
from .. import rules
from .messages import (
    CACHE,
    PATIENT,
    PROBLEM_TYPE,
    STORE,
    post,
    problem,
    refused,
    todo,
)


def wrong(body: object, *fields: str) -> tuple[Step, ...]:
    """422, and errors name these members and no others."""
    return (
        send(post(body)),
        expect(status=422, header={"content-type": PROBLEM_TYPE}, body=problem(422, *fields)),
    )


def too_large() -> Request:
    return post({"title": "milk", "more": "x" * 70_000})


STAGE = Stage(
    name="todo/validation",
    title="what may not come in, and all that is wrong with it",
    asks="Check every body before anything is done, and say all that is wrong with it at once.",
    given="400 no JSON object, 415 another media type, 413 more than 64 KiB, 422 wrong members, each "
    "named in errors. A character of a title is no control character, and no half of a pair of "
    "surrogates. Errors are application/problem+json with title and status.",
    goals=(
        "bound it: no body over 64 KiB is kept, whatever its length says",
        "parse it: kind, then JSON, then an object",
        "decide: collect what is wrong with each member; do nothing if anything is",
        "answer: a problem document",
    ),
    hints=(
        "Your check finds a wrong title. What does it know about done by then?",
        "Collect errors in a list and answer once at the end. true is a number in some languages and "
        "7 is true in others: ask for the type itself. Count characters, not octets. A program's own "
        "error text belongs in its log.",
        "errors = []\n"
        "if not is_title(body.get('title')): errors.append({'field': 'title', 'detail': …})\n"
        "if 'done' in body and type(body['done']) is not bool: errors.append(…)\n"
        "if errors: return 422, {'title': …, 'status': 422, 'errors': errors}",
    ),
    codec=Caller,
    parts=(STORE, CACHE),
    environment=PATIENT,
    cases=(
        case(
            "a body that is no JSON is 400",
            rules.NO_JSON,
            *refused(400, post(b'{"title": "milk"')),
            *refused(400, post(b"\xff\xfe")),
            *refused(400, post(b"")),
        ),
        case(
            "nor is what only looks like it",
            rules.NO_JSON,
            *refused(400, post(b'{"title": "milk", "more": NaN}')),
            *refused(400, post(b"[" * 30_000 + b"]" * 30_000)),
            ways=ONCE,
        ),
        case(
            "JSON that is no object is 400",
            rules.NO_JSON,
            *refused(400, post(["milk"])),
            *refused(400, post("milk")),
            *refused(400, post(None)),
        ),
        case(
            "another media type is 415",
            rules.MEDIA_TYPE,
            *refused(415, post({"title": "milk"}, (b"Content-Type", b"text/plain"))),
            *refused(415, post({"title": "milk"}, (b"Content-Type", b"application/json2"))),
        ),
        case(
            "a parameter and large letters do not matter",
            rules.MEDIA_TYPE,
            send(post({"title": "milk"}, (b"Content-Type", b"Application/JSON; charset=utf-8"))),
            expect(status=201, body=todo(title="milk")),
            ways=ONCE,
        ),
        case(
            "more than 64 KiB is 413",
            rules.TOO_LARGE,
            send(too_large()),
            expect(status=413, header={"content-type": PROBLEM_TYPE}),
            ways=ONCE,
        ),
        case(
            "a title that is missing or empty is 422",
            rules.MEMBERS,
            *wrong({}, "title"),
            *wrong({"title": ""}, "title"),
            *wrong({"title": None}, "title"),
        ),
        case(
            "so is one of another type",
            rules.MEMBERS,
            *wrong({"title": 7}, "title"),
            *wrong({"title": ["milk"]}, "title"),
            ways=ONCE,
        ),
        case(
            "so is one of 201 characters",
            rules.MEMBERS,
            *wrong({"title": "x" * 201}, "title"),
            ways=ONCE,
        ),
        case(
            "so is one with a control character",
            rules.MEMBERS,
            *wrong({"title": "a\nb"}, "title"),
            *wrong({"title": "a\x00b"}, "title"),
            *wrong({"title": "a\x7fb"}, "title"),
            ways=ONCE,
        ),
        case(
            "half of a pair of surrogates is no character",
            rules.MEMBERS,
            # Many parsers refuse it, and to them it is no JSON.
            send(post(b'{"title": "a\\ud83e"}')),
            expect(status=one_of(400, 422), header={"content-type": PROBLEM_TYPE}),
            ways=ONCE,
        ),
        case(
            "done is true or false, and nothing like it",
            rules.MEMBERS,
            *wrong({"title": "milk", "done": 1}, "done"),
            *wrong({"title": "milk", "done": "true"}, "done"),
            *wrong({"title": "milk", "done": None}, "done"),
        ),
        case(
            "every wrong member is named",
            rules.ALL_MEMBERS,
            *wrong({"title": 7, "done": "yes"}, "title", "done"),
        ),
        case(
            "members that are not known are ignored",
            rules.UNKNOWN_MEMBERS,
            send(post({"title": "milk", "owner": {"name": "x"}})),
            expect(status=201, body=todo(title="milk")),
            ways=ONCE,
        ),
    ),
)
