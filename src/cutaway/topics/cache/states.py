"""Where a client's connection is. Drawn in the lesson from this table.

Commands are done as they come, one after the other, but for two exceptions. Between MULTI and EXEC they
are only put in line. And in RESP2 a client that has subscribed gets messages where it would expect
answers, so it may ask for little else (RESP §Request-Response model); in RESP3 messages are pushes, which
cannot be taken for answers, and nothing changes.

"wrong" and "changed" are events rather than conditions: a command that could not be put in line, and a
key that was watched and is not what it was.

Left out: whether the client takes what is written. That is the transport's state, in any of these.
"""

from __future__ import annotations

from ...wire import States

NORMAL = "normal"
QUEUEING = "queueing"
SPOILT = "queueing in vain"
SUBSCRIBED = "subscribed"
CLOSING = "closing"

CONNECTION = States(
    NORMAL,
    {
        (NORMAL, "MULTI"): QUEUEING,
        (NORMAL, "SUBSCRIBE"): SUBSCRIBED,
        (NORMAL, "QUIT"): CLOSING,
        (NORMAL, "no RESP"): CLOSING,
        (QUEUEING, "wrong command"): SPOILT,
        (QUEUEING, "EXEC"): NORMAL,
        (QUEUEING, "DISCARD"): NORMAL,
        (QUEUEING, "QUIT"): CLOSING,
        (QUEUEING, "no RESP"): CLOSING,
        (SPOILT, "wrong command"): SPOILT,
        (SPOILT, "EXEC"): NORMAL,
        (SPOILT, "DISCARD"): NORMAL,
        (SPOILT, "QUIT"): CLOSING,
        (SPOILT, "no RESP"): CLOSING,
        (SUBSCRIBED, "SUBSCRIBE"): SUBSCRIBED,
        (SUBSCRIBED, "last UNSUBSCRIBE"): NORMAL,
        (SUBSCRIBED, "QUIT"): CLOSING,
        (SUBSCRIBED, "no RESP"): CLOSING,
    },
)
