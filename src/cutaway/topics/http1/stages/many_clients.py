"""Many clients: what one of them does is no concern of the others.

    a slow one      ▶ GET /slow?ms=5000        …
    half a one      ▶ GET /echo/al             …
    a deaf one      ▶ GET /files/large.bin     and never reads
    a deaf asker    ▶ GET … GET … GET …        and never reads
    you             ▶ GET /echo/alpha          ◀ at once

From here on the program is talked to by several at the same time, and its memory is looked at: what
it keeps for a client that waits, and what for a body that only passes through.
"""

import time
from dataclasses import dataclass

from ....grade.bulk import lays, pour, sip, taken
from ....grade.byhand import Act
from ....grade.drastic import at_once, memory_within, open_idle, push
from ....grade.matchers import kept
from ....grade.play import Failed, Play, tell_codec
from ....grade.stage import ONCE, Stage, Step, case
from ....grade.steps import close, connect, expect, send, stays_silent
from .. import rules
from ..codec import Http1
from ..messages import Request
from .filing import HOST, STORED, Field, match, none_match, put, read, remove
from .messages import alpha, bravo, get, post

MIB = 1 << 20
STREAM = 128  # MiB
GROWTH = 80 * MIB
IDLE = 900  # below the 1024 open files that many systems allow a program
BLOCK = b"x" * MIB
TAGGED = {"tag": "header etag"}
WORD = b"0" * 3000
REQUESTS = bytes(get(b"/echo/" + WORD)) * 340
# What `yes` prints ends with LF, the last octet of the blank line.
WITHOUT_END = r'''yes "$(printf 'GET /echo/%03000d HTTP/1.1\r\nHost: localhost\r\n\r' 0)"'''

slow = get(b"/slow?ms=5000")
upload = Request(
    method=b"PUT",
    target=b"/files/upload.bin",
    fields=(*HOST, (b"Content-Length", b"%d" % (STREAM * MIB))),
)


@dataclass(frozen=True, slots=True)
class OneWins(Step):
    """So many PUTs of one file at once, each with its own content; one of them may succeed.

    All of each body but its last octet is there before the last one of any comes: a program that
    checks first and writes later has let them all through by then. One that checks behind the body,
    and not in one step with the change, is caught only now and then; so it is tried for as long as
    `seconds`, each time with the tag or without the file that the last time left.
    What the winner wrote is kept as "winner".
    """

    count: int
    file: bytes
    condition: Field
    seconds: float = 0.4

    def run(self, play: Play) -> None:
        names = [f"writer {number}" for number in range(1, self.count + 1)]
        began, rounds = time.monotonic(), 1
        self._round(play, names, rounds)
        while time.monotonic() - began < self.seconds:
            rounds += 1
            self._make_ready(play)
            self._round(play, names, rounds)

    def _make_ready(self, play: Play) -> None:
        play.acts.clear()
        if b"{tag}" in self.condition[1]:
            steps = (send(read(self.file), on="between"), expect(on="between", keep=TAGGED))
        else:
            steps = (send(remove(self.file), on="between"), expect(on="between"))
        for step in (*steps, close("between")):
            step.run(play)

    def _round(self, play: Play, names: list[str], number: int) -> None:
        for name in names:
            request = self._filled(play, name, number)
            tell_codec(play.line(name).codec, request)
            play.line(name).recorded.send(request[:-1], 5.0)
            if number == 1 or name == names[-1]:
                taken(name).run(play)
            play.acts.append(Act(name, "send", request))
        for name in names:
            play.line(name).recorded.send(self._filled(play, name, number)[-1:], 5.0)
        won = [name for name in names if self._won(play, name)]
        if len(won) == 1:
            play.kept["winner"] = self._content(won[0], number)
            for name in names:
                play.lines.pop(name).recorded.close()
            return
        play.acts.append(Act("", "crowd", b"head -1", times=self.count))
        raise Failed(
            "as asked",
            f"one of {self.count} writers to succeed",
            f"{len(won)} did" + (f": {', '.join(won[:5])}" if won else ""),
            line=play.line(won[-1]) if won else None,
            notes=(f"time {number} that {self.count} writers came at once",),
        )

    def _won(self, play: Play, name: str) -> bool:
        line = play.line(name)
        message, reader = play.message(line)
        line.read = reader.pos
        line.answers += 1
        return bool(200 <= message.status < 300)

    def _content(self, name: str, number: int) -> bytes:
        """Longer each time: a tag of size and time tells two states of one moment apart, too."""
        return name.encode().ljust(80 + number, b".")

    def _filled(self, play: Play, name: str, number: int) -> bytes:
        field, value = self.condition
        value = value.replace(b"{tag}", play.kept.get("tag", b""))
        return bytes(put(self.file, self._content(name, number), (field, value)))

    def sketch(self) -> str:
        field, value = self.condition
        return (
            f"{self.count} PUTs at once, each with {field.decode()}: {value.decode()}, again and"
            f" again for {self.seconds:g} s"
        )


