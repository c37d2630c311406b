"""What a lab asks: a prediction and how sure, before; what was seen, after.

    ask(options, lab, settings, out)      Asked("forty", 70): from the options, or by hand

Left out: judging the answer.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from ..grade.reports.terminal import Look
from ..lab.drawn import read as read_drawn
from ..lab.knobs import Settings
from ..lab.lab import Lab
from ..lab.prediction import CONFIDENCES, Prediction
from ..lab.units import Unreadable
from ..workshop.errors import Trouble
from .screen import indented, labelled

TRIES = 5
LONGEST = 500  # characters of what was seen that are kept
SURE = ", ".join(map(str, CONFIDENCES[:-1])) + f" or {CONFIDENCES[-1]}"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asked:
    """said: as the prediction reads it. confidence: percent. drawn: points of a curve."""

    said: str
    confidence: int
    drawn: dict[str, float]


def ask(
    options: Namespace, lab: Lab, settings: Settings, out: Look | None, shown: bool = True
) -> Asked:
    """out: how to ask; None where nobody is there, and then the options have to say it.

    shown  what is asked has been printed
    """
    plan = lab.plan(settings)
    labels = {variant.key: variant.label for variant in plan.variants}
    said, confidence = options.predict, options.confidence
    try:
        drawn = read_drawn(options.draw or "", plan, lab.quantities[0])
    except Unreadable as problem:
        raise Trouble(f"--draw: {problem}", "Write it as --draw VARIANT=VALUE,…") from None
    if said is None and out is None:
        sure = "" if confidence else f", and --confidence with {SURE}"
        raise Trouble(
            f"{lab.name} runs once you have predicted"
            f"{' what will come out.' if shown else f': {plan.asks.ask}'}",
            f"Add --predict with {plan.asks.form()}{sure}.",
        )
    if said is not None:
        try:
            said = plan.asks.read(said)
        except Unreadable as problem:
            raise Trouble(f"--predict: {problem}", f"It is asked: {plan.asks.ask}") from None
        if confidence is None and out is None:
            raise Trouble("How sure are you of it?", f"Add --confidence {SURE}.")
    elif out is not None:
        said = _predicted(plan.asks, labels, out)
    if confidence is None and out is not None:
        confidence = _until(f"  How sure are you, in percent ({SURE})? ", _confidence)
        print()
    assert said is not None
    return Asked(said, confidence, drawn)


def asked_for(lab: Lab, settings: Settings, out: Look) -> list[str]:
    """What is asked, and the words that answer it, where nobody can be asked."""
    plan = lab.plan(settings)
    labels = {variant.key: variant.label for variant in plan.variants}
    choices = plan.asks.choices(labels)
    lines = [out.paint(line, "bold") for line in indented(plan.asks.ask, out)]
    column = 6 + max((len(key) for key, _ in choices), default=0)
    for key, text in choices:
        lines += labelled(key, text, out, column, 4)
    return [*lines, ""]


def _predicted(asks: Prediction, labels: dict[str, str], out: Look) -> str:
    for line in indented(asks.ask, out):
        print(out.paint(line, "bold"))
    choices = asks.choices(labels)
    for number, (_, text) in enumerate(choices, 1):
        first, *more = out.wrapped(text, 7)
        print(f"    {number}  {first}")
        for line in more:
            print(f"       {line}")
    which = _which(asks, len(choices))
    return _until(f"  Your prediction ({which}): ", partial(_read, asks, which if choices else ""))


def _read(asks: Prediction, which: str, text: str) -> str:
    """As the menu says it: its numbers, not the words of the option."""
    try:
        return asks.read(text)
    except Unreadable:
        if not which:
            raise
        raise Unreadable(f"{text.strip()!r} is no choice. Type {which}.") from None


def _which(asks: Prediction, choices: int) -> str:
    if not choices:
        return f"such as {asks.example()}"
    numbers = ",".join(map(str, range(1, choices + 1)))
    return f"in order, such as {numbers}" if "," in asks.example() else f"1 to {choices}"


def _confidence(text: str) -> int:
    word = text.strip().rstrip("%").strip()
    if word not in map(str, CONFIDENCES):
        raise Unreadable(f"{text.strip()!r} is none of {SURE}.")
    return int(word)


def _until(question: str, read: Callable[[str], T]) -> T:
    """Ask until it can be read. Raises Trouble where nobody answers."""
    for _ in range(TRIES):
        try:
            return read(_line(question))
        except Unreadable as problem:
            print(f"  {problem}")
        except EOFError:
            print()
            break
    raise Trouble("Nothing was predicted, so nothing was run.", "Run it again.")


def ask_what_was_seen(out: Look) -> str:
    """One line in the learner's words; nothing where they leave it out."""
    print(
        out.paint(
            "  What did you see? One line, before the explanation; Enter leaves it out.", "bold"
        )
    )
    try:
        return _line("  > ").strip()[:LONGEST]
    except EOFError:
        print()
        return ""


def _line(question: str) -> str:
    """`input` by itself would put the question on standard error. Raises EOFError."""
    print(question, end="", flush=True)
    try:
        return input()
    except KeyboardInterrupt:
        print()
        raise
