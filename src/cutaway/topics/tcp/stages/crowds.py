"""Crowds: 5000 clients that say nothing, and one more than there is room for.

An idle client costs what the program keeps for it: a socket, a buffer, perhaps a stack. Multiplied
by 5000 that is the difference between 50 MiB and 5 GiB. And whatever the number, it ends somewhere:
at descriptors, at memory, or at a limit that somebody chose. Only with the last can a program say
no in its own words, instead of letting clients hang in a queue that nobody serves.
"""

from __future__ import annotations

from dataclasses import dataclass

from ....grade.drastic import memory_within, open_idle
from ....grade.enduring import (
    again,
    descriptors_return,
    ends_after,
    eventually,
    few_descriptors,
    hang_up,
)
from ....grade.play import Failed, NotTried, Play
from ....grade.stage import ONCE, Case, Stage, Step, case
from ....grade.steps import close, closes, connect, half_close, receive, reset, send
from ....grade.verdict import Rule
from .. import rules
from ..codec import Raw
from .messages import ALL_PORTS, HELLO, SOUP

IDLERS = 5000
EACH = 64 << 10
ROOM = 3

MANY = Stage(
    name="tcp/many",
    title="5000 idle connections in little memory",
    asks="Hold 5000 connections that say nothing in at most 64 KiB of memory each, and go on "
    "answering. Give back what a client used when it is gone.",
    given="5000 idle connections cost at most 64 KiB of the program's memory each.",
    goals=(
        "bound it: a connection that says nothing needs no buffer yet",
        "act: accept quickly; a queue of the kernel overflows while you do other things",
        "recover: close what has ended, also by RST; accept again after it has failed",
    ),
    hints=(
        "What does your program set aside for a client before it has said anything?",
        "A buffer of 64 KiB for each connection is the whole allowance. Start small and let it "
        "grow, or share one buffer for reading. Each connection is an open file: the limit "
        "(ulimit -n) may be 1024 until the program raises it (RLIMIT_NOFILE).",
        "on accept: keep the socket and nothing else. on readable: read into one shared buffer. "
        "if accept fails with EMFILE: wait a little and accept again",
    ),
    codec=Raw,
    ports=ALL_PORTS,
    ways=ONCE,
    side_by_side=True,
    cases=(
        case(
            "5000 that say nothing cost at most 64 KiB each, and one that speaks is answered",
            rules.LIGHT,
            # In portions, each accepted before the next: how long a queue of the kernel is, is no
            # question here.
            memory_within(
                IDLERS * EACH,
                again(
                    IDLERS // 300 + 1,
                    *(open_idle(100, port) for port in ALL_PORTS),
                    *(connect(port, port) for port in ALL_PORTS),
                    *(send(HELLO[port], on=port) for port in ALL_PORTS),
                    *(receive(HELLO[port], on=port, seconds=5.0) for port in ALL_PORTS),
                ),
            ),
            alone=True,
        ),
        case(
            "200 clients that come and go leave nothing open",
            rules.GIVEN_BACK,
            descriptors_return(
                again(100, send(b"hello"), receive(b"hello"), half_close(), closes()),
                again(50, send(b"hello"), receive(b"hello"), reset()),
                again(50, send(SOUP), reset()),
            ),
            alone=True,
        ),
        case(
            "accept goes on when there are free descriptors again",
            rules.OUT_OF_FILES,
            send(b"hello"),
            receive(b"hello"),
            few_descriptors(20),
            open_idle(40),
            hang_up(),
            eventually(
                connect("next"),
                send(b"next", on="next"),
                receive(b"next", on="next"),
                seconds=5.0,
            ),
            alone=True,
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Limited(Step):
    """A server that we did not start has to have this limit, or there is nothing to try."""

    room: int

    def run(self, play: Play) -> None:
        if play.running.program is not None:
            return
        names = [f"limit {number}" for number in range(self.room + 1)]
        try:
            for name in names:
                send(b"x", on=name).run(play)
                receive(b"x", on=name).run(play)
        except Failed:
            pass
        else:
            why = "the target has room for more: start it with MAX_CONNECTIONS="
            raise NotTried(f"{why}{self.room}, and check this stage only")
        finally:
            for name in names:
                close(name).run(play)
            for kept in (play.acts, play.reached, play.notes):
                kept.clear()

    def sketch(self) -> str:
        return f"(a --target has to have MAX_CONNECTIONS={self.room})"


def full(name: str, rule: Rule, *steps: Step) -> Case:
    """A program of its own: the limit is one for all clients of a program."""
    return case(name, rule, Limited(ROOM), *steps, alone=True)


def full_house() -> tuple[Step, ...]:
    """One client on each listener, which fills it. Those before may be leaving just now."""
    return tuple(
        eventually(connect(port, port), send(HELLO[port], on=port), receive(HELLO[port], on=port))
        for port in ALL_PORTS
    )


FULL = Stage(
    name="tcp/full",
    title="one too many is turned away, and the next one is served",
    asks=f"Serve at most $MAX_CONNECTIONS at once (here {ROOM}; 10000 when absent), all three "
    "listeners together. Accept one more and close it without an answer. When one leaves, serve "
    "the next.",
    given="With $MAX_CONNECTIONS open, one more is accepted and closed without an answer (on "
    "$LINES_PORT the line busy may come first). When one leaves, the next is served.",
    goals=(
        "bound it: count the open connections of all listeners together",
        "decide: full? Accept, and close at once; not accepting lets clients hang",
        "recover: lower the count on every way out: FIN, RST, an error, a time limit",
    ),
    hints=(
        "Is there a way out of your program that forgets to lower the count?",
        "Raise the count where a connection is accepted, and lower it in one place that every end "
        "passes through (finally, defer, the close event). The one turned away is not counted.",
        "on accept: if count == MAX: close(c), else: count += 1; serve(c) finally: count -= 1; "
        "close(c)",
    ),
    codec=Raw,
    ports=ALL_PORTS,
    environment={"MAX_CONNECTIONS": str(ROOM)},
    ways=ONCE,
    cases=(
        full(
            "one more is accepted and closed without an answer",
            rules.FULL,
            *full_house(),
            connect("more"),
            send(b"hello", on="more"),
            closes("more"),
        ),
        full(
            "on the other listeners it is full too; busy may be said to lines",
            rules.ALL_LISTENERS,
            *full_house(),
            connect("line", "LINES_PORT"),
            ends_after(b"", b"busy\n", on="line"),
            connect("frame", "FRAMES_PORT"),
            closes("frame"),
        ),
        full(
            "those inside notice nothing",
            rules.UNTOUCHED,
            *full_house(),
            connect("more"),
            closes("more"),
            *(send(HELLO[port], on=port) for port in ALL_PORTS),
            *(receive(HELLO[port], on=port) for port in ALL_PORTS),
        ),
        full(
            "when one leaves, the next is served",
            rules.NEXT,
            *full_house(),
            half_close("PORT"),
            closes("PORT"),
            close("PORT"),
            eventually(
                connect("next", "FRAMES_PORT"),
                send(HELLO["FRAMES_PORT"], on="next"),
                receive(HELLO["FRAMES_PORT"], on="next"),
            ),
        ),
        full(
            "a place is free again also after a reset",
            rules.NEXT,
            *(
                step
                for _ in range(2 * ROOM)
                for step in (
                    eventually(connect("b"), send(b"x", on="b"), receive(b"x", on="b")),
                    reset("b"),
                )
            ),
            *full_house(),
        ),
        full(
            "one that was turned away takes no place",
            rules.NEXT,
            *full_house(),
            again(2 * ROOM, connect("more"), closes("more")),
            close("LINES_PORT"),
            eventually(connect("next"), send(b"x", on="next"), receive(b"x", on="next")),
        ),
    ),
)
