"""Both sides of a proxy, played by one test: what the client says and what the upstream answers.

    with between(UPSTREAMS=1) as b:
        client = b.client(b"GET /a HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n")
        asked = b.up.request()
        asked.answer(b"HTTP/1.1 200 OK\\r\\nContent-Length: 1\\r\\n\\r\\nx")
        assert client.answer().body == b"x"

Left out: threads. Every step waits for the one event that it is about, at most ten seconds.
"""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

from cutaway.process import free_ports
from cutaway.topics.http1.codec import Http1, Request, Response, read_request, read_request_head
from cutaway.wire import NeedMore, Reader

WITHIN = 10.0
SERVER = (sys.executable, "-m", "cutaway.topics.proxy.server")


class Peer:
    """One end of a connection to the proxy."""

    def __init__(self, sock: socket.socket, octets: bytes = b"") -> None:
        self.socket, self.data, self.ended = sock, b"", False
        self.was_reset = False
        sock.settimeout(WITHIN)
        if octets:
            sock.sendall(octets)

    def send(self, octets: bytes) -> None:
        self.socket.sendall(octets)

    def more(self) -> None:
        try:
            piece = self.socket.recv(1 << 20)
        except ConnectionResetError:
            self.ended = self.was_reset = True
            return
        self.data, self.ended = self.data + piece, not piece

    def read(self, read, ended=None):
        """One message, or all that came where the connection ends."""
        while True:
            reader = Reader(self.data)
            try:
                got = ended(reader) if self.ended and ended else read(reader)
            except NeedMore:
                assert not self.ended, f"the connection ended behind {self.data!r}"
                self.more()
            else:
                self.data = self.data[reader.pos :]
                return got

    def exactly(self, octets: bytes) -> None:
        """These octets come next."""
        while len(self.data) < len(octets):
            assert not self.ended, f"the connection ended behind {self.data!r}"
            self.more()
        assert self.data[: len(octets)] == octets
        self.data = self.data[len(octets) :]

    def rest(self) -> bytes:
        """Everything up to the end of the connection."""
        while not self.ended:
            self.more()
        return self.data

    def is_open(self) -> bool:
        """Whether neither octets nor an end are to be read right now."""
        return not self.data and not select.select([self.socket], [], [], 0.05)[0]

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        self.socket.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, (1).to_bytes(4, "little") + bytes(4)
        )
        self.close()

    def close(self) -> None:
        self.ended = True
        self.socket.close()


class Client(Peer):
    """Answers are read in order; `method` of the request that they answer."""

    def answer(self, method: bytes = b"GET") -> Response:
        codec = Http1()
        codec.assume(method)
        return self.read(codec.to_client, codec.at_end)


class Asked(Peer):
    """A connection of the proxy to an upstream; `head` of the latest request on it."""

    def request(self) -> Request:
        return self.read(read_request)

    def begun(self):
        self.head = self.read(read_request_head)
        return self.head

    def ok(self, body: bytes = b"", *lines: str) -> None:
        head = "".join(f"{line}\r\n" for line in lines)
        head += f"Content-Length: {len(body)}\r\n\r\n"
        self.send(b"HTTP/1.1 200 OK\r\n" + head.encode() + body)


class Upstream:
    """A listener whose connections the test answers itself."""

    def __init__(self, port: int = 0, backlog: int = 64) -> None:
        self.listener = socket.create_server(("127.0.0.1", port), backlog=backlog)
        self.listener.settimeout(WITHIN)
        self.port = self.listener.getsockname()[1]
        self.open: list[Asked] = []

    def accept(self) -> Asked:
        """A new connection."""
        sock, _ = self.listener.accept()
        self.open.append(Asked(sock))
        return self.open[-1]

    def request(self) -> Asked:
        """The connection on which a request comes, a new one or one that was kept."""
        until = time.monotonic() + WITHIN
        while time.monotonic() < until:
            ready = select.select(self.sockets(), [], [], WITHIN)[0]
            if self.listener in ready:
                self.accept()
                continue
            for peer in [one for one in self.open if one.socket in ready]:
                peer.more()
                if peer.data:
                    peer.begun()
                    return peer
        raise AssertionError("no request came")

    def sockets(self) -> list[socket.socket]:
        return [self.listener, *(peer.socket for peer in self.open if not peer.ended)]

    def untouched(self) -> bool:
        """Whether nobody has connected, nor sent anything."""
        return not select.select(self.sockets(), [], [], 0.05)[0]

    def close(self) -> None:
        self.listener.close()
        for peer in self.open:
            peer.close()


