"""Each way of reading at its edges. Whatever holds for a Reader holds for an Annotator."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.wire import (
    NEVER,
    Annotator,
    Field,
    Layout,
    Malformed,
    Misuse,
    NeedMore,
    Reader,
    Refused,
    Shape,
)

THING = Field("thing", "what is read", "here")
OTHER = Field("other", "what is read next", "here")
PAIR = Layout("here", ("first", 8, ""), ("second", 16, ""))
LF, CRLF, BLANK = re.compile(rb"\n"), re.compile(rb"\r\n"), re.compile(rb"\r?\n\r?\n")

pytestmark = pytest.mark.parametrize("make", [Reader, Annotator])
Make = type[Reader]


@pytest.mark.parametrize(("n", "value", "pos"), [(0, b"", 1), (1, b"b", 2), (3, b"bcd", 4)])
def test_take_passes_exactly_so_many_octets(make: Make, n: int, value: bytes, pos: int) -> None:
    r = make(b"abcd", 1)
    assert r.take(n, THING) == value
    assert r.pos == pos


@pytest.mark.parametrize("n", [4, 5, 1 << 40])
def test_take_waits_for_what_is_not_there_yet(make: Make, n: int) -> None:
    r = make(b"abcd", 1)
    with pytest.raises(NeedMore) as caught:
        r.take(n, THING)
    assert (caught.value.field, caught.value.least, caught.value.mark) == (THING, 1 + n, None)
    assert r.pos == 1


def test_take_goes_never_backwards(make: Make) -> None:
    r = make(b"abcd", 2)
    with pytest.raises(Misuse, match="thing: -1 octets"):
        r.take(-1, THING)
    assert r.pos == 2


def test_what_was_unread_is_read_again_and_labelled_once(make: Make) -> None:
    r = make(b"abcd")
    r.take(1, THING)
    assert r.take(2, THING) == b"bc"
    r.group(THING, 1)
    r.back(1)
    assert (r.take(3, OTHER), r.pos) == (b"bcd", 4)
    if isinstance(r, Annotator):
        assert [(s.start, s.end, s.field) for s in r.spans] == [(0, 1, THING), (1, 4, OTHER)]


def test_until_passes_the_mark_and_does_not_return_it(make: Make) -> None:
    r = make(b"ab\ncd\n")
    assert [r.until(LF, THING), r.until(LF, THING)] == [b"ab", b"cd"]
    assert r.pos == 6


@pytest.mark.parametrize(("kept", "value"), [(0, b"ab"), (1, b"ab\r"), (2, b"ab\r\n")])
def test_until_can_keep_some_of_the_mark(make: Make, kept: int, value: bytes) -> None:
    r = make(b"ab\r\ncd")
    assert r.until(CRLF, THING, kept=kept) == value
    assert r.pos == 4


def test_until_without_its_mark_says_where_to_search_on(make: Make) -> None:
    with pytest.raises(NeedMore) as caught:
        make(b"abcdefgh").until(CRLF, THING)
    assert caught.value.mark is CRLF
    assert caught.value.least >= NEVER
    assert caught.value.since == 5  # a mark of four octets may have begun with the last three


LIMITS = [
    # octets, mark, its width, and what comes of a limit of 3
    (b"\n", LF, 1, b""),
    (b"abc\n", LF, 1, b"abc"),
    (b"abc", LF, 1, NeedMore),
    (b"abcd", LF, 1, Refused),
    (b"abcd\n", LF, 1, Refused),
    (b"abc\r\n", CRLF, 2, b"abc"),
    (b"abc\r", CRLF, 2, NeedMore),
    (b"abcd", CRLF, 2, NeedMore),
    (b"abcd\r", CRLF, 2, Refused),
    (b"abcde", CRLF, 2, Refused),
    (b"abcd\r\n", CRLF, 2, Refused),
    (b"abc\r\n\r\n", BLANK, 4, b"abc"),
    (b"abc\n\n", BLANK, 4, b"abc"),
    (b"abc\r\n\r", BLANK, 4, NeedMore),
    (b"abcd\n\n", BLANK, 4, Refused),
]


@pytest.mark.parametrize(("data", "mark", "wide", "outcome"), LIMITS)
def test_until_refuses_what_passes_the_limit(
    make: Make,
    data: bytes,
    mark: re.Pattern[bytes],
    wide: int,
    outcome: bytes | type[Exception],
) -> None:
    r = make(b"." + data, 1)
    if isinstance(outcome, bytes):
        assert r.until(mark, THING, limit=3, wide=wide) == outcome
        assert r.pos == 1 + len(data)
        return
    with pytest.raises(outcome) as caught:
        r.until(mark, THING, limit=3, wide=wide)
    assert r.pos == 1
    if isinstance(caught.value, Refused):
        assert (caught.value.limit, caught.value.offset) == (3, 1)


@given(data=st.binary(max_size=12), limit=st.integers(0, 6))
def test_what_a_limit_does_never_depends_on_how_much_has_arrived(
    make: Make, data: bytes, limit: int
) -> None:
    """Once the whole is taken, no prefix was refused; once a prefix is refused, the whole is."""

    def outcome(seen: bytes) -> object:
        try:
            return make(seen).line(THING, limit)
        except (NeedMore, Refused) as error:
            return type(error)

    data = data.replace(b"\x00", b"\r\n")
    final = [o for o in (outcome(data[:end]) for end in range(len(data) + 1)) if o is not NeedMore]
    assert len(set(final)) <= 1


def test_a_line_ends_with_both_octets(make: Make) -> None:
    r = make(b"a\rb\nc\r\nd")
    assert r.line(THING) == b"a\rb\nc"
    assert r.pos == 7


def test_an_empty_line_is_a_line(make: Make) -> None:
    assert make(b"\r\n").line(THING, limit=0) == b""


def test_match_gives_the_groups_and_passes_them(make: Make) -> None:
    r = make(b"...GET /\r\n", 3)
    assert r.match(Shape(rb"([A-Z]+)( )", THING, OTHER)) == (b"GET", b" ")
    assert r.pos == 7


def test_match_without_a_match_moves_nothing(make: Make) -> None:
    r = make(b"get", 0)
    assert r.match(Shape(rb"([A-Z]+)", THING)) is None
    assert r.pos == 0


def test_match_looks_only_where_the_reader_is(make: Make) -> None:
    assert make(b"aaB").match(Shape(rb"(B)", THING)) is None


def test_a_group_that_took_no_part_is_none(make: Make) -> None:
    assert make(b"b").match(Shape(rb"(a)?(b)", THING, OTHER)) == (None, b"b")


def test_a_dot_in_a_shape_matches_every_octet(make: Make) -> None:
    assert make(b"\n\x00").match(Shape(rb"(..)", THING)) == (b"\n\x00",)


def test_a_shape_has_one_field_for_each_group(make: Make) -> None:
    with pytest.raises(Misuse, match="has not one group for each of its 1 fields"):
        Shape(rb"(a)(b)", THING)


def test_fixed_gives_integers_and_passes_them(make: Make) -> None:
    r = make(b".\x01\x00\x02.", 1)
    assert r.fixed(PAIR) == (1, 2)
    assert r.pos == 4


@pytest.mark.parametrize("there", [0, 1, 2])
def test_fixed_waits_for_the_whole_layout(make: Make, there: int) -> None:
    r = make(b"." + b"\x00" * there, 1)
    with pytest.raises(NeedMore) as caught:
        r.fixed(PAIR)
    assert (caught.value.field.name, caught.value.least) == ("first", 4)
    assert r.pos == 1


@pytest.mark.parametrize(("pos", "value"), [(0, b"abc"), (2, b"c"), (3, b"")])
def test_rest_is_whatever_is_left(make: Make, pos: int, value: bytes) -> None:
    r = make(b"abc", pos)
    assert r.rest(THING) == value
    assert r.pos == 3


def test_fail_shows_the_octets_in_question(make: Make) -> None:
    error = make(b"length: +5").fail(THING, 8, 2, "a sign", "RFC 9110 §8.6")
    assert isinstance(error, Malformed)
    assert (error.field, error.offset, error.found) == (THING, 8, b"+5")
    assert (error.why, error.spec) == ("a sign", "RFC 9110 §8.6")
