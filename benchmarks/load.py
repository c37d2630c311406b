"""`cutaway load` beside k6 (open loop) and wrk (closed loop), and what it can make of one core.

Agreement: where all of them hold the rate, they see the same server. It answers after 20 ms, so that
what the tools add is small beside it.

Frozen: nginx is stopped for 2.2 seconds in the middle of ten, 500 requests a second. More than a
fifth of all requests had to wait; the open tools say so. A closed loop hardly asked meanwhile: of
eight clients eight requests were slow. Ours, run closed, shows what that does to percentiles. wrk
knows of it and adds afterwards the requests that it thinks it did not send, which comes near the
truth; but what took longer than its timeout, 2 s unless it is told otherwise, is in no percentile
and not made up for. So wrk is shown both ways.

Then how punctual ours is at 1,000 and 10,000 a second, beside a thread that only sleeps, and how many
requests it makes when it goes as fast as it can.

The server has the first core, the tools take turns on the second. k6 is built once from the Go
registry, into a folder that git ignores.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .measure import Figure, ratios
from .servers import PEERS, PYTHON, listener, nginx, reference, started

K6 = "go.k6.io/k6@v1.8.1"
TOOLS = Path(__file__).resolve().parent.parent / ".toolchains" / "k6"
ROUNDS = 3
SECONDS, RATE = 10, 500
USERS = 1500  # connections of the open tools: those that wait while nothing moves
CLIENTS = 8  # of the closed ones
STOPPED_AT, STOPPED_FOR = 4.0, 2.2
ANSWER = 20  # milliseconds that the server of the first comparison takes

Seen = dict[str, float]  # "p50", "p99" in milliseconds
Tool = Callable[[str, int, int], Seen]  # address, rate, seconds


def figures() -> list[Figure]:
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is the closed loop: install the package wrk")
    tools: dict[str, Tool] = {"ours": ours}
    if found := k6_path():
        tools["k6"] = lambda url, rate, seconds: k6(found, url, rate, seconds)
    tools["wrk --timeout 10s"] = lambda url, rate, seconds: wrk(url, seconds, "--timeout", "10s")
    return [*agreement(tools), *frozen(tools), *speed()]


def agreement(tools: dict[str, Tool]) -> list[Figure]:
    with started(reference) as port:
        url = f"http://127.0.0.1:{port}/slow?ms={ANSWER}"
        seen = [{name: tool(url, 200, 4) for name, tool in tools.items()} for _ in range(ROUNDS)]
    out = shown("answers after 20 ms", seen)
    for name in tools:
        if name != "ours":
            ratio = ratios(of(seen, "ours", "p50"), of(seen, name, "p50"))
            out.append(Figure(f"ours / {name}, p50, at most", ratio, "×", 1.1))
            out.append(Figure(f"ours / {name}, p50, at least", ratio, "×", 0.9, most=False))
    return out


def frozen(tools: dict[str, Tool]) -> list[Figure]:
    tools = {
        **tools,
        "wrk": lambda url, rate, seconds: wrk(url, seconds),
        "ours, closed": lambda url, rate, seconds: ours_closed(url, seconds),
    }
    with started(nginx) as port:
        url, pid = f"http://127.0.0.1:{port}/", listener(port)
        seen = [
            {name: while_frozen(pid, tool, url) for name, tool in tools.items()}
            for _ in range(ROUNDS)
        ]
    out = shown("frozen", seen)
    long = 0.75 * 1000 * STOPPED_FOR
    out.append(Figure("frozen, ours: p99", of(seen, "ours", "p99"), "ms", long, most=False))
    if "k6" in tools:
        out.append(Figure("frozen, k6: p99", of(seen, "k6", "p99"), "ms", long, most=False))
    for name in ("wrk", "ours, closed"):
        hidden = ratios(of(seen, name, "p99"), of(seen, "ours", "p99"))
        out.append(Figure(f"frozen, {name} / ours, p99", hidden, "×", 0.1))
    return out


def while_frozen(pid: int, tool: Tool, url: str) -> Seen:
    stop = threading.Timer(STOPPED_AT, freeze, (pid,))
    stop.start()
    try:
        return tool(url, RATE, SECONDS)
    finally:
        stop.join()


def freeze(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)
    try:
        time.sleep(STOPPED_FOR)
    finally:
        os.kill(pid, signal.SIGCONT)


def speed() -> list[Figure]:
    """How punctual, how busy, how fast."""
    slow, fast, most, slept = [], [], [], []
    with started(nginx) as port:
        url = f"http://127.0.0.1:{port}/"
        for _ in range(ROUNDS):
            slept.append(sleeper())
            slow.append(generated(url, "--rate", "1000", "--for", "4s")["generator"])
            fast.append(generated(url, "--rate", "10000", "--for", "4s")["generator"])
            most.append(generated(url, "--closed", "64", "--for", "4s")["rate"])
    out = [
        Figure(
            f"woken late from a sleep of 1 ms, {p}", tuple(1e6 * found[p] for found in slept), "µs"
        )
        for p in ("p50", "p99")
    ]
    out += [
        Figure(
            f"taken up late at {rate}, {p}", tuple(1e6 * m["late"][p] for m in made), "µs", limit
        )
        for rate, made in (("1,000/s", slow), ("10,000/s", fast))
        for p, limit in (("p50", 100), ("p99", None))
    ]
    out.append(Figure("of a core at 10,000/s", tuple(100 * m["share"] for m in fast), "%", 90))
    out.append(Figure("64 clients in a closed loop", tuple(most), "req/s", 10_000, most=False))
    return out


def sleeper() -> Seen:
    """What this machine makes of a sleep, in seconds: nobody wakes earlier."""
    late = []
    for _ in range(2000):
        until = time.monotonic() + 0.001
        time.sleep(0.001)
        late.append(time.monotonic() - until)
    late.sort()
    return {"p50": late[1000], "p99": late[1980]}


def shown(what: str, seen: list[dict[str, Seen]]) -> list[Figure]:
    return [
        Figure(f"{what}, {name}: {p}", of(seen, name, p), "ms")
        for name in seen[0]
        for p in ("p50", "p99")
    ]


def of(seen: list[dict[str, Seen]], tool: str, percentile: str) -> tuple[float, ...]:
    return tuple(turn[tool][percentile] for turn in seen)


def ours(url: str, rate: int, seconds: int) -> Seen:
    return latency(generated(url, "--rate", f"{rate}", "--for", f"{seconds}s",
                             "--connections", f"{USERS}"))  # fmt: skip


def ours_closed(url: str, seconds: int) -> Seen:
    return latency(generated(url, "--closed", f"{CLIENTS}", "--for", f"{seconds}s"))


def latency(made: dict[str, Any]) -> Seen:
    return {p: 1000 * made["latency"][p]["seconds"] for p in ("p50", "p99")}


def generated(url: str, *options: str) -> dict[str, Any]:
    words = [PYTHON, "-c", "import sys, cutaway.cli; sys.exit(cutaway.cli.main())", "load", url]
    said = subprocess.run(
        on_second_core([*words, *options, "--json"]), capture_output=True, text=True
    )
    if said.returncode not in (0, 3):
        raise SystemExit(f"cutaway load ended with {said.returncode}: {said.stderr}")
    made: dict[str, Any] = json.loads(said.stdout)
    if made["failed"] or made["unfinished"]:
        raise SystemExit(f"not every request was answered: {made['errors']}")
    return made


def k6(path: str, url: str, rate: int, seconds: int) -> Seen:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "summary.json"
        words = [path, "run", "--quiet", "--no-usage-report", "--summary-export", str(file)]
        words += ["--summary-trend-stats", "p(50),p(99)"]
        for name, value in (
            ("URL", url),
            ("RATE", rate),
            ("SECONDS", seconds),
            ("USERS", USERS),
        ):
            words += ["-e", f"{name}={value}"]
        words.append(str(PEERS / "arrivals.js"))
        subprocess.run(on_second_core(words), capture_output=True, check=True)
        metrics = json.loads(file.read_text())["metrics"]
    if dropped := metrics.get("dropped_iterations", {}).get("count"):
        print(f"k6 did not send {dropped} requests", file=sys.stderr)
    found = metrics["http_req_duration"]
    return {"p50": found["p(50)"], "p99": found["p(99)"]}


def wrk(url: str, seconds: int, *options: str) -> Seen:
    """It knows no rate: each client is as fast as it is answered."""
    words = ["wrk", "-t1", f"-c{CLIENTS}", f"-d{seconds}s", *options, "--latency", url]
    said = subprocess.run(on_second_core(words), capture_output=True, text=True, check=True).stdout
    units = {"us": 0.001, "ms": 1.0, "s": 1000.0}
    found = {p: re.search(rf"{p}%\s+([\d.]+)(us|ms|s)", said) for p in ("50", "99")}
    return {f"p{p}": float(m[1]) * units[m[2]] for p, m in found.items() if m}


def on_second_core(words: list[str]) -> list[str]:
    if shutil.which("taskset") and (os.cpu_count() or 1) > 1:
        return ["taskset", "-c", "1", *words]
    return words


def k6_path() -> str:
    """Where k6 is, built first if need be; nothing where it cannot be."""
    if found := shutil.which("k6", path=f"{TOOLS}{os.pathsep}{os.environ.get('PATH', '')}"):
        return found
    if go := shutil.which("go"):
        print("building k6, once …", file=sys.stderr)
        TOOLS.mkdir(parents=True, exist_ok=True)
        built = subprocess.run([go, "install", K6], env={**os.environ, "GOBIN": str(TOOLS)})
        if built.returncode == 0:
            return str(TOOLS / "k6")
    print("left out: k6 (install k6, or Go to build it)", file=sys.stderr)
    return ""
