r"""Lines: messages with a mark at their end.

    arrives    "one\ntw"  "o\n\nthr"          in two reads
    is         "one\n"  "two\n"  "\n"  "thr"  three lines and a beginning

Here dies the idea that a read is a message. A line may come in twenty reads and twenty lines in one;
what is left over waits in a buffer of its own connection, and that buffer has a limit, because the
mark may never come.
"""

from __future__ import annotations

from ....grade.enduring import ends_after, octets
from ....grade.stage import ALL, BOTH, ONCE, Stage, case
from ....grade.steps import (
    at_every_split,
    closes,
    connect,
    expect,
    half_close,
    pause,
    receive,
    send,
)
from .. import rules
from ..codec import LINE_LIMIT, Line, Lines
from .messages import netcat

FULL = Line(b"x" * LINE_LIMIT)
ANY = Line(bytes(octet for octet in range(256) if octet != 0x0A))

LINES = Stage(
    name="tcp/lines",
    title="lines come back one by one, however they arrive",
    insight=True,
    asks="Listen on $LINES_PORT as well. Cut the stream into lines and send each line back when it "
    "is complete. A read may bring half a line, or fifty lines and a half.",
    given="$LINES_PORT, lines: a line ends with LF (0x0A) and is sent back exactly as it came, LF "
    "included. The limit is 4096 bytes before the LF; a longer line ends the connection. What is "
    "left without an LF when the client finishes is no line.",
    goals=(
        "bound it: what waits for its LF has a limit, checked before the LF has come",
        "frame it: append what was read to what was left over; take out lines while there is an LF",
        "answer: send the line with its LF; everything else in it stays as it came",
        "recover: keep the rest for the next read, in a buffer of this connection",
    ),
    hints=(
        "What does your program do with the bytes behind the last LF of a read?",
        "A read says nothing about lines. Keep a buffer for each connection: append, cut off all "
        "complete lines, keep the rest. When the rest is longer than 4096 bytes and has no LF, no "
        "LF can save it: close.",
        'buffer += read(c); while "\\n" in buffer: line, buffer = split after the first "\\n"; '
        "if length(line) > 4097: close; write(c, line); then if length(buffer) > 4096: close",
    ),
    codec=Lines,
    port="LINES_PORT",
    ports=("PORT", "LINES_PORT"),
    ways=ALL,
    neighbour=(Line(b"neighbour"), {"line": b"neighbour"}),
    side_by_side=True,
    cases=(
        case(
            "a line comes back with its LF",
            rules.LINE,
            send(Line(b"hello")),
            expect(line=b"hello"),
            send(Line(b"again")),
            expect(line=b"again"),
        ),
        case(
            "three lines in one write are three lines",
            rules.NO_BOUNDARIES,
            send(Line(b"one"), Line(b"two"), Line(b"three")),
            expect(line=b"one"),
            expect(line=b"two"),
            expect(line=b"three"),
        ),
        case(
            "a line that comes byte by byte is one line",
            rules.NO_BOUNDARIES,
            octets(b"slow\n"),
            expect(line=b"slow"),
            ways=ONCE,
        ),
        case(
            "two lines may be cut anywhere",
            rules.NO_BOUNDARIES,
            at_every_split(
                b"alpha\nbravo\n",
                expect(line=b"alpha"),
                expect(line=b"bravo"),
            ),
            ways=ONCE,
        ),
        case(
            "an empty line is a line",
            rules.LINE,
            send(b"\n\nx\n\n"),
            expect(line=b""),
            expect(line=b""),
            expect(line=b"x"),
            expect(line=b""),
        ),
        case(
            "CR is a byte like any other",
            rules.LINE,
            send(b"dos\r\nmac\rstill\n\r\n"),
            expect(line=b"dos\r"),
            expect(line=b"mac\rstill"),
            expect(line=b"\r"),
        ),
        case(
            "a line may hold every byte but LF",
            rules.ANY_OCTET,
            send(ANY, Line(b"next")),
            expect(line=ANY.text),
            expect(line=b"next"),
        ),
        case(
            "blanks at the ends of a line stay",
            rules.LINE,
            send(b"  both \t\n"),
            expect(line=b"  both \t"),
        ),
        case(
            "a thousand lines in one write all come back",
            rules.NO_BOUNDARIES,
            send(*(Line(b"%d" % number) for number in range(1000))),
            receive(b"".join(b"%d\n" % number for number in range(1000))),
            ways=BOTH,
        ),
        case(
            "a line of 4096 bytes is within the limit",
            rules.LINE_LIMIT,
            send(FULL, FULL, Line(b"next")),
            expect(line=FULL.text),
            expect(line=FULL.text),
            expect(line=b"next"),
        ),
        case(
            "a line of 4097 bytes ends the connection",
            rules.LINE_TOO_LONG,
            send(Line(FULL.text + b"x")),
            closes(),
            ways=BOTH,
        ),
        case(
            "an LF that never comes is not waited for",
            rules.LINE_TOO_LONG,
            send(b"x" * (LINE_LIMIT * 4)),
            closes(),
            ways=BOTH,
        ),
        case(
            "what is left without an LF is no line",
            rules.NO_LINE,
            send(b"whole\npart"),
            half_close(),
            expect(line=b"whole"),
            ends_after(b"", b"part"),
            ways=BOTH,
        ),
        case(
            "half lines of two clients are not put together",
            rules.OWN_STREAM,
            connect("b"),
            send(b"left-"),
            pause(0.05),  # to be read by itself
            send(b"right\n", on="b"),
            expect(line=b"right", on="b"),
            send(b"hand\n"),
            expect(line=b"left-hand"),
            ways=ONCE,
        ),
        case(
            "nc gets its lines back, and not what is no line",
            rules.NO_LINE,
            netcat(b"a\r\n\nb\n", b"a\r\n\nb\n"),
            ways=ONCE,
        ),
    ),
)
