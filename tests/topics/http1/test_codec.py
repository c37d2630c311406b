"""The codec: what is read from which bytes, what is refused at which byte, and how it is written."""

import time

import pytest

from cutaway.topics.http1 import grammar
from cutaway.topics.http1.codec import Http1
from cutaway.topics.http1.heads import Limits, read_request_head
from cutaway.topics.http1.messages import Request, Response
from cutaway.wire import Annotator, Feed, Malformed, NeedMore, Reader, Refused, annotated
from cutaway.wire.contract import check_codec

HOST = b"GET / HTTP/1.1\r\nHost: a\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


def to_server(r: Reader) -> Request:
    return Http1().to_server(r)


def to_client(r: Reader) -> Response:
    return Http1().to_client(r)


REQUESTS = [
    # RFC 9112 §3.2.1, §3.2.2, §3.2.3, §3.2.4
    b"GET /where?q=now HTTP/1.1\r\nHost: www.example.org\r\n\r\n",
    b"GET http://www.example.org/pub/WWW/TheProject.html HTTP/1.1\r\nHost: www.example.org\r\n\r\n",
    b"CONNECT www.example.com:80 HTTP/1.1\r\nHost: www.example.com\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: www.example.org:8001\r\n\r\n",
    # RFC 9110 §9.3.8, §10.1.1
    b"PUT /somewhere/fun HTTP/1.1\r\nHost: origin.example.com\r\nContent-Length: 5\r\n"
    b"Expect: 100-continue\r\n\r\nalpha",
    b"GET / HTTP/1.0\r\n\r\n",
    b"M-SEARCH * HTTP/1.1\r\nHost: \r\nX: \xe9\r\n\r\n",
    CHUNKED + b"5\r\nalpha\r\n3\r\nabc\r\n0\r\n\r\n",
    CHUNKED + b"1a\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\nX-Sum: 1\r\nX-Sum: 2\r\n\r\n",
    CHUNKED + b"0\r\n\r\n",
    HOST + b"Content-Length: 4\r\n\r\n\r\n\r\n",
]
RESPONSES = [
    # RFC 9110 §15.2, RFC 9112 §4
    b"HTTP/1.1 200 OK\r\nDate: Mon, 27 Jul 2009 12:28:53 GMT\r\nServer: Apache\r\n"
    b'ETag: "34aa387-d-1568eb00"\r\nContent-Length: 14\r\nVary: Accept-Encoding\r\n\r\nHello World!\r\n',
    b"HTTP/1.1 204 \r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nchunk 0\r\n0\r\n\r\n",
]


def test_requests_hold_the_contract_of_codecs() -> None:
    check_codec(to_server, REQUESTS, bytes)


def test_responses_hold_the_contract_of_codecs() -> None:
    check_codec(to_client, RESPONSES, bytes)


@pytest.mark.parametrize(
    ("octets", "message"),
    [
        (
            b"\r\nGET / HTTP/1.1\r\nHOST:\t a b \t\r\nhost:\r\n\r\n",
            Request(fields=((b"HOST", b"a b"), (b"host", b"")), framing="none"),
        ),
        (
            HOST + b"Content-Length: 5\r\nContent-Length: 5, 05\r\n\r\nalpha",
            Request(
                fields=(
                    (b"Host", b"a"),
                    (b"Content-Length", b"5"),
                    (b"Content-Length", b"5, 05"),
                ),
                body=b"alpha",
                framing="length",
            ),
        ),
        (
            CHUNKED + b'05;a;b = c;d="x\\"y"\r\nalpha\r\n000;z\r\nT: 1\r\n\r\n',
            Request(
                method=b"POST",
                fields=((b"Host", b"a"), (b"Transfer-Encoding", b"chunked")),
                body=b"alpha",
                trailers=((b"T", b"1"),),
                framing="chunked",
                chunk_sizes=(5,),
            ),
        ),
    ],
)
def test_lenient_forms_that_the_grammar_has_are_read(octets: bytes, message: Request) -> None:
    assert to_server(Reader(octets)) == message


