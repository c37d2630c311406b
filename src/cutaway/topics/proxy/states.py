"""Where a client's connection is, and where one exchange is. Both are drawn in the lesson from here.

A client's connection is that of any server: a head is read, then the connection is busy until the
answer has gone, then the next head is read. An exchange is what a proxy adds: one request on its
way to an upstream and its answer on the way back, which may overlap.

    connecting ─▶ sending ─▶ waiting ─▶ answering ─▶ done
         ▲           │          │
         └─── try again ────────┘          only before an octet of the answer came

"both" is the state that is often forgotten: an upstream may answer before the request is whole, to
refuse it or because it streams.

    spec    RFC 9112 §9.3 persistence, §9.5 failures, §9.6 tear-down; RFC 9110 §7.8 Upgrade

Left out: whether a side takes what is written to it. That is the transports' state, in any of these.
"""

from __future__ import annotations

from ...wire import States

IDLE = "idle"
HEAD = "reading a head"
BUSY = "busy"
LAST = "busy with the last"
LINGERING = "lingering"
TUNNEL = "tunnel"
CLOSED = "closed"

CLIENT = States(
    IDLE,
    {
        (IDLE, "part of a head"): HEAD,
        (IDLE, "request"): BUSY,
        (IDLE, "last request"): LAST,
        (IDLE, "refused"): LINGERING,
        (IDLE, "told to stop"): CLOSED,
        (IDLE, "client finished"): CLOSED,
        (HEAD, "part of a head"): HEAD,
        (HEAD, "request"): BUSY,
        (HEAD, "last request"): LAST,
        (HEAD, "refused"): LINGERING,
        (HEAD, "too slow"): LINGERING,
        (HEAD, "told to stop"): HEAD,
        (HEAD, "client finished"): CLOSED,
        (BUSY, "answered"): IDLE,
        (BUSY, "refused"): LINGERING,
        (BUSY, "this is the last"): LAST,
        (BUSY, "switched"): TUNNEL,
        (BUSY, "broken off"): CLOSED,
        (BUSY, "told to stop"): LAST,
        (BUSY, "client finished"): LAST,
        (LAST, "answered"): LINGERING,
        (LAST, "refused"): LINGERING,
        (LAST, "this is the last"): LAST,
        (LAST, "switched"): TUNNEL,
        (LAST, "broken off"): CLOSED,
        (LAST, "told to stop"): LAST,
        (LAST, "client finished"): LAST,
        (LINGERING, "told to stop"): LINGERING,
        (LINGERING, "client finished"): CLOSED,
        (LINGERING, "time is up"): CLOSED,
        (TUNNEL, "told to stop"): CLOSED,
    },
)

CONNECTING = "connecting"
SENDING = "sending"
WAITING = "waiting"
BOTH = "both"
ANSWERING = "answering"
DONE = "done"

EXCHANGE = States(
    CONNECTING,
    {
        (CONNECTING, "connected"): SENDING,
        (CONNECTING, "try again"): CONNECTING,
        (CONNECTING, "given up"): DONE,
        (SENDING, "request ended"): WAITING,
        (SENDING, "answer began"): BOTH,
        (SENDING, "try again"): CONNECTING,
        (SENDING, "given up"): DONE,
        (WAITING, "answer began"): ANSWERING,
        (WAITING, "switched"): DONE,
        (WAITING, "try again"): CONNECTING,
        (WAITING, "given up"): DONE,
        (BOTH, "request ended"): ANSWERING,
        (BOTH, "answer ended"): DONE,
        (BOTH, "given up"): DONE,
        (ANSWERING, "answer ended"): DONE,
        (ANSWERING, "given up"): DONE,
    },
)

#: Octets of the client are heads or parts of one.
TAKING = frozenset({IDLE, HEAD})
#: Part of the answer has gone to the client: nothing else can be answered any more.
BEGUN = frozenset({BOTH, ANSWERING})
