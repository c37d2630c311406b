"""What two programs could read in two ways is refused.

    Content-Length: 44              one reads 44 octets and sees one request,
    Transfer-Encoding: chunked      the other reads to the chunk of size 0 and sees two

Behind most requests here stands one more, /echo/smuggled, in the same write. Whoever answers it has
found a request where another program would have seen a body, or has gone on reading behind octets
that it could not read.

What the specification allows is accepted: it lets a server take a bare LF for a line end (RFC 9112
§2.2, start line and field lines only), join folded lines, turn NUL and bare CR into spaces, count
equal lengths once, and refuse each of these. A case then asks for what both ways have in common.

Left out: how soon. A refusal may come at the octet that is wrong or at the end of the head.
"""

from ....grade.matchers import Matcher, between, one_of
from ....grade.stage import BOTH, Case, Stage, case
from ....grade.steps import close, closes, expect, half_close, send
from ....grade.verdict import Rule
from .. import rules
from ..codec import Http1
from .messages import (
    HOST,
    POST,
    alpha,
    bravo,
    chunked,
    get,
    head,
    never,
    smuggled,
    without_line,
)

GET = b"GET /echo/alpha HTTP/1.1"
LIST = b"GET /headers HTTP/1.1"
CHUNKED = b"Transfer-Encoding: chunked"
CHUNKS = b"5\r\nalpha\r\n0\r\n\r\n"
TOO_LARGE = one_of(400, 413)
UNKNOWN_CODING = one_of(400, 501)
OTHER_VERSION = one_of(400, 505)


def refused(name: str, rule: Rule, data: bytes, status: object = 400) -> Case:
    """An error answer, then the close; what follows in the same write is not answered."""
    return case(name, rule, send(data, smuggled), expect(status=status), closes())


def answered(name: str, rule: Rule, data: bytes, status: object = 400) -> Case:
    """An answer with this status. Whether the connection goes on is left to the server."""
    return case(name, rule, send(data), expect(status=status))


def length(name: str, value: bytes, rule: Rule) -> Case:
    return refused(name, rule, head(POST, HOST, b"Content-Length:" + value) + b"alpha")


def coding(name: str, rule: Rule, *lines: bytes) -> Case:
    return refused(name, rule, head(POST, HOST, *lines) + CHUNKS, UNKNOWN_CODING)


def chunk(name: str, rule: Rule, chunks: bytes, status: object = 400) -> Case:
    return refused(name, rule, chunked(chunks), status)


def overflow(name: str, size: bytes) -> Case:
    """Refused, or waited for: then the end of what we send leaves the body incomplete."""
    return case(
        name,
        rules.CHUNK_OVERFLOW,
        send(chunked(size + b"\r\nalpha\r\n0\r\n\r\n"), smuggled),
        half_close(),
        expect(status=TOO_LARGE, or_close=True),
        closes(),
    )


def overlong(name: str, value: bytes) -> Case:
    """Refused. Such a length is well-formed, so what follows may be read as body and dropped."""
    return case(
        name,
        rules.LENGTH_OVERFLOW,
        send(head(POST, HOST, b"Content-Length: " + value) + b"alpha", smuggled),
        expect(status=TOO_LARGE),
        half_close(),
        closes(),
    )


def never_listed(name: str, rule: Rule, body: Matcher, *lines: bytes) -> Case:
    """Refused, or listed without what `body` forbids."""
    return answered_with(name, rule, head(LIST, *lines), body)


def answered_with(name: str, rule: Rule, data: bytes, body: Matcher) -> Case:
    return case(name, rule, send(data), expect(status=one_of(200, 400), body=body))


