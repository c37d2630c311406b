"""A knob is turned within its bounds, or the sentence says what they are."""

import pytest

from cutaway.lab.knobs import Knob, chosen
from cutaway.lab.units import Unreadable

KNOBS = (
    Knob("count", 10, "of them", low=1, high=100),
    Knob("rtt", 0.02, "of the link", low=0, high=0.1, unit="s"),
    Knob("quick", "off", "or not", choices=("off", "on")),
    Knob("yours", "", "a server", form="HOST:PORT", fits=r"(\S+:\d{1,5})?"),
)


def test_what_is_not_said_is_the_default() -> None:
    settings = chosen(KNOBS, {"quick": "on"})
    assert settings.values == {"count": 10, "rtt": 0.02, "quick": "on", "yours": ""}
    assert settings.on("quick")


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("count", "0", "from 1 to 100"),
        ("count", "101", "from 1 to 100"),
        ("count", "1.5", "a whole number"),
        ("count", "many", "a whole number"),
        ("rtt", "nan", "from 0 s to 100 ms"),
        ("rtt", "inf", "from 0 s to 100 ms"),
        ("rtt", "", "a number"),
        ("quick", "yes", "one of off, on"),
        ("yours", "8080", "HOST:PORT"),
        ("slow", "1", "there are count, rtt, quick"),
    ],
)
def test_what_a_knob_cannot_be_is_told(name: str, text: str, says: str) -> None:
    with pytest.raises(Unreadable, match=says):
        chosen(KNOBS, {name: text})


def test_a_free_text_is_taken_as_it_is_and_nothing_is_a_text() -> None:
    assert chosen(KNOBS, {"yours": "127.0.0.1:6379"}).word("yours") == "127.0.0.1:6379"
    assert KNOBS[-1].shown("") == "none"
    assert KNOBS[-1].range == "HOST:PORT"
