"""What passed on the connections of a play that failed: octets, in bounds, and when each came.

    evidence_of(play, failed)
        Evidence(lines=(Passing("main", sent=b"GET …", arrived=b"HTTP/1.1 500 …", …),),
                 at=0, offset=9, length=3)

A report says one thing in words. Whoever wants to see the rest opens the octets: the codec reads
them once more and says what each is called, as far as it could be read.

    kept      ahead ─────────╮     KEPT octets      ╭── behind
    arrived   ░░░░░░░░░░░░░░░▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓^▓▓▓▓▓▓▓▓░░░░░░░░
                             ╰ `ahead` octets are left out before it

What is short is kept whole. Of what is long, it is the message in which the octet lies; and where
that is long, too, what lies around the octet, which no codec can read then (`framed` is False).

Left out: names. They are made when somebody looks, from the stage's codec.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..net.recorded import Event

if TYPE_CHECKING:
    from .given import Part, Talk
    from .line import Line
    from .outcomes import Failed
    from .play import Play

KEPT = 64 << 10  # octets of a direction
AROUND = 2 << 10  # octets ahead of the one at fault, where a message is longer than that
EVENTS = 500  # reads and writes of a connection
LINES = 6  # connections


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Octets of one direction. ahead: octets before them; size: of all. framed: a message begins
    with the first of them."""

    data: bytes
    ahead: int = 0
    size: int = 0
    framed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """One connection.

    who      a phrase: "your server sent"
    asks     what arrived are requests: the program was the client
    part     the part that is given and that it leads to, whose codec reads it; "" for none
    ended    how the other side ended it; "" while it had not
    began    seconds behind the first of the connections
    events   (seconds since then, "→" sent or "←" arrived, offset, octets)
    """

    name: str
    who: str
    asks: bool
    sent: Stretch
    arrived: Stretch
    part: str = ""
    ended: str = ""
    began: float = 0.0
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """at: which connection is to be looked at first, and the octets in question of what arrived
    there; offset is None where no octet is at fault."""

    lines: tuple[Passing, ...]
    at: int = 0
    offset: int | None = None
    length: int = 1


def evidence_of(play: Play, failed: Failed) -> Evidence | None:
    """None where there was no connection."""
    lines = [*play.lines.values()]
    if failed.line is not None:
        lines.append(failed.line)
    if not lines:
        return None
    seen = play.lines.get(failed.seen_on, lines[0]) if failed.line is None else failed.line
    others = [line for line in lines if line is not seen][: LINES - 1]
    lines = sorted([seen, *others], key=lambda line: line.recorded.began)
    since = lines[0].recorded.began
    passed = [passing(line, failed, since) for line in lines]
    for part in play.running.parts.values():
        passed += [beside(part, talk, since) for talk in part.talks.values()]
    return Evidence(
        lines=tuple(passed),
        at=next(number for number, line in enumerate(lines) if line is seen),
        offset=failed.offset if failed.line is not None else None,
        length=max(1, failed.length),
    )


def passing(line: Line, failed: Failed, since: float) -> Passing:
    recorded = line.recorded
    offset = failed.offset if line is failed.line else None
    return Passing(
        name=line.name,
        who=line.sender,
        asks=line.far is not None,
        part=line.name if line.beside else "",
        sent=stretch(recorded.sent, 0, None),
        arrived=stretch(recorded.arrived, line.read, offset),
        ended=recorded.ended or "",
        began=recorded.began - since,
        events=tuple(recorded.events[:EVENTS]),
    )


def beside(part: Part, talk: Talk, since: float) -> Passing:
    """A connection of the program to a part that is given, as it passed the relay."""
    events = [
        Event(at - since, "←" if asked else "→", offset, length)
        for at, asked, offset, length in talk.events[:EVENTS]
    ]
    return Passing(
        name=part.given.title,
        who=f"your program sent to {part.given.title}",
        asks=True,
        part=part.given.name,
        sent=Stretch(data=bytes(talk.answered), size=len(talk.answered)),
        arrived=Stretch(data=bytes(talk.asked), size=len(talk.asked)),
        events=tuple(events),
    )


def stretch(data: bytearray, message: int, offset: int | None) -> Stretch:
    """Of all octets, those to keep. message: where the latest begins; offset: the one at fault."""
    ahead, framed = 0, True
    if len(data) > KEPT and offset is not None:
        ahead = message if message <= offset < message + KEPT else 0
        if offset >= ahead + KEPT:
            ahead, framed = max(0, offset - AROUND) // 16 * 16, False
    kept = bytes(memoryview(data)[ahead : ahead + KEPT])
    return Stretch(data=kept, ahead=ahead, size=len(data), framed=framed)
