"""Time that passes for the program under test, without anybody waiting where that can be had.

    later(150)     the program's clock is 150 ms further, and what is due by then is done

The contract has a command for it, CLOCK ADVANCE. A program that does not know it is waited for, which
is why lifetimes in cases are short.

No case concludes from time that a key is still there: on a busy machine any margin is too small.
What ends is waited for, what stays is seen by its lifetime (PTTL) or has none.

Left out: setting the clock back, and the time of day.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from ....grade.byhand import Act
from ....grade.cutting import tell_codec
from ....grade.play import ANSWER, Play
from ....grade.stage import Step
from ..messages import BulkError, Command, Error, Simple
from .replies import failure, told

SLACK = 0.02  # seconds more than asked for, since clocks are read at different moments


@dataclass(frozen=True, slots=True)
class Later(Step):
    """The clock of the program is moved on; one that answers an error is waited for."""

    milliseconds: int
    on: str = "main"

    def run(self, play: Play) -> None:
        line = play.line(self.on)
        command = bytes(Command((b"CLOCK", b"ADVANCE", b"%d" % self.milliseconds)))
        tell_codec(line.codec, command)
        play.acts.append(Act(self.on, "send", command))
        play.write(line, command)
        answer, reader = play.message(line, ANSWER, time.monotonic())
        known = answer == Simple(b"OK")
        if not known and not isinstance(answer, Error | BulkError):
            raise failure(line, reader, answer, ("reply to CLOCK ADVANCE", Simple(b"OK"), answer))
        line.read = reader.pos
        line.answers += 1
        if not known:
            play.acts[-1] = Act(self.on, "pause", seconds=self.milliseconds / 1000 + SLACK)
            play.rest(self.milliseconds / 1000 + SLACK)
            play.notes_once(
                f"CLOCK ADVANCE is answered with {told(answer)}, so the time was waited for"
            )

    def sketch(self) -> str:
        return f"{self.milliseconds} ms later (CLOCK ADVANCE, or else by waiting)"


def later(milliseconds: int, on: str = "main") -> Later:
    return Later(milliseconds, on)
