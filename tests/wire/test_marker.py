"""A Marker labels as an Annotator does, only later."""

import random

import pytest

from cutaway.topics.http1.codec import read_request, read_response
from cutaway.topics.tcp.codec import read_frame, read_line
from cutaway.wire import Annotator, Marker, WireError
from cutaway.wire.contract import mangled

CASES = [
    (read_request, b"GET /a?b=c HTTP/1.1\r\nHost: a\r\nAccept:  x \r\n\r\n"),
    (read_request, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"),
    (
        read_response,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: u\r\n\r\n",
    ),
    (read_line, b"hello\n"),
    (read_frame, b"\x00\x00\x00\x02hi"),
]


def labelled(make, read, data):
    """All spans, and how far it read, whether or not it could."""
    reader = make(data)
    try:
        message = read(reader)
    except WireError as error:
        message = str(error)
    return message, reader.pos, reader.spans


@pytest.mark.parametrize(("read", "data"), CASES)
def test_the_labels_are_those_of_an_annotator(read, data):
    draws = random.Random(1)
    for octets in [data, *(mangled(data, draws) for _ in range(300))]:
        assert labelled(Marker, read, octets) == labelled(Annotator, read, octets)


def test_looking_while_it_reads_changes_nothing():
    class Looking(Marker):
        __slots__ = ()

        def match(self, shape, end=1 << 62):
            assert len(self.spans) >= 0
            return super().match(shape, end)

    for read, data in CASES:
        assert labelled(Looking, read, data) == labelled(Annotator, read, data)


@pytest.mark.parametrize("make", [Annotator, Marker])
def test_what_was_labelled_can_be_taken_off(make):
    read, data = CASES[3]
    reader = make(data * 2)
    read(reader)
    first = reader.split()
    read(reader)
    assert [(s.start, s.end) for s in first.leaves()] == [(0, 5), (5, 6)]
    assert [(s.start, s.end) for s in reader.leaves()] == [(6, 11), (11, 12)]
    assert first.data is reader.data
