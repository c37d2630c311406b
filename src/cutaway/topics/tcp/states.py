"""Where a TCP connection is: RFC 9293 §3.3.2, figure 5, as a table.

Each side has a state of its own, and the two differ most of the time. Events are the calls of the
application in capitals (`CLOSE`), segments that arrive (`rcv FIN`), and one clock. What the kernel
sends in answer stands in SENDS; the application never sees it.

    client   CLOSED ─ active OPEN ─▶ SYN-SENT ─ rcv SYN,ACK ─▶ ESTABLISHED
    server   LISTEN ─ rcv SYN ─▶ SYN-RECEIVED ─ rcv ACK of SYN ─▶ ESTABLISHED ─▶ accept returns

The side that calls CLOSE first ends in TIME-WAIT and stays there for two segment lifetimes; the
other is gone at once. CLOSE-WAIT is the state that a program causes: the peer has finished, and
nobody here has called CLOSE yet. A server that collects them has forgotten to.

Left out, as in the figure: RST, but for the one arrow that the figure has, and what is not a change
of state (data, window updates). Received in any other state, RST leads to LISTEN or CLOSED (note 3).
"""

from __future__ import annotations

from cutaway.wire import States

CONNECTION = States(
    "CLOSED",
    {
        ("CLOSED", "passive OPEN"): "LISTEN",
        ("CLOSED", "active OPEN"): "SYN-SENT",
        ("LISTEN", "rcv SYN"): "SYN-RECEIVED",
        ("LISTEN", "SEND"): "SYN-SENT",
        ("LISTEN", "CLOSE"): "CLOSED",
        ("SYN-SENT", "rcv SYN,ACK"): "ESTABLISHED",
        ("SYN-SENT", "rcv SYN"): "SYN-RECEIVED",  # both sides opened at once
        ("SYN-SENT", "CLOSE"): "CLOSED",
        ("SYN-RECEIVED", "rcv ACK of SYN"): "ESTABLISHED",
        ("SYN-RECEIVED", "rcv RST"): "LISTEN",  # note 1: only after a passive OPEN
        ("SYN-RECEIVED", "CLOSE"): "FIN-WAIT-1",
        ("ESTABLISHED", "CLOSE"): "FIN-WAIT-1",
        ("ESTABLISHED", "rcv FIN"): "CLOSE-WAIT",
        ("FIN-WAIT-1", "rcv ACK of FIN"): "FIN-WAIT-2",
        ("FIN-WAIT-1", "rcv FIN"): "CLOSING",  # both sides closed at once
        ("FIN-WAIT-1", "rcv FIN, ACK of FIN"): "TIME-WAIT",  # note 2: the figure omits it
        ("FIN-WAIT-2", "rcv FIN"): "TIME-WAIT",
        ("CLOSING", "rcv ACK of FIN"): "TIME-WAIT",
        ("TIME-WAIT", "Timeout=2MSL"): "CLOSED",
        ("CLOSE-WAIT", "CLOSE"): "LAST-ACK",
        ("LAST-ACK", "rcv ACK of FIN"): "CLOSED",
    },
)

#: What the kernel sends as it moves; nothing for an arrow that is not here.
SENDS = {
    ("CLOSED", "active OPEN"): "SYN",
    ("LISTEN", "rcv SYN"): "SYN,ACK",
    ("LISTEN", "SEND"): "SYN",
    ("SYN-SENT", "rcv SYN,ACK"): "ACK",
    ("SYN-SENT", "rcv SYN"): "SYN,ACK",
    ("SYN-RECEIVED", "CLOSE"): "FIN",
    ("ESTABLISHED", "CLOSE"): "FIN",
    ("ESTABLISHED", "rcv FIN"): "ACK",
    ("FIN-WAIT-1", "rcv FIN"): "ACK",
    ("FIN-WAIT-1", "rcv FIN, ACK of FIN"): "ACK",
    ("FIN-WAIT-2", "rcv FIN"): "ACK",
    ("CLOSE-WAIT", "CLOSE"): "FIN",
}
