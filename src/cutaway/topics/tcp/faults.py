r"""Ways in which servers on TCP go wrong, each as a change to the reference.

    python -m cutaway.topics.planted tcp short-write

They are taken from what people write: a read taken for a message, a write taken for a delivery, a
length believed, a queue nobody bounded, a count that one way out forgets. Each is caught by the
stage that it names, and passes all stages before it.

Left out: what the kernel does wrong, and links that lose or delay. Those are the relay's.
"""

from __future__ import annotations

from ..planted import Change, Fault

RAW = '''    """`$PORT`."""

    __slots__ = ()

    def receive(self, data: bytes) -> None:
        self.tell(data)
'''
RAW_HEAD = RAW.removesuffix("        self.tell(data)\n")


def raw(*body: str) -> Change:
    """Another body for what `$PORT` does with octets that arrived."""
    return Change("server.py", RAW, RAW_HEAD + "".join(f"        {line}\n" for line in body))


FAULTS = (
    # Echo.
    Fault(
        "one-answer-then-close",
        "It takes one read for the whole conversation: answers it and closes.",
        "tcp/echo",
        (raw("self.tell(data)", "self.close()"),),
        "hello comes back",
    ),
    Fault(
        "end-unanswered",
        "It does not close when the client has finished; the connection stays in CLOSE-WAIT.",
        "tcp/echo",
        (
            Change(
                "server.py",
                'then closes."""\n        return False',
                'then closes."""\n        return True',
            ),
        ),
        "when the client has finished, the program closes too",
    ),
    # Large.
    Fault(
        "text-not-bytes",
        "It decodes what arrives as UTF-8 and drops what is not.",
        "tcp/large",
        (raw('self.tell(data.decode(errors="ignore").encode())'),),
        "all 256 byte values come back",
    ),
    Fault(
        "text-mode",
        "It reads and writes in text mode, where CR LF becomes LF.",
        "tcp/large",
        (raw(r'self.tell(data.replace(b"\r\n", b"\n"))'),),
        "ends of lines stay what they are",
    ),
    Fault(
        "short-write",
        "It does not look at how many bytes a write has taken.",
        "tcp/large",
        (
            raw(
                "try:",
                '    os.write(self.transport.get_extra_info("socket").fileno(), data)',
                "except BlockingIOError:",
                "    pass",
            ),
        ),
        "10 MiB come back as they were sent",
    ),
    # Two clients.
    Fault(
        "reset-ends-the-program",
        "It lets the error of one connection end the whole program.",
        "tcp/two-clients",
        (
            Change(
                "server.py",
                "None:\n        self.server.forget(self)\n",
                "None:\n"
                "        if error is not None:\n"
                "            os._exit(1)\n"
                "        self.server.forget(self)\n",
            ),
        ),
        "one that resets ends only its own connection",
    ),
    # Lines.
    Fault(
        "one-read-one-line",
        "It takes what one read brings for one line.",
        "tcp/lines",
        (
            Change(
                "server.py",
                "for line in self.feed.receive(data):\n            self.take(",
                'for line in [Line(data.rstrip(b"\\n"))]:\n            self.take(',
            ),
            Change("server.py", "import read_frame, read_line", "import Line, read_frame"),
            Change("server.py", "        self.feed = Feed(read_line)\n", ""),
        ),
        "two lines may be cut anywhere",
    ),
    Fault(
        "one-buffer-for-all",
        "It keeps what is left of a line in one buffer for all clients.",
        "tcp/lines",
        (
            Change(
                "server.py",
                "self.feed = Feed(read_line)",
                'self.feed = vars(server).setdefault("feed", Feed(read_line))',
            ),
        ),
        "half lines of two clients are not put together",
    ),
    Fault(
        "cr-stripped",
        "It trims a line before it is sent back, and loses its CR.",
        "tcp/lines",
        (
            Change(
                "server.py",
                "        else:\n            self.tell(line)\n",
                '        else:\n            self.tell(text.rstrip(b"\\r") + b"\\n")\n',
            ),
        ),
        "CR is a byte like any other",
    ),
    Fault(
        "limit-checked-at-lf",
        "It compares a line with the limit only once its LF has come.",
        "tcp/lines",
        (
            Change(
                "codec.py",
                "if len(r.data) - r.pos > LINE_LIMIT:",
                'if len(r.data) - r.pos > LINE_LIMIT and b"\\n" in r.data[r.pos :]:',
            ),
        ),
        "an LF that never comes is not waited for",
    ),
    # Frames.
    Fault(
        "length-in-host-order",
        "It reads and writes the length as its processor stores it, least significant byte first.",
        "tcp/frames",
        (
            Change(
                "codec.py",
                "    (length,) = r.fixed(HEADER)\n",
                "    (length,) = r.fixed(HEADER)\n"
                '    length = int.from_bytes(length.to_bytes(4, "big"), "little")\n',
            ),
            Change(
                "codec.py",
                "HEADER.join(len(frame.payload))",
                'len(frame.payload).to_bytes(4, "little")',
            ),
        ),
        "the most significant byte comes first",
    ),
    Fault(
        "signed-length",
        "It reads the length as a signed number, so that ff ff ff ff is below every limit.",
        "tcp/frames",
        (
            Change(
                "codec.py",
                "    (length,) = r.fixed(HEADER)\n",
                "    (length,) = r.fixed(HEADER)\n"
                "    length = 0 if length >= 1 << 31 else length\n",
            ),
        ),
        "ff ff ff ff is a large number, not -1",
    ),
    Fault(
        "allocates-first",
        "It sets aside as much memory as the length says, and compares it with the limit then.",
        "tcp/frames",
        (
            Change(
                "codec.py",
                "    (length,) = r.fixed(HEADER)\n",
                "    (length,) = r.fixed(HEADER)\n"
                '    room = bytearray(b"\\0") * min(length, 1 << 27)\n'
                "    room.clear()\n",
            ),
        ),
        "four promises of 256 MiB cost nothing",
    ),
    Fault(
        "length-in-one-read",
        "It takes the first read of a frame for the whole length, however few bytes it brought.",
        "tcp/frames",
        (
            Change(
                "server.py",
                "        for frame in self.feed.receive(data):\n",
                "        if not self.feed.pending:\n"
                '            data = data.ljust(4, b"\\0")\n'
                "        for frame in self.feed.receive(data):\n",
            ),
        ),
        "two frames may be cut anywhere, also inside a length",
    ),
    Fault(
        "heartbeat-swallowed",
        "It takes an empty frame for nothing and does not answer it.",
        "tcp/frames",
        (
            Change(
                "server.py",
                "            self.tell(bytes(frame))",
                "            if frame.payload:\n                self.tell(bytes(frame))",
            ),
        ),
        "a heartbeat is answered by a heartbeat",
    ),
    # Half-close.
    Fault(
        "queue-dropped-at-fin",
        "It closes as soon as the client has finished, and drops what still waits in its queue.",
        "tcp/half-close",
        (
            Change(
                "server.py",
                RAW,
                RAW_HEAD.replace("()", '("queue",)')
                + """\
        if not hasattr(self, "queue"):
            self.queue = bytearray()
        self.queue += data
        if len(self.queue) == len(data):
            self.send_some()

    def send_some(self) -> None:
        self.tell(bytes(self.queue[: 1 << 16]))
        del self.queue[: 1 << 16]
        if self.queue:
            asyncio.get_running_loop().call_soon(self.send_some)
""",
            ),
        ),
        "raw: 3 MiB that nobody has read yet still come, then the end",
    ),
    # Idle.
    Fault(
        "idle-from-the-start",
        "It starts the idle time when the connection begins and never anew.",
        "tcp/idle",
        (
            Change(
                "server.py",
                "        self.since = monotonic()\n        try:\n",
                "        try:\n",
            ),
        ),
        "a line that comes byte by byte keeps its connection",
    ),
    Fault(
        "idle-counts-messages",
        "It starts the idle time anew with each answer, and not with the bytes that arrive.",
        "tcp/idle",
        (
            Change(
                "server.py",
                "        self.since = monotonic()\n        try:\n",
                "        try:\n",
            ),
            Change(
                "server.py",
                "        self.transport.write(data)\n",
                "        self.transport.write(data)\n        self.since = monotonic()\n",
            ),
        ),
        "a frame that comes slowly keeps its connection",
    ),
    Fault(
        "one-listener-never-idle",
        "It forgets the idle time on one of its listeners.",
        "tcp/idle",
        (
            Change(
                "server.py",
                "        patience = LINGER if self.leaving else",
                "        if isinstance(self, FrameEcho) and not self.leaving:\n"
                "            return False\n"
                "        patience = LINGER if self.leaving else",
            ),
        ),
        "frames: one that never says anything is closed, and not too early",
    ),
    Fault(
        "whole-seconds",
        "It takes IDLE_SECONDS for a whole number and cuts off the rest.",
        "tcp/idle",
        (Change("server.py", "cls(float(idle)", "cls(int(float(idle))"),),
        "raw: one that never says anything is closed, and not too early",
    ),
    # Slow readers.
    Fault(
        "unbounded-queue",
        "It goes on reading from a client that does not read, and keeps all of its answers.",
        "tcp/slow-reader",
        (Change("server.py", "        self.transport.pause_reading()\n", "        pass\n"),),
        "raw: 64 MiB that nobody reads are not kept in memory",
    ),
    Fault(
        "waits-while-writing",
        "It waits for a client to read while all others wait behind it.",
        "tcp/slow-reader",
        (
            raw(
                "from select import select",
                "",
                'client = self.transport.get_extra_info("socket").fileno()',
                "while data:",
                "    select([], [client], [])",
                "    data = data[os.write(client, data) :]",
            ),
        ),
        "the others are served while one does not read",
    ),
    # Many.
    Fault(
        "descriptor-leak",
        "It opens a file for each connection and never closes it.",
        "tcp/many",
        (
            Change(
                "server.py",
                "        self.since = monotonic()\n        self.server.admit(self)\n",
                "        self.since = monotonic()\n"
                "        os.open(os.devnull, os.O_WRONLY)\n"
                "        self.server.admit(self)\n",
            ),
        ),
        "200 clients that come and go leave nothing open",
    ),
    Fault(
        "buffer-for-each",
        "It sets aside a buffer of 80 KiB for a client that has not said anything.",
        "tcp/many",
        (
            Change(
                "server.py",
                '__slots__ = ("leaving", "server"',
                '__slots__ = ("buffer", "leaving", "server"',
            ),
            Change(
                "server.py",
                "        self.leaving = False\n",
                '        self.leaving = False\n        self.buffer = bytearray(b"\\0") * (80 << 10)\n',
            ),
        ),
        "5000 that say nothing cost at most 64 KiB each, and one that speaks is answered",
    ),
    # Full.
    Fault(
        "hangs-when-full",
        "It lets one client too many wait, instead of turning it away.",
        "tcp/full",
        (
            Change(
                "server.py",
                "        self.leaving = True\n        self.transport.close()\n",
                "        self.leaving = True\n",
            ),
        ),
        "one more is accepted and closed without an answer",
    ),
    Fault(
        "reset-keeps-its-place",
        "It lowers the count when a client finishes, but not when it resets the connection.",
        "tcp/full",
        (
            Change(
                "server.py",
                "None:\n        self.server.forget(self)\n",
                "None:\n        if error is None:\n            self.server.forget(self)\n",
            ),
        ),
        "a place is free again also after a reset",
    ),
    Fault(
        "count-for-each-listener",
        "It counts the connections of each listener for itself.",
        "tcp/full",
        (
            Change(
                "server.py",
                "        if self.server.is_full():\n",
                "        mine = [c for c in self.server.connections if type(c) is type(self)]\n"
                "        if len(mine) >= self.server.settings.max_connections:\n",
            ),
        ),
        "on the other listeners it is full too; busy may be said to lines",
    ),
    # Drain.
    Fault(
        "sigterm-unhandled",
        "It leaves SIGTERM to the system, which ends the program with a status that is not 0.",
        "tcp/drain",
        (
            Change(
                "net/serve.py",
                "    for number in (signal.SIGTERM, signal.SIGINT):",
                "    for number in (signal.SIGINT,):",
            ),
        ),
        "clients that say nothing are let go",
    ),
    Fault(
        "exits-at-once",
        "It exits with status 0 as soon as SIGTERM comes, whatever has arrived.",
        "tcp/drain",
        (
            Change(
                "net/serve.py",
                "        loop.add_signal_handler(number, _count, signals)\n",
                "        signal.signal(number, lambda *_: os._exit(0))\n",
            ),
        ),
        "what has arrived before is answered",
    ),
    Fault(
        "drops-what-waits",
        "It destroys the sockets soon after SIGTERM, and with them what waits for a late reader.",
        "tcp/drain",
        (
            Change(
                "server.py",
                "            self.close_the_silent()\n            await asyncio.sleep(TURN)\n",
                "            break\n",
            ),
        ),
        "what has arrived is answered also to a client that reads late",
    ),
    Fault(
        "waits-for-everybody",
        "It takes no new clients after SIGTERM, and then waits until the last one has left.",
        "tcp/drain",
        (
            Change(
                "server.py",
                "        while self.connections and monotonic() < min(self.moved + GRACE, last):\n"
                "            self.close_the_silent()\n",
                "        while self.connections:\n",
            ),
        ),
        "clients that say nothing are let go",
    ),
    # Chat.
    Fault(
        "own-words-first",
        "It tells a member its own line at once and all others later, so that orders differ.",
        "tcp/chat",
        (
            Change(
                "chat.py",
                "            each.tell(line)\n",
                "            if each is member:\n"
                "                each.tell(line)\n"
                "            else:\n"
                "                asyncio.get_running_loop().call_later(0.002, each.tell, line)\n",
            ),
            Change(
                "chat.py",
                "from typing import Protocol\n",
                "import asyncio\nfrom typing import Protocol\n",
            ),
        ),
        "three speak at once, and all hear the same order",
    ),
    Fault(
        "slowest-sets-the-pace",
        "It stops reading from a speaker while one member of the room does not read.",
        "tcp/chat",
        (
            Change(
                "chat.py",
                "                self.disconnect(each)\n",
                "                member.transport.pause_reading()\n",
            ),
        ),
        "one that does not read is disconnected, and the others hear everything",
    ),
    Fault(
        "room-without-a-bound",
        "It keeps for a member whatever it does not read, and never disconnects it.",
        "tcp/chat",
        (
            Change(
                "chat.py",
                "            if each.waiting() > WAITING_LIMIT:\n"
                "                self.disconnect(each)\n",
                "",
            ),
        ),
        "one that does not read is disconnected, and the others hear everything",
    ),
    Fault(
        "idle-restarted-by-output",
        "It starts the idle time anew with what it sends, so that a member that is gone stays.",
        "tcp/chat",
        (
            Change(
                "server.py",
                "        self.transport.write(data)\n",
                "        self.transport.write(data)\n        self.since = monotonic()\n",
            ),
        ),
        "who only listens is idle too",
    ),
)
