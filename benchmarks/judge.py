"""What the judge costs beyond the program's own start, in milliseconds.

The same echo program in three languages, ten checks and sixty, each on a new connection, delivered
whole. Beside it the same command without a judge: to the first connection that it takes, and until
sixty echoes came back to a client that does nothing else, since an interpreter that has just begun
is slow to answer as well. The compiled one is built from Go.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cutaway.grade.player import check
from cutaway.grade.running import Subject
from cutaway.grade.stage import ONCE, Stage, case
from cutaway.grade.steps import receive, send
from cutaway.grade.verdict import Rule, Verdict
from cutaway.process import Command, free_ports
from cutaway.topics.tcp.codec import Raw
from cutaway.workshop import catalog

from .measure import Figure

ROUNDS = 15
RULE = Rule("RFC 9293 §2.2", "contract", "every byte that arrives is sent back")


def stage_of(count: int) -> Stage:
    cases = tuple(
        case(f"message {number}", RULE, send(b"hello %d" % number), receive(b"hello %d" % number))
        for number in range(count)
    )
    return Stage(
        name="tcp/cost",
        title="what a check costs",
        asks="Echo.",
        given="Raw echo.",
        goals=(),
        hints=("", "", ""),
        codec=Raw,
        cases=cases,
        ways=ONCE,
    )


def figures() -> list[Figure]:
    out = []
    with commands() as programs:
        for language, (command, most_for_ten) in programs.items():
            starts, tens, costs = [], [], []
            for _ in range(ROUNDS):
                start, _ = bare(command, 0)
                _, all_of_it = bare(command, 60)
                starts.append(start)
                tens.append(judged(command, 10))
                costs.append(judged(command, 60) - all_of_it)
            out += [
                Figure(f"{language}: its own start", tuple(starts), "ms"),
                Figure(f"{language}: ten checks, start included", tuple(tens), "ms", most_for_ten),
                Figure(
                    f"{language}: sixty checks beyond sixty bare exchanges",
                    tuple(costs),
                    "ms",
                    5 + 60 * 0.25,
                ),
            ]
    return out


@contextmanager
def commands() -> Iterator[dict[str, tuple[Command, float]]]:
    """The starters of tcp, each with the most that ten checks may take."""
    starters = catalog.topic("tcp").folder / "starters"
    with tempfile.TemporaryDirectory() as folder:
        found: dict[str, tuple[Command, float]] = {}
        if go := shutil.which("go"):
            place = Path(folder) / "go"
            shutil.copytree(starters / "go", place)
            subprocess.run([go, "build", "-o", "server", "."], cwd=place, check=True)
            found["Go"] = (Command(place, ("./server",)), 10)
        python = next((starters / "python").glob("*.py"))
        found["Python"] = (Command(python.parent, (sys.executable, python.name)), 70)
        if node := shutil.which("node"):
            script = next((starters / "node").glob("*.*js"))
            found["Node.js"] = (Command(script.parent, (node, script.name)), 90)
        yield found


def bare(command: Command, count: int) -> tuple[float, float]:
    """The command without a judge: to its first connection, and until `count` echoes came back."""
    [port] = free_ports(1)
    began = time.perf_counter()
    program = subprocess.Popen(
        command.run,
        cwd=command.folder,
        env={**os.environ, "PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while time.perf_counter() - began < 10:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.0002)
        start = time.perf_counter() - began
        for _ in range(count):
            with socket.create_connection(("127.0.0.1", port), timeout=5) as sock:
                sock.sendall(b"hello")
                sock.recv(100)
        return start * 1000, (time.perf_counter() - began) * 1000
    finally:
        program.kill()
        program.wait()


def judged(command: Command, count: int) -> float:
    """From the start of a check to its verdict."""
    moments: list[float] = []
    began = time.perf_counter()
    result = check(
        "tcp",
        [stage_of(count)],
        Subject(command=command),
        seed=1,
        on_stage=lambda stage: moments.append(time.perf_counter()),
    )
    if result.verdict is not Verdict.PASS:
        raise SystemExit(f"{command.run} does not pass: nothing to measure")
    return (moments[0] - began) * 1000