LENGTHS = (
    refused(
        "behind Content-Length and Transfer-Encoding nothing is answered",
        rules.BOTH_CLOSE,
        head(POST, HOST, b"Content-Length: 5", CHUNKED) + CHUNKS,
        one_of(200, 400),
    ),
    refused(
        "Content-Length and Transfer-Encoding together are refused",
        rules.BOTH_LENGTHS,
        head(POST, HOST, b"Content-Length: 5", CHUNKED) + CHUNKS,
    ),
    refused(
        "the same in the other order",
        rules.BOTH_LENGTHS,
        head(POST, HOST, CHUNKED, b"Content-Length: 15") + CHUNKS,
    ),
    refused(
        "two lengths that differ",
        rules.LENGTHS_DISAGREE,
        head(POST, HOST, b"Content-Length: 5", b"Content-Length: 6") + b"alpha",
    ),
    refused(
        "two lengths that differ, on one line",
        rules.LENGTHS_DISAGREE,
        head(POST, HOST, b"Content-Length: 5, 6") + b"alpha",
    ),
    case(
        "two lengths that are the same",
        rules.LENGTHS_AGREE,
        send(head(POST, HOST, b"Content-Length: 5", b"Content-Length: 5"), b"alpha", bravo),
        expect(status=one_of(200, 400)),
        expect(body=b"bravo", or_close=True),
    ),
    length("a length with a plus sign", b" +5", rules.LENGTH_DIGITS),
    length("a length with a minus sign", b" -5", rules.LENGTH_DIGITS),
    length("a length with an underscore", b" 0_5", rules.LENGTH_DIGITS),
    length("a length in hexadecimal", b" 0x5", rules.LENGTH_DIGITS),
    length("a length with a fraction", b" 5.0", rules.LENGTH_DIGITS),
    length("a length of two numbers", b" 5 5", rules.LENGTH_DIGITS),
    length("a length in digits of another script", "\uff15".encode(), rules.LENGTH_DIGITS),
    length("an empty length", b"", rules.LENGTH_DIGITS),
    overlong("a length of 2^63", b"9223372036854775808"),
    overlong("a length that is 5 in 64 bits", b"18446744073709551621"),
)

CODINGS = (
    coding("a coding that is not chunked", rules.NOT_FINAL, b"Transfer-Encoding: gzip"),
    coding("chunked that is not the last", rules.NOT_FINAL, b"Transfer-Encoding: chunked, gzip"),
    coding("a coding that only ends like it", rules.NOT_FINAL, b"Transfer-Encoding: xchunked"),
    coding("identity, which is no coding", rules.NOT_FINAL, b"Transfer-Encoding: identity"),
    coding("chunked twice", rules.CHUNKED_TWICE, CHUNKED, CHUNKED),
    answered(
        "a coding that is not known, and then chunked",
        rules.CODING_UNKNOWN,
        head(POST, HOST, b"Transfer-Encoding: x-odd, chunked") + CHUNKS,
        UNKNOWN_CODING,
    ),
    refused(
        "chunks in HTTP/1.0",
        rules.CODING_10,
        head(b"POST /echo HTTP/1.0", HOST, b"Connection: keep-alive", CHUNKED) + CHUNKS,
        one_of(200, 400, 411, 501),
    ),
)

SIZES = (
    chunk("a chunk size with a plus sign", rules.CHUNK_SIZE, b"+5\r\nalpha\r\n0\r\n\r\n"),
    chunk("a chunk size with a minus sign", rules.CHUNK_SIZE, b"-5\r\nalpha\r\n0\r\n\r\n"),
    chunk("a chunk size with 0x", rules.CHUNK_SIZE, b"0x5\r\nalpha\r\n0\r\n\r\n"),
    chunk("a chunk size with an underscore", rules.CHUNK_SIZE, b"0_5\r\nalpha\r\n0\r\n\r\n"),
    chunk("a chunk size with a space ahead", rules.CHUNK_SIZE, b" 5\r\nalpha\r\n0\r\n\r\n"),
    chunk("a chunk size with a space inside", rules.CHUNK_SIZE, b"0 5\r\nalpha\r\n0\r\n\r\n"),
    chunk("an empty chunk size", rules.CHUNK_SIZE, b"\r\nalpha\r\n0\r\n\r\n"),
    chunk("an extension without a size", rules.CHUNK_SIZE, b";a=b\r\nalpha\r\n0\r\n\r\n"),
    overflow("a chunk size that is 5 in 32 bits", b"100000005"),
    overflow("a chunk size that is 5 in 64 bits", b"10000000000000005"),
    overflow("a chunk size that is -1 in 64 bits", b"ffffffffffffffff"),
    chunk("two other octets where CR LF should be", rules.CHUNK_CRLF, b"5\r\nalphaxx0\r\n\r\n"),
    chunk("data longer than its size", rules.CHUNK_CRLF, b"5\r\nalphabet\r\n0\r\n\r\n"),
    chunk("data without CR LF behind it", rules.CHUNK_CRLF, b"5\r\nalpha0\r\n\r\n"),
    chunk("data with a bare LF behind it", rules.CHUNK_CRLF, b"5\r\nalpha\n0\r\n\r\n"),
    chunk("a size line that ends with LF", rules.CHUNK_CRLF, b"5\nalpha\r\n0\r\n\r\n"),
    chunk("an LF inside an extension", rules.CHUNK_CRLF, b"5;a\nalpha\r\n0\r\n\r\n"),
    chunk("a size line that ends with CR", rules.CHUNK_CRLF, b"5\ralpha\r\n0\r\n\r\n"),
)