# (octets, field, offset, part of the sentence, section)
BROKEN_HEADS = [
    (b"GET / HTTP/1.1\nHost: a\n\n", "line-end", 14, "bare LF", "RFC 9112 §2.2"),
    (HOST + b"X: a\nY: b\r\n\r\n", "line-end", 29, "bare LF", "RFC 9112 §2.2"),
    (HOST + b"X: a\rb\r\n\r\n", "line-end", 29, "bare CR", "RFC 9112 §2.2"),
    (HOST + b"X: a\x00b\r\n\r\n", "line-end", 29, "NUL", "RFC 9110 §5.5"),
    (HOST + b"X: a\x7f\r\n\r\n", "line-end", 29, "control", "RFC 9110 §5.5"),
    (HOST + b"X : a\r\n\r\n", "colon", 26, "white space", "RFC 9112 §5.1"),
    (HOST + b"X\t: a\r\n\r\n", "colon", 26, "white space", "RFC 9112 §5.1"),
    (HOST + b"X\r\n\r\n", "colon", 26, "no colon", "RFC 9112 §5"),
    (HOST + b"X(: a\r\n\r\n", "colon", 26, "directly", "RFC 9112 §5.1"),
    (HOST + b": a\r\n\r\n", "field-name", 25, "empty", "RFC 9110 §5.1"),
    (HOST + b"X: a\r\n b\r\n\r\n", "field-name", 31, "obs-fold", "RFC 9112 §5.2"),
    (b"GET / HTTP/1.1\r\n X: y\r\n\r\n", "field-name", 16, "before the first", "RFC 9112 §2.2"),
    (b"GET  / HTTP/1.1\r\n\r\n", "request-target", 4, "more than one space", "RFC 9112 §3"),
    (b"GET /  HTTP/1.1\r\n\r\n", "HTTP-version", 6, "more than one space", "RFC 9112 §3"),
    (b"GET /a b HTTP/1.1\r\n\r\n", "HTTP-version", 7, "a version is", "RFC 9112 §2.3"),
    (b"GET /\xe9 HTTP/1.1\r\n\r\n", "SP", 5, "have to follow the target", "RFC 9112 §3"),
    (b"GET / HTTP/1.1 \r\n\r\n", "line-end", 14, "does not end here", "RFC 9112 §2.2"),
    (b"GET / http/1.1\r\n\r\n", "HTTP-version", 6, "a version is", "RFC 9112 §2.3"),
    (b"GET / HTTP/11\r\n\r\n", "HTTP-version", 6, "a version is", "RFC 9112 §2.3"),
    (b"GET /\r\n\r\n", "SP", 5, "before it is complete", "RFC 9112 §3"),
    (b" GET / HTTP/1.1\r\n\r\n", "method", 0, "a token", "RFC 9110 §9"),
    (b"G@T / HTTP/1.1\r\n\r\n", "SP", 1, "follow the method", "RFC 9112 §3"),
    (b"\x16\x03\x01\x02\x00\x01", "method", 0, "control", "RFC 9110 §5.5"),
]
FRAMING = [
    ("Content-Length: +5", "Content-Length", 16, "decimal digits", "RFC 9110 §8.6"),
    ("Content-Length: 1_0", "Content-Length", 16, "decimal digits", "RFC 9110 §8.6"),
    ("Content-Length: 0x5", "Content-Length", 16, "decimal digits", "RFC 9110 §8.6"),
    ("Content-Length: 5,", "Content-Length", 16, "decimal digits", "RFC 9110 §8.6"),
    ("Content-Length: ", "Content-Length", 16, "decimal digits", "RFC 9110 §8.6"),
    ("Content-Length: \u00b2", "Content-Length", 16, "decimal digits", "RFC 9110 §8.6"),
    ("Content-Length: 5, 6", "Content-Length", 16, "different", "RFC 9112 §6.3"),
    ("Content-Length: 5\r\ncontent-length: 6", "Content-Length", 35, "different", "RFC 9112 §6.3"),
    (
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        *("Content-Length", 44, "both claim", "RFC 9112 §6.3"),
    ),
    ("Transfer-Encoding: xchunked", "Transfer-Encoding", 19, "not the final", "RFC 9112 §6.3"),
    ("Transfer-Encoding: chunked, gzip", "Transfer-Encoding", 19, "not the final", "RFC 9112 §6.3"),
    ("Transfer-Encoding: identity", "Transfer-Encoding", 19, "not the final", "RFC 9112 §6.3"),
    ("Transfer-Encoding: ", "Transfer-Encoding", 19, "not the final", "RFC 9112 §6.3"),
    ("Transfer-Encoding: chunked, chunked", "Transfer-Encoding", 19, "once", "RFC 9112 §6.1"),
]
BROKEN_CHUNKS = [
    (b"+5\r\nalpha\r\n", "chunk-size", 0, "hexadecimal", "RFC 9112 §7.1"),
    (b"-1\r\n", "chunk-size", 0, "hexadecimal", "RFC 9112 §7.1"),
    (b"\r\n", "chunk-size", 0, "hexadecimal", "RFC 9112 §7.1"),
    (b"0x5\r\n", "chunk-ext", 1, "only extensions", "RFC 9112 §7.1.1"),
    (b"1_0\r\n", "chunk-ext", 1, "only extensions", "RFC 9112 §7.1.1"),
    (b"5 \r\n", "chunk-ext", 1, "only extensions", "RFC 9112 §7.1.1"),
    (b"5;\r\n", "chunk-ext", 1, "only extensions", "RFC 9112 §7.1.1"),
    (b"5\nalpha", "line-end", 1, "bare LF", "RFC 9112 §2.2"),
    (b"10000000000000000\r\n", "chunk-size", 16, "64 bits", "RFC 9112 §7.1"),
    (b"5\r\nalphaX", "chunk-end", 8, "CR LF has to follow", "RFC 9112 §7.1"),
    (b"5\r\nalpha\n", "chunk-end", 8, "CR LF has to follow", "RFC 9112 §7.1"),
    (b"0\r\nX : y\r\n\r\n", "colon", 4, "white space", "RFC 9112 §5.1"),
    (b"0\r\nX: y\n", "line-end", 7, "bare LF", "RFC 9112 §2.2"),
]
REFUSED_REQUESTS = [
    *BROKEN_HEADS,
    *(
        (HOST + lines.encode() + b"\r\n\r\nalpha", field, len(HOST) + at, why, spec)
        for lines, field, at, why, spec in FRAMING
    ),
    *(
        (CHUNKED + octets, field, len(CHUNKED) + at, why, spec)
        for octets, field, at, why, spec in BROKEN_CHUNKS
    ),
    (
        b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
        *("Transfer-Encoding", 36, "HTTP/1.0", "RFC 9112 §6.1"),
    ),
]
REFUSED_RESPONSES = [
    (b"HTTP/1.1 200\r\n\r\n", "SP", 12, "before it is complete", "RFC 9112 §4"),
    (b"HTTP/1.1 20 OK\r\n\r\n", "status-code", 9, "three digits", "RFC 9112 §4"),
    (b"HTTP/1.1 2000 OK\r\n\r\n", "status-code", 9, "three digits", "RFC 9112 §4"),
    (b"HTTP/1.1  200 OK\r\n\r\n", "status-code", 9, "three digits", "RFC 9112 §4"),
    (b"HTP/1.1 200 OK\r\n\r\n", "HTTP-version", 0, "a version is", "RFC 9112 §2.3"),
    (b"HTTP/1.1 200 OK\n\n", "line-end", 15, "bare LF", "RFC 9112 §2.2"),
    (
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        *("Content-Length", 33, "both claim", "RFC 9112 §6.3"),
    ),
]


