"""The four things that can go wrong while bytes are read or written.

They differ in whose turn it is:

    NeedMore    nobody's fault: the bytes stop before the thing does; wait, then look again
    Malformed   the peer broke the wire: a field, an offset, what was found there
    Refused     the wire is right, but past a limit of ours
    Misuse      the caller of the codec broke it

    >>> read_frame(Reader(b"\\x00\\x00"))
    NeedMore: length: 2 of at least 4 octets

Left out: what to do about them. A server answers or closes, a grader reports, a tap shows the
bytes and goes on; that is theirs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .field import Field

#: More than any length, as "never by count alone".
NEVER = 1 << 62


class WireError(Exception):
    """Any of the four."""


class NeedMore(WireError):
    """The bytes stop before the thing does.

    Another look is worth its time once the data holds `least` octets, or once `mark` is found in
    it, searched from `since`. Both are counted from the start of the reader's data.
    """

    def __init__(
        self,
        field: Field,
        least: int = NEVER,
        mark: re.Pattern[bytes] | None = None,
        since: int = 0,
    ) -> None:
        super().__init__(field, least)
        self.field, self.least, self.mark, self.since = field, least, mark, since

    def __str__(self) -> str:
        wanted = f"at least {self.least} octets" if self.least < NEVER else "its end"
        return f"{self.field.name}: waiting for {wanted}"


class Malformed(WireError):
    """The peer broke the wire: `field` at `offset` of the reader's data is `found`.

    `why` is one sentence on the bytes; `spec` names the section that forbids them.
    """

    def __init__(
        self, field: Field, offset: int, found: bytes = b"", why: str = "", spec: str = ""
    ) -> None:
        super().__init__(field, offset, found, why)
        self.field, self.offset, self.found = field, offset, bytes(found[:64])
        self.why, self.spec = why or f"not a valid {field.name}", spec or field.spec

    def __str__(self) -> str:
        return f"byte {self.offset}, {self.field.name}: {self.why}, found {self.found!r}"


class Refused(WireError):
    """Right by the wire, but past a limit of ours. `limit` has the unit of the field."""

    def __init__(self, field: Field, limit: int, offset: int = 0) -> None:
        super().__init__(field, limit, offset)
        self.field, self.limit, self.offset = field, limit, offset

    def __str__(self) -> str:
        return f"{self.field.name}: more than the {self.limit} that are taken here"


class Misuse(WireError):
    """The caller asked the codec for something the protocol does not have."""
