"""What two programs could read in two ways is refused, from both sides.

    Content-Length: 44              the proxy reads 44 octets and sees one request,
    Transfer-Encoding: chunked      the upstream reads to the chunk of size 0 and sees two

Nowhere does this matter more than here. Between a proxy and an upstream one connection carries the
requests of many clients. A client that gets two readings past the proxy writes the beginning of
somebody else's request; an upstream that gets two readings past it writes somebody else's answer.

Behind most requests here stands one more, /smuggled, in the same write. Whatever reaches the
upstream is read by a parser that refuses all that is ambiguous, so that a request which comes
there has one reading: to a program that believes Content-Length, and to one that believes chunks.

What the specification allows is accepted: some of this may be repaired instead of refused. Then it
has to arrive repaired.

Left out: how soon. A refusal may come at the octet that is wrong or at the end of the head.
"""

from __future__ import annotations

from ....grade.asking import answers, asked, broken_off, never_whole, not_asked, refused_or_asked
from ....grade.matchers import ABSENT, Matcher, one_of
from ....grade.stage import BOTH, ONCE, Case, Stage, case
from ....grade.steps import close, closes, expect, half_close, send
from ....grade.verdict import Rule
from .. import rules
from .messages import (
    CHUNKED,
    FINE,
    HOST,
    A,
    Wire,
    alpha,
    bravo,
    exchange,
    get,
    head,
    ok,
    post,
    smuggled,
)

POST = b"POST /echo HTTP/1.1"
GET = b"GET /echo/alpha HTTP/1.1"
CHUNKS = b"5\r\nalpha\r\n0\r\n\r\n"
LENGTH_5 = b"Content-Length: 5"
DECOY = bytes(smuggled)
NOT_CHUNKED = one_of(400, 501)


def refused(name: str, rule: Rule, data: bytes, status: object = 400) -> Case:
    """An error answer and the close; nothing reaches the upstream."""
    return case(
        name, rule, send(data + DECOY), expect(status=status), closes(), not_asked("a"), close()
    )


def declined(name: str, rule: Rule, data: bytes, status: object = 400) -> Case:
    """An error answer, whatever becomes of the connection; nothing reaches the upstream."""
    return case(name, rule, send(data), expect(status=status), not_asked("a"), close())


def repaired(name: str, rule: Rule, data: bytes, **wanted: object) -> Case:
    """Refused with 400; or sent on so that nothing is left to be read in another way."""
    return case(
        name,
        rule,
        send(data),
        refused_or_asked("a", wanted, FINE, {"status": NOT_CHUNKED}, {"body": b"fine"}),
        close(),
    )


def coding(name: str, rule: Rule, *lines: bytes, status: object = NOT_CHUNKED) -> Case:
    return refused(name, rule, head(POST, HOST, *lines) + CHUNKS, status)


def length(name: str, value: bytes, rule: Rule = rules.LENGTHS_DIFFER) -> Case:
    return refused(name, rule, head(POST, HOST, b"Content-Length:" + value) + b"alpha")


def chunk(
    name: str,
    chunks: bytes,
    status: object = one_of(400, 502),
    rule: Rule = rules.CHUNK_SIZE,
) -> Case:
    """A body that cannot be read: the answer says so, and upstream it never looks whole.

    A proxy that streams has sent the head on by then, and breaks that connection off.
    """
    return case(
        name,
        rule,
        send(head(POST, HOST, CHUNKED) + chunks),
        half_close(),
        expect(status=status, or_close=True),
        closes(),
        never_whole("a"),
    )


def answered(name: str, rule: Rule, answer: bytes, status: object) -> Case:
    """The upstream answers this; behind it the client's next request has its own answer."""
    return case(
        name,
        rule,
        send(get(b"/", (b"Connection", b"keep-alive"))),
        asked("a"),
        answers("a", answer),
        close("a"),
        expect(status=status),
        close(),
        *exchange(bravo, ok(b"bravo")),
    )


