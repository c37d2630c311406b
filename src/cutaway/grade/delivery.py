"""Octets that arrive as the case says, and not as the play has it.

    send_pieces(b"GE", b"T / ")        these pieces, each read before the next is written
    drip(b"GET / ", every=0.1)         one octet at a time, slowly
    at_every_split(message, expect())  in two pieces, for each place where it can be cut

Left out: how a play delivers what a plain `send` has. See play.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..process.patience import patience
from ..wire import quoted
from .byhand import Act
from .cutting import tell_codec
from .outcomes import Failed
from .play import ANSWER, Play
from .stage import Step
from .verdict import Reached

READ_SOON = 0.05  # seconds for a piece to be read; later pieces may then arrive together


@dataclass(frozen=True, slots=True)
class SendPieces(Step):
    """These pieces in this order; the server has read each one before the next is written."""

    pieces: tuple[bytes, ...]
    on: str = "main"

    def run(self, play: Play) -> None:
        line = play.line(self.on)
        tell_codec(line.codec, b"".join(self.pieces))
        for number, piece in enumerate(self.pieces):
            if number:
                line.recorded.read_by_peer(READ_SOON, patience)
                play.acts.append(Act(self.on, "pause", seconds=0.1))
            line.recorded.send(piece, 10.0)
            play.acts.append(Act(self.on, "send", piece))
        play.hold(Reached.SENT)

    def sketch(self) -> str:
        return f"send {quoted(b''.join(self.pieces), 60)} in {len(self.pieces)} pieces"


@dataclass(frozen=True, slots=True)
class Drip(Step):
    """One octet every `every` seconds, until all are sent, or the server answers or ends."""

    data: bytes
    every: float
    on: str = "main"

    def run(self, play: Play) -> None:
        line = play.line(self.on)
        for at in range(len(self.data)):
            if line.recorded.ended or len(line.recorded.arrived) > line.read:
                break
            line.recorded.send(self.data[at : at + 1], 1.0)
            play.acts.append(Act(self.on, "send", self.data[at : at + 1]))
            play.acts.append(Act(self.on, "pause", seconds=self.every))
            play.quiet(line, self.every)
        play.hold(Reached.SENT)

    def sketch(self) -> str:
        return f"send {quoted(self.data, 40)} one byte every {self.every:g} s"


@dataclass(frozen=True, slots=True)
class AtEverySplit(Step):
    """The message once for each place where it can be cut in two, each on a new connection."""

    data: bytes
    then: tuple[Step, ...]

    def run(self, play: Play) -> None:
        for cut in range(1, len(self.data)):
            line = play.line()
            tell_codec(line.codec, self.data)
            play.acts.append(Act("main", "send", self.data[:cut]))
            play.acts.append(Act("main", "pause", seconds=0.1))
            play.acts.append(Act("main", "send", self.data[cut:]))
            line.recorded.send(self.data[:cut], ANSWER)
            line.recorded.read_by_peer(READ_SOON, patience)
            line.recorded.send(self.data[cut:], ANSWER)
            play.hold(Reached.SENT)
            try:
                for step in self.then:
                    step.run(play)
                play.nothing_left()
            except Failed as failed:
                failed.notes += (f"delivered in two pieces, cut after byte {cut}",)
                raise
            if line is play.lines.pop("main", None):
                line.recorded.close()
            play.acts.clear()

    def sketch(self) -> str:
        return f"send {quoted(self.data, 60)} in two pieces, cut at each place in turn"


def send_pieces(*pieces: bytes, on: str = "main") -> SendPieces:
    return SendPieces(pieces, on)


def drip(data: bytes, every: float, on: str = "main") -> Drip:
    return Drip(bytes(data), every, on)


def at_every_split(message: Any, *then: Step) -> AtEverySplit:
    return AtEverySplit(bytes(message), then)
