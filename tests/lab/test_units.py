"""Quantities are shown to three digits, in the unit that fits, and read as people write them."""

import pytest

from cutaway.lab.units import Unreadable, read, shown


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0441, "s", "44.1 ms"),
        (0.00000845, "s", "8.45 µs"),
        (1.0, "s", "1 s"),
        (0.99999, "s", "1 s"),
        (0.000999999, "s", "1 ms"),
        (83.2, "s", "83.2 s"),
        (0, "s", "0 s"),
        (2e-9, "s", "2 ns"),
        (3, "clients", "3 clients"),
        (1, "clients", "1 client"),
        (1530, "×", "1\u202f530 ×"),
        (0.04567, "", "0.0457"),
        (12.0, "reads", "12 reads"),
        (100.4, "reads", "100 reads"),
    ],
)
def test_a_value_is_shown_to_three_digits(value: float, unit: str, text: str) -> None:
    assert shown(value, unit) == text


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("40 ms", "s", 0.04),
        ("40ms", "s", 0.04),
        ("7 µs", "s", 7e-6),
        ("7us", "s", 7e-6),
        (" 1.5 s ", "s", 1.5),
        ("3", "clients", 3),
        ("3 clients", "clients", 3),
        ("1 client", "clients", 1),
    ],
)
def test_a_number_is_read_as_people_write_it(text: str, unit: str, value: float) -> None:
    assert read(text, unit) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("40", "s"),
        ("fast", "s"),
        ("40 hours", "s"),
        ("-3", "clients"),
        ("3 reads", "clients"),
        ("", "clients"),
        ("1e3", "clients"),
        ("1.2.3", "clients"),
        ("nan", "clients"),
        ("9" * 40, "clients"),
    ],
)
def test_what_is_no_number_is_told(text: str, unit: str) -> None:
    with pytest.raises(Unreadable):
        read(text, unit)