REQUESTS = (
    repaired(
        "Content-Length and Transfer-Encoding",
        rules.BOTH_LENGTHS,
        head(POST, HOST, LENGTH_5, CHUNKED) + CHUNKS,
        body=b"alpha",
        header={"content-length": ABSENT},
    ),
    repaired(
        "Transfer-Encoding and a Content-Length of all that follows",
        rules.BOTH_LENGTHS,
        head(POST, HOST, CHUNKED, b"Content-Length: %d" % (len(CHUNKS) + len(DECOY))) + CHUNKS,
        body=b"alpha",
        header={"content-length": ABSENT},
    ),
    length("a length with a plus sign", b" +5"),
    length("a length in hexadecimal", b" 0x5"),
    length("a length with an underscore", b" 0_5"),
    length("an empty length", b""),
    refused(
        "two lengths that differ",
        rules.LENGTHS_DIFFER,
        head(POST, HOST, LENGTH_5, b"Content-Length: 6") + b"alpha",
    ),
    refused(
        "two lengths that differ in one line",
        rules.LENGTHS_DIFFER,
        head(POST, HOST, b"Content-Length: 5, 6") + b"alpha",
    ),
    repaired(
        "the same length twice",
        rules.LENGTHS_EQUAL,
        head(POST, HOST, LENGTH_5, LENGTH_5) + b"alpha",
        body=b"alpha",
        header={"content-length": Matcher("5, once", lambda found: found in (b"5", None))},
    ),
    coding("a coding that is not chunked", rules.NOT_FINAL, b"Transfer-Encoding: identity"),
    coding("chunked that is not the last", rules.NOT_FINAL, b"Transfer-Encoding: chunked, x"),
    coding("a coding that only ends like chunked", rules.NOT_FINAL, b"Transfer-Encoding: xchunked"),
    coding("chunked behind a vertical tab", rules.NOT_FINAL, b"Transfer-Encoding: \x0bchunked"),
    coding("two codings in two lines", rules.NOT_FINAL, CHUNKED, b"Transfer-encoding: x"),
    coding(
        "a space ahead of the colon of Transfer-Encoding",
        rules.SPACE_BEFORE_COLON,
        b"Transfer-Encoding : chunked",
    ),
    case(
        "chunks in HTTP/1.0 end the connection",
        rules.CODING_10,
        send(head(b"POST /echo HTTP/1.0", HOST, b"Connection: keep-alive", CHUNKED) + CHUNKS),
        refused_or_asked(
            "a", {"body": b"alpha"}, FINE, {"status": one_of(400, 411, 501)}, {"body": b"fine"}
        ),
        closes(),
    ),
    repaired(
        "a folded Transfer-Encoding",
        rules.FOLD,
        head(POST, HOST, b"Transfer-Encoding:", b" chunked") + CHUNKS,
        body=b"alpha",
    ),
    repaired("a folded field", rules.FOLD, head(GET, HOST, b"X-Odd: a", b" X-Two: b")),
    repaired("NUL in a value", rules.NUL, head(GET, HOST, b"X-Odd: al\0pha")),
    repaired("a bare CR in a value", rules.BARE_CR, head(GET, HOST, b"X-Odd: a\rX-Two: b")),
    repaired("lines that end with LF alone", rules.BARE_LF, b"GET / HTTP/1.1\nHost: localhost\n\n"),
    repaired("an empty field name", rules.NO_FIELD, head(GET, HOST, b": x")),
    repaired("a space inside a field name", rules.NO_FIELD, head(GET, HOST, b"X Odd: x")),
    repaired("a field line without a colon", rules.NO_FIELD, head(GET, HOST, b"X-Odd")),
    refused(
        "a space inside the target",
        rules.REQUEST_LINE,
        head(b"GET /echo/alpha HTTP/1.1 HTTP/1.1", HOST),
    ),
    refused("a request line of one word", rules.REQUEST_LINE, b"hello\r\n\r\n"),
    declined("NUL in the target", rules.REQUEST_LINE, head(b"GET /a\0b HTTP/1.1", HOST)),
    declined("no Host", rules.HOST, head(GET)),
    declined("two Hosts", rules.HOST, head(GET, HOST, b"Host: other")),
    declined("a Host with a path in it", rules.HOST, head(GET, b"Host: localhost/x")),
    chunk("a chunk size with 0x", b"0x5\r\nalpha\r\n0\r\n\r\n"),
    chunk("a chunk size with a space inside", b"0 5\r\nalpha\r\n0\r\n\r\n"),
    chunk(
        "a chunk size that is 5 in 64 bits",
        b"10000000000000005\r\nalpha\r\n0\r\n\r\n",
        one_of(400, 413, 502),
        rules.CHUNK_OVERFLOW,
    ),
    chunk("data without CR LF behind it", b"5\r\nalphaXX0\r\n\r\n"),
    chunk("a size line that ends with LF", b"5\nalpha\r\n0\r\n\r\n"),
    case(
        "chunk extensions change nothing",
        rules.CHUNK_EXTENSION,
        send(head(POST, HOST, CHUNKED) + b'5;a=b;c="0"\r\nalpha\r\n0;last\r\n\r\n'),
        asked("a", body=b"alpha"),
        answers("a", ok(b"fine")),
        expect(body=b"fine"),
        *exchange(bravo, ok(b"bravo")),
    ),
    case(
        "a request inside a body is body",
        rules.BODY_IS_BODY,
        send(post(DECOY)),
        asked("a", method=b"POST", body=DECOY),
        answers("a", ok(b"fine")),
        expect(body=b"fine"),
        *exchange(bravo, ok(b"bravo")),
    ),
    case(
        "a body of GET is body, too",
        rules.BODY_IS_BODY,
        *exchange(get(b"/", body=DECOY), wanted={"method": b"GET", "body": DECOY}),
        *exchange(bravo, ok(b"bravo")),
    ),
    case(
        "a head of 8 KiB passes",
        rules.HEAD_TOO_LARGE,
        *exchange(get(b"/", (b"X-Long", b"x" * 8000)), wanted={"header": {"x-long": b"x" * 8000}}),
    ),
    case(
        "a head of 128 KiB is refused",
        rules.HEAD_TOO_LARGE,
        send(get(b"/", (b"X-Long", b"x" * (1 << 17)))),
        expect(status=431),
        not_asked("a"),
        close(),
        ways=ONCE,
    ),
    case(
        "a target of 64 KiB is refused",
        rules.HEAD_TOO_LARGE,
        send(get(b"/" + b"x" * (1 << 16))),
        expect(status=414),
        not_asked("a"),
        close(),
        ways=ONCE,
    ),
)

