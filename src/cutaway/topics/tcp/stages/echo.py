"""Echo: one connection, any bytes, any number of them.

The smallest server that is a server: accept, read, write what was read, and close when the client
has finished. Two things are learned here and never lost again. A connection lasts until somebody
closes it, so reading is a loop. And a write is a wish: it may take less than it was given.

Nothing here asks for two clients at once: a program that serves one after the other passes.
"""

from __future__ import annotations

from ....grade.enduring import again
from ....grade.stage import ONCE, Stage, case
from ....grade.steps import closes, half_close, receive, send
from .. import rules
from ..codec import Raw
from .messages import BIG, netcat

ECHO = Stage(
    name="tcp/echo",
    title="what arrives is sent back, and the end is answered",
    asks="Listen on 127.0.0.1 at the port in the environment variable PORT. Send back every byte "
    "that arrives. Go on until the client has finished, then close, and take the next client.",
    given="$PORT, raw echo: every byte that arrives is sent back, in order. When the client has "
    "finished sending (FIN), the program sends what is left and closes.",
    goals=(
        "bound it: read into a buffer of fixed size, however much comes",
        "act: write the bytes that were read, those and no others",
        "answer: go back to reading; one answer is not the end",
        "recover: a read of 0 bytes is the client's FIN; close, and accept again",
    ),
    hints=(
        "How does your program learn that the client has nothing more to say?",
        "read returns the number of bytes that came. 0 does not mean that nothing came yet: it "
        "means that nothing will come any more. That is the end of the loop, and the moment to "
        "close.",
        "listen; forever: c = accept; while n = read(c, buffer), n > 0: write(c, buffer[:n]); "
        "close(c)",
    ),
    codec=Raw,
    cases=(
        case("hello comes back", rules.ECHO, send(b"hello"), receive(b"hello")),
        case(
            "the connection outlives its first answer",
            rules.STREAM,
            send(b"hello"),
            receive(b"hello"),
            send(b"again"),
            receive(b"again"),
        ),
        case(
            "two writes come back in order",
            rules.NO_BOUNDARIES,
            send(b"first "),
            send(b"second"),
            receive(b"first second"),
        ),
        case(
            "when the client has finished, the program closes too",
            rules.FIN,
            send(b"goodbye"),
            receive(b"goodbye"),
            half_close(),
            closes(),
        ),
        case(
            "a client that finishes without a word is let go",
            rules.FIN,
            half_close(),
            closes(),
            ways=ONCE,
        ),
        case(
            "the fourth client is served like the first",
            rules.ECHO,
            again(4, send(b"next"), receive(b"next"), half_close(), closes()),
            ways=ONCE,
        ),
        case(
            "nc gets back what it sent",
            rules.FIN,
            netcat(b"hello\n", b"hello\n"),
            ways=ONCE,
        ),
    ),
)

LARGE = Stage(
    name="tcp/large",
    title="10 MiB of any bytes come back unharmed",
    asks="Send back much: 10 MiB on one connection, bytes of every value. The client reads at its "
    "own speed, so a write will not always take everything it is given.",
    given="$PORT, raw echo: every byte that arrives is sent back, in order.",
    goals=(
        "bound it: the buffer stays as small as it is; a stream does not have to fit into memory",
        "act: bytes stay bytes; do not decode, translate or print them",
        "answer: look at what write returns, and write the rest",
    ),
    hints=(
        "How many bytes did your last write really take?",
        "write returns a count that may be less than what it was given, when the buffer of the "
        "kernel is nearly full. The rest is still yours to send. Some languages hide this behind "
        "a call that writes all (sendall, write_all); find out which one you are using.",
        "while n = read(c, buffer), n > 0: at = 0; while at < n: at += write(c, buffer[at:n])",
    ),
    codec=Raw,
    cases=(
        case(
            "all 256 byte values come back",
            rules.ANY_OCTET,
            send(bytes(range(256))),
            receive(bytes(range(256))),
        ),
        case(
            "ends of lines stay what they are",
            rules.ANY_OCTET,
            send(b"a\r\nb\nc\rd\n\r\n"),
            receive(b"a\r\nb\nc\rd\n\r\n"),
        ),
        case(
            "the halves of a character may arrive apart",
            rules.ANY_OCTET,
            send(b"caf\xc3"),
            receive(b"caf\xc3"),
            send(b"\xa9"),
            receive(b"\xa9"),
        ),
        case(
            "10 MiB come back as they were sent",
            rules.SHORT_WRITES,
            send(BIG),
            receive(BIG),
            ways=ONCE,
        ),
    ),
)
