r"""Steps on streams that last: slow clients, long ones, and clients that come and go.

    octets(b"hello\n")                  one byte at a time
    ends_after(b"", b"rest")            to the end, one of these comes
    push(block, 64 << 20), catch_up(block)   what was pushed comes back, read at last
    cut_off("slow", most)               whatever comes first, the connection ends before so much
    kept(every, (heartbeat, heartbeat), …)   exchanges at intervals, on one connection
    again(300, send(b"x"), reset())     the same from the start, so many times
    eventually(send(b"x"), receive(b"x"))    it holds soon, though perhaps not at once
    descriptors_return(…), few_descriptors(40), hang_up()

Left out: what is normal (steps.py), what works on the program as a whole (drastic.py).
"""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass

from ..wire import quoted
from .byhand import Act
from .play import ANSWER, Failed, NotTried, Play, tell_codec
from .stage import Step
from .steps import Receive, Send, excerpt, first_difference
from .verdict import Reached

TRIES = 3  # of what a stall of this machine can spoil
SPARE = 8  # descriptors that a program may keep for reasons of its own


@dataclass(frozen=True, slots=True)
class Octets(Step):
    """Each octet is a segment of its own, and is read before the next one is sent."""

    data: bytes
    on: str = "main"

    def run(self, play: Play) -> None:
        line = play.line(self.on)
        tell_codec(line.codec, self.data)
        play.notes_once("delivered one byte at a time")
        for octet in self.data:
            play.acts.append(Act(self.on, "send", bytes((octet,))))
            play.acts.append(Act(self.on, "pause", seconds=0.05))
        play.write(line, self.data, range(1, len(self.data)))

    def sketch(self) -> str:
        return f"send {quoted(self.data, 60)} one byte at a time"


@dataclass(frozen=True, slots=True)
class EndsAfter(Step):
    """The connection ends, and what came before the end is one of `allowed`."""

    allowed: tuple[bytes, ...]
    on: str = "main"

    def run(self, play: Play) -> None:
        line = play.line(self.on)
        began = time.monotonic()
        while line.recorded.ended is None:
            if not play.more(line, began, ANSWER) and line.recorded.ended is None:
                found = f"it is still open after {time.monotonic() - began:.2f} s"
                raise Failed(
                    Reached.CLOSED, "the connection to close", found, line=line, offset=line.read
                )
        rest = bytes(line.recorded.arrived[line.read :])
        if rest not in self.allowed:
            wanted = " or ".join(quoted(a) if a else "nothing" for a in self.allowed)
            raise Failed(
                Reached.AS_ASKED,
                f"{wanted}, then the end",
                excerpt(rest, 0),
                line=line,
                offset=line.read,
            )
        line.read += len(rest)
        play.hold(Reached.CLOSED)

    def sketch(self) -> str:
        return "the connection ends" + (
            f", perhaps after {quoted(self.allowed[-1])}" if len(self.allowed) > 1 else ""
        )


