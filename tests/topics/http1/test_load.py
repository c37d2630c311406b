"""Where answers end, for the load generator: the same answer whole and in any pieces."""

import pytest

from cutaway.net.load import Answer, Asked
from cutaway.topics.http1.load import REMEMBERED, plug_for
from cutaway.wire import WireError

URL = "http://127.0.0.1:8080/echo/a"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nalpha"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n"

CASES = [
    (OK, Answer("200")),
    (CHUNKED, Answer("200")),
    (b"HTTP/1.1 204 No Content\r\n\r\n", Answer("204")),
    (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", Answer("404", ok=False)),
    (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, Answer("200")),
    (OK.replace(b"\r\nC", b"\r\nConnection: close\r\nC"), Answer("200", keep=False)),
    (OK.replace(b"1.1", b"1.0"), Answer("200", keep=False)),
    (
        OK.replace(b"1.1", b"1.0").replace(b"\r\nC", b"\r\nConnection: keep-alive\r\nC"),
        Answer("200"),
    ),
]


def fed(pieces: list[bytes], reader=None) -> list[Answer]:
    reader = reader or plug_for(Asked(URL)).reader()
    return [answer for answer in map(reader.feed, pieces) if answer]


@pytest.mark.parametrize(("octets", "answer"), CASES)
def test_an_answer_is_found_whole_in_pieces_and_again(octets: bytes, answer: Answer) -> None:
    assert fed([octets]) == [answer]
    assert fed([octets[i : i + 1] for i in range(len(octets))]) == [answer]
    for cut in range(1, len(octets)):
        assert fed([octets[:cut], octets[cut:]]) == [answer]
    reader = plug_for(Asked(URL)).reader()
    assert fed([octets] * 3 + [octets[:7], octets[7:]], reader) == [answer] * 4


@pytest.mark.parametrize("octets", [OK, CHUNKED])
def test_octets_that_nobody_asked_for_end_the_connection(octets: bytes) -> None:
    assert fed([octets + b"H"]) == [Answer("200", keep=False)]


def test_octets_behind_an_answer_that_is_remembered_are_seen_too() -> None:
    assert fed([OK, OK + b"H"]) == [Answer("200"), Answer("200", keep=False)]


def test_a_body_without_a_length_ends_with_the_connection() -> None:
    reader = plug_for(Asked(URL)).reader()
    assert fed([b"HTTP/1.1 200 OK\r\n\r\nsome", b"more"], reader) == []
    assert reader.end() == Answer("200", keep=False)


def test_a_body_that_is_cut_off_is_no_answer() -> None:
    reader = plug_for(Asked(URL)).reader()
    assert fed([OK[:-1]], reader) == []
    assert reader.end() is None


def test_an_answer_to_head_has_no_body() -> None:
    reader = plug_for(Asked(URL, method="HEAD")).reader()
    assert fed([OK[:-5]], reader) == [Answer("200")]


@pytest.mark.parametrize(
    "octets",
    [
        b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    ],
)
def test_what_is_no_answer_is_an_error(octets: bytes) -> None:
    with pytest.raises(WireError):
        fed([octets])


def test_heads_that_differ_each_time_are_not_kept_forever() -> None:
    plug = plug_for(Asked(URL))
    reader = plug.reader()
    for number in range(5 * REMEMBERED):
        assert reader.feed(b"HTTP/1.1 200 OK\r\nX: %d\r\nContent-Length: 0\r\n\r\n" % number)
    assert len(plug.memory) <= REMEMBERED


def test_a_body_of_any_size_is_not_kept() -> None:
    reader = plug_for(Asked(URL)).reader()
    assert reader.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 90000000\r\n\r\n") is None
    for _ in range(89):
        assert reader.feed(bytes(1_000_000)) is None
        assert len(reader.kept) == 0
    assert reader.feed(bytes(1_000_000)) == Answer("200")


REQUESTS = [
    (Asked(URL), b"GET /echo/a HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n"),
    (Asked("http://localhost"), b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    (Asked("http://a/b c?d=e f#g"), b"GET /b%20c?d=e%20f HTTP/1.1\r\nHost: a\r\n\r\n"),
    (Asked("http://a/%41"), b"GET /%41 HTTP/1.1\r\nHost: a\r\n\r\n"),
    (
        Asked("http://a/", body=b"xy"),
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nxy",
    ),
    (
        Asked("http://a/", "PUT", (("host", "b"), ("X", "y"))),
        b"PUT / HTTP/1.1\r\nhost: b\r\nX: y\r\nContent-Length: 0\r\n\r\n",
    ),
]


@pytest.mark.parametrize(("asked", "octets"), REQUESTS)
def test_the_request_is_what_was_asked_for(asked: Asked, octets: bytes) -> None:
    assert plug_for(asked).request(7) == octets


def test_a_request_that_says_close_uses_its_connection_once() -> None:
    reader = plug_for(Asked(URL, headers=(("Connection", "close"),))).reader()
    assert fed([OK], reader) == [Answer("200", keep=False)]


@pytest.mark.parametrize(
    "asked",
    [
        Asked(URL, method="GE T"),
        Asked(URL, headers=(("A b", "c"),)),
        Asked(URL, headers=(("A", "b\r\nC: d"),)),
        Asked(URL, headers=(("A", "€"),)),
    ],
)
def test_what_cannot_be_sent_is_refused_with_a_sentence(asked: Asked) -> None:
    with pytest.raises(ValueError, match="is no"):
        plug_for(asked)
