"""What a topic asks of a learner: predictions with choices, and recall cards.

    asked("http1").predictions[0]    Prediction(about="A request by hand", ask=…, choices=…)
    asked("http1").cards[0]          Card(about=…, ask=…, answer=…)

They stand in topic.toml. about is a heading of the lesson; the wrong choices are what people often
believe. Each has the key that its answer is kept by.

Left out: the answers that were given. See answers.py.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from . import catalog
from .answers import key
from .catalog import Card


@dataclass(frozen=True, slots=True)
class Prediction:
    """answer: one of the choices. why: shown once one was chosen."""

    about: str
    ask: str
    choices: tuple[str, ...]
    answer: str
    why: str

    @property
    def key(self) -> str:
        return key(self.ask)


@dataclass(frozen=True, slots=True)
class Questions:
    predictions: tuple[Prediction, ...]
    cards: tuple[Card, ...]

    def card(self, name: str) -> Card | None:
        return next((card for card in self.cards if key(card.ask) == name), None)


def asked(slug: str) -> Questions:
    """Raises Trouble where there is no such topic."""
    topic = catalog.topic(slug)
    return Questions(_predictions(topic.folder), topic.cards)


@cache
def _predictions(folder: Path) -> tuple[Prediction, ...]:
    said: dict[str, Any] = tomllib.loads((folder / "topic.toml").read_text(encoding="utf-8"))
    return tuple(
        Prediction(q["about"], q["ask"], tuple(q["choices"]), q["answer"], q["why"])
        for q in said.get("questions", ())
        if q["kind"] == "prediction"
    )
