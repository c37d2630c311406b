"""One play of one case: its connections, its clock, and what becomes of a disappointment.

    case ──┬── whole    each send is one write
           ├── pieces   each send is cut; each piece is read before the next is written
           └── merged   the neighbour's message and the first send are one write

A step asks the play for what it needs (a line, the next message, a time limit) and the play turns
what does not come into `Failed`: which step of the exchange did not hold, what was expected there,
what was found, at which octet.

Time limits are for silence, and several times as long for the whole, so that a server that sends
one octet a second ends too. They are stretched when they fire, not before: a passing run never asks
how fast the machine is, and a limit that fires has looked at the load of that moment.

Left out: what is expected. That is the steps' own.
"""

from __future__ import annotations

import errno
import random
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from ..net.recorded import Recorded
from ..process.patience import patience
from ..wire import Annotator, Malformed, NeedMore, Refused, quoted
from ..wire.reader import LONGEST_MARK
from .byhand import Act
from .cutting import cuts, tell_answer
from .cutting import tell_codec as tell_codec
from .far import FarSide
from .given import Part
from .line import Labels, missing_came
from .line import Line as Line
from .outcomes import CannotTell as CannotTell
from .outcomes import Failed as Failed
from .outcomes import NotTried as NotTried
from .running import Running
from .scorecard import Measured
from .stage import Case, Stage
from .taking import taken, unasked
from .verdict import Reached, Way

REFUSED = "it is refused"
ANSWER = 2.0  # seconds for an answer, on a nominal machine
WHOLE = 5  # times the limit on silence: the limit on the whole
PACE = 1 << 20  # octets a second; what is long may take longer
HELD_BACK = 1.0  # seconds after which a server that has answered need not read on
SLICE = 0.25  # seconds of waiting between two looks whether anybody still waits for the result
LONG_OPEN = 1.0  # seconds after which it is worth saying when a connection ended
LAST_BREATH = 0.1  # seconds between the end of a connection and that of a crashing program
OUR_LIMITS = {errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL, errno.ENOBUFS, errno.ENOMEM}


