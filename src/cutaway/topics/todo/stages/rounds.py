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
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse

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
ROUNDS = 5
SPELL = 0.15  # seconds of each program in a round
FEWEST = 5  # reads in a spell, however long they take
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
        mine, theirs = [], []
        for _ in range(ROUNDS):
            play.running.go_on()
            mine.append(pace(play, play.stage.port, ask, place))
            theirs.append(pace(play, OTHER, ask, other))
        measured = Measured("reads a second", tuple(mine), tuple(theirs))
        play.measured = measured
        play.notes_once(measured.sentence)
        wanted, best = self.least * max(theirs), max(mine)
        if best < wanted:
            expected = f"at least {wanted:.0f} reads a second, of the reference's {max(theirs):.0f}"
            raise Failed("fast", expected, f"{best:.0f}")
        play.hold("fast")

    def sketch(self) -> str:
        return f"{ROUNDS} rounds of {SPELL:g} s each"


def made(play: Play) -> str:
    """The place of a to-do that the reference has made. Raises CannotTell."""
    with client_of(play, OTHER) as client:
        try:
            client.request("POST", "/todos", b'{"title": "milk"}', {"Content-Type": JSON})
            answer = client.getresponse()
        except (OSError, HTTPException) as problem:
            raise CannotTell(f"the reference does not answer ({problem})") from None
        if answer.status != 201:
            raise CannotTell(f"the reference, asked to create a to-do, says {answer.status}")
        return answer.headers["Location"]


def pace(play: Play, port: str, ask: Ask, place: str) -> float:
    """Reads a second, over a spell. Raises Failed."""
    count, began = 0, time.monotonic()
    with client_of(play, port) as client:
        try:
            ask(client, place)  # the first is slower: something is set up for it
            began = time.monotonic()
            while count < FEWEST or time.monotonic() < began + SPELL:
                ask(client, place)
                count += 1
        except (OSError, HTTPException) as problem:
            found = play.told(f"{type(problem).__name__} after {count} reads")
            raise Failed(Reached.ANSWERED, "an answer to every read", found) from None
    return count / (time.monotonic() - began)


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
