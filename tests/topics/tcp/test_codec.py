"""Three framings: what each reads, what each refuses, and where its labels stand."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.topics.tcp.codec import (
    FRAME_LIMIT,
    LINE_LIMIT,
    Bytes,
    Frame,
    Frames,
    Line,
    Lines,
    Raw,
    read_bytes,
    read_frame,
    read_line,
    write_frame,
    write_line,
)
from cutaway.wire import Annotator, Codec, Feed, NeedMore, Reader, Refused
from cutaway.wire.contract import check_codec, check_garbage, check_labels

LINES = [
    (b"\n", b""),
    (b"hello\n", b"hello"),
    (b"hello\r\n", b"hello\r"),
    (b"\r\r\n", b"\r\r"),
    (b"\x00\xff\n", b"\x00\xff"),
    (b"x" * 4096 + b"\n", b"x" * 4096),
]

FRAMES = [
    ("00000000", b""),
    ("00000001 0a", b"\n"),
    ("00000005 68656c6c6f", b"hello"),
    ("00000004 00000001", b"\x00\x00\x00\x01"),
    ("00000100" + "ff" * 256, b"\xff" * 256),
]


def test_the_line_codec_holds_the_contract_of_codecs() -> None:
    check_codec(read_line, [wire for wire, _ in LINES[:-1]], write_line)


def test_the_frame_codec_holds_the_contract_of_codecs() -> None:
    check_codec(read_frame, [bytes.fromhex(wire) for wire, _ in FRAMES], write_frame)


def test_raw_bytes_are_labelled_and_never_wrong() -> None:
    check_labels(read_bytes, b"hello\n")
    for data in (b"", b"\x00", b"\xff" * 99):
        check_garbage(read_bytes, data)


@pytest.mark.parametrize(("wire", "text"), LINES)
def test_a_line_is_what_comes_before_its_lf(wire: bytes, text: bytes) -> None:
    assert read_line(Reader(wire)) == Line(text)
    assert bytes(Line(text)) == wire


@pytest.mark.parametrize(("wire", "payload"), FRAMES)
def test_a_frame_is_as_long_as_it_says(wire: str, payload: bytes) -> None:
    assert read_frame(Reader(bytes.fromhex(wire))) == Frame(payload)
    assert bytes(Frame(payload)) == bytes.fromhex(wire)


def test_raw_bytes_are_whatever_has_arrived_so_far() -> None:
    feed = Feed(read_bytes)
    assert list(feed.receive(b"two sends")) == [Bytes(b"two sends")]
    assert list(feed.receive(b"one")) == [Bytes(b"one")]
    assert bytes(Bytes(b"one")) == b"one"


def test_two_messages_in_one_piece_are_two_messages_but_for_raw() -> None:
    assert list(Feed(read_line).receive(b"a\nb\n")) == [Line(b"a"), Line(b"b")]
    assert list(Feed(read_frame).receive(bytes(Frame(b"a")) + bytes(Frame(b"b")))) == [
        Frame(b"a"),
        Frame(b"b"),
    ]
    assert list(Feed(read_bytes).receive(b"ab")) == [Bytes(b"ab")]


@pytest.mark.parametrize("data", [b"x" * 4097, b"x" * 4097 + b"\n", b"x" * 9000 + b"\n"])
def test_a_line_of_more_than_4096_octets_is_refused_with_or_without_its_end(data: bytes) -> None:
    with pytest.raises(Refused) as caught:
        read_line(Reader(data))
    assert (caught.value.field.name, caught.value.limit) == ("line", LINE_LIMIT)


def test_a_line_that_still_may_end_in_time_is_waited_for() -> None:
    with pytest.raises(NeedMore) as caught:
        read_line(Reader(b"a\n" + b"x" * 4096, 2))
    assert caught.value.least == 2 + 4097
    assert caught.value.since == 2 + 4096


@pytest.mark.parametrize("length", [FRAME_LIMIT + 1, 1 << 31, (1 << 32) - 1])
def test_a_length_above_the_limit_is_refused_from_its_four_octets_alone(length: int) -> None:
    with pytest.raises(Refused) as caught:
        read_frame(Reader(length.to_bytes(4, "big")))
    assert (caught.value.field.name, caught.value.limit) == ("length", FRAME_LIMIT)


def test_a_frame_of_exactly_the_limit_is_taken() -> None:
    with pytest.raises(NeedMore) as caught:
        read_frame(Reader(FRAME_LIMIT.to_bytes(4, "big")))
    assert caught.value.least == 4 + FRAME_LIMIT
    assert len(read_frame(Reader(bytes(Frame(bytes(FRAME_LIMIT))))).payload) == FRAME_LIMIT


@pytest.mark.parametrize(("codec", "rest"), [(Lines(), b"half a li"), (Frames(), b"\x00\x00")])
def test_the_end_of_a_connection_completes_nothing(codec: Codec, rest: bytes) -> None:
    with pytest.raises(NeedMore):
        codec.at_end(Reader(rest))


@pytest.mark.parametrize("codec", [Raw(), Lines(), Frames()], ids=lambda codec: codec.name)
def test_both_directions_are_framed_alike(codec: Codec) -> None:
    wire = {"raw": b"x", "lines": b"x\n", "frames": b"\x00\x00\x00\x01x"}[codec.name]
    assert codec.to_server(Reader(wire)) == codec.to_client(Reader(wire))


PLACES: list[tuple[Codec, bytes, str, Any, list[tuple[int, int]]]] = [
    (Raw(), b"hello", "payload", b"hello", [(0, 5)]),
    (Lines(), b"hello\n", "line", b"hello", [(0, 5)]),
    (Lines(), b"\n", "line", b"", [(0, 0)]),
    (Frames(), b"\x00\x00\x00\x02hi", "length", 2, [(0, 4)]),
    (Frames(), b"\x00\x00\x00\x02hi", "payload", b"hi", [(4, 6)]),
    (Frames(), b"\x00\x00\x00\x00", "payload", b"", [(4, 4)]),
]


@pytest.mark.parametrize(("codec", "wire", "name", "value", "place"), PLACES)
def test_every_part_of_a_message_has_a_name_and_a_place(
    codec: Codec, wire: bytes, name: str, value: Any, place: list[tuple[int, int]]
) -> None:
    a = Annotator(wire)
    assert codec.locate(a, codec.to_client(a), name, None) == (value, place)


@pytest.mark.parametrize("codec", [Raw(), Lines(), Frames()], ids=lambda codec: codec.name)
def test_a_name_that_these_messages_do_not_have_is_a_key_error(codec: Codec) -> None:
    with pytest.raises(KeyError):
        codec.locate(Annotator(), None, "status", None)


def test_the_lf_is_labelled_apart_from_the_text() -> None:
    a = Annotator(b"hi\r\n")
    read_line(a)
    assert [(s.field.name, s.value) for s in a.leaves()] == [("line", b"hi\r"), ("LF", b"\n")]


def test_a_frame_is_a_group_of_its_length_and_its_payload() -> None:
    a = Annotator(bytes(Frame(b"hi")))
    read_frame(a)
    [node] = a.tree()
    assert [n.span.field.name for n in (node, *node.children)] == ["frame", "length", "payload"]


def test_a_line_of_4096_octets_byte_by_byte_is_parsed_twice() -> None:
    calls = 0

    def read(r: Reader) -> Line:
        nonlocal calls
        calls += 1
        return read_line(r)

    feed = Feed(read)
    data = b"x" * 4096 + b"\n"
    got = [line for at in range(len(data)) for line in feed.receive(data[at : at + 1])]
    assert (len(got), calls) == (1, 2)


@given(st.lists(st.binary(max_size=50)), st.data())
def test_any_bytes_travel_in_frames_however_they_are_cut(
    payloads: list[bytes], data: st.DataObject
) -> None:
    whole = b"".join(bytes(Frame(p)) for p in payloads)
    cut = data.draw(st.integers(0, len(whole)))
    feed = Feed(read_frame)
    assert [*feed.receive(whole[:cut]), *feed.receive(whole[cut:])] == [Frame(p) for p in payloads]


def test_every_label_has_a_meaning_and_a_section_or_names_the_contract() -> None:
    for codec, wire in ((Raw(), b"x"), (Lines(), b"x\n"), (Frames(), b"\x00\x00\x00\x01x")):
        a = Annotator(wire)
        codec.to_server(a)
        for span in a.spans:
            assert len(span.field.meaning(span.value)) > 10
            assert re.fullmatch(r"RFC 9293 §\d+\.\d+|contract: (lines|frames)", span.field.spec)