STAGE = Stage(
    name="http1/many-clients",
    title="many clients at once",
    asks="Serve many clients at the same time, so that none waits for another, and keep little for "
    "each of them.",
    given="Everything up to here. GET /slow?ms=N answers after N milliseconds. Memory may grow by "
    "64 KiB for an idle connection, and by 80 MiB in all while a file or body of 128 MiB passes "
    "through, or as many octets of requests come from a client that reads no answer: stop reading "
    "from it, or disconnect it.",
    goals=(
        "bound it: a fixed buffer for each connection, not one that grows with what passes",
        "act: one task, thread or callback chain for each connection; nothing waits in between",
        "act: stop reading where writing does not go on",
        "decide: check and change a file in one step",
    ),
    hints=(
        "Where can your program stand still while another client waits? Look at every call that can "
        "block: accept, read, write, sleep, the file system.",
        "Give each connection its own thread, task or state machine. Sleep without holding anybody "
        "up. Send a file in pieces, and the next piece only when the last one was taken; store a "
        "body as it comes. For a change with a condition take a lock for that name, check again, "
        "rename, let go.",
        "loop: client = accept(); start(serve, client)\n"
        "GET: while piece = file.read(64 KiB): send all of piece, waiting until it is taken\n"
        "PUT: write pieces to a temporary file; lock(name): check conditions; rename",
    ),
    codec=Http1,
    ways=ONCE,
    side_by_side=True,
    cases=(
        case(
            "fifty clients at once are served",
            rules.AT_ONCE,
            at_once(
                50,
                send(alpha, bravo),
                expect(status=200, body=b"alpha"),
                expect(status=200, body=b"bravo"),
                send(post(b"c" * 5000)),
                expect(status=200, body=b"c" * 5000),
                within=3.0,
            ),
        ),
        case(
            "a slow answer delays nobody else",
            rules.NO_WAITING,
            send(slow, on="slow"),
            taken("slow"),
            send(alpha),
            expect(status=200, body=b"alpha"),
            stays_silent(0.01, on="slow"),
            close("slow"),
        ),
        case(
            "slow answers wait at the same time",
            rules.NO_WAITING,
            at_once(8, send(get(b"/slow?ms=500")), expect(status=200, seconds=6.0), within=3.0),
        ),
        case(
            "half a request delays nobody else",
            rules.NO_WAITING,
            send(b"GET /echo/al", on="half"),
            taken("half"),
            send(alpha),
            expect(status=200, body=b"alpha"),
            send(b"pha HTTP/1.1\r\nHost: localhost\r\n\r\n", on="half"),
            expect(status=200, body=b"alpha", on="half"),
        ),
        case(
            "half a body delays nobody else",
            rules.NO_WAITING,
            send(bytes(post(b"half of it"))[:-5], on="half"),
            taken("half"),
            send(alpha),
            expect(status=200, body=b"alpha"),
            send(b"of it", on="half"),
            expect(status=200, body=b"half of it", on="half"),
        ),
        case(
            "a client that says nothing delays nobody else",
            rules.NO_WAITING,
            connect("mute"),
            send(alpha),
            expect(status=200, body=b"alpha"),
        ),
        case(
            "a client that never reads its answers delays nobody else",
            rules.NO_WAITING,
            lays("large.bin", 64 * MIB),
            send(read(b"large.bin"), on="deaf"),
            taken("deaf"),
            send(alpha),
            expect(status=200, body=b"alpha"),
            close("deaf"),
            alone=True,
        ),
        case(
            "of twenty writers with one tag one succeeds",
            rules.ONE_WINNER,
            send(put(b"race.txt", b"the start")),
            expect(status=STORED),
            send(read(b"race.txt")),
            expect(status=200, keep=TAGGED),
            OneWins(20, b"race.txt", match(b"{tag}")),
            send(read(b"race.txt")),
            expect(status=200, body=kept("winner")),
        ),
        case(
            "of twenty who create one file one succeeds",
            rules.ONE_WINNER,
            send(remove(b"made.txt")),
            expect(),
            close(),
            OneWins(20, b"made.txt", none_match(b"*")),
            send(read(b"made.txt")),
            expect(status=200, body=kept("winner")),
        ),
        case(
            f"{IDLE} idle connections cost little memory",
            rules.IDLE_MEMORY,
            send(alpha),
            expect(body=b"alpha"),
            close(),
            memory_within(IDLE * (64 << 10), open_idle(IDLE), send(alpha), expect(body=b"alpha")),
            alone=True,
        ),
        case(
            "answers that nobody reads do not lie in memory",
            rules.UNREAD_ANSWERS,
            send(alpha),
            expect(body=b"alpha"),
            close(),
            memory_within(GROWTH, push(REQUESTS, STREAM * MIB, by_hand=WITHOUT_END)),
            alone=True,
        ),
        case(
            "a large file to a slow reader does not lie in memory",
            rules.STREAMED,
            lays("large.bin", STREAM * MIB),
            send(alpha),
            expect(body=b"alpha"),
            memory_within(
                GROWTH,
                send(read(b"large.bin"), on="sipping"),
                sip(16 * MIB, "sipping"),
                # Time in which a program that does not wait for the reader goes on.
                send(get(b"/slow?ms=500")),
                expect(status=200),
            ),
            close("sipping"),
            alone=True,
        ),
        case(
            "a large body does not lie in memory",
            rules.STREAMED,
            send(alpha),
            expect(body=b"alpha"),
            memory_within(GROWTH, send(upload, on="up"), pour(BLOCK, STREAM - 1, "up")),
            pour(BLOCK, 1, "up"),
            expect(status=STORED, on="up", seconds=10.0),
            alone=True,
        ),
    ),
)
