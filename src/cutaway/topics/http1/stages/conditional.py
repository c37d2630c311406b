"""Conditions: a request that depends on what the file is now.

    ◀ ETag: "7f-2a"                     the name of exactly these octets
    ▶ If-None-Match: "7f-2a"            send it, unless it is still that       304, no body
    ▶ If-Match: "7f-2a"                 change it, only if it is still that    412 when it is not

The second is what makes a cache cheap. The third is how two people edit one file without a lock:
whoever comes second is told so, and nothing is lost.

One comparison is weak and one is strong. A weak tag says that two states are as good as each other;
that will do to keep a copy, and will not do to overwrite somebody's work.
"""

from typing import Any

from ....grade.drastic import runs
from ....grade.matchers import kept, one_of, unlike
from ....grade.stage import ALL, ONCE, Case, Stage, case
from ....grade.steps import close, expect, send
from ....grade.verdict import Rule
from .. import rules
from ..codec import Http1
from ..messages import Request
from .filing import REPLACED, STORED, STRONG_TAG, look, match, none_match, put, read, remove
from .messages import NEIGHBOUR, absent_or, bravo, no_content

TAGGED = {"tag": "header etag"}
LONG_AGO = b"Thu, 01 Jan 1970 00:00:00 GMT"
FAR_AHEAD = b"Fri, 01 Jan 2100 00:00:00 GMT"
BODY = b"the file as it was\n"


def known(name: str, rule: Rule, file: bytes, ask: Request, status: int) -> Case:
    """The tag is learned, then a request with a condition is answered with this status."""
    wanted: dict[str, Any] = {} if status == 304 else {"body": BODY}
    return case(
        name,
        rule,
        send(read(file)),
        expect(status=200, keep=TAGGED),
        send(ask, fill=True),
        expect(status=status, **wanted),
        files={file.decode(): BODY},
    )


def unchanged(name: str, rule: Rule, file: bytes, *asks: Request) -> Case:
    """The tag is learned; each change is refused with 412, and the file stays what it was."""
    steps = []
    for ask in asks:
        steps += [send(ask, fill=True), expect(status=412), close()]
    return case(
        name,
        rule,
        send(read(file)),
        expect(status=200, keep=TAGGED),
        *steps,
        send(read(file)),
        expect(status=200, body=BODY),
        files={file.decode(): BODY},
    )


def changed(name: str, rule: Rule, file: bytes, ask: Request) -> Case:
    """The tag is learned, and the change is made."""
    return case(
        name,
        rule,
        send(read(file)),
        expect(status=200, keep=TAGGED),
        send(ask, fill=True),
        expect(status=REPLACED),
        send(read(file)),
        expect(status=200, body=ask.body),
        files={file.decode(): BODY},
    )