@dataclass(frozen=True, slots=True)
class CatchUp(Step):
    """What a `push` of `block` has sent comes back, in order.

    unit    octets of one message: the last one may be cut, and then need not come back
    or_end  or else a part of it, and then the end of the connection
    """

    block: bytes
    unit: int = 1
    on: str = "main"
    or_end: bool = False

    def run(self, play: Play) -> None:
        line = play.line(self.on)
        line.recorded.receive(0.0)
        start, seen = line.read, 0
        most, least = line.pushed, line.pushed - line.pushed % self.unit
        began = time.monotonic()
        while True:
            came = min(len(line.recorded.arrived) - start, most)
            if came > seen:
                self._compare(play, start, seen, came)
                seen = came
            if seen >= least:
                break
            if not play.more(line, began, ANSWER, most):
                if self.or_end and line.recorded.ended:
                    break
                self._stops(play, start, seen, least)
        line.read = start + seen
        line.answers += 1
        play.hold(Reached.AS_ASKED)

    def _compare(self, play: Play, start: int, low: int, high: int) -> None:
        line, size = play.line(self.on), len(self.block)
        while low < high:
            at = low % size
            wanted = self.block[at : at + high - low]
            found = bytes(line.recorded.arrived[start + low : start + low + len(wanted)])
            if found != wanted:
                odd = first_difference(wanted, found)
                raise Failed(
                    Reached.AS_ASKED,
                    f"byte {low + odd} of what was sent: {quoted(wanted[odd : odd + 20])}",
                    quoted(found[odd : odd + 20]),
                    line=line,
                    offset=start + low + odd,
                )
            low += len(wanted)

    def _stops(self, play: Play, start: int, seen: int, least: int) -> None:
        line = play.line(self.on)
        end = line.recorded.ended
        raise Failed(
            Reached.FRAMED if seen else Reached.ANSWERED,
            f"all {least} bytes that the server took",
            play.told(f"{seen} of them, then {f'the connection was {end}' if end else 'silence'}"),
            line=line,
            offset=start + seen,
        )

    def sketch(self) -> str:
        end = ", or a part of it and the end" if self.or_end else ""
        return f"read: all that was sent comes back{end}"


@dataclass(frozen=True, slots=True)
class CutOff(Step):
    """Whatever comes first, the connection has ended before `most` octets came."""

    most: int
    on: str = "main"

    def run(self, play: Play) -> None:
        line = play.line(self.on)
        began = time.monotonic()
        while line.recorded.ended is None and len(line.recorded.arrived) - line.read < self.most:
            if not play.more(line, began, ANSWER, self.most):
                break
        came = len(line.recorded.arrived) - line.read
        line.read += came
        if line.recorded.ended is None:
            raise Failed(
                Reached.CLOSED,
                "the connection to end",
                play.told(f"{came} bytes, and it is still open"),
                line=line,
                offset=line.read,
            )
        play.hold(Reached.CLOSED)

    def sketch(self) -> str:
        return f"connection {self.on} has been ended by the server"


@dataclass(frozen=True, slots=True)
class Kept(Step):
    """(octets, answer) one after the other, `every` seconds apart, on one connection.

    A machine that stalls lets a quiet time grow too long, so that one good run of three is enough.
    """

    every: float
    exchanges: tuple[tuple[bytes, bytes], ...]
    on: str = "main"
    port: str = ""

    def run(self, play: Play) -> None:
        for left in reversed(range(TRIES)):
            try:
                self._once(play)
                return
            except Failed:
                if not left:
                    play.notes.append(f"tried {TRIES} times")
                    raise
            play.lines.pop(self.on).recorded.close()
            play.acts.clear()

    def _once(self, play: Play) -> None:
        play.line(self.on, self.port)
        for number, (data, answer) in enumerate(self.exchanges):
            if number:
                self._rest(play)
            Send(data, self.on).run(play)
            if answer:
                Receive(answer, self.on).run(play)

    def _rest(self, play: Play) -> None:
        line = play.line(self.on)
        play.acts.append(Act(self.on, "pause", seconds=self.every))
        play.quiet(line, self.every)
        if line.recorded.ended is not None:
            raise Failed(
                Reached.CLOSED,
                "an open connection",
                play.told(f"the connection was {line.recorded.ended}"),
                line=line,
                offset=line.read,
            )

    def sketch(self) -> str:
        seconds = self.every * (len(self.exchanges) - 1)
        what = quoted(self.exchanges[-1][0], 20)
        return f"something every {self.every:g} s, {what} at last; open all {seconds:g} s"


@dataclass(frozen=True, slots=True)
class Again(Step):
    """The same steps so many times, each time on connections of their own."""

    count: int
    steps: tuple[Step, ...]

    def run(self, play: Play) -> None:
        others, acts = dict(play.lines), len(play.acts)
        for number in range(self.count):
            del play.acts[acts:]
            try:
                for step in self.steps:
                    step.run(play)
            except Failed as failed:
                failed.notes += (f"time {number + 1} of {self.count}",)
                raise
            for name in [name for name in play.lines if name not in others]:
                play.lines.pop(name).recorded.close()

    def sketch(self) -> str:
        return f"{self.count} times: " + "; ".join(step.sketch() for step in self.steps)