@dataclass(slots=True)
class Play:
    """`steady`: what random choices are made from; the same for the same seed, case and way.

    twin  one of many clients of the same play, which alone tends the far sides
    """

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
    twin: bool = False
    measured: Measured | None = None

    # Connections

    def line(self, name: str = "main", port: str = "") -> Line:
        """The connection of that name, made when it is first asked for.

        Under the name of a far side it is the program that makes it, and is waited for.
        """
        if name not in self.lines:
            if name in self.running.sides:
                return taken(self, name, name)
            if name in self.running.parts:
                self.lines[name] = self.running.parts[name].line()
                self.acts.append(Act(name, "connect", port=name))
                return self.lines[name]
            self.lines[name] = self.connect(name, port or self.stage.port)
        return self.lines[name]

    def connect(self, name: str, port: str) -> Line:
        recorded = Recorded(self.dial(port))
        self.hold(Reached.CONNECTED)
        self.acts.append(Act(name, "connect", port=port))
        sent = "your program sent to the client" if self.running.sides else "your server sent"
        return Line(name, recorded, self.stage.codec(), sender=sent, port=port)

    def side(self, name: str) -> FarSide:
        """A far side that steps answer. Raises NotTried when the program was not told of it."""
        if name not in self.running.sides:
            raise NotTried("needs a program that the check starts itself: it plays what is behind")
        return self.running.sides[name]

    def part(self, name: str) -> Part:
        """A part that is given. Raises NotTried when the program was not told of it."""
        if name not in self.running.parts:
            raise NotTried("needs a program that the check starts itself: it is told of others")
        return self.running.parts[name]

    def dial(self, port: str) -> socket.socket:
        """A connection to the listener of that name. Raises Failed, CannotTell."""
        address = self.running.addresses[port]
        began = time.monotonic()
        while True:
            self.running.go_on()
            try:
                return socket.create_connection(address, timeout=ANSWER)
            except OSError as problem:
                if problem.errno in OUR_LIMITS:
                    why = f"this machine has no room for another connection ({problem.strerror})"
                    raise CannotTell(why) from None
                if isinstance(problem, TimeoutError) and self.still_patient(began, ANSWER):
                    continue
                refused = isinstance(problem, ConnectionRefusedError)
                found = REFUSED if refused else f"none was taken ({problem})"
                raise Failed(
                    Reached.CONNECTED,
                    f"a connection to be taken at {address[0]}:{address[1]} (${port})",
                    self.told(found, ended=True),
                ) from None

    def hold(self, step: str) -> None:
        """Note that a step of the exchange held."""
        if step not in self.reached:
            self.reached.append(step)

    def close(self) -> None:
        """Our ends: a client's first, so that nothing is asked any more for its sake."""
        for line in self.lines.values():
            if line.far is None:
                line.recorded.close()
        for line in self.lines.values():
            if line.far is not None:
                self.running.sides[line.far.name].give_back(line)
        if not self.twin:
            for side in self.running.sides.values():
                side.sweep()
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
        said = f"the limit of {seconds:g} s was over"
        if factor > 1.05:
            longer = f"{seconds * factor:.1f} s, since this machine is busy"
            said = f"the limit of {seconds:g} s, stretched to {longer}, was over"
        if said not in self.notes:
            self.notes.append(said)
        return False

    def more(self, line: Line, began: float, seconds: float, octets: int = 0) -> bool:
        """Wait for octets or the end of `line`; False when a limit is over or nothing can come.

        began    when the waiting for the whole began
        seconds  for silence; the whole may take WHOLE times as long
        octets   how long the whole is, when that is known and much
        """
        whole = WHOLE * seconds + octets / PACE
        while line.recorded.ended is None:
            self.running.go_on()
            now, heard = time.monotonic(), max(began, line.recorded.heard)
            if now - began > whole:
                line.recorded.receive(0.0)  # what we were too busy to read is not silence
                if not self.still_patient(began, whole):
                    return False
            until = max(heard + seconds, now + 0.05)
            if line.recorded.receive(min(until, now + SLICE)):
                return True
            if time.monotonic() >= until and not self.still_patient(heard, seconds):
                return False
        return False

    def quiet(self, line: Line, seconds: float) -> bool:
        """Wait deliberately. Whether nothing came and nothing ended."""
        began = now = time.monotonic()
        try:
            while now < began + seconds and line.recorded.ended is None:
                self.running.go_on()
                if line.recorded.receive(min(began + seconds, now + SLICE)):
                    return False
                now = time.monotonic()
            return line.recorded.ended is None
        finally:
            self.waited += time.monotonic() - began

    def rest(self, seconds: float) -> None:
        """Let time pass."""
        self.running.halted.wait(seconds)
        self.running.go_on()
        self.waited += seconds

    # Sending

    def send(self, line: Line, data: bytes) -> None:
        """Write in the way of this play. An answer may come, and the peer may go, meanwhile."""
        if self.way is Way.MERGED and self.stage.neighbour is not None and not self.greeted:
            self.greeted = True
            self._send_merged(line, data, *self.stage.neighbour)
            return
        (tell_codec if line.far is None else tell_answer)(line.codec, data)
        if self.way is Way.PIECES and not line.beside:
            places = cuts(self.stage.codec, data, self.steady, answer=line.far is not None)
            if places:
                whose = "delivered" if line.far is None else f"the answer of {line.far.title} came"
                self.notes_once(f"{whose} in pieces, cut after byte {listed(places)}")
            for start, end in pairwise([0, *places, len(data)]):
                if start:
                    self.acts.append(Act(line.name, "pause", seconds=0.1))
                self.acts.append(Act(line.name, "send", data[start:end]))
            self.write(line, data, places)
        else:
            self.acts.append(Act(line.name, "send", data))
            self.write(line, data)

    def write(self, line: Line, data: bytes, places: Sequence[int] = ()) -> None:
        """Write, cut at these places. Raises Failed when the server neither reads nor answers."""
        recorded, began = line.recorded, time.monotonic()
        done = recorded.send_pieces(data, [*places], SLICE, patience)
        moved = time.monotonic() - SLICE
        whole = WHOLE * ANSWER + len(data) / PACE
        while done < len(data) and not recorded.gone:
            self.running.go_on()
            taken = recorded.send(data[done:], SLICE)
            now, done = time.monotonic(), done + taken
            moved = now if taken else moved
            slow = now - began > whole and not self.still_patient(began, whole)
            if line.unread or recorded.ended:
                if slow or (now - moved > HELD_BACK and now - moved > HELD_BACK * patience()):
                    break
            elif slow or (not taken and not self.still_patient(moved, ANSWER)):
                raise self._not_taken(line, len(data), done, now - (began if slow else moved), slow)
        self.hold(Reached.SENT)

    def _not_taken(self, line: Line, size: int, done: int, seconds: float, slow: bool) -> Failed:
        how = f"in {seconds:.1f} s" if slow else f", then none for {seconds:.1f} s"
        found = f"{done} were taken{' ' if slow else ''}{how}"
        return Failed(Reached.SENT, f"all {size} bytes to be taken", self.told(found), line=line)

    def _send_merged(
        self, line: Line, data: bytes, message: Any, wanted: Mapping[str, Any]
    ) -> None:
        from .steps import Expect

        ahead = bytes(message)
        tell_codec(line.codec, ahead)
        tell_codec(line.codec, data)
        self.notes_once(f"delivered in one write behind {quoted(ahead, 40)}")
        self.acts.append(Act(line.name, "send", ahead + data))
        self.write(line, ahead + data)
        Expect(dict(wanted), line.name).run(self)

    def notes_once(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    # Reading

    def message(
        self, line: Line, seconds: float = ANSWER, began: float | None = None
    ) -> tuple[Any, Annotator]:
        """The next message of the server, labelled. Raises Failed.

        Reading it again from its start is worth its time only when what was missing has come, and
        nothing more comes at this moment or it has doubled: so reading costs linear time.
        began    when the waiting for the whole began; now, if it is not said
        """
        began = time.monotonic() if began is None else began
        arrived = line.recorded.arrived
        need, since, enough = None, 0, 0
        while True:
            if need is None or line.recorded.ended or missing_came(need, arrived, since):
                try:
                    if line.unread or line.recorded.ended:
                        return self._read(line)
                except NeedMore as more:
                    need, since = more, more.since
                    if line.recorded.ended:
                        raise self._cut(line, need) from None
                enough = line.read + 2 * line.unread
            else:
                since = max(since, len(arrived) - LONGEST_MARK + 1)
            if not self.more(line, began, seconds) and line.recorded.ended is None:
                raise self._silent(line, began)
            while len(arrived) < enough and line.recorded.receive(0.0):
                pass

    def nothing_left(self) -> None:
        """What has arrived beyond the last message that was asked for is one too many."""
        for line in self.lines.values():
            line.recorded.receive(0.0)
            if line.unread and line.answers and not line.partial:
                raise Failed(
                    Reached.AS_ASKED,
                    f"nothing after the last {line.awaited.split()[-1]}",
                    f"{line.unread} more bytes",
                    line=line,
                    offset=line.read,
                )
        for side in self.running.sides.values():
            if side.rule is None:
                side.take()
            if (asked := side.asked()) is not None:
                raise unasked(asked)

    def _read(self, line: Line) -> tuple[Any, Annotator]:
        if line.unread:
            self.hold(Reached.ANSWERED)
        reader = Labels(line.data(), line.read)
        try:
            message = line.next_message(reader)
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
        self.hold(Reached.FRAMED)
        self.hold(Reached.PARSED)
        return message, reader

    def _silent(self, line: Line, began: float) -> Failed:
        step = Reached.FRAMED if line.unread else Reached.ANSWERED
        found = how_silent(line, began)
        if line.unread:
            found = f"{line.unread} bytes that are not a whole one, then {found}"
        at = len(line.recorded.arrived)
        return Failed(step, line.awaited, self.told(found), line=line, offset=at)

    def _cut(self, line: Line, need: NeedMore) -> Failed:
        how = "closed" if line.recorded.ended == "closed" else "reset"
        if not line.unread:
            age = time.monotonic() - line.recorded.began
            late = f", {age:.1f} s after it was opened" if age > LONG_OPEN else ""
            found = f"the connection was {how} without one{late}"
            step, expected = Reached.ANSWERED, line.awaited
        else:
            found = f"the connection was {how} after {line.unread} bytes"
            step = Reached.FRAMED
            expected = f"the {line.awaited.split()[-1]} to go on: {need}"
        at = len(line.recorded.arrived)
        return Failed(step, expected, self.told(found), line=line, offset=at)

    def _malformed(self, line: Line, problem: Malformed) -> Failed:
        field = problem.field
        means = field.means if isinstance(field.means, str) else "one of the values it lists"
        return Failed(
            Reached.PARSED,
            f"{field.name}: {means}",
            f"{quoted(problem.found)}: {problem.why}" if problem.found else problem.why,
            line=line,
            offset=problem.offset,
            length=len(problem.found) or 1,
            because=f"{problem.spec}: {problem.why}",
        )

    def told(self, found: str, ended: bool = False) -> str:
        """`found`, with the end of the program when that is the real news.

        ended    a connection has ended; a crashing program loses them a moment before it is gone
        """
        ended = ended or any(line.recorded.ended for line in self.lines.values())
        news = self.running.news(within=LAST_BREATH * min(patience(), 4.0) if ended else 0.0)
        return f"{found}; {news}" if news else found


def how_silent(line: Line, began: float) -> str:
    """In words: how long nothing came, or that it came too slowly, since `began`."""
    now = time.monotonic()
    silence = now - max(began, line.recorded.heard)
    if silence < (now - began) / WHOLE:
        return f"no more than that in {now - began:.1f} s"
    return f"silence for {silence:.2f} s"


def listed(numbers: list[int]) -> str:
    """1, 2 and 3"""
    words = [str(number) for number in numbers]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
