"""Where a server's connection is. Drawn in the lesson from this table.

A request is read, then answered, then the next one is read: one at a time, in order, which is all
that pipelining asks for. "lingering" is the polite way to close: the server has said all it will
say, and goes on reading a moment, since closing with unread octets would make the kernel reset the
connection and take away an answer that the client has not read yet.

    spec    RFC 9112 §9.3 persistence, §9.3.2 pipelining, §9.6 tear-down

Left out: whether the client takes what is written. That is the transport's state, in any of these.
"""

from __future__ import annotations

from ...wire import States

IDLE = "idle"
HEAD = "reading a head"
BODY = "reading a body"
ANSWERING = "answering"
LAST = "answering the last"
LINGERING = "lingering"
CLOSED = "closed"

CONNECTION = States(
    IDLE,
    {
        (IDLE, "part of a head"): HEAD,
        (IDLE, "body announced"): BODY,
        (IDLE, "request"): ANSWERING,
        (IDLE, "last request"): LAST,
        (IDLE, "refused"): LINGERING,
        (IDLE, "told to stop"): CLOSED,
        (IDLE, "client finished"): CLOSED,
        (HEAD, "part of a head"): HEAD,
        (HEAD, "body announced"): BODY,
        (HEAD, "request"): ANSWERING,
        (HEAD, "last request"): LAST,
        (HEAD, "refused"): LINGERING,
        (HEAD, "too slow"): LINGERING,
        (HEAD, "told to stop"): HEAD,
        (HEAD, "client finished"): CLOSED,
        (BODY, "request"): ANSWERING,
        (BODY, "last request"): LAST,
        (BODY, "refused"): LINGERING,
        (BODY, "told to stop"): BODY,
        (BODY, "client finished"): CLOSED,
        (ANSWERING, "answered"): IDLE,
        (ANSWERING, "told to stop"): LAST,
        (ANSWERING, "client finished"): LAST,
        (LAST, "answered"): LINGERING,
        (LAST, "told to stop"): LAST,
        (LAST, "client finished"): LAST,
        (LINGERING, "told to stop"): LINGERING,
        (LINGERING, "client finished"): CLOSED,
        (LINGERING, "time is up"): CLOSED,
    },
)

#: Octets of the client are requests or parts of one.
TAKING = frozenset({IDLE, HEAD, BODY})
