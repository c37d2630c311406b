"""What passed becomes messages; what cannot be read is told as it is; nothing is unbounded."""

import random

import pytest

from cutaway.net.hearing import SHOWN, WAITING, Hearing
from cutaway.net.relay import TO_CLIENT, TO_SERVER, Event
from cutaway.topics.http1.codec import Http1
from cutaway.topics.tcp.codec import Frames, Lines
from cutaway.wire import Annotator

GET = b"GET /echo/alpha HTTP/1.1\r\nHost: a\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nalpha"
BAD = b"GET / HTTP/1.1\r\nHost : a\r\n\r\n"


class Talk:
    """Events of one connection, and what is heard of them: (kind, offset, size) and more."""

    def __init__(self, codec, **options):
        self.hearing = Hearing(codec, **options)
        self.at = {TO_SERVER: 0, TO_CLIENT: 0}
        self.heard = []
        self.happens("opened")

    def says(self, data, way=TO_SERVER):
        self.heard += self.hearing.receive(Event(1.0, 1, way, self.at[way], data, None))
        self.at[way] += len(data)

    def answers(self, data):
        self.says(data, TO_CLIENT)

    def misses(self, count, way=TO_SERVER):
        self.at[way] += count

    def happens(self, what, way=TO_SERVER):
        self.heard += self.hearing.receive(Event(1.0, 1, way, self.at[way], b"", what))

    def told(self, *kinds):
        return [(h.offset, h.size) for h in self.heard if h.kind in (kinds or ("message",))]

    def kinds(self):
        return [h.kind for h in self.heard][1:]


def test_each_message_is_heard_with_its_place_in_the_stream():
    talk = Talk(Http1)
    talk.says(GET)
    talk.answers(OK)
    talk.says(GET)
    assert talk.told() == [(0, len(GET)), (0, len(OK)), (len(GET), len(GET))]


def test_a_message_in_pieces_is_heard_once():
    talk = Talk(Lines)
    talk.says(b"one\nt")
    talk.says(b"wo\n")
    assert talk.told() == [(0, 4), (4, 4)]


def test_two_messages_in_one_piece_are_two():
    talk = Talk(Frames)
    talk.says(bytes.fromhex("00000001 61 00000001 62"))
    assert talk.told() == [(0, 5), (5, 5)]


def test_labels_count_from_where_they_say():
    talk = Talk(Http1, make=Annotator)
    talk.says(GET + GET)
    talk.says(GET)
    for number, heard in enumerate(talk.heard[1:]):
        leaves = heard.view.leaves()
        assert heard.base + leaves[0].start == heard.offset == number * len(GET)
        assert heard.base + leaves[-1].end == heard.offset + heard.size


