"""A knob is turned within its bounds, or the sentence says what they are."""

import pytest

from cutaway.lab.knobs import Knob, chosen
from cutaway.lab.units import Unreadable

KNOBS = (
    Knob("count", 10, "of them", low=1, high=100),
    Knob("rtt", 0.02, "of the link", low=0, high=0.1, unit="s"),
    Knob("load", 0.5, "of what it can do", low=0, high=1),
    Knob("size", 10, "of each", low=1, high=100, unit="octets"),
    Knob("quick", "off", "or not", choices=("off", "on")),
    Knob("yours", "", "a server", form="HOST:PORT", fits=r"(\S+:\d{1,5})?"),
)


def test_what_is_not_said_is_the_default() -> None:
    settings = chosen(KNOBS, {"quick": "on"})
    assert settings.values == {
        "count": 10,
        "rtt": 0.02,
        "load": 0.5,
        "size": 10,
        "quick": "on",
        "yours": "",
    }
    assert settings.on("quick")


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("count", "0", "from 1 to 100"),
        ("count", "101", "from 1 to 100"),
        ("count", "1.5", "a whole number"),
        ("count", "many", "a whole number"),
        ("rtt", "nan", "a time, such as"),
        ("rtt", "inf", "a time, such as"),
        ("rtt", "", "a time, such as 2s or 300ms"),
        ("rtt", "20", "from 0 s to 100 ms"),
        ("rtt", "-1ms", "a time, such as"),
        ("rtt", "2 clients", "a time, such as"),
        ("count", "1_0", "a whole number"),
        ("load", "10ms", "a number"),
        ("size", "1.5 octets", "a whole number of octets"),
        ("quick", "yes", "one of off, on"),
        ("yours", "8080", "HOST:PORT"),
        ("slow", "1", "there are count, rtt, load, size, quick"),
    ],
)
def test_what_a_knob_cannot_be_is_told(name: str, text: str, says: str) -> None:
    with pytest.raises(Unreadable, match=says):
        chosen(KNOBS, {name: text})


def test_a_free_text_is_taken_as_it_is_and_nothing_is_a_text() -> None:
    assert chosen(KNOBS, {"yours": "127.0.0.1:6379"}).word("yours") == "127.0.0.1:6379"
    assert KNOBS[-1].shown("") == "none"
    assert KNOBS[-1].range == "HOST:PORT"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("rtt", "20ms", 0.02),
        ("rtt", "20 ms", 0.02),
        ("rtt", "0.05", 0.05),
        ("rtt", "0", 0.0),
        ("count", "7", 7),
        ("load", ".25", 0.25),
        ("size", "1 octet", 1),
        ("size", "50 octets", 50),
    ],
)
def test_a_value_may_have_the_unit_that_it_is_shown_with(
    name: str, text: str, value: float
) -> None:
    found = chosen(KNOBS, {name: text}).values[name]
    assert (found, type(found)) == (pytest.approx(value), type(value))
