"""Compression: one file, two representations.

    ▶ Accept-Encoding: gzip      ◀ Content-Encoding: gzip   ETag: "7f-2a-gzip"   1f 8b 08 …
    ▶ (none, or gzip;q=0)        ◀                          ETag: "7f-2a"        the file

Both say Vary: Accept-Encoding, because a cache between here and the client keeps one of them and has
to know for whom it is. Both have a tag of their own, because their octets differ: a range of the one
is no range of the other.
"""

from ....grade.drastic import runs
from ....grade.matchers import Matcher, kept, one_of, shown, unlike
from ....grade.stage import ALL, ONCE, Case, Stage, case
from ....grade.steps import expect, send
from ....grade.verdict import Rule
from .. import rules
from ..codec import Http1
from .filing import (
    IN_GZIP,
    NOT_GZIP,
    REPLACED,
    STORED,
    TAG,
    VARIES,
    Field,
    accepting,
    gzip_of,
    look,
    none_match,
    part,
    plain_or_gzip_of,
    put,
    read,
)
from .messages import NEIGHBOUR, bravo, either

TEXT = b"".join(b"%d green bottles hanging on the wall\n" % n for n in range(120, 0, -1))
OTHER = TEXT.replace(b"green", b"brown")
JUST = (TEXT * 2)[:1024]
DULL = b"0" * (1 << 20)  # one long run: a compressor takes much of it before it gives anything
FILES = {"text.txt": TEXT}
PLAIN = {"plain": "header etag"}
CODED = {"coded": "header etag"}
ABSENT_OR_GZIP = either(IN_GZIP, Matcher("nothing of that name", lambda found: found is None))


def zipped(name: str, rule: Rule, *fields: Field) -> Case:
    return case(
        name,
        rule,
        send(read(b"text.txt", *fields)),
        expect(status=200, header={"content-encoding": IN_GZIP}, body=gzip_of(TEXT)),
        files=FILES,
    )


def plain(name: str, rule: Rule, *fields: Field) -> Case:
    return case(
        name,
        rule,
        send(read(b"text.txt", *fields)),
        expect(status=200, header={"content-encoding": NOT_GZIP}, body=TEXT),
        files=FILES,
    )


def other_or_weak(tag: bytes) -> Matcher:
    return Matcher(
        f"another tag than {shown(tag)} of the plain file, or a weak one",
        lambda found: TAG.matches(found) and (found != tag or found.startswith(b"W/")),
    )


def ten_octets(found: bytes) -> bool:
    """Octets 0 to 9 of the plain file or of a gzip file, or one of them whole."""
    return found in (TEXT[:10], TEXT) or (found[:2] == b"\x1f\x8b" and len(found) == 10) or (
        gzip_of(TEXT).matches(found)
    )  # fmt: skip


