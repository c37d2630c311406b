r"""Rooms: what one member says, all of them hear, in one order.

    ana   /join red\n          ◀── joined red\n
    ben   /join red\n          ◀── joined red\n
    ana   hello\n              ──▶ hello\n to ana and to ben

The order costs nothing here: one thread takes one line at a time and gives it to every member
before it takes the next. With several threads or several machines it would have to be agreed on.

The speed of a room is the other question. Waiting for the slowest member would let one stopped
laptop silence everybody, so nobody is waited for: what a member has not read waits for it in this
process, and past a limit it is the member that goes.

Left out: names of members, history, several rooms at once. Who joins a second room leaves the
first.
"""

from __future__ import annotations

from typing import Protocol

JOIN = b"/join "
WAITING_LIMIT = 1 << 20  # octets that may wait for one member


class Member(Protocol):
    """One who can be told things."""

    room: bytes | None

    def tell(self, data: bytes) -> None:
        """Send without waiting."""

    def waiting(self) -> int:
        """Octets that were told and not yet taken by the kernel."""

    def cut(self) -> None:
        """Disconnect at once; what waits is lost."""


def room_asked_for(text: bytes) -> bytes | None:
    """The room, where a line asks for one. Without a name it is a line like any other."""
    return text[len(JOIN) :] or None if text.startswith(JOIN) else None


class Chat:
    """Who is in which room."""

    def __init__(self) -> None:
        self.rooms: dict[bytes, dict[Member, None]] = {}  # a dict keeps the order of joining

    def join(self, member: Member, room: bytes) -> None:
        self.leave(member)
        self.rooms.setdefault(room, {})[member] = None
        member.room = room
        member.tell(b"joined " + room + b"\n")

    def say(self, member: Member, line: bytes) -> None:
        """To every member of the speaker's room, the speaker included."""
        assert member.room is not None
        for each in list(self.rooms[member.room]):
            each.tell(line)
            if each.waiting() > WAITING_LIMIT:
                self.disconnect(each)

    def leave(self, member: Member) -> None:
        """Does nothing to one that is in no room."""
        if member.room is None:
            return
        members = self.rooms[member.room]
        del members[member]
        if not members:
            del self.rooms[member.room]
        member.room = None

    def disconnect(self, member: Member) -> None:
        self.leave(member)
        member.cut()
