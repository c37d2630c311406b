"""Faults that show when there are many clients, when they are slow, and when the program ends.

    client 1   ▶ GET /slow?ms=1500      time.sleep(1.5)
    client 2   ▶ GET /echo/alpha        waits for client 1

Left out: a client that takes a whole machine's memory by being many; there is no limit on
connections.
"""

from __future__ import annotations

from ...planted import Change, Fault

FAULTS: tuple[Fault, ...] = (
    # Many clients.
    Fault(
        "one-client-at-a-time",
        "The next client is served when the one before has left.",
        "http1/many-clients",
        (
            Change(
                "connection.py",
                "        self.server.connections.add(self)\n",
                "        self.server.connections[self] = None\n"
                "        asyncio.get_running_loop().call_soon(\n"
                "            lambda: (\n"
                "                self is next(iter(self.server.connections), self)\n"
                "                or self.transport.pause_reading()\n"
                "            )\n"
                "        )\n",
            ),
            Change(
                "server.py",
                "        self.connections.discard(connection)\n",
                "        self.connections.pop(connection, None)\n"
                "        for following in list(self.connections)[:1]:\n"
                "            following.transport.resume_reading()\n",
            ),
            Change(
                "server.py",
                "        self.connections: set[Connection] = set()\n",
                "        self.connections: dict[Connection, None] = {}\n",
            ),
        ),
        "a client that says nothing delays nobody else",
    ),
    Fault(
        "sleeps-in-the-loop",
        "A handler sleeps in the thread that serves everybody, and all of them wait for it.",
        "http1/many-clients",
        (
            Change(
                "app.py",
                "    answer.wait = wait / 1000\n",
                "    time.sleep(wait / 1000)\n",
            ),
            Change("app.py", "import contextlib\n", "import contextlib\nimport time\n"),
        ),
        "a slow answer delays nobody else",
    ),
    Fault(
        "checked-too-early",
        "A condition is checked when a PUT begins and not again when it takes effect, so several"
        " pass.",
        "http1/many-clients",
        (
            Change(
                "app.py",
                "        before = asked.folder.state(name)\n"
                "        status = conditions.precondition(asked.method, asked.fields, before)\n"
                "        if status is not None or not isinstance(body, Written):\n",
                "        before = asked.folder.state(name)\n"
                "        if not isinstance(body, Written):\n",
            ),
        ),
        "of twenty writers with one tag one succeeds",
    ),
    Fault(
        "a-buffer-for-each",
        "Each connection has a buffer of 128 KiB from its first moment to its last.",
        "http1/many-clients",
        (
            Change(
                "connection.py",
                '    __slots__ = ("choked", "dropped",',
                '    __slots__ = ("buffer", "choked", "dropped",',
            ),
            Change(
                "connection.py",
                "        self.choked = False\n        self.dropped = 0\n",
                "        self.choked = False\n"
                "        self.dropped = 0\n"
                '        self.buffer = bytearray(b" " * (128 << 10))\n',
            ),
        ),
        "900 idle connections cost little memory",
    ),
    Fault(
        "answers-pile-up",
        "Requests are read and answered however many answers wait for a client that takes none.",
        "http1/many-clients",
        (
            Change(
                "connection.py",
                "        self.choked = True\n        self.transport.pause_reading()\n",
                "        self.choked = isinstance(self.exchange, Sending)\n"
                "        if self.choked:\n"
                "            self.transport.pause_reading()\n",
            ),
        ),
        "answers that nobody reads do not lie in memory",
    ),
    Fault(
        "file-read-whole",
        "A file is read whole before the first octet of it is sent.",
        "http1/many-clients",
        (
            Change(
                "files.py",
                "piece = os.pread(self.descriptor, min(PIECE, past - first), first)",
                "piece = os.pread(self.descriptor, past - first, first)",
            ),
        ),
        "a large file to a slow reader does not lie in memory",
    ),
    Fault(
        "full-buffer-ignored",
        "Nobody asks whether the client takes what is written, so all of it waits in memory.",
        "http1/many-clients",
        (
            Change(
                "connection.py",
                "        self.transport.write(octets)\n"
                "        if not ended:\n"
                "            asyncio.get_running_loop().call_soon(self.pump)\n"
                "            return\n",
                "        while not ended:\n"
                "            self.transport.write(octets)\n"
                "            octets, ended = gather(sending.stream)\n"
                "        self.transport.write(octets)\n",
            ),
        ),
        "a large file to a slow reader does not lie in memory",
    ),
    Fault(
        "body-kept-whole",
        "A body is kept in memory until its end, and written to its file then.",
        "http1/many-clients",
        (
            Change(
                "files.py",
                "        self.folder, self.name = folder, name\n",
                "        self.folder, self.name = folder, name\n        self.kept = bytearray()\n",
            ),
            Change(
                "files.py",
                "        view = memoryview(data)\n"
                "        while view:\n"
                "            view = view[os.write(self.descriptor, view) :]\n",
                "        self.kept += data\n",
            ),
            Change(
                "files.py",
                "        moment = self.folder.next_time()\n",
                "        while self.kept:\n"
                "            del self.kept[: os.write(self.descriptor, self.kept)]\n"
                "        moment = self.folder.next_time()\n",
            ),
        ),
        "a large body does not lie in memory",
    ),
    # Slow clients.
    Fault(
        "every-byte-buys-time",
        "The time for a head starts anew with every octet, so one that drips in has no end.",
        "http1/slow-clients",
        (
            Change(
                "connection.py",
                "            self.unread.kept += data\n",
                "            self.unread.kept += data\n"
                "            if self.state is HEAD:\n"
                "                self.server.heads.stop(self)\n"
                "                self.server.heads.start(self)\n",
            ),
        ),
        "a head that drips in is ended",
    ),
    Fault(
        "waits-for-ever",
        "A head has no deadline: half a request keeps its connection until the client leaves.",
        "http1/slow-clients",
        (
            Change(
                "connection.py",
                '            self.state = NEXT[self.state, "part of a head"]\n'
                "            self.server.heads.start(self)\n",
                '            self.state = NEXT[self.state, "part of a head"]\n',
            ),
        ),
        "a head that stops in the request line is ended",
    ),
    Fault(
        "first-head-only",
        "The time for a head is measured from the start of the connection, and only for the first"
        " one.",
        "http1/slow-clients",
        (
            Change(
                "connection.py",
                '    __slots__ = ("choked", "dropped",',
                '    __slots__ = ("answered", "choked", "dropped",',
            ),
            Change(
                "connection.py",
                "        self.choked = False\n        self.dropped = 0\n",
                "        self.choked = False\n        self.dropped = 0\n"
                "        self.answered = False\n",
            ),
            Change(
                "connection.py",
                '            self.state = NEXT[self.state, "part of a head"]\n'
                "            self.server.heads.start(self)\n",
                '            self.state = NEXT[self.state, "part of a head"]\n'
                "            if not self.answered:\n"
                "                self.server.heads.start(self)\n",
            ),
            Change(
                "connection.py",
                "        last = last or self.server.draining or (asked.old and has_no_end(answer))\n",
                "        last = last or self.server.draining or (asked.old and has_no_end(answer))\n"
                "        self.answered = True\n",
            ),
        ),
        "the second head on a connection has a limit too",
    ),
    Fault(
        "deadline-for-bodies",
        "The time for a head runs on until the body is there, and ends an honest slow one.",
        "http1/slow-clients",
        (
            Change(
                "connection.py",
                "        self.exchange = request\n",
                "        self.exchange = request\n        self.server.heads.start(self)\n",
            ),
            Change(
                "connection.py",
                "        if request.incoming.read(r):\n",
                "        if request.incoming.read(r):\n            self.server.heads.stop(self)\n",
            ),
            Change(
                "connection.py",
                '        self.state = NEXT[self.state, "too slow"]\n',
                "        self.drop_exchange()\n        self.state = LINGERING\n",
            ),
        ),
        "a body that takes six seconds is taken",
    ),
    Fault(
        "deadline-for-the-connection",
        "A connection has five seconds in all, whatever happens on it, and is cut off then.",
        "http1/slow-clients",
        (
            Change(
                "connection.py",
                "        self.server.connections.add(self)\n",
                "        self.server.connections.add(self)\n"
                "        asyncio.get_running_loop().call_later(HEAD_SECONDS, transport.abort)\n",
            ),
        ),
        "an answer may take six seconds",
    ),
    # Drain.
    Fault(
        "sigterm-unhandled",
        "SIGTERM is left to the system, which ends the program with a status that is not 0.",
        "http1/drain",
        (
            Change(
                "net/serve.py",
                "    for number in (signal.SIGTERM, signal.SIGINT):",
                "    for number in (signal.SIGINT,):",
            ),
        ),
        "without clients the program exits",
    ),
    Fault(
        "exits-at-once",
        "The program exits as soon as SIGTERM comes, and drops what it is answering.",
        "http1/drain",
        (
            Change(
                "server.py",
                "        self.draining = True\n",
                "        self.draining = True\n        os._exit(0)\n",
            ),
        ),
        "a request in flight is answered whole",
    ),
    Fault(
        "still-listening",
        "After SIGTERM the listener stays open, and new clients are served while the old ones are"
        " finished.",
        "http1/drain",
        (
            Change(
                "net/serve.py",
                "    await signals[0].wait()\n    for server in servers:\n        server.close()\n",
                "    await signals[0].wait()\n",
            ),
        ),
        "no new client is served meanwhile",
    ),
    Fault(
        "waits-for-the-idle",
        "The program waits for every client to leave, those that ask for nothing too.",
        "http1/drain",
        (Change("states.py", '(IDLE, "told to stop"): CLOSED', '(IDLE, "told to stop"): IDLE'),),
        "an idle connection is closed, and so is one that was never used",
    ),
    Fault(
        "answers-cut-short",
        "What the client has taken of an answer by the time of SIGTERM is all that it gets.",
        "http1/drain",
        (
            Change(
                "connection.py",
                '            self.state = NEXT[self.state, "told to stop"]\n',
                '            self.state = NEXT[self.state, "told to stop"]\n'
                "        if isinstance(self.exchange, Sending) and self.exchange.stream is not"
                " None:\n"
                "            self.transport.abort()\n",
            ),
        ),
        "an answer that is half sent is finished",
    ),
    Fault(
        "half-bodies-dropped",
        "A connection that owes no answer yet is taken for idle, and its half body is dropped.",
        "http1/drain",
        (
            Change("states.py", '(BODY, "told to stop"): BODY', '(BODY, "told to stop"): CLOSED'),
            Change("server.py", "        await asyncio.sleep(SETTLE_SECONDS)\n", ""),
        ),
        "a body that is half there is taken",
    ),
)
