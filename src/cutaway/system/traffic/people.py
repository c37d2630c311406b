"""Who acts next, what they ask, and whether the answer is right.

    crowd = Crowd(read(), Ledger(), random.Random(7))
    turn = crowd.turn()                a person's next step: its request, to be sent
    crowd.heard(turn, answer)          "" or why it was not right; the person goes on, or home

Whenever somebody is to act, it is one of those who have their last answer, or somebody new, so that
a few are always on their way. Who waits for an answer is not asked to act: while the service stands
still, all who come are new. So the rate is kept whatever the service does.

    moment ──▶ fewer than PEOPLE ready? ──▶ new: a journey by its weight ──▶ step ──▶ request
                     │no                                                              │
                     ╰──▶ one of them ◀── ready, if there is a next step ◀── answer ──╯

Who gets a wrong answer, or none, goes home. A to-do belongs to one person at a time; what others do
in the meantime, such as a page for a browser, is not this traffic's to judge.

Left out: what people do on purpose wrongly. That is for the stages.
"""

from __future__ import annotations

import json
import random
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .asking import Answer, written
from .journeys import Journey, Step
from .ledger import GONE, Entry, Ledger, State

PEOPLE = 8  # who are on their way, where the rate allows
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
TARGET = re.compile(r"/[!-~]{0,500}")
TAG = re.compile(r'"[!#-~]{0,200}"')
KIND = "application/json"

DO = ("buy", "find", "return", "ask Ada about", "write down", "mend", "fetch", "pay for", "paint")
WHAT = (
    "the milk", "stamps", "a ladder", "the library books", "Grüße aus Köln", "the garden hose",
    "two lemons", "the bicycle", "a birthday card", "the train tickets", "coffee", "the window",
)  # fmt: skip
WORDS = ("milk", "the", "book", "ladder", "ask", "lemon", "window")


class Wrong(Exception):
    """The answer is not what had to come. One sentence."""


@dataclass(slots=True, eq=False)
class Person:
    """known: what fills the {words} of steps. entry: the to-do that is theirs for now."""

    journey: Journey
    title: str
    known: dict[str, str] = field(default_factory=dict)
    entry: Entry | None = None
    at: int = 0


@dataclass(slots=True, eq=False)
class Turn:
    """One request of somebody. state: what the to-do will be if it is a write that succeeds."""

    person: Person
    step: Step
    octets: bytes
    state: State | None = None
    again: bool = False  # it may be sent a second time without harm


class Crowd:
    """weights: by journey, in place of those in the file."""

    def __init__(
        self, journeys: Mapping[str, Journey], ledger: Ledger, draws: random.Random, host: str
    ) -> None:
        self.journeys, self.ledger, self.draws, self.host = journeys, ledger, draws, host
        self.weights = {name: journey.weight for name, journey in journeys.items()}
        self.ready: list[Person] = []

    def turn(self) -> Turn:
        """The request of whoever acts now."""
        if len(self.ready) >= PEOPLE:
            at = self.draws.randrange(len(self.ready))
            self.ready[at], self.ready[-1] = self.ready[-1], self.ready[at]
            return self._turn(self.ready.pop())
        return self._turn(self._new())

    def heard(self, turn: Turn, answer: Answer | None) -> str:
        """What is not right with the answer; "" where all is. None: there was none."""
        person, why = turn.person, ""
        try:
            if answer is not None:
                judge(turn, answer, self.ledger, self.draws)
        except Wrong as wrong:
            why = str(wrong)
        person.at += 1
        if answer is not None and not why and self._has_more(person):
            self.ready.append(person)
        elif person.entry is not None:
            person.entry.busy = False
        return why

    def _has_more(self, person: Person) -> bool:
        steps = person.journey.steps
        while person.at < len(steps) and steps[person.at].asked(person.known) is None:
            person.at += 1
        return person.at < len(steps)

    def _new(self) -> Person:
        known = {"word": self.draws.choice(WORDS), "key": secrets.token_hex(8)}
        title = f"{self.draws.choice(DO)} {self.draws.choice(WHAT)}"
        journey = self._journey()
        entry = self.ledger.free() if journey.own else None
        if journey.own and entry is None:
            journey = next(one for one in self.journeys.values() if not one.own)
        if entry is not None:
            known |= {"id": entry.id} | ({"tag": entry.tag} if entry.tag else {})
        return Person(journey, title, known, entry)

    def _journey(self) -> Journey:
        there = len(self.ledger.there)
        for journey in self.journeys.values():
            if journey.above is not None and there > journey.above and self.weights[journey.name]:
                return journey
        names = list(self.journeys)
        weights = [self.weights[name] for name in names]
        if not any(weights):
            weights = [1.0] * len(names)
        return self.journeys[self.draws.choices(names, weights)[0]]

    def _turn(self, person: Person) -> Turn:
        step = person.journey.steps[person.at]
        asking = step.asked(person.known)
        assert asking is not None  # `_has_more`; a first step needs nothing more than it is given
        state, body = self._body(person, step)
        fields = {"Host": self.host, "Accept": KIND, "traceparent": self._trace(), **asking.fields}
        octets = written(asking.method, asking.target, fields, body, KIND)
        if state is not None and person.entry is not None:
            self.ledger.trying(person.entry, state)
        safe = asking.method != "POST" or "Idempotency-Key" in asking.fields
        return Turn(person, step, octets, state, safe)

    def _trace(self) -> str:
        """As W3C Trace Context has it: a name for this request, which a proxy passes on."""
        draws = self.draws
        return f"00-{draws.getrandbits(128) | 1:032x}-{draws.getrandbits(64) | 1:016x}-01"

    def _body(self, person: Person, step: Step) -> tuple[State | None, bytes]:
        """The state that it shall get, where it may; and how that is said."""
        entry = person.entry
        meant = any(status < 300 for status in step.expects)
        if step.does in ("create", "again"):
            return None, json.dumps({"title": person.title}, ensure_ascii=False).encode()
        if step.does == "change" and entry is not None:
            state = State(entry.state.title, not entry.state.done)
            body = {"title": state.title, "done": state.done}
            return state if meant else None, json.dumps(body, ensure_ascii=False).encode()
        return (GONE if step.does == "delete" and meant else None), b""


