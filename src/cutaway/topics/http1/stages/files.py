"""Files: the first thing that stays when the connection is gone.

    GET /files/a.txt  ──▶  decode the name once  ──▶  is it a name at all?  ──▶  $DATA_DIR/a.txt
                                                      "", ".", "..", "/", NUL: 4xx

A name comes from outside, and a file system does more with names than to look them up: `..` goes
up, a slash goes down, a slash in front starts at the root, NUL ends the name for the system call
though not for the program, and a symbolic link leads anywhere. A web server that forgets one of
them shows every file of its machine.
"""

from ....grade.bulk import taken
from ....grade.drastic import runs
from ....grade.matchers import one_of
from ....grade.stage import ALL, ONCE, Case, Stage, case
from ....grade.steps import close, expect, send, send_pieces
from ....grade.verdict import Rule
from .. import rules
from ..messages import Request
from .filing import (
    HOST,
    REFUSED,
    REPLACED,
    STORED,
    WITHOUT_LENGTH,
    Counted,
    lays_outside,
    look,
    outside_is_whole,
    put,
    read,
    remove,
)
from .messages import NEIGHBOUR, absent_or, bravo, lists, no_content

OCTETS = bytes(range(256)) + b"\r\n\r\n\x00\xff" + bytes(reversed(range(256)))
LINES = b"".join(b"line %d\n" % number for number in range(9000))


def refused(name: str, target: bytes, **options: object) -> Case:
    """GET of that target is some 4xx; what it could show lies in $DATA_DIR or beside it."""
    return case(
        name,
        rules.UNDER if b"outside" in target or b"etc" in target else rules.INSIDE,
        lays_outside(),
        send(Request(target=target, fields=HOST)),
        expect(status=REFUSED),
        ways=ONCE,
        **options,
    )


def kept_out(name: str, request: Request, added: str = "escaped.txt") -> Case:
    """A change that would have to happen outside is some 4xx, and does not happen."""
    return case(
        name,
        rules.UNDER,
        lays_outside(),
        send(request),
        expect(status=REFUSED),
        outside_is_whole(added),
        ways=ONCE,
    )


def served(name: str, rule: Rule, target: bytes, file: str, body: bytes) -> Case:
    return case(name, rule, send(read(target)), expect(status=200, body=body), files={file: body})


CHUNKED = Request(
    method=b"PUT",
    target=b"/files/chunked.txt",
    fields=(*HOST, (b"Transfer-Encoding", b"chunked")),
    body=b"alpha bravo charlie",
    chunk_sizes=(5, 1, 5),
)
LONG = put(b"long.txt", LINES)
HEAD_LENGTH = len(bytes(LONG)) - len(LINES)

