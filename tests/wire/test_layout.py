"""Fixed layouts: split and join, on octet edges and inside octets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.wire import Layout, Misuse

FRAME = Layout(
    "RFC 9113 §4.1",
    ("length", 24, "octets of payload"),
    ("type", 8, {0: "DATA"}),
    ("flags", 8, "by type"),
    ("R", 1, "reserved"),
    ("stream", 31, "0 is the connection"),
)

SPLITS = [
    ([8], "ff", (255,)),
    ([16], "0102", (0x0102,)),
    ([32], "00000005", (5,)),
    ([64], "ffffffffffffffff", (2**64 - 1,)),
    ([8, 16, 32, 64], "01 0002 00000003 0000000000000004", (1, 2, 3, 4)),
    ([24], "010203", (0x010203,)),
    ([1, 7], "85", (1, 5)),
    ([1, 1, 1, 1, 4, 1, 7], "8a ff", (1, 0, 0, 0, 10, 1, 127)),
    ([4, 12], "a123", (10, 0x123)),
    ([3, 13, 1, 7], "ffff 80", (7, 0x1FFF, 1, 0)),
    ([128], "00" * 15 + "09", (9,)),
]


def layout(widths: list[int]) -> Layout:
    return Layout("here", *((f"f{i}", bits, "") for i, bits in enumerate(widths)))


@pytest.mark.parametrize(("widths", "octets", "values"), SPLITS)
def test_bits_are_counted_from_the_most_significant(
    widths: list[int], octets: str, values: tuple[int, ...]
) -> None:
    data = bytes.fromhex(octets)
    assert layout(widths).split(data, 0) == values
    assert layout(widths).join(*values) == data


@pytest.mark.parametrize(("widths", "octets", "values"), SPLITS)
def test_a_layout_is_found_at_any_offset(
    widths: list[int], octets: str, values: tuple[int, ...]
) -> None:
    assert layout(widths).split(b"\xee" * 5 + bytes.fromhex(octets) + b"\xee", 5) == values


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0)), min_size=1, max_size=9))
def test_split_undoes_join(rows: list[tuple[int, int]]) -> None:
    missing = -sum(bits for bits, _ in rows) % 8
    rows = [*rows, (missing, 0)] if missing else rows
    values = tuple(value % (1 << bits) for bits, value in rows)
    drawn = layout([bits for bits, _ in rows])
    assert drawn.split(drawn.join(*values), 0) == values


def test_the_frame_header_of_http2_is_nine_octets() -> None:
    assert FRAME.size == 9
    assert FRAME.split(bytes.fromhex("00000501 04 00000001"), 0) == (5, 1, 4, 0, 1)


def test_every_row_is_a_field_that_cites_the_section_of_the_layout() -> None:
    assert [(field.name, bits) for field, bits in FRAME.rows] == [
        ("length", 24),
        ("type", 8),
        ("flags", 8),
        ("R", 1),
        ("stream", 31),
    ]
    assert {field.spec for field, _ in FRAME.rows} == {"RFC 9113 §4.1"}


@pytest.mark.parametrize("value", [-1, 256, 1 << 70])
def test_a_value_that_does_not_fit_is_our_mistake(value: int) -> None:
    with pytest.raises(Misuse, match=r"f0: .* does not fit 8 bits"):
        layout([8]).join(value)


def test_rows_that_end_inside_an_octet_are_our_mistake() -> None:
    with pytest.raises(Misuse, match="9 bits are no whole number of octets"):
        layout([8, 1])


@pytest.mark.parametrize("count", [0, 1, 3])
def test_join_wants_one_value_for_each_row(count: int) -> None:
    with pytest.raises(ValueError, match="argument"):
        layout([8, 8]).join(*range(count))
