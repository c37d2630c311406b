"""Bodies whose length nobody knew when they began.

    5;note=x ⏎  alpha ⏎     size in hexadecimal, extensions, data
    0 ⏎                     no more
    X-Sum: 1 ⏎ ⏎            trailer fields, and the blank line that ends the message

A size counts the data alone; the CR LF behind the data belongs to neither.
"""

from ....grade.drastic import send_until_answered
from ....grade.matchers import ABSENT, one_of
from ....grade.stage import ALL, ONCE, Case, Stage, case
from ....grade.steps import closes, expect, send
from ....grade.verdict import Rule
from .. import rules
from ..messages import Request, write_chunk
from .messages import (
    HOST,
    MIB,
    NEIGHBOUR,
    POST,
    Patient,
    bravo,
    charlie,
    chunked,
    get,
    head,
    no_content,
)

ALPHABET = b"abcdefghijklmnopqrstuvwxyz"
END = b"0\r\n\r\n"
LINES = b"".join(b"chunk %d\n" % number for number in range(300))
LARGE = bytes(range(256)) * 600
MANY = b"0123456789" * 200


def decoded(name: str, rule: Rule, chunks: bytes, body: bytes) -> Case:
    """Chunks written by hand, what they hold, and the next answer right behind it."""
    steps = (send(chunked(chunks), bravo), expect(status=200, body=body), expect(body=b"bravo"))
    return case(name, rule, *steps)


STAGE = Stage(
    name="http1/chunked",
    title="chunked, in both directions",
    asks="Read bodies that come in chunks, and send one in chunks yourself.",
    given="POST /echo takes chunked bodies; one is refused before it passes 64 MiB. GET "
    "/chunks?n=K is answered in K chunks to an HTTP/1.1 client, the i-th, from 0, being `chunk i` "
    "and LF.",
    goals=(
        "frame it: size line, as many octets, CR LF, and again until the size is 0",
        "parse it: the size is hexadecimal digits up to a semicolon or the end of its line",
        "frame it: read trailer fields up to the blank line; only there the message ends",
        "bound it: add the sizes up and stop before they are too much",
        "answer: no chunks for HTTP/1.0",
    ),
    hints=(
        "Where exactly does a chunked message end? It is not at the chunk of size 0.",
        "Read the size line, cut it at the first semicolon, and read that many octets however many "
        "reads they take; data may hold CR LF and digits. Then two more octets have to be CR LF. "
        "After the size 0 read lines until an empty one. An empty chunk of your own would end your "
        "body: never write one.",
        "while size := int(digits_of(line()), 16):\n"
        "    body += exactly(size)\n"
        "    expect CR LF\n"
        "while line() != b'': pass        # trailers",
    ),
    codec=Patient,
    ways=ALL,
    neighbour=NEIGHBOUR,
    cases=(
        decoded(
            "chunks are put together",
            rules.CHUNKED,
            b"5\r\nalpha\r\n5\r\nbravo\r\n" + END,
            b"alphabravo",
        ),
        decoded("no chunk at all is an empty body", rules.CHUNKED, END, b""),
        decoded(
            "a size is hexadecimal, in capitals",
            rules.CHUNK_HEX,
            b"1A\r\n" + ALPHABET + b"\r\n" + END,
            ALPHABET,
        ),
        decoded(
            "a size is hexadecimal, in small letters",
            rules.CHUNK_HEX,
            b"1a\r\n" + ALPHABET + b"\r\n" + END,
            ALPHABET,
        ),
        decoded(
            "leading zeros do not count",
            rules.CHUNK_HEX,
            b"00000005\r\nalpha\r\n000\r\n\r\n",
            b"alpha",
        ),
        case(
            "Chunked in capitals is chunked",
            rules.CODING_CASE,
            send(head(POST, HOST, b"Transfer-Encoding: Chunked"), b"5\r\nalpha\r\n", END, bravo),
            expect(status=200, body=b"alpha"),
            expect(body=b"bravo"),
        ),
        decoded(
            "an extension is ignored",
            rules.EXTENSION,
            b"5;note=x;flag\r\nalpha\r\n0;last\r\n\r\n",
            b"alpha",
        ),
        decoded(
            "a quoted extension is ignored, whatever it holds",
            rules.EXTENSION,
            b'5;note="a;b=\\"7\\" , c"\r\nalpha\r\n' + END,
            b"alpha",
        ),
        decoded(
            "CR LF and digits inside a chunk are data",
            rules.CHUNK_DATA,
            b"d\r\n\r\n0\r\n\r\n5\r\nx\r\n\r\n" + END,
            b"\r\n0\r\n\r\n5\r\nx\r\n",
        ),
        case(
            "a request inside a chunk is data",
            rules.CHUNK_DATA,
            send(chunked(write_chunk(bytes(bravo)) + END), charlie),
            expect(status=200, body=bytes(bravo)),
            expect(body=b"charlie"),
        ),
        decoded(
            "two thousand tiny chunks are one body",
            rules.CHUNKED,
            b"".join(write_chunk(MANY[at : at + 1]) for at in range(len(MANY))) + END,
            MANY,
        ),
        decoded("a chunk of 150 KiB is one body", rules.CHUNKED, write_chunk(LARGE) + END, LARGE),
        decoded(
            "the message ends behind its trailer fields",
            rules.TRAILERS,
            b"5\r\nalpha\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n",
            b"alpha",
        ),
        case(
            "a trailer field does not replace a header field",
            rules.TRAILERS_APART,
            send(
                chunked(
                    b"5\r\nalpha\r\n0\r\nContent-Type: text/trailer\r\n\r\n",
                    b"Content-Type: text/header",
                )
            ),
            expect(status=200, body=b"alpha", header={"content-type": b"text/header"}),
        ),
        case(
            "three chunks are answered, and their end is marked",
            rules.CHUNKS_OUT,
            send(get(b"/chunks?n=3"), bravo),
            expect(status=200, framing="chunked", body=b"chunk 0\nchunk 1\nchunk 2\n", chunks=3),
            expect(body=b"bravo"),
        ),
        case(
            "three hundred chunks are answered",
            rules.CHUNKS_OUT,
            send(get(b"/chunks?n=300"), bravo),
            expect(status=200, framing="chunked", body=LINES),
            expect(body=b"bravo"),
        ),
        case(
            "no chunks at all are an empty body",
            rules.CHUNKS_OUT,
            send(get(b"/chunks?n=0"), bravo),
            expect(status=200, body=b""),
            expect(body=b"bravo"),
        ),
        case(
            "HEAD of chunks has no chunks",
            rules.HEAD_NO_BODY,
            send(get(b"/chunks?n=3", method=b"HEAD"), bravo),
            expect(status=200),
            no_content(),
            expect(body=b"bravo"),
        ),
        case(
            "an HTTP/1.0 client gets no chunks",
            rules.NO_CHUNKS_10,
            send(Request(target=b"/chunks?n=3", version=b"HTTP/1.0")),
            expect(
                status=200,
                header={"transfer-encoding": ABSENT},
                body=b"chunk 0\nchunk 1\nchunk 2\n",
            ),
            closes(),
        ),
        case(
            "a body that does not end is refused before it passes 64 MiB",
            rules.CHUNKED_LIMIT,
            send(chunked(b"")),
            send_until_answered(write_chunk(b"." * MIB), 66 * MIB),
            expect(status=one_of(413, 400), or_close=True),
            ways=ONCE,
        ),
    ),
)