STAGE = Stage(
    name="http1/files",
    title="files that stay",
    asks="Serve the files of a folder, and let clients store, replace and remove them. Whatever a "
    "client writes as a name, nothing outside of the folder is read or changed.",
    given="GET, HEAD, PUT and DELETE /files/{name} work on the file {name} directly under $DATA_DIR, "
    "where files may lie before the program starts and may be laid while it runs. PUT: 201 for a "
    "new file, 200 or 204 for one that was there; nothing changes before its body is whole. DELETE: 200 or 204. No such file: 404. Another "
    "method: 405 with Allow. A name that is empty, . or .., that holds a slash or NUL once it is "
    "decoded, or that leads outside through a symbolic link: any 4xx.",
    goals=(
        "bound it: decide what a name is before it meets the file system",
        "frame it: a body is stored when it is complete, in however many reads it comes",
        "act: write beside the goal and rename, so that nobody sees half a file",
        "answer: 200, 201, 204, 404 or 405 say what happened",
    ),
    hints=(
        "Print the name that your program opens, after every transformation. What does your path "
        "function make of a second part that begins with a slash?",
        "Take the one segment behind /files/, decode it once, and refuse it when it is empty, . or "
        ".., or holds a slash or NUL. Open it without following a link (O_NOFOLLOW), or resolve it "
        "and look whether the result still lies in the folder. Open files for octets, not for "
        "text, and never decode again. Write to a temporary name in the same folder, then rename.",
        "name = decode(segment)\n"
        "if name in ('', '.', '..') or '/' in name or '\\0' in name: answer 404\n"
        "fd = open(DATA_DIR + '/' + name, READ | NOFOLLOW)   # no such file or a link: 404\n"
        "PUT: read the body to its end into DATA_DIR/.new-1234, then rename it to name",
    ),
    codec=Counted,
    ways=ALL,
    neighbour=NEIGHBOUR,
    cases=(
        served("a file in the folder is served", rules.FILE, b"a.txt", "a.txt", b"alpha\n"),
        served("every octet comes as it is", rules.FILE, b"octets.bin", "octets.bin", OCTETS),
        served("an empty file is a file", rules.FILE, b"empty.txt", "empty.txt", b""),
        served("a long file comes whole", rules.FILE, b"lines.txt", "lines.txt", LINES),
        case(
            "a file that is not there is 404",
            rules.NO_FILE,
            send(read(b"nothing.txt")),
            expect(status=404),
        ),
        case(
            "HEAD is answered like GET, without the file",
            rules.FILE_HEAD,
            send(look(b"head.txt")),
            expect(status=200),
            send(bravo),
            no_content(),
            expect(status=200, body=b"bravo"),
            files={"head.txt": b"for HEAD"},
        ),
        case(
            "the length in an answer to HEAD is that of the file",
            rules.FILE_LENGTH,
            send(look(b"size.txt")),
            expect(status=200, header={"content-length": absent_or(b"42")}),
            files={"size.txt": b"x" * 42},
        ),
        case(
            "HEAD of a file that is not there is 404, without a body",
            rules.FILE_HEAD,
            send(look(b"nothing.txt")),
            expect(status=404),
            send(bravo),
            no_content(),
            expect(status=200, body=b"bravo", or_close=True),
        ),
        case(
            "what is PUT can be read",
            rules.STATE,
            send(put(b"new.txt", b"new\n")),
            expect(status=STORED),
            send(read(b"new.txt")),
            expect(status=200, body=b"new\n"),
        ),
        case(
            "what is PUT comes back octet for octet",
            rules.STATE,
            send(put(b"stored.bin", OCTETS)),
            expect(status=STORED),
            send(read(b"stored.bin")),
            expect(status=200, body=OCTETS),
        ),
        case(
            "an empty body makes an empty file",
            rules.STATE,
            send(put(b"nil.txt", b"")),
            expect(status=STORED),
            send(read(b"nil.txt")),
            expect(status=200, body=b""),
        ),
        case(
            "a body that comes in pieces is stored whole",
            rules.PUT_WHOLE,
            send_pieces(
                bytes(LONG)[:HEAD_LENGTH],
                bytes(LONG)[HEAD_LENGTH : HEAD_LENGTH + 1],
                bytes(LONG)[HEAD_LENGTH + 1 : HEAD_LENGTH + 5000],
                bytes(LONG)[HEAD_LENGTH + 5000 :],
            ),
            expect(status=STORED),
            send(read(b"long.txt")),
            expect(status=200, body=LINES),
            ways=ONCE,
        ),
        case(
            "a chunked body is stored without its framing",
            rules.STATE,
            send(CHUNKED),
            expect(status=STORED),
            send(read(b"chunked.txt")),
            expect(status=200, body=CHUNKED.body),
        ),
        case(
            "a shorter file replaces a longer one whole",
            rules.STATE,
            send(put(b"shorter.txt", b"short")),
            expect(status=REPLACED),
            send(read(b"shorter.txt")),
            expect(status=200, body=b"short"),
            files={"shorter.txt": b"long, long ago"},
        ),
        case(
            "a file that was there is replaced with 200 or 204",
            rules.REPLACED,
            send(put(b"twice.txt", b"one")),
            expect(status=STORED),
            send(put(b"twice.txt", b"two")),
            expect(status=REPLACED),
            send(read(b"twice.txt")),
            expect(status=200, body=b"two"),
        ),
        case(
            "a PUT that breaks off leaves the file as it was",
            rules.PUT_BROKEN,
            send(bytes(put(b"whole.txt", b"only half of this"))[:-8]),
            taken(),
            close(),
            send(read(b"whole.txt")),
            expect(status=200, body=b"what was there before"),
            ways=ONCE,
            files={"whole.txt": b"what was there before"},
        ),
        case(
            "DELETE removes the file",
            rules.DELETED,
            send(remove(b"gone.txt")),
            expect(status=REPLACED),
            send(read(b"gone.txt")),
            expect(status=404),
            files={"gone.txt": b"not for long"},
        ),
        case(
            "DELETE of a file that is not there is 404",
            rules.NO_FILE,
            send(remove(b"nothing.txt")),
            expect(status=404),
        ),
        case(
            "a new file is 201, also after the old one was removed",
            rules.CREATED,
            send(remove(b"created.txt")),
            expect(status=one_of(200, 204, 404)),
            close(),
            send(put(b"created.txt", b"one")),
            expect(status=201),
            send(remove(b"created.txt")),
            expect(status=REPLACED),
            send(put(b"created.txt", b"two")),
            expect(status=201),
        ),
        case(
            "a 204 has no length",
            rules.NO_LENGTH_204,
            send(put(b"counted.txt", b"new")),
            expect(status=STORED, **WITHOUT_LENGTH),
            send(remove(b"counted.txt")),
            expect(status=REPLACED, **WITHOUT_LENGTH),
            files={"counted.txt": b"old"},
        ),
        case(
            "a method that files do not have is 405, and Allow lists the others",
            rules.FILE_ALLOW,
            send(read(b"allow.txt", (b"Content-Length", b"0"), method=b"POST")),
            expect(status=405, header={"allow": lists(b"GET", b"PUT", b"DELETE")}),
            files={"allow.txt": b"allowed"},
        ),
        served(
            "a name is percent-decoded",
            rules.FILE_NAME,
            b"caf%C3%A9%20%26%20b%2bc.txt",
            "caf\u00e9 & b+c.txt",
            b"decoded",
        ),
        served("a name is decoded once", rules.FILE_NAME, b"%2541.txt", "%41.txt", b"once"),
        served(
            "a name that looks encoded twice is a plain name",
            rules.FILE_NAME,
            b"%252e%252e%252fplain.txt",
            "%2e%2e%2fplain.txt",
            b"just a name",
        ),
        served("dots within a name are dots", rules.FILE_NAME, b"..a..b", "..a..b", b"dots"),
        served(
            "a query is no part of the name",
            rules.FILE_NAME,
            b"query.txt?x=/../y",
            "query.txt",
            b"asked",
        ),
        refused("/files/../outside.txt is refused", b"/files/../outside.txt"),
        refused("/files/..%2foutside.txt is refused", b"/files/..%2foutside.txt"),
        refused("/files/%2e%2e%2foutside.txt is refused", b"/files/%2e%2e%2foutside.txt"),
        refused("/files/%2E%2E/outside.txt is refused", b"/files/%2E%2E/outside.txt"),
        refused("/files/a%2f..%2f..%2foutside.txt is refused", b"/files/a%2f..%2f..%2foutside.txt"),
        refused("a name twice encoded is not decoded twice", b"/files/%252e%252e%252foutside.txt"),
        refused("/files//etc/hostname is refused", b"/files//etc/hostname"),
        refused("/files/%2fetc%2fhostname is refused", b"/files/%2fetc%2fhostname"),
        refused("/files/%2Fetc/hostname is refused", b"/files/%2Fetc/hostname"),
        refused("the folder itself is no file", b"/files/"),
        refused("a dot is no file", b"/files/."),
        refused("nor is %2e%2e", b"/files/%2e%2e"),
        refused("NUL does not end a name", b"/files/a.txt%00", files={"a.txt": b"behind a NUL\n"}),
        refused(
            "NUL with more behind it does not end a name either",
            b"/files/a.txt%00.png",
            files={"a.txt": b"behind a NUL\n"},
        ),
        refused(
            "a symbolic link that leads outside is not followed",
            b"/files/link.txt",
            links={"link.txt": "{outside}"},
        ),
        refused(
            "nor is a relative link that leads outside",
            b"/files/up.txt",
            links={"up.txt": "../outside.txt"},
        ),
        case(
            "a link that leads outside is not followed by PUT",
            rules.UNDER,
            send(put(b"link.txt", b"overwritten")),
            expect(status=REFUSED),
            outside_is_whole(),
            ways=ONCE,
            links={"link.txt": "{outside}"},
        ),
        kept_out("PUT to ..%2fescaped.txt makes no file", put(b"..%2fescaped.txt", b"out")),
        # $DATA_DIR is a folder named data: this neighbour's path begins with its path.
        kept_out(
            "PUT to a neighbour of the folder makes no file",
            put(b"..%2fdata-escaped.txt", b"out"),
            "data-escaped.txt",
        ),
        kept_out("PUT to ..%2foutside.txt changes none", put(b"..%2foutside.txt", b"out")),
        kept_out("DELETE of ..%2foutside.txt removes none", remove(b"..%2foutside.txt")),
        case(
            "curl stores, reads and removes a file",
            rules.FILE_CURL,
            runs("curl", "-sSf", "-T", "-", "{url}/files/curl.txt", feed=b"from curl\n"),
            runs("curl", "-sSf", "{url}/files/curl.txt", prints=b"from curl\n"),
            runs("curl", "-sSf", "-X", "DELETE", "{url}/files/curl.txt"),
            runs("curl", "-sSf", "{url}/files/curl.txt", status=22),
            ways=ONCE,
        ),
    ),
)
