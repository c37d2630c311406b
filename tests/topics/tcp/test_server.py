"""The reference over real sockets: every paragraph of the contract, and what must not happen."""

import contextlib
import hashlib
import itertools
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import psutil
import pytest

NAMES = ("PORT", "LINES_PORT", "FRAMES_PORT")
SOON = 5.0  # seconds; nothing here waits for so long unless it fails
TEN_MEGABYTES = bytes(range(256)) * 40_000


class Running:
    """The server as a program of its own. Each method opens a connection to one listener."""

    def __init__(self, names: tuple[str, ...] = NAMES, **environment: str) -> None:
        self.ports = dict(zip(names, free_ports(len(names)), strict=True))
        ports = {name: str(port) for name, port in self.ports.items()}
        kept = {name: text for name, text in os.environ.items() if name not in NAMES}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cutaway.topics.tcp.server"],
            env={**kept, **ports, **environment},
            stderr=subprocess.PIPE,
        )
        for name in names:
            self.wait_for(name)

    def wait_for(self, name: str) -> None:
        for _ in range(1000):
            with contextlib.suppress(ConnectionRefusedError):
                with self.open(name) as client:
                    client.shutdown(socket.SHUT_WR)
                    assert until_end(client) == b""  # it is gone, and counts no more
                return
            assert self.process.poll() is None, self.process.communicate()[1]
            time.sleep(0.01)
        raise AssertionError(f"{name} does not listen")

    def open(self, name: str) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.ports[name]), timeout=SOON)

    def raw(self) -> socket.socket:
        return self.open("PORT")

    def lines(self) -> socket.socket:
        return self.open("LINES_PORT")

    def frames(self) -> socket.socket:
        return self.open("FRAMES_PORT")

    def memory(self) -> int:
        return int(psutil.Process(self.process.pid).memory_info().rss)

    def stop(self) -> int:
        """The exit code after SIGTERM."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(SOON)

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


@contextlib.contextmanager
def running(names: tuple[str, ...] = NAMES, **environment: str) -> Iterator[Running]:
    server = Running(names, **environment)
    try:
        yield server
    finally:
        server.end()


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """One server for all tests that leave it as they found it."""
    with running() as server:
        yield server


def exactly(client: socket.socket, count: int) -> bytes:
    """So many octets; fewer only when the connection ends."""
    parts, left = [], count
    while left and (part := client.recv(min(left, 1 << 20))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def until_end(client: socket.socket) -> bytes:
    """Everything up to the end, which may be a reset."""
    parts = []
    with contextlib.suppress(ConnectionResetError):
        while part := client.recv(1 << 20):
            parts.append(part)
    return b"".join(parts)


def send_meanwhile(client: socket.socket, data: bytes, finish: bool = False) -> threading.Thread:
    def run() -> None:
        with contextlib.suppress(OSError):
            client.sendall(data)
            if finish:
                client.shutdown(socket.SHUT_WR)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def fill(client: socket.socket, block: bytes = bytes(1 << 16)) -> int:
    """Send a block over and over, without reading, until no more is taken; the octets sent."""
    client.settimeout(0.3)
    sent = 0
    with contextlib.suppress(TimeoutError, ConnectionResetError, BrokenPipeError):
        while sent < 1 << 28:
            sent += client.send(block[sent % len(block) :])
    client.settimeout(SOON)
    return sent


def frame(payload: bytes) -> bytes:
    return struct.pack("!I", len(payload)) + payload


def is_served(client: socket.socket) -> bool:
    with contextlib.suppress(OSError):
        client.sendall(b"there?")
        return exactly(client, 6) == b"there?"
    return False


# Raw echo.


def test_every_octet_comes_back_in_order(server: Running) -> None:
    data = bytes(range(256))
    with server.raw() as client:
        client.sendall(data)
        assert exactly(client, 256) == data


def test_ten_megabytes_come_back_unchanged(server: Running) -> None:
    with server.raw() as client:
        sender = send_meanwhile(client, TEN_MEGABYTES)
        got = exactly(client, len(TEN_MEGABYTES))
        sender.join()
    assert hashlib.sha256(got).digest() == hashlib.sha256(TEN_MEGABYTES).digest()


def test_who_has_finished_sending_still_receives_everything(server: Running) -> None:
    with server.raw() as client:
        sender = send_meanwhile(client, TEN_MEGABYTES, finish=True)
        assert len(until_end(client)) == len(TEN_MEGABYTES)
        sender.join()


def test_who_finishes_without_sending_is_closed(server: Running) -> None:
    for name in NAMES:
        with server.open(name) as client:
            client.shutdown(socket.SHUT_WR)
            assert until_end(client) == b""


def test_two_clients_are_served_in_turns(server: Running) -> None:
    with server.raw() as one, server.raw() as other:
        for client in (one, other, other, one):
            assert is_served(client)


def test_a_client_that_resets_disturbs_nobody(server: Running) -> None:
    with server.raw() as stays:
        client = server.raw()
        client.sendall(b"x" * 100_000)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        assert is_served(stays)


def test_a_client_that_does_not_read_is_not_read_from_and_loses_nothing(server: Running) -> None:
    with server.raw() as slow, server.raw() as other:
        before = server.memory()
        sent = fill(slow)
        assert is_served(other)
        assert server.memory() - before < 4 << 20
        slow.shutdown(socket.SHUT_WR)
        assert len(until_end(slow)) == sent


# Lines.

CUTS = [
    ("whole", [b"alpha\nbravo\n"]),
    ("in single octets", [bytes([octet]) for octet in b"alpha\nbravo\n"]),
    ("before the LF", [b"alpha", b"\nbravo", b"\n"]),
    ("behind the LF", [b"alpha\n", b"bravo\n"]),
]


@pytest.mark.parametrize("pieces", [c[1] for c in CUTS], ids=[c[0] for c in CUTS])
def test_lines_come_back_however_they_arrive(server: Running, pieces: list[bytes]) -> None:
    with server.lines() as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            client.sendall(piece)
        assert exactly(client, 12) == b"alpha\nbravo\n"


@pytest.mark.parametrize("line", [b"\n", b"\r\n", b"a\rb\r\n", b"\x00\xff\n", b"x" * 4096 + b"\n"])
def test_a_line_comes_back_exactly_as_it_came(server: Running, line: bytes) -> None:
    with server.lines() as client:
        client.sendall(line)
        assert exactly(client, len(line)) == line


def test_nothing_comes_back_before_the_line_has_ended(server: Running) -> None:
    with server.lines() as client:
        client.sendall(b"first\nsecond")
        assert exactly(client, 6) == b"first\n"
        client.settimeout(0.1)
        with pytest.raises(TimeoutError):
            client.recv(1)


@pytest.mark.parametrize("long", [b"x" * 4097, b"x" * 4097 + b"\n", b"x" * 300_000])
def test_a_line_that_is_too_long_ends_the_connection_behind_the_answers(
    server: Running, long: bytes
) -> None:
    with server.lines() as client:
        client.sendall(b"first\n" + long)
        assert until_end(client) == b"first\n"


def test_nothing_is_answered_behind_a_line_that_was_too_long(server: Running) -> None:
    with server.lines() as client:
        sender = send_meanwhile(client, b"x" * 5000 + b"\nlater\n" * 1000, finish=True)
        assert until_end(client) == b""
        sender.join()


def test_what_is_left_without_an_lf_is_no_line(server: Running) -> None:
    with server.lines() as client:
        client.sendall(b"whole\nhalf")
        client.shutdown(socket.SHUT_WR)
        assert until_end(client) == b"whole\n"


# Frames.


@pytest.mark.parametrize("cut", range(1, 18))
def test_frames_come_back_wherever_they_are_cut(server: Running, cut: int) -> None:
    data = frame(b"hello") + frame(b"") + frame(b"hi\n")
    with server.frames() as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.sendall(data[:cut])
        client.sendall(data[cut:])
        assert exactly(client, len(data)) == data


def test_a_frame_of_the_largest_size_comes_back(server: Running) -> None:
    data = frame(os.urandom(1 << 20))
    with server.frames() as client:
        sender = send_meanwhile(client, data)
        assert exactly(client, len(data)) == data
        sender.join()


@pytest.mark.parametrize("length", [(1 << 20) + 1, 1 << 31, (1 << 32) - 1])
def test_a_length_above_the_limit_ends_the_connection_behind_the_answers(
    server: Running, length: int
) -> None:
    before = server.memory()
    with server.frames() as client:
        client.sendall(frame(b"first") + struct.pack("!I", length))
        assert until_end(client) == frame(b"first")
    assert server.memory() - before < 1 << 20


def test_a_client_that_does_not_read_its_frames_is_not_read_from(server: Running) -> None:
    with server.frames() as slow, server.frames() as other:
        before = server.memory()
        fill(slow, frame(bytes(100_000)))
        other.sendall(frame(b"hi"))
        assert exactly(other, 6) == frame(b"hi")
        assert server.memory() - before < 4 << 20


# Time.


def test_a_silent_connection_is_closed_and_one_with_heartbeats_is_not() -> None:
    with running(IDLE_SECONDS="0.4") as server, server.frames() as beats:
        begun = time.monotonic()
        silent = [server.open(name) for name in NAMES]
        while time.monotonic() - begun < 0.8:
            beats.sendall(frame(b""))
            assert exactly(beats, 4) == frame(b"")
            time.sleep(0.1)  # the rhythm of the heartbeat is what is tested
        for client in silent:
            assert until_end(client) == b""
            client.close()
        heard = time.monotonic()
        assert until_end(beats) == b""
        assert 0.3 < time.monotonic() - heard < 1.5


def test_half_a_message_does_not_keep_a_connection() -> None:
    with running(IDLE_SECONDS="0.2") as server, server.lines() as client:
        client.sendall(b"half a li")
        assert until_end(client) == b""


def test_a_client_that_ignores_its_end_does_not_keep_its_place() -> None:
    with running(("FRAMES_PORT",), MAX_CONNECTIONS="1") as server, server.frames() as refused:
        refused.sendall(b"\xff" * 4)
        assert until_end(refused) == b""
        assert eventually(lambda: answers_heartbeat(server))


def answers_heartbeat(server: Running) -> bool:
    with server.frames() as client, contextlib.suppress(OSError):
        client.sendall(frame(b""))
        return exactly(client, 4) == frame(b"")
    return False


def eventually(true: Callable[[], bool]) -> bool:
    """Asks again until SOON has passed: the other side has to notice something first."""
    end = time.monotonic() + SOON
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.02)
    return False


# Full.


def test_one_too_many_is_closed_and_when_one_leaves_the_next_is_served() -> None:
    with running(MAX_CONNECTIONS="2") as server:
        with server.raw() as one, server.lines() as two:
            assert is_served(one)
            two.sendall(b"there?\n")
            assert exactly(two, 7) == b"there?\n"
            for name, answer in (("PORT", b""), ("FRAMES_PORT", b""), ("LINES_PORT", b"busy\n")):
                with server.open(name) as late:
                    assert until_end(late) == answer
            assert is_served(one)

        def next_is_served() -> bool:
            with server.raw() as client:
                return is_served(client)

        assert eventually(next_is_served)


# Draining.


def test_what_had_arrived_is_answered_before_the_end() -> None:
    with running() as server:
        raw, lines, frames = server.raw(), server.lines(), server.frames()
        with raw, lines, frames:
            for client in (raw, lines, frames):
                client.sendall(b"\x00\x00\x00\x00\n" if client is lines else b"\x00\x00\x00\x00")
                assert exactly(client, 4) == b"\x00\x00\x00\x00"
            assert exactly(lines, 1) == b"\n"
            data = b"x" * 200_000
            raw.sendall(data)
            lines.sendall(b"last\nhalf")
            frames.sendall(frame(b"last"))
            assert server.stop() == 0
            assert until_end(raw) == data
            assert until_end(lines) == b"last\n"
            assert until_end(frames) == frame(b"last")


def test_nothing_new_is_taken_after_sigterm() -> None:
    with running(("PORT",)) as server, server.raw() as client:
        assert is_served(client)
        server.process.send_signal(signal.SIGTERM)
        assert until_end(client) == b""
        with pytest.raises(ConnectionRefusedError):
            server.raw()


def test_clients_that_stay_do_not_hold_up_the_end() -> None:
    with running(("PORT",)) as server, server.raw() as deaf, server.raw() as chatty:
        fill(deaf)
        stop = threading.Event()

        def talk() -> None:
            with contextlib.suppress(OSError):
                while not stop.is_set():
                    chatty.sendall(b"x")
                    chatty.recv(1)

        talker = threading.Thread(target=talk)
        talker.start()
        begun = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - begun < 4.5
        stop.set()
        talker.join()


def test_the_end_is_quick_when_nobody_is_there() -> None:
    with running(("PORT",)) as server:
        begun = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - begun < 2


# Chat.


def member(server: Running, room: bytes) -> socket.socket:
    client = server.lines()
    client.sendall(b"/join " + room + b"\n")
    joined = b"joined " + room + b"\n"
    assert exactly(client, len(joined)) == joined
    return client


def test_what_a_member_says_all_of_its_room_hear_and_no_other_room(server: Running) -> None:
    with (
        member(server, b"red") as ana,
        member(server, b"red") as ben,
        member(server, b"blue") as cid,
    ):
        ana.sendall(b"hello\r\n")
        assert exactly(ana, 7) == exactly(ben, 7) == b"hello\r\n"
        cid.sendall(b"alone\n")
        assert exactly(cid, 6) == b"alone\n"
        ben.sendall(b"bye\n")
        assert exactly(ana, 4) == exactly(ben, 4) == b"bye\n"


def test_all_members_see_all_lines_in_one_order(server: Running) -> None:
    with contextlib.ExitStack() as open_:
        members = [open_.enter_context(member(server, b"order")) for _ in range(4)]
        said = [
            b"".join(b"%d says %03d\n" % (who, n) for n in range(200))
            for who in range(len(members))
        ]
        senders = [send_meanwhile(m, text) for m, text in zip(members, said, strict=True)]
        heard = [exactly(m, sum(map(len, said))) for m in members]
        for sender in senders:
            sender.join()
    assert len(set(heard)) == 1
    assert sorted(heard[0].splitlines()) == sorted(b"".join(said).splitlines())


def test_a_line_behind_a_join_in_one_segment_is_said_in_the_room(server: Running) -> None:
    with member(server, b"one") as ana, server.lines() as ben:
        ben.sendall(b"before\n/join one\nafter\n")
        assert exactly(ben, 24) == b"before\njoined one\nafter\n"
        assert exactly(ana, 6) == b"after\n"


def test_who_joins_a_second_room_leaves_the_first(server: Running) -> None:
    with member(server, b"first") as ana, member(server, b"first") as ben:
        ben.sendall(b"/join second\n")
        assert exactly(ben, 14) == b"joined second\n"
        ana.sendall(b"a\n")
        assert exactly(ana, 2) == b"a\n"
        ben.sendall(b"b\n")
        assert exactly(ben, 2) == b"b\n"


@pytest.mark.parametrize(
    "line", [b"/join\n", b"/join \n", b"/joined x\n", b" /join x\n", b"/JOIN x\n"]
)
def test_what_asks_for_no_room_is_a_line_like_any_other(server: Running, line: bytes) -> None:
    with server.lines() as client:
        client.sendall(line)
        assert exactly(client, len(line)) == line


def test_a_member_that_goes_is_no_longer_spoken_to(server: Running) -> None:
    with member(server, b"leave") as ana:
        ben = member(server, b"leave")
        ben.sendall(b"x" * 5000)  # refused
        assert until_end(ben) == b""
        ana.sendall(b"still here\n")
        assert exactly(ana, 11) == b"still here\n"
        ben.close()
        ana.sendall(b"and here\n")
        assert exactly(ana, 9) == b"and here\n"


def test_a_member_that_has_finished_speaking_is_sent_what_was_said_and_closed(
    server: Running,
) -> None:
    with member(server, b"end") as ana, member(server, b"end") as ben:
        ben.sendall(b"last\n")
        ben.shutdown(socket.SHUT_WR)
        assert until_end(ben) == b"last\n"
        ana.sendall(b"next\n")
        assert exactly(ana, 10) == b"last\nnext\n"


def test_a_member_that_does_not_read_is_disconnected_and_the_others_notice_nothing(
    server: Running,
) -> None:
    line = b"x" * 4000 + b"\n"
    with (
        member(server, b"slow") as deaf,
        member(server, b"slow") as ana,
        member(server, b"slow") as ben,
    ):
        before = server.memory()
        text = line * 2500
        sender = send_meanwhile(ana, text)
        listener = threading.Thread(target=lambda: heard.append(exactly(ben, len(text))))
        heard: list[bytes] = []
        listener.start()
        assert exactly(ana, len(text)) == text
        sender.join()
        listener.join()
        assert heard == [text]
        assert server.memory() - before < 6 << 20
        assert len(until_end(deaf)) < len(text)


# The environment.

MISTAKES = [
    ({}, "no port is set: set PORT, LINES_PORT or FRAMES_PORT, as in PORT=7000"),
    ({"PORT": "http"}, "PORT is 'http'"),
    ({"PORT": "70000"}, "PORT is '70000'"),
    ({"PORT": "7000", "LINES_PORT": "7000"}, "PORT and LINES_PORT share a port"),
    ({"PORT": "7000", "IDLE_SECONDS": "nan"}, "IDLE_SECONDS is 'nan': set it to a number above 0"),
    ({"PORT": "7000", "IDLE_SECONDS": "0"}, "IDLE_SECONDS is '0'"),
    ({"PORT": "7000", "IDLE_SECONDS": "-1"}, "IDLE_SECONDS is '-1'"),
    ({"PORT": "7000", "MAX_CONNECTIONS": "1_0"}, "MAX_CONNECTIONS is '1_0'"),
    ({"PORT": "7000", "MAX_CONNECTIONS": "1.5"}, "MAX_CONNECTIONS is '1.5'"),
]


@pytest.mark.parametrize(("environment", "sentence"), MISTAKES, ids=[s for _, s in MISTAKES])
def test_a_mistake_in_the_environment_is_one_sentence(
    environment: dict[str, str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from cutaway.topics.tcp.server import main

    try:
        code = main(environment)
    except SystemExit as exit_:
        code = exit_.code  # type: ignore[assignment]
    said = capsys.readouterr().err
    assert code == 2
    assert said.startswith(sentence)
    assert said.count("\n") == 1


def test_a_port_in_use_is_one_sentence(server: Running) -> None:
    port = str(server.ports["PORT"])
    result = subprocess.run(
        [sys.executable, "-m", "cutaway.topics.tcp.server"],
        env={**os.environ, "PORT": port},
        capture_output=True,
        text=True,
        timeout=SOON,
    )
    assert result.returncode == 1
    assert result.stderr.startswith(f"port {port} is in use")
    assert result.stderr.count("\n") == 1


def test_a_listener_whose_port_is_absent_is_not_opened() -> None:
    from cutaway.topics.tcp.server import Server, Settings, listeners

    for names in itertools.chain(*(itertools.combinations(NAMES, n) for n in (1, 2, 3))):
        environ = {name: str(7000 + number) for number, name in enumerate(names)}
        assert sorted(listeners(Server(Settings()), environ)) == sorted(map(int, environ.values()))


def test_a_server_that_was_told_to_stop_has_said_nothing() -> None:
    with running(("PORT",)) as server:
        client = server.raw()
        assert is_served(client)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.communicate(timeout=SOON)[1] == b""
        client.close()


# Many.


def open_many(server: Running, open_: contextlib.ExitStack, count: int) -> None:
    """Returns once the last of each listener has been answered, so that all were accepted."""
    for number in range(count):
        open_.enter_context(server.open(NAMES[number % 3]))
    for name, message in (("PORT", b"x"), ("LINES_PORT", b"\n"), ("FRAMES_PORT", frame(b""))):
        last = open_.enter_context(server.open(name))
        last.sendall(message)
        assert exactly(last, len(message)) == message


@pytest.mark.alone
def test_five_thousand_idle_connections_cost_three_kilobytes_each() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 12_000:
        pytest.skip("needs 12000 open files: raise the hard limit with ulimit -Hn")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        with running() as server, contextlib.ExitStack() as open_:
            # The first burst also pays, once, for the tasks that accept a full queue of connections.
            open_many(server, open_, 2000)
            before = server.memory()
            open_many(server, open_, 5000)
            assert (server.memory() - before) / 5000 < 3 << 10
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


# Clients that others wrote.


@pytest.mark.real
@pytest.mark.parametrize(
    ("tool", "arguments", "name", "data", "answer"),
    [
        ("nc", ["-N", "127.0.0.1"], "PORT", b"hello", b"hello"),
        ("nc", ["-N", "127.0.0.1"], "LINES_PORT", b"a\r\nb\nc", b"a\r\nb\n"),
        ("nc", ["-N", "127.0.0.1"], "FRAMES_PORT", frame(b"hi"), frame(b"hi")),
    ],
)
def test_netcat_gets_back_what_it_sent(
    server: Running,
    require_tool: Callable[[str, str], str],
    tool: str,
    arguments: list[str],
    name: str,
    data: bytes,
    answer: bytes,
) -> None:
    path = require_tool(tool, "apt install netcat-openbsd")
    port = str(server.ports[name])
    result = subprocess.run([path, *arguments, port], input=data, capture_output=True, timeout=SOON)
    assert result.stdout == answer


@pytest.mark.real
def test_socat_gets_ten_megabytes_back(
    server: Running, require_tool: Callable[[str, str], str]
) -> None:
    socat = require_tool("socat", "apt install socat")
    address = f"TCP:127.0.0.1:{server.ports['PORT']}"
    result = subprocess.run(
        [socat, "-t5", "-", address], input=TEN_MEGABYTES, capture_output=True, timeout=SOON * 4
    )
    assert result.stdout == TEN_MEGABYTES