class Between:
    """A running proxy and its upstreams."""

    def __init__(self, ups: list[Upstream], environment: dict[str, str], words=SERVER) -> None:
        self.ups, self.up = ups, ups[0] if ups else None
        ports = [name for name in ("PORT", *environment) if name == "PORT" or "_PORT" in name]
        self.ports = dict(zip(ports, free_ports(len(ports)), strict=True))
        settings = {
            "UPSTREAMS": ",".join(f"127.0.0.1:{up.port}" for up in ups),
            **environment,
            **{name: str(port) for name, port in self.ports.items()},
        }
        self.process = subprocess.Popen(
            words, env={**os.environ, **settings}, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stderr is not None
        self.said = self.process.stderr.readline()
        self.clients: list[Client] = []
        self.stopped = False

    def asked(self) -> Upstream:
        """The upstream to which something has come."""
        of = {sock: up for up in self.ups for sock in up.sockets()}
        ready = select.select([*of], [], [], WITHIN)[0]
        assert ready, "nothing came to any upstream"
        return of[ready[0]]

    def client(self, octets: bytes = b"", port: str = "PORT") -> Client:
        sock = socket.create_connection(("127.0.0.1", self.ports[port]), WITHIN)
        self.clients.append(Client(sock, octets))
        return self.clients[-1]

    def ask(self, target: str = "/", *lines: str, method: str = "GET", body: bytes = b"") -> Client:
        return self.client(request(target, *lines, method=method, body=body))

    def through(self, octets: bytes, answer: bytes = b"") -> tuple[Request, Response]:
        """One request all the way: what the upstream got, and what the client got."""
        client = self.client(octets)
        peer = self.up.request()
        got = Request(method=peer.head.method, target=peer.head.target, fields=peer.head.fields)
        peer.send(answer or b"HTTP/1.1 204 No Content\r\n\r\n")
        response = client.answer(octets.split(b" ", 1)[0])
        client.close()
        return got, response

    def stop(self) -> None:
        self.stopped = True
        self.process.send_signal(signal.SIGTERM)

    def forget(self) -> None:
        """Close every connection on both sides."""
        for peer in (*self.clients, *(peer for up in self.ups for peer in up.open)):
            peer.close()
        self.clients.clear()
        for up in self.ups:
            up.open.clear()
            while select.select([up.listener], [], [], 0)[0]:
                up.listener.accept()[0].close()

    def end(self) -> tuple[int, str]:
        """Its status and what it said besides where it listens."""
        for client in self.clients:
            client.close()
        for up in self.ups:
            up.close()
        if self.process.poll() is None and not self.stopped:
            self.stop()
        try:
            _, err = self.process.communicate(timeout=WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            _, err = self.process.communicate()
            err += "it had to be killed"
        return self.process.returncode, err


@contextlib.contextmanager
def between(ups: int = 1, **environment: str) -> Iterator[Between]:
    """A proxy with so many upstreams, which ends without a word."""
    b = Between([Upstream() for _ in range(ups)], environment)
    try:
        yield b
    finally:
        status, err = b.end()
    assert (status, err) == (0, "")


def request(
    target: str = "/", *lines: str, method: str = "GET", body: bytes = b"", host: str = "a"
) -> bytes:
    head = [f"{method} {target} HTTP/1.1", f"Host: {host}", *lines]
    if body:
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body
