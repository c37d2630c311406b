"""Where answers end, for the load generator: the same answer whole and in any pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.net.load import Answer, Asked
from cutaway.topics.cache.load import REMEMBERED, plug_for
from cutaway.wire import WireError

URL = "redis://127.0.0.1:6379"

CASES = [
    (b"+OK\r\n", Answer("OK")),
    (b"+PONG\r\n", Answer("PONG")),
    (b"+\r\n", Answer("empty")),
    (b"-ERR unknown command\r\n", Answer("ERR", ok=False)),
    (b"-WRONGTYPE Operation\r\n", Answer("WRONGTYPE", ok=False)),
    (b"!9\r\nERR wrong\r\n", Answer("error", ok=False)),
    (b":12\r\n", Answer("integer")),
    (b"$5\r\nalpha\r\n", Answer("string")),
    (b"$0\r\n\r\n", Answer("string")),
    (b"$4\r\na\r\nb\r\n", Answer("string")),
    (b"$-1\r\n", Answer("nothing")),
    (b"*-1\r\n", Answer("nothing")),
    (b"_\r\n", Answer("nothing")),
    (b"*0\r\n", Answer("array")),
    (b"*3\r\n$1\r\na\r\n$-1\r\n*2\r\n:1\r\n*0\r\n", Answer("array")),
    (b"*1\r\n-ERR inside\r\n", Answer("array")),
    (b"%2\r\n+a\r\n:1\r\n+b\r\n~1\r\n#t\r\n", Answer("map")),
    (b"|1\r\n+ttl\r\n:9\r\n$1\r\na\r\n", Answer("attribute")),
    (b"=7\r\ntxt:abc\r\n", Answer("string")),
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
    assert fed([octets] * 3 + [octets[:3], octets[3:], octets], reader) == [answer] * 5


@given(st.lists(st.sampled_from([octets for octets, _ in CASES]), max_size=4), st.data())
def test_answers_one_after_the_other_do_not_disturb_each_other(
    many: list[bytes], data: st.DataObject
) -> None:
    reader, known = plug_for(Asked(URL)).reader(), dict(CASES)
    for octets in many:
        cut = data.draw(st.integers(1, len(octets)))
        pieces = [piece for piece in (octets[:cut], octets[cut:]) if piece]
        assert fed(pieces, reader) == [known[octets]]


def test_octets_that_nobody_asked_for_end_the_connection() -> None:
    reader = plug_for(Asked(URL)).reader()
    assert fed([b"+OK\r\n", b"+OK\r\n+OK\r\n"], reader) == [Answer("OK"), Answer("OK", keep=False)]


def test_an_answer_that_is_cut_off_is_none() -> None:
    reader = plug_for(Asked(URL)).reader()
    assert fed([b"$5\r\nalpha\r"], reader) == []
    assert reader.end() is None


@pytest.mark.parametrize(
    "octets",
    [
        b"HTTP/1.1 400 Bad Request\r\n",
        b"$5\r\nalphaX\r",
        b"$x\r\n",
        b"$-2\r\n",
        b":1.5\r\n",
        b"*2\r\n:1\r\nx",
        b"+" + bytes(70_000),
    ],
)
def test_what_is_no_answer_is_an_error(octets: bytes) -> None:
    with pytest.raises(WireError):
        fed([octets])


def test_a_string_of_any_size_and_a_list_of_any_length_are_not_kept() -> None:
    reader = plug_for(Asked(URL)).reader()
    assert reader.feed(b"*1000000\r\n$90000000\r\n") is None
    for _ in range(90):
        assert reader.feed(bytes(1_000_000)) is None
        assert len(reader.kept) == 0
    assert reader.feed(b"\r\n" + b":1\r\n" * 9999) is None
    assert len(reader.kept) == 0
    assert reader.left == 990_000


def test_answers_that_differ_each_time_are_not_remembered_forever() -> None:
    plug = plug_for(Asked(URL))
    reader = plug.reader()
    for number in range(5 * REMEMBERED):
        assert reader.feed(b":%d\r\n" % number) == Answer("integer")
    assert len(plug.memory) <= REMEMBERED


REQUESTS = [
    (Asked(URL), b"*1\r\n$4\r\nPING\r\n"),
    (Asked(URL + "/"), b"*1\r\n$4\r\nPING\r\n"),
    (Asked(URL + "/GET/a%2Fb%20c"), b"*2\r\n$3\r\nGET\r\n$5\r\na/b c\r\n"),
    (Asked(URL + "/get/a{10}"), b"*2\r\n$3\r\nget\r\n$2\r\na7\r\n"),
    (Asked(URL + "/get/%7B10%7D"), b"*2\r\n$3\r\nget\r\n$4\r\n{10}\r\n"),
    (Asked(URL + "/SET/a/"), b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$0\r\n\r\n"),
    (Asked(URL + "/SET/a", body=b"\r\n\0"), b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$3\r\n\r\n\0\r\n"),
]


@pytest.mark.parametrize(("asked", "octets"), REQUESTS)
def test_the_command_is_what_was_asked_for(asked: Asked, octets: bytes) -> None:
    assert plug_for(asked).request(17) == octets


def test_a_number_in_braces_counts_up_and_begins_anew() -> None:
    plug = plug_for(Asked(URL + "/GET/{3}"))
    assert [plug.request(number)[-3:-2] for number in range(5)] == [b"0", b"1", b"2", b"0", b"1"]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (Asked(URL, method="GET"), "no methods"),
        (Asked(URL, headers=(("A", "b"),)), "no headers"),
        (Asked(URL + "/GET/a?b"), "%3F"),
        (Asked(URL + "/GET/a#b"), "%23"),
        (Asked("redis://user:secret@127.0.0.1/PING"), "password"),
        (Asked(URL + "/subscribe/news"), "more than once"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_a_sentence(asked: Asked, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        plug_for(asked)
