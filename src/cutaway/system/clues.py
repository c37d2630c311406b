"""What shows a fault on the wires: a predicate on one request, and on all that it led to.

    clue = clue_of({
        "asks": "^GET /todos/(?P<id>[^?]+)$", "answers": "^200",
        "has": [{"link": "app-to-cache", "asks": "^GET todo:{id}$", "answers": "^nothing$"}],
        "lacks": [{"link": "app-to-cache", "asks": "^SET todo:{id} "}],
    })
    shown_by(clue, heard, exchange)      the exchanges that show it; None where it does not show

A request is read as the page shows it: `asks` and `answers` are looked for in the one line that a
message says, `asks_octets` and `answers_octets` in its octets, read as Latin-1. What a pattern of the
request names, as id above, stands in those of `has` and `lacks` for what was found.

    has     each of these was among what the request led to; they are the evidence
    lacks   none of these was on that link while the request was under way, whosever it was, so that
            nothing is said to be missing that only could not be told apart; the request is evidence

What is slow is slow as a rule: half of the latest of its kind took so long, and more than TIMES as
long as the same on the wires beside it, or as another kind on the same wire.

Left out: what takes two requests to see.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from .ear import Ear, Exchange, Message, NotKept
from .trace import Node, Tracer, ending

SLACK = 0.05  # seconds by which what belongs to a request may have begun behind its end
KINDS = 20  # exchanges of a kind that are compared
ENOUGH = 8  # of them, below which nothing is said
TIMES = 2.5
SEEN = 16 << 10  # octets of a message that are read


@dataclass(frozen=True, slots=True)
class Sight:
    """An exchange that is looked for.

    link        between two slots, as app-to-cache, or one wire of it, as app-1-to-cache
    unanswered  its connection ended without an answer
    broken      its answer is no message
    once        its connection carried nothing else, and is over
    slower      seconds that it took at least
    beside      slow beside the other wires of its link
    than        slow beside exchanges of its wire that ask this
    """

    link: str = ""
    asks: str = ""
    answers: str = ""
    asks_octets: str = ""
    answers_octets: str = ""
    unanswered: bool = False
    broken: bool = False
    once: bool = False
    slower: float = 0.0
    faster: float = 0.0
    beside: bool = False
    than: str = ""


@dataclass(frozen=True, slots=True)
class Clue:
    root: Sight
    has: tuple[Sight, ...] = ()
    lacks: tuple[Sight, ...] = ()


@dataclass(frozen=True, slots=True)
class HeardOf:
    """What clues are held against."""

    tracer: Tracer
    ear: Ear

    def roots(self, clue: Clue) -> Iterator[Exchange]:
        """Requests that may show it, the latest first."""
        for wire in self.wires(clue.root.link):
            yield from reversed(self.tracer.over[wire])

    def wires(self, link: str) -> list[str]:
        """Of a link, by the slots at its ends or by its own name; "": where the traffic comes in."""
        every = self.tracer.wires.values()
        if not link:
            return [next(iter(self.tracer.wires))]
        return [w.name for w in every if link in (w.name, f"{w.link.source}-to-{w.link.target}")]

    def octets(self, message: Message) -> str:
        try:
            return (
                self.ear.wires[message.wire]
                .octets(message.number, message.way, message.offset, min(message.size, SEEN))
                .decode("latin-1")
            )
        except NotKept:
            return ""


def clue_of(said: Mapping[str, Any]) -> Clue:
    """Raises TypeError for a word that is none; re.error."""
    row = dict(said)
    has = tuple(Sight(**one) for one in row.pop("has", ()))
    lacks = tuple(Sight(**one) for one in row.pop("lacks", ()))
    clue = Clue(Sight(**row), has, lacks)
    for sight in (clue.root, *has, *lacks):
        for pattern in _patterns(sight):
            compiled(re.sub(r"\{[a-z]+\}", "x", pattern))
    return clue


def _patterns(sight: Sight) -> tuple[str, ...]:
    return sight.asks, sight.answers, sight.asks_octets, sight.answers_octets, sight.than


@lru_cache(maxsize=2000)
def compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.MULTILINE)


def found_in(
    clue: Clue, heard: HeardOf, latest: int = 2000
) -> tuple[Exchange, list[Exchange]] | None:
    """The latest request that shows it, and what shows it there."""
    for root in islice(heard.roots(clue), latest):
        if evidence := shown_by(clue, heard, root):
            return root, evidence
    return None


def shown_by(clue: Clue, heard: HeardOf, root: Exchange) -> list[Exchange] | None:
    """The exchanges that show it, where this request does."""
    known = _seen(clue.root, heard, root, {})
    if known is None:
        return None
    tree = heard.tracer.tree(root)
    evidence = list[Exchange]()
    for sight in clue.has:
        there = [e for e in _among(sight, heard, tree) if _seen(sight, heard, e, known) is not None]
        if not there:
            return None
        evidence += there
    if any(_on_the_way(sight, heard, tree, known) for sight in clue.lacks):
        return None
    if clue.lacks or not clue.has:
        evidence += _asked_on(tree)
    return evidence


def _among(sight: Sight, heard: HeardOf, tree: Node) -> list[Exchange]:
    wires = heard.wires(sight.link)
    return [node.exchange for node in tree if node.exchange.wire in wires]


def _asked_on(tree: Node) -> list[Exchange]:
    """The request itself, and as it was passed on in the same language."""
    found, topic = [tree.exchange], tree.wire.link.topic
    for child in tree.children:
        if child.wire.link.topic == topic:
            found += _asked_on(child)
    return found


def _on_the_way(sight: Sight, heard: HeardOf, tree: Node, known: Mapping[str, str]) -> bool:
    """Whether it was to be seen on the wires of those who had the request."""
    asked = {node.wire.target for node in tree}
    start, end = tree.exchange.began - SLACK, ending(tree.exchange) + SLACK
    for wire in heard.wires(sight.link):
        if heard.tracer.wires[wire].source not in asked:
            continue
        waiting = [e for talk in heard.ear.wires[wire].talks.values() for e in talk.waiting]
        for one in (*waiting, *reversed(heard.tracer.over[wire])):
            if one.ended is not None and one.ended < start - 1.0:
                break
            if start <= one.began <= end:
                found = _asks(sight, heard, one, known)
                if found is not None and _answers(sight, heard, one, known, found):
                    return True
    return False


def _seen(
    sight: Sight, heard: HeardOf, one: Exchange, known: Mapping[str, str]
) -> dict[str, str] | None:
    """What is known once it was seen; None where it is not this."""
    took = ending(one) - one.began
    if took < sight.slower or (sight.faster and took > sight.faster):
        return None
    if (sight.unanswered and one.answer is not None) or (sight.once and not _once(heard, one)):
        return None
    found = _asks(sight, heard, one, known)
    if found is None or not _answers(sight, heard, one, known, found):
        return None
    if sight.broken and not _broken(heard, one):
        return None
    if (sight.beside or sight.than) and not _slow(sight, heard, one):
        return None
    return found


def _asks(
    sight: Sight, heard: HeardOf, one: Exchange, known: Mapping[str, str]
) -> dict[str, str] | None:
    found = dict(known)
    return (
        found
        if _matches(heard, one.question, sight.asks, sight.asks_octets, known, found)
        else None
    )


def _answers(
    sight: Sight, heard: HeardOf, one: Exchange, known: Mapping[str, str], found: dict[str, str]
) -> bool:
    if not sight.answers and not sight.answers_octets:
        return True
    return one.answer is not None and _matches(
        heard, one.answer, sight.answers, sight.answers_octets, known, found
    )


def _matches(
    heard: HeardOf,
    message: Message,
    line: str,
    octets: str,
    known: Mapping[str, str],
    found: dict[str, str],
) -> bool:
    for pattern in (line, octets):
        if pattern:
            text = message.says if pattern is line else heard.octets(message)
            match = compiled(_filled(pattern, known)).search(text)
            if match is None:
                return False
            found.update({k: v for k, v in match.groupdict().items() if v is not None})
    return True


def _filled(pattern: str, known: Mapping[str, str]) -> str:
    for name, value in known.items():
        pattern = pattern.replace(f"{{{name}}}", re.escape(value))
    return pattern


def _once(heard: HeardOf, one: Exchange) -> bool:
    if one.number in heard.ear.wires[one.wire].talks:
        return False
    return sum(other.number == one.number for other in heard.tracer.over[one.wire]) == 1


def _broken(heard: HeardOf, one: Exchange) -> bool:
    """Whether what came behind the question on its connection was no message."""
    return any(
        message.broken and message.number == one.number and message.at >= one.question.at
        for message in reversed(heard.ear.wires[one.wire].messages)
    )


def _slow(sight: Sight, heard: HeardOf, one: Exchange) -> bool:
    took = _times(heard, one.wire, sight.asks)
    if len(took) < ENOUGH or statistics.median(took) < sight.slower:
        return False
    if sight.than:
        others = _times(heard, one.wire, sight.than)
    else:
        link = heard.tracer.wires[one.wire].link
        wires = heard.wires(f"{link.source}-to-{link.target}")
        others = [t for w in wires if w != one.wire for t in _times(heard, w, sight.asks)]
    return len(others) >= ENOUGH and statistics.median(took) > TIMES * statistics.median(others)


def _times(heard: HeardOf, wire: str, asks: str) -> list[float]:
    """How long the latest of a kind took."""
    kind = (e for e in reversed(heard.tracer.over[wire]) if compiled(asks).search(e.question.says))
    return [ending(e) - e.began for e in islice(kind, KINDS)]
