"""Two clients: nobody waits for somebody else.

A program that reads from one connection until it ends serves one client at a time, and one that
says nothing is enough to stop it. Threads, an event loop or a process each: all of them will do.
What is one client's stays with that client: its bytes, and its accidents.
"""

from __future__ import annotations

from ....grade.drastic import at_once
from ....grade.enduring import again
from ....grade.stage import ONCE, Stage, case
from ....grade.steps import close, closes, connect, half_close, receive, reset, send
from .. import rules
from ..codec import Raw
from .messages import SOUP

TWO_CLIENTS = Stage(
    name="tcp/two-clients",
    title="several clients at the same time",
    asks="Serve several clients at the same time. One that says nothing must not keep the others "
    "waiting, and one that vanishes must not take the program with it.",
    given="$PORT, raw echo, for any number of connections at once.",
    goals=(
        "decide: who waits for whom? A thread for each connection, an event loop, or both",
        "bound it: a buffer belongs to one connection and to no other",
        "recover: an error on a connection ends that connection; accept goes on",
    ),
    hints=(
        "Where is your program while the first client thinks about what to say?",
        "A read that waits holds up everything behind it in the same thread. Either each "
        "connection has a thread (goroutine, task) of its own, or one loop asks the kernel which "
        "connections have something (poll, epoll, kqueue) and reads only from those.",
        "forever: c = accept; start a thread: { try: while n = read(c), n > 0: write all; "
        "catch connection errors: nothing; finally: close(c) }",
    ),
    codec=Raw,
    ways=ONCE,
    side_by_side=True,
    cases=(
        case(
            "one that says nothing keeps nobody waiting",
            rules.CLIENTS,
            connect("silent"),
            send(b"hello"),
            receive(b"hello"),
            send(b"at last", on="silent"),
            receive(b"at last", on="silent"),
        ),
        case(
            "each hears its own words",
            rules.OWN_STREAM,
            connect("b"),
            send(b"from a"),
            send(b"from b", on="b"),
            receive(b"from b", on="b"),
            receive(b"from a"),
            send(b"b again", on="b"),
            send(b"a again"),
            receive(b"a again"),
            receive(b"b again", on="b"),
        ),
        case(
            "one that finishes leaves the other as it was",
            rules.OWN_STREAM,
            send(b"one"),
            receive(b"one"),
            send(b"two", on="b"),
            receive(b"two", on="b"),
            half_close("b"),
            closes("b"),
            send(b"three"),
            receive(b"three"),
        ),
        case(
            "one that resets ends only its own connection",
            rules.RESET,
            send(b"one"),
            receive(b"one"),
            send(b"two", on="b"),
            receive(b"two", on="b"),
            reset("b"),
            send(b"three"),
            receive(b"three"),
            send(b"four", on="c"),
            receive(b"four", on="c"),
        ),
        case(
            "clients that are gone before their turn do no harm",
            rules.RESET,
            again(10, connect("b"), reset("b")),
            again(10, connect("b"), close("b")),
            send(b"hello"),
            receive(b"hello"),
        ),
        case(
            "one that leaves without reading its answer does no harm",
            rules.RESET,
            again(10, send(SOUP, on="b"), reset("b")),
            send(b"hello"),
            receive(b"hello"),
        ),
        case(
            "20 clients at once get what is theirs",
            rules.CLIENTS,
            at_once(20, send(SOUP), receive(SOUP), send(b"and"), receive(b"and")),
        ),
    ),
)
