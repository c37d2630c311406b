"""What the kernel does with a connection, seen from two sockets of one program.

Each function makes its own pair over loopback, does one thing to it, and says what happened.

Left out: macOS and Windows, where the queue rounds otherwise and acknowledgements wait longer.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median

from .figures import Figures, ms

Pair = tuple[socket.socket, socket.socket]

EXCHANGES = 25
TIME_WAIT = "06"  # the state's number in /proc/net/tcp
PATIENCE = 0.1  # seconds for loopback to deliver


@contextmanager
def pair() -> Iterator[Pair]:
    """A client's socket and the server's of one connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        server, _ = listener.accept()
    with client, server:
        yield client, server


def boundaries() -> Figures:
    with pair() as (client, server):
        for _ in range(5):
            client.sendall(b"x" * 20)
            time.sleep(0.01)
        one = len(server.recv(65536))
    with pair() as (client, server):
        sender = threading.Thread(target=client.sendall, args=(b"x" * 1_000_000,))
        sender.start()
        reads, left = 0, 1_000_000
        while left:
            left -= len(server.recv(65536))
            reads += 1
        sender.join()
    lines = [
        f"five sends of 20 octets      one read of {one}",
        f"one send of 1000000 octets   {reads} reads of at most 65536",
    ]
    return Figures(lines, {"five sends are one read": one == 100, "one is many": reads > 10})


def queue() -> Figures:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(2)
        clients = [socket.socket() for _ in range(6)]
        for client in clients:
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
        time.sleep(0.5)
        done = [c for c in clients if c.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0]
        connected = [c for c in done if is_connected(c)]
        said = sum(c.send(b"hello") for c in connected)
        first, _ = listener.accept()
        heard = first.recv(100)
        first.close()
        for client in clients:
            client.close()
    lines = [
        "listen(2), six clients, no accept, half a second later",
        f"  connected               {len(connected)}",
        f"  still trying            {len(clients) - len(connected)}",
        f"  octets they could send  {said}, before anybody accepted",
        f"  the first accept        gets a connection that holds {heard.decode()!r} already",
    ]
    return Figures(lines, {"backlog + 1 succeed": len(connected) == 3, "no accept": said == 15})


def is_connected(client: socket.socket) -> bool:
    try:
        client.getpeername()
    except OSError:
        return False
    return True


def window() -> Figures:
    with pair() as (client, server):
        client.setblocking(False)
        taken = fill(client)
        time.sleep(0.5)
        more = fill(client)
        theirs, ours = queued(server)[1], queued(client)[0]
        drained = drain(server)
        time.sleep(PATIENCE)
        again = fill(client)
    lines = [
        f"send took                            {taken + more} octets, then no more",
        f"  waiting in the reader's kernel     {theirs}",
        f"  waiting in the sender's kernel     {ours}",
        "  read by the program at the end     0",
        f"the reader reads {drained}:        send takes more again",
    ]
    claims = {"sending stops": taken > 0, "reading lets it go on": again > 0}
    return Figures(lines, claims)


def fill(client: socket.socket) -> int:
    """Send until the kernel takes no more, for some tenths of a second."""
    sent, end = 0, time.monotonic() + 0.3
    while time.monotonic() < end:
        try:
            sent += client.send(b"x" * 65536)
        except BlockingIOError:
            time.sleep(0.01)
    return sent


def drain(server: socket.socket) -> int:
    got = 0
    server.settimeout(PATIENCE)
    with suppress(TimeoutError):
        while data := server.recv(1 << 20):
            got += len(data)
    return got


def rows() -> Iterator[list[str]]:
    """The connections of this machine, as the kernel lists them: Linux."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        yield line.split()


def ends(sock: socket.socket) -> tuple[str, str]:
    """The two ports, as /proc/net/tcp writes them."""
    return f"{sock.getsockname()[1]:04X}", f"{sock.getpeername()[1]:04X}"


def port(address: str) -> str:
    return address.rpartition(":")[2]


def queued(sock: socket.socket) -> tuple[int, int]:
    """Octets sent and not acknowledged, and octets arrived and not read."""
    for row in rows():
        if (port(row[1]), port(row[2])) == ends(sock):
            out, into = row[4].split(":")
            return int(out, 16), int(into, 16)
    return 0, 0


def nagle() -> Figures:
    stalled = exchange_time(two_writes, nodelay=False)
    without = exchange_time(two_writes, nodelay=True)
    joined = exchange_time(one_write, nodelay=False)
    lines = [
        f"median of {EXCHANGES} exchanges: a request of ten octets, an answer of one",
        f"  two writes                    {ms(stalled):>9}",
        f"  two writes, TCP_NODELAY       {ms(without):>9}",
        f"  one write                     {ms(joined):>9}",
    ]
    return Figures(lines, {"the stall is seen": stalled > 10 * max(without, joined)})


def two_writes(client: socket.socket) -> None:
    client.sendall(b"HEAD:")
    client.sendall(b"body\n")


def one_write(client: socket.socket) -> None:
    client.sendall(b"HEAD:" + b"body\n")


def exchange_time(write: object, nodelay: bool) -> float:
    """Median seconds from the first write to the answer."""
    assert callable(write)
    with pair() as (client, server):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, nodelay)
        thread = threading.Thread(target=answer_tens, args=(server,))
        thread.start()
        times = []
        for _ in range(EXCHANGES):
            start = time.perf_counter()
            write(client)
            client.recv(1)
            times.append(time.perf_counter() - start)
        client.shutdown(socket.SHUT_WR)
        thread.join()
    return median(times)


def answer_tens(server: socket.socket) -> None:
    """One octet for each ten that come."""
    have = 0
    while data := server.recv(100):
        have += len(data)
        if have >= 10:
            have -= 10
            server.sendall(b"1")


def timewait() -> Figures:
    seen = {who: holders(who) for who in ("client", "server", "client, by RST")}
    lines = [f"closed first: {who:<16} TIME-WAIT: {held}" for who, held in seen.items()]
    claims = {
        "who closes first holds it": (seen["client"], seen["server"]) == ("client", "server"),
        "an abort leaves none": seen["client, by RST"] == "nobody",
    }
    return Figures(lines, claims)


def holders(who: str) -> str:
    """Close a connection, that side first, and look who keeps a record of it."""
    with pair() as (client, server):
        mine, theirs = ends(client)
        first, second = (server, client) if who == "server" else (client, server)
        if who.endswith("RST"):
            first.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        first.close()
        time.sleep(PATIENCE)
        second.close()
        time.sleep(PATIENCE)
    waiting = {(port(row[1]), port(row[2])) for row in rows() if row[3] == TIME_WAIT}
    sides = {"client": (mine, theirs), "server": (theirs, mine)}
    return " and ".join(side for side, both in sides.items() if both in waiting) or "nobody"


def gone() -> Figures:
    with pair() as (client, server):
        server.close()
        time.sleep(PATIENCE)
        outcomes = []
        for _ in range(2):
            outcomes.append(outcome(client))
            time.sleep(PATIENCE)
    lines = [
        "the peer's program has closed and is gone",
        f"  first send    {outcomes[0]}",
        f"  second send   {outcomes[1]}",
    ]
    ok = outcomes[0] == "succeeds" and outcomes[1] != "succeeds"
    return Figures(lines, {"the first send into the void succeeds": ok})


def outcome(client: socket.socket) -> str:
    try:
        client.send(b"are you there?")
    except OSError as problem:
        return f"fails: {problem.strerror}"
    return "succeeds"
