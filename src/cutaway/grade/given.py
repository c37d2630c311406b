"""Parts that are given: real programs beside the one under test, which it reaches through a relay.

    CACHE = Given(name="cache", run=(python, "-m", …), codec=Resp, variable="CACHE", clears=FLUSH)
    Stage(…, parts=(CACHE,))          the program gets CACHE=127.0.0.1:23458, the relay's address

    client ──── main ────▶ program ──── relay, recorded ────▶ the part: a program of its own
                                                                 ▲
    send(…, on="cache"), expect(…, on="cache") ── directly ──────╯

A far side (far.py) is played; a part is there, and answers by itself as it does everywhere. What
passes the relay is read with the part's codec (passing.py), so a case can ask what the program said
to it and when. A line of the part's name leads to the part itself and passes no relay: a case looks
into it, or puts something there that the program will find.

A part lives as long as the program under test, and a restart of that leaves it alone. Each case
finds its link clear and its contents cleared.

Left out: parts that depend on each other.
"""

from __future__ import annotations

import socket
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..net.recorded import Recorded
from ..process import Command, Program, ProgramError, free_ports
from ..wire import Codec, NeedMore, Reader, WireError
from .far import HOST
from .line import Line
from .outcomes import CannotTell

if TYPE_CHECKING:
    from ..net.hearing import Hearing
    from ..net.relay import Relay