FIELDS = (
    refused(
        "a space between name and colon",
        rules.SPACE_BEFORE_COLON,
        head(GET, HOST, b"X-Probe : alpha"),
    ),
    refused(
        "a tab between Transfer-Encoding and colon",
        rules.SPACE_BEFORE_COLON,
        head(POST, HOST, b"Transfer-Encoding\t: chunked") + CHUNKS,
    ),
    never_listed(
        "a folded line is no field",
        rules.FOLD,
        without_line(b"x-smuggled:"),
        HOST,
        b"X-Probe: alpha",
        b" X-Smuggled: yes",
    ),
    never_listed(
        "a line with a space ahead of all fields is no field",
        rules.SPACE_FIRST,
        without_line(b"x-smuggled:"),
        b" X-Smuggled: yes",
        HOST,
    ),
    never_listed(
        "NUL does not stay in a value",
        rules.NUL,
        never(b"\0", "no NUL"),
        HOST,
        b"X-Probe: al\0pha",
    ),
    never_listed(
        "a bare CR does not end a line, and does not stay",
        rules.BARE_CR,
        without_line(b"x-smuggled:"),
        HOST,
        b"X-Probe: alpha\rX-Smuggled: yes",
    ),
    never_listed(
        "a bare LF does not stay in a value",
        rules.BARE_LF,
        Matcher("no value with LF in it", lambda found: b"\nX-Mixed" not in found),
        HOST,
        b"X-Probe: alpha\nX-Mixed: yes",
    ),
    refused("an empty field name", rules.FIELD_NAME, head(GET, HOST, b": alpha")),
    refused("a field line without a colon", rules.FIELD_NAME, head(GET, HOST, b"X-Probe")),
    refused("a space inside a name", rules.FIELD_NAME, head(GET, HOST, b"X Probe: alpha")),
    refused("a bracket in a name", rules.FIELD_NAME, head(GET, HOST, b"X(Probe): alpha")),
    refused("NUL in a name", rules.FIELD_NAME, head(GET, HOST, b"X-Pro\0be: alpha")),
    answered("no Host", rules.HOST, head(GET)),
    answered("two Hosts", rules.ONE_HOST, head(GET, HOST, b"Host: other")),
    answered("the same Host twice", rules.ONE_HOST, head(GET, HOST, HOST)),
    answered("a Host with a space in it", rules.VALID_HOST, head(GET, b"Host: local host")),
    answered("a Host with a path", rules.VALID_HOST, head(GET, b"Host: localhost/echo")),
)

