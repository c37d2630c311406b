"""A protocol small enough to be wrong in every way: a line asks, a line answers.

    → ping\\n   ← ping\\n

Its codec, servers of it as threads of the test, servers of it as programs, and stages made of one
case. A server is a function of one connection, and what is wrong with it is one line in it.

Left out: anything of a topic.
"""

from __future__ import annotations

import re
import select
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cutaway.grade.player import check
from cutaway.grade.running import Subject
from cutaway.grade.stage import Case, Stage, Step, case
from cutaway.grade.verdict import CaseResult, Failure, Rule, Verdict, Way
from cutaway.process import Command
from cutaway.wire import Annotator, Field, Malformed, Reader
from cutaway.wire.codec import Place, places

RULE = Rule("toy §1", "MUST", "an answer is the line that asked")
TEXT = Field("text", "letters", "toy §1")
LF = re.compile(rb"\n")
LIMIT = 1 << 20


class Word:
    """`text` is without its LF."""

    def __init__(self, text: bytes) -> None:
        self.text = text

    def __bytes__(self) -> bytes:
        return self.text + b"\n"


class Toy:
    """`wait` as an answer announces another one to the same question."""

    name = "toy"

    def to_server(self, r: Reader) -> Word:
        start, text = r.pos, r.until(LF, TEXT, LIMIT)
        if not text.isalpha():
            raise Malformed(TEXT, start, text, "something that is no letter")
        return Word(text)

    to_client = at_end = to_server

    def interim(self, message: Word) -> bool:
        return message.text == b"wait"

    def locate(self, a: Annotator, message: Word, name: str, key: str | None) -> tuple[Any, Place]:
        return {"text": message.text}[name], places(a, TEXT)


class Peer:
    """The server's end of one connection."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock, self.kept, self.reads = sock, b"", 0

    def read(self, most: int = 1 << 16) -> bytes:
        """What one read gives; b"" at the end."""
        self.reads += 1
        with suppress(OSError):
            return self.sock.recv(most)
        return b""

    def line(self) -> bytes:
        """The next line with its LF; b"" at the end."""
        while b"\n" not in self.kept:
            if not (data := self.read()):
                return b""
            self.kept += data
        line, _, self.kept = self.kept.partition(b"\n")
        return line + b"\n"

    def send(self, data: bytes) -> bool:
        """Whether the client took it."""
        try:
            self.sock.sendall(data)
        except OSError:
            return False
        return True

    def wait_for_end(self) -> None:
        while self.read():
            pass

    def stay_open(self) -> None:
        """Until the test ends, whatever the client does."""
        poll = select.poll()
        with suppress(ValueError):  # closed meanwhile
            poll.register(self.sock, 0)
            poll.poll(30_000)

    def reset(self) -> None:
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


Handler = Callable[[Peer], object]


def right(peer: Peer) -> None:
    while line := peer.line():
        peer.send(line)


@contextmanager
def serving(handler: Handler) -> Iterator[tuple[str, int]]:
    """A server in threads of this process, each connection in one of its own."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    connections: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def talk(sock: socket.socket) -> None:
        try:
            handler(Peer(sock))
        finally:
            sock.close()

    def accept() -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            connections.append(sock)
            threads.append(threading.Thread(target=talk, args=(sock,), daemon=True))
            threads[-1].start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield listener.getsockname()
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        accepting.join(5)
        listener.close()
        for sock in connections:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(5)


def stage(*cases: Case, **options: Any) -> Stage:
    asked = {"title": "t", "asks": "a", "given": "g", "goals": (), "hints": ("1", "2", "3")}
    return Stage(**{"name": "toy/stage", **asked, "codec": Toy, "cases": cases, **options})


def one(*steps: Step, **options: Any) -> Case:
    return case("the only case", RULE, *steps, **options)


def play(subject: Subject, *steps: Step, seed: int = 1, **options: Any) -> CaseResult:
    """The result of a stage of one case with these steps. options: of the stage, or `alone`."""
    mine = ("alone", "environment", "files", "links")
    of_case = {name: options.pop(name) for name in mine if name in options}
    result = check("toy", [stage(one(*steps, **of_case), **options)], subject, seed=seed)
    [only] = result.stages[0].cases
    return only


def against(handler: Handler, *steps: Step, **options: Any) -> CaseResult:
    """The same, with a server in this process."""
    with serving(handler) as address:
        return play(Subject(target={"PORT": address}), *steps, **options)


def failure(result: CaseResult) -> Failure:
    assert result.verdict is Verdict.FAIL, result
    assert result.failure is not None
    return result.failure


WHOLE = (Way.WHOLE,)

PROGRAM = """
import os, signal, socket, sys, threading, time
def listen():
    server = socket.create_server(("127.0.0.1", int(os.environ["PORT"])), backlog=256)
    return server
def lines(sock):
    yield from sock.makefile("rb")
def serve(talk):
    def run(sock):
        with sock:
            try:
                talk(sock)
            except OSError:
                pass
    server = listen()
    while True:
        threading.Thread(target=run, args=(server.accept()[0],), daemon=True).start()
def echo(sock):
    for line in lines(sock):
        sock.sendall(line)
"""


def program(folder: Path, text: str) -> Subject:
    """A program on disk that begins with PROGRAM; `serve(echo)` is a right one."""
    file = folder / "server.py"
    file.write_text(PROGRAM + text)
    return Subject(command=Command(folder, (sys.executable, "-I", "-S", "-u", str(file))))
