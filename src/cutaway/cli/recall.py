"""`cutaway lesson TOPIC --recall`: questions about a lesson, for some days later.

    1 of 12 · One connection, many requests
      What does pipelining save, and what does it not?
      (Enter shows the answer)
      Round trips. The answers still come in order, so a slow one holds up those behind it.

A person answers in their head before they look. Off a terminal each answer follows its question.

Left out: how many were right. Whoever answers knows it.
"""

from __future__ import annotations

import sys

from ..workshop.catalog import Topic
from ..workshop.errors import Trouble
from .screen import indented, look


def ask(topic: Topic) -> int:
    """Raises Trouble where there are no questions."""
    if not topic.cards:
        raise Trouble(f"The topic {topic.slug} has no questions in this version.", "")
    out, by_hand = look(), sys.stdin.isatty() and sys.stdout.isatty()
    for number, card in enumerate(topic.cards, 1):
        print(out.paint(f"{number} of {len(topic.cards)} · {card.about}", "bold"))
        print("\n".join(indented(card.ask, out)))
        if by_hand and not _entered(out.paint("  (Enter shows the answer)", "dim")):
            return 0
        print("\n".join(indented(card.answer, out, 6)) + "\n")
    return 0


def _entered(question: str) -> bool:
    """False where nobody goes on: Ctrl-D, Ctrl-C."""
    print(question, end="", flush=True)
    try:
        input()
    except (EOFError, KeyboardInterrupt):
        print()
        return False
    return True