def refusal(read: object, reader: Reader) -> Malformed:
    with pytest.raises(Malformed) as caught:
        read(reader)  # type: ignore[operator]
    return caught.value


@pytest.mark.parametrize("case", REFUSED_REQUESTS, ids=lambda case: repr(case[0][-30:]))
def test_a_broken_request_is_malformed_at_its_first_wrong_octet(case: tuple) -> None:
    octets, field, offset, why, spec = case
    for reader in (Reader(octets), Annotator(octets)):
        error = refusal(to_server, reader)
        assert (error.field.name, error.offset, error.spec) == (field, offset, spec)
        assert why in error.why


@pytest.mark.parametrize("case", REFUSED_RESPONSES, ids=lambda case: repr(case[0][-30:]))
def test_a_broken_response_is_malformed_at_its_first_wrong_octet(case: tuple) -> None:
    octets, field, offset, why, spec = case
    error = refusal(to_client, Reader(octets))
    assert (error.field.name, error.offset, error.spec) == (field, offset, spec)
    assert why in error.why


@pytest.mark.parametrize("case", BROKEN_HEADS, ids=lambda case: repr(case[0][-30:]))
def test_what_breaks_a_head_is_found_whatever_the_pieces(case: tuple) -> None:
    octets, field, offset, _, _ = case
    feed = Feed(to_server)

    def drip() -> None:
        for number in range(len(octets)):
            list(feed.receive(octets[number : number + 1]))

    with pytest.raises(Malformed) as caught:
        drip()
    assert (caught.value.field.name, caught.value.offset) == (field, offset)


