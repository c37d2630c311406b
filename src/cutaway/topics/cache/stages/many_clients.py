"""Many clients at once: what one of them does is no concern of the others.

    half a command   ▶ *2⏎$4⏎ECHO⏎$5⏎al            …
    a slow one       ▶ *1⏎   …   $4⏎   …   PI
    a deaf one       ▶ GET large  GET large  GET …      and never reads
    you              ▶ PING                        ◀ +PONG, at once

From here on several clients are there at the same time. One thread that serves all is enough, and
keeps every command whole; what it must never do is wait for one of them.

Left out: what a client may cost that means harm. See limits.py.
"""

from ....grade.bulk import taken
from ....grade.drastic import at_once, memory_within, open_idle
from ....grade.enduring import again, descriptors_return
from ....grade.stage import ONCE, Stage, case
from ....grade.steps import close, connect, reset, send
from .. import rules
from ..codec import Resp
from .messages import ANY_NUMBER, OK, PONG, cmd, counted, inline, reply, talk, together
from .replies import replies

IDLE = 900  # below the 1024 open files that many systems allow a program
EACH = 64 << 10
CLIENTS, TIMES = 20, 25
MIB = 1 << 20
LARGE = b"x" * MIB

alpha = bytes(cmd("ECHO alpha"))
half, rest = alpha[:-5], alpha[-5:]

STAGE = Stage(
    name="cache/many-clients",
    title="many clients at once",
    asks="Serve many clients at the same time, so that none waits for another, and keep little for "
    "each of them.",
    given="Everything up to here. An idle connection costs at most 64 KiB of memory.",
    goals=(
        "bound it: a connection that says nothing needs next to no buffer",
        "act: whoever has sent a whole command is served; nobody waits for whoever has not",
        "act: one command at a time changes the data, so that each is one step",
        "answer: what a client does not read yet is kept aside, and the others go on",
        "recover: forget a client that has gone, whatever it was doing",
    ),
    hints=(
        "Where can your program stand still while another client waits? Look at every call that can "
        "block: accept, read, write.",
        "Ask the system which connections are readable (select, poll, epoll; an event loop does it "
        "for you), read what is there, answer what is whole. Or give each client a thread, and take "
        "one lock around each command. Write without waiting: what is not taken goes on when the "
        "connection is writable.",
        "loop: for connection in readable(all connections):\n"
        "          connection.buffer += what is there\n"
        "          while a whole command is in front: connection.out += answer(command)\n"
        "      for connection in writable(those with something in out): write what it takes",
    ),
    codec=Resp,
    ways=ONCE,
    side_by_side=True,
    cases=(
        case(
            "fifty clients at once are served",
            rules.AT_ONCE,
            at_once(
                50,
                *together(("PING", PONG), ("ECHO alpha", "alpha")),
                *talk(("SET crowd same", OK), ("GET crowd", "same")),
                within=3.0,
            ),
        ),
        case(
            "what one client sets, another one reads",
            rules.ONE_STORE,
            *talk(("SET shared alpha", OK)),
            *talk(("GET shared", "alpha"), ("SET shared bravo", OK), on="other"),
            *talk(("GET shared", "bravo")),
        ),
        case(
            f"{CLIENTS} clients that count {TIMES} times each count to {CLIENTS * TIMES}",
            rules.ATOMIC,
            *talk(("SET tally 0", OK)),
            at_once(CLIENTS, *talk(*[("INCR tally", ANY_NUMBER)] * TIMES)),
            *talk(("GET tally", str(CLIENTS * TIMES))),
        ),
        case(
            "a client that says nothing delays nobody",
            rules.NO_WAITING,
            connect("mute"),
            *talk(("PING", PONG)),
        ),
        case(
            "half a command delays nobody",
            rules.NO_WAITING,
            send(half, on="half"),
            taken("half"),
            *talk(("ECHO bravo", "bravo")),
            send(rest, on="half"),
            replies(reply("alpha"), on="half"),
        ),
        case(
            "half a line delays nobody",
            rules.NO_WAITING,
            send(b"ECHO al", on="half"),
            taken("half"),
            *talk(("ECHO bravo", "bravo")),
            send(inline("pha"), on="half"),
            replies(reply("alpha"), on="half"),
        ),
        case(
            "a client that sends slowly delays nobody, and is answered in the end",
            rules.NO_WAITING,
            *(
                step
                for at in range(0, len(alpha), 4)
                for step in (
                    send(alpha[at : at + 4], on="slow"),
                    taken("slow"),
                    *talk((f"ECHO {at}", str(at))),
                )
            ),
            replies(reply("alpha"), on="slow"),
        ),
        case(
            "a client that does not read delays nobody",
            rules.NO_WAITING,
            *talk((("SET", "large", LARGE), OK), seconds=5.0),
            counted("", "*2\r\n$3\r\nGET\r\n$5\r\nlarge\r\n", range(32), on="deaf"),
            taken("deaf"),
            *talk(*[("ECHO bravo", "bravo")] * 20),
            close("deaf"),
            alone=True,
        ),
        case(
            "a client that goes in the middle of a command is forgotten",
            rules.FORGOTTEN,
            descriptors_return(
                again(30, send(half, on="gone"), taken("gone"), reset("gone")),
                again(30, *talk(("PING", PONG), on="gone"), close("gone")),
            ),
            *talk(("PING", PONG)),
            alone=True,
        ),
        case(
            f"{IDLE} idle connections cost at most 64 KiB each",
            rules.IDLE_MEMORY,
            *talk(("PING", PONG)),
            close(),
            memory_within(IDLE * EACH, open_idle(IDLE), *talk(("PING", PONG))),
            alone=True,
        ),
    ),
)
