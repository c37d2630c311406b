"""The reference server over real sockets: the contract, the refusals, time, back-pressure, drain."""

import concurrent.futures
import contextlib
import gzip
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from cutaway.topics.http1.codec import Http1
from cutaway.topics.http1.messages import Response
from cutaway.wire import NeedMore, Reader

CLOSE = b"Connection: close\r\n"


class Server:
    """The reference part in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cutaway.topics.http1.server"],
            env={**os.environ, "PORT": "0", "DATA_DIR": str(folder)},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stderr is not None
        self.port = int(self.process.stderr.readline().rsplit(":", 1)[1].strip("/\n"))

    def connect(self, octets: bytes = b"") -> "Client":
        return Client(self.port, octets)

    def ask(self, octets: bytes, method: bytes | None = None) -> Response:
        """One request on a connection of its own; its final answer."""
        with self.connect(octets) as client:
            return client.final(method or octets.split(b" ", 1)[0])

    def get(self, target: str, *lines: str, method: str = "GET", body: bytes = b"") -> Response:
        return self.ask(request(method, target, *lines, body=body))

    def end(self) -> tuple[int, str]:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        _, err = self.process.communicate(timeout=10)
        return self.process.returncode, err


def request(method: str, target: str, *lines: str, body: bytes = b"") -> bytes:
    head = [f"{method} {target} HTTP/1.1", "Host: a", *lines]
    if body:
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*head, "", ""]).encode("latin-1") + body


class Client:
    """A socket whose answers are read with the codec."""

    def __init__(self, port: int, octets: bytes = b"") -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.data = b""
        self.ended = False
        if octets:
            self.socket.sendall(octets)

    def answer(self, method: bytes = b"GET") -> Response:
        while True:
            codec, reader = Http1(), Reader(self.data)
            codec.assume(method)
            try:
                got = codec.at_end(reader) if self.ended else codec.to_client(reader)
            except NeedMore:
                assert not self.ended, f"the connection ended behind {self.data!r}"
                piece = self.socket.recv(1 << 20)
                self.data, self.ended = self.data + piece, not piece
            else:
                self.data = self.data[reader.pos :]
                return got

    def final(self, method: bytes = b"GET") -> Response:
        while (got := self.answer(method)).status < 200:
            pass
        return got

    def rest(self) -> bytes:
        """Everything up to the end of the connection."""
        with contextlib.suppress(ConnectionResetError):
            while piece := self.socket.recv(1 << 20):
                self.data += piece
        return self.data

    def silent(self, seconds: float = 0.15) -> bool:
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(1) == b"never"
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(10)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("data")
    running = Server(folder)
    yield running
    code, err = running.end()
    assert (code, err) == (0, "")


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Server]:
    """A server that the test may end."""
    running = Server(tmp_path)
    yield running
    running.end()


# The contract.


@pytest.mark.parametrize(
    ("method", "target", "status", "body"),
    [
        ("GET", "/echo/alpha", 200, b"alpha"),
        ("GET", "/echo/a%20b%2Fc+d%2541", 200, b"a b/c+d%41"),
        ("GET", "/echo/a?b=c", 200, b"a"),
        ("GET", "/%65cho/a", 200, b"a"),
        ("GET", "http://other:81/echo/a", 200, b"a"),
        ("GET", "/echo/", 200, b""),
        ("GET", "/echo/a/b", 404, None),
        ("GET", "/nowhere", 404, None),
        ("GET", "/Echo/a", 404, None),
        ("GET", "/", 200, None),
        ("GET", "http://a", 200, None),
        ("OPTIONS", "*", 204, b""),
        ("GET", "*", 400, None),
        ("GET", "/echo/%zz", 400, None),
        ("GET", "/a#b", 400, None),
        ("GET", "echo", 400, None),
        ("CONNECT", "a:80", 501, None),
        ("DELETE", "/", 405, None),
        ("BREW", "/", 501, None),
        ("get", "/", 501, None),
        ("GET", "/slow", 400, None),
        ("GET", "/slow?ms=10001", 400, None),
        ("GET", "/slow?ms=+1", 400, None),
        ("GET", "/slow?ms=1", 200, b"1 ms later\n"),
        ("GET", "/chunks?x=1&n=3", 200, b"chunk 0\nchunk 1\nchunk 2\n"),
        ("GET", "/chunks?n=0", 200, b""),
    ],
)
def test_the_routes_answer(
    server: Server, method: str, target: str, status: int, body: bytes | None
) -> None:
    got = server.get(target, method=method)
    assert got.status == status
    assert body is None or got.body == body
    assert got.value(b"Date") is not None


@pytest.mark.parametrize("target", ["/", "/echo/alpha", "/headers", "/slow?ms=1", "/chunks?n=2"])
def test_head_is_get_without_the_body(server: Server, target: str) -> None:
    with server.connect(request("HEAD", target) + request("GET", "/echo/next")) as client:
        head = client.answer(b"HEAD")
        assert (head.status, head.body) == (200, b"")
        assert client.answer().body == b"next"


def test_405_says_what_is_allowed(server: Server) -> None:
    assert server.get("/echo/a", method="POST").value(b"Allow") == b"GET, HEAD"
    assert server.get("/echo", method="GET").value(b"Allow") == b"POST"
    assert server.get("/files/a", method="POST").value(b"Allow") == b"GET, PUT, DELETE, HEAD"


def test_headers_come_back_in_lower_case_and_joined(server: Server) -> None:
    got = server.get("/headers", "X-A: 1", "x-a:\t2 ", "Empty:")
    assert got.body == b"host: a\nx-a: 1, 2\nempty: \n"


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 3 << 20])
@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_body_comes_back_with_its_type(server: Server, size: int, framing: str) -> None:
    body = os.urandom(size)
    head = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: a/b\r\n"
    if framing == "length":
        octets = head + b"Content-Length: %d\r\n\r\n" % size + body
    else:
        chunks = [body[at : at + 9999] for at in range(0, size, 9999)]
        coded = b"".join(b"%x;e=1\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
        octets = head + b"Transfer-Encoding: Chunked\r\n\r\n" + coded + b"0\r\nT: 1\r\n\r\n"
    with server.connect(octets + request("GET", "/echo/next")) as client:
        got = client.answer()
        assert (got.status, got.body, got.value(b"Content-Type")) == (200, body, b"a/b")
        assert client.answer().body == b"next"


# Messages on a stream.


def test_requests_cut_at_every_octet_and_requests_in_one_write_are_answered(server: Server) -> None:
    post = (
        b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    )
    octets = request("GET", "/echo/a") + post + request("POST", "/echo", body=b"GET / HTTP/1.1")
    expected = [b"a", b"abc", b"GET / HTTP/1.1"]
    with server.connect(octets * 50) as client:
        assert [client.answer().body for _ in range(150)] == expected * 50
    for cut in range(1, len(octets)):
        with server.connect(octets[:cut]) as client:
            client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            time.sleep(0.001)
            client.socket.sendall(octets[cut:])
            assert [client.answer().body for _ in range(3)] == expected, cut
    with server.connect() as client:
        for at in range(len(octets)):
            client.socket.sendall(octets[at : at + 1])
        assert [client.answer().body for _ in range(3)] == expected


def test_pipelined_answers_keep_their_order_behind_slow_and_streamed_ones(server: Server) -> None:
    octets = (
        request("GET", "/slow?ms=100")
        + request("GET", "/chunks?n=1000")
        + request("GET", "/echo/a")
        + request("HEAD", "/slow?ms=50")
        + request("GET", "/echo/b")
    )
    with server.connect(octets) as client:
        assert client.answer().body == b"100 ms later\n"
        assert len(client.answer().chunk_sizes) == 1000
        assert client.answer().body == b"a"
        assert client.answer(b"HEAD").body == b""
        assert client.answer().body == b"b"


@pytest.mark.parametrize(
    ("version", "lines", "stays"),
    [
        ("1.1", "", True),
        ("1.1", "Connection: close", False),
        ("1.1", "connection: foo, CLOSE", False),
        ("1.1", "Connection: closed", True),
        ("1.0", "", False),
        ("1.0", "Connection: Keep-Alive", True),
        ("1.0", "Connection: keep-alive, close", False),
        ("1.2", "", True),
    ],
)
def test_who_stays(server: Server, version: str, lines: str, stays: bool) -> None:
    one = f"GET /echo/a HTTP/{version}\r\nHost: a\r\n{lines}\r\n{'' if not lines else chr(13) + chr(10)}"
    with server.connect(one.encode() * 2) as client:
        first = client.answer()
        assert (first.body, first.version) == (b"a", b"HTTP/1.1")
        if stays:
            assert client.answer().body == b"a"
            assert client.silent()
            if version == "1.0":
                assert first.value(b"Connection") == b"keep-alive"
        else:
            assert first.value(b"Connection") == b"close"
            assert client.rest() == b""


def test_http_1_0_gets_no_chunks(server: Server) -> None:
    with server.connect(b"GET /chunks?n=2 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n") as client:
        got = client.answer()
        assert (got.body, got.framing) == (b"chunk 0\nchunk 1\n", "close")
        assert got.value(b"Connection") == b"close"


def test_empty_lines_before_a_request_are_ignored(server: Server) -> None:
    with server.connect(b"\r\n\r\n" + request("GET", "/echo/a") + b"\r\n") as client:
        assert client.answer().body == b"a"
        client.socket.sendall(request("GET", "/echo/b"))
        assert client.answer().body == b"b"


def test_a_client_that_has_finished_sending_still_gets_its_answers(server: Server) -> None:
    with server.connect(request("GET", "/slow?ms=50") + request("GET", "/echo/a")) as client:
        client.socket.shutdown(socket.SHUT_WR)
        assert client.answer().body == b"50 ms later\n"
        assert client.answer().body == b"a"
        assert client.rest() == b""


# Refusals.


@pytest.mark.parametrize(
    ("octets", "status"),
    [
        (b"GET / HTTP/1.1\nHost: a\n\n", 400),
        (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n: a\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
        (b"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        (b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nalpha", 400),
        (b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775808\r\n\r\n", 413),
        (b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1073741825\r\n\r\n", 413),
        (b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 67108865\r\n\r\n", 413),
        (
            b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n"
            b"\r\n0\r\n\r\n",
            400,
        ),
        (b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
        (b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nalphaX", 400),
        (b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4000001\r\n", 413),
        (
            b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;" + b"x" * 5000,
            400,
        ),
        (b"POST /echo HTTP/1.1\r\nHost: a\r\nExpect: tea\r\nContent-Length: 1\r\n\r\n", 417),
        (b"GET /" + b"a" * 65_536 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        (b"GET /" + b"a" * 65_536, 414),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 131_072 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 22_000, 431),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    ],
    ids=lambda value: repr(value[:20] + value[-30:]) if isinstance(value, bytes) else str(value),
)
def test_what_cannot_be_served_is_refused_and_the_connection_ends(
    server: Server, octets: bytes, status: int
) -> None:
    smuggled = request("GET", "/echo/smuggled")
    with server.connect(octets) as client:
        with contextlib.suppress(OSError):
            client.socket.sendall(smuggled if octets.endswith(b"\n") else b"")
        got = client.answer()
        assert (got.status, got.value(b"Connection")) == (status, b"close")
        assert client.rest() == b""


def test_limits_are_not_met_too_early(server: Server) -> None:
    word = "a" * 4096
    assert server.get(f"/echo/{word}", "X: " + "b" * 8192).body == word.encode()


def test_a_refusal_survives_a_client_that_goes_on_sending(server: Server) -> None:
    head = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000000\r\n\r\n"
    with server.connect(head) as client:
        with contextlib.suppress(OSError):
            client.socket.sendall(bytes(200_000))
        assert client.answer().status == 413


@pytest.mark.parametrize(
    ("method", "target", "first"),
    [("POST", "/echo", 100), ("PUT", "/files/expected", 100), ("POST", "/nowhere", 404)],
)
def test_a_client_that_waits_is_told_to_go_on_or_not(
    server: Server, method: str, target: str, first: int
) -> None:
    octets = request(method, target, "Expect: 100-Continue", "Content-Length: 5")
    with server.connect(octets) as client:
        assert client.answer().status == first
        if first == 100:
            client.socket.sendall(b"alpha")
            assert client.answer().status in (200, 201, 204)
        else:
            assert client.rest() == b""


def test_100_continue_is_not_said_when_the_body_is_there_or_to_http_1_0(server: Server) -> None:
    with server.connect(request("POST", "/echo", "Expect: 100-continue", body=b"a")) as client:
        assert client.answer().status == 200
    old = b"POST /echo HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"
    with server.connect(old) as client:
        time.sleep(0.05)
        client.socket.sendall(b"a")
        assert client.answer().status == 200


def test_a_body_that_nobody_asked_for_is_read_and_dropped(server: Server) -> None:
    octets = request("GET", "/echo/a", body=request("GET", "/echo/decoy"))
    octets += request("POST", "/nowhere", body=b"x" * 60_000) + request("GET", "/echo/b")
    with server.connect(octets) as client:
        assert [client.answer().status for _ in range(2)] == [200, 404]
        assert client.answer().body == b"b"


# Files.


def test_a_file_is_stored_served_replaced_and_removed(server: Server) -> None:
    assert server.get("/files/life").status == 404
    made = server.get("/files/life", method="PUT", body=b"one")
    assert (made.status, made.body) == (201, b"")
    got = server.get("/files/life")
    assert (got.status, got.body) == (200, b"one")
    assert got.value(b"ETag") == made.value(b"ETag")
    replaced = server.get("/files/life", method="PUT", body=b"two")
    assert replaced.status == 204
    assert replaced.value(b"ETag") != made.value(b"ETag")
    assert (server.folder / "life").read_bytes() == b"two"
    assert server.get("/files/life", method="DELETE").status == 204
    assert server.get("/files/life", method="DELETE").status == 404
    assert not (server.folder / "life").exists()


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", "../x", "/etc/hostname", "%2e%2e", "%2e%2e%2fx", "a%2fb", "a%00b"),
        *(".unfinished-1", "link", "folder", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "..;/x", "folder/x"),
        "a" * 300,
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_no_name_leads_elsewhere(server: Server, name: str, method: str) -> None:
    (server.folder / "folder").mkdir(exist_ok=True)
    (server.folder / "folder" / "x").write_text("inside")
    outside = server.folder.parent / "outside"
    outside.write_text("secret")
    with contextlib.suppress(FileExistsError):
        (server.folder / "link").symlink_to(outside)
    before = sorted(server.folder.rglob("*"))
    got = server.get(f"/files/{name}", method=method, body=b"x" if method == "PUT" else b"")
    assert 400 <= got.status < 500
    assert b"secret" not in got.body
    assert outside.read_text() == "secret"
    assert sorted(server.folder.rglob("*")) == before


def test_a_body_that_is_cut_leaves_no_file(server: Server) -> None:
    octets = request("PUT", "/files/cut", "Content-Length: 10") + b"12345"
    server.connect(octets).socket.close()
    chunked = request("PUT", "/files/cut", "Transfer-Encoding: chunked") + b"5\r\n12345\r\nX"
    assert server.ask(chunked).status == 400
    time.sleep(0.05)
    assert [path for path in server.folder.iterdir() if "cut" in path.name] == []
    assert [path for path in server.folder.iterdir() if "unfinished" in path.name] == []


def test_conditions_decide(server: Server) -> None:
    first = server.get("/files/cond", method="PUT", body=b"one").value(b"ETag") or b""
    etag = first.decode()
    changed = (server.get("/files/cond").value(b"ETag") or b"").decode()
    assert etag == changed
    table = [
        ("GET", f"If-None-Match: {etag}", 304),
        ("HEAD", f"If-None-Match: {etag}", 304),
        ("GET", f"If-None-Match: W/{etag}", 304),
        ("GET", f'If-None-Match: "x", {etag}', 304),
        ("GET", "If-None-Match: *", 304),
        ("GET", 'If-None-Match: "x"', 200),
        ("GET", f"If-Match: {etag}", 200),
        ("GET", 'If-Match: "x"', 412),
        ("GET", f"If-Match: W/{etag}", 412),
        ("GET", "If-Match: *", 200),
        ("GET", "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT", 304),
        ("GET", "If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT", 200),
        ("GET", "If-Modified-Since: nonsense", 200),
        ("GET", "If-Unmodified-Since: Sat, 01 Jan 2000 00:00:00 GMT", 412),
        ("PUT", 'If-Match: "x"', 412),
        ("PUT", "If-None-Match: *", 412),
        ("DELETE", 'If-Match: "x"', 412),
        ("PUT", f"If-Match: {etag}", 204),
        ("PUT", f"If-Match: {etag}", 412),
    ]
    for method, line, status in table:
        body = b"two" if method == "PUT" else b""
        assert server.get("/files/cond", line, method=method, body=body).status == status, line
    assert server.get("/files/new-one", "If-None-Match: *", method="PUT", body=b"x").status == 201
    assert server.get("/files/absent", "If-Match: *", method="PUT", body=b"x").status == 412
    assert not (server.folder / "absent").exists()
    assert server.get("/files/absent", "If-Match: *", method="DELETE").status == 404
    assert server.get("/files/absent", "If-Match: *").status == 404


def test_of_two_changes_of_one_state_only_one_is_made(server: Server) -> None:
    etag = (server.get("/files/race", method="PUT", body=b"0").value(b"ETag") or b"").decode()
    head = request("PUT", "/files/race", f"If-Match: {etag}", "Content-Length: 1")
    with server.connect(head) as one, server.connect(head) as other:
        time.sleep(0.05)
        one.socket.sendall(b"1")
        assert one.answer().status == 204
        other.socket.sendall(b"2")
        assert other.answer().status == 412
    assert (server.folder / "race").read_bytes() == b"1"


def test_quick_changes_of_one_size_have_tags_of_their_own(server: Server) -> None:
    octets = b"".join(request("PUT", "/files/quick", body=b"%03d" % i) for i in range(200))
    with server.connect(octets) as client:
        tags = [client.answer().value(b"ETag") for _ in range(200)]
    assert len(set(tags)) == 200


@pytest.mark.parametrize(
    ("value", "status", "body", "content_range"),
    [
        ("bytes=0-3", 206, b"0123", b"bytes 0-3/10"),
        ("Bytes=4-", 206, b"456789", b"bytes 4-9/10"),
        ("bytes=-3", 206, b"789", b"bytes 7-9/10"),
        ("bytes=-99", 206, b"0123456789", b"bytes 0-9/10"),
        ("bytes=9-99999999999999999999999", 206, b"9", b"bytes 9-9/10"),
        ("bytes=10-", 416, None, b"bytes */10"),
        ("bytes=-0", 416, None, b"bytes */10"),
        ("bytes=5-4", 200, b"0123456789", None),
        ("bytes=-", 200, b"0123456789", None),
        ("bytes=a-b", 200, b"0123456789", None),
        ("bytes=0-1,3-4", 200, b"0123456789", None),
        ("lines=0-1", 200, b"0123456789", None),
    ],
)
def test_ranges(
    server: Server, value: str, status: int, body: bytes | None, content_range: bytes | None
) -> None:
    (server.folder / "digits").write_bytes(b"0123456789")
    got = server.get("/files/digits", f"Range: {value}")
    assert (got.status, got.value(b"Content-Range")) == (status, content_range)
    assert body is None or got.body == body
    assert server.get("/files/digits", f"Range: {value}", method="HEAD").status == 200


def test_if_range_holds_for_the_same_state_only(server: Server) -> None:
    (server.folder / "part").write_bytes(b"0123456789")
    etag = (server.get("/files/part").value(b"ETag") or b"").decode()
    for tag, status in ((etag, 206), ('"x"', 200), (f"W/{etag}", 200), ("nonsense", 200)):
        got = server.get("/files/part", "Range: bytes=0-1", f"If-Range: {tag}")
        assert got.status == status, tag


@pytest.mark.parametrize(
    ("line", "coded"),
    [
        ("Accept-Encoding: gzip", True),
        ("Accept-Encoding: br, GZIP;q=0.5", True),
        ("Accept-Encoding: *", True),
        ("Accept-Encoding: gzip;q=0", False),
        ("Accept-Encoding: gzip; q=0.000, *", False),
        ("Accept-Encoding: identity, gzip;q=0.5", False),
        ("Accept-Encoding: *;q=0", False),
        ("Accept-Encoding: br", False),
        ("Accept-Encoding:", False),
        ("X: y", False),
    ],
)
def test_gzip_is_chosen_by_its_weight(server: Server, line: str, coded: bool) -> None:
    content = b"all work and no play " * 10_000
    (server.folder / "long.txt").write_bytes(content)
    plain = server.get("/files/long.txt")
    got = server.get("/files/long.txt", line)
    assert (got.value(b"Content-Encoding") == b"gzip") is coded
    assert (gzip.decompress(got.body) if coded else got.body) == content
    assert (got.value(b"ETag") != plain.value(b"ETag")) is coded
    assert got.value(b"Vary") == b"Accept-Encoding"
    tag = (got.value(b"ETag") or b"").decode()
    again = server.get("/files/long.txt", line, f"If-None-Match: {tag}")
    assert (again.status, again.value(b"ETag")) == (304, got.value(b"ETag"))


def test_a_small_file_is_sent_plain(server: Server) -> None:
    (server.folder / "small.txt").write_bytes(b"a" * 1023)
    got = server.get("/files/small.txt", "Accept-Encoding: gzip")
    assert got.value(b"Content-Encoding") is None
    assert got.value(b"Content-Type") == b"text/plain; charset=utf-8"


# Many clients, slow clients, time.


def test_slow_answers_wait_side_by_side(server: Server) -> None:
    began = time.monotonic()
    clients = [server.connect(request("GET", "/slow?ms=300")) for _ in range(50)]
    assert server.get("/echo/quick").body == b"quick"
    assert time.monotonic() - began < 0.3
    assert [client.answer().status for client in clients] == [200] * 50
    assert time.monotonic() - began < 2
    for client in clients:
        client.socket.close()


def test_fifty_clients_at_once_are_served(server: Server) -> None:
    def talk(number: int) -> bool:
        with server.connect() as client:
            for turn in range(10):
                word = f"{number}-{turn}"
                client.socket.sendall(request("GET", f"/echo/{word}"))
                assert client.answer().body == word.encode()
        return True

    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        assert all(pool.map(talk, range(50)))


@pytest.mark.slow
def test_a_head_that_is_drip_fed_is_ended_and_a_body_is_not(own: Server) -> None:
    with own.connect() as head, own.connect() as body, own.connect(request("GET", "/")) as idle:
        idle.answer()
        body.socket.sendall(request("POST", "/echo", "Content-Length: 14"))
        head.socket.sendall(b"GET / HTTP/1.1\r\nX: ")
        began = time.monotonic()
        for _ in range(14):
            time.sleep(0.4)
            body.socket.sendall(b"b")
            with contextlib.suppress(OSError):
                head.socket.sendall(b"h")
        assert head.answer().status == 408
        assert 5 <= time.monotonic() - began < 7
        assert body.answer().body == b"b" * 14
        idle.socket.sendall(request("GET", "/echo/a"))
        assert idle.answer().body == b"a"


@pytest.mark.slow
def test_a_client_that_does_not_close_is_left(own: Server) -> None:
    with own.connect(request("GET", "/", "Connection: close")) as client:
        client.answer()
        assert client.rest() == b""
        process = psutil.Process(own.process.pid)
        assert len(established(process)) == 1
        time.sleep(2.3)
        assert len(established(process)) == 0


def established(process: psutil.Process) -> list[object]:
    return [c for c in process.net_connections() if c.status not in ("LISTEN", "NONE")]


@pytest.mark.alone
def test_memory_stays_when_nobody_reads_and_when_bodies_are_large(own: Server) -> None:
    process = psutil.Process(own.process.pid)
    with open(own.folder / "large", "wb") as file:
        file.truncate(200 << 20)
    before = process.memory_info().rss
    clients = [own.connect(request("GET", "/files/large")) for _ in range(8)]
    flood = request("GET", "/chunks?n=10000") * 500
    for _ in range(4):
        client = own.connect()
        client.socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                client.socket.send(flood)
        clients.append(client)
    with own.connect(request("PUT", "/files/put", "Content-Length: 100000000")) as put:
        for _ in range(100):
            put.socket.sendall(bytes(1_000_000))
        assert put.answer().status == 201
    time.sleep(0.3)
    assert process.memory_info().rss - before < 24 << 20
    for client in clients:
        client.socket.close()
    assert own.get("/echo/a").body == b"a"


@pytest.mark.alone
def test_an_idle_connection_costs_little(own: Server) -> None:
    process = psutil.Process(own.process.pid)

    def idle(count: int) -> list[Client]:
        clients = [own.connect(request("GET", "/echo/a")) for _ in range(count)]
        for client in clients:
            client.answer()
        return clients

    kept = idle(100)
    before = process.memory_info().rss
    kept += idle(800)
    assert (process.memory_info().rss - before) / 800 < 3000
    for client in kept:
        client.socket.close()


# The end.


def test_what_was_begun_is_answered_before_the_program_ends(own: Server) -> None:
    with (
        own.connect(request("GET", "/slow?ms=500")) as slow,
        own.connect(request("POST", "/echo", "Content-Length: 2") + b"a") as body,
        own.connect(request("GET", "/echo/a")) as idle,
    ):
        idle.answer()
        time.sleep(0.1)
        own.process.send_signal(signal.SIGTERM)
        assert idle.rest() == b""
        with pytest.raises(ConnectionRefusedError):
            own.connect()
        body.socket.sendall(b"b")
        for client, expected in ((body, b"ab"), (slow, b"500 ms later\n")):
            got = client.answer()
            assert (got.body, got.value(b"Connection")) == (expected, b"close")
        for client in (slow, body):
            client.socket.close()
        assert own.process.wait(5) == 0


def test_a_folder_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cutaway.topics.http1.server"],
        env={**os.environ, "PORT": "0", "DATA_DIR": str(tmp_path / "none")},
        capture_output=True,
        text=True,
        timeout=10,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("DATA_DIR is ")


def test_unfinished_files_of_a_program_that_was_killed_are_swept(tmp_path: Path) -> None:
    (tmp_path / ".unfinished-abc").write_text("half")
    server = Server(tmp_path)
    assert list(tmp_path.iterdir()) == []
    server.end()
