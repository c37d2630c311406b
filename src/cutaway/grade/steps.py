"""What a case does and wants to see: the vocabulary of stages.

    send(alpha, bravo)             messages or raw octets, one write (or in pieces, as played)
    expect(status=200, body=b"…")  the next message has these
    expect(keep={"tag": "header etag"})  and its value is kept: send(…, fill=True) puts it in
                                   the place of {tag}, kept("tag") expects it again
    receive(b"…")                  these octets come, message or not
    closes()                       the server ends the connection, and sends nothing more
    stays_silent(0.2)              nothing comes and nothing ends for so many seconds
    half_close(), reset(), close() what the client does to the connection
    connect("b", port="LINES_PORT")  one more connection; every step takes on="b"
    pause(0.1)                     time passes

Each is data; `run` carries it out on a play. What works on the program rather than on one
connection (signals, many clients, memory, real clients) is in drastic.py.

What a case wants to see is in seeing.py, octets in pieces of their own are in delivery.py.

Left out: anything that knows a protocol.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..wire import quoted
from .byhand import Act
from .delivery import AtEverySplit as AtEverySplit
from .delivery import Drip as Drip
from .delivery import SendPieces as SendPieces
from .delivery import at_every_split as at_every_split
from .delivery import drip as drip
from .delivery import send_pieces as send_pieces
from .differences import excerpt as excerpt
from .differences import first_difference as first_difference
from .matchers import Matcher
from .play import Line, Play
from .seeing import Closes as Closes
from .seeing import Expect as Expect
from .seeing import Receive as Receive
from .seeing import StaysSilent as StaysSilent
from .seeing import closes as closes
from .seeing import ended_without_a_word as ended_without_a_word
from .seeing import expect as expect
from .seeing import named
from .seeing import receive as receive
from .seeing import stays_silent as stays_silent
from .stage import Step

END = 60  # octets of either end of a message in a sketch


@dataclass(frozen=True, slots=True)
class Send(Step):
    """All of `data` in one write, or cut, as the play has it.

    shell  a command that prints it, for whoever repeats it by hand
    """

    data: bytes
    on: str = "main"
    fill: bool = False
    shell: str = ""

    def run(self, play: Play) -> None:
        data = self.data
        if self.fill:
            for name, value in play.kept.items():
                data = data.replace(b"{%s}" % name.encode(), value)
                data = data.replace(b"{inside %s}" % name.encode(), value[1:-1])
        acts = len(play.acts)
        play.send(self._line(play), data)
        if self.fill:
            self._tell_by_hand(play, acts)
        if self.shell and play.acts[-1].data == self.data:
            play.acts[-1] = replace(play.acts[-1], shell=self.shell)

    def _line(self, play: Play) -> Line:
        """Where the server has said that it ends the connection, and a codec heeds it, a new one."""
        line = play.line(self.on)
        if line.over:
            Close(self.on).run(play)
            line = play.lines[self.on] = play.connect(self.on, line.port)
        return line

    def _tell_by_hand(self, play: Play, since: int) -> None:
        """By hand the far sides have other addresses than in this play."""
        there = play.running.subject.addresses_by_hand(play.stage)
        for name, side in play.running.sides.items():
            here, by_hand = ("{}:{}".format(*a).encode() for a in (side.address, there[name]))
            for at, act in enumerate(play.acts[since:], since):
                play.acts[at] = replace(act, data=act.data.replace(here, by_hand))

    def sketch(self) -> str:
        return f"send {both_ends(self.data)}{named(self.on)}"


def both_ends(data: bytes) -> str:
    """Octets for people; of many, those at the ends: what a message is, and what it carries."""
    if len(data) <= 2 * END + 20:
        return quoted(data, len(data))
    left = len(data) - 2 * END
    return f"{quoted(data[:END])} … {quoted(data[-END:])} with {left} bytes between"


@dataclass(frozen=True, slots=True)
class HalfClose(Step):
    """The client has nothing more to send (FIN), and still listens."""

    on: str = "main"

    def run(self, play: Play) -> None:
        play.line(self.on).recorded.half_close()
        play.acts.append(Act(self.on, "half-close"))

    def sketch(self) -> str:
        return f"finish sending (FIN){named(self.on)}"


@dataclass(frozen=True, slots=True)
class Close(Step):
    """The client closes; with `reset` by RST, throwing away what is under way."""

    on: str = "main"
    reset: bool = False

    def run(self, play: Play) -> None:
        line = play.lines.pop(self.on, None)
        if line is not None:
            (line.recorded.reset if self.reset else line.recorded.close)()
            play.acts.append(Act(self.on, "reset" if self.reset else "close"))

    def sketch(self) -> str:
        what = "reset the connection (RST)" if self.reset else "close the connection"
        return f"{what}{named(self.on)}"


@dataclass(frozen=True, slots=True)
class Connect(Step):
    """One more connection. The first one, "main", is made when it is needed."""

    on: str
    port: str = ""

    def run(self, play: Play) -> None:
        play.line(self.on, self.port)

    def sketch(self) -> str:
        return f"connect {self.on}" + (f" to ${self.port}" if self.port else "")


@dataclass(frozen=True, slots=True)
class Pause(Step):
    """Time passes; what comes meanwhile is for the next step."""

    seconds: float

    def run(self, play: Play) -> None:
        play.rest(self.seconds)
        for name in play.lines:
            play.acts.append(Act(name, "pause", seconds=self.seconds))

    def sketch(self) -> str:
        return f"wait {self.seconds:g} s"


def send(*messages: Any, on: str = "main", fill: bool = False) -> Send:
    """Messages (anything with bytes(x)) or raw octets, together.

    fill  put what was kept under a name in the place of {name}, and in that of {inside name}
          without its first and last octet, the quotes of a tag
    """
    return Send(b"".join(bytes(message) for message in messages), on, fill)


def half_close(on: str = "main") -> HalfClose:
    return HalfClose(on)


def reset(on: str = "main") -> Close:
    return Close(on, reset=True)


def close(on: str = "main") -> Close:
    return Close(on)


def connect(on: str, port: str = "") -> Connect:
    return Connect(on, port)


def pause(seconds: float) -> Pause:
    return Pause(seconds)


__all__ = [
    "Matcher",
    "at_every_split",
    "close",
    "closes",
    "connect",
    "drip",
    "expect",
    "half_close",
    "pause",
    "receive",
    "reset",
    "send",
    "send_pieces",
    "stays_silent",
]
