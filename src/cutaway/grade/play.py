"""One play of one case: its connections, its clock, and what becomes of a disappointment.

    case ──┬── whole    each send is one write
           ├── pieces   each send is cut; each piece is read before the next is written
           └── merged   the neighbour's message and the first send are one write

A step asks the play for what it needs (a line, the next message, a time limit) and the play turns
what does not come into `Failed`: which step of the exchange did not hold, what was expected there,
what was found, at which octet.

Time limits are stretched when they fire, not before: a passing run never asks how fast the machine
is, and a limit that fires has looked at the load of that moment.

Left out: what is expected. That is the steps' own.
"""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..net.recorded import Recorded, TooMuch
from ..process.patience import patience
from ..wire import Annotator, Codec, Malformed, NeedMore, Refused, dump, quoted
from .byhand import Act
from .running import Running
from .stage import Case, Stage
from .verdict import Reached, Way

ANSWER = 2.0  # seconds for an answer, on a nominal machine
SHOWN = 96  # octets around a failure
CUTS = 6  # pieces of a message are one more, at most


class Failed(Exception):
    """A step did not hold. The player makes a Failure of it."""

    def __init__(
        self,
        step: str,
        expected: str,
        found: str,
        *,
        line: Line | None = None,
        offset: int | None = None,
        length: int = 1,
        because: str = "",
        notes: tuple[str, ...] = (),
    ) -> None:
        super().__init__(step, expected, found)
        self.step, self.expected, self.found = step, expected, found
        self.line, self.offset, self.length = line, offset, length
        self.because, self.notes = because, notes

    def where(self) -> str:
        """A phrase that points at the octet, counted from 0 as in the dump."""
        if self.line is None or self.offset is None:
            return ""
        number = self.line.answers + 1
        which = "" if self.line.name == "main" else f", connection {self.line.name}"
        end = "the end" if self.offset >= len(self.line.recorded.arrived) else "byte"
        at = f"{end} {self.offset}" if end == "byte" else f"{end} (byte {self.offset})"
        return f"{at} of what your server sent (message {number}{which})"

    def dump(self) -> str:
        if self.line is None or self.offset is None or not self.line.recorded.arrived:
            return ""
        at = min(self.offset, len(self.line.recorded.arrived))
        return dump(bytes(self.line.recorded.arrived), (at, at + min(self.length, 16)))


class CannotTell(Exception):
    """The check could not be carried out; the argument is the sentence that says why."""


class NotTried(Exception):
    """The check does not apply here; the argument says why."""


@dataclass(slots=True)
class Line:
    """One connection of a play.

    read     octets of `recorded.arrived` that messages account for
    pushed   octets that a `push` has sent and nothing has read back yet
    """

    name: str
    recorded: Recorded
    codec: Codec
    read: int = 0
    answers: int = 0
    pushed: int = 0


