"""Chat: one says it, all hear it, in one order.

    ana  ── hello ──▶ ┌──────┐ ──▶ ana   hello
                      │ room │ ──▶ ben   hello
                      └──────┘ ──▶ cat   (does not read)

Everything before this stage comes together: several clients, framing, a queue for each, a bound on
each queue, and one order among threads or loops that do not wait for each other. A room that waits
for its slowest member is a room that one stopped laptop can silence.
"""

from __future__ import annotations

from ....grade.enduring import cut_off
from ....grade.stage import ONCE, Stage, Step, case
from ....grade.steps import closes, expect, half_close, reset, send
from .. import rules
from ..codec import Line, Lines
from .messages import ALL_PORTS, netcat
from .rooms import flood, in_one_order, told_until_ended

PERIOD = 0.6


def join(room: str, *members: str) -> tuple[Step, ...]:
    """Each asks to join and is answered, one after the other."""
    name = room.encode()
    return tuple(
        step
        for member in members
        for step in (
            send(Line(b"/join " + name), on=member),
            expect(line=b"joined " + name, on=member),
        )
    )


def say(text: bytes, *hears: str, on: str = "main") -> tuple[Step, ...]:
    return (send(Line(text), on=on), *(expect(line=text, on=member) for member in hears))


CHAT = Stage(
    name="tcp/chat",
    title="a chat room: everybody hears everything in one order",
    asks="On $LINES_PORT, let the line /join ROOM make a connection a member of a room. From then "
    "on each line it sends goes to every member, the sender included, in one order for all. A "
    "member that does not read is disconnected; the others notice nothing.",
    given="/join ROOM is answered joined ROOM; then each line goes, as it is, to every member of "
    "the room. A member that does not read is disconnected once more than 1 MiB waits for it.",
    goals=(
        "decide: one place gives the order: one lock, one loop, or one queue for each room",
        "act: while holding the lock, only put the line into each member's queue; never write",
        "bound it: 1 MiB waits for one member at most; above that the member goes",
        "recover: who leaves, by FIN or RST, is taken out of the room before the next line",
    ),
    hints=(
        "While your program writes to one member, what do the others wait for?",
        "Give each member a queue and somebody who empties it (a thread, or the event loop). "
        "Saying a line is: take the lock, append to every queue of the room, release it. If a "
        "queue is longer than 1 MiB, close that connection instead of waiting.",
        "say(room, line): lock(room); for m in room: m.queue += line; if size(m.queue) > 1 MiB: "
        "remove m, close m; unlock(room)",
    ),
    codec=Lines,
    port="LINES_PORT",
    ports=ALL_PORTS,
    ways=ONCE,
    side_by_side=True,
    cases=(
        case("joining is answered with the name of the room", rules.JOIN, *join("door", "main")),
        case(
            "who speaks hears it too",
            rules.ROOM,
            *join("alone", "main"),
            *say(b"is anybody here?", "main"),
            *say(b"", "main"),
            *say(b"no\r", "main"),
        ),
        case(
            "every member hears every line",
            rules.ROOM,
            *join("red", "main", "ben", "cat"),
            *say(b"hello", "main", "ben", "cat"),
            *say(b"hello back", "main", "ben", "cat", on="ben"),
        ),
        case(
            "who is in no room hears its own echo and nothing of the others",
            rules.ROOMS,
            *say(b"nobody hears this", "b", on="b"),
            *join("green", "main"),
            *say(b"hello", "main"),
            *say(b"only an echo", "b", on="b"),
            *say(b"still here", "main"),
        ),
        case(
            "what is said in one room is not heard in another",
            rules.ROOMS,
            *join("left", "main", "l2"),
            *join("right", "r1", "r2"),
            *say(b"left hears", "main", "l2"),
            *say(b"right hears", "r1", "r2", on="r1"),
            *say(b"left again", "l2", "main", on="l2"),
        ),
        case(
            "a line said in two pieces is not mixed with those of others",
            rules.OWN_STREAM,
            *join("mix", "main", "ben"),
            send(b"one "),
            *say(b"interruption", "main", "ben", on="ben"),
            send(b"line\n"),
            expect(line=b"one line"),
            expect(line=b"one line", on="ben"),
        ),
        case(
            "three speak at once, and all hear the same order",
            rules.ORDER,
            *join("order", "main", "ben", "cat"),
            in_one_order(("main", "ben", "cat"), 200),
        ),
        case(
            "who has finished is missed by nobody",
            rules.LEFT,
            *join("bye", "main", "ben", "cat"),
            half_close("ben"),
            closes("ben"),
            *say(b"one less", "main", "cat"),
        ),
        case(
            "who was reset is missed by nobody",
            rules.LEFT,
            *join("rst", "main", "ben", "cat"),
            reset("ben"),
            *say(b"first", "main", "cat"),
            *say(b"second", "main", "cat", on="cat"),
        ),
        case(
            "one that does not read is disconnected, and the others hear everything",
            rules.TOO_SLOW,
            *join("slow", "main", "good", "dead"),
            flood("main", "good"),
            cut_off("dead", 64 << 20),
            *say(b"still here", "main", "good"),
        ),
        case(
            "who only listens is idle too",
            rules.LISTENING_ONLY,
            *join("quiet", "listener"),
            told_until_ended("listener", b"quiet", PERIOD / 4),
            environment={"IDLE_SECONDS": f"{PERIOD:g}"},
            owns_time=PERIOD,
        ),
        case(
            "nc can chat",
            rules.ROOM,
            netcat(b"/join nc\nhello\n", b"joined nc\nhello\n"),
        ),
    ),
)