LINES = (
    refused("a request line of one word", rules.REQUEST_LINE, b"hello\r\n\r\n"),
    refused("a request line without a version", rules.REQUEST_LINE, head(b"GET /echo/alpha", HOST)),
    refused(
        "a space inside the target",
        rules.REQUEST_LINE,
        head(b"GET /echo/alpha bravo HTTP/1.1", HOST),
    ),
    answered(
        "a method that is no token",
        rules.NO_TOKEN,
        head(b"GE(T) / HTTP/1.1", HOST),
        UNKNOWN_CODING,
    ),
    answered(
        "a target without a slash",
        rules.TARGET_FORM,
        head(b"GET echo/alpha HTTP/1.1", HOST),
        one_of(400, 404),
    ),
    answered(
        "NUL in the target",
        rules.TARGET_FORM,
        head(b"GET /echo/al\0pha HTTP/1.1", HOST),
        one_of(400, 404),
    ),
    answered(
        "a percent sign without digits",
        rules.PERCENT,
        head(b"GET /echo/%zz HTTP/1.1", HOST),
        one_of(400, 404),
    ),
    answered(
        "a percent sign with one digit",
        rules.PERCENT,
        head(b"GET /echo/al%4 HTTP/1.1", HOST),
        one_of(400, 404),
    ),
    answered(
        "HTTP/2.0 in a request line",
        rules.MAJOR_VERSION,
        head(b"GET / HTTP/2.0", HOST),
        OTHER_VERSION,
    ),
    answered(
        "http/1.1 in small letters", rules.VERSION, head(b"GET / http/1.1", HOST), OTHER_VERSION
    ),
    answered("a version of one digit", rules.VERSION, head(b"GET / HTTP/1", HOST), OTHER_VERSION),
    answered(
        "a version with more behind it",
        rules.VERSION,
        head(b"GET / HTTP/1.1x", HOST),
        OTHER_VERSION,
    ),
)

ACCEPTED = (
    case(
        "a target in absolute-form is accepted",
        rules.ABSOLUTE,
        send(get(b"http://localhost/echo/alpha"), get(b"HTTP://other:8080/echo/bravo?x=1")),
        expect(status=200, body=b"alpha"),
        expect(status=200, body=b"bravo"),
    ),
    case(
        "OPTIONS * is answered",
        rules.ASTERISK,
        send(get(b"*", method=b"OPTIONS"), bravo),
        expect(status=between(200, 299, "2xx")),
        expect(body=b"bravo"),
    ),
    case(
        "a good request ahead of a bad one is answered",
        rules.PIPELINE,
        send(alpha, b"hello\r\n\r\n", smuggled),
        expect(status=200, body=b"alpha"),
        expect(status=400, or_close=True),
        closes(),
    ),
    case(
        "the next client is served after a refusal",
        rules.NEXT_CLIENT,
        send(b"hello\r\n\r\n"),
        expect(status=400, or_close=True),
        close(),
        send(alpha),
        expect(status=200, body=b"alpha"),
    ),
)

STAGE = Stage(
    name="http1/refusals",
    title="what can be read in two ways is refused",
    asks="Refuse every request whose end, or whose meaning, another program could see elsewhere: "
    "answer 400 and close, and do not look at what follows.",
    given="A framing conflict is refused with 400 and a close. OPTIONS * is answered with any 2xx, "
    "and targets in absolute-form are accepted.",
    goals=(
        "frame it: one signal says where the body ends; two that could disagree are an error",
        "parse it: numbers are digits and nothing else, lines end with CR LF, names are tokens",
        "decide: when in doubt, refuse; do not repair",
        "answer: 400, Connection: close, and then the close",
        "recover: nothing behind the fault is a request",
    ),
    hints=(
        "Ask of every lenient function in your parser what else it takes: +5, 1_0, white space.",
        "Check with your own eyes that each octet is a digit before you call a function that makes "
        "a number of it. Look at all lines of a name, not at the first or the last. A parser that "
        "knows the grammar of a line (token, colon, value) refuses most of this by itself. Once a "
        "request is refused, the place where the next one begins is unknown.",
        "if transfer_encoding and content_length: refuse(400)\n"
        "if not re.fullmatch(rb'[0-9]+', length): refuse(400)\n"
        "if not re.fullmatch(rb'[0-9A-Fa-f]+', size): refuse(400)\n"
        "refuse: send(400, Connection: close); half-close; read and drop for a moment; close",
    ),
    codec=Http1,
    ways=BOTH,
    insight=True,
    cases=(*LENGTHS, *CODINGS, *SIZES, *FIELDS, *LINES, *ACCEPTED),
)