ANSWER = b"HTTP/1.1 200 OK"
REPAIRED = one_of(200, 502)

ANSWERS = (
    answered(
        "an answer with two lengths that differ",
        rules.ANSWER_LENGTHS,
        head(ANSWER, LENGTH_5, b"Content-Length: 6") + b"alpha",
        status=502,
    ),
    answered(
        "an answer with a length that is no number",
        rules.ANSWER_LENGTHS,
        head(ANSWER, b"Content-Length: +5") + b"alpha",
        status=502,
    ),
    answered(
        "an answer with Content-Length and Transfer-Encoding",
        rules.ANSWER_BOTH,
        head(ANSWER, LENGTH_5, CHUNKED) + CHUNKS,
        status=REPAIRED,
    ),
    answered(
        "an answer with a space ahead of a colon",
        rules.ANSWER_SPACE,
        head(ANSWER, b"X-Odd : a", LENGTH_5) + b"alpha",
        status=REPAIRED,
    ),
    answered(
        "an answer with a folded field",
        rules.ANSWER_FOLD,
        head(ANSWER, b"X-Odd: a", b" b", LENGTH_5) + b"alpha",
        status=REPAIRED,
    ),
    answered(
        "an answer with NUL in a value",
        rules.NUL,
        head(ANSWER, b"X-Odd: a\0b", LENGTH_5) + b"alpha",
        status=REPAIRED,
    ),
    answered(
        "an answer with a bare CR in a value",
        rules.BARE_CR,
        head(ANSWER, b"X-Odd: a\rSet-Cookie: b", LENGTH_5) + b"alpha",
        status=REPAIRED,
    ),
    answered("what is no HTTP", rules.NO_HTTP, b"hello\r\n\r\n", status=502),
    case(
        "chunks that cannot be read end the answer",
        rules.ANSWER_CHUNKS,
        send(alpha),
        asked("a"),
        answers("a", head(ANSWER, CHUNKED) + b"5\r\nalpha\r\nzz\r\n"),
        broken_off(),
    ),
    case(
        "a second answer is not the answer to the next request",
        rules.UNASKED,
        send(alpha),
        asked("a"),
        answers("a", ok(b"alpha"), ok(b"smuggled")),
        expect(body=b"alpha"),
        *exchange(bravo, ok(b"bravo")),
    ),
    case(
        "a body behind the answer to HEAD is not the next answer",
        rules.UNASKED,
        send(get(b"/", method=b"HEAD")),
        asked("a"),
        answers("a", head(ANSWER, b"Content-Length: 40") + bytes(ok(b""))),
        expect(status=200),
        *exchange(bravo, ok(b"bravo")),
    ),
    case(
        "a body behind 304 is not the next answer",
        rules.UNASKED,
        send(alpha),
        asked("a"),
        answers("a", head(b"HTTP/1.1 304 Not Modified", b"Content-Length: 40") + bytes(ok(b""))),
        expect(status=304),
        *exchange(bravo, ok(b"bravo")),
    ),
)

STAGE = Stage(
    name="proxy/framing",
    title="what can be read in two ways reaches nobody",
    asks="Refuse every request whose end, or whose meaning, the upstream could see elsewhere than "
    "you. Do the same with answers: those that could be read in two ways become 502.",
    given="What an HTTP/1.1 server has to refuse with 400 is refused and never reaches an "
    "upstream. Heads are bounded: one of 8 KiB passes, one of 128 KiB gets 431, a target of 64 KiB "
    "414.",
    goals=(
        "bound it: heads and chunk lines have a limit",
        "frame it: one signal says where a body ends; two that could disagree are an error",
        "parse it: numbers are digits and nothing else, lines end with CR LF, names are tokens",
        "decide: when in doubt, refuse; do not pass on what you had to guess",
        "recover: a connection on which the next message cannot be found is closed",
    ),
    hints=(
        "Whatever you pass on is read once more, by a program that you do not know. What of it "
        "could it read in another way?",
        "Parse strictly, and write the framing anew from what you understood instead of copying "
        "the lines: one Content-Length, or chunked and no Content-Length. Refuse before anything "
        "is sent. From the upstream: a second answer, octets behind an answer without a body, or "
        "chunks that break off make the connection useless; close it and take another.",
        "if transfer_encoding and content_length: refuse(400)\n"
        "if transfer_encoding and transfer_encoding.lower() != b'chunked': refuse(400 or 501)\n"
        "if not re.fullmatch(rb'[0-9]+', content_length): refuse(400), from an upstream 502\n"
        "before reusing a connection: if anything has come on it, close it",
    ),
    codec=Wire,
    far=(A,),
    ways=BOTH,
    cases=(*REQUESTS, *ANSWERS),
)
