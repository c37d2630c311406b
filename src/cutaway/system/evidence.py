"""Whether what somebody points at shows the fault that is hidden, and what else does.

    judge = Judge(heard, case)
    judge.of_message(message)       True: it is one that the clue is about
    judge.of_request(exchange)      True: the clue is in what this request led to
    judge.examples(since)           the latest that show it, for who has found none

A message shows it when its exchange is evidence in a request that it may have been part of. A request
shows it when the clue does, in it; where a wire is at fault, also when what shows it was asked by a
part that had the request meanwhile, since an answer that comes too late belongs to no request any more.

Left out: remembering what was judged. Messages are forgotten, marks are not: hunt.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from .clues import HeardOf, shown_by
from .ear import Exchange, Message
from .hunt import Case, Mark
from .trace import ending

SHOWN = 3
TRIED = 800  # requests that are looked through


@dataclass(frozen=True, slots=True)
class Judge:
    """Only while the machine's lock is held."""

    heard: HeardOf
    case: Case

    def of_message(self, message: Message) -> bool:
        mine = [e for e in self._on(message.wire) if message in (e.question, e.answer)]
        ids = {one.id for one in mine}
        return any(self._shows(self._around(one), ids) for one in mine)

    def of_request(self, one: Exchange) -> bool:
        if one.wire in self.heard.wires(self.case.clue.root.link):
            return self._shows([one])
        return bool(self.case.wire) and self._shows(self._meanwhile(one))

    def examples(self, since: float) -> list[Mark]:
        found = list[Mark]()
        for root in islice(self.heard.roots(self.case.clue), TRIED):
            if len(found) == SHOWN or root.began < since:
                break
            if evidence := shown_by(self.case.clue, self.heard, root):
                found.append(self._told(evidence[0]))
        return found

    def _told(self, one: Exchange) -> Mark:
        """As a link to it: the message of the two that says it."""
        if one.wire == self.heard.wires("")[0]:
            return Mark("request", one.id, one.question.says, True)
        sights = (self.case.clue.root, *self.case.clue.has)
        asks = next((s for s in sights if one.wire in self.heard.wires(s.link)), None)
        answers = asks is not None and bool(asks.answers or asks.answers_octets)
        message = one.answer if answers and one.answer is not None else one.question
        return Mark("message", message.id, message.says, True)

    def _on(self, wire: str) -> list[Exchange]:
        """Over or not."""
        talks = self.heard.ear.wires[wire].talks.values()
        return [*(one for talk in talks for one in talk.waiting), *self.heard.tracer.over[wire]]

    def _around(self, one: Exchange) -> list[Exchange]:
        """Requests that it may be part of."""
        over = ending(one)
        return [
            root
            for root in islice(self.heard.roots(self.case.clue), 2 * TRIED)
            if root.began <= one.began + 0.05 and ending(root) >= min(over, one.began)
        ]

    def _meanwhile(self, one: Exchange) -> list[Exchange]:
        """Roots of the clue that a part asked while it had the request."""
        had = {node.wire.target for node in self.heard.tracer.tree(one)}
        return [
            root
            for root in islice(self.heard.roots(self.case.clue), 2 * TRIED)
            if one.began <= root.began <= ending(one)
            and self.heard.tracer.wires[root.wire].source in had
        ]

    def _shows(self, roots: Iterable[Exchange], ids: set[str] | None = None) -> bool:
        """Whether one of these does; ids: by one of these exchanges."""
        for root in roots:
            evidence = shown_by(self.case.clue, self.heard, root) or []
            if evidence and (ids is None or ids & {one.id for one in evidence}):
                return True
        return False
