"""What is asked of a server on TCP, one requirement a line: section, level, sentence.

    STREAM = Rule("RFC 9293 §2.2", "MUST", "what arrives is a stream of bytes in order …")

The sentence stands behind "because" in a report, so it says what must hold, not what went wrong.

RFC 9293 speaks to those who write a TCP; a program on top of it inherits the consequences, and a
rule with a section says such a consequence. What the program under test is asked for beyond that
has the level "contract" and stands in topic.toml.

Left out: how a rule is tried. A case names its rule; see stages/.
"""

from __future__ import annotations

from ...grade.verdict import Rule

# Raw bytes.

ECHO = Rule("contract", "contract", "every byte that arrives on $PORT is sent back, in order")
STREAM = Rule("RFC 9293 §2.2", "MUST", "TCP carries a stream of bytes in order and nothing else, so the connection lasts beyond one answer")  # fmt: skip
NO_BOUNDARIES = Rule("RFC 9293 §3.7", "MUST", "where a write began and ended is not carried over: any number of writes may arrive as any number of reads")  # fmt: skip
ANY_OCTET = Rule("RFC 9293 §2.2", "MUST", "the stream is made of bytes of any value; none of them is text, an end or a mark")  # fmt: skip
SHORT_WRITES = Rule("RFC 9293 §3.8.6", "MUST", "the window says how much the other side takes now, so a write may take less than it was given and the rest must follow")  # fmt: skip
FIN = Rule("RFC 9293 §3.6", "MUST", "FIN means that the client has nothing more to send; the program answers with a close of its own")  # fmt: skip
LATE_ANSWERS = Rule("RFC 9293 §3.6", "MUST", "who has closed for sending still receives: whatever the client is owed comes before the program closes")  # fmt: skip

# More than one client.

CLIENTS = Rule("contract", "contract", "clients are served at the same time: none waits for another to say something or to leave")  # fmt: skip
OWN_STREAM = Rule("RFC 9293 §2.2", "MUST", "each connection is a stream of its own; what arrives on one never shows on another")  # fmt: skip
RESET = Rule("RFC 9293 §3.5.3", "MUST", "RST ends the connection it arrives on and no other; the program goes on")  # fmt: skip

# Lines.

LINE = Rule("contract", "contract", "a line ends with LF and goes back exactly as it came, LF included")  # fmt: skip
LINE_LIMIT = Rule("contract", "contract", "a line may have 4096 bytes before its LF")
LINE_TOO_LONG = Rule("contract", "contract", "a line of more than 4096 bytes ends the connection, whether its LF comes or not")  # fmt: skip
NO_LINE = Rule("contract", "contract", "what is left without an LF at the end is no line; the lines before it are answered")  # fmt: skip

# Frames.

FRAME = Rule("contract", "contract", "a frame is a length of four bytes, most significant first, and as many bytes; it is sent back as a frame")  # fmt: skip
HEARTBEAT = Rule("contract", "contract", "a frame of length 0 is a heartbeat and is answered like any other")  # fmt: skip
FRAME_LIMIT = Rule("contract", "contract", "a frame may have 1048576 bytes")
FRAME_TOO_LONG = Rule("contract", "contract", "a length above 1048576 ends the connection; the four bytes are an unsigned number")  # fmt: skip
BELIEVE_NOTHING = Rule("contract", "contract", "a length is compared with the limit before anything is allocated for it")  # fmt: skip
NO_FRAME = Rule("contract", "contract", "bytes that are not a whole frame are not sent back")

# Time.

IDLE = Rule("contract", "contract", "a connection on which nothing has arrived for $IDLE_SECONDS is closed, and not before")  # fmt: skip
DEAD_PEER = Rule("RFC 9293 §2.2", "contract", "TCP itself does not detect a peer that is gone, so the program closes after $IDLE_SECONDS of silence")  # fmt: skip
ALIVE = Rule("contract", "contract", "whatever arrives, a heartbeat included, starts the idle time anew")  # fmt: skip
LISTENING_ONLY = Rule("contract", "contract", "what the program sends does not start the idle time anew: only what arrives does")  # fmt: skip

# Clients that do not read.

BOUNDED = Rule("contract", "contract", "the program holds at most 4 MiB for one client, however much that client sends and does not read")  # fmt: skip
BACK_PRESSURE = Rule("RFC 9293 §3.8.6", "contract", "a client that does not read closes its window; that is between it and the program, and no other client waits")  # fmt: skip
IN_ORDER = Rule("RFC 9293 §2.2", "MUST", "what was held back comes in order and whole once the client reads, unless it was disconnected")  # fmt: skip

# Many clients, and too many.

LIGHT = Rule("contract", "contract", "5000 idle connections cost at most 64 KiB of the program's memory each")  # fmt: skip
GIVEN_BACK = Rule("RFC 9293 §3.6", "MUST", "a connection is released when the program closes it too, however the client left")  # fmt: skip
OUT_OF_FILES = Rule("POSIX accept", "contract", "EMFILE from accept() passes when somebody leaves; the program goes on accepting then")  # fmt: skip
FULL = Rule("contract", "contract", "with $MAX_CONNECTIONS open, one more is accepted and closed without an answer; on $LINES_PORT the line busy may come first")  # fmt: skip
ALL_LISTENERS = Rule("contract", "contract", "$MAX_CONNECTIONS counts the connections of all three listeners together")  # fmt: skip
UNTOUCHED = Rule("contract", "contract", "those who are inside are served as before while others are turned away")  # fmt: skip
NEXT = Rule("contract", "contract", "when one leaves, however it leaves, the next is served")

# The end.

ARRIVED = Rule("contract", "contract", "what has arrived before SIGTERM is answered before the connection is closed")  # fmt: skip
NO_MORE = Rule("contract", "contract", "after SIGTERM no new connection is taken")
LET_GO = Rule("contract", "contract", "after SIGTERM connections are closed and the program exits with status 0 within 5 seconds")  # fmt: skip
NOBODY_HOLDS = Rule("contract", "contract", "the program exits within 5 seconds of SIGTERM whether or not clients stay")  # fmt: skip

# Chat.

JOIN = Rule("contract", "contract", "the line /join ROOM is answered joined ROOM")
ROOM = Rule("contract", "contract", "each line of a member goes, as it is, to every member of its room, the sender included")  # fmt: skip
ROOMS = Rule("contract", "contract", "a line goes to the members of the sender's room and to nobody else")  # fmt: skip
ORDER = Rule("contract", "contract", "all members see all lines in one order")
LEFT = Rule(
    "contract", "contract", "a member that has left hears nothing more, and the others go on"
)
TOO_SLOW = Rule("contract", "contract", "a member that does not read is disconnected once more than 1 MiB waits for it; the others notice nothing")  # fmt: skip
