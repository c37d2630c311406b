"""Ranges: a part of a file, by the numbers of its octets.

    a b c d e f … x y z          26 octets, numbered 0 to 25
    ▶ Range: bytes=2-5           ◀ 206, Content-Range: bytes 2-5/26, "cdef"
    ▶ Range: bytes=-3            ◀ 206, Content-Range: bytes 23-25/26, "xyz"
    ▶ Range: bytes=26-           ◀ 416, Content-Range: bytes */26

Both ends count, so 2-5 is four octets. A transfer that broke off goes on with a range, and If-Range
makes sure that it goes on with the same file.
"""

from ....grade.drastic import runs
from ....grade.matchers import Matcher, kept, one_of
from ....grade.stage import ALL, ONCE, Case, Stage, case
from ....grade.steps import expect, send
from ....grade.verdict import Rule
from .. import rules
from ..codec import Http1
from .filing import (
    REPLACED,
    STORED,
    content_range,
    look,
    match,
    none_match,
    part,
    put,
    read,
    unsatisfied,
)
from .messages import NEIGHBOUR, absent_or, bravo

LETTERS = b"abcdefghijklmnopqrstuvwxyz"
FILES = {"letters.txt": LETTERS}
OCTETS = bytes(range(256)) * 800
TAGGED = {"tag": "header etag"}


def one(name: str, rule: Rule, asked: bytes, first: int, last: int) -> Case:
    """206 with the octets from `first` to `last`."""
    return case(
        name,
        rule,
        send(read(b"letters.txt", part(asked))),
        expect(
            status=206,
            header={"content-range": content_range(first, last, len(LETTERS))},
            body=LETTERS[first : last + 1],
        ),
        files=FILES,
    )


def beyond(name: str, asked: bytes) -> Case:
    return case(
        name,
        rules.UNSATISFIABLE,
        send(read(b"letters.txt", part(asked))),
        expect(status=416, header={"content-range": unsatisfied(len(LETTERS))}),
        files=FILES,
    )


def never_a_part(name: str, rule: Rule, asked: bytes, *statuses: int) -> Case:
    """The whole with 200, or one of these other statuses; never 206."""
    return case(
        name,
        rule,
        send(read(b"letters.txt", part(asked))),
        expect(status=one_of(200, *statuses), body=WHOLE_OR_A_WORD),
        files=FILES,
    )


def whole_or_all(name: str, rule: Rule, asked: bytes) -> Case:
    """Every octet, whether the server calls that a part (206) or the whole (200)."""
    return case(
        name,
        rule,
        send(read(b"letters.txt", part(asked))),
        expect(status=one_of(206, 200), body=LETTERS),
        files=FILES,
    )


def if_range(name: str, rule: Rule, validator: bytes, status: int, body: bytes) -> Case:
    """The tag is learned, then bytes 2-5 are asked for under a condition."""
    return case(
        name,
        rule,
        send(read(b"letters.txt")),
        expect(status=200, keep=TAGGED),
        send(read(b"letters.txt", part(b"bytes=2-5"), (b"If-Range", validator)), fill=True),
        expect(status=status, body=body),
        files=FILES,
    )


def holds_all(found: bytes | None) -> bool:
    """The whole, a run that covers a-b and e-f, or a multipart body with both."""
    if found is None:
        return False
    both = b"ab" in found and b"ef" in found
    return found == LETTERS or found == b"abcdef" or (both and b"ontent-" in found)


WHOLE_OR_A_WORD = Matcher(
    "the whole file, or an explanation that is no part of it",
    lambda found: found in (LETTERS, b"") or found not in LETTERS,
)
PARTS = Matcher('the whole file, or the parts "ab" and "ef"', holds_all)

