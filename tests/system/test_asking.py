"""Answers are found in octets however they arrive, and what is no answer is said to be none."""

import pytest

from cutaway.system.traffic.asking import Answers, NoAnswer, written

OK = b"HTTP/1.1 200 OK\r\n"
WHOLE = [
    (OK + b"Content-Length: 2\r\nETag: \"1\"\r\n\r\nhi", (200, b"hi", True)),
    (OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\nh\r\n1;x=y\r\ni\r\n0\r\n\r\n", (200, b"hi", True)),
    (OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX: y\r\n\r\n", (200, b"hi", True)),
    (b"HTTP/1.1 204 No Content\r\nETag: \"2\"\r\n\r\n", (204, b"", True)),
    (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 50\r\n\r\n", (304, b"", True)),
    (b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 0\r\n\r\n", (200, b"", True)),
    (b"HTTP/1.1 503\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", (503, b"", False)),
    (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", (200, b"hi", False)),
]  # fmt: skip


@pytest.mark.parametrize("size", [1, 7, 10_000])
@pytest.mark.parametrize(("octets", "said"), WHOLE)
def test_an_answer_is_found_in_pieces_of_any_size(octets, said, size):
    answers = Answers()
    found = [
        answer
        for at in range(0, len(octets), size)
        if (answer := answers.feed(octets[at : at + size])) is not None
    ]
    assert [(one.status, one.body, one.keep) for one in found] == [said]


def test_a_body_without_a_length_ends_with_the_connection():
    answers = Answers()
    assert answers.feed(OK + b"\r\nhi") is None
    answer = answers.end()
    assert (answer.status, answer.body, answer.keep) == (200, b"hi", False)


def test_a_connection_that_says_more_than_it_was_asked_is_not_used_again():
    assert not Answers().feed(OK + b"Content-Length: 2\r\n\r\nhi!").keep


def test_the_end_in_the_middle_of_an_answer_completes_nothing():
    answers = Answers()
    answers.feed(OK + b"Content-Length: 5\r\n\r\nhi")
    assert answers.end() is None


@pytest.mark.parametrize(
    "octets",
    [
        b"+OK\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        OK + b"Content-Length: +5\r\n\r\nhello",
        OK + b"Content-Length: 99999999999\r\n\r\n",
        OK + b"Bad header\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhiXX",
        OK + b"Transfer-Encoding: chunked\r\n\r\nffffffff\r\n",
        OK + b"X: " + b"y" * 70_000,
    ],
)
def test_what_is_no_answer_is_said_to_be_none(octets):
    with pytest.raises(NoAnswer):
        Answers().feed(octets)


def test_a_request_has_the_length_of_its_body_in_octets():
    octets = written("POST", "/todos", {"Host": "a"}, "ü".encode(), "text/plain")
    assert octets == (
        b"POST /todos HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n"
        + "ü".encode()
    )
