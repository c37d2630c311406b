"""Idle: a peer that is gone looks exactly like one that is thinking.

TCP sends nothing while nobody has anything to say, so a client whose cable was pulled is silent, and
stays silent. Only time tells, and the program has to ask for it: nothing has arrived for so long,
so close. An honest client with nothing to say sends a heartbeat.

The period is short here, and the cases run side by side: most of this stage is waiting.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from ....grade.enduring import kept
from ....grade.play import Failed, Play
from ....grade.stage import ONCE, Case, Stage, Step, case
from ....grade.steps import closes, connect, receive, send
from ....grade.verdict import Reached
from .. import rules
from ..codec import Frames
from .messages import ALL_PORTS, CALLED, FRAME, HEARTBEAT, HELLO

PERIOD = 0.6
EARLY = 0.5  # when it must still be open
EVERY = 0.15
TIMES = 10  # so that a link is kept for more than two periods


@dataclass(frozen=True, slots=True)
class NotBefore(Step):
    """The steps hold, the last of them no sooner than `seconds` after the first began.

    Counted from before the first one: a machine that stalls us makes a server look more patient
    than it is, never less.
    """

    seconds: float
    steps: tuple[Step, ...]

    def run(self, play: Play) -> None:
        began = time.monotonic()
        for step in self.steps:
            step.run(play)
        took = time.monotonic() - began
        play.waited += took
        if took < self.seconds:
            raise Failed(
                Reached.CLOSED,
                f"an open connection for {PERIOD:g} s",
                play.told(f"it was closed after {took:.2f} s"),
                line=play.line(),
            )

    def sketch(self) -> str:
        inner = "; ".join(step.sketch() for step in self.steps)
        return f"{inner}, but not before {self.seconds:g} s"


def silence(port: str) -> Case:
    return case(
        f"{CALLED[port]}: one that never says anything is closed, and not too early",
        rules.DEAD_PEER,
        NotBefore(EARLY, (connect("main", port), closes())),
    )


def silence_after_a_word(port: str) -> Case:
    return case(
        f"{CALLED[port]}: the time begins anew with what arrives, and then runs out",
        rules.IDLE,
        connect("main", port),
        NotBefore(EARLY, (send(HELLO[port]), receive(HELLO[port]), closes())),
    )


IDLE = Stage(
    name="tcp/idle",
    title="silent connections are closed, and a heartbeat keeps one",
    asks="Close a connection on which nothing has arrived for $IDLE_SECONDS (a decimal number, here "
    f"{PERIOD:g}; 60 when absent). Whatever arrives starts the time anew. On all three listeners.",
    given="A connection on which nothing has arrived for $IDLE_SECONDS is closed. Whatever arrives, "
    "a heartbeat included, starts the time anew.",
    goals=(
        "bound it: no connection stays for ever; remember when something last arrived",
        "decide: what counts is what arrives, be it a byte; not what is sent, not whole messages",
        "act: close when the time is over",
    ),
    hints=(
        "Which event should start the clock anew, and does yours do so each time?",
        "Set a deadline for reading when the connection begins, and again after every read that "
        "brought something. Most languages have one (SetReadDeadline, settimeout, setTimeout); "
        "with an event loop, note the time of the last read and look at all connections now and "
        "then.",
        "forever: set the deadline of c to now + IDLE; n = read(c, buffer); if it timed out or "
        "n = 0: close(c)",
    ),
    codec=Frames,
    port="FRAMES_PORT",
    ports=ALL_PORTS,
    environment={"IDLE_SECONDS": f"{PERIOD:g}"},
    ways=ONCE,
    side_by_side=True,
    cases=(
        *(silence(port) for port in ALL_PORTS),
        *(silence_after_a_word(port) for port in ALL_PORTS),
        case(
            "a quiet link is kept by heartbeats",
            rules.ALIVE,
            kept(EVERY, *[(HEARTBEAT, HEARTBEAT)] * TIMES, (FRAME, FRAME)),
            owns_time=EVERY * TIMES,
        ),
        case(
            "a frame that comes slowly keeps its connection",
            rules.ALIVE,
            kept(
                EVERY, *((FRAME[at : at + 2], b"") for at in range(0, 20, 2)), (FRAME[20:], FRAME)
            ),
            owns_time=EVERY * TIMES,
        ),
        case(
            "a line that comes byte by byte keeps its connection",
            rules.ALIVE,
            kept(
                EVERY,
                *((bytes((octet,)), b"") for octet in b"half a lin"),
                (b"e\n", b"half a line\n"),
                port="LINES_PORT",
            ),
            owns_time=EVERY * TIMES,
        ),
        case(
            "raw bytes keep their connection",
            rules.ALIVE,
            kept(EVERY, *[(b".", b".")] * (TIMES + 1), port="PORT"),
            owns_time=EVERY * TIMES,
        ),
    ),
)
