"""Reading one to-do, and not reading it again: tags.

    GET /todos/ID                        200, ETag: "3-…"
    GET /todos/ID, If-None-Match: "3-…"  304, no body

Left out: who may read it.
"""

from ....grade.matchers import kept
from ....grade.stage import ONCE, Stage, case
from ....grade.steps import expect, send
from ...http1.codec import Caller
from .. import rules
from .messages import CACHE, PATIENT, STORE, created, get, request, shows, todo

STAGE = Stage(
    name="todo/read",
    title="one to-do, its tag, and 304",
    asks="Give every state of a to-do a tag, and answer 304 to whoever has it already.",
    given="Tags are strong: the same tag means the same octets. HEAD is answered wherever GET is.",
    goals=(
        "decide: what the tag is made from",
        "answer: 200 with ETag, or 304 without a body",
    ),
    hints=(
        "Two programs answer for the same to-do. From what do both make the same tag?",
        "Keep a version with the to-do that goes up with every change, and make the tag from it. In "
        "If-None-Match a list of tags may stand, weak ones among them, or *.",
        "tag = f'\"{todo.version}\"'\nif tag in tags_of(if_none_match): return 304, {'ETag': tag}",
    ),
    codec=Caller,
    parts=(STORE, CACHE),
    environment=PATIENT,
    cases=(
        case(
            "the tag of a read is that of its creation",
            rules.SAME_TAG,
            *created("a", "milk"),
            send(get("{a}"), fill=True),
            expect(status=200, header={"etag": kept("a tag")}, body=todo(title="milk")),
            send(get("{a}"), fill=True),
            expect(status=200, header={"etag": kept("a tag")}),
        ),
        case(
            "who has the tag gets 304",
            rules.NOT_MODIFIED,
            *created("a", "milk"),
            send(get("{a}", (b"If-None-Match", b"{a tag}")), fill=True),
            expect(status=304, header={"etag": kept("a tag")}),
            *shows("a", title="milk"),
        ),
        case(
            "also in a list, and as a weak one",
            rules.NOT_MODIFIED,
            *created("a", "milk"),
            send(get("{a}", (b"If-None-Match", b'"other", {a tag}')), fill=True),
            expect(status=304),
            send(get("{a}", (b"If-None-Match", b"W/{a tag}")), fill=True),
            expect(status=304),
            send(get("{a}", (b"If-None-Match", b"*")), fill=True),
            expect(status=304),
            ways=ONCE,
        ),
        case(
            "another tag gets the to-do",
            rules.NOT_MODIFIED,
            *created("a", "milk"),
            send(get("{a}", (b"If-None-Match", b'"other"')), fill=True),
            expect(status=200, body=todo(title="milk")),
            ways=ONCE,
        ),
        case(
            "HEAD has no body",
            rules.HEAD,
            *created("a", "milk"),
            send(request("HEAD", "{a}"), fill=True),
            expect(status=200, body=b""),
            *shows("a", title="milk"),
        ),
    ),
)
