"""Bytes for people: rows, carets, quotes, and the dump that names every byte."""

import ast
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cutaway.wire import Annotator, Field, Layout, Shape, annotated, dump, printable, quoted

METHOD = Field("method", "what to do with the target", "RFC 9112 §3.1")
SP = Field("SP", "a space", "RFC 9112 §3")
TARGET = Field("request-target", "what it is done to", "RFC 9112 §3.2")
LINE = Field("request-line", "the first line", "RFC 9112 §3")
ZIPPED = Field("gzip", "compressed", "RFC 1952")
BITS = Layout("RFC 6455 §5.2", ("FIN", 1, "the last"), ("opcode", 7, {1: "text"}))

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nalphaHTTP/1.1 200 OK\r\n"


def test_a_dump_has_sixteen_octets_a_row() -> None:
    assert dump(ANSWER[:20]).splitlines() == [
        "0000  48 54 54 50 2f 31 2e 31 20 32 30 30 20 4f 4b 0d   HTTP/1.1·200·OK·",
        "0010  0a 43 6f 6e                                       ·Con",
    ]


def test_a_mark_keeps_the_rows_around_it_and_gets_a_caret() -> None:
    assert dump(ANSWER, (43, 44), around=0).splitlines() == [
        "0020  20 35 0d 0a 0d 0a 61 6c 70 68 61 48 54 54 50 2f   ·5····alphaHTTP/",
        "                                       ^^",
    ]


@pytest.mark.parametrize("around", [0, 1, 2, 9])
def test_rows_around_a_mark_stop_at_both_ends(around: int) -> None:
    data = bytes(range(80))
    shown = [line[:4] for line in dump(data, (33, 34), around).splitlines() if line[0] != " "]
    assert shown == [f"{row * 16:04x}" for row in range(max(0, 2 - around), min(5, 3 + around))]


CARETS = [
    ((0, 1), 1),
    ((5, 5), 1),  # an empty mark points at where something is missing
    ((5, 8), 3),
    ((14, 99), 2),  # a mark that goes on is marked on its first row
]


@pytest.mark.parametrize(("mark", "count"), CARETS)
def test_the_caret_stands_under_every_marked_octet_of_its_row(
    mark: tuple[int, int], count: int
) -> None:
    row, carets = dump(bytes(range(0x30, 0x40)), mark).splitlines()
    assert carets.split() == ["^^"] * count
    at = carets.index("^")
    assert row[at : at + 2] == f"{0x30 + mark[0]:02x}"


@pytest.mark.parametrize("base", [0, 0x20, 0xFFF0, 0x10000, 0x12345670])
def test_the_caret_stands_right_however_long_the_numbers_are(base: int) -> None:
    row, carets = dump(b"abcdef", (3, 4), base=base).splitlines()
    at = carets.index("^")
    assert row[at : at + 2] == "64"
    assert int(row.split()[0], 16) == base


def test_a_mark_behind_the_last_octet_points_at_what_is_missing() -> None:
    assert dump(b"a" * 16, (16, 17), around=0).splitlines() == ["0010", "      ^^"]
    assert dump(b"a" * 3, (3, 4)).splitlines()[1] == " " * 15 + "^^"


def test_a_dump_of_nothing_is_nothing() -> None:
    assert dump(b"") == ""


def test_only_the_rows_asked_for_are_made() -> None:
    assert len(dump(bytes(1 << 20), (1 << 19, (1 << 19) + 1), around=2).splitlines()) == 6


@given(st.binary(max_size=99))
def test_the_octets_can_be_read_back_from_a_dump(data: bytes) -> None:
    rows = [line[6:53] for line in dump(data).splitlines()]
    assert bytes.fromhex(" ".join(rows)) == data


@given(st.binary(max_size=40))
def test_one_printable_character_an_octet_and_none_of_them_moves_the_cursor(data: bytes) -> None:
    assert len(printable(data)) == len(data)
    assert re.fullmatch(r"[!-~·]*", printable(data))


QUOTES = [
    (b"", '""'),
    (b"GET / HTTP/1.1\r\n", r'"GET / HTTP/1.1\r\n"'),
    (b'say "hi"', r'"say \"hi\""'),
    (b"it's", '"it\'s"'),
    (b"\\'", r'''"\\'"'''),
    (b"\x00\xff\x1b", r'"\x00\xff\x1b"'),
    (b"a" * 61, '"' + "a" * 60 + '" and 1 more'),
]


@pytest.mark.parametrize(("data", "text"), QUOTES)
def test_quoted_is_a_literal_with_what_was_cut_counted(data: bytes, text: str) -> None:
    assert quoted(data) == text


@given(st.binary(max_size=60))
@example(b"\\'")
@example(b"\\\"'")
def test_what_is_quoted_can_be_read_back(data: bytes) -> None:
    assert ast.literal_eval("b" + quoted(data)) == data


def test_an_annotated_dump_puts_name_meaning_section_and_bytes_on_one_line() -> None:
    a = Annotator(b"GET /")
    a.match(Shape(rb"([A-Z]+)( )(\S+)", METHOD, SP, TARGET))
    a.group(LINE, 0)
    assert annotated(a).splitlines() == [
        "0000  request-line  RFC 9112 §3",
        "0000  47 45 54           GET                   method          what to do with the target",
        "                                                               · RFC 9112 §3.1",
        "0003  20                 ·                     SP              a space · RFC 9112 §3",
        "0004  2f                 /                     request-target  what it is done to · "
        "RFC 9112 §3.2",
    ]


def test_what_a_field_means_is_said_once() -> None:
    a = Annotator(b"a b")
    a.match(Shape(rb"(\w)( )(\w)", METHOD, SP, METHOD))
    assert annotated(a, width=120).count("what to do with the target") == 1


def test_a_field_of_bits_shows_its_number_and_what_the_number_means() -> None:
    a = Annotator(b"\x81")
    a.fixed(BITS)
    assert [" ".join(line.split()) for line in annotated(a).splitlines()] == [
        "0000 81 1 FIN the last · RFC 6455 §5.2",
        "0000 81 1 opcode text · RFC 6455 §5.2",
    ]


def test_a_long_leaf_is_cut_and_says_so() -> None:
    a = Annotator(b"abcdefghijklmnopqrstuvwxyz")
    a.rest(METHOD)
    assert "61 62 63 64 65 66… " in annotated(a)
    assert "abcdefghijklmnopqrst… " in annotated(a)


def test_lines_stay_within_the_width() -> None:
    a = Annotator(b"x")
    a.rest(Field("n", "a long sentence " * 20, "RFC 9112 §3"))
    for width in (20, 90, 120):
        assert max(len(line) for line in annotated(a, width=width).splitlines()) <= width
    assert annotated(a, width=120).endswith("· RFC 9112 §3")


def test_what_was_transformed_is_shown_below_with_offsets_of_its_own() -> None:
    inner = Annotator(b"GET")
    inner.rest(METHOD)
    a = Annotator(b"....ZZ", 4)
    a.rest(SP)
    a.nest(ZIPPED, 4, inner)
    assert [line.split()[0] for line in annotated(a, base=0x100).splitlines()] == [
        "0104",
        "0000",
        "0104",
    ]
