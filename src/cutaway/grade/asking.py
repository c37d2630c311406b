"""What a case says about the far sides: what they are asked, and what they do.

    send(alpha)                          the client asks the program
    asked("a", method=b"GET")            now the far side a is asked this, on any connection
    answers("a", ok)                     and answers; in pieces, as played
    expect(status=200)                   and the client has the answer

    asked("a", reused=True)              on a connection that has carried an exchange before
    asked("a", on="second")              and that connection is called second; so several can be open
    asked("a", begun=True, body=…)       as far as it has come: the message need not be whole
    taken_by("a")                        a connection is made; nothing need come on it
    refused_or_asked("a", …)             either the client is refused, or a is asked this
    refuses("a"), overflows("a"), recovers("a")     connections are refused, wait for ever, are taken
    not_asked("a"), not_reached("a")     no request, no connection has come there
    broken_off("a")                      the connection ends, and no message on it is whole
    never_whole("a")                     the same, for whatever the program has begun to send

`send(…, on="a")`, `expect(…, on="a")`, `closes(on="a")`, `reset("a")` and all others work on such a
connection as on the client's: a name is a name.

A far side that answers by itself: ruled.py.

Left out: time. A far side that is silent is one to which no step gives an answer.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..wire import NeedMore, WireError, quoted
from .byhand import Act
from .far import await_any
from .line import Labels, Line
from .matchers import holds, shown
from .outcomes import Failed
from .play import ANSWER, SLICE, Play
from .seeing import Expect
from .stage import Step
from .steps import Send
from .taking import taken, unasked
from .verdict import Reached


@dataclass(frozen=True, slots=True)
class Asked(Step):
    """The far side is now asked this, on a connection that is kept or new.

    reused  True: on a kept one; False: on a new one; None: either
    begun   the message need not be whole
    """

    far: str
    wanted: Mapping[str, Any]
    on: str
    reused: bool | None = None
    begun: bool = False
    seconds: float = ANSWER
    keep: Mapping[str, str] = field(default_factory=dict)

    def run(self, play: Play) -> None:
        line = taken(play, self.far, self.on, asked=True, seconds=self.seconds)
        if self.reused is not None and self.reused == line.fresh:
            kinds = {True: "the connection that was kept", False: "a new connection"}
            raise Failed(
                Reached.CONNECTED,
                f"a request to {line.far.title if line.far else self.far} on {kinds[self.reused]}",
                f"one on {kinds[not self.reused]}",
                line=line,
                offset=line.read,
            )
        if self.begun:
            Begun(self.wanted, self.on, self.seconds).run(play)
        else:
            Expect(self.wanted, self.on, self.seconds, keep=self.keep).run(play)

    def sketch(self) -> str:
        what = Expect(self.wanted).sketch().removeprefix("expect ")
        how = {None: "", True: " on the kept connection", False: " on a new connection"}
        what = "" if what == "an answer" else f": {what}"
        name = "" if self.on == self.far else f" (connection {self.on})"
        return f"{self.far} is asked{how[self.reused]}{name}{what}"


@dataclass(frozen=True, slots=True)
class Begun(Step):
    """Soon as much of the next message is there, whole or not, that it has these values.

    The codec reads what is not whole: `so_far(reader, question)` gives a message with what came.
    """

    wanted: Mapping[str, Any]
    on: str = "main"
    seconds: float = ANSWER

    def run(self, play: Play) -> None:
        line, began = play.line(self.on), time.monotonic()
        while True:
            reader = Labels(line.data(), line.read)
            problem: Failed | None = None
            try:
                message = line.codec.so_far(reader, line.far is not None)  # type: ignore[attr-defined]
                self._compare(play, line, reader, message)
                break
            except Failed as failed:
                problem = failed
            except NeedMore:
                pass
            except WireError:
                play.message(line, self.seconds, began)  # says what is wrong with it
            if not play.more(line, began, self.seconds):
                if problem is None:
                    play.message(line, 0.0, began)
                    raise Failed(Reached.ANSWERED, line.awaited, "a part of it", line=line)
                problem.notes += ("as far as it has come, while the rest was not sent yet",)
                raise problem
        line.fresh, line.partial = False, True
        play.hold(Reached.ANSWERED)

    def _compare(self, play: Play, line: Line, reader: Labels, message: Any) -> None:
        for name, value in self.wanted.items():
            parts = value if isinstance(value, Mapping) else {None: value}
            for key, part in parts.items():
                found, place = line.codec.locate(reader, message, name, key)
                if not holds(part, found):
                    called = f"{name} {key}" if key else name
                    raise Failed(
                        Reached.AS_ASKED,
                        f"{called}: {shown(part)}",
                        f"{called}: {shown(found)}",
                        line=line,
                        offset=place[-1][1] if place else line.read,
                    )

    def sketch(self) -> str:
        what = Expect(self.wanted).sketch().removeprefix("expect ")
        return f"{'the client' if self.on == 'main' else self.on} has by now: {what}"


@dataclass(frozen=True, slots=True)
class Answers(Step):
    """What the far side says, on the connection on which it was asked."""

    data: bytes
    on: str
    fill: bool = False

    def run(self, play: Play) -> None:
        Send(self.data, self.on, self.fill).run(play)

    def sketch(self) -> str:
        return f"{self.on} answers {quoted(self.data, 70)}"


@dataclass(frozen=True, slots=True)
class TakenBy(Step):
    """The program connects to the far side; nothing need come."""

    far: str
    on: str

    def run(self, play: Play) -> None:
        taken(play, self.far, self.on)

    def sketch(self) -> str:
        return f"{self.far} gets a connection"


@dataclass(frozen=True, slots=True)
class RefusedOrAsked(Step):
    """The client is refused, and nothing is sent on; or the far side is asked this and answers.

    For what the specification lets a program refuse or repair. What reaches the far side must
    then be right, and the answer comes back.
    """

    far: str
    refused: Mapping[str, Any]
    wanted: Mapping[str, Any]
    answer: bytes
    passed: Mapping[str, Any]
    or_close: bool = True

    def run(self, play: Play) -> None:
        client, side = play.line(), play.side(self.far)
        began = time.monotonic()
        while not client.unread and client.recorded.ended is None:
            play.running.go_on()
            side.take()
            client.recorded.receive(0.0)
            if side.asked() is not None:
                self._asked(play)
                return
            if client.unread or client.recorded.ended or not play.still_patient(began, ANSWER):
                break
            await_any([side], [client], SLICE)
        play.acts.append(Act(self.far, "accept", port=self.far))
        Expect(self.refused, or_close=self.or_close).run(play)

    def _asked(self, play: Play) -> None:
        Asked(self.far, self.wanted, self.far).run(play)
        Answers(self.answer, self.far).run(play)
        Expect(self.passed).run(play)

    def sketch(self) -> str:
        refused = Expect(self.refused).sketch().removeprefix("expect ")
        asked = Asked(self.far, self.wanted, self.far).sketch()
        return f"either the client is refused ({refused}), or {asked}"


@dataclass(frozen=True, slots=True)
class NotAsked(Step):
    """Nothing has come to this far side that no step has asked for."""

    far: str

    def run(self, play: Play) -> None:
        side = play.side(self.far)
        side.take()
        if (line := side.asked()) is not None:
            raise unasked(line)

    def sketch(self) -> str:
        return f"{self.far} is not asked"


@dataclass(frozen=True, slots=True)
class NotReached(Step):
    """The program has made no connection to this far side at all."""

    far: str

    def run(self, play: Play) -> None:
        side = play.side(self.far)
        side.take()
        if side.made:
            found = f"{side.made} connection{'s' * (side.made != 1)}"
            raise Failed(Reached.CONNECTED, f"no connection to {side.far.title}", found)

    def sketch(self) -> str:
        return f"nothing connects to {self.far}"


@dataclass(frozen=True, slots=True)
class BrokenOff(Step):
    """The connection ends, and what came last is no whole message."""

    on: str
    seconds: float = ANSWER

    def run(self, play: Play) -> None:
        line, began = play.line(self.on), time.monotonic()
        while line.recorded.ended is None:
            if not play.more(line, began, self.seconds):
                raise Failed(
                    Reached.CLOSED,
                    f"the connection to end in the middle of {line.awaited}",
                    f"it is still open after {time.monotonic() - began:.2f} s",
                    line=line,
                    offset=len(line.recorded.arrived),
                )
        if line.recorded.ended != "reset":
            not_whole(line)
        line.read = len(line.recorded.arrived)
        play.hold(Reached.CLOSED)

    def sketch(self) -> str:
        return f"connection {self.on} ends, and what came is not whole"


@dataclass(frozen=True, slots=True)
class NeverWhole(Step):
    """If the program has begun to send anything to this far side, it breaks that off."""

    far: str

    def run(self, play: Play) -> None:
        side = play.side(self.far)
        side.take()
        while (line := side.asked()) is not None:
            side.loose.remove(line)
            play.lines[line.name] = line
            BrokenOff(line.name).run(play)

    def sketch(self) -> str:
        return f"nothing whole comes to {self.far}"


def not_whole(line: Line) -> None:
    """Raises Failed where the rest of what came is a whole message."""
    reader = Labels(line.data(), line.read)
    try:
        line.next_message(reader)
    except WireError:
        return
    raise Failed(
        Reached.AS_ASKED,
        f"the connection to end in the middle of {line.awaited}",
        "one that looks whole",
        line=line,
        offset=reader.pos,
    )


@dataclass(frozen=True, slots=True)
class Listening(Step):
    """What becomes of new connections to a far side: taken, refused, or left waiting."""

    far: str
    how: str

    def run(self, play: Play) -> None:
        side = play.side(self.far)
        {"takes": side.recover, "refuses": side.refuse, "overflows": side.overflow}[self.how]()
        play.acts.append(Act(self.far, self.how, port=self.far))

    def sketch(self) -> str:
        says = {
            "takes": "takes connections again",
            "refuses": "refuses connections",
            "overflows": "takes no connection: its queue is full",
        }
        return f"{self.far} {says[self.how]}"


def asked(
    far: str,
    on: str = "",
    *,
    reused: bool | None = None,
    begun: bool = False,
    seconds: float = ANSWER,
    keep: Mapping[str, str] | None = None,
    **wanted: Any,
) -> Asked:
    """The far side is now asked this; names as in `expect`."""
    return Asked(far, wanted, on or far, reused, begun, seconds, keep or {})


def begun(on: str = "main", seconds: float = ANSWER, **wanted: Any) -> Begun:
    return Begun(wanted, on, seconds)


def answers(on: str, *messages: Any, fill: bool = False) -> Answers:
    return Answers(b"".join(bytes(message) for message in messages), on, fill)


def taken_by(far: str, on: str = "") -> TakenBy:
    return TakenBy(far, on or far)


def refused_or_asked(
    far: str,
    wanted: Mapping[str, Any],
    answer: Any,
    refused: Mapping[str, Any],
    passed: Mapping[str, Any],
) -> RefusedOrAsked:
    return RefusedOrAsked(far, refused, wanted, bytes(answer), passed)


def not_asked(far: str) -> NotAsked:
    return NotAsked(far)


def not_reached(far: str) -> NotReached:
    return NotReached(far)


def broken_off(on: str = "main", seconds: float = ANSWER) -> BrokenOff:
    return BrokenOff(on, seconds)


def never_whole(far: str) -> NeverWhole:
    return NeverWhole(far)


def refuses(far: str) -> Listening:
    return Listening(far, "refuses")


def overflows(far: str) -> Listening:
    return Listening(far, "overflows")


def recovers(far: str) -> Listening:
    return Listening(far, "takes")