def judge(turn: Turn, answer: Answer, ledger: Ledger, draws: random.Random) -> None:
    """Take note of what an answer says. Raises Wrong."""
    person, step, entry = turn.person, turn.step, turn.person.entry
    if answer.status not in step.expects:
        if answer.status == 404 and entry is not None and entry.right(GONE) and not entry.sure:
            ledger.done(entry, GONE)  # a deletion without an answer had been done
            person.at = len(person.journey.steps)
            return
        wanted = " or ".join(map(str, step.expects))
        raise Wrong(f"{answer.status}, where {wanted} is right")
    if step.does == "list":
        _listed(person, answer, draws)
    elif step.does == "create":
        _created(person, answer, ledger)
    elif step.does == "again":
        if _object(answer).get("id") != person.known.get("id"):
            raise Wrong("sent again with the same key, it made a second to-do")
    elif entry is not None and answer.status < 300:
        _about(turn, entry, answer, ledger)
    elif answer.status == 200 and "listed" in person.known:
        person.known["seen"] = _tag(answer)


def _created(person: Person, answer: Answer, ledger: Ledger) -> None:
    said = _object(answer)
    if said.get("title") != person.title or not ID.fullmatch(str(said.get("id"))):
        raise Wrong("what was made is not what was sent")
    entry = ledger.created(said["id"], _tag(answer), State(person.title, False))
    entry.busy, person.entry = True, entry
    person.known |= {"id": entry.id, "tag": entry.tag}


def _about(turn: Turn, entry: Entry, answer: Answer, ledger: Ledger) -> None:
    """A to-do that is this person's was read, changed or deleted."""
    known = turn.person.known
    if turn.step.does == "delete":
        ledger.done(entry, GONE)
        return
    said = _object(answer)
    state = State(str(said.get("title")), said.get("done") is True)
    if turn.step.does == "change" and turn.state is not None:
        if state != turn.state:
            raise Wrong(f"it was changed to {turn.state}, and is said to be {state}")
        known["older"] = known.pop("tag")  # the new one is read: PUT need not say it
        ledger.done(entry, state)
        return
    if not entry.right(state):
        said_before = " or ".join(sorted(map(str, entry.may_be)))
        raise Wrong(f"it is {state}, where {said_before} was acknowledged")
    known["tag"] = entry.tag = _tag(answer)
    entry.state = state


def _listed(person: Person, answer: Answer, draws: random.Random) -> None:
    said = _object(answer)
    todos = said.get("todos")
    if not isinstance(todos, list):
        raise Wrong("the list is no list")
    ids = [str(one.get("id")) for one in todos if isinstance(one, dict)]
    person.known.pop("next", None)
    if ids and all(map(ID.fullmatch, ids)):
        person.known["listed"] = draws.choice(ids)
    if TARGET.fullmatch(str(said.get("next"))):
        person.known["next"] = said["next"]


def _object(answer: Answer) -> dict[str, Any]:
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        raise Wrong("its body is no JSON") from None
    if not isinstance(said, dict):
        raise Wrong("its body is no JSON object")
    return said


def _tag(answer: Answer) -> str:
    tag = answer.field("etag")
    if not TAG.fullmatch(tag):
        raise Wrong("it has no ETag")
    return tag
