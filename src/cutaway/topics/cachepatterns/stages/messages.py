"""What clients ask, what the origin answers, and what is looked at in the cache.

    get("aside/k1")                       GET /aside/k1
    miss("aside/k1", b"v")                the client asks, the origin is asked and answers, and so on
    hit("aside/k1", b"v")                 the client has it, and the origin is not asked
    cached(b"EXISTS", b"aside:k1", integer=1)    a look into the cache itself, past the relay

The origin is played: a far side. The cache is there: a part that is given, a program of its own.

Left out: the cases.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ....grade.answering import Reply, Tally
from ....grade.asking import answers, asked
from ....grade.far import Far
from ....grade.given import Given, Passed
from ....grade.matchers import Matcher, between
from ....grade.outcomes import Failed
from ....grade.play import Play
from ....grade.promptly import spared
from ....grade.stage import Case, Step, case
from ....grade.steps import expect, send
from ....grade.verdict import Rule
from ....net.relay import Link
from ...cache.codec import Command, Push, Resp
from ...http1.codec import Fields, Http1, Request, Response
from .. import rules

#: Where the cache's slowness is not the matter, it may take its time: this machine may be busy.
PATIENT = {"CACHE_MS": "5000"}
#: Commands that go through all keys, or take all away.
SWEEPING = (b"FLUSHALL", b"FLUSHDB", b"KEYS", b"SCAN")


class Cache(Resp):
    """RESP, of which pushes are said to nobody."""

    @staticmethod
    def unasked(message: Any) -> bool:
        return isinstance(message, Push)


ORIGIN = Far(name="origin", codec=Http1, called="the origin", variable="ORIGIN", link=Link())
CACHE = Given(
    name="cache",
    run=(sys.executable, "-m", "cutaway.topics.cache.server"),
    codec=Cache,
    called="the cache",
    variable="CACHE",
    clears=Command((b"FLUSHALL",)),
)


def get(path: str, method: bytes = b"GET") -> Request:
    return Request(method=method, target=b"/" + path.encode(), fields=((b"Host", b"localhost"),))


def put(path: str, value: bytes, method: bytes = b"PUT") -> Request:
    fields: Fields = ((b"Host", b"localhost"), (b"Content-Length", b"%d" % len(value)))
    return Request(method=method, target=b"/" + path.encode(), fields=fields, body=value)


def ok(value: bytes) -> Response:
    """The origin has it."""
    return Response(fields=((b"Content-Length", b"%d" % len(value)),), body=value)


NONE = Response(status=404, reason=b"Not Found", fields=((b"Content-Length", b"0"),))
FAILS = Response(status=503, reason=b"Service Unavailable", fields=((b"Content-Length", b"0"),))
TAKEN = Response(status=204, reason=b"No Content")


def item(path: str) -> bytes:
    """What the origin is asked for: the key is the last part of the path."""
    return b"/items/" + path.rpartition("/")[2].encode()


def entry(path: str) -> bytes:
    """The name of the entry in the cache."""
    return path.replace("/", ":").encode()


@dataclass(frozen=True, slots=True)
class IsAsked(Step):
    """The origin is asked. A program that fails in this before anything else has happened does not
    do what the pattern begins with, whatever the case is about: `first` is the reason then.
    """

    asked: Step
    first: Rule

    def run(self, play: Play) -> None:
        begins = {act.kind for act in play.acts} <= {"connect", "send"}
        begins = begins and not any(line.answers for line in play.lines.values())
        try:
            self.asked.run(play)
        except Failed as failed:
            if begins:
                failed.because = failed.because or str(self.first)
            raise

    def sketch(self) -> str:
        return self.asked.sketch()


def is_asked(path: str, on: str = "", method: bytes = b"GET", **wanted: Any) -> Step:
    """The origin is asked for the key of that path."""
    first = rules.MISS if method == b"GET" else rules.TOLD
    return IsAsked(asked("origin", on, method=method, target=item(path), **wanted), first)


def miss(path: str, value: bytes) -> tuple[Step, ...]:
    """The client asks, the origin is asked and answers, the client has it."""
    return (
        send(get(path)),
        is_asked(path),
        answers("origin", ok(value)),
        expect(status=200, body=value),
    )


def hit(path: str, value: bytes) -> tuple[Step, ...]:
    """The client asks and has it, and the origin is not asked."""
    return (send(get(path)), spared("origin", status=200, body=value))


def writes(path: str, value: bytes, status: int = 204) -> tuple[Step, ...]:
    """The client writes, the origin takes it, the client is told."""
    return (
        send(put(path, value)),
        is_asked(path, method=b"PUT", body=value),
        answers("origin", TAKEN),
        expect(status=status),
    )


def refused(path: str, value: bytes) -> tuple[Step, ...]:
    """The client writes, the origin does not take it, the client is told."""
    return (
        send(put(path, value)),
        is_asked(path, method=b"PUT", body=value),
        answers("origin", FAILS),
        expect(status=502),
    )


def apart(name: str, rule: Rule, *steps: Step, **options: Any) -> Case:
    """A case with a program of its own: what goes on in the background ends with it."""
    return case(name, rule, *steps, alone=True, **options)


# The cache, looked at directly.


def cached(*words: bytes, **wanted: Any) -> tuple[Step, ...]:
    """The check itself says this to the cache, past the relay."""
    return (send(Command(words), on="cache"), expect(on="cache", **wanted))


def has(path: str) -> tuple[Step, ...]:
    return cached(b"EXISTS", entry(path), integer=1)


def has_not(path: str) -> tuple[Step, ...]:
    return cached(b"EXISTS", entry(path), integer=0)


def lives(path: str, low: int, high: int) -> tuple[Step, ...]:
    """The lifetime that the entry has left, in milliseconds."""
    says = f"a lifetime of {low} to {high} ms left (-1: none is set, -2: no entry)"
    return cached(b"PTTL", entry(path), integer=between(low, high, says))


# What passed to the cache.


def seen(says: str, check: Any) -> Matcher:
    """Of what passed to the cache, that is true."""
    return Matcher(says, check)


def touches(path: str, says: str = "") -> Matcher:
    """The cache was asked or told something about this entry."""
    name = entry(path)
    return seen(
        says or f"a command about {name.decode()}",
        lambda passed: any(name in one.asked.words[1:] for one in passed),
    )


def few(path: str, count: int, says: str) -> Matcher:
    """At most so many commands were about this entry."""
    name = entry(path)

    def check(passed: Sequence[Passed]) -> bool:
        return sum(name in one.asked.words[1:] for one in passed) <= count

    return seen(says, check)


def untouched(*paths: str) -> Matcher:
    """No command was about any of these entries."""
    names = {entry(path) for path in paths}
    return seen(
        f"no command about {' or '.join(sorted(name.decode() for name in names))}",
        lambda passed: not any(names & {*one.asked.words[1:]} for one in passed),
    )


def never(*commands: bytes) -> Matcher:
    """None of these commands."""
    return seen(
        f"no {', '.join(command.decode() for command in commands)}",
        lambda passed: not any(one.asked.name in commands for one in passed),
    )


def without(value: bytes) -> Matcher:
    """Nothing that was said to the cache has these octets in it."""

    def check(passed: Sequence[Passed]) -> bool:
        return not any(value in word for one in passed for word in one.asked.words)

    return seen(f"nothing with {value.decode()} in it", check)


# An origin that answers by itself.


@dataclass(frozen=True, slots=True)
class Items:
    """value   of each item that is asked for; None: there is none. {key} in it is its key
    status  of the answers, instead
    after   seconds until they come
    held    they wait for `releases`
    """

    value: bytes | None = b"v1"
    status: int = 0
    after: float = 0.0
    held: bool = False
    more: Response | None = field(default=None, repr=False)

    def reply(self, message: Any, number: int) -> Reply:
        answer = self.answer(message)
        return Reply(bytes(answer), after=self.after, held=self.held)

    def answer(self, message: Any) -> Response:
        if self.status:
            return Response(status=self.status, fields=((b"Content-Length", b"0"),))
        if message.method != b"GET":
            return TAKEN
        if self.value is None:
            return NONE
        return ok(self.value.replace(b"{key}", message.target.rpartition(b"/")[2]))

    def sample(self) -> bytes:
        return bytes(FAILS if self.status else ok(self.value or b""))

    def __str__(self) -> str:
        said = f"{self.status}" if self.status else f"200 {(self.value or b'').decode()}"
        return said + (f" after {self.after:g} s" if self.after else "")


def asks(low: int, high: int, says: str) -> Matcher:
    """The origin was asked so often."""

    def check(tallies: dict[str, Tally]) -> bool:
        return low <= tallies["origin"].count <= high

    return Matcher(says, check)
