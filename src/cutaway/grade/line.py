"""One connection of a play, whichever side of it is ours.

    the client's side    we ask, the program answers       what arrives is read as answers
    a far side           the program asks, we answer       what arrives is read as requests

Every step takes the name of a line, and most of them do not care which side it is: `send` sends,
`expect` reads the next message. A report says whose octets they were.

Left out: where a line comes from. See play.py, and far.py for those that the program makes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..net.recorded import Recorded, TooMuch
from ..wire import NEVER, Annotator, Codec, Field, NeedMore, Reader, Shape, WireError

if TYPE_CHECKING:
    from .far import Far

LABELS = 400_000  # of one message; some 60 MB
LOOKED_OVER = 1 << 20  # octets of a connection that are read once more to see whether it is idle


@dataclass(slots=True)
class Line:
    """One connection of a play.

    far      the far side that the program connected to; None where we are its client
    fresh    no message has come on it yet
    partial  of the next message only the beginning was looked at
    early    made before this case began
    beside   it leads to a part that is given, and not to the program under test
    read     octets of `recorded.arrived` that messages account for
    pushed   octets that a `push` has sent and nothing has read back yet
    port     the variable whose listener it was made to; "" where we did not make it
    sender   who sent what arrived, in a report
    """

    name: str
    recorded: Recorded
    codec: Codec
    far: Far | None = None
    sender: str = "your server sent"
    fresh: bool = True
    partial: bool = False
    early: bool = False
    beside: bool = False
    read: int = 0
    answers: int = 0
    pushed: int = 0
    port: str = ""
    _copy: bytes = b""

    def data(self) -> bytes:
        """What has arrived; copied only when there is more of it than last time."""
        if len(self._copy) != len(self.recorded.arrived):
            self._copy = bytes(self.recorded.arrived)
        return self._copy

    @property
    def unread(self) -> int:
        """Octets that no message accounts for."""
        return len(self.recorded.arrived) - self.read

    @property
    def awaited(self) -> str:
        """What comes on it, in words."""
        return "an answer" if self.far is None else "a request"

    def next_message(self, reader: Reader) -> Any:
        """Read what comes next. Raises NeedMore, Malformed, Refused."""
        if self.far is not None:
            return self.codec.to_server(reader)
        return (self.codec.at_end if self.recorded.ended else self.codec.to_client)(reader)

    @property
    def over(self) -> bool:
        """Whether nothing more can be asked on it, for all that its codec knows."""
        return bool(self.port) and bool(getattr(self.codec, "over", False))

    def asked_and_answered(self) -> bool:
        """Whether each request on this far side has its whole answer, so that another may come."""
        recorded = self.recorded
        size = len(recorded.arrived) + len(recorded.sent)
        if self.far is None or recorded.ended or size > LOOKED_OVER:
            return False
        codec = self.far.codec()
        requests, answers = Reader(bytes(recorded.arrived)), Reader(bytes(recorded.sent))
        try:
            while requests.pos < len(requests.data):
                codec.to_server(requests)
                while is_interim(codec, codec.to_client(answers)):
                    pass
        except WireError:
            return False
        return answers.pos == len(answers.data)


class Labels(Annotator):
    """An Annotator that gives up on a message made of nothing but tiny parts. Raises TooMuch."""

    __slots__ = ()

    def leaf(self, field: Field, start: int, end: int, value: object) -> None:
        self._count()
        super().leaf(field, start, end, value)

    def match(self, shape: Shape, end: int = NEVER) -> tuple[Any, ...] | None:
        self._count()
        return super().match(shape, end)

    def _count(self) -> None:
        if len(self.spans) >= LABELS:
            raise TooMuch(f"more than {LABELS} parts in one message")


def is_interim(codec: Codec, message: Any) -> bool:
    """Whether another answer to the same question follows, as behind 100 (Continue)."""
    interim = getattr(codec, "interim", None)
    return interim is not None and bool(interim(message))


def missing_came(need: NeedMore, arrived: bytearray, since: int) -> bool:
    """Whether what an earlier look lacked may be there now."""
    if len(arrived) >= need.least:
        return True
    return need.mark is not None and need.mark.search(arrived, since) is not None
