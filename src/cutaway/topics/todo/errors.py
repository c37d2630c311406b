"""What can go wrong with a request, as the service says it: no status, no HTTP.

    raise Missing          there is no such to-do
    raise Wrong([…])       members that are not as they must be

The words are the client's affair; which status they become is decided once, in problems.py.

Left out: what goes wrong with the store. That is `Away` of link.py.
"""

from __future__ import annotations

from typing import NamedTuple


class Member(NamedTuple):
    """One wrong member. detail: what it must be."""

    field: str
    detail: str


class Trouble(Exception):
    """Something the client can do something about. Its text is for the client."""


class Missing(Trouble):
    """There is no such to-do."""


class Changed(Trouble):
    """Somebody else has changed it since."""


class Unguarded(Trouble):
    """A change that does not say which state it means."""


class Reused(Trouble):
    """An idempotency key that was used with another body."""


class Unreadable(Trouble):
    """The body is no JSON object, or the query makes no sense."""


class NotJson(Trouble):
    """The body is of another kind."""


class Wrong(Trouble):
    """Members that are missing, of the wrong type or out of bounds: all of them."""

    def __init__(self, members: list[Member]) -> None:
        super().__init__("Some members are not as they must be.")
        self.members = members
