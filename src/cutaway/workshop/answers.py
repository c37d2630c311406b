"""What a learner answered, in the same file as progress: predictions, and recall cards by date.

    answers = Answers(progress)
    answers.say("http1", key("A body is the one letter é …"), "2")
    answers.said("http1")                    {"b3f0c2a91d": Said(text="2", at=…)}
    answers.recalled("http1", card, known=True)
    answers.cards("http1")[card].due         two days on, then seven, then twenty-one

A question is known by what it asks. When its words change, it is another question, and nobody is
said to have answered it.

A card that was not known comes again after two days, as a new one does. The intervals are fixed:
spaced recall is worth much, and widening the spaces cleverly adds nothing that was ever measured
reliably (Latimier, Peyre and Ramus 2021). Nothing is lost by coming late.

Left out: how good an answer is. The learner compares it with the one that stands there.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .progress import Progress

LONGEST = 2000  # characters of an answer that are kept
DAY = 86400.0
SPACES = (2 * DAY, 7 * DAY, 21 * DAY)
KEY = 12  # digits


@dataclass(frozen=True, slots=True)
class Said:
    """at: seconds since 1970."""

    text: str
    at: float


@dataclass(frozen=True, slots=True)
class Asked:
    """A card that was asked. known: times in a row."""

    known: int
    at: float
    due: float


def key(asks: str) -> str:
    """The name that a question is kept by."""
    return hashlib.sha256(" ".join(asks.split()).encode()).hexdigest()[:KEY]


class Answers:
    def __init__(self, progress: Progress) -> None:
        self.progress = progress

    def said(self, topic: str) -> dict[str, Said]:
        """Question → the latest answer."""
        rows = self.progress.rows("SELECT question, said, at FROM answer WHERE topic = ?", (topic,))
        return {question: Said(said, at) for question, said, at in rows}

    def say(self, topic: str, question: str, text: str) -> None:
        """Keep an answer in the place of the one before; too long a text is cut."""
        self.progress.write(
            (
                "INSERT INTO answer (topic, question, said, at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET said = excluded.said, at = excluded.at",
                (topic, question, text[:LONGEST], time.time()),
            )
        )

    def take_back(self, topic: str, question: str) -> None:
        self.progress.write(
            ("DELETE FROM answer WHERE topic = ? AND question = ?", (topic, question))
        )

    def cards(self, topic: str) -> dict[str, Asked]:
        """Card → when it was asked; those never asked are not there."""
        rows = self.progress.rows(
            "SELECT card, known, asked, due FROM card WHERE topic = ?", (topic,)
        )
        return {card: Asked(known, asked, due) for card, known, asked, due in rows}

    def recalled(self, topic: str, card: str, known: bool, now: float | None = None) -> Asked:
        """The learner has compared; says when it is asked again."""
        now = time.time() if now is None else now
        before = self.cards(topic).get(card)
        times = (before.known if before else 0) + 1 if known else 0
        due = now + SPACES[min(max(times - 1, 0), len(SPACES) - 1)]
        self.progress.write(
            (
                "INSERT INTO card (topic, card, known, asked, due) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET known = excluded.known, asked = excluded.asked,"
                " due = excluded.due",
                (topic, card, times, now, due),
            )
        )
        return Asked(times, now, due)
