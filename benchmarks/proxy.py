"""Exchanges a second of the reference proxy beside proxies that others wrote, and behind slow upstreams.

GET / through each proxy to one nginx, kept-alive, 32 connections, loaded by wrk. Each proxy has one
process on one core; upstream and wrk share the other one. All take turns, and a ratio is taken within
a round. "Slow" is an upstream that answers after 50 ms, with 256 clients: 5,120 exchanges a second are
all there can be.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from .measure import Figure, in_turns, ratios
from .mitmproxy import mitmdump
from .servers import PYTHON, nginx, started
from .servers import reference as http1_reference

ROUNDS = 5
SECONDS = 3
WAIT = 50  # milliseconds of the slow upstream
LOADS = {"fast upstream": (32, "/"), "slow upstream": (256, f"/slow?ms={WAIT}")}

Command = Callable[[int, Path], list[str]]


def figures() -> list[Figure]:
    if shutil.which("wrk") is None:
        raise SystemExit("wrk makes the load: install the package wrk")
    out: list[Figure] = []
    with ExitStack() as stack:
        upstreams = {
            "fast upstream": stack.enter_context(started(nginx, core=1)),
            "slow upstream": stack.enter_context(started(http1_reference, core=1)),
        }
        for load, (clients, target) in LOADS.items():
            with ExitStack() as proxies:
                ports = {
                    name: proxies.enter_context(started(command, core=0))
                    for name, command in contestants(upstreams[load]).items()
                }
                runs = {name: partial(rate, port, target, clients) for name, port in ports.items()}
                rates = in_turns(runs, ROUNDS)
            out += [Figure(f"{name}, {load}", found, "req/s") for name, found in rates.items()]
            out += [
                Figure(f"reference / {name}, {load}", ratios(rates["reference"], found), "×")
                for name, found in rates.items()
                if name != "reference"
            ]
    return out


def contestants(upstream: int) -> dict[str, Command]:
    """Name → the command for a port and a folder. What is not installed is left out, and said."""
    settings = [f"UPSTREAMS=127.0.0.1:{upstream}", "READ_MS=10000", "GOMAXPROCS=1"]

    def adapter(name: str) -> Command:
        program = ["-m", "cutaway.topics.proxy.real", name]
        return lambda port, _: ["env", f"PORT={port}", *settings, PYTHON, *program]

    found: dict[str, Command] = {
        "reference": lambda port, _: [
            "env", f"PORT={port}", *settings, PYTHON, "-m", "cutaway.topics.proxy.server",
        ],
        "nginx": adapter("nginx"),
        "Caddy": adapter("caddy"),
    }  # fmt: skip
    if shutil.which("haproxy", path="/usr/sbin:/usr/bin:/usr/local/sbin"):
        found["HAProxy"] = adapter("haproxy")
    else:
        print("left out: HAProxy (install haproxy)", file=sys.stderr)
    if program := mitmdump():
        found["mitmproxy"] = lambda port, folder: [
            program, "--mode", f"reverse:http://127.0.0.1:{upstream}", "--quiet",
            "--listen-host", "127.0.0.1", "--listen-port", str(port), "--set", f"confdir={folder}",
        ]  # fmt: skip
    return found


def rate(port: int, target: str, clients: int) -> float:
    """One run of wrk, on the second core. Exchanges answered with 200, a second."""
    words = ["taskset", "-c", "1"] if shutil.which("taskset") else []
    words += ["wrk", "-t1", f"-c{clients}", f"-d{SECONDS}s", f"http://127.0.0.1:{port}{target}"]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said:
        raise SystemExit(f"not every answer was 200: {said}")
    found = re.search(r"Requests/sec:\s*([\d.]+)", said)
    assert found is not None, said
    return float(found[1])