@pytest.mark.parametrize("octet", [b"\n", b"\rx", b"\x00", b"\x1b"])
def test_an_octet_that_no_head_can_hold_is_refused_before_the_head_is_whole(octet: bytes) -> None:
    refusal(to_server, Reader(HOST + b"X: a" + octet))


@pytest.mark.parametrize("octets", [b"X", b"5x", b"+", b"\n", b"5\n", b"5\rx", b"1" * 17])
def test_what_cannot_become_a_chunk_line_is_refused_at_once(octets: bytes) -> None:
    refusal(to_server, Reader(CHUNKED + octets))


@pytest.mark.parametrize("octets", [b"5", b"5;", b"5 ", b'5;a="', b"5\r", b"1" * 16])
def test_what_can_become_a_chunk_line_is_waited_for(octets: bytes) -> None:
    with pytest.raises(NeedMore):
        to_server(Reader(CHUNKED + octets))


def test_a_length_past_63_bits_is_refused_and_one_below_is_waited_for() -> None:
    for length in (2**63, 10**30):
        with pytest.raises(Refused) as caught:
            to_server(Reader(HOST + b"Content-Length: %d\r\n\r\n" % length))
        assert caught.value.field is grammar.LENGTH
    with pytest.raises(NeedMore):
        to_server(Reader(HOST + b"Content-Length: %d\r\n\r\n" % (2**63 - 1)))


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(
    ("head", "field"),
    [
        (b"GET /" + b"a" * 200 + b" HTTP/1.1\r\nHost: a\r\n", grammar.TARGET),
        (HOST + b"X: " + b"a" * 300 + b"\r\n", grammar.HEADERS),
        (HOST + b"X: y\r\n" * 60, grammar.HEADERS),
    ],
)
def test_a_head_past_the_limits_is_refused_whole_or_not(
    head: bytes, field: object, whole: bool
) -> None:
    limits = Limits(target=100, head=250)
    with pytest.raises(Refused) as caught:
        read_request_head(Reader(head + b"\r\n" if whole else head), limits)
    assert caught.value.field is field