@dataclass(slots=True)
class Play:
    """`steady`: what random choices are made from; the same for the same seed, case and way."""

    stage: Stage
    case: Case
    way: Way
    running: Running
    steady: random.Random
    lines: dict[str, Line] = field(default_factory=dict)
    idle: list[socket.socket] = field(default_factory=list)
    reached: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    kept: dict[str, bytes] = field(default_factory=dict)
    waited: float = 0.0
    greeted: bool = False

    # Connections

    def line(self, name: str = "main", port: str = "") -> Line:
        """The connection of that name, made when it is first asked for."""
        if name not in self.lines:
            self.lines[name] = self.connect(name, port or self.stage.port)
        return self.lines[name]

    def connect(self, name: str, port: str) -> Line:
        address = self.running.addresses[port]
        began = time.monotonic()
        while True:
            try:
                recorded = Recorded.connect(address, within=ANSWER)
                break
            except OSError as problem:
                if self.still_patient(began, ANSWER) and isinstance(problem, TimeoutError):
                    continue
                raise Failed(
                    Reached.CONNECTED,
                    f"a connection to be taken at {address[0]}:{address[1]} (${port})",
                    "it is refused"
                    if isinstance(problem, ConnectionRefusedError)
                    else f"none was taken ({problem.strerror or problem})",
                ) from None
        self.hold(Reached.CONNECTED)
        self.acts.append(Act(name, "connect", port=port))
        return Line(name, recorded, self.stage.codec())

    def hold(self, step: str) -> None:
        """Note that a step of the exchange held."""
        if step not in self.reached:
            self.reached.append(step)

    def close(self) -> None:
        for line in self.lines.values():
            line.recorded.close()
        for sock in self.idle:
            sock.close()

    # Time

    def still_patient(self, began: float, seconds: float) -> bool:
        """Whether a limit of `seconds` since `began` is not over yet for a machine this loaded."""
        elapsed = time.monotonic() - began
        if elapsed < seconds:
            return True
        factor = patience()
        if elapsed < seconds * factor:
            return True
        said = f"the limit of {seconds:g} s fired after {elapsed:.2f} s"
        if factor > 1.05:
            said += f" (stretched {factor:.1f} times: this machine is busy)"
        if said not in self.notes:
            self.notes.append(said)
        return False

    def more(self, line: Line, began: float, seconds: float) -> bool:
        """Wait for octets or the end of `line`; False when the limit is over or nothing can come."""
        while line.recorded.ended is None:
            until = max(began + seconds, time.monotonic() + 0.05)
            try:
                if line.recorded.receive(until):
                    return True
            except TooMuch as problem:
                raise Failed(
                    Reached.FRAMED, "an answer of reasonable length", str(problem)
                ) from None
            if not self.still_patient(began, seconds):
                return False
        return False

    def quiet(self, line: Line, seconds: float) -> bool:
        """Wait deliberately. Whether nothing came and nothing ended."""
        began = time.monotonic()
        try:
            return not line.recorded.receive(began + seconds)
        finally:
            self.waited += time.monotonic() - began

    # Sending

    def send(self, line: Line, data: bytes) -> None:
        """Write in the way of this play. An answer may come, and the peer may go, meanwhile."""
        self.acts.append(Act(line.name, "send", data))
        if self.way is Way.MERGED and self.stage.neighbour is not None and not self.greeted:
            self.greeted = True
            self._send_merged(line, data, *self.stage.neighbour)
            return
        tell_codec(line.codec, data)
        if self.way is Way.PIECES:
            cuts = self.cuts(line, data)
            if cuts:
                self.notes_once(f"delivered in pieces, cut after byte {listed(cuts)}")
            line.recorded.send_pieces(data, cuts, 10.0)
        else:
            line.recorded.send(data, 10.0)
        self.hold(Reached.SENT)

    def _send_merged(
        self, line: Line, data: bytes, message: Any, wanted: Mapping[str, Any]
    ) -> None:
        from .steps import Expect

        ahead = bytes(message)
        tell_codec(line.codec, ahead)
        tell_codec(line.codec, data)
        self.notes_once(f"delivered in one write behind {quoted(ahead, 40)}")
        self.acts.insert(-1, Act(line.name, "send", ahead))
        line.recorded.send(ahead + data, 10.0)
        self.hold(Reached.SENT)
        Expect(dict(wanted), line.name).run(self)

    def notes_once(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    def cuts(self, line: Line, data: bytes) -> list[int]:
        """Where to cut: awkward places (edges of fields, inside CRLF) and a few at random."""
        if len(data) < 2:
            return []
        awkward = sorted({at for at in self._edges(data) if 0 < at < len(data)})
        chosen = set(self.steady.sample(awkward, min(len(awkward), CUTS - 2)))
        chosen |= {self.steady.randrange(1, len(data)) for _ in range(2)}
        return sorted(chosen)

    def _edges(self, data: bytes) -> set[int]:
        reader = Annotator(data[: 16 << 10])
        codec = self.stage.codec()
        try:
            while reader.pos < len(reader.data):
                codec.to_server(reader)
        except (NeedMore, Malformed, Refused):
            pass
        edges = {at for span in reader.spans for at in (span.start, span.end)}
        return edges | {at + 1 for at in range(len(reader.data)) if reader.data[at] in b"\r\n"}

    # Reading

    def message(self, line: Line, seconds: float = ANSWER) -> tuple[Any, Annotator]:
        """The next message of the server, labelled. Raises Failed."""
        began = time.monotonic()
        least = line.read + 1
        while True:
            if len(line.recorded.arrived) >= least or line.recorded.ended:
                self._answered(line)
                reader = Annotator(bytes(line.recorded.arrived), line.read)
                try:
                    ended = line.recorded.ended is not None
                    read = line.codec.at_end if ended else line.codec.to_client
                    message = read(reader)
                except NeedMore as need:
                    if ended:
                        raise self._cut(line, reader, need, began) from None
                    at_least = need.least if need.mark is None else 0
                    least = max(len(line.recorded.arrived) + 1, at_least)
                except Malformed as problem:
                    raise self._malformed(line, problem) from None
                except Refused as problem:
                    raise Failed(
                        Reached.FRAMED,
                        f"{problem.field.name} within its limit",
                        str(problem),
                        line=line,
                        offset=problem.offset,
                    ) from None
                else:
                    self.hold(Reached.FRAMED)
                    self.hold(Reached.PARSED)
                    return message, reader
            if not self.more(line, began, seconds) and line.recorded.ended is None:
                raise self._silent(line, began)

    def _answered(self, line: Line) -> None:
        if len(line.recorded.arrived) > line.read:
            self.hold(Reached.ANSWERED)

    def _silent(self, line: Line, began: float) -> Failed:
        count = len(line.recorded.arrived) - line.read
        after = f"silence for {time.monotonic() - began:.2f} s"
        step = Reached.FRAMED if count else Reached.ANSWERED
        found = f"{count} bytes that are not a whole one, then {after}" if count else after
        at = len(line.recorded.arrived)
        return Failed(step, "an answer", self.told(found), line=line, offset=at)

    def _cut(self, line: Line, reader: Annotator, need: NeedMore, began: float) -> Failed:
        how = "closed" if line.recorded.ended == "closed" else "reset"
        count = len(line.recorded.arrived) - line.read
        if not count:
            found = f"the connection was {how} without one"
            step, expected = Reached.ANSWERED, "an answer"
        else:
            found = f"the connection was {how} after {count} bytes"
            step, expected = Reached.FRAMED, f"the answer to go on: {need}"
        at = len(line.recorded.arrived)
        return Failed(step, expected, self.told(found), line=line, offset=at)

    def _malformed(self, line: Line, problem: Malformed) -> Failed:
        field = problem.field
        means = field.means if isinstance(field.means, str) else "one of the values it lists"
        return Failed(
            Reached.PARSED,
            f"{field.name}: {means}",
            f"{problem.why}: {quoted(problem.found)}" if problem.found else problem.why,
            line=line,
            offset=problem.offset,
            length=len(problem.found) or 1,
            because=f"{problem.spec}: {problem.why}",
        )

    def told(self, found: str) -> str:
        """`found`, with the end of the program when that is the real news."""
        news = self.running.news()
        return f"{found}; {news}" if news else found


def tell_codec(codec: Codec, data: bytes) -> None:
    """Let the codec read what we send, so that it knows which question the answer is to."""
    from ..wire import Reader

    reader = Reader(data)
    try:
        while reader.pos < len(data):
            codec.to_server(reader)
    except (NeedMore, Malformed, Refused):
        assume = getattr(codec, "assume", None)
        if assume is not None:
            assume(data[reader.pos :])


def listed(numbers: list[int]) -> str:
    """1, 2 and 3"""
    words = [str(number) for number in numbers]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