START = 30.0  # seconds to begin listening, on a machine that may be busy
CLEARED = 10.0  # seconds to be cleared
KEPT = 20_000  # messages of one case
OCTETS = 64 << 10  # of one direction of a connection in one case
TALKS = 4  # connections of one case whose octets are kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """name      in the steps of a case: send(…, on="cache"), passed("cache", …)
    run       the words that start it; {port} and {folder} in them are replaced, and it also has
              PORT and DATA_DIR in its environment
    codec     how its connections are read; a new one for every connection
    called    in a report; the name where nothing is said
    variable  the environment variable in which the program under test finds its address
    form      how an address is written there
    settings  of its own environment
    clears    a question behind whose answer nothing is left in it of the case before; None: nothing
    """

    name: str
    run: tuple[str, ...]
    codec: Callable[[], Codec]
    called: str = ""
    variable: str = ""
    form: str = "{address}"
    settings: Mapping[str, str] = field(default_factory=dict)
    clears: Any = None

    @property
    def title(self) -> str:
        return self.called or self.name

    def words(self, port: int, folder: Path) -> tuple[str, ...]:
        """The command that starts it there."""
        return tuple(
            word.replace("{port}", str(port)).replace("{folder}", str(folder)) for word in self.run
        )


@dataclass(slots=True)
class Passed:
    """One question of the program to a part, and its answer, where one has passed.

    at      when its last octet came to the relay (monotonic)
    number  of the connection
    """

    at: float
    number: int
    asked: Any
    answer: Any = None
    answered: bool = False


@dataclass(slots=True)
class Talk:
    """What passed on one connection of the program in this case, as octets.

    events  (when, whether to the part, where, how many)
    """

    asked: bytearray = field(default_factory=bytearray)
    answered: bytearray = field(default_factory=bytearray)
    events: list[tuple[float, bool, int, int]] = field(default_factory=list)

    def keep(self, at: float, question: bool, data: bytes) -> None:
        side = self.asked if question else self.answered
        data = data[: OCTETS - len(side)]
        if data:
            self.events.append((at, question, len(side), len(data)))
            side += data


@dataclass(slots=True)
class Part:
    """One of them while the program runs. From one thread at a time."""

    given: Given
    folder: Path
    address: tuple[str, int] = (HOST, 0)
    program: Program | None = None
    relay: Relay | None = None
    problem: str = ""
    passed: list[Passed] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)  # what came and was no message
    talks: dict[int, Talk] = field(default_factory=dict)  # by the number of the connection
    _owed: dict[int, deque[Passed]] = field(default_factory=dict)
    _hearing: Hearing | None = None

    def start(self, port: int) -> None:
        """Start it and its relay. What goes wrong is kept in `problem`: nobody here is to blame."""
        from ..net.hearing import Hearing
        from ..net.relay import Recording, Relay

        self.address = (HOST, port)
        self.folder.mkdir(exist_ok=True)
        self._hearing = Hearing(self.given.codec)
        self.relay = Relay((HOST, 0), self.address, recording=Recording(keep="oldest"))
        settings = {"PORT": str(port), "DATA_DIR": str(self.folder), **self.given.settings}
        command = Command(self.folder, self.given.words(port, self.folder))
        try:
            self.program = Program.start(command, settings)
            self.program.wait_ready([port], within=START)
        except ProgramError as problem:
            self.problem = f"{self.given.title} did not start: {problem.sentence}"

    @property
    def reached(self) -> tuple[str, int]:
        """The address that the program is given."""
        return self.relay.address if self.relay is not None else self.address

    def begin(self) -> None:
        """As the next case finds it. Raises CannotTell."""
        from ..net.relay import CLEAR

        if not self.problem and self.program is not None and not self.program.alive:
            self.problem = f"{self.given.title} has ended"
        if self.problem:
            raise CannotTell(self.problem)
        assert self.relay is not None
        self.relay.change(CLEAR)
        self.relay.accept()
        if self.given.clears is not None:
            self._clear(bytes(self.given.clears))
        self.forget()

    def _clear(self, question: bytes) -> None:
        line = self.line()
        line.recorded.send(question, CLEARED)
        until = time.monotonic() + CLEARED
        try:
            while line.recorded.receive(until):
                try:
                    line.codec.to_client(Reader(line.data()))
                    return
                except NeedMore:
                    continue
        except WireError as problem:
            self.problem = f"{self.given.title} cannot be cleared: {problem}"
        finally:
            line.recorded.close()
        raise CannotTell(
            self.problem or f"{self.given.title} cannot be cleared: it does not answer"
        )

    def line(self) -> Line:
        """A connection to the part itself. Raises CannotTell."""
        try:
            sock = socket.create_connection(self.address, timeout=CLEARED)
        except OSError as problem:
            raise CannotTell(f"{self.given.title} takes no connection ({problem})") from None
        line = Line(self.given.name, Recorded(sock), self.given.codec(), beside=True)
        line.sender = f"{self.given.title} sent"
        return line

    # What becomes of the way to it.

    def refuse(self) -> None:
        """Be gone: new connections are refused, those that there are end."""
        assert self.relay is not None
        self.relay.refuse()
        self.relay.reset()

    def cut(self) -> None:
        """End the connections that there are; new ones are taken."""
        assert self.relay is not None
        self.relay.cut()

    def accept(self) -> None:
        """Take connections again, over a clear link."""
        from ..net.relay import CLEAR

        assert self.relay is not None
        self.relay.change(CLEAR)
        self.relay.accept()

    # What passes.

    def take(self) -> list[Passed]:
        """All questions since the case began, or since `forget`, in the order in which they came."""
        assert self.relay is not None
        assert self._hearing is not None
        for event in self.relay.recording.take():
            if event.data and (event.number in self.talks or len(self.talks) < TALKS):
                talk = self.talks.setdefault(event.number, Talk())
                talk.keep(event.at, event.way == "to server", event.data)
            for heard in self._hearing.receive(event):
                if heard.kind == "message":
                    self._message(heard.at, heard.number, heard.way == "to server", heard.what)
                elif heard.kind == "broken" and heard.way == "to server":
                    self.strange.append(str(heard.what))
        return self.passed

    def _message(self, at: float, number: int, question: bool, what: Any) -> None:
        owed = self._owed.setdefault(number, deque())
        if question:
            owed.append(Passed(at, number, what))
            if len(self.passed) < KEPT:
                self.passed.append(owed[-1])
        elif owed and not unasked(self.given.codec, what):
            answered = owed.popleft()
            answered.answer, answered.answered = what, True

    def forget(self) -> None:
        """Begin to count anew. Raises nothing."""
        self.take()
        self.passed.clear()
        self.strange.clear()
        self.talks.clear()

    def close(self) -> None:
        """Nothing is left of it."""
        if self.program is not None:
            self.program.end(grace=0.0)
        if self.relay is not None:
            self.relay.close()


def unasked(codec: Callable[[], Codec], message: Any) -> bool:
    """Whether a part says this by itself, to no question: a push. A codec may tell (`unasked`)."""
    tells = getattr(codec, "unasked", None)
    return tells is not None and bool(tells(message))


def start_all(parts: Iterable[Given], folder: Path) -> dict[str, Part]:
    """Each of them, listening. Raises OSError, and then leaves none behind."""
    parts = tuple(parts)
    started: dict[str, Part] = {}
    try:
        for given, port in zip(parts, free_ports(len(parts)) if parts else (), strict=True):
            part = started[given.name] = Part(given, folder / f"part-{given.name}")
            part.start(port)
    except OSError:
        for part in started.values():
            part.close()
        raise
    return started
