"""What can be turned before an experiment runs.

    EXCHANGES = Knob("exchanges", 10, "request and answer, this often", low=2, high=200)
    QUICKACK = Knob("quickack", "off", "TCP_QUICKACK at the receiver", choices=("off", "on"))
    YOURS = Knob("yours", "", "a server of yours", form="HOST:PORT", fits=r"(\\S+:\\d{1,5})?")

    chosen((EXCHANGES, QUICKACK), {"quickack": "on"})     Settings: exchanges=10 quickack=on

What is shown with a unit may be set with it: 3s, 200ms, 4×, 10%. A bare time is in seconds.

A knob has choices, or a lowest and a highest value: an experiment is bounded by what it lets turn.
One that names a file or an address has a form; nothing is then said unless somebody says it.

Left out: knobs that depend on each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .units import Unreadable, read, shown

Value = int | float | str


@dataclass(frozen=True, slots=True)
class Knob:
    """default: its type is the knob's. unit: of a number, for people; a time is in seconds.

    form, fits   of a free text: what it is, for people, and the expression that it has to match
    """

    name: str
    default: Value
    means: str
    choices: tuple[str, ...] = ()
    low: float = 0
    high: float = 0
    unit: str = ""
    form: str = ""
    fits: str = ".*"

    def read(self, text: str) -> Value:
        """The value that a person wrote. Raises Unreadable."""
        if self.choices:
            if text not in self.choices:
                raise Unreadable(f"{self.name} is one of {', '.join(self.choices)}, not {text!r}.")
            return text
        if self.form:
            if not re.fullmatch(self.fits, text):
                raise Unreadable(f"{self.name} is {self.form}, not {text!r}.")
            return text
        whole = isinstance(self.default, int)
        try:
            value = read(text, self.unit, bare=True)
        except Unreadable:
            raise Unreadable(f"{self.name} is {self.kind}, not {text!r}.") from None
        if whole and value != int(value):
            raise Unreadable(f"{self.name} is {self.kind}, not {text!r}.")
        value = int(value) if whole else value
        if not self.low <= value <= self.high:
            raise Unreadable(f"{self.name} goes {self.range}, not {text}.")
        return value

    @property
    def kind(self) -> str:
        """What its value is, in words."""
        if self.unit == "s":
            return "a time, such as 2s or 300ms"
        kind = "a whole number" if isinstance(self.default, int) else "a number"
        return f"{kind} of {self.unit}" if len(self.unit) > 2 else kind

    @property
    def range(self) -> str:
        if self.choices:
            return " or ".join(self.choices)
        if self.form:
            return self.form
        return f"from {shown(self.low, self.unit)} to {shown(self.high, self.unit)}"

    def written(self, value: Value) -> str:
        """As `read` reads it again."""
        return (
            shown(value, self.unit)
            if self.unit == "s" and not isinstance(value, str)
            else str(value)
        )

    def shown(self, value: Value) -> str:
        if isinstance(value, str):
            return value or "none"
        return shown(value, self.unit)


@dataclass(frozen=True, slots=True)
class Settings:
    """The value of every knob. A name that is none is a KeyError: our mistake."""

    values: Mapping[str, Value]

    def count(self, name: str) -> int:
        return int(self.values[name])

    def number(self, name: str) -> float:
        return float(self.values[name])

    def word(self, name: str) -> str:
        return str(self.values[name])

    def on(self, name: str) -> bool:
        return self.values[name] == "on"

    def but(self, changed: Mapping[str, Value]) -> Settings:
        return Settings({**self.values, **changed})


def chosen(knobs: Iterable[Knob], said: Mapping[str, str]) -> Settings:
    """The defaults, with what was said in their place. Raises Unreadable."""
    known = {knob.name: knob for knob in knobs}
    for name in said:
        if name not in known:
            there = f"there are {', '.join(known)}" if known else "this one has none"
            raise Unreadable(f"There is no knob {name!r}; {there}.")
    return Settings(
        {
            name: knob.read(said[name]) if name in said else knob.default
            for name, knob in known.items()
        }
    )
