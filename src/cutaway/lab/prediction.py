"""What is asked before anything runs, and whether the rows agree with what was said.

    Choice("How long does an exchange take?", Figure("two-writes"), (
        Option("microseconds", "some microseconds", 0, 0.5e-3, "the bytes do arrive at once"),
        Option("forty", "about 40 ms", 0.02, 0.08),
    ))
    Number("How long does …?", Figure("two-writes"))        "40 ms"; right within a factor of two
    Ranking("Which is slowest?", ("new", "kept", "parallel"))     "new, kept, parallel"

    asked.read("fourty")           Unreadable: there is no choice 'fourty'; the choices are …
    asked.judge("forty", table)    Answer(right=True, found="about 40 ms", sentence="…")

A choice is a range of the figure that is asked about, so no answer is written down anywhere: the
rows say which range they are in. The wrong choices are what people really believe, and each says
what it overlooks.

Left out: points. The confidence is kept, so that somebody can see what they were sure of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from .shapes import Figure
from .table import Band, Table
from .units import Unreadable, read, shown

CONFIDENCES = (50, 70, 90)


@dataclass(frozen=True, slots=True)
class Answer:
    """right: None where the rows do not decide. found: what they say."""

    right: bool | None
    found: str
    sentence: str


class Prediction(Protocol):
    @property
    def ask(self) -> str: ...

    def choices(self, labels: Mapping[str, str]) -> list[tuple[str, str]]:
        """What can be said, as key and text; nothing where it is a number."""

    def example(self) -> str:
        """Something that could be said."""

    def form(self) -> str:
        """How it is said, without saying anything of what could be right: "one of a, b"."""

    def read(self, text: str) -> str:
        """What was said, as it is kept. Raises Unreadable."""

    def told(self, said: str, labels: Mapping[str, str]) -> str:
        """What was said, in words."""

    def judge(self, said: str, table: Table) -> Answer: ...

    def mark(self, said: str) -> tuple[Figure, float, float] | None:
        """Where it lies in the picture: from, to."""


@dataclass(frozen=True, slots=True)
class Option:
    """low, high: the range that it stands for, both belonging to it.

    overlooks   for a wrong one: what whoever says so has not reckoned with
    """

    key: str
    text: str
    low: float
    high: float
    overlooks: str = ""

    def holds(self, band: Band) -> bool:
        return self.low <= band.low and band.high <= self.high


@dataclass(frozen=True, slots=True)
class Choice:
    ask: str
    of: Figure
    options: tuple[Option, ...]

    def choices(self, labels: Mapping[str, str]) -> list[tuple[str, str]]:
        return [(option.key, option.text) for option in self.options]

    def example(self) -> str:
        return self.options[0].key

    def form(self) -> str:
        return f"one of {', '.join(option.key for option in self.options)}"

    def read(self, text: str) -> str:
        word = text.strip().lower()
        keys = [option.key for option in self.options]
        if word.isascii() and word.isdigit() and word not in keys and 1 <= int(word) <= len(keys):
            return keys[int(word) - 1]
        if word not in keys:
            raise Unreadable(f"There is no choice {text.strip()!r}; there are {', '.join(keys)}.")
        return word

    def option(self, said: str) -> Option:
        return next(option for option in self.options if option.key == said)

    def told(self, said: str, labels: Mapping[str, str]) -> str:
        return self.option(said).text

    def judge(self, said: str, table: Table) -> Answer:
        band, mine = self.of.band(table), self.option(said)
        measured = self.of.says(table)
        if band is None:
            return Answer(None, "", f"The rows do not decide: {measured}.")
        holding = [option for option in self.options if option.holds(band)]
        if mine in holding:
            return Answer(True, mine.text, f"The rows agree: {measured}.")
        if holding:
            text = holding[0].text
            more = f" What this overlooks: {mine.overlooks}" if mine.overlooks else ""
            return Answer(False, text, f"The rows say: {text} ({measured}).{more}")
        if mine.low <= band.high and band.low <= mine.high:
            return Answer(
                None, "", f"The rows do not decide: some runs agree, some do not ({measured})."
            )
        return Answer(False, measured, f"The rows say something else: {measured}.")

    def mark(self, said: str) -> tuple[Figure, float, float] | None:
        option = self.option(said)
        return None if self.of.over else (self.of, option.low, option.high)


@dataclass(frozen=True, slots=True)
class Number:
    """unit: that of the figure. factor: how far off still counts as right."""

    ask: str
    of: Figure
    unit: str
    factor: float = 2.0

    def choices(self, labels: Mapping[str, str]) -> list[tuple[str, str]]:
        return []

    def example(self) -> str:
        return "40ms" if self.unit == "s" else "10"

    def form(self) -> str:
        return "a time with its unit, s, ms or µs" if self.unit == "s" else f"how many {self.unit}"

    def read(self, text: str) -> str:
        read(text, self.unit)
        return " ".join(text.split())

    def told(self, said: str, labels: Mapping[str, str]) -> str:
        return shown(read(said, self.unit), self.unit)

    def judge(self, said: str, table: Table) -> Answer:
        band, mine = self.of.band(table), read(said, self.unit)
        measured = self.of.says(table)
        if band is None:
            return Answer(None, "", f"The rows do not decide: {measured}.")
        right = band.low <= mine * self.factor and mine <= band.high * self.factor
        found = shown(band.median, self.unit)
        within = f"within a factor of {self.factor:g}"
        if right:
            return Answer(True, found, f"The rows agree {within}: {measured}.")
        return Answer(False, found, f"The rows say {found}, which is not {within}.")

    def mark(self, said: str) -> tuple[Figure, float, float] | None:
        mine = read(said, self.unit)
        return None if self.of.over else (self.of, mine, mine)


@dataclass(frozen=True, slots=True)
class Ranking:
    """variants: those to put in order. most: what the first has most of, as in "slowest"."""

    ask: str
    variants: tuple[str, ...]
    quantity: str = ""

    def choices(self, labels: Mapping[str, str]) -> list[tuple[str, str]]:
        return [(variant, labels.get(variant, variant)) for variant in self.variants]

    def example(self) -> str:
        return ",".join(self.variants)

    def form(self) -> str:
        return f"{', '.join(sorted(self.variants))} in your order, with commas between them"

    def read(self, text: str) -> str:
        words = [word.strip().lower() for word in text.replace(">", ",").split(",")]
        words = [
            self.variants[int(w) - 1] if w in map(str, range(1, len(self.variants) + 1)) else w
            for w in words
        ]
        if sorted(words) != sorted(self.variants):
            raise Unreadable(
                f"{text.strip()!r} is no order of all of {', '.join(self.variants)};"
                f" write it as in {self.example()!r}."
            )
        return ",".join(words)

    def told(self, said: str, labels: Mapping[str, str]) -> str:
        return ", ".join(labels.get(variant, variant) for variant in said.split(","))

    def judge(self, said: str, table: Table) -> Answer:
        """The order is right where each one's runs are above the next one's."""
        mine = said.split(",")
        bands = {v: table.sure(v, self.quantity) for v in self.variants}
        known = {v: b for v, b in bands.items() if b is not None}
        if len(known) < len(bands):
            return Answer(None, "", "The rows do not decide: there are too few runs.")
        ranked = sorted(known, key=lambda v: -known[v].median)
        found = ", ".join(map(table.label, ranked))
        figures = ", ".join(table.says(v, self.quantity) for v in ranked)
        if any(known[a].below(known[b]) for a, b in pairwise(mine)):
            return Answer(False, found, f"The rows say another order: {figures}.")
        if all(known[b].below(known[a]) for a, b in pairwise(mine)):
            return Answer(True, found, f"The rows agree: {figures}.")
        return Answer(
            None, found, f"The rows do not decide, since some of them overlap: {figures}."
        )

    def mark(self, said: str) -> tuple[Figure, float, float] | None:
        return None