def test_an_answer_to_head_has_no_body():
    talk = Talk(Http1)
    talk.says(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
    talk.answers(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
    talk.says(GET)
    talk.answers(OK)
    assert len(talk.told()) == 4


def test_what_the_codec_refuses_is_shown_and_reading_goes_on_at_the_next_start_line():
    talk = Talk(Http1)
    talk.says(GET + BAD + GET)
    talk.answers(OK)
    assert talk.kinds() == ["message", "broken", "octets", "message", "message"]
    broken = talk.heard[2]
    assert broken.offset + broken.mark == len(GET) + BAD.index(b" :")
    assert broken.data.startswith(BAD)
    assert talk.told("octets") == [(len(GET), len(BAD))]
    assert talk.told()[1] == (len(GET + BAD), len(GET))


def test_the_next_start_line_may_come_in_pieces():
    talk = Talk(Http1)
    for octet in BAD + GET:
        talk.says(bytes([octet]))
    assert talk.told() == [(len(BAD), len(GET))]


def test_a_codec_that_knows_no_start_reads_no_further():
    talk = Talk(Frames)
    talk.says(b"\xff\xff\xff\xff....")
    talk.says(b"\x00\x00\x00\x01a")
    talk.happens("closed")
    assert talk.kinds() == ["broken", "octets", "happened"]
    assert talk.told("octets") == [(0, 13)]


def test_who_comes_late_begins_with_the_next_message():
    talk = Talk(Http1)
    talk.misses(1000)
    talk.says(b"t: a\r\n\r\n" + GET)
    assert talk.kinds() == ["lost", "octets", "message"]
    assert talk.told() == [(1008, len(GET))]


def test_octets_that_were_not_recorded_are_told_and_the_rest_is_read():
    talk = Talk(Lines)
    talk.says(b"one\ntw")
    talk.misses(10)
    talk.says(b"x\nthree\n")
    assert talk.told("lost") == [(6, 10)]
    assert talk.told() == [(0, 4), (18, 6)]


def test_a_long_message_is_skipped_to_its_end_where_that_is_known():
    talk = Talk(Http1)
    body = bytes(3 * WAITING)
    long = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    talk.says(GET + GET)
    for start in range(0, len(long), 100_000):
        talk.answers(long[start : start + 100_000])
    talk.answers(OK)
    assert talk.kinds() == ["message", "message", "skipped", "message"]
    assert talk.told("skipped") == [(0, len(long))]
    assert len(talk.heard[3].data) == SHOWN
    assert talk.told()[-1] == (len(long), len(OK))


def test_a_long_message_without_a_known_end_is_sought_through():
    talk = Talk(Http1, waiting=10_000)
    talk.says(GET + GET)
    talk.answers(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(100):
        talk.answers(b"400\r\n" + bytes(1024) + b"\r\n")
    talk.answers(b"0\r\n\r\n" + OK)
    assert talk.kinds()[2:] == ["skipped", "octets", "message"]


def test_an_answer_that_the_close_completes_is_heard():
    talk = Talk(Http1)
    talk.says(b"GET / HTTP/1.0\r\n\r\n")
    talk.answers(b"HTTP/1.0 200 OK\r\n\r\nall of it")
    talk.happens("closed", TO_CLIENT)
    assert talk.heard[-2].what.body == b"all of it"


@pytest.mark.parametrize("how", ["closed", "reset", "cut"])
def test_what_is_cut_off_is_told(how):
    talk = Talk(Http1)
    talk.says(b"GET / HT")
    talk.happens(how)
    assert talk.heard[-2].what == "cut off"
    assert talk.heard[-2].data == b"GET / HT"


def test_without_a_codec_every_read_is_told():
    talk = Talk(None)
    talk.says(b"abc")
    talk.says(bytes(5000))
    assert talk.told("octets") == [(0, 3), (3, 5000)]
    assert len(talk.heard[-1].data) == SHOWN


def test_connections_that_ended_leave_nothing_behind():
    hearing = Hearing(Http1)
    for number in range(100):
        for event in (
            Event(1.0, number, TO_SERVER, 0, b"", "opened"),
            Event(1.0, number, TO_SERVER, 0, GET, None),
            Event(1.0, number, TO_SERVER, len(GET), b"", "closed"),
            Event(1.0, number, TO_CLIENT, 0, b"", "closed"),
            Event(2.0, number, TO_SERVER, 0, b"", "passed"),
            Event(2.0, number, TO_CLIENT, 0, b"", "reset"),
            Event(2.0, number, TO_CLIENT, 0, b"", "resumed"),
        ):
            assert [one.what for one in hearing.receive(event)][-1:] != ["cut off"]
    assert not hearing._ears
    assert not hearing._codecs


@pytest.mark.parametrize("codec", [Http1, Lines, Frames, None])
def test_no_octets_whatever_raise_or_are_told_twice(codec):
    """What is told tiles the stream."""
    draws = random.Random(7)
    words = [GET, BAD, OK, b"\n", b"\r\n", b"\x00\x00\x00\x01x", draws.randbytes(30), b"HTTP/1.1 2"]
    for _ in range(300):
        talk = Talk(codec)
        for _ in range(draws.randrange(1, 12)):
            talk.says(b"".join(draws.choices(words, k=draws.randrange(1, 4))))
            if draws.random() < 0.1:
                talk.misses(draws.randrange(1, 50))
        talk.happens("closed")
        end = 0
        for offset, size in talk.told("message", "octets", "lost"):
            assert offset == end
            end = offset + size
        assert end == talk.at[TO_SERVER]


def test_a_link_that_stalls_ends_no_message():
    talk = Talk(Http1)
    talk.answers(OK[:30])
    talk.happens("stalled", TO_CLIENT)
    talk.answers(OK[30:])
    talk.happens("resumed", TO_CLIENT)
    assert talk.kinds() == ["happened", "message", "happened"]
    assert talk.told() == [(0, len(OK))]


def test_a_message_whose_rest_does_not_come_is_told_once_for_each_wait():
    talk = Talk(Http1)
    talk.answers(OK[:30])

    def waits(now):
        return [(h.offset, h.size, h.data) for h in talk.hearing.waiting(now)]

    assert waits(1.5) == []
    assert waits(2.5) == [(0, 30, OK[:30])]
    assert waits(3.5) == []
    talk.answers(OK[30:])
    assert waits(9.0) == []


def datagrams(codec, *octets):
    talk = Talk(codec, datagrams=True)
    for each in octets:
        talk.says(each)
    return [(h.kind, h.offset, h.size) for h in talk.heard][1:]


def test_datagrams_are_read_one_by_one():
    assert datagrams(None, b"ab", b"", b"c") == [
        ("octets", 0, 2),
        ("octets", 2, 0),
        ("octets", 2, 1),
    ]
    assert datagrams(Lines, b"a\nb\n", b"c", b"d\n") == [
        ("message", 0, 2),
        ("message", 2, 2),
        ("octets", 4, 1),
        ("message", 5, 2),
    ]
    assert datagrams(Http1, BAD, GET) == [
        ("broken", 0, len(BAD)),
        ("message", len(BAD), len(GET)),
    ]


def test_what_befalls_a_datagram_is_told_behind_it():
    talk = Talk(None, datagrams=True)
    talk.says(b"one")
    talk.happens("lost")
    talk.says(b"two")
    assert talk.kinds() == ["octets", "happened", "octets"]
