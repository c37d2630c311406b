"""Whose doing an exchange was: of all that a part was asked just then, what made it ask this.

    parents = Parents(blueprint, ear, over)
    parents.of(child, wire)          (exchange, 1): that one · (exchange, 3): one of three

Nobody has to cooperate, and no field alone is trusted. What a part asks belongs to something that it
was asked, which came before it and was not answered before it was over. Where there are several:

    words    the one with which it has words in common that it has not with the others: an id, a key, a
             title, a trace id that was passed on. What has none goes with what was asked in the same
             breath, where that has: of MULTI, SET milk, EXEC only one can tell
    waits    else the one that did not wait for anything else at that moment
    none     else it is said among how many it may have been

Where a part asks in the language that it is asked in, as a proxy does, it passes on what it was asked:
half of the words have to be there. A look whether somebody is well has not, and belongs to nothing.

Left out: parts that ask several at once for one request, and without a word in common: there `waits`
is wrong. Questions that are asked once for several requests.
"""

from __future__ import annotations

import re
from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping

from .blueprint import Blueprint
from .blueprint import Wire as Between
from .ear import Ear, Exchange, NotKept

LATER = 0.25  # seconds by which what is noted as over may be out of order
SEEN = 16 << 10  # octets of a message that are looked at for words
SLACK = 0.0005  # seconds by which one relay may note an event later than another notes its cause
PASSED_ON = 0.5  # of the words of a question that are in one that passes it on
KNOWN = 4000  # exchanges whose words are remembered
WORD = re.compile(rb"[A-Za-z0-9_.~-]{4,}")

Words = frozenset[bytes]


class Parents:
    """over: wire → its latest exchanges that are over, in the order of their ends."""

    def __init__(self, blueprint: Blueprint, ear: Ear, over: Mapping[str, deque[Exchange]]) -> None:
        self.blueprint, self.ear, self.over = blueprint, ear, over
        self._known: OrderedDict[tuple[str, bool], Words] = OrderedDict()
        self._found: OrderedDict[str, tuple[Exchange | None, int]] = OrderedDict()

    def of(self, child: Exchange, wire: Between) -> tuple[Exchange | None, int]:
        """What it belongs to, and among how many that could not be told."""
        if child.id not in self._found:
            found = self._of(child, wire)
            if child.ended is None or (found[0] is not None and found[0].ended is None):
                return found  # more may be known of it later
            self._found[child.id] = found
            if len(self._found) > KNOWN:
                self._found.popitem(last=False)
        return self._found[child.id]

    def _of(self, child: Exchange, wire: Between) -> tuple[Exchange | None, int]:
        likely = self._by_words(child, wire)
        if len(likely) > 1:
            free = [one for one in likely if not self._waits(one, wire.source, child)]
            likely = free or likely
        return max(likely, key=lambda one: one.began, default=None), len(likely)

    def during(self, wire: str, start: float, end: float) -> Iterator[Exchange]:
        """The exchanges of a wire that were open between two moments, over or not."""
        for one in reversed(self.over[wire]):
            if ending(one) < start - LATER:
                break
            if one.began <= end and ending(one) >= start:
                yield one
        for talk in self.ear.wires[wire].talks.values():
            yield from (one for one in talk.waiting if one.began <= end)

    def _by_words(self, child: Exchange, wire: Between) -> list[Exchange]:
        """Those between which words do not decide: one, if they do."""
        likely = self._by_own(child, wire)
        if len(likely) < 2:
            return likely
        decided = {
            id(found[0]): found[0]
            for one in self._breath(child)
            if len(found := self._by_own(one, wire)) == 1
        }
        return list(decided.values()) if len(decided) == 1 else likely

    def _by_own(self, child: Exchange, wire: Between) -> list[Exchange]:
        began = child.began
        likely = [
            one
            for into in self.blueprint.into(wire.source)
            for one in self.during(into.name, began - SLACK, began + SLACK)
            if (one.ended is None or ending(one) >= ending(child) - SLACK)
            and (into.link.topic != wire.link.topic or self._passes_on(child, one))
        ]
        if len(likely) < 2:
            return likely
        mine = self._words(child)
        shared = [mine & self._words(one) for one in likely]
        alone = [len(words - _union(shared, but=at)) for at, words in enumerate(shared)]
        best = max(alone)
        return [one for one, count in zip(likely, alone, strict=True) if count == best]

    def _breath(self, child: Exchange) -> Iterator[Exchange]:
        """What came at once with it on its connection."""
        for one in self.during(child.wire, child.began, child.began):
            if one.number == child.number and one.began == child.began and one is not child:
                yield one

    def _waits(self, one: Exchange, part: str, child: Exchange) -> bool:
        """Whether it waited for something else when the child was asked."""
        for wire in self.blueprint.out_of(part):
            for other in self.during(wire.name, child.began, child.began):
                if other.wire == child.wire and other.number == child.number:
                    continue
                if other.began < child.began < ending(other) and self._by_words(other, wire) == [
                    one
                ]:
                    return True
        return False

    def _passes_on(self, child: Exchange, parent: Exchange) -> bool:
        asked = self._words(parent, answer=False)
        return len(asked & self._words(child, answer=False)) >= PASSED_ON * len(asked)

    def _words(self, exchange: Exchange, answer: bool = True) -> Words:
        """What its octets have that may tell it from others. answer: of both of its messages."""
        whole = answer and exchange.answer is not None
        key = exchange.id, whole
        if key not in self._known:
            self._known[key] = self._read(exchange, whole)
            if len(self._known) > KNOWN:
                self._known.popitem(last=False)
        return self._known[key]

    def _read(self, exchange: Exchange, answer: bool) -> Words:
        wire, words = self.ear.wires[exchange.wire], set[bytes]()
        for message in (exchange.question, exchange.answer if answer else None):
            if message is not None:
                size = min(message.size, SEEN)
                try:
                    data = wire.octets(message.number, message.way, message.offset, size)
                except NotKept:
                    continue
                words.update(WORD.findall(data))
        return frozenset(words)


def _union(sets: list[Words], but: int) -> Words:
    return frozenset().union(*(one for at, one in enumerate(sets) if at != but))


def ending(exchange: Exchange) -> float:
    """When its answer had come, as far as that is known."""
    return max(exchange.came, exchange.ended or exchange.question.at)