@dataclass(frozen=True, slots=True)
class Eventually(Step):
    """The steps hold, tried again and again on new connections until they do."""

    steps: tuple[Step, ...]
    seconds: float = ANSWER

    def run(self, play: Play) -> None:
        began, others = time.monotonic(), dict(play.lines)
        while True:
            acts = len(play.acts)
            try:
                for step in self.steps:
                    step.run(play)
                return
            except Failed:
                if not play.still_patient(began, self.seconds):
                    raise
            for name in [name for name in play.lines if name not in others]:
                play.lines.pop(name).recorded.close()
            del play.acts[acts:]
            play.running.go_on()
            time.sleep(0.005)

    def sketch(self) -> str:
        return "soon: " + "; ".join(step.sketch() for step in self.steps)


@dataclass(frozen=True, slots=True)
class HangUp(Step):
    """Close all connections that `open_idle` has opened."""

    def run(self, play: Play) -> None:
        while play.idle:
            play.idle.pop().close()

    def sketch(self) -> str:
        return "close them all"


@dataclass(frozen=True, slots=True)
class FewDescriptors(Step):
    """From now on the program may have `more` descriptors than it has. Linux only."""

    more: int

    def run(self, play: Play) -> None:
        program = play.running.own()
        count = program.descriptors()
        if count is None or not hasattr(resource, "prlimit"):
            raise NotTried("this system does not let one process limit another")
        try:
            _, hard = resource.prlimit(program.pid, resource.RLIMIT_NOFILE)
            resource.prlimit(program.pid, resource.RLIMIT_NOFILE, (count + self.more, hard))
        except OSError as problem:
            raise NotTried(f"the program cannot be limited here ({problem.strerror})") from None

    def sketch(self) -> str:
        return f"allow the program {self.more} more open files (ulimit -n)"


@dataclass(frozen=True, slots=True)
class DescriptorsReturn(Step):
    """After the steps the program has as many open descriptors as before, give or take a few."""

    steps: tuple[Step, ...]

    def run(self, play: Play) -> None:
        program = play.running.own()
        before = program.descriptors()
        if before is None:
            raise NotTried("this system does not tell which files a program has open")
        for step in self.steps:
            step.run(play)
        began = time.monotonic()
        while (now := program.descriptors() or 0) > before + SPARE:
            if not play.still_patient(began, ANSWER):
                raise Failed(
                    "descriptors given back",
                    f"about {before} open descriptors, as before",
                    play.told(f"{now} are open"),
                )
            play.running.go_on()
            time.sleep(0.01)
        play.hold("descriptors given back")

    def sketch(self) -> str:
        inner = "; ".join(step.sketch() for step in self.steps)
        return f"as many open descriptors as before, after: {inner}"


def octets(data: bytes, on: str = "main") -> Octets:
    return Octets(bytes(data), on)


def ends_after(*allowed: bytes, on: str = "main") -> EndsAfter:
    return EndsAfter(allowed, on)


def catch_up(block: bytes, unit: int = 1, on: str = "main", or_end: bool = False) -> CatchUp:
    return CatchUp(block, unit, on, or_end)


def cut_off(on: str, most: int) -> CutOff:
    return CutOff(most, on)


def kept(every: float, *exchanges: tuple[bytes, bytes], on: str = "main", port: str = "") -> Kept:
    return Kept(every, exchanges, on, port)


def again(count: int, *steps: Step) -> Again:
    return Again(count, steps)


def eventually(*steps: Step, seconds: float = ANSWER) -> Eventually:
    return Eventually(steps, seconds)


def hang_up() -> HangUp:
    return HangUp()


def few_descriptors(more: int) -> FewDescriptors:
    return FewDescriptors(more)


def descriptors_return(*steps: Step) -> DescriptorsReturn:
    return DescriptorsReturn(steps)