STAGE = Stage(
    name="http1/ranges",
    title="ranges: a part of a file",
    asks="Send the part of a file that a Range field names, and the whole where it names none that "
    "makes sense.",
    given="GET /files/{name} with Range: bytes=first-last, first- or -length: 206 with Content-Range; "
    "416 for what begins beyond the end. Several ranges may be answered with the whole file. "
    "If-Range with the current tag lets the range count; with any other value the whole is sent.",
    goals=(
        "parse it: digits, a minus, digits; one of the two numbers may be missing",
        "bound it: numbers of any length; the last position is the size less one at most",
        "decide: conditions first, then If-Range, then whether an octet of the range exists",
        "answer: 206 with the place of the part, 200 with the whole, or 416 with the size",
    ),
    hints=(
        "How many octets is bytes=0-0? And what does bytes=-30 ask of a file of 26?",
        "Both positions count. A missing last position, or one beyond the end, means the last octet. "
        "A missing first one makes the number a length from the end. What does not follow the "
        "grammar, last before first included, is ignored: answer 200 with the whole. Check the "
        "digits with a pattern before you convert, since converters take signs and underscores.",
        "m = fullmatch(rb'bytes=([0-9]*)-([0-9]*)', value, IGNORECASE)\n"
        "no match, or both empty, or last < first: the whole\n"
        "first empty: first = max(0, size - length), last = size - 1\n"
        "first >= size: 416, Content-Range: bytes */size\n"
        "else: last = min(last, size - 1); 206, Content-Range: bytes first-last/size",
    ),
    codec=Http1,
    ways=ALL,
    neighbour=NEIGHBOUR,
    cases=(
        one("both ends of a range count", rules.RANGE, b"bytes=2-5", 2, 5),
        one("the first octet is number 0", rules.RANGE, b"bytes=0-0", 0, 0),
        one("a range without an end goes to the end", rules.RANGE_END, b"bytes=20-", 20, 25),
        one("the last octet alone", rules.RANGE, b"bytes=25-25", 25, 25),
        one("an end beyond the end is the end", rules.RANGE_END, b"bytes=20-99", 20, 25),
        one("a minus in front counts from the end", rules.SUFFIX, b"bytes=-3", 23, 25),
        one("zeros in front do not count", rules.RANGE, b"bytes=0002-0005", 2, 5),
        one("the unit may be in capitals", rules.UNIT_CASE, b"Bytes=2-5", 2, 5),
        whole_or_all("more from the end than there is means all", rules.SUFFIX, b"bytes=-30"),
        whole_or_all("from 0 is all", rules.RANGE, b"bytes=0-"),
        case(
            "what follows a 206 is the next answer",
            rules.RANGE,
            send(read(b"letters.txt", part(b"bytes=2-5")), bravo),
            expect(status=206, header={"content-length": absent_or(b"4")}, body=b"cdef"),
            expect(status=200, body=b"bravo"),
            files=FILES,
        ),
        case(
            "a range of a long file is exact",
            rules.RANGE,
            send(read(b"octets.bin", part(b"bytes=65530-131080"))),
            expect(
                status=206,
                header={"content-range": content_range(65530, 131080, len(OCTETS))},
                body=OCTETS[65530:131081],
            ),
            files={"octets.bin": OCTETS},
        ),
        case(
            "a 206 says the tag",
            rules.TAG_206,
            send(read(b"letters.txt")),
            expect(status=200, keep=TAGGED),
            send(read(b"letters.txt", part(b"bytes=2-5"))),
            expect(status=206, header={"etag": kept("tag")}),
            files=FILES,
        ),
        beyond("a range that begins at the end is 416, with the size", b"bytes=26-"),
        beyond("so is one far beyond it", b"bytes=100-200"),
        never_a_part("no octets from the end are none", rules.UNSATISFIABLE, b"bytes=-0", 416),
        case(
            "several ranges are the whole, or every part",
            rules.SEVERAL,
            send(read(b"letters.txt", part(b"bytes=0-1,4-5"))),
            expect(status=one_of(200, 206), body=PARTS),
            files=FILES,
        ),
        never_a_part("another unit counts something else", rules.OTHER_UNIT, b"lines=2-5", 416),
        *(
            never_a_part(f"{asked.decode()} is no range", rules.BAD_RANGE, asked, 400, 416)
            for asked in (
                b"bytes=5-2",
                b"bytes=-",
                b"bytes=",
                b"bytes=2",
                b"bytes 2-5",
                b"bytes=2--5",
                b"bytes=+2-5",
                b"bytes=0x2-0x5",
                b"bytes=0_2-0_5",
                b"bytes=two-five",
                b"2-5",
            )
        ),
        whole_or_all(
            "a last position beyond 64 bits is the end",
            rules.RANGE_OVERFLOW,
            b"bytes=0-18446744073709551618",
        ),
        whole_or_all(
            "a length beyond 64 bits is all",
            rules.RANGE_OVERFLOW,
            b"bytes=-18446744073709551618",
        ),
        never_a_part(
            "a first position beyond 64 bits is beyond the end",
            rules.RANGE_OVERFLOW,
            b"bytes=18446744073709551618-18446744073709551621",
            *(416, 400),
        ),
        if_range("If-Range with the tag gets the part", rules.IF_RANGE, b"{tag}", 206, b"cdef"),
        if_range(
            "If-Range with another tag gets the whole",
            rules.IF_RANGE_OLD,
            b'"something-else"',
            200,
            LETTERS,
        ),
        if_range(
            "If-Range with the tag made weak gets the whole",
            rules.IF_RANGE_OLD,
            b"W/{tag}",
            200,
            LETTERS,
        ),
        if_range(
            "If-Range with a date long ago gets the whole",
            rules.IF_RANGE_OLD,
            b"Thu, 01 Jan 1970 00:00:00 GMT",
            200,
            LETTERS,
        ),
        case(
            "If-Range with the tag of the old file gets the new file whole",
            rules.IF_RANGE_OLD,
            send(put(b"grown.txt", b"old old old")),
            expect(status=STORED),
            send(read(b"grown.txt")),
            expect(status=200, keep=TAGGED),
            send(put(b"grown.txt", b"new new new")),
            expect(status=REPLACED),
            send(read(b"grown.txt", part(b"bytes=4-"), (b"If-Range", b"{tag}")), fill=True),
            expect(status=200, body=b"new new new"),
        ),
        case(
            "an old tag beats a range beyond the end",
            rules.IF_RANGE_OLD,
            send(read(b"letters.txt", part(b"bytes=100-"), (b"If-Range", b'"old"'))),
            expect(status=200, body=LETTERS),
            files=FILES,
        ),
        case(
            "If-Range without a range is ignored",
            rules.IF_RANGE_OLD,
            send(read(b"letters.txt", (b"If-Range", b'"old"'))),
            expect(status=200, body=LETTERS),
            files=FILES,
        ),
        case(
            "an empty file has no part",
            rules.EMPTY_RANGE,
            send(read(b"empty.txt", part(b"bytes=0-"))),
            expect(status=one_of(416, 200)),
            send(read(b"empty.txt", part(b"bytes=-5"))),
            expect(status=one_of(416, 200), or_close=True),
            files={"empty.txt": b""},
        ),
        case(
            "HEAD has no ranges",
            rules.RANGE_GET,
            send(look(b"letters.txt", part(b"bytes=2-5"))),
            expect(status=200, header={"content-length": absent_or(b"26")}),
            send(bravo),
            expect(status=200, body=b"bravo"),
            files=FILES,
        ),
        case(
            "a part of what is not there is 404",
            rules.RANGE_LAST,
            send(read(b"nothing.txt", part(b"bytes=0-1"))),
            expect(status=404),
        ),
        case(
            "a part of what is known is 304",
            rules.RANGE_LAST,
            send(read(b"letters.txt")),
            expect(status=200, keep=TAGGED),
            send(read(b"letters.txt", part(b"bytes=2-5"), none_match(b"{tag}")), fill=True),
            expect(status=304),
            files=FILES,
        ),
        case(
            "a part of what is not the same any more is 412",
            rules.RANGE_LAST,
            send(read(b"letters.txt", part(b"bytes=2-5"), match(b'"old"'))),
            expect(status=412),
            files=FILES,
        ),
        case(
            "curl gets a part, and goes on from the middle",
            rules.RANGE_CURL,
            runs("curl", "-sSf", "-r", "2-5", "{url}/files/letters.txt", prints=b"cdef"),
            runs("curl", "-sSf", "-C", "20", "{url}/files/letters.txt", prints=b"uvwxyz"),
            ways=ONCE,
            files=FILES,
        ),
    ),
)