STAGE = Stage(
    name="http1/conditional",
    title="conditions: 304 and 412",
    asks="Name each state of a file with an entity tag, and let requests depend on it: send nothing "
    "that the client has already, and change nothing that is not what the client thinks it is.",
    given="GET, HEAD and PUT-then-GET of /files/{name}: the answer has an ETag without W/. "
    "If-None-Match: 304 for GET and HEAD, 412 for PUT and DELETE, when it lists the tag. If-Match: "
    "412 when it does not. Dates (If-Modified-Since) are not asked for.",
    goals=(
        "decide: what makes a tag, so that two states never share one",
        "parse it: a list of quoted strings, perhaps W/ in front, or a star",
        "decide: in the order of RFC 9110 §13.2.2, and only when the request would succeed",
        "act: the last check and the change are one step",
        "answer: 304 without a body, with the tag; 412 without a change",
    ),
    hints=(
        "Two changes within one second, of the same length: does your tag see them?",
        "A hash of the octets sees every change. Time and size see it only when the clock is fine "
        "enough. Find the tags in a field with a pattern for quoted strings: a comma may stand "
        "inside of one. For If-None-Match strip W/ before comparing; for If-Match a tag with W/ "
        "never equals. First answer 404, then If-Match, then If-None-Match.",
        'tags = re.findall(rb\'(?:W/)?"[^"]*"\', value)\n'
        "if If-Match: holds = exists and (value == b'*' or etag in tags); if not: 412\n"
        "if If-None-Match: hit = exists and (value == b'*' or etag in strip_weak(tags));\n"
        "    if hit: 304 for GET and HEAD, else 412",
    ),
    codec=Http1,
    ways=ALL,
    neighbour=NEIGHBOUR,
    cases=(
        case(
            "a file has a strong entity tag",
            rules.ETAG,
            send(read(b"tagged.txt")),
            expect(status=200, header={"etag": STRONG_TAG}),
            files={"tagged.txt": BODY},
        ),
        case(
            "the tag stays while the file stays",
            rules.ETAG_SAME,
            send(read(b"same.txt")),
            expect(status=200, keep=TAGGED),
            send(read(b"same.txt")),
            expect(status=200, header={"etag": kept("tag")}),
            send(look(b"same.txt")),
            expect(status=200, header={"etag": kept("tag")}),
            files={"same.txt": BODY},
        ),
        case(
            "other content has another tag",
            rules.ETAG_OTHER,
            send(put(b"other.txt", b"short")),
            expect(status=STORED),
            send(read(b"other.txt")),
            expect(status=200, keep=TAGGED),
            send(put(b"other.txt", b"a little longer")),
            expect(status=REPLACED),
            send(read(b"other.txt")),
            expect(status=200, header={"etag": kept("tag", unlike)}),
        ),
        case(
            "so has other content of the same length, at once",
            rules.ETAG_OTHER,
            send(put(b"quick.txt", b"one")),
            expect(status=STORED),
            send(read(b"quick.txt")),
            expect(status=200, keep=TAGGED),
            send(put(b"quick.txt", b"two")),
            expect(status=REPLACED),
            send(read(b"quick.txt")),
            expect(status=200, header={"etag": kept("tag", unlike)}),
        ),
        known(
            "the tag that is known gets 304",
            rules.NOT_MODIFIED,
            b"known.txt",
            read(b"known.txt", none_match(b"{tag}")),
            304,
        ),
        case(
            "a 304 has no body: the next answer begins behind it",
            rules.NO_BODY_304,
            send(read(b"next.txt")),
            expect(status=200, keep=TAGGED),
            send(read(b"next.txt", none_match(b"{tag}")), bravo, fill=True),
            expect(status=304),
            no_content(),
            expect(status=200, body=b"bravo", or_close=True),
            files={"next.txt": BODY},
        ),
        case(
            "the length in a 304 is that of the file",
            rules.LENGTH_304,
            send(read(b"length304.txt")),
            expect(status=200, keep=TAGGED),
            send(read(b"length304.txt", none_match(b"{tag}")), fill=True),
            expect(status=304, header={"content-length": absent_or(b"%d" % len(BODY))}),
            files={"length304.txt": BODY},
        ),
        case(
            "a 304 says the tag",
            rules.TAG_304,
            send(read(b"says.txt")),
            expect(status=200, keep=TAGGED),
            send(read(b"says.txt", none_match(b"{tag}")), fill=True),
            expect(status=304, header={"etag": kept("tag")}),
            files={"says.txt": BODY},
        ),
        known(
            "HEAD gets 304 as well",
            rules.NOT_MODIFIED,
            b"head304.txt",
            look(b"head304.txt", none_match(b"{tag}")),
            304,
        ),
        known(
            "W/ in front of the tag makes no difference to If-None-Match",
            rules.WEAK,
            b"weak.txt",
            read(b"weak.txt", none_match(b"W/{tag}")),
            304,
        ),
        known(
            "one tag of a list is enough",
            rules.NONE_LIST,
            b"list.txt",
            read(b"list.txt", none_match(b'"x" ,W/"y",{tag}, "z"')),
            304,
        ),
        known(
            "a tag with a comma in it is one tag",
            rules.NONE_LIST,
            b"comma.txt",
            read(b"comma.txt", none_match(b'"a,b", {tag}')),
            304,
        ),
        known(
            "a list may stand on several lines",
            rules.NONE_LIST,
            b"lines.txt",
            read(b"lines.txt", none_match(b'"x"'), none_match(b"{tag}")),
            304,
        ),
        known(
            "another tag gets the file",
            rules.MODIFIED,
            b"miss.txt",
            read(b"miss.txt", none_match(b'"something-else"')),
            200,
        ),
        known(
            "a tag within another tag is not that tag",
            rules.MODIFIED,
            b"inside.txt",
            read(b"inside.txt", none_match(b'"x-{inside tag}", "{inside tag}-x"')),
            200,
        ),
        case(
            "the old tag gets the new file",
            rules.MODIFIED,
            send(put(b"renewed.txt", b"old")),
            expect(status=STORED),
            send(read(b"renewed.txt")),
            expect(status=200, keep=TAGGED),
            send(put(b"renewed.txt", b"new")),
            expect(status=REPLACED),
            send(read(b"renewed.txt", none_match(b"{tag}")), fill=True),
            expect(status=200, body=b"new"),
        ),
        known(
            "If-None-Match: * gets 304 where there is a file",
            rules.NONE_STAR,
            b"star.txt",
            read(b"star.txt", none_match(b"*")),
            304,
        ),
        case(
            "If-None-Match: * gets 404 where there is none",
            rules.NO_CONDITION,
            send(read(b"nothing.txt", none_match(b"*"))),
            expect(status=404),
        ),
        case(
            "PUT with If-None-Match: * makes a new file",
            rules.CREATE_ONLY,
            send(remove(b"first.txt")),
            expect(status=one_of(200, 204, 404)),
            close(),
            send(put(b"first.txt", b"made", none_match(b"*"))),
            expect(status=201),
            send(read(b"first.txt")),
            expect(status=200, body=b"made"),
        ),
        unchanged(
            "PUT with If-None-Match: * replaces none",
            rules.CREATE_ONLY,
            b"exists.txt",
            put(b"exists.txt", b"replaced", none_match(b"*")),
        ),
        unchanged(
            "PUT with If-None-Match and the current tag changes nothing",
            rules.CREATE_ONLY,
            b"nonetag.txt",
            put(b"nonetag.txt", b"replaced", none_match(b"{tag}")),
        ),
        changed(
            "PUT with If-Match and the current tag is made",
            rules.IF_MATCH,
            b"guarded.txt",
            put(b"guarded.txt", b"the second version", match(b"{tag}")),
        ),
        changed(
            "PUT with If-Match and the tag in a list is made",
            rules.IF_MATCH,
            b"guardlist.txt",
            put(b"guardlist.txt", b"the second version", match(b'"x,y", {tag}')),
        ),
        changed(
            "PUT with If-Match: * is made where there is a file",
            rules.IF_MATCH,
            b"anytag.txt",
            put(b"anytag.txt", b"the second version", match(b"*")),
        ),
        unchanged(
            "PUT with another tag changes nothing",
            rules.LOST_UPDATE,
            b"mine.txt",
            put(b"mine.txt", b"overwritten", match(b'"something-else"')),
            put(b"mine.txt", b"overwritten", match(b'"x", "y"')),
        ),
        case(
            "If-Match: * makes no new file",
            rules.LOST_UPDATE,
            send(put(b"never.txt", b"made", match(b"*"))),
            expect(status=412),
            close(),
            send(read(b"never.txt")),
            expect(status=404),
        ),
        unchanged(
            "If-Match takes no weak tag",
            rules.STRONG,
            b"strong.txt",
            put(b"strong.txt", b"overwritten", match(b"W/{tag}")),
        ),
        case(
            "of two writers with one tag the second is told",
            rules.LOST_UPDATE,
            send(put(b"shared.txt", b"the start")),
            expect(status=STORED),
            send(read(b"shared.txt")),
            expect(status=200, keep=TAGGED),
            send(put(b"shared.txt", b"by Alice", match(b"{tag}")), fill=True),
            expect(status=REPLACED),
            send(put(b"shared.txt", b"by Bob..", match(b"{tag}")), fill=True),
            expect(status=412),
            close(),
            send(read(b"shared.txt")),
            expect(status=200, body=b"by Alice"),
        ),
        unchanged(
            "DELETE with another tag removes nothing",
            rules.LOST_UPDATE,
            b"stays.txt",
            remove(b"stays.txt", match(b'"something-else"')),
        ),
        case(
            "DELETE with the current tag removes the file",
            rules.IF_MATCH,
            send(read(b"goes.txt")),
            expect(status=200, keep=TAGGED),
            send(remove(b"goes.txt", match(b"{tag}")), fill=True),
            expect(status=REPLACED),
            send(read(b"goes.txt")),
            expect(status=404),
            files={"goes.txt": BODY},
        ),
        known(
            "a date does not count beside a tag that is known",
            rules.ETAG_FIRST,
            b"dated.txt",
            read(b"dated.txt", none_match(b"{tag}"), (b"If-Modified-Since", LONG_AGO)),
            304,
        ),
        known(
            "a date does not count beside a tag that is not known",
            rules.ETAG_FIRST,
            b"dated2.txt",
            read(b"dated2.txt", none_match(b'"x"'), (b"If-Modified-Since", FAR_AHEAD)),
            200,
        ),
        changed(
            "a date does not count beside If-Match",
            rules.MATCH_FIRST,
            b"dated3.txt",
            put(
                b"dated3.txt",
                b"the second version",
                match(b"{tag}"),
                (b"If-Unmodified-Since", LONG_AGO),
            ),
        ),
        case(
            "If-Match comes before If-None-Match",
            rules.PRECEDENCE,
            send(read(b"order.txt")),
            expect(status=200, keep=TAGGED),
            send(read(b"order.txt", match(b'"x"'), none_match(b"{tag}")), fill=True),
            expect(status=412),
            files={"order.txt": BODY},
        ),
        case(
            "what is not there is 404, whatever the condition",
            rules.NO_CONDITION,
            send(read(b"nothing.txt", match(b'"x"'))),
            expect(status=404),
        ),
        case(
            "DELETE of what is not there is 404, whatever the condition",
            rules.NO_CONDITION,
            send(remove(b"nothing.txt", match(b"*"))),
            expect(status=404),
        ),
        case(
            "curl keeps a tag and gets 304 with it",
            rules.ETAG_CURL,
            runs(
                *("curl", "-sSf", "--etag-save", "{folder}/etag", "{url}/files/curl.txt"),
                prints=BODY,
            ),
            runs(
                *("curl", "-sSf", "--etag-compare", "{folder}/etag", "{url}/files/curl.txt"),
                *("-w", "%{http_code}"),
                prints=b"304",
            ),
            ways=ONCE,
            files={"curl.txt": BODY},
        ),
    ),
)
