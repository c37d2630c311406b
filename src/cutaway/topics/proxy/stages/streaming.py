"""What arrives is passed on as it arrives, both ways, in bounded memory.

    client ── first half ──▶ proxy ── first half ──▶ upstream          the rest was not sent yet
    client ◀── first chunk ── proxy ◀── first chunk ── upstream

Here a misconception ends: that a proxy handles messages. It handles octets that are on their way
from one side to the other. Who first collects a message makes the client wait for all of it, needs
memory for all of it, and has no good answer to a download of a gigabyte.

Holding back follows from it: when the one side does not read, there is nothing to do with what the
other side sends but to leave it in the kernel, until that side's window is full.

Left out: how soon. That the second half waits for the first to arrive is proof enough.
"""

from ....grade.asking import answers, asked, begun, broken_off
from ....grade.drastic import memory_within
from ....grade.flowing import drains, flows, held_back
from ....grade.stage import BOTH, ONCE, Stage, case
from ....grade.steps import close, connect, expect, reset, send
from .. import rules
from .messages import CHUNKED, HOST, MIB, A, Wire, alpha, bravo, exchange, head, ok, post, starting

FIRST, SECOND = b"the first half, ", b"and the second"
BODY = FIRST + SECOND
LARGE = 64
LONG = 192  # MiB that pass
BLOCK = bytes(range(256)) * (MIB // 256)
ROOM = 24 * MIB
#: A runtime that collects its garbage by and by grows by some 40 MiB and stays there; who keeps the
#: body grows by all of it.
PASSING = 96 * MIB
HELD = 40 * MIB  # with what four kernel buffers of some MiB each can keep


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


POST = head(b"POST /echo HTTP/1.1", HOST, b"Content-Length: %d" % len(BODY))
POST_CHUNKED = head(b"POST /echo HTTP/1.1", HOST, CHUNKED)
ANSWER = head(b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(BODY))
ANSWER_CHUNKED = head(b"HTTP/1.1 200 OK", CHUNKED)
ANSWER_OPEN = head(b"HTTP/1.1 200 OK", b"Content-Type: text/plain")
LONG_POST = head(b"POST /echo HTTP/1.1", HOST, b"Content-Length: %d" % (LONG * MIB))
LONG_ANSWER = head(b"HTTP/1.1 200 OK", b"Content-Length: %d" % (LONG * MIB))
#: Who has passed one on has loaded what it needs for it; memory is measured from there on.
WARM = exchange(post(b"hello"), ok(b"hello"))
LARGE_POST = head(b"POST /echo HTTP/1.1", HOST, b"Content-Length: %d" % (LARGE * MIB))
LARGE_ANSWER = head(b"HTTP/1.1 200 OK", b"Content-Length: %d" % (LARGE * MIB))

STAGE = Stage(
    name="proxy/streaming",
    title="octets pass as they come, both ways, in bounded memory",
    asks="Pass on what has come of a message while the rest is still to come, in both directions. "
    "Stop reading one side while the other does not take what you have.",
    given="While one side does not read, the other is not read on beyond 4 MiB, and memory does "
    "not grow with a body. A message that is broken off on one side must not look whole on the "
    "other.",
    goals=(
        "bound it: a buffer of fixed size in each direction, however long the body",
        "frame it: count what passes, to know where the message ends",
        "act: read a part, write that part, and read again only when it was taken",
        "recover: when one side is gone in the middle, break off the other as well",
    ),
    hints=(
        "How much of a body of 64 MiB does your program hold at the moment when the last octet "
        "comes?",
        "After the head, copy: read at most so many octets, write all of them, repeat until the "
        "framing says that the body has ended. A write that waits until there is room holds back "
        "the reading by itself; one that puts into a queue does not, and needs a limit on the "
        "queue. Answers can come before a request has ended, so both directions run at the same "
        "time.",
        "while left := body.left:\n"
        "    part = client.read(min(left, 65536))   # ended early: reset the upstream's connection\n"
        "    upstream.write(part); upstream.wait_until_taken()\n"
        "chunked: read a size line, copy that many octets, expect CR LF, until the size is 0",
    ),
    codec=Wire,
    far=(A,),
    ways=BOTH,
    insight=True,
    cases=(
        case(
            "half of a body arrives before the rest is sent",
            rules.STREAM_UP,
            send(POST + FIRST),
            asked("a", begun=True, method=b"POST", body=FIRST),
            send(SECOND),
            expect(on="a", body=BODY),
            answers("a", ok(b"thanks")),
            expect(status=200, body=b"thanks"),
        ),
        case(
            "a chunk arrives before the next one is sent",
            rules.STREAM_UP,
            send(POST_CHUNKED + chunk(FIRST)),
            asked("a", begun=True, method=b"POST", body=FIRST),
            send(chunk(SECOND) + b"0\r\n\r\n"),
            expect(on="a", body=BODY),
            answers("a", ok(b"thanks")),
            expect(status=200, body=b"thanks"),
            *exchange(bravo),
        ),
        case(
            "half of an answer reaches the client before the rest is sent",
            rules.STREAM_DOWN,
            send(alpha),
            asked("a"),
            answers("a", ANSWER + FIRST),
            begun(status=200, body=FIRST),
            answers("a", SECOND),
            expect(status=200, body=BODY),
            *exchange(bravo),
        ),
        case(
            "a chunk reaches the client before the next one is sent",
            rules.STREAM_DOWN,
            send(alpha),
            asked("a"),
            answers("a", ANSWER_CHUNKED + chunk(FIRST)),
            begun(status=200, body=FIRST),
            answers("a", chunk(SECOND) + b"0\r\n\r\n"),
            expect(status=200, body=BODY),
            *exchange(bravo),
        ),
        case(
            "an answer that ends with its connection arrives whole",
            rules.UNTIL_CLOSE,
            send(alpha),
            asked("a"),
            answers("a", ANSWER_OPEN + FIRST),
            begun(status=200, body=starting(FIRST)),
            answers("a", SECOND),
            close("a"),
            expect(status=200, body=BODY),
            close(),
        ),
        case(
            "an answer may come before the request has ended",
            rules.STREAM_DOWN,
            send(POST + FIRST),
            asked("a", begun=True, body=FIRST),
            answers("a", ANSWER + FIRST),
            begun(status=200, body=FIRST),
            reset("a"),
            close(),
        ),
        case(
            "chunks of all sizes make the same body",
            rules.BODY_STAYS,
            send(
                POST_CHUNKED
                + b"".join(chunk(BLOCK[:size]) for size in (1, 2, 15, 16, 255, 4096, 65537))
                + b"0\r\n\r\n"
            ),
            asked("a", body=b"".join(BLOCK[:size] for size in (1, 2, 15, 16, 255, 4096, 65537))),
            answers("a", ok(BLOCK[:70000])),
            expect(body=BLOCK[:70000]),
        ),
        case(
            "a request that is broken off does not look whole",
            rules.BROKEN_REQUEST,
            send(POST_CHUNKED + chunk(FIRST)),
            asked("a", begun=True, body=FIRST),
            close(),
            broken_off("a"),
        ),
        case(
            "an answer that is broken off does not look whole",
            rules.BROKEN_ANSWER,
            send(alpha),
            asked("a"),
            answers("a", ANSWER_CHUNKED + chunk(FIRST)),
            begun(status=200, body=FIRST),
            close("a"),
            broken_off(),
        ),
        case(
            "a client that sends slowly keeps nobody waiting",
            rules.ONE_WAITS,
            send(POST + FIRST),
            asked("a", on="slow", begun=True, body=FIRST),
            connect("other"),
            send(alpha, on="other"),
            asked("a", on="quick", target=b"/echo/alpha"),
            answers("quick", ok(b"alpha")),
            expect(on="other", body=b"alpha"),
            send(SECOND),
            expect(on="slow", body=BODY),
            answers("slow", ok(b"thanks")),
            expect(body=b"thanks"),
            ways=ONCE,
        ),
        case(
            "192 MiB of a request pass, and memory stays",
            rules.MEMORY,
            memory_within(
                PASSING,
                send(LONG_POST),
                asked("a", begun=True, method=b"POST"),
                flows(BLOCK, LONG, to="a"),
                answers("a", ok(b"thanks")),
                expect(body=b"thanks"),
            ),
            alone=True,
            ways=ONCE,
        ),
        case(
            "192 MiB of an answer pass, and memory stays",
            rules.MEMORY,
            memory_within(
                PASSING,
                send(alpha),
                asked("a"),
                answers("a", LONG_ANSWER),
                begun(status=200),
                flows(BLOCK, LONG, on="a", to="main"),
            ),
            reset("a"),
            close(),
            alone=True,
            ways=ONCE,
        ),
        case(
            "an upstream that does not read holds the client back",
            rules.BACK_PRESSURE,
            *WARM,
            memory_within(
                ROOM,
                send(LARGE_POST),
                asked("a", begun=True, method=b"POST"),
                held_back(BLOCK, LARGE * MIB, HELD),
            ),
            reset("a"),
            close(),
            alone=True,
            ways=ONCE,
        ),
        case(
            "a client that does not read holds the upstream back",
            rules.BACK_PRESSURE,
            *WARM,
            memory_within(
                ROOM,
                send(alpha),
                asked("a"),
                answers("a", LARGE_ANSWER),
                begun(status=200),
                held_back(BLOCK, LARGE * MIB, HELD, on="a"),
                drains("main", 4 * MIB),
            ),
            reset("a"),
            close(),
            alone=True,
            ways=ONCE,
        ),
    ),
)
