"""What passed where a case failed, in the shapes that the page gets.

    shown(evidence, stage)       CheckBytes: each connection, its messages, its octets by name

The octets are read once more by the stage's codec, as far as they can be. Behind that they have the
name of what was expected there, where the codec said it, else none:

    HTTP/1.1 200 OK CRLF Content-Length: 0x5 CRLF CRLF alpha
    ╰──────── by name ──────────────────╯╰╯╰────────────────╯
                             expected a length │ nobody has read these

Left out: what was wrong. The failure says that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from ..grade.evidence import Evidence, Passing, Stretch
from ..grade.line import Labels
from ..grade.stage import Stage
from ..net.recorded import TooMuch
from ..wire import Codec, Malformed, NeedMore, Reader, Refused
from . import told
from .shapes import checks as shapes
from .shapes.machine import Direction, Message, Opened, Piece

LEAVES = 1200  # of a direction that are shown: half of them ahead of the one in question
TURNS = 200  # messages of a connection


@dataclass(slots=True)
class Reading:
    """One direction, read. turns: (start, end, what it says, why it is none)."""

    pieces: list[Piece] = field(default_factory=list)
    turns: list[tuple[int, int, str, str]] = field(default_factory=list)


def shown(evidence: Evidence, stage: Stage) -> shapes.CheckBytes:
    connections = []
    mark = None
    for at, line in enumerate(evidence.lines):
        place = evidence.offset if at == evidence.at else None
        if place is not None:
            place = min(max(0, place - line.arrived.ahead), len(line.arrived.data))
            mark = (place, place + evidence.length)
        one = connection(line, codec_of(line, stage), place or 0)
        if place == len(line.arrived.data):
            one.came.opened.pieces.append(end_of(line))
        connections.append(one)
    return shapes.CheckBytes(connections, evidence.at, mark)


def codec_of(line: Passing, stage: Stage) -> Callable[[], Codec]:
    """What reads this connection."""
    codecs = {given.name: given.codec for given in stage.parts}
    codecs.update({far.name: far.codec for far in stage.far if line.name == far.name})
    return codecs.get(line.part or line.name, stage.codec)


def end_of(line: Passing) -> Piece:
    """A place behind the last octet, for what should have come there."""
    at = len(line.arrived.data)
    how = {"closed": "the connection was closed", "reset": "the connection was reset"}
    means = f"Nothing more came: {how.get(line.ended, 'the connection was still open')}."
    return Piece(at, at, "the end", "", means, "", 0, True)


def connection(line: Passing, make: Callable[[], Codec], place: int) -> shapes.CheckConnection:
    came, sent = readings(line, make)
    turns = [
        *(turn("came", one, line.arrived.ahead, line) for one in came.turns[-TURNS:]),
        *(turn("sent", one, line.sent.ahead, line) for one in sent.turns[-TURNS:]),
    ]
    answers = "sent" if line.asks else "came"
    turns.sort(key=lambda t: (t.at is None, t.at or 0.0, t.way == answers))
    return shapes.CheckConnection(
        name=line.name,
        who=line.who,
        asks=line.asks,
        ended=line.ended,
        turns=turns,
        came=side(line.arrived, came, place, "to server" if line.asks else "to client"),
        sent=side(line.sent, sent, 0, "to client" if line.asks else "to server"),
    )


def readings(line: Passing, make: Callable[[], Codec]) -> tuple[Reading, Reading]:
    """What came and what was sent. Who asks is read first: an answer depends on its question."""
    codec = make()
    ended = bool(line.ended)
    if line.asks:
        came = read(line.arrived, codec, codec.to_server)
        return came, read(line.sent, codec, codec.to_client)
    sent = read(line.sent, codec, codec.to_server)
    if line.arrived.ahead:  # the question to what is left of it is not known any more
        codec = make()
    elif sent.turns and sent.turns[-1][3]:
        assume = getattr(codec, "assume", None)
        if assume is not None:
            assume(line.sent.data[sent.turns[-1][0] :])
    return read(line.arrived, codec, codec.at_end if ended else codec.to_client), sent


def read(stretch: Stretch, codec: Codec, one: Callable[[Reader], object]) -> Reading:
    """By name, as far as it can be read."""
    view, found = Labels(stretch.data), Reading()
    says = getattr(codec, "says", None)
    wrong: Malformed | Refused | None = None
    begin = 0
    with suppress(TooMuch):
        while stretch.framed and view.pos < len(view.data):
            begin = view.pos
            try:
                message = one(view)
            except (Malformed, Refused) as error:
                wrong = error
                found.turns.append((begin, len(view.data), "", str(error)))
                break
            except NeedMore as more:
                cut = stretch.ahead + len(stretch.data) < stretch.size
                why = "the rest is not shown" if cut else f"not whole: {more}"
                found.turns.append((begin, len(view.data), "", why))
                break
            if view.pos == begin:
                break
            found.turns.append((begin, view.pos, says(message) if says is not None else "", ""))
    if not stretch.framed and stretch.data:
        found.turns.append((0, len(stretch.data), "the middle of a message", ""))
    found.pieces = [*filled(told.pieces(view), len(stretch.data), wrong)]
    return found


def filled(
    pieces: Iterable[Piece], size: int, wrong: Malformed | Refused | None
) -> Iterator[Piece]:
    """The same, and a piece for every octet that has no name."""
    end = 0
    for piece in pieces:
        if piece.leaf and piece.start > end:
            yield from unnamed(end, piece.start, wrong)
        yield piece
        if piece.leaf:
            end = max(end, piece.end)
    yield from unnamed(end, size, wrong)


def unnamed(start: int, end: int, wrong: Malformed | Refused | None) -> Iterator[Piece]:
    if wrong is not None and start <= wrong.offset < end:
        length = max(1, len(wrong.found)) if isinstance(wrong, Malformed) else 1
        past = min(end, wrong.offset + length)
        yield from unnamed(start, wrong.offset, None)
        name, spec = wrong.field.name, wrong.field.spec
        yield Piece(wrong.offset, past, name, "", str(wrong), spec, 0, True)
        yield from unnamed(past, end, None)
    elif start < end:
        yield Piece(start, end, "not read", "", "No message could be read here.", "", 0, True)


def side(stretch: Stretch, reading: Reading, place: int, way: Direction) -> shapes.CheckSide:
    message = Message("", "", 0, way, 0.0, stretch.size, "")
    return shapes.CheckSide(
        opened=Opened(
            message=message,
            octets=stretch.data.hex(),
            pieces=around(reading.pieces, place),
            cut=stretch.size - len(stretch.data),
        ),
        ahead=stretch.ahead,
        size=stretch.size,
    )


def around(pieces: list[Piece], place: int) -> list[Piece]:
    """At most LEAVES leaves, those near `place`, with the groups around them."""
    leaves = [piece for piece in pieces if piece.leaf]
    if len(leaves) <= LEAVES:
        return pieces
    at = next((n for n, leaf in enumerate(leaves) if leaf.end > place), len(leaves))
    first = max(0, min(at - LEAVES // 2, len(leaves) - LEAVES))
    start, end = leaves[first].start, leaves[first + LEAVES - 1].end
    return [one for one in pieces if one.start < end and one.end > start]


def turn(way: str, one: tuple[int, int, str, str], ahead: int, line: Passing) -> shapes.CheckTurn:
    start, end, says, broken = one
    arrow = "→" if way == "sent" else "←"
    mine = [
        event
        for event in line.events
        if event.direction == arrow
        and event.offset < ahead + end
        and event.offset + event.length > ahead + start
    ]
    at = round(line.began + mine[0].at, 6) if mine else None
    return shapes.CheckTurn(
        "sent" if way == "sent" else "came", at, start, end, says, broken, len(mine)
    )