STAGE = Stage(
    name="http1/compression",
    title="gzip where it is welcome",
    asks="Send files in gzip to clients that accept it, plainly to those that do not, and say so in "
    "a way that caches understand.",
    given="GET and HEAD /files/{name} of 1 KiB and more: gzip when Accept-Encoding accepts it. The "
    "answer has Vary: Accept-Encoding in either form. gzip is allowed for smaller files too.",
    goals=(
        "parse it: a list of codings, each perhaps with a weight; * stands for the others",
        "decide: gzip, the plain file, or neither",
        "act: compress as the file is read, so that memory does not grow with it",
        "answer: Content-Encoding, Vary, and a tag for each form; no Content-Length of the other form",
    ),
    hints=(
        "Is gzip;q=0 in your list of accepted codings? Look at what is compared.",
        "Split the field at commas, each member at its semicolon, trim, lower-case. Weight 0 excludes. "
        "What is not listed is excluded too, unless * is there; the plain file (identity) is always "
        "acceptable unless it is excluded by name or by *;q=0. The compressed form needs a tag of "
        "its own, and conditions are compared with the form that would be sent.",
        "weight = weights.get('gzip', weights.get('*', 0))\n"
        "if weight > 0 and size >= 1024: etag = etag[:-1] + '-gzip\"'; Content-Encoding: gzip\n"
        "in both cases: Vary: Accept-Encoding",
    ),
    codec=Http1,
    ways=ALL,
    neighbour=NEIGHBOUR,
    cases=(
        zipped("who accepts gzip gets it", rules.GZIP, accepting(b"gzip")),
        case(
            "a file of exactly 1 KiB is compressed",
            rules.GZIP,
            send(read(b"just.txt", accepting(b"gzip"))),
            expect(status=200, header={"content-encoding": IN_GZIP}, body=gzip_of(JUST)),
            files={"just.txt": JUST},
        ),
        case(
            "a long file that shrinks to almost nothing comes whole",
            rules.GZIP,
            send(read(b"dull.txt", accepting(b"gzip")), bravo),
            expect(status=200, header={"content-encoding": IN_GZIP}, body=gzip_of(DULL)),
            expect(status=200, body=b"bravo", or_close=True),
            ways=ONCE,
            files={"dull.txt": DULL},
        ),
        zipped(
            "gzip may stand among codings that nobody knows",
            rules.GZIP,
            accepting(b"rot13;q=1.0,\tgzip ; q=0.8, *;q=0"),
        ),
        zipped(
            "the list may stand on two lines", rules.GZIP, accepting(b"rot13"), accepting(b"gzip")
        ),
        zipped("the coding may be in capitals", rules.CODING_NAME, accepting(b"GZIP")),
        zipped("a small weight accepts too", rules.GZIP, accepting(b"identity;q=0, gzip;q=0.001")),
        plain("gzip;q=0 excludes it", rules.Q_ZERO, accepting(b"gzip;q=0")),
        plain("so does gzip; q=0.000", rules.Q_ZERO, accepting(b"identity, gzip; q=0.000")),
        plain("identity alone is the plain file", rules.NOT_LISTED, accepting(b"identity")),
        plain("an empty list is the plain file", rules.NOT_LISTED, accepting(b"")),
        plain(
            "a coding with gzip in its name is another one",
            rules.CODING_NAME,
            accepting(b"xgzip, gzip2, not-gzip"),
        ),
        case(
            "*;q=0 excludes gzip as well",
            rules.NOTHING_LEFT,
            send(read(b"text.txt", accepting(b"*;q=0"))),
            expect(status=one_of(200, 406), header={"content-encoding": NOT_GZIP}),
            files=FILES,
        ),
        case(
            "without the field either form will do",
            rules.ANY_CODING,
            send(read(b"text.txt")),
            expect(status=200, body=plain_or_gzip_of(TEXT)),
            files=FILES,
        ),
        case(
            "a small file comes in either form",
            rules.ANY_CODING,
            send(read(b"small.txt", accepting(b"gzip"))),
            expect(status=200, body=plain_or_gzip_of(b"small\n")),
            send(read(b"empty.txt", accepting(b"gzip"))),
            expect(status=200, body=plain_or_gzip_of(b"")),
            files={"small.txt": b"small\n", "empty.txt": b""},
        ),
        case(
            "the compressed form says Vary",
            rules.VARY,
            send(read(b"text.txt", accepting(b"gzip"))),
            expect(status=200, header={"vary": VARIES}),
            files=FILES,
        ),
        case(
            "so does the plain one",
            rules.VARY,
            send(read(b"text.txt", accepting(b"identity"))),
            expect(status=200, header={"vary": VARIES}),
            files=FILES,
        ),
        case(
            "the compressed form has a tag of its own",
            rules.OWN_TAG,
            send(read(b"text.txt", accepting(b"identity"))),
            expect(status=200, keep=PLAIN),
            send(read(b"text.txt", accepting(b"gzip"))),
            expect(status=200, header={"etag": kept("plain", other_or_weak)}),
            files=FILES,
        ),
        case(
            "HEAD speaks of the same form as GET",
            rules.HEAD_CODED,
            send(read(b"text.txt", accepting(b"gzip"))),
            expect(status=200, keep=CODED),
            send(look(b"text.txt", accepting(b"gzip"))),
            expect(
                status=200,
                header={
                    "etag": kept("coded"),
                    "content-encoding": ABSENT_OR_GZIP,
                    "content-length": unlike(b"%d" % len(TEXT)),
                },
            ),
            files=FILES,
        ),
        case(
            "the tag of the compressed form gets 304",
            rules.CODED_304,
            send(read(b"text.txt", accepting(b"gzip"))),
            expect(status=200, keep=CODED),
            send(read(b"text.txt", accepting(b"gzip"), none_match(b"{coded}")), fill=True),
            expect(status=304, header={"etag": kept("coded")}),
            files=FILES,
        ),
        case(
            "a 304 says Vary",
            rules.VARY_304,
            send(read(b"text.txt", accepting(b"gzip"))),
            expect(status=200, keep=CODED),
            send(read(b"text.txt", accepting(b"gzip"), none_match(b"{coded}")), fill=True),
            expect(status=304, header={"vary": VARIES}),
            files=FILES,
        ),
        case(
            "after a change the compressed form is new, and so is its tag",
            rules.CODED_FRESH,
            send(put(b"fresh.txt", TEXT)),
            expect(status=STORED),
            send(read(b"fresh.txt", accepting(b"gzip"))),
            expect(status=200, body=gzip_of(TEXT), keep=CODED),
            send(put(b"fresh.txt", OTHER)),
            expect(status=REPLACED),
            send(read(b"fresh.txt", accepting(b"gzip"), none_match(b"{coded}")), fill=True),
            expect(status=200, body=gzip_of(OTHER), header={"etag": kept("coded", unlike)}),
        ),
        case(
            "a range is a part of the form that is sent",
            rules.CODED_RANGE,
            send(read(b"text.txt", accepting(b"gzip"), part(b"bytes=0-9"))),
            expect(
                status=one_of(200, 206),
                body=Matcher("ten bytes of the one form or the other", ten_octets),
            ),
            files=FILES,
        ),
        case(
            "curl asks for a compressed file and undoes it",
            rules.CODED_CURL,
            runs("curl", "-sSf", "--compressed", "{url}/files/text.txt", prints=TEXT),
            ways=ONCE,
            files=FILES,
        ),
    ),
)