def test_a_header_block_of_1_mb_byte_by_byte_is_read_in_linear_time() -> None:
    line = b"X-Name: " + b"v" * 54 + b"\r\n"

    def seconds(octets: int) -> float:
        feed, head = Feed(to_server), HOST + line * (octets // len(line)) + b"\r\n"
        began = time.process_time()
        got = [m for at in range(len(head)) for m in feed.receive(head[at : at + 1])]
        assert len(got) == 1
        return time.process_time() - began

    small, large = seconds(1 << 17), seconds(1 << 20)
    assert large < 8 * small * 2.5, (small, large)


def test_ten_thousand_chunks_one_by_one_are_not_ten_thousand_looks_from_the_start() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    feed, got, looks = Feed(to_client), [], 0

    def counted(r: Reader) -> Response:
        nonlocal looks
        looks += 1
        return to_client(r)

    feed.read = counted
    for piece in [head, *(b"7\r\nchunk %d\r\n" % (i % 10) for i in range(10_000)), b"0\r\n\r\n"]:
        got += feed.receive(piece)
    assert len(got[0].chunk_sizes) == 10_000
    assert looks < 400


@pytest.mark.parametrize(
    ("method", "response", "framing", "body", "left"),
    [
        (b"HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "none", b"", b""),
        (b"GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "none", b"", b""),
        (b"GET", b"HTTP/1.1 204 No Content\r\n\r\nrest", "none", b"", b"rest"),
        (b"CONNECT", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nrest", "none", b"", b"rest"),
        (b"CONNECT", b"HTTP/1.1 403 No\r\nContent-Length: 4\r\n\r\nrest", "length", b"rest", b""),
        (
            b"GET",
            b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbodyrest",
            "length",
            b"body",
            b"rest",
        ),
    ],
)
def test_where_an_answer_ends_depends_on_its_question(
    method: bytes, response: bytes, framing: str, body: bytes, left: bytes
) -> None:
    codec = Http1()
    codec.assume(method)
    reader = Reader(response)
    got = codec.to_client(reader)
    assert (got.framing, got.body, reader.data[reader.pos :]) == (framing, body, left)


def test_answers_are_matched_to_questions_in_order_and_1xx_uses_up_none() -> None:
    codec = Http1()
    for method in (b"HEAD", b"GET"):
        codec.to_server(Reader(b"%s / HTTP/1.1\r\nHost: a\r\n\r\n" % method))
    reader = Reader(
        b"HTTP/1.1 100 Continue\r\n\r\n"
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nalpha"
    )
    got = [codec.to_client(reader) for _ in range(3)]
    assert [(one.status, one.body) for one in got] == [(100, b""), (200, b""), (200, b"alpha")]
    assert not codec.outstanding


def test_a_body_without_length_ends_with_the_connection() -> None:
    octets = b"HTTP/1.1 200 OK\r\n\r\nalpha"
    with pytest.raises(NeedMore):
        to_client(Reader(octets))
    got = Http1().at_end(Reader(octets))
    assert (got.body, got.framing) == (b"alpha", "close")


@pytest.mark.parametrize(
    "cut",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nalph",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nalpha\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"",
    ],
)
def test_the_end_of_the_connection_completes_nothing_that_was_cut(cut: bytes) -> None:
    with pytest.raises(NeedMore):
        Http1().at_end(Reader(cut))


LOCATED = (
    b"HTTP/1.1 200 OK\r\nETag: a\r\nX:\r\netag:  b \r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\nalpha\r\n3\r\nabc\r\n0\r\nSum: 1\r\n\r\n"
)


@pytest.mark.parametrize(
    ("name", "key", "value", "shown"),
    [
        ("status", None, 200, [b"200"]),
        ("version", None, b"HTTP/1.1", [b"HTTP/1.1"]),
        ("reason", None, b"OK", [b"OK"]),
        ("header", "ETAG", b"a, b", [b"a", b"b"]),
        ("header", "x", b"", [b""]),
        ("header", "Date", None, [b"\r\n"]),
        ("trailer", "sum", b"1", [b"1"]),
        ("trailer", "ETag", None, [b"\r\n"]),
        ("header", "Sum", None, [b"\r\n"]),
        ("body", None, b"alphaabc", [b"alpha", b"abc"]),
        ("framing", None, "chunked", [b"chunked"]),
    ],
)
def test_values_are_located(name: str, key: str | None, value: object, shown: list[bytes]) -> None:
    codec, a = Http1(), Annotator(RESPONSES[0] + LOCATED + RESPONSES[0])
    codec.to_client(a)
    start = a.pos
    message = codec.to_client(a)
    end = a.pos
    codec.to_client(a)
    got, place = codec.locate(a, message, name, key)
    assert (got, [a.data[s:e] for s, e in place]) == (value, shown)
    assert all(start <= s <= e <= end for s, e in place)


def test_what_a_message_does_not_have_has_no_place() -> None:
    codec, a = Http1(), Annotator(LOCATED)
    message = codec.to_client(a)
    for name in ("method", "target", "color"):
        with pytest.raises(KeyError):
            codec.locate(a, message, name, None)


def test_an_empty_body_is_at_the_end() -> None:
    codec, a = Http1(), Annotator(RESPONSES[1])
    message = codec.to_client(a)
    assert codec.locate(a, message, "body", None) == (b"", [(len(a.data), len(a.data))])


def test_known_names_are_explained_in_any_case() -> None:
    a = Annotator(b"GET / HTTP/1.1\r\nhOsT: a\r\nX-Mine: b\r\n\r\n")
    to_server(a)
    lines = annotated(a, width=160).splitlines()
    assert any("hOsT" in line and "which of this server's sites" in line for line in lines)
    assert any("X-Mine" in line and "the name of a field" in line for line in lines)


def test_a_message_in_chunks_of_its_own_is_written_so() -> None:
    message = Request(
        method=b"POST",
        fields=((b"Transfer-Encoding", b"chunked"),),
        body=b"alphaabc",
        chunk_sizes=(5,),
        trailers=((b"T", b"1"),),
    )
    assert bytes(message).endswith(b"\r\n\r\n5\r\nalpha\r\n3\r\nabc\r\n0\r\nT: 1\r\n\r\n")
