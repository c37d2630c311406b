"""Connections that the program makes: waiting for one, or for a request on any of them.

    taken(play, "a", "a", asked=True)     the line on which the far side a is asked now

While it waits, the client is looked at too: one that has an answer already, or no connection any
more, shows that nothing will come, and the report says what the client got instead.

Left out: what was asked. See asking.py.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..process.patience import patience
from ..wire import quoted
from .byhand import Act
from .far import FarSide, await_any
from .line import Line
from .outcomes import Failed
from .verdict import Reached

if TYPE_CHECKING:
    from .play import Play

INSTEAD = 0.25  # seconds for a far side to be asked, once the client has something instead
SLICE = 0.25  # seconds of waiting between two looks whether anybody still waits for the result


def taken(play: Play, far: str, name: str, asked: bool = False, seconds: float = 2.0) -> Line:
    """A connection of the program to that far side, from now on the line of that name.

    asked   one on which something has come, new or kept; otherwise a new one
    raises  Failed, early when the client gets an answer instead
    """
    side, began, instead = play.side(far), time.monotonic(), 0.0
    held = play.lines.pop(name, None)
    if held is not None:
        side.loose.append(held)
    play.acts.append(Act(name, "accept", port=far))
    while True:
        play.running.go_on()
        side.take()
        line = side.asked() if asked else side.newly_made()
        if line is not None:
            side.loose.remove(line)
            if line is held:
                play.acts.pop()
            line.name, play.lines[name] = name, line
            play.hold(Reached.CONNECTED)
            return line
        clients = [each for each in play.lines.values() if each.far is None and not each.beside]
        for client in clients:
            client.recorded.receive(0.0)
        now = time.monotonic()
        if any(each.unread or each.recorded.ended for each in clients) or elsewhere(play, side):
            instead = instead or now
        early = instead and now - instead > INSTEAD * min(patience(), 4.0)
        if early or (now - began > seconds and not play.still_patient(began, seconds)):
            raise not_asked(play, side, clients, asked, now - began, name)
        # A client's line that has something would end each wait at once.
        quiet = [each for each in clients if not each.unread]
        await_any([side], quiet, min(SLICE, 0.02 if instead else SLICE))


def not_asked(
    play: Play,
    side: FarSide,
    clients: Sequence[Line],
    asked: bool,
    waited: float,
    name: str,
) -> Failed:
    title, what = side.far.title, "a request" if asked else "a connection"
    found = f"none in {waited:.2f} s"
    if asked and any(line.fresh for line in side.loose):
        found = f"a connection, and {found} on it"
    line = next((one for one in clients if one.unread), None)
    if line is not None:
        said = quoted(bytes(line.recorded.arrived[line.read : line.read + 60]))
        found = f"{found}; the client was answered {said}"
    elif (other := elsewhere(play, side)) is not None:
        found = f"it came on connection {other.name}, which another request has"
        return Failed(Reached.ANSWERED, f"{what} to {title}", found, line=other, offset=other.read)
    elif ended := next((one for one in clients if one.recorded.ended), None):
        found = f"{found}; the client's connection was {ended.recorded.ended}"
    at = line.read if line is not None else None
    step = Reached.ANSWERED
    wanted = f"{what} to {title}"
    return Failed(step, wanted, play.told(found), line=line, offset=at, seen_on=name)


def elsewhere(play: Play, side: FarSide) -> Line | None:
    """A connection with a name of its own on which something has come that no step has read."""
    for line in play.lines.values():
        if line.far is side.far:
            line.recorded.receive(0.0)
            if line.unread and not line.partial:
                return line
    return None


def unasked(line: Line) -> Failed:
    """What came to a far side and nobody wanted."""
    assert line.far is not None
    rest = bytes(line.recorded.arrived[line.read :])
    return Failed(
        Reached.AS_ASKED,
        f"nothing more to be sent to {line.far.title}",
        f"{len(rest)} bytes: {quoted(rest, 60)}",
        line=line,
        offset=line.read,
    )
