"""Arrival in pieces: the same messages, in linear time, and one end when something is wrong."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.wire import (
    Annotator,
    Feed,
    Field,
    Layout,
    Malformed,
    NeedMore,
    Reader,
    Refused,
)

MEGABYTE = 1 << 20
HEADER = Layout("here", ("length", 32, "octets that follow"))
BODY = Field("body", "as many octets as length says", "here")
LINE = Field("line", "up to LF", "here")
BLANK = re.compile(rb"\r\n\r\n")


def read_frame(r: Reader) -> bytes:
    start = r.pos
    (length,) = r.fixed(HEADER)
    if length == 0xFFFFFFFF:
        raise r.fail(HEADER.rows[0][0], start, 4, "no length is that long")
    return r.take(length, BODY)


def frame(body: bytes) -> bytes:
    return HEADER.join(len(body)) + body


class Counted:
    """A read function that counts how often it is called."""

    def __init__(self, read: Any) -> None:
        self.read, self.calls = read, 0

    def __call__(self, r: Reader) -> Any:
        self.calls += 1
        return self.read(r)


class Scanned:
    """Stands in for a compiled mark, and counts the octets that it is asked to look at."""

    def __init__(self, mark: re.Pattern[bytes]) -> None:
        self.mark, self.octets = mark, 0

    def search(self, data: Any, pos: int = 0, endpos: int | None = None) -> Any:
        end = len(data) if endpos is None else min(endpos, len(data))
        found = self.mark.search(data, pos, end)
        self.octets += (found.end() if found else end) - pos
        return found


def one_by_one(feed: Feed, data: bytes) -> list[Any]:
    return [message for at in range(len(data)) for message in feed.receive(data[at : at + 1])]


def test_a_megabyte_up_to_a_mark_byte_by_byte_is_parsed_twice() -> None:
    mark: Any = Scanned(BLANK)
    read = Counted(lambda r: r.until(mark, LINE))
    head = b"h" * MEGABYTE
    assert one_by_one(Feed(read), head + b"\r\n\r\n") == [head]
    assert read.calls == 2


def test_a_megabyte_up_to_a_mark_byte_by_byte_is_scanned_five_times_at_most() -> None:
    mark: Any = Scanned(BLANK)
    assert one_by_one(Feed(lambda r: r.until(mark, LINE)), b"h" * MEGABYTE) == []
    assert mark.octets <= 5 * MEGABYTE


def test_a_frame_of_a_megabyte_byte_by_byte_is_parsed_three_times() -> None:
    read = Counted(read_frame)
    [body] = one_by_one(Feed(read), frame(b"b" * MEGABYTE))
    assert len(body) == MEGABYTE
    assert read.calls == 3


def test_a_thousand_frames_at_once_are_parsed_once_each() -> None:
    read = Counted(read_frame)
    assert len(list(Feed(read).receive(frame(b"b") * 1000))) == 1000
    assert read.calls == 1000


@given(st.lists(st.binary(max_size=9), max_size=6), st.data())
def test_however_frames_are_cut_the_same_frames_come_out(
    bodies: list[bytes], data: st.DataObject
) -> None:
    whole = b"".join(map(frame, bodies))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(whole)), max_size=8)))
    feed, got = Feed(read_frame), []
    for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        got += feed.receive(whole[start:end])
    assert got == bodies
    assert feed.pending == b""


@pytest.mark.parametrize("cut", range(1, 4))
def test_a_mark_that_straddles_two_pieces_is_found(cut: int) -> None:
    feed = Feed(lambda r: r.until(BLANK, LINE))
    data = b"a: b\r\n\r\n"
    assert list(feed.receive(data[:-cut])) == []
    assert list(feed.receive(data[-cut:])) == [b"a: b"]


def test_a_limit_is_refused_at_the_octet_that_passes_it() -> None:
    feed = Feed(lambda r: r.line(LINE, limit=3))
    assert one_by_one(feed, b"abcd") == []  # the fourth may still be half of CRLF
    with pytest.raises(Refused):
        one_by_one(feed, b"e")


def test_pending_is_what_belongs_to_no_message_yet() -> None:
    feed = Feed(read_frame)
    assert list(feed.receive(frame(b"one") + frame(b"two")[:5])) == [b"one"]
    assert feed.pending == frame(b"two")[:5]


def test_nothing_at_all_is_no_message() -> None:
    feed = Feed(read_frame)
    assert list(feed.receive(b"")) == []
    assert feed.pending == b""


def test_what_is_read_next_may_change_between_messages() -> None:
    feed = Feed(lambda r: r.line(LINE))
    got = []
    for message in feed.receive(b"head\r\nbody\r\nhead\r\n"):
        got.append(message)
        feed.read = (lambda r: r.take(6, BODY)) if message == b"head" else lambda r: r.line(LINE)
    assert got == [b"head", b"body\r\n", b"head"]


def test_what_was_not_asked_for_yet_is_kept_for_later() -> None:
    feed = Feed(read_frame)
    messages = feed.receive(frame(b"a") + frame(b"b"))
    assert next(messages) == b"a"
    messages.close()  # type: ignore[attr-defined]
    assert feed.pending == frame(b"b")
    assert list(feed.receive(frame(b"c"))) == [b"b", b"c"]


def test_a_stop_after_a_long_wait_forgets_what_was_waited_for() -> None:
    feed = Feed(read_frame)
    assert list(feed.receive(frame(b"x" * 100)[:50])) == []
    messages = feed.receive(frame(b"x" * 100)[50:] + frame(b"y"))
    assert len(next(messages)) == 100
    messages.close()  # type: ignore[attr-defined]
    assert list(feed.receive(frame(b"z"))) == [b"y", b"z"]


def test_what_came_before_an_error_is_still_delivered() -> None:
    messages = Feed(read_frame).receive(frame(b"good") + b"\xff" * 4)
    assert next(messages) == b"good"
    with pytest.raises(Malformed):
        next(messages)


def test_an_error_ends_the_feed_for_good() -> None:
    feed = Feed(read_frame)
    for data in (b"\xff" * 4, b"more", frame(b"good")):
        with pytest.raises(Malformed, match="byte 0, length: no length is that long"):
            list(feed.receive(data))
    assert isinstance(feed.broken, Malformed)


def test_a_feed_that_ended_takes_nothing_more_in() -> None:
    feed = Feed(read_frame)
    for _ in range(100):
        with pytest.raises(Malformed):
            list(feed.receive(b"\xff" * 1000))
    assert len(feed.pending) == 1000


def test_waiting_is_no_error() -> None:
    feed = Feed(read_frame)
    list(feed.receive(b"\x00"))
    assert feed.broken is None


def test_an_annotator_stays_for_who_asks_what_it_labelled() -> None:
    feed = Feed(read_frame, Annotator)
    assert list(feed.receive(frame(b"one") + b"\x00")) == [b"one"]
    assert isinstance(feed.reader, Annotator)
    assert [s.field.name for s in feed.reader.leaves()] == ["length", "body"]
    assert feed.reader.pos == 7


def test_a_bare_reader_is_let_go_with_its_octets() -> None:
    feed = Feed(read_frame)
    list(feed.receive(frame(b"one") * 1000))
    assert feed.reader is None


def test_needmore_of_a_later_message_counts_from_that_message() -> None:
    read = Counted(read_frame)
    feed = Feed(read)
    assert list(feed.receive(frame(b"a" * 50) + frame(b"b" * 10)[:8])) == [b"a" * 50]
    assert read.calls == 2
    assert list(feed.receive(b"b" * 5)) == []
    assert read.calls == 2
    assert list(feed.receive(b"b")) == [b"b" * 10]
    assert read.calls == 3


def test_a_reader_may_raise_needmore_by_hand() -> None:
    def read(r: Reader) -> bytes:
        if len(r.data) - r.pos < 3:
            raise NeedMore(BODY, r.pos + 3)
        return r.take(3, BODY)

    assert one_by_one(Feed(read), b"abcdef") == [b"abc", b"def"]
