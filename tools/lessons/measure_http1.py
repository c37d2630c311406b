"""What connections cost, and what the step from streams to a Protocol is worth.

    waiting   the same slow requests one by one, pipelined, and side by side
    step      the forty lines of streams.py, the same of protocol.py, and the reference

The client is kept small, so that the server is what is measured: prepared octets, one thread,
`selectors`, and no reading of what came but its length.

Left out: an open loop. This is a ratio between servers under one load, not a latency.
"""

from __future__ import annotations

import resource
import selectors
import sys
import time
from collections.abc import Iterable
from contextlib import ExitStack

import psutil

from cutaway.process.ports import free_ports

from .figures import Figures, ms
from .reference import Client, program, reference

REQUEST = b"GET /echo/alpha HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
CLIENTS = 32
ROUNDS = 5
SECONDS = 0.4
IDLE = 1000  # connections
SERVERS = {
    "streams": ["-m", "tools.lessons.streams"],
    "Protocol": ["-m", "tools.lessons.protocol"],
    "the reference": ["-m", "cutaway.topics.http1.server"],
}


# Waiting.


def slow(milliseconds: int) -> bytes:
    return b"GET /slow?ms=%d HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" % milliseconds


def waiting() -> Figures:
    with reference("http1") as ports:
        port = ports["PORT"]
        alone = min(together(port, [[REQUEST]]) for _ in range(10))
        behind = last_answer(port, slow(300) + REQUEST, 2)
        one_by_one = in_turn(port, [slow(50)] * 20)
        pipelined = last_answer(port, slow(50) * 20, 20)
        five = together(port, [[slow(50)] * 4] * 5)
    lines = [
        f"a quick request alone                            {ms(alone):>8}",
        f"the same, pipelined behind one of 300 ms         {ms(behind):>8}",
        "twenty requests of 50 ms each",
        f"  one connection, one by one                     {ms(one_by_one):>8}",
        f"  one connection, all at once (pipelined)        {ms(pipelined):>8}",
        f"  five connections, four each                    {ms(five):>8}",
    ]
    claims = {
        "a slow one holds up what is behind it": behind > 0.3 > alone,
        "pipelining does not shorten service time": pipelined > 0.8 * one_by_one,
        "connections do": five < 0.5 * one_by_one,
    }
    return Figures(lines, claims)


def last_answer(port: int, data: bytes, answers: int) -> float:
    """Seconds until as many answers are there."""
    with Client(port) as client:
        start, heard = time.perf_counter(), b""
        client.send(data)
        while heard.count(b"HTTP/1.1 200") < answers:
            heard += client.socket.recv(65536)
        return time.perf_counter() - start


def in_turn(port: int, requests: Iterable[bytes]) -> float:
    with Client(port) as client:
        start = time.perf_counter()
        for request in requests:
            client.send(request)
            client.socket.recv(65536)
        return time.perf_counter() - start


def together(port: int, plans: list[list[bytes]]) -> float:
    """Each plan on a connection of its own, all of them in step."""
    with ExitStack() as stack:
        clients = [stack.enter_context(Client(port)) for _ in plans]
        start = time.perf_counter()
        for requests in zip(*plans, strict=True):
            for client, request in zip(clients, requests, strict=True):
                client.send(request)
            for client in clients:
                client.socket.recv(65536)
        return time.perf_counter() - start


# The step.


def step() -> Figures:
    costs: dict[str, list[float]] = {name: [] for name in SERVERS}
    for _ in range(ROUNDS):
        for name, command in SERVERS.items():
            costs[name].append(processor_seconds(command))
    memory = {name: idle_octets(command) for name, command in SERVERS.items()}
    least = {name: min(found) for name, found in costs.items()}
    lines = [
        f"GET /echo/alpha over {CLIENTS} connections; the best of {ROUNDS} runs",
        f"{'':<14}{'CPU a request':>14}{'requests a CPU second':>24}{'ratio':>9}{'idle':>14}",
    ]
    for name, cost in least.items():
        ratio = least["streams"] / cost
        lines.append(
            f"{name:<14}{cost * 1e6:>11.1f} µs{1 / cost:>24.0f}{ratio:>7.1f} ×"
            f"{memory[name]:>7} octets"
        )
    claims = {
        "a Protocol does a quarter more at the very least": least["streams"]
        > 1.25 * least["Protocol"],
        "its idle connection is less than half": memory["Protocol"] < memory["streams"] / 2,
    }
    return Figures(lines, claims)


def processor_seconds(command: list[str]) -> float:
    """What one answer costs the server's processor. The clock on the wall would measure the
    other programs of the machine too."""
    [port] = free_ports(1)
    with program([sys.executable, *command], {"PORT": port}) as process:
        load(port, SECONDS / 4)  # caches warm, memory grown
        server = psutil.Process(process.pid)
        before = used(server)
        answers = load(port, SECONDS)
        return (used(server) - before) / answers


def used(server: psutil.Process) -> float:
    times = server.cpu_times()
    return float(times.user + times.system)


def load(port: int, seconds: float) -> int:
    """Ask again as soon as an answer is there, on each connection. Returns the answers."""
    answers = 0
    with ExitStack() as stack, selectors.DefaultSelector() as selector:
        size = len(one_answer(port))
        for _ in range(CLIENTS):
            sock = stack.enter_context(Client(port)).socket
            selector.register(sock, selectors.EVENT_READ, sock)
            sock.send(REQUEST)
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            for key, _ in selector.select(1.0):
                assert len(key.data.recv(4096)) == size
                answers += 1
                key.data.send(REQUEST)
    return answers


def one_answer(port: int) -> bytes:
    with Client(port) as client:
        client.send(REQUEST)
        return client.socket.recv(4096)


def idle_octets(command: list[str]) -> int:
    """What a connection adds to the server's memory once it has been answered and waits."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4 * IDLE)), hard))
    [port] = free_ports(1)
    with program([sys.executable, *command], {"PORT": port}) as process, ExitStack() as stack:
        open_idle(port, IDLE // 4, stack)  # what is allocated once
        server = psutil.Process(process.pid)
        before = server.memory_info().rss
        open_idle(port, IDLE, stack)
        grown = server.memory_info().rss - before
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return round(grown / IDLE / 100) * 100


def open_idle(port: int, count: int, stack: ExitStack) -> None:
    for _ in range(count):
        client = stack.enter_context(Client(port))
        client.send(REQUEST)
        client.socket.recv(4096)
