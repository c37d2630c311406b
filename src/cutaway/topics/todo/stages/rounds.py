"""How fast the program reads, against the reference beside it: the step `keeps_pace`.

    program     ▁▁████▁▁▁▁▁▁▁▁████▁▁▁▁▁▁▁▁████        one client, one connection, one read at a time
    reference   ▁▁▁▁▁▁▁▁████▁▁▁▁▁▁▁▁████▁▁▁▁▁▁▁▁████

Each has a store and a cache of its own, of the same kind behind the same kind of link, since what a
program keeps there is its own business. They are asked in turn, so that whatever else the machine
does weighs on both. What is kept is the ratio of each round; the verdict is about the best of them.
The client does next to nothing itself, or it would be the client that is compared with itself.

Left out: many clients at once. `cutaway load` is for that.
"""

from __future__ import annotations

import re
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import BadStatusLine, HTTPConnection, HTTPException, HTTPResponse

from ....grade.outcomes import CannotTell, Failed
from ....grade.play import ANSWER, Play
from ....grade.scorecard import Measured
from ....grade.stage import Step
from ....grade.verdict import Reached
from .steps import OTHER, Beside

REFERENCE = (sys.executable, "-m", "cutaway.topics.todo.server")
#: What it is told instead of the program's own.
THEIRS = {"STORE": "reference's store", "CACHE": "reference's cache"}
JSON = "application/json"
ROUNDS, TURNS = 5, 10
TURN = 0.02  # seconds
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
Ask = Callable[[HTTPConnection, str], None]


@dataclass(frozen=True, slots=True)
class KeepsPace(Step):
    """Reads of {a}: in the best round at least `least` of the reference's pace in its best."""

    least: float

    def run(self, play: Play) -> None:
        Beside((Rounds(self.least),), REFERENCE, THEIRS).run(play)

    def sketch(self) -> str:
        return f"reads from the cache, at least {self.least:g} of the reference's pace"


@dataclass(frozen=True, slots=True)
class Rounds(Step):
    """The rounds, while the reference runs."""

    least: float

    def run(self, play: Play) -> None:
        place = play.kept["a"].decode()
        place, other = place[place.index("/todos/") :], made(play)
        ask = bare if is_plain(play, place) else usual
        with client_of(play, play.stage.port) as client, client_of(play, OTHER) as reference:
            sides = Side(client, ask, place), Side(reference, ask, other)
            for _ in range(ROUNDS):
                play.running.go_on()
                one_round(play, *sides)
        measured = Measured("reads a second", *(tuple(side.paces) for side in sides))
        play.measured = measured
        play.notes_once(measured.sentence)
        best, theirs = (max(side.paces) for side in sides)
        if best < self.least * theirs:
            wanted = f"at least {self.least * theirs:.0f} reads a second, of the reference's"
            raise Failed("fast", f"{wanted} {theirs:.0f}", f"{best:.0f}")
        play.hold("fast")

    def sketch(self) -> str:
        return f"{ROUNDS} rounds of {TURNS * TURN:g} s for each, in turns of {TURN:g} s"


@dataclass(slots=True)
class Side:
    """One of the two that are compared. paces: reads a second, of each round."""

    client: HTTPConnection
    ask: Ask
    place: str
    paces: list[float] = field(default_factory=list)
    count: int = 0
    spent: float = 0.0

    def turn(self) -> None:
        """Reads for a moment, one at least. Raises OSError, HTTPException, Failed."""
        began = now = time.monotonic()
        while now < began + TURN:
            self.read()
            self.count += 1
            now = time.monotonic()
        self.spent += now - began

    def read(self) -> None:
        """A connection may end behind any answer: then the read is done on a new one."""
        try:
            self.ask(self.client, self.place)
        except (ConnectionError, BadStatusLine):
            self.client.close()
            self.ask(self.client, self.place)

    def end(self) -> None:
        self.paces.append(self.count / self.spent)
        self.count, self.spent = 0, 0.0


def one_round(play: Play, mine: Side, theirs: Side) -> None:
    """Short turns, so that a moment in which the machine is busy meets both. Raises Failed."""
    for _ in range(TURNS):
        try:
            mine.turn()
        except (OSError, HTTPException) as problem:
            found = play.told(f"{type(problem).__name__} after {mine.count} reads")
            raise Failed(Reached.ANSWERED, "an answer to every read", found) from None
        try:
            theirs.turn()
        except (OSError, HTTPException) as problem:
            raise CannotTell(f"the reference does not answer ({problem})") from None
    mine.end()
    theirs.end()


def made(play: Play) -> str:
    """The place of a to-do that the reference has made and put into its cache. Raises CannotTell."""
    with client_of(play, OTHER) as client:
        try:
            client.request("POST", "/todos", b'{"title": "milk"}', {"Content-Type": JSON})
            answer = client.getresponse()
            answer.read()
            place = answer.headers.get("Location", "")
            usual(client, place)
        except (OSError, HTTPException, Failed) as problem:
            raise CannotTell(f"the reference does not answer ({problem})") from None
        return place


@contextmanager
def client_of(play: Play, port: str) -> Iterator[HTTPConnection]:
    host, number = play.running.addresses[port]
    with closing(HTTPConnection(host, number, timeout=4 * ANSWER)) as client:
        yield client


def is_plain(play: Play, place: str) -> bool:
    """Whether answers say their length and keep the connection: `bare` reads no others."""
    with client_of(play, play.stage.port) as client:
        try:
            answer = asked(client, place)
            return answer.length is not None and not answer.will_close
        except (OSError, HTTPException) as problem:
            found = play.told(type(problem).__name__)
            raise Failed(Reached.ANSWERED, "an answer to a read", found) from None


def usual(client: HTTPConnection, place: str) -> None:
    """One read, by a client that understands any answer. Raises OSError, HTTPException, Failed."""
    asked(client, place).read()


def asked(client: HTTPConnection, place: str) -> HTTPResponse:
    client.request("GET", place)
    answer = client.getresponse()
    if answer.status != 200:
        raise Failed(Reached.AS_ASKED, "200 to every read", str(answer.status))
    return answer


def bare(client: HTTPConnection, place: str) -> None:
    """The same, by one that looks for the end of the answer and for nothing else."""
    if client.sock is None:
        client.connect()
    sock = client.sock
    sock.sendall(b"GET %b HTTP/1.1\r\nHost: localhost\r\n\r\n" % place.encode())
    answer = some(sock)
    while (end := answer.find(b"\r\n\r\n")) < 0:
        answer += some(sock)
    length = LENGTH.search(answer, 0, end + 2)
    if not answer.startswith(b"HTTP/1.1 200 ") or length is None:
        found = answer.partition(b"\r\n")[0][:60].decode("latin-1")
        raise Failed(Reached.AS_ASKED, "200 to every read, with its length", found)
    while len(answer) < end + 4 + int(length[1]):
        answer += some(sock)


def some(sock: socket.socket) -> bytes:
    """Raises OSError, also where there is no more."""
    data = sock.recv(65536)
    if not data:
        raise ConnectionResetError
    return data


def keeps_pace(least: float) -> KeepsPace:
    return KeepsPace(least)
