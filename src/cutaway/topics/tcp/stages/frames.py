"""Frames: messages that say first how long they are.

    00 00 00 05  68 65 6c 6c 6f      "hello"
    00 00 00 00                      a heartbeat: nothing, but said
    ff ff ff ff                      4 GiB, says a stranger

A length carries anything, an LF as well. But it is a promise of somebody unknown: the number is
compared with a limit before memory is set aside for it. And it arrives in pieces too: reading four
bytes may bring one.
"""

from __future__ import annotations

from ....grade.drastic import at_once
from ....grade.enduring import octets
from ....grade.stage import ALL, BOTH, ONCE, Stage, case
from ....grade.steps import at_every_split, closes, connect, expect, half_close, send
from .. import rules
from ..codec import FRAME_LIMIT, Frame, Frames
from .memory import peak_within
from .messages import ALL_PORTS, SOUP

HELLO = Frame(b"hello")
LARGEST = Frame((SOUP * 17)[:FRAME_LIMIT])
DECOY = Frame(bytes(Frame(b"inner")) + b"\n\x00")
PROMISE = (1 << 28).to_bytes(4)  # 256 MiB: enough to see, not enough to hurt

FRAMES = Stage(
    name="tcp/frames",
    title="frames with a length of four bytes",
    asks="Listen on $FRAMES_PORT as well. Read a length of four bytes, then as many bytes, and send "
    "the frame back. Do not believe a length before you have looked at it.",
    given="$FRAMES_PORT, frames: a length of four bytes, most significant first, then as many "
    "bytes. A length above 1048576 ends the connection, and nothing is allocated for it. A frame "
    "of length 0 is a heartbeat and is answered like any other.",
    goals=(
        "frame it: four bytes are needed before there is a length; then that many more",
        "bound it: compare the length with the limit before anything is set aside for it",
        "answer: the length again, and the payload",
        "recover: what is behind the frame is the beginning of the next one",
    ),
    hints=(
        "What if only two of the four bytes have come?",
        "Every read brings some bytes, not those you wished for. Wait until four are there, take "
        "the number, compare it with 1048576, wait until that many more are there. The number is "
        "unsigned: ff ff ff ff is 4294967295, not -1.",
        "buffer += read(c); while length(buffer) >= 4: n = buffer[0] << 24 | buffer[1] << 16 | "
        "buffer[2] << 8 | buffer[3]; if n > 1048576: close; if length(buffer) < 4 + n: break; "
        "write(c, buffer[:4 + n]); buffer = buffer[4 + n:]",
    ),
    codec=Frames,
    port="FRAMES_PORT",
    ports=ALL_PORTS,
    ways=ALL,
    neighbour=(Frame(b"neighbour"), {"payload": b"neighbour"}),
    side_by_side=True,
    cases=(
        case(
            "a frame comes back as a frame",
            rules.FRAME,
            send(HELLO),
            expect(length=5, payload=b"hello"),
            send(Frame(b"again")),
            expect(length=5, payload=b"again"),
        ),
        case(
            "three frames in one write are three frames",
            rules.NO_BOUNDARIES,
            send(HELLO, Frame(b"two"), Frame(b"three")),
            expect(payload=b"hello"),
            expect(payload=b"two"),
            expect(payload=b"three"),
        ),
        case(
            "two frames may be cut anywhere, also inside a length",
            rules.NO_BOUNDARIES,
            at_every_split(
                bytes(HELLO) + bytes(Frame(b"bravo")),
                expect(payload=b"hello"),
                expect(payload=b"bravo"),
            ),
            ways=ONCE,
        ),
        case(
            "a frame that comes byte by byte is one frame",
            rules.NO_BOUNDARIES,
            octets(bytes(HELLO)),
            expect(payload=b"hello"),
            ways=ONCE,
        ),
        case(
            "a heartbeat is answered by a heartbeat",
            rules.HEARTBEAT,
            send(Frame(b"")),
            expect(length=0),
            send(Frame(b""), Frame(b""), HELLO),
            expect(length=0),
            expect(length=0),
            expect(payload=b"hello"),
        ),
        case(
            "the most significant byte comes first",
            rules.FRAME,
            send(Frame(SOUP[:0x0102])),
            expect(length=0x0102, payload=SOUP[:0x0102]),
        ),
        case(
            "a frame inside a frame is payload",
            rules.FRAME,
            send(DECOY, HELLO),
            expect(payload=DECOY.payload),
            expect(payload=b"hello"),
        ),
        case(
            "a frame of 1 MiB is within the limit",
            rules.FRAME_LIMIT,
            send(LARGEST),
            expect(payload=LARGEST.payload),
            send(HELLO),
            expect(payload=b"hello"),
            ways=BOTH,
        ),
        case(
            "a length of 1048577 ends the connection",
            rules.FRAME_TOO_LONG,
            send((FRAME_LIMIT + 1).to_bytes(4)),
            closes(),
            ways=BOTH,
        ),
        case(
            "ff ff ff ff is a large number, not -1",
            rules.FRAME_TOO_LONG,
            send(b"\xff\xff\xff\xff"),
            closes(),
            ways=BOTH,
        ),
        case(
            "80 00 00 00 with a payload behind it ends the connection",
            rules.FRAME_TOO_LONG,
            send(b"\x80\x00\x00\x00hello"),
            closes(),
            ways=BOTH,
        ),
        case(
            "a frame that is cut off is not answered",
            rules.NO_FRAME,
            send(HELLO, bytes(HELLO)[:7]),
            expect(payload=b"hello"),
            half_close(),
            closes(),
            ways=BOTH,
        ),
        case(
            "half frames of two clients are not put together",
            rules.OWN_STREAM,
            connect("b"),
            send(bytes(Frame(b"left-hand"))[:9]),
            send(HELLO, on="b"),
            expect(payload=b"hello", on="b"),
            send(b"hand"),
            expect(payload=b"left-hand"),
            ways=ONCE,
        ),
        case(
            "four promises of 256 MiB cost nothing",
            rules.BELIEVE_NOTHING,
            peak_within(64 << 20, at_once(4, send(PROMISE), closes())),
            send(HELLO),
            expect(payload=b"hello"),
            alone=True,
            ways=ONCE,
        ),
    ),
)
